//! GROUP BY, WINDOW, ORDER BY, LIMIT, locks, WITH.

use super::scope::Scope;
use super::{Out, STD, without_widening};
use crate::ast::{FrameBound, FrameExclusion, FrameMode, LockStrength};
use crate::bound::{Cte, CteBody, GroupForm, QueryBody, Select};
use crate::deparse::expression::order_suffix;
use crate::deparse::quote;
use crate::expr::{ExprKind, SortKey, Window};

impl Out {
    pub(super) fn group_by(&mut self, scope: &Scope<'_>, select: &Select) {
        if select.form.group_by.is_empty() {
            return;
        }
        self.keyword(" GROUP BY ", -STD, STD, 1);
        if select.form.group_distinct {
            self.put("DISTINCT ");
        }
        let items: Vec<String> = select.form.group_by.iter().map(|item| self.group_item(scope, select, item, true)).collect();
        self.put(&items.join(", "));
    }

    /// `get_rule_groupingset`
    fn group_item(&self, scope: &Scope<'_>, select: &Select, item: &GroupForm, omit_parens: bool) -> String {
        let one = |places: &Vec<usize>, omit_parens: bool| {
            let keys: Vec<String> =
                places.iter().filter_map(|place| select.group_by.get(*place)).map(|expr| scope.key(expr, self.indent)).collect();
            if omit_parens && keys.len() == 1 { keys.concat() } else { format!("({})", keys.join(", ")) }
        };
        let lists = |lists: &[Vec<usize>]| lists.iter().map(|places| one(places, true)).collect::<Vec<_>>().join(", ");
        match item {
            GroupForm::Expr(places) => one(places, omit_parens),
            GroupForm::Empty => "()".to_owned(),
            GroupForm::Rollup(all) => format!("ROLLUP({})", lists(all)),
            GroupForm::Cube(all) => format!("CUBE({})", lists(all)),
            GroupForm::Sets(items) => {
                let items: Vec<String> = items.iter().map(|item| self.group_item(scope, select, item, false)).collect();
                format!("GROUPING SETS ({})", items.join(", "))
            }
        }
    }

    pub(super) fn window_clause(&mut self, scope: &Scope<'_>, select: &Select) {
        let mut first = true;
        for (window, name) in select.windows.iter().zip(&select.form.window_names) {
            let Some(name) = name else { continue };
            if first {
                self.keyword(" WINDOW ", -STD, STD, 1);
            } else {
                self.put(", ");
            }
            first = false;
            let spec = window_spec(scope, window, self.indent);
            self.put(&format!("{} AS {spec}", quote::identifier(name)));
        }
    }

    pub(super) fn order_by(&mut self, scope: &Scope<'_>) {
        let query = scope.query;
        if query.order_by.is_empty() {
            return;
        }
        self.keyword(" ORDER BY ", -STD, STD, 1);
        let keys: Vec<String> = query.order_by.iter().map(|key| self.sort_key(scope, key)).collect();
        self.put(&keys.join(", "));
    }

    /// Over a set operation or VALUES a key is a column of the result, by number or name.
    fn sort_key(&self, scope: &Scope<'_>, key: &SortKey) -> String {
        let text = match (&key.expr.kind, &scope.query.body) {
            (ExprKind::Slot(slot), QueryBody::Values(_)) => format!("column{}", slot + 1),
            (ExprKind::Slot(slot), _) => (slot + 1).to_string(),
            (ExprKind::Column(column), _) if scope.is_shadowed(&key.expr, column) => scope.qualified(column),
            _ => scope.key(&key.expr, self.indent),
        };
        format!("{text}{}", order_suffix(key.descending, key.nulls_first))
    }

    pub(super) fn limits(&mut self, scope: &Scope<'_>) {
        let query = scope.query;
        if let Some(offset) = &query.offset {
            self.keyword(" OFFSET ", -STD, STD, 0);
            let text = scope.expr(without_widening(offset), self.indent);
            self.put(&text);
        }
        let Some(limit) = &query.limit else { return };
        if query.with_ties {
            self.keyword(" FETCH FIRST ", -STD, STD, 0);
            let text = scope.expr(without_widening(limit), self.indent);
            self.put(&format!("({text}) ROWS WITH TIES"));
            return;
        }
        self.keyword(" LIMIT ", -STD, STD, 0);
        let is_null = matches!(&limit.kind, ExprKind::Const(value) if value.is_null());
        let text = if is_null { "ALL".to_owned() } else { scope.expr(without_widening(limit), self.indent) };
        self.put(&text);
    }

    pub(super) fn locks(&mut self, scope: &Scope<'_>) {
        for (relation, strength) in &scope.query.locks {
            self.keyword(
                match strength {
                    LockStrength::Update => " FOR UPDATE",
                    LockStrength::KeyShare => " FOR KEY SHARE",
                },
                -STD,
                STD,
                0,
            );
            self.put(&format!(" OF {}", quote::identifier(scope.relation_name(*relation))));
        }
    }

    /// One item of WITH.
    pub(super) fn cte(&mut self, scope: &Scope<'_>, cte: &Cte) {
        self.put(&quote::identifier(&cte.name));
        if cte.aliases > 0 {
            let names: Vec<String> = cte.columns[..cte.aliases].iter().map(|column| quote::identifier(&column.name)).collect();
            self.put(&format!("({})", names.join(", ")));
        }
        self.put(" AS ");
        self.put(match cte.materialized {
            Some(true) => "MATERIALIZED ",
            Some(false) => "NOT MATERIALIZED ",
            None => "",
        });
        self.put("(");
        self.keyword("", 0, 0, 0);
        match &cte.body {
            CteBody::Query(query) => {
                let inner = scope.child(query);
                self.query(&inner, None, true);
            }
            CteBody::Recursive { base, recursive, all, .. } => {
                let start = self.indent;
                self.query(&scope.child(base), None, true);
                self.keyword("", 0, 0, 0);
                self.put(if *all { "UNION ALL " } else { "UNION " });
                self.keyword("", 0, 0, 0);
                self.query(&scope.child(recursive), None, false);
                self.indent = start;
            }
            // A view has none.
            CteBody::Modify(_) => {}
        }
        self.keyword("", 0, 0, 0);
        self.put(")");
        if let CteBody::Recursive { traversal, .. } = &cte.body {
            self.traversal(scope, traversal, &cte.columns);
        }
    }
}

/// `get_rule_windowspec`
pub(super) fn window_spec(scope: &Scope<'_>, window: &Window, indent: i32) -> String {
    let mut parts = Vec::new();
    if !window.partition_by.is_empty() {
        let keys: Vec<String> = window.partition_by.iter().map(|expr| scope.key(expr, indent)).collect();
        parts.push(format!("PARTITION BY {}", keys.join(", ")));
    }
    if !window.order_by.is_empty() {
        let key = |key: &SortKey| format!("{}{}", scope.key(&key.expr, indent), order_suffix(key.descending, key.nulls_first));
        parts.push(format!("ORDER BY {}", window.order_by.iter().map(key).collect::<Vec<_>>().join(", ")));
    }
    if let Some(frame) = &window.frame {
        let mode = match frame.mode {
            FrameMode::Rows => "ROWS",
            FrameMode::Range => "RANGE",
            FrameMode::Groups => "GROUPS",
        };
        let bound = |bound: &FrameBound, offset: &Option<crate::expr::Expr>| {
            let offset = || offset.as_ref().map(|expr| scope.expr(without_widening(expr), indent)).unwrap_or_default();
            match bound {
                FrameBound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
                FrameBound::Preceding(_) => format!("{} PRECEDING", offset()),
                FrameBound::CurrentRow => "CURRENT ROW".to_owned(),
                FrameBound::Following(_) => format!("{} FOLLOWING", offset()),
                FrameBound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
            }
        };
        let (start, end) = (bound(&frame.start, &window.start_offset), bound(&frame.end, &window.end_offset));
        let exclusion = match frame.exclusion {
            FrameExclusion::None => "",
            FrameExclusion::CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion::Group => " EXCLUDE GROUP",
            FrameExclusion::Ties => " EXCLUDE TIES",
        };
        parts.push(format!("{mode} BETWEEN {start} AND {end}{exclusion}"));
    }
    format!("({})", parts.join(" "))
}

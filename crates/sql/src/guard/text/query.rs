//! Queries and FROM.

use super::{Text, condition, object, quoted};
use crate::ast::{
    Alias, ColumnDefinitionItem, Cte, Cycle, Distinct, Expr, ExprKind, FunctionRef, GroupItem, JoinCondition, JoinKind, LockStrength,
    Locking, OrderBy, Query, QueryBody, Search, Select, SetOperator, TableRef, Target, WaitPolicy, With,
};

impl Text {
    pub(super) fn query(&mut self, query: &Query) {
        let Query { with, body, order_by, limit, with_ties, offset, locking } = query;
        self.with(with.as_ref());
        match body {
            QueryBody::Select(select) => self.select(select),
            QueryBody::Values(rows) => self.values(rows),
            QueryBody::SetOperation { op, all, left, right } => self.set_operation(*op, *all, left, right),
        }
        if !order_by.is_empty() {
            self.put(" ORDER BY ");
            self.order_by(order_by);
        }
        if let Some(offset) = offset {
            self.put(" OFFSET ");
            self.expr(offset);
        }
        match limit {
            Some(limit) if *with_ties => {
                self.put(" FETCH FIRST (");
                self.expr(limit);
                self.put(") ROWS WITH TIES");
            }
            Some(limit) => {
                self.put(" LIMIT ");
                self.expr(limit);
            }
            None => {}
        }
        locking.iter().for_each(|clause| self.locking(clause));
    }

    /// `(query)`
    pub(super) fn nested(&mut self, query: &Query) {
        self.put("(");
        self.query(query);
        self.put(")");
    }

    fn set_operation(&mut self, op: SetOperator, all: bool, left: &Query, right: &Query) {
        self.nested(left);
        self.put(match op {
            SetOperator::Union => " UNION ",
            SetOperator::Intersect => " INTERSECT ",
            SetOperator::Except => " EXCEPT ",
        });
        if all {
            self.put("ALL ");
        }
        self.nested(right);
    }

    pub(super) fn values(&mut self, rows: &[Vec<Expr>]) {
        self.put("VALUES ");
        self.list(rows, ", ", |text, row| {
            text.put("(");
            text.exprs(row);
            text.put(")");
        });
    }

    pub(super) fn with(&mut self, with: Option<&With>) {
        let Some(With { recursive, ctes }) = with else { return };
        self.put(if *recursive { "WITH RECURSIVE " } else { "WITH " });
        self.list(ctes, ", ", |text, cte| {
            let Cte { name, columns, materialized, statement, search, cycle, at: _ } = cte;
            text.name(name);
            if !columns.is_empty() {
                text.columns(columns);
            }
            text.put(match materialized {
                None => " AS (",
                Some(true) => " AS MATERIALIZED (",
                Some(false) => " AS NOT MATERIALIZED (",
            });
            text.statement(statement);
            text.put(")");
            if let Some(search) = search {
                text.search(search);
            }
            if let Some(cycle) = cycle {
                text.cycle(cycle);
            }
        });
        self.put(" ");
    }

    fn search(&mut self, search: &Search) {
        let Search { breadth_first, columns, sequence, at: _ } = search;
        self.put(if *breadth_first { " SEARCH BREADTH FIRST BY " } else { " SEARCH DEPTH FIRST BY " });
        self.list(columns, ", ", |text, column| text.name(column));
        self.put(" SET ");
        self.name(sequence);
    }

    fn cycle(&mut self, cycle: &Cycle) {
        let Cycle { columns, mark, value, default, path, at: _ } = cycle;
        self.put(" CYCLE ");
        self.list(columns, ", ", |text, column| text.name(column));
        self.put(" SET ");
        self.name(mark);
        self.put(" TO ");
        self.constant(value);
        self.put(" DEFAULT ");
        self.constant(default);
        self.put(" USING ");
        self.name(path);
    }

    /// A constant where the grammar takes nothing else: its type stands before it.
    fn constant(&mut self, constant: &Expr) {
        match &constant.kind {
            ExprKind::Cast { arg, ty } => {
                self.type_name(ty);
                self.put(" ");
                self.expr(arg);
            }
            _ => self.expr(constant),
        }
    }

    fn select(&mut self, select: &Select) {
        let Select { distinct, targets, from, filter, group_by, group_distinct, having, windows } = select;
        self.put("SELECT ");
        match distinct {
            Distinct::No => {}
            Distinct::All => self.put("DISTINCT "),
            Distinct::On(exprs) => {
                self.put("DISTINCT ON (");
                self.exprs(exprs);
                self.put(") ");
            }
        }
        self.targets(targets);
        let conditions = self.from(" FROM ", from);
        self.filter(conditions, filter.as_ref());
        if !group_by.is_empty() {
            self.put(if *group_distinct { " GROUP BY DISTINCT " } else { " GROUP BY " });
            self.list(group_by, ", ", Self::group_item);
        }
        if let Some(having) = having {
            self.put(" HAVING ");
            self.expr(having);
        }
        if !windows.is_empty() {
            self.put(" WINDOW ");
            self.list(windows, ", ", |text, (name, window)| {
                text.name(name);
                text.put(" AS ");
                text.window(window);
            });
        }
    }

    pub(super) fn targets(&mut self, targets: &[Target]) {
        self.list(targets, ", ", |text, target| {
            let Target { expr, alias, at: _ } = target;
            text.expr(expr);
            if let Some(alias) = alias {
                text.put(" AS ");
                text.name(alias);
            }
        });
    }

    fn group_item(&mut self, item: &GroupItem) {
        let sets = |text: &mut Self, word: &str, exprs: &[Expr]| {
            text.put(word);
            text.put("(");
            text.exprs(exprs);
            text.put(")");
        };
        match item {
            GroupItem::Expr(expr) => self.expr(expr),
            GroupItem::Empty => self.put("()"),
            GroupItem::Rollup(exprs) => sets(self, "ROLLUP ", exprs),
            GroupItem::Cube(exprs) => sets(self, "CUBE ", exprs),
            GroupItem::Sets(items) => {
                self.put("GROUPING SETS (");
                self.list(items, ", ", Self::group_item);
                self.put(")");
            }
        }
    }

    pub(super) fn order_by(&mut self, keys: &[OrderBy]) {
        self.list(keys, ", ", |text, key| {
            let OrderBy { expr, descending, nulls_first, using } = key;
            text.expr(expr);
            match using {
                Some(operator) => {
                    text.put(" USING OPERATOR(");
                    let (name, schemas) = operator.split_last().map_or(("", &[][..]), |(name, schemas)| (name.as_str(), schemas));
                    text.names(schemas);
                    text.put(if schemas.is_empty() { "" } else { "." });
                    text.put(name);
                    text.put(")");
                }
                None if *descending => text.put(" DESC"),
                None => {}
            }
            match nulls_first {
                Some(true) => text.put(" NULLS FIRST"),
                Some(false) => text.put(" NULLS LAST"),
                None => {}
            }
        });
    }

    fn locking(&mut self, clause: &Locking) {
        let Locking { strength, of, wait_policy } = clause;
        self.put(match strength {
            LockStrength::Update => " FOR UPDATE",
            LockStrength::KeyShare => " FOR KEY SHARE",
        });
        if !of.is_empty() {
            self.put(" OF ");
            self.list(of, ", ", Self::object);
        }
        self.put(match wait_policy {
            WaitPolicy::Block => "",
            WaitPolicy::NoWait => " NOWAIT",
            WaitPolicy::SkipLocked => " SKIP LOCKED",
        });
    }

    /// FROM; gives the conditions that WHERE must have first.
    pub(super) fn from(&mut self, word: &str, items: &[TableRef]) -> Vec<String> {
        let mut conditions = Vec::new();
        if !items.is_empty() {
            self.put(word);
            self.list(items, ", ", |text, item| text.table_ref(item, Some(&mut conditions)));
        }
        conditions
    }

    /// WHERE: the tenant's conditions before all others.
    pub(super) fn filter(&mut self, mut conditions: Vec<String>, filter: Option<&Expr>) {
        if let Some(filter) = filter {
            let mut text = Self::default();
            text.expr(filter);
            conditions.push(text.out);
        }
        if !conditions.is_empty() {
            self.put(" WHERE ");
            self.put(&conditions.join(" AND "));
        }
    }

    /// An item of FROM. `conditions` where a condition of WHERE removes exactly the rows that one on the relation would.
    fn table_ref(&mut self, item: &TableRef, conditions: Option<&mut Vec<String>>) {
        match item {
            TableRef::Table { .. } => self.table(item, conditions),
            TableRef::Subquery { query, lateral, alias, at: _ } => {
                self.put(if *lateral { "LATERAL " } else { "" });
                self.nested(query);
                self.alias(alias.as_ref());
            }
            TableRef::Function(function) => self.function_ref(function),
            TableRef::Join { .. } => self.join(item, conditions),
        }
    }

    fn table(&mut self, item: &TableRef, conditions: Option<&mut Vec<String>>) {
        let TableRef::Table { name, only, alias, access } = item else { return };
        let only = if *only { "ONLY " } else { "" };
        let renames = alias.as_ref().is_some_and(|alias| !alias.columns.is_empty());
        let place = object(name);
        let qualifier = alias.as_ref().map_or_else(|| place.clone(), |alias| quoted(&alias.name));
        match (condition(access.as_ref(), &place), conditions) {
            (Some(inner), conditions) if renames || conditions.is_none() => {
                self.put(&format!("(SELECT * FROM {only}{place} WHERE {inner})"));
                let own = Alias { name: name.name.clone(), columns: Vec::new() };
                self.alias(Some(alias.as_ref().unwrap_or(&own)));
            }
            (_, conditions) => {
                self.put(only);
                self.put(&place);
                self.alias(alias.as_ref());
                if let Some(conditions) = conditions {
                    conditions.extend(condition(access.as_ref(), &qualifier));
                }
            }
        }
    }

    fn join(&mut self, item: &TableRef, mut conditions: Option<&mut Vec<String>>) {
        let TableRef::Join { kind, left, right, condition, alias, at: _ } = item else { return };
        let (left_keeps, right_keeps) = match kind {
            JoinKind::Inner => (true, true),
            JoinKind::Left => (true, false),
            JoinKind::Right => (false, true),
            JoinKind::Full => (false, false),
        };
        // Behind a name of its own a join hides the names of its sides.
        let visible = alias.is_none();
        self.put("(");
        self.table_ref(left, conditions.as_deref_mut().filter(|_| visible && left_keeps));
        self.put(match (kind, condition) {
            (JoinKind::Inner, JoinCondition::None) => " CROSS JOIN ",
            (JoinKind::Inner, JoinCondition::Natural) => " NATURAL JOIN ",
            (JoinKind::Left, JoinCondition::Natural) => " NATURAL LEFT JOIN ",
            (JoinKind::Right, JoinCondition::Natural) => " NATURAL RIGHT JOIN ",
            (JoinKind::Full, JoinCondition::Natural) => " NATURAL FULL JOIN ",
            (JoinKind::Inner, _) => " JOIN ",
            (JoinKind::Left, _) => " LEFT JOIN ",
            (JoinKind::Right, _) => " RIGHT JOIN ",
            (JoinKind::Full, _) => " FULL JOIN ",
        });
        self.table_ref(right, conditions.filter(|_| visible && right_keeps));
        match condition {
            JoinCondition::None | JoinCondition::Natural => {}
            JoinCondition::On(condition) => {
                self.put(" ON ");
                self.expr(condition);
            }
            JoinCondition::Using { columns, alias } => {
                self.put(" USING ");
                self.columns(columns);
                if let Some(alias) = alias {
                    self.put(" AS ");
                    self.name(alias);
                }
            }
        }
        self.put(")");
        self.alias(alias.as_ref());
    }

    pub(super) fn alias(&mut self, alias: Option<&Alias>) {
        let Some(Alias { name, columns }) = alias else { return };
        self.put(" AS ");
        self.name(name);
        if !columns.is_empty() {
            self.columns(columns);
        }
    }

    fn function_ref(&mut self, function: &FunctionRef) {
        let FunctionRef { functions, rows_from, lateral, ordinality, alias, at: _ } = function;
        self.put(if *lateral { "LATERAL " } else { "" });
        if *rows_from {
            self.put("ROWS FROM (");
            self.list(functions, ", ", |text, (call, definitions)| {
                text.expr(call);
                if !definitions.is_empty() {
                    text.put(" AS ");
                    text.definitions(definitions);
                }
            });
            self.put(")");
        } else if let Some((call, _)) = functions.first() {
            self.expr(call);
        }
        self.put(if *ordinality { " WITH ORDINALITY" } else { "" });
        match functions.first() {
            Some((_, definitions)) if !*rows_from && !definitions.is_empty() => {
                self.put(" AS ");
                if let Some(alias) = alias {
                    self.name(&alias.name);
                }
                self.definitions(definitions);
            }
            _ => self.alias(alias.as_ref()),
        }
    }

    fn definitions(&mut self, definitions: &[ColumnDefinitionItem]) {
        self.put("(");
        self.list(definitions, ", ", |text, item| {
            text.name(&item.name);
            text.put(" ");
            text.type_name(&item.ty);
        });
        self.put(")");
    }
}

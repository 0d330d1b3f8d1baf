//! Joins: ON, USING, NATURAL and the columns they merge.

use borealis_pgtypes::{CastContext, Oid, Result, SqlError, SqlState, Type};

use super::common::{common_form, common_type};
use super::from::{Bound, check_conflicts, set_lateral};
use super::operator::equal_operator;
use super::recursion::Bar;
use super::scope::{NsColumn, NsItem};
use super::{Binder, Clause, Node};
use crate::ast::{Alias, JoinCondition, JoinKind, TableRef};
use crate::bound::{FromItem, JoinForm};
use crate::expr::{Expr, ExprKind};

/// The merged columns of a join and the condition they make.
struct Merge {
    columns: Vec<NsColumn>,
    /// Places in the left and right items that are merged away.
    used: Vec<(usize, usize)>,
    condition: Option<Expr>,
}

/// The relations of a part of FROM.
fn relations(tree: &FromItem, found: &mut Vec<usize>) {
    match tree {
        FromItem::Relation(relation) => found.push(*relation),
        FromItem::Join { left, right, .. } => {
            relations(left, found);
            relations(right, found);
        }
    }
}

impl Binder<'_> {
    pub(crate) fn join(
        &mut self,
        kind: JoinKind,
        left: &TableRef,
        right: &TableRef,
        condition: &JoinCondition,
        alias: Option<&Alias>,
        at: i32,
    ) -> Result<Bound> {
        let mut left = self.side(left, matches!(kind, JoinKind::Right | JoinKind::Full))?;
        // The left side is what a LATERAL right side may refer to.
        let before = self.level().namespace.len();
        set_lateral(&mut left.names, true, matches!(kind, JoinKind::Inner | JoinKind::Left));
        self.level().namespace.extend(left.names.iter().cloned());
        let right = self.side(right, matches!(kind, JoinKind::Left | JoinKind::Full));
        self.level().namespace.truncate(before);
        let right = right?;
        check_conflicts(&left.names, &right.names)?;
        let mut names = left.names;
        names.extend(right.names);
        let (merge, using_alias) = self.join_condition(kind, &left.whole, &right.whole, &names, condition, at)?;
        let nullable = &mut self.level().nullable;
        if matches!(kind, JoinKind::Right | JoinKind::Full) {
            relations(&left.tree, nullable);
        }
        if matches!(kind, JoinKind::Left | JoinKind::Full) {
            relations(&right.tree, nullable);
        }
        let whole = whole_item(&left.whole, &right.whole, &merge, alias)?;
        let names = visible_names(names, &whole, alias, using_alias, &merge);
        self.level().joins.push(JoinForm {
            using: merge.columns.iter().map(|column| (column.name.clone(), column.expr.clone())).collect(),
            using_alias: using_alias.map(str::to_owned),
            alias: alias.map(|alias| {
                let columns = whole.columns.iter().map(|column| (column.name.clone(), column.expr.clone())).collect();
                (alias.name.clone(), columns)
            }),
        });
        let tree = FromItem::Join { kind, left: Box::new(left.tree), right: Box::new(right.tree), condition: merge.condition };
        Ok(Bound { tree, names, whole })
    }

    /// A side of a join; `nullable` when its columns may become NULL.
    fn side(&mut self, side: &TableRef, nullable: bool) -> Result<Bound> {
        self.barred(nullable.then_some(Bar::OuterJoin), |binder| binder.table_ref(side))
    }

    fn join_condition<'c>(
        &mut self,
        kind: JoinKind,
        left: &NsItem,
        right: &NsItem,
        names: &[NsItem],
        condition: &'c JoinCondition,
        at: i32,
    ) -> Result<(Merge, Option<&'c str>)> {
        match condition {
            JoinCondition::None => Ok((Merge::none(None), None)),
            JoinCondition::On(expr) => {
                let mut visible = names.to_vec();
                set_lateral(&mut visible, false, true);
                let outside = std::mem::replace(&mut self.level().namespace, visible);
                let bound = self.in_clause(Clause::JoinOn, |binder| binder.condition(expr, "JOIN/ON"));
                self.level().namespace = outside;
                Ok((Merge::none(Some(bound?)), None))
            }
            JoinCondition::Using { columns, alias } => Ok((self.merge(kind, left, right, columns, at)?, alias.as_deref())),
            JoinCondition::Natural => {
                let is_common = |column: &&NsColumn| right.columns.iter().any(|other| other.name == column.name);
                let common: Vec<String> = left.columns.iter().filter(is_common).map(|column| column.name.clone()).collect();
                Ok((self.merge(kind, left, right, &common, at)?, None))
            }
        }
    }

    fn merge(&mut self, kind: JoinKind, left: &NsItem, right: &NsItem, columns: &[String], at: i32) -> Result<Merge> {
        let mut merge = Merge::none(None);
        let mut tests = Vec::with_capacity(columns.len());
        for (index, name) in columns.iter().enumerate() {
            if columns[..index].contains(name) {
                let message = format!("column name \"{name}\" appears more than once in USING clause");
                return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, message));
            }
            let places = (common_column(left, name, "left")?, common_column(right, name, "right")?);
            let (l, r) = (&left.columns[places.0], &right.columns[places.1]);
            let (lnode, rnode) = (Node { expr: l.expr.clone(), at: -1 }, Node { expr: r.expr.clone(), at: -1 });
            let level = self.levels.len() - 1;
            self.record_uses(level, &l.expr, -1);
            self.record_uses(level, &r.expr, -1);
            self.selects_column(level, l);
            self.selects_column(level, r);
            let test =
                self.in_clause(Clause::JoinUsing, |binder| binder.operator(&equal_operator(), Some(lnode.clone()), rnode.clone(), at))?;
            tests.push(self.coerce_to_boolean(test, "JOIN/USING")?);
            let (expr, from_left) = self.merged_column(kind, lnode, rnode)?;
            let origin = if kind == JoinKind::Full {
                None
            } else if from_left {
                l.origin
            } else {
                r.origin
            };
            merge.columns.push(NsColumn { name: name.clone(), expr, origin, in_star: true });
            merge.used.push(places);
        }
        merge.condition = match tests.len() {
            0 => None,
            1 => tests.pop(),
            _ => Some(Expr::new(ExprKind::And(tests), Type::plain(Oid::BOOL))),
        };
        Ok(merge)
    }

    /// `buildMergedJoinVar`: the column that stands for both, and whether it is the left one.
    fn merged_column(&mut self, kind: JoinKind, left: Node, right: Node) -> Result<(Expr, bool)> {
        let oid = common_type(&[left.clone(), right.clone()], "JOIN/USING")?;
        let ty = common_form([&left.expr.ty, &right.expr.ty], oid);
        let left = self.coerce(left, oid, CastContext::Implicit)?.expr;
        let right = self.coerce(right, oid, CastContext::Implicit)?.expr;
        Ok(match kind {
            JoinKind::Left => (left, true),
            JoinKind::Right => (right, false),
            // Either will do: rather the one that needs no conversion.
            JoinKind::Inner if !is_column(&left) && is_column(&right) => (right, false),
            JoinKind::Inner => (left, true),
            JoinKind::Full => (Expr::new(ExprKind::Coalesce(vec![left, right]), ty), true),
        })
    }
}

impl Merge {
    fn none(condition: Option<Expr>) -> Self {
        Self { columns: Vec::new(), used: Vec::new(), condition }
    }
}

fn is_column(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Column(_))
}

fn common_column(item: &NsItem, name: &str, side: &str) -> Result<usize> {
    let mut places = item.columns.iter().enumerate().filter(|(_, column)| column.name == name).map(|(place, _)| place);
    let Some(first) = places.next() else {
        let message = format!("column \"{name}\" specified in USING clause does not exist in {side} table");
        return Err(SqlError::new(SqlState::UNDEFINED_COLUMN, message));
    };
    if places.next().is_some() {
        let message = format!("common column name \"{name}\" appears more than once in {side} table");
        return Err(SqlError::new(SqlState::AMBIGUOUS_COLUMN, message));
    }
    Ok(first)
}

/// All columns of the join: merged ones first, then what is left of each side.
fn whole_item(left: &NsItem, right: &NsItem, merge: &Merge, alias: Option<&Alias>) -> Result<NsItem> {
    let mut columns = merge.columns.clone();
    let rest = |item: &NsItem, used: &dyn Fn(usize) -> bool| -> Vec<NsColumn> {
        item.columns.iter().enumerate().filter(|(place, _)| !used(*place)).map(|(_, column)| column.clone()).collect()
    };
    columns.extend(rest(left, &|place| merge.used.iter().any(|used| used.0 == place)));
    columns.extend(rest(right, &|place| merge.used.iter().any(|used| used.1 == place)));
    if let Some(alias) = alias {
        if alias.columns.len() > columns.len() {
            let message = format!("column alias list for \"{}\" has too many entries", alias.name);
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, message));
        }
        for (column, name) in columns.iter_mut().zip(&alias.columns) {
            column.name.clone_from(name);
        }
    }
    Ok(NsItem {
        name: alias.map(|alias| alias.name.clone()).unwrap_or_default(),
        table: None,
        columns,
        relation: None,
        name_visible: alias.is_some(),
        columns_visible: true,
        lateral_only: false,
        lateral_ok: true,
    })
}

/// The names a join shows: its own columns, and its sides by name unless an alias hides them.
fn visible_names(sides: Vec<NsItem>, whole: &NsItem, alias: Option<&Alias>, using_alias: Option<&str>, merge: &Merge) -> Vec<NsItem> {
    let mut names = if alias.is_some() { Vec::new() } else { sides };
    for item in &mut names {
        item.columns_visible = false;
        item.lateral_only = false;
        item.lateral_ok = true;
    }
    if let Some(name) = using_alias {
        names.push(NsItem {
            name: name.to_owned(),
            columns: merge.columns.clone(),
            name_visible: true,
            columns_visible: false,
            ..whole.clone()
        });
    }
    names.push(whole.clone());
    names
}

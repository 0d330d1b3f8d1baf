//! EXISTS and IN as semi joins, NOT EXISTS as anti join.
//!
//! Only conditions that stand in WHERE by themselves qualify: there "not true" and "false" are the same. A correlated subquery becomes a join when an equality
//! links it to the query around it; without one a parameterised subplan, which can use an index, is the better plan. NOT IN stays a (hashed) subplan: one NULL
//! among its rows changes the answer for all rows, which no anti join does.

use super::group::SemiItem;
use super::pullup::{absorb, is_simple};
use super::{Planner, fold, method, walk};
use crate::bound::{FromItem, QueryBody, Relation, RelationEntry, Select};
use crate::expr::{Expr, ExprKind, Subquery, SubqueryKind};

impl Planner<'_> {
    /// Takes the conditions out of `select`'s WHERE that can be joins.
    pub(crate) fn semi_joins(&mut self, select: &mut Select) -> Vec<SemiItem> {
        let has_subquery = |expr: &Expr| matches!(expr.kind, ExprKind::Subquery(_) | ExprKind::Not(_));
        let worth = select.filter.as_ref().is_some_and(|filter| match &filter.kind {
            ExprKind::And(args) => args.iter().any(has_subquery),
            _ => has_subquery(filter),
        });
        let Some(filter) = select.filter.take_if(|_| worth && !select.from.is_empty()) else { return Vec::new() };
        let (mut parts, mut kept, mut items) = (Vec::new(), Vec::new(), Vec::new());
        walk::conjuncts(filter, &mut parts);
        for part in parts {
            match self.semi_join(select, part) {
                Ok(item) => items.push(item),
                Err(part) => kept.push(part),
            }
        }
        select.filter = walk::conjunction(kept);
        items
    }

    /// The condition as a join, or the condition back.
    fn semi_join(&mut self, select: &mut Select, mut part: Expr) -> Result<SemiItem, Expr> {
        let (anti, subquery) = match &mut part.kind {
            ExprKind::Subquery(subquery) => (false, subquery),
            ExprKind::Not(inner) => match &mut inner.kind {
                ExprKind::Subquery(subquery) if matches!(subquery.kind, SubqueryKind::Exists) => (true, subquery),
                _ => return Err(part),
            },
            _ => return Err(part),
        };
        if !is_candidate(subquery) {
            return Err(part);
        }
        self.simplify(subquery);
        if is_simple_exists(subquery) {
            return match linked(subquery) {
                Some(inner) => Ok(join_simple(select, inner, anti)),
                None => Err(part),
            };
        }
        if anti || !is_independent_in(subquery) {
            return Err(part);
        }
        Ok(join_rows(select, (**subquery).clone()))
    }

    /// What planning would do to the subquery's tree first.
    fn simplify(&mut self, subquery: &mut Subquery) {
        let eval = self.ctx.eval();
        let QueryBody::Select(inner) = &mut subquery.query.body else { return };
        walk::level_exprs_mut(inner, &mut |expr| fold::fold(expr, eval));
        self.enter();
        if subquery.query.ctes.is_empty() {
            self.pull_up(inner, &mut subquery.query.order_by, &mut Vec::new());
        }
        self.leave();
    }
}

fn is_candidate(subquery: &Subquery) -> bool {
    let comparable = match &subquery.kind {
        SubqueryKind::Exists => true,
        SubqueryKind::Quantified { all: false, operators, left, .. } => {
            operators.iter().all(|operator| method::is_hashable(operator)) && !left.iter().any(walk::is_volatile)
        }
        _ => false,
    };
    comparable && !walk::query_is_volatile(&subquery.query)
}

fn is_simple_exists(subquery: &Subquery) -> bool {
    let query = &subquery.query;
    if is_simple(query) {
        return true;
    }
    // EXISTS looks at neither order nor distinctness, nor at targets.
    let QueryBody::Select(select) = &query.body else { return false };
    matches!(subquery.kind, SubqueryKind::Exists)
        && query.ctes.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && query.locks.is_empty()
        && !select.has_aggregates
        && select.group_by.is_empty()
        && select.grouping_sets.is_empty()
        && select.having.is_none()
        && select.windows.is_empty()
        && !select.relations.is_empty()
        && !select.targets.iter().any(walk::has_set_function)
}

/// The subquery's SELECT with the comparison of IN among its conditions, when only its WHERE looks at the level around it and an equality links the two.
fn linked(subquery: &Subquery) -> Option<Select> {
    let QueryBody::Select(select) = &subquery.query.body else { return None };
    let mut looks_out = false;
    for entry in &select.relations {
        walk::relation_exprs(entry, 0, &mut |expr, nesting| looks_out |= escapes(expr, nesting));
    }
    for item in &select.from {
        walk::from_exprs(item, &mut |expr| looks_out |= escapes(expr, 0));
    }
    if looks_out {
        return None;
    }
    let mut select = (**select).clone();
    let mut parts = Vec::new();
    if let Some(filter) = select.filter.take() {
        walk::conjuncts(filter, &mut parts);
    }
    if let SubqueryKind::Quantified { left, functions, operators, .. } = &subquery.kind {
        for (((left, function), operator), target) in left.iter().zip(functions).zip(operators).zip(&select.targets) {
            let mut left = left.clone();
            walk::shift(&mut left, 0, 1);
            let ty = borealis_pgtypes::Type::plain(borealis_pgtypes::Oid::BOOL);
            parts.push(Expr::new(ExprKind::Call { function, operator: Some(operator), args: vec![left, target.clone()] }, ty));
        }
    }
    let found = parts.iter().any(is_link);
    select.filter = walk::conjunction(parts);
    found.then_some(select)
}

fn escapes(expr: &Expr, nesting: u32) -> bool {
    let mut found = false;
    walk::column_refs(expr, nesting, &mut |column, nesting| found |= column.depth > nesting);
    found
}

/// An equality between something of the subquery and something of the level around it.
fn is_link(expr: &Expr) -> bool {
    let ExprKind::Call { operator: Some(operator), args, .. } = &expr.kind else { return false };
    let [a, b] = args.as_slice() else { return false };
    let sides = |expr: &Expr| {
        let (mut own, mut outer) = (false, false);
        walk::column_refs(expr, 0, &mut |column, nesting| {
            own |= column.depth == nesting;
            outer |= column.depth == nesting + 1;
        });
        (own, outer)
    };
    method::is_hashable(operator) && matches!((sides(a), sides(b)), ((true, false), (false, true)) | ((false, true), (true, false)))
}

fn join_simple(select: &mut Select, inner: Select, anti: bool) -> SemiItem {
    let absorbed = absorb(select, inner);
    let mut filter = Vec::new();
    if let Some(condition) = absorbed.filter {
        walk::conjuncts(condition, &mut filter);
    }
    SemiItem { anti, from: absorbed.from, filter }
}

/// An IN whose rows have to be computed as they stand, and do not look at the level around.
fn is_independent_in(subquery: &Subquery) -> bool {
    let SubqueryKind::Quantified { left, .. } = &subquery.kind else { return false };
    let mut looks_out = false;
    walk::query_columns(&subquery.query, 1, &mut |column, nesting| looks_out |= column.depth == nesting);
    !looks_out && left.iter().all(|left| super::group::relations(left) != 0)
}

fn join_rows(select: &mut Select, subquery: Subquery) -> SemiItem {
    let Subquery { kind, query } = subquery;
    let index = select.relations.len();
    let mut filter = Vec::new();
    if let SubqueryKind::Quantified { left, functions, operators, .. } = kind {
        for (column, ((left, function), operator)) in left.into_iter().zip(functions).zip(operators).enumerate() {
            let right = super::layout::column(0, index, column, query.columns[column].ty);
            let ty = borealis_pgtypes::Type::plain(borealis_pgtypes::Oid::BOOL);
            filter.push(Expr::new(ExprKind::Call { function, operator: Some(operator), args: vec![left, right] }, ty));
        }
    }
    let (alias, columns) = ("ANY_subquery".to_owned(), query.columns.clone());
    select.relations.push(RelationEntry {
        relation: Relation::Subquery(Box::new(query)),
        alias,
        columns,
        lateral: false,
        form: Default::default(),
    });
    SemiItem { anti: false, from: vec![FromItem::Relation(index)], filter }
}

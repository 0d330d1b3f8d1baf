//! Conditions on a subquery of FROM that could not be pulled up, moved into it where they select the same rows: below grouping when they look only at group
//! expressions, below a window when they take or leave whole partitions, into both sides of a set operation.

use super::group::QualRef;
use super::{same, substitute, walk};
use crate::bound::{BoundDistinct, Query, QueryBody, Select};
use crate::expr::{Expr, ExprKind};

/// Pushes into `query`, relation number `relation` of its level, what can be; gives back the rest.
pub(crate) fn push(query: &mut Query, relation: usize, quals: Vec<QualRef>) -> Vec<QualRef> {
    quals.into_iter().filter(|qual| !push_one(query, relation, &qual.expr)).collect()
}

fn push_one(query: &mut Query, relation: usize, condition: &Expr) -> bool {
    if walk::is_volatile(condition) || walk::has_subquery(condition) || !can_push(query, relation, condition) {
        return false;
    }
    do_push(query, relation, condition);
    true
}

/// The columns of `relation` a condition reads.
fn columns_of(condition: &Expr, relation: usize) -> Vec<usize> {
    let mut columns = Vec::new();
    walk::column_refs(condition, 0, &mut |column, nesting| {
        if column.depth == nesting && column.relation == relation {
            columns.push(column.column);
        }
    });
    columns
}

fn can_push(query: &Query, relation: usize, condition: &Expr) -> bool {
    if query.limit.is_some() || query.offset.is_some() || !query.locks.is_empty() {
        return false;
    }
    let columns = columns_of(condition, relation);
    match &query.body {
        QueryBody::Values(_) => false,
        QueryBody::Select(select) => {
            columns.iter().all(|column| is_open(select, *column)) && (!select.relations.is_empty() || grouped(select))
        }
        QueryBody::SetOperation { left, right, .. } => {
            // The sides' own targets must allow it; casts around them are computed from these.
            can_push(left, relation, condition) && can_push(right, relation, condition)
        }
    }
}

/// Whether a condition on this target may be checked on the rows the SELECT is made of.
fn is_open(select: &Select, column: usize) -> bool {
    let Some(target) = select.targets.get(column) else { return false };
    if select.targets.iter().any(walk::has_set_function) || walk::is_volatile(target) || walk::has_subquery(target) {
        return false;
    }
    let in_partitions = select.windows.iter().all(|window| window.partition_by.iter().any(|expr| same::same(expr, target)));
    let distinct = match &select.distinct {
        BoundDistinct::No | BoundDistinct::All => true,
        BoundDistinct::On(exprs) => exprs.iter().any(|expr| same::same(expr, target)),
    };
    in_partitions && distinct && !walk::any(target, &mut |expr| matches!(expr.kind, ExprKind::Window(_) | ExprKind::Grouping { .. }))
}

fn grouped(select: &Select) -> bool {
    select.has_aggregates || !select.group_by.is_empty() || !select.grouping_sets.is_empty() || select.having.is_some()
}

fn do_push(query: &mut Query, relation: usize, condition: &Expr) {
    match &mut query.body {
        QueryBody::Select(select) => {
            let condition = inside(condition, relation, &select.targets.clone());
            // HAVING conditions on group expressions alone go on to WHERE when the level is planned.
            let place = if grouped(select) { &mut select.having } else { &mut select.filter };
            let parts = place.take().into_iter().chain(std::iter::once(condition)).collect();
            *place = walk::conjunction(parts);
        }
        QueryBody::SetOperation { left, right, left_coercions, right_coercions, .. } => {
            for (side, coercions) in [(left, left_coercions), (right, right_coercions)] {
                do_push(side, relation, &over_side(condition, relation, coercions.as_deref()));
            }
        }
        QueryBody::Values(_) => {}
    }
}

/// The condition as it reads one level further in, over the targets.
fn inside(condition: &Expr, relation: usize, targets: &[Expr]) -> Expr {
    let mut condition = condition.clone();
    walk::columns_mut(&mut condition, 0, &mut |expr, _| {
        let ExprKind::Column(column) = &mut expr.kind else { return };
        if column.depth == 0 && column.relation == relation {
            if let Some(target) = targets.get(column.column) {
                *expr = target.clone();
            }
        } else {
            column.depth += 1;
        }
    });
    condition
}

/// The condition over the columns of one side of a set operation, as read from the level of the whole. Outer references get one level deeper.
fn over_side(condition: &Expr, relation: usize, coercions: Option<&[Expr]>) -> Expr {
    let mut condition = condition.clone();
    walk::columns_mut(&mut condition, 0, &mut |expr, _| {
        let ExprKind::Column(column) = &mut expr.kind else { return };
        if column.depth > 0 || column.relation != relation {
            column.depth += 1;
            return;
        }
        let index = column.column;
        if let Some(coercion) = coercions.and_then(|coercions| coercions.get(index)) {
            let mut cast = coercion.clone();
            let columns = slot_columns(&cast, relation, index);
            substitute::slots(&mut cast, &columns);
            *expr = cast;
        }
    });
    condition
}

/// What the slots of a coercion are as columns of the side; only the one it casts has a type to carry.
fn slot_columns(coercion: &Expr, relation: usize, index: usize) -> Vec<Expr> {
    let mut ty = coercion.ty;
    walk::any(coercion, &mut |expr| {
        if matches!(expr.kind, ExprKind::Slot(slot) if slot == index) {
            ty = expr.ty;
        }
        false
    });
    (0..=index).map(|column| super::layout::column(0, relation, column, ty)).collect()
}

//! Subqueries of FROM that are no more than relations with conditions become part of the query around them, so that their relations take part in its join
//! order and its conditions reach their indexes. CTEs that are inlined come in here too.
//!
//! A subquery's condition goes to the nearest place where it means the same: up to WHERE, or into the ON of an outer join when the subquery is its nullable
//! side. On a nullable side only plain columns may be pulled up: any other expression would be computed from the NULLs instead of being NULL.

use super::Planner;
use super::layout::LOCATOR;
use super::{substitute, walk};
use crate::ast::{JoinKind, LockStrength};
use crate::bound::{BoundDistinct, FromItem, Query, QueryBody, Relation, Select};
use crate::expr::{Expr, ExprKind, SortKey};

impl Planner<'_> {
    /// Pulls up what can be. A lock on a subquery that is pulled up is a lock on its relations.
    pub(crate) fn pull_up(&self, select: &mut Select, order_by: &mut [SortKey], locks: &mut Vec<(usize, LockStrength)>) {
        let mut index = 0;
        while index < select.relations.len() {
            if let Relation::Cte(id) = select.relations[index].relation
                && let Some(relation) = self.inline_cte(id)
            {
                select.relations[index].relation = relation;
            }
            if let Relation::Subquery(query) = &select.relations[index].relation
                && let Some(nullable) = is_nullable(&select.from, index)
                && is_simple(query)
                && (!nullable || has_plain_targets(query) && !is_read_whole(select, order_by, index))
            {
                let first = select.relations.len();
                absorb_relation(select, order_by, index);
                if let Some(place) = locks.iter().position(|(relation, _)| *relation == index) {
                    let (_, strength) = locks.remove(place);
                    locks.extend((first..select.relations.len()).map(|relation| (relation, strength)));
                }
            }
            index += 1;
        }
    }
}

/// Whether a query is relations with conditions and nothing else.
pub(crate) fn is_simple(query: &Query) -> bool {
    let QueryBody::Select(select) = &query.body else { return false };
    query.ctes.is_empty()
        && query.order_by.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && query.locks.is_empty()
        && !select.has_aggregates
        && select.group_by.is_empty()
        && select.grouping_sets.is_empty()
        && select.having.is_none()
        && select.windows.is_empty()
        && matches!(select.distinct, BoundDistinct::No)
        && !select.relations.is_empty()
        && !select.targets.iter().any(|target| walk::has_set_function(target) || walk::is_volatile(target))
}

fn has_plain_targets(query: &Query) -> bool {
    let QueryBody::Select(select) = &query.body else { return false };
    select.targets.iter().all(|target| matches!(target.kind, ExprKind::Column(column) if column.depth == 0))
}

/// Whether anything asks of a relation whether it has given a row.
fn is_read_whole(select: &Select, order_by: &[SortKey], relation: usize) -> bool {
    let mut found = false;
    let mut look = |expr: &Expr, nesting: u32| {
        walk::column_refs(expr, nesting, &mut |column, nesting| {
            found = found || column.depth == nesting && (column.relation, column.column) == (relation, LOCATOR);
        });
    };
    walk::select_exprs(select, 0, &mut look);
    order_by.iter().for_each(|key| look(&key.expr, 0));
    found
}

/// Whether the relation is on the nullable side of an outer join; `None` when it is under a FULL JOIN, where nothing is pulled up, or not in the tree.
fn is_nullable(items: &[FromItem], relation: usize) -> Option<bool> {
    items.iter().find_map(|item| nullable_in(item, relation, Some(false)))?
}

fn nullable_in(item: &FromItem, relation: usize, nullable: Option<bool>) -> Option<Option<bool>> {
    match item {
        FromItem::Relation(index) => (*index == relation).then_some(nullable),
        FromItem::Join { kind, left, right, .. } => {
            let (on_left, on_right) = match kind {
                JoinKind::Inner => (nullable, nullable),
                JoinKind::Left => (nullable, nullable.map(|_| true)),
                JoinKind::Right => (nullable.map(|_| true), nullable),
                JoinKind::Full => (None, None),
            };
            nullable_in(left, relation, on_left).or_else(|| nullable_in(right, relation, on_right))
        }
    }
}

fn absorb_relation(select: &mut Select, order_by: &mut [SortKey], index: usize) {
    let entry = &mut select.relations[index];
    // What stays is a place without rows or columns, so that the numbers of the other relations hold.
    entry.columns.clear();
    let Relation::Subquery(query) = std::mem::replace(&mut entry.relation, Relation::Values(Vec::new())) else { return };
    let QueryBody::Select(inner) = query.body else { return };
    let mut absorbed = absorb(select, *inner);
    substitute_targets(select, order_by, index, &absorbed.targets);
    let mut replacement = joined(std::mem::take(&mut absorbed.from));
    let mut pending = absorbed.filter;
    for item in &mut select.from {
        if place(item, index, &mut replacement, &mut pending) {
            break;
        }
    }
    add_condition(&mut select.filter, pending);
}

/// A SELECT that has been moved into the one around it: its parts as that one's level reads them.
pub(crate) struct Absorbed {
    pub(crate) from: Vec<FromItem>,
    pub(crate) filter: Option<Expr>,
    pub(crate) targets: Vec<Expr>,
}

/// Moves the relations of `inner`, a query one level below `select`, behind those of `select`.
pub(crate) fn absorb(select: &mut Select, mut inner: Select) -> Absorbed {
    let offset = select.relations.len();
    walk::select_exprs_mut(&mut inner, 0, &mut |expr, nesting| {
        walk::columns_mut(expr, nesting, &mut |expr, nesting| raise(expr, nesting, offset));
    });
    inner.from.iter_mut().for_each(|item| renumber(item, offset));
    select.relations.extend(inner.relations);
    Absorbed { from: inner.from, filter: inner.filter, targets: inner.targets }
}

/// A reference of the absorbed level now names the moved relation; one that left that level has one level less to go.
fn raise(expr: &mut Expr, nesting: u32, offset: usize) {
    if let Some(level) = walk::level_mut(expr).filter(|level| **level > nesting) {
        *level -= 1;
    } else if let ExprKind::Column(column) = &mut expr.kind
        && column.depth == nesting
    {
        column.relation += offset;
    }
}

fn renumber(item: &mut FromItem, offset: usize) {
    match item {
        FromItem::Relation(index) => *index += offset,
        FromItem::Join { left, right, .. } => {
            renumber(left, offset);
            renumber(right, offset);
        }
    }
}

fn substitute_targets(select: &mut Select, order_by: &mut [SortKey], relation: usize, targets: &[Expr]) {
    walk::select_exprs_mut(select, 0, &mut |expr, nesting| substitute::relation(expr, nesting, relation, targets));
    for key in order_by {
        substitute::relation(&mut key.expr, 0, relation, targets);
    }
}

fn joined(items: Vec<FromItem>) -> Option<FromItem> {
    items.into_iter().reduce(|left, right| FromItem::Join {
        kind: JoinKind::Inner,
        left: Box::new(left),
        right: Box::new(right),
        condition: None,
    })
}

/// Puts `replacement` in the place of a relation, and its condition on the way up where it first may stand. Whether the relation was found.
fn place(item: &mut FromItem, relation: usize, replacement: &mut Option<FromItem>, pending: &mut Option<Expr>) -> bool {
    match item {
        FromItem::Relation(index) if *index == relation => {
            if let Some(replacement) = replacement.take() {
                *item = replacement;
            }
            true
        }
        FromItem::Relation(_) => false,
        FromItem::Join { kind, left, right, condition } => {
            let on_left = place(left, relation, replacement, pending);
            if !on_left && !place(right, relation, replacement, pending) {
                return false;
            }
            // The preserved side's condition goes on upwards: as part of ON it would turn rows into unmatched ones instead of removing them.
            let preserved = matches!((*kind, on_left), (JoinKind::Left, true) | (JoinKind::Right, false));
            if !preserved {
                add_condition(condition, pending.take());
            }
            true
        }
    }
}

fn add_condition(condition: &mut Option<Expr>, more: Option<Expr>) {
    let parts: Vec<Expr> = condition.take().into_iter().chain(more).collect();
    *condition = walk::conjunction(parts);
}

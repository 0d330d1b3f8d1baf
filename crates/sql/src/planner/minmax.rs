//! `min(key)` and `max(key)` as the first row of an ordered index scan.
//!
//! `SELECT max(k) FROM t WHERE c` becomes `SELECT (SELECT k FROM t WHERE c AND k IS NOT NULL ORDER BY k DESC LIMIT 1)` when every aggregate is one of the two
//! over a column that an index orders: its first key, or one after keys that the condition fixes.

use borealis_catalog::{Index, IndexKeyPart, IndexState, Table};
use borealis_pgtypes::{Datum, Oid, Type};

use super::from::live_number;
use super::layout::column;
use super::{substitute, walk};
use crate::bound::{BoundDistinct, FromItem, OutputColumn, Query, QueryBody, Relation, Select};
use crate::expr::{AggregateCall, Expr, ExprKind, SortKey, Subquery, SubqueryKind};

/// Rewrites `select` when all of it can be.
pub(crate) fn rewrite(select: &mut Select) {
    if !select.has_aggregates || !has_shape(select) {
        return;
    }
    let Relation::Table(table) = &select.relations[0].relation else { return };
    let mut calls: Vec<Expr> = Vec::new();
    for expr in select.targets.iter().chain(&select.having) {
        collect(expr, &mut calls);
    }
    let replacements: Option<Vec<(Expr, Expr)>> = calls.iter().map(|call| Some((call.clone(), first_row(select, table, call)?))).collect();
    let Some(replacements) = replacements.filter(|replacements| !replacements.is_empty()) else { return };
    for expr in select.targets.iter_mut().chain(&mut select.having) {
        substitute::matching(expr, 0, &replacements);
    }
    select.filter = select.having.take();
    select.relations.clear();
    select.from.clear();
    select.has_aggregates = false;
}

fn has_shape(select: &Select) -> bool {
    let one_table = select.relations.len() == 1 && matches!(select.from.as_slice(), [FromItem::Relation(0)]);
    let plain = select.group_by.is_empty() && select.grouping_sets.is_empty() && select.windows.is_empty();
    let steady = |expr: &Expr| !walk::is_volatile(expr) && !walk::has_subquery(expr) && !walk::has_set_function(expr);
    one_table
        && plain
        && matches!(select.distinct, BoundDistinct::No)
        && select.filter.iter().chain(&select.having).chain(&select.targets).all(steady)
}

fn collect(expr: &Expr, calls: &mut Vec<Expr>) {
    if let ExprKind::Aggregate(_) = expr.kind {
        calls.push(expr.clone());
        return;
    }
    walk::children(expr, &mut |child| collect(child, calls));
}

/// The subquery for one aggregate.
fn first_row(select: &Select, table: &Table, call: &Expr) -> Option<Expr> {
    let ExprKind::Aggregate(call) = &call.kind else { return None };
    let AggregateCall { level: 0, function, args, distinct: _, order_by: _, filter: None, ty } = &**call else { return None };
    let descending = match function.name {
        "min" => false,
        "max" => true,
        _ => return None,
    };
    let [arg] = args.as_slice() else { return None };
    let ExprKind::Column(reference) = arg.kind else { return None };
    if reference.depth != 0 || arg.ty.oid != ty.oid {
        return None;
    }
    let nulls_first = ordering_index(select, table, live_number(table, reference.column))?;
    let key = column(0, 0, reference.column, arg.ty);
    let bool_type = Type::plain(Oid::BOOL);
    let present = Expr::new(ExprKind::IsNull { arg: Box::new(key.clone()), negated: true }, bool_type);
    let mut inner = Select { targets: vec![key.clone()], having: None, has_aggregates: false, ..select.clone() };
    if let Some(filter) = &mut inner.filter {
        // References to outer levels now have one level more to go.
        walk::shift(filter, 1, 1);
    }
    let not_null = table.column_number(live_number(table, reference.column)).is_some_and(|column| column.not_null);
    let parts = inner.filter.take().into_iter().chain((!not_null).then_some(present)).collect();
    inner.filter = walk::conjunction(parts);
    let query = Query {
        ctes: Vec::new(),
        body: QueryBody::Select(Box::new(inner)),
        order_by: vec![SortKey { expr: key, descending, nulls_first: nulls_first != descending }],
        limit: Some(Expr::constant(Datum::Int8(1), Type::plain(Oid::INT8))),
        offset: None,
        with_ties: false,
        columns: vec![OutputColumn { name: function.name.to_owned(), ty: *ty, origin: None }],
        locks: Vec::new(),
    };
    Some(Expr::new(ExprKind::Subquery(Box::new(Subquery { kind: SubqueryKind::Scalar, query })), *ty))
}

/// Whether an index orders rows by the column; then whether its NULLs come first.
fn ordering_index(select: &Select, table: &Table, number: i16) -> Option<bool> {
    let usable = |index: &&Index| index.primary || (index.state == IndexState::Valid && index.predicate.is_none());
    table.all_indexes().filter(usable).find_map(|index| {
        for key in &index.keys {
            let IndexKeyPart::Column(column) = key.part else { return None };
            if column == number {
                return Some(key.nulls_first);
            }
            if !is_fixed(select, table, column) {
                return None;
            }
        }
        None
    })
}

/// Whether WHERE sets the column equal to something.
fn is_fixed(select: &Select, table: &Table, number: i16) -> bool {
    let is_equality = |expr: &Expr| match &expr.kind {
        ExprKind::Call { operator: Some(operator), args, .. } if super::method::is_hashable(operator) => args
            .iter()
            .any(|arg| matches!(arg.kind, ExprKind::Column(column) if column.depth == 0 && live_number(table, column.column) == number)),
        _ => false,
    };
    match select.filter.as_ref().map(|filter| &filter.kind) {
        Some(ExprKind::And(parts)) => parts.iter().any(is_equality),
        Some(_) => select.filter.as_ref().is_some_and(is_equality),
        None => false,
    }
}

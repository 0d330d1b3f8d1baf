//! Whether a plan touches so few rows that it need not leave the event loop's thread.

use borealis_catalog::Index;
use borealis_pgtypes::Datum;

use super::selectivity::array_length;
use crate::bound::WriteTarget;
use crate::expr::{Expr, ExprKind};
use crate::plan::{Access, Bounds, KeyMatch, Node, Plan, Planned, Scan};

/// Rows a small scan may read.
const ROWS_MAX: f64 = 128.0;

/// Whether every part of the plan is bounded by its form, not by a guess.
pub(crate) fn is_small(planned: &Planned) -> bool {
    planned.ctes.iter().all(|cte| rows_at_most(&cte.plan).is_some())
        && planned.subplans.iter().all(|plan| rows_at_most(plan).is_some())
        && rows_at_most(&planned.root).is_some_and(|rows| rows <= ROWS_MAX)
}

/// The most rows a node can give, when that is small and what is below it is small too.
fn rows_at_most(plan: &Plan) -> Option<f64> {
    let rows = match &plan.node {
        Node::Result { .. } => 1.0,
        #[allow(clippy::cast_precision_loss)]
        Node::Values { rows } => rows.len() as f64,
        Node::Scan(scan) => scan_rows(scan)?,
        Node::Filter { input, .. }
        | Node::Project { input, .. }
        | Node::Limit { input, .. }
        | Node::Sort { input, .. }
        | Node::Distinct { input, .. }
        | Node::Unique { input, .. }
        | Node::Materialize { input }
        | Node::Window { input, .. }
        | Node::LockRows { input, .. } => rows_at_most(input)?,
        Node::Aggregate(aggregate) => rows_at_most(&aggregate.input)?,
        Node::NestedLoop { left, right, .. } => rows_at_most(left)? * rows_at_most(right)?,
        Node::Insert(insert) if !is_referenced(&insert.target) => rows_at_most(&insert.source)?,
        Node::Update(update) if !is_referenced(&update.target) => rows_at_most(&update.source)?,
        Node::Delete(delete) if !is_referenced(&delete.target) => rows_at_most(&delete.source)?,
        Node::SystemScan { .. }
        | Node::FunctionScan { .. }
        | Node::CteScan { .. }
        | Node::WorkTableScan { .. }
        | Node::ProjectSet { .. }
        | Node::HashJoin { .. }
        | Node::MergeJoin { .. }
        | Node::Append { .. }
        | Node::SetOp { .. }
        | Node::RecursiveUnion { .. }
        | Node::Insert(_)
        | Node::Update(_)
        | Node::Delete(_) => return None,
    };
    (rows <= ROWS_MAX).then_some(rows)
}

/// Whether the write must look for rows that reference its own: there may be any number.
fn is_referenced(target: &WriteTarget) -> bool {
    target.foreign_keys.iter().flat_map(|keys| &keys.keys).any(|key| key.parent.oid == target.table.oid)
}

fn scan_rows(scan: &Scan) -> Option<f64> {
    let unique = match &scan.access {
        Access::Full => None,
        Access::PrimaryKey(bounds) => scan.table.primary_key.as_ref().and_then(|index| points(index, bounds)),
        Access::Index { index, bounds, .. } => scan
            .table
            .indexes
            .iter()
            .find(|candidate| candidate.oid == *index)
            .filter(|index| index.unique)
            .and_then(|index| points(index, bounds)),
    };
    // A condition beside the bounds may read any number of rows before the limit is reached.
    unique.or_else(|| scan.limit.as_ref().filter(|_| scan.filter.is_none()).and_then(constant))
}

/// Number of keys looked up, when all keys of the index are given.
fn points(index: &Index, bounds: &Bounds) -> Option<f64> {
    if bounds.prefix.len() != index.keys.len() {
        return None;
    }
    bounds.prefix.iter().try_fold(1.0, |points, key| match key {
        KeyMatch::Equal(_) => Some(points),
        // An array parameter may have any length.
        KeyMatch::Any(array) if !matches!(array.kind, ExprKind::Param(_) | ExprKind::ExecParam(_)) => Some(points * array_length(array)),
        KeyMatch::Any(_) | KeyMatch::IsNull => None,
    })
}

fn constant(limit: &Expr) -> Option<f64> {
    match limit.kind {
        #[allow(clippy::cast_precision_loss)]
        ExprKind::Const(Datum::Int8(limit)) => Some(limit as f64),
        _ => None,
    }
}

//! The cost model. Units are PostgreSQL's; the numbers of table access follow what Aurora DSQL shows: about 100 to reach storage at all, then an eighth per
//! row that storage reads. Between each other they are scaled to what rows cost here: a row looked up by key costs about twelve times a row scanned in order.

use borealis_pgtypes::{Datum, Type};

use super::PlannerSettings;
use crate::expr::{Expr, ExprKind, SortKey};
use crate::plan::{Estimate, Node, Plan};

/// Rows of a table nobody analysed.
pub(crate) const DEFAULT_ROWS: f64 = 1_000_000.0;
/// Rows a LIMIT asks for when it is a parameter.
pub(crate) const LIMIT_UNKNOWN: f64 = 100.0;
/// Added to a method that is switched off.
pub(crate) const DISABLED: f64 = 1e10;
/// Reaching storage.
pub(crate) const ACCESS_STARTUP: f64 = 100.0;
/// Storage's work for a row in key order, and the query processor's.
pub(crate) const ROW_STORAGE: f64 = 0.125;
pub(crate) const ROW: f64 = 0.0125;
/// The first answer of storage.
pub(crate) const ACCESS_ANSWER: f64 = 4.0;
/// Descending to a key.
pub(crate) const DESCENT: f64 = 1.65;
/// A row looked up from an index entry.
pub(crate) const LOOKUP: f64 = 1.65;
/// Evaluating one operator, handling one row (PostgreSQL's `cpu_operator_cost` and `cpu_tuple_cost`).
pub(crate) const OPERATOR: f64 = 0.0025;
pub(crate) const TUPLE: f64 = 0.01;
/// Putting a row into a hash table, and asking it.
pub(crate) const HASH_BUILD: f64 = 0.1;
pub(crate) const HASH_PROBE: f64 = 0.05;
/// Bytes of a value without fixed length.
const WIDTH_VARIABLE: u32 = 32;

/// Bytes of a row.
pub(crate) fn width(types: &[Type]) -> u32 {
    types.iter().map(|ty| value_width(*ty)).sum()
}

fn value_width(ty: Type) -> u32 {
    borealis_pgtypes::types::by_oid(ty.oid)
        .and_then(|info| u32::try_from(info.length).ok())
        .filter(|length| *length > 0)
        .unwrap_or(WIDTH_VARIABLE)
}

/// The number a LIMIT or OFFSET gives, `unknown` when it is not a constant.
pub(crate) fn count(expr: &Expr, unknown: f64) -> f64 {
    match expr.kind {
        #[allow(clippy::cast_precision_loss)]
        ExprKind::Const(Datum::Int8(count)) => (count as f64).max(0.0),
        _ => unknown,
    }
}

pub(crate) fn result(types: &[Type]) -> Estimate {
    Estimate { startup_cost: 0.0, total_cost: TUPLE, rows: 1.0, width: width(types) }
}

#[allow(clippy::cast_precision_loss)]
pub(crate) fn values(rows: usize, types: &[Type]) -> Estimate {
    let rows = rows as f64;
    Estimate { startup_cost: 0.0, total_cost: ROW * rows, rows, width: width(types) }
}

/// A leaf that computes its rows.
pub(crate) fn leaf(node: Node, types: Vec<Type>, rows: f64) -> Plan {
    let estimate = Estimate { startup_cost: 0.0, total_cost: TUPLE * rows, rows, width: width(&types) };
    Plan { node, types, estimate }
}

/// `input` with new slots.
pub(crate) fn project(input: Plan, exprs: Vec<Expr>) -> Plan {
    let types: Vec<Type> = exprs.iter().map(|expr| expr.ty).collect();
    let operators: f64 = exprs.iter().map(|expr| if is_trivial(expr) { 0.0 } else { OPERATOR }).sum();
    let estimate =
        Estimate { total_cost: input.estimate.total_cost + operators * input.estimate.rows, width: width(&types), ..input.estimate };
    Plan { node: Node::Project { input: Box::new(input), exprs }, types, estimate }
}

fn is_trivial(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Slot(_) | ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::ExecParam(_))
}

/// `input` sorted.
pub(crate) fn sort(input: Plan, keys: Vec<SortKey>, limit: Option<Expr>, settings: &PlannerSettings) -> Plan {
    let kept = limit.as_ref().map(|limit| count(limit, LIMIT_UNKNOWN));
    let mut estimate = sort_estimate(&input.estimate, kept);
    if !settings.enable_sort {
        estimate.startup_cost += DISABLED;
        estimate.total_cost += DISABLED;
    }
    let types = input.types.clone();
    Plan { node: Node::Sort { input: Box::new(input), keys, limit }, types, estimate }
}

/// Cost of sorting, of which `kept` first rows are wanted.
pub(crate) fn sort_estimate(input: &Estimate, kept: Option<f64>) -> Estimate {
    let rows = input.rows.max(2.0);
    let compared = kept.map_or(rows, |kept| rows.min(2.0 * kept.max(1.0)));
    let startup_cost = input.total_cost + 2.0 * OPERATOR * rows * compared.max(2.0).log2();
    let rows = kept.map_or(input.rows, |kept| input.rows.min(kept.max(1.0)));
    Estimate { startup_cost, total_cost: startup_cost + OPERATOR * rows, rows, width: input.width }
}

pub(crate) fn limit(input: &Estimate, limit: Option<&Expr>, offset: Option<&Expr>) -> Estimate {
    let skipped = offset.map_or(0.0, |offset| count(offset, 0.0)).min(input.rows);
    let rows = limit.map_or(input.rows - skipped, |limit| count(limit, LIMIT_UNKNOWN).min(input.rows - skipped)).max(1.0);
    let per_row = (input.total_cost - input.startup_cost) / input.rows.max(1.0);
    let startup_cost = input.startup_cost + per_row * skipped;
    Estimate { startup_cost, total_cost: (startup_cost + per_row * rows).min(input.total_cost), rows, width: input.width }
}

pub(crate) fn set_op(left: &Estimate, right: &Estimate) -> Estimate {
    let startup_cost = left.total_cost + right.total_cost + HASH_BUILD * right.rows + HASH_PROBE * left.rows;
    Estimate { startup_cost, total_cost: startup_cost + TUPLE * left.rows, rows: left.rows.max(1.0), width: left.width }
}

pub(crate) fn append<'e>(inputs: impl Iterator<Item = &'e Estimate>, types: &[Type]) -> Estimate {
    let mut sum = Estimate { width: width(types), ..Estimate::default() };
    for (index, input) in inputs.enumerate() {
        if index == 0 {
            sum.startup_cost = input.startup_cost;
        }
        sum.total_cost += input.total_cost;
        sum.rows += input.rows;
    }
    sum
}

pub(crate) fn recursive_union(base: &Estimate, recursive: &Estimate) -> Estimate {
    // PostgreSQL's assumption: ten rounds.
    let rows = base.rows + 10.0 * recursive.rows;
    Estimate {
        startup_cost: base.startup_cost,
        total_cost: base.total_cost + 10.0 * recursive.total_cost + TUPLE * rows,
        rows,
        width: base.width.max(recursive.width),
    }
}

/// Distinct rows by all slots.
pub(crate) fn distinct_all(input: Plan) -> Plan {
    let slots = (0..input.types.len()).collect();
    distinct(input, slots, None)
}

/// Distinct rows by some slots.
pub(crate) fn distinct(input: Plan, slots: Vec<usize>, groups: Option<f64>) -> Plan {
    let rows = groups.unwrap_or(input.estimate.rows).min(input.estimate.rows).max(1.0);
    let startup_cost = input.estimate.total_cost + HASH_BUILD * input.estimate.rows;
    let estimate = Estimate { startup_cost, total_cost: startup_cost + TUPLE * rows, rows, width: input.estimate.width };
    let types = input.types.clone();
    Plan { node: Node::Distinct { input: Box::new(input), slots }, types, estimate }
}

/// Cost of reading `wanted` of the rows (all: `None`).
pub(crate) fn partial(startup: f64, total: f64, rows: f64, wanted: Option<f64>) -> f64 {
    let fraction = wanted.map_or(1.0, |wanted| (wanted / rows.max(1.0)).min(1.0));
    startup + (total - startup) * fraction
}

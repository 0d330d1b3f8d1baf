//! Structural equality of expressions: whether two of them compute the same, as far as their form shows.

use borealis_pgtypes::Datum;

use crate::expr::{AggregateCall, Coercion, Expr, ExprKind, SortKey, Window, WindowCall};

/// Whether two expressions are the same tree.
pub(crate) fn same(a: &Expr, b: &Expr) -> bool {
    a.ty == b.ty && same_kind(&a.kind, &b.kind)
}

fn same_kind(a: &ExprKind, b: &ExprKind) -> bool {
    use ExprKind as E;
    match (a, b) {
        (E::Const(a), E::Const(b)) => same_datum(a, b),
        (E::Column(a), E::Column(b)) => a == b,
        (E::Slot(a), E::Slot(b)) | (E::ExecParam(a), E::ExecParam(b)) | (E::Param(a), E::Param(b)) => a == b,
        (E::Call { function: f, args: a, .. }, E::Call { function: g, args: b, .. })
        | (E::SetFunction { function: f, args: a }, E::SetFunction { function: g, args: b }) => f.oid == g.oid && same_all(a, b),
        (E::Routine(a), E::Routine(b)) => a.spec.same(&b.spec) && same_all(&a.args, &b.args),
        (E::Coerce { arg: a, coercion: c }, E::Coerce { arg: b, coercion: d }) => same(a, b) && same_coercion(c, d),
        (E::ScalarArray { function: f, all: p, left: a, right: x, .. }, E::ScalarArray { function: g, all: q, left: b, right: y, .. }) => {
            f.oid == g.oid && p == q && same(a, b) && same(x, y)
        }
        (E::And(a), E::And(b)) | (E::Or(a), E::Or(b)) | (E::Coalesce(a), E::Coalesce(b)) => same_all(a, b),
        (E::Not(a), E::Not(b)) => same(a, b),
        (E::IsNull { arg: a, negated: p }, E::IsNull { arg: b, negated: q }) => p == q && same(a, b),
        (E::BooleanTest { arg: a, test: p }, E::BooleanTest { arg: b, test: q }) => p == q && same(a, b),
        (E::IsDistinct { function: f, left: a, right: x, negated: p }, E::IsDistinct { function: g, left: b, right: y, negated: q }) => {
            f.oid == g.oid && p == q && same(a, b) && same(x, y)
        }
        (E::NullIf { function: f, left: a, right: x }, E::NullIf { function: g, left: b, right: y }) => {
            f.oid == g.oid && same(a, b) && same(x, y)
        }
        (E::CaseArg, E::CaseArg) => true,
        (E::MinMax { greatest: p, args: a }, E::MinMax { greatest: q, args: b }) => p == q && same_all(a, b),
        (E::Array { element: e, items: a, nested: p }, E::Array { element: f, items: b, nested: q }) => e == f && p == q && same_all(a, b),
        (E::Row { items: a, names: m }, E::Row { items: b, names: n }) => m == n && same_all(a, b),
        (E::Field { base: a, field: i }, E::Field { base: b, field: j }) => i == j && same(a, b),
        (E::Aggregate(a), E::Aggregate(b)) => same_aggregate(a, b),
        (E::Window(a), E::Window(b)) => same_window_call(a, b),
        (E::Grouping { level: x, places: a }, E::Grouping { level: y, places: b }) => x == y && a == b,
        (E::Json { form: p, args: a }, E::Json { form: q, args: b }) => p == q && same_all(a, b),
        (E::Case { .. }, E::Case { .. })
        | (E::RowCompare { .. }, E::RowCompare { .. })
        | (E::Subscript { .. }, E::Subscript { .. })
        | (E::Subquery(_), E::Subquery(_)) => same_text(a, b),
        _ => false,
    }
}

/// Rare and deep forms are compared by their printed structure, which shows everything the trees hold.
fn same_text(a: &ExprKind, b: &ExprKind) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

/// Whether two lists hold the same trees.
pub(crate) fn same_all(a: &[Expr], b: &[Expr]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn same_coercion(a: &Coercion, b: &Coercion) -> bool {
    match (a, b) {
        (Coercion::Relabel, Coercion::Relabel) | (Coercion::InOut, Coercion::InOut) | (Coercion::Spread, Coercion::Spread) => true,
        (Coercion::Typmod { explicit: a }, Coercion::Typmod { explicit: b }) => a == b,
        (Coercion::Domain(a), Coercion::Domain(b)) => a.oid == b.oid,
        (Coercion::ArrayElements(a), Coercion::ArrayElements(b)) => same(a, b),
        (Coercion::RowFields { fields: a, .. }, Coercion::RowFields { fields: b, .. }) => same_all(a, b),
        _ => false,
    }
}

fn same_datum(a: &Datum, b: &Datum) -> bool {
    match (a, b) {
        (Datum::Null, Datum::Null) => true,
        (Datum::Bool(a), Datum::Bool(b)) => a == b,
        (Datum::Int2(a), Datum::Int2(b)) => a == b,
        (Datum::Int4(a), Datum::Int4(b)) => a == b,
        (Datum::Int8(a), Datum::Int8(b)) => a == b,
        (Datum::Text(a), Datum::Text(b)) => a == b,
        (Datum::Uuid(a), Datum::Uuid(b)) => a == b,
        _ => format!("{a:?}") == format!("{b:?}"),
    }
}

/// Whether two calls share one state.
pub(crate) fn same_aggregate(a: &AggregateCall, b: &AggregateCall) -> bool {
    a.level == b.level
        && a.function.oid == b.function.oid
        && a.distinct == b.distinct
        && same_all(&a.args, &b.args)
        && same_keys(&a.order_by, &b.order_by)
        && same_option(a.filter.as_ref(), b.filter.as_ref())
}

fn same_window_call(a: &WindowCall, b: &WindowCall) -> bool {
    a.function.oid == b.function.oid
        && a.window == b.window
        && same_all(&a.args, &b.args)
        && same_option(a.filter.as_ref(), b.filter.as_ref())
}

/// Whether two lists of sort keys order alike.
pub(crate) fn same_keys(a: &[SortKey], b: &[SortKey]) -> bool {
    a.len() == b.len()
        && a.iter().zip(b).all(|(a, b)| a.descending == b.descending && a.nulls_first == b.nulls_first && same(&a.expr, &b.expr))
}

/// Whether two windows see rows in the same partitions and order, so that one sort serves both.
pub(crate) fn same_sorting(a: &Window, b: &Window) -> bool {
    same_all(&a.partition_by, &b.partition_by) && same_keys(&a.order_by, &b.order_by)
}

fn same_option(a: Option<&Expr>, b: Option<&Expr>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => same(a, b),
        _ => false,
    }
}

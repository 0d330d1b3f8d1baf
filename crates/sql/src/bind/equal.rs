//! Structural equality of bound expressions (PostgreSQL's `equal()`), and rewriting them.

use borealis_pgtypes::Datum;

use crate::expr::{BoundSubscript, Coercion, Expr, ExprKind, SortKey};

/// Whether two expressions are the same computation.
pub(crate) fn equal(a: &Expr, b: &Expr) -> bool {
    a.ty == b.ty && same_kind(&a.kind, &b.kind)
}

fn all(a: &[Expr], b: &[Expr]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
}

fn option(a: Option<&Expr>, b: Option<&Expr>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => equal(a, b),
        (None, None) => true,
        _ => false,
    }
}

fn same_kind(a: &ExprKind, b: &ExprKind) -> bool {
    use ExprKind as K;
    match (a, b) {
        (K::Const(a), K::Const(b)) => same_datum(a, b),
        (K::Column(a), K::Column(b)) => a == b,
        (K::Slot(a), K::Slot(b)) | (K::ExecParam(a), K::ExecParam(b)) | (K::Param(a), K::Param(b)) => a == b,
        (K::Call { function: f, args: x, .. }, K::Call { function: g, args: y, .. }) => f.oid == g.oid && all(x, y),
        (K::SetFunction { function: f, args: x }, K::SetFunction { function: g, args: y }) => f.oid == g.oid && all(x, y),
        (K::Routine(x), K::Routine(y)) => x.spec.same(&y.spec) && all(&x.args, &y.args),
        (K::Coerce { arg: x, coercion: c }, K::Coerce { arg: y, coercion: d }) => equal(x, y) && same_coercion(c, d),
        (K::ScalarArray { function: f, all: p, left: a, right: b, .. }, K::ScalarArray { function: g, all: q, left: c, right: d, .. }) => {
            f.oid == g.oid && p == q && equal(a, c) && equal(b, d)
        }
        (K::And(x), K::And(y)) | (K::Or(x), K::Or(y)) | (K::Coalesce(x), K::Coalesce(y)) => all(x, y),
        (K::Not(x), K::Not(y)) => equal(x, y),
        (K::IsNull { arg: x, negated: p }, K::IsNull { arg: y, negated: q }) => p == q && equal(x, y),
        (K::BooleanTest { arg: x, test: p }, K::BooleanTest { arg: y, test: q }) => p == q && equal(x, y),
        (K::IsDistinct { function: f, left: a, right: b, negated: p }, K::IsDistinct { function: g, left: c, right: d, negated: q }) => {
            f.oid == g.oid && p == q && equal(a, c) && equal(b, d)
        }
        (K::NullIf { function: f, left: a, right: b }, K::NullIf { function: g, left: c, right: d }) => {
            f.oid == g.oid && equal(a, c) && equal(b, d)
        }
        (K::Case { arg: x, whens: v, otherwise: e }, K::Case { arg: y, whens: w, otherwise: f }) => {
            option(x.as_deref(), y.as_deref())
                && v.len() == w.len()
                && v.iter().zip(w).all(|(a, b)| equal(&a.0, &b.0) && equal(&a.1, &b.1))
                && option(e.as_deref(), f.as_deref())
        }
        (K::CaseArg, K::CaseArg) => true,
        (K::MinMax { greatest: p, args: x }, K::MinMax { greatest: q, args: y }) => p == q && all(x, y),
        (K::Array { element: d, items: x, nested: p }, K::Array { element: e, items: y, nested: q }) => d == e && p == q && all(x, y),
        (K::Row { items: x, .. }, K::Row { items: y, .. }) => all(x, y),
        (K::RowCompare { operator: o, left: a, right: b, .. }, K::RowCompare { operator: p, left: c, right: d, .. }) => {
            o == p && all(a, c) && all(b, d)
        }
        (K::Subscript { base: x, subscripts: s }, K::Subscript { base: y, subscripts: t }) => {
            equal(x, y) && s.len() == t.len() && s.iter().zip(t).all(|(a, b)| same_subscript(a, b))
        }
        (K::Field { base: x, field: p }, K::Field { base: y, field: q }) => p == q && equal(x, y),
        (K::Aggregate(x), K::Aggregate(y)) => {
            x.level == y.level
                && x.function.oid == y.function.oid
                && x.distinct == y.distinct
                && all(&x.args, &y.args)
                && same_keys(&x.order_by, &y.order_by)
                && option(x.filter.as_ref(), y.filter.as_ref())
        }
        (K::Window(x), K::Window(y)) => {
            x.function.oid == y.function.oid
                && x.window == y.window
                && all(&x.args, &y.args)
                && option(x.filter.as_ref(), y.filter.as_ref())
        }
        (K::Grouping { level: x, places: a }, K::Grouping { level: y, places: b }) => x == y && a == b,
        // Rare and deep: the printed structure shows everything the trees hold.
        (K::Subquery(x), K::Subquery(y)) => format!("{x:?}") == format!("{y:?}"),
        (K::Json { form: p, args: x }, K::Json { form: q, args: y }) => p == q && all(x, y),
        _ => false,
    }
}

fn same_keys(a: &[SortKey], b: &[SortKey]) -> bool {
    let same = |a: &SortKey, b: &SortKey| a.descending == b.descending && a.nulls_first == b.nulls_first && equal(&a.expr, &b.expr);
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn same_coercion(a: &Coercion, b: &Coercion) -> bool {
    match (a, b) {
        (Coercion::Relabel, Coercion::Relabel) | (Coercion::InOut, Coercion::InOut) | (Coercion::Spread, Coercion::Spread) => true,
        (Coercion::Typmod { explicit: a }, Coercion::Typmod { explicit: b }) => a == b,
        (Coercion::Domain(a), Coercion::Domain(b)) => a.oid == b.oid,
        (Coercion::ArrayElements(a), Coercion::ArrayElements(b)) => equal(a, b),
        (Coercion::RowFields { fields: a, .. }, Coercion::RowFields { fields: b, .. }) => all(a, b),
        _ => false,
    }
}

fn same_subscript(a: &BoundSubscript, b: &BoundSubscript) -> bool {
    match (a, b) {
        (BoundSubscript::Index(a), BoundSubscript::Index(b)) => equal(a, b),
        (BoundSubscript::Slice(a, b), BoundSubscript::Slice(c, d)) => option(a.as_ref(), c.as_ref()) && option(b.as_ref(), d.as_ref()),
        _ => false,
    }
}

/// Constants are the same when they are written the same: `1.0` and `1.00` differ, as they do for PostgreSQL's `equal()`.
fn same_datum(a: &Datum, b: &Datum) -> bool {
    match (a, b) {
        (Datum::Null, Datum::Null) => true,
        (Datum::Int4(a), Datum::Int4(b)) => a == b,
        (Datum::Int8(a), Datum::Int8(b)) => a == b,
        (Datum::Text(a), Datum::Text(b)) => a == b,
        (Datum::Bool(a), Datum::Bool(b)) => a == b,
        // Rare in grouping and DISTINCT: the debug form shows every bit of the value.
        (a, b) => format!("{a:?}") == format!("{b:?}"),
    }
}

/// Rewrites leaves of the expression's own level, outside subqueries.
pub(crate) fn map_columns(mut expr: Expr, f: &mut dyn FnMut(ExprKind) -> ExprKind) -> Expr {
    map_in_place(&mut expr, f);
    expr
}

fn map_in_place(expr: &mut Expr, f: &mut dyn FnMut(ExprKind) -> ExprKind) {
    if matches!(expr.kind, ExprKind::Column(_) | ExprKind::Slot(_)) {
        let kind = std::mem::replace(&mut expr.kind, ExprKind::CaseArg);
        expr.kind = f(kind);
        return;
    }
    super::shift::children_mut(&mut expr.kind, &mut |child| map_in_place(child, f));
}

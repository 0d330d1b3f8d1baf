//! Which relations a condition refuses to see as NULLs: the ground for turning outer joins into inner ones.

use super::group::RelSet;
use crate::ast::BooleanTest;
use crate::expr::{Coercion, Expr, ExprKind};

/// Relations of the innermost level such that the condition is not true when all columns of the relation are NULL.
pub(crate) fn rejects_null(condition: &Expr) -> RelSet {
    walk(condition, true)
}

/// `top`: the question is "not true" rather than "not true and not false".
fn walk(expr: &Expr, top: bool) -> RelSet {
    match &expr.kind {
        ExprKind::Column(column) if column.depth == 0 && column.relation < 128 => 1 << column.relation,
        ExprKind::Call { function, args, .. } if function.strict => union(args),
        ExprKind::Routine(call) if call.spec.routine.strict && !call.spec.routine.returns_set => union(&call.args),
        // ALL of an empty array is true of anything.
        ExprKind::ScalarArray { function, all: false, left, .. } if function.strict && top => walk(left, false),
        ExprKind::And(args) if top => args.iter().fold(0, |set, arg| set | walk(arg, true)),
        ExprKind::And(args) | ExprKind::Or(args) => args.iter().map(|arg| walk(arg, top)).reduce(|a, b| a & b).unwrap_or(0),
        ExprKind::Not(arg) => walk(arg, false),
        ExprKind::IsNull { arg, negated: true } if top && !matches!(arg.kind, ExprKind::Row { .. }) => walk(arg, false),
        ExprKind::BooleanTest { arg, test: BooleanTest::True | BooleanTest::False | BooleanTest::NotUnknown } if top => walk(arg, false),
        ExprKind::Coerce { arg, coercion: Coercion::Relabel | Coercion::InOut | Coercion::Typmod { .. } | Coercion::ArrayElements(_) } => {
            walk(arg, false)
        }
        _ => 0,
    }
}

fn union(args: &[Expr]) -> RelSet {
    args.iter().fold(0, |set, arg| set | walk(arg, false))
}

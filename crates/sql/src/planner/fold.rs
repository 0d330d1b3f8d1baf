//! Constant folding: immutable functions of constants are run once, now; three-valued logic is shortened.
//!
//! What raises an error is left as it is, so that the error comes when (and if) the expression is evaluated.

use std::sync::Arc;

use borealis_pgtypes::{ArrayValue, Body, CallContext, Datum, EvalContext, Oid, Type, Volatility};

use super::walk;
use crate::expr::{Coercion, Expr, ExprKind};

/// Folds `expr` and everything below it; subqueries fold when they are planned.
pub(crate) fn fold(expr: &mut Expr, eval: Option<&EvalContext<'_>>) {
    walk::children_mut(expr, &mut |child| fold(child, eval));
    let folded = match &mut expr.kind {
        ExprKind::Call { function, args, .. } => fold_call(function, args, expr.ty, eval),
        ExprKind::And(args) => fold_logic(args, false),
        ExprKind::Or(args) => fold_logic(args, true),
        ExprKind::Not(arg) => negate(arg),
        ExprKind::IsNull { arg, negated } => constant(arg).filter(|value| !matches!(value, Datum::Record(_))).map(|value| {
            let answer = value.is_null() != *negated;
            ExprKind::Const(Datum::Bool(answer))
        }),
        ExprKind::Coerce { arg, coercion: Coercion::Relabel } => {
            let relabelled = |value: &Datum| borealis_pgtypes::cast::relabel(value, expr.ty.oid).unwrap_or_else(|| value.clone());
            constant(arg).map(relabelled).map(ExprKind::Const)
        }
        ExprKind::Array { element, items, nested: false } => fold_array(*element, items),
        _ => None,
    };
    if let Some(kind) = folded {
        expr.kind = kind;
    }
}

/// The value of a constant.
pub(crate) fn constant(expr: &Expr) -> Option<&Datum> {
    match &expr.kind {
        ExprKind::Const(value) => Some(value),
        _ => None,
    }
}

fn fold_call(function: &borealis_pgtypes::Function, args: &[Expr], ty: Type, eval: Option<&EvalContext<'_>>) -> Option<ExprKind> {
    if function.volatility != Volatility::Immutable || !args.iter().all(|arg| matches!(arg.kind, ExprKind::Const(_))) {
        return None;
    }
    let values: Vec<Datum> = args.iter().filter_map(|arg| constant(arg).cloned()).collect();
    if function.strict && values.iter().any(Datum::is_null) {
        return Some(ExprKind::Const(Datum::Null));
    }
    let Body::Scalar(body) = function.body else { return None };
    let types: Vec<Oid> = args.iter().map(|arg| arg.ty.oid).collect();
    let call = CallContext { eval: eval?, arg_types: &types, result_type: ty.oid };
    body(&call, &values).ok().map(ExprKind::Const)
}

/// AND (`absorbing` false) or OR (`absorbing` true): the absorbing constant decides, its opposite disappears.
fn fold_logic(args: &mut Vec<Expr>, absorbing: bool) -> Option<ExprKind> {
    let is = |expr: &Expr, wanted: bool| matches!(expr.kind, ExprKind::Const(Datum::Bool(value)) if value == wanted);
    if args.iter().any(|arg| is(arg, absorbing)) {
        return Some(ExprKind::Const(Datum::Bool(absorbing)));
    }
    args.retain(|arg| !is(arg, !absorbing));
    match args.len() {
        0 => Some(ExprKind::Const(Datum::Bool(!absorbing))),
        1 => args.pop().map(|arg| arg.kind),
        _ => None,
    }
}

/// NOT: of a constant, of NOT, and of an operator that has a negator whose function is known.
fn negate(arg: &mut Expr) -> Option<ExprKind> {
    match &mut arg.kind {
        ExprKind::Const(Datum::Bool(value)) => Some(ExprKind::Const(Datum::Bool(!*value))),
        ExprKind::Const(Datum::Null) => Some(ExprKind::Const(Datum::Null)),
        ExprKind::Not(inner) => Some(std::mem::replace(&mut inner.kind, ExprKind::CaseArg)),
        ExprKind::Call { operator: Some(operator), args, .. } => {
            let negator = borealis_pgtypes::operators::by_oid(operator.negator)?;
            let function = borealis_pgtypes::functions::by_oid(negator.function)?;
            Some(ExprKind::Call { function, operator: Some(negator), args: std::mem::take(args) })
        }
        _ => None,
    }
}

fn fold_array(element: Oid, items: &[Expr]) -> Option<ExprKind> {
    let values: Option<Vec<Datum>> = items.iter().map(|item| constant(item).cloned()).collect();
    Some(ExprKind::Const(Datum::Array(Arc::new(ArrayValue::one_dimensional(element, values?)))))
}

//! Which operands need no parentheses of their own: `isSimpleNode`.

use super::expression::is_cast;
use crate::expr::{Expr, ExprKind, JsonForm};

/// Whether `expr` may stand inside `parent` as it is.
pub(super) fn is_simple(expr: &Expr, parent: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Const(_)
        | ExprKind::Column(_)
        | ExprKind::Slot(_)
        | ExprKind::ExecParam(_)
        | ExprKind::Param(_)
        | ExprKind::CaseArg
        | ExprKind::Subscript { .. }
        | ExprKind::Array { .. }
        | ExprKind::Row { .. }
        | ExprKind::Coalesce(_)
        | ExprKind::MinMax { .. }
        | ExprKind::NullIf { .. }
        | ExprKind::Aggregate(_)
        | ExprKind::Grouping { .. }
        | ExprKind::Json { .. }
        | ExprKind::Window(_)
        | ExprKind::SetFunction { .. }
        | ExprKind::Routine(_)
        | ExprKind::Call { operator: None, .. }
        | ExprKind::Case { .. } => true,
        ExprKind::Field { .. } => !matches!(parent.kind, ExprKind::Field { .. }),
        ExprKind::Coerce { arg, .. } => is_simple(arg, expr),
        ExprKind::Call { operator: Some(_), .. } => match &parent.kind {
            ExprKind::Call { operator: Some(_), .. } => binds_tighter(expr, parent),
            _ => has_separators(parent) || is_connective(parent),
        },
        ExprKind::Subquery(_) | ExprKind::SubPlan(_) | ExprKind::IsNull { .. } | ExprKind::BooleanTest { .. } => {
            has_separators(parent) || is_connective(parent)
        }
        ExprKind::IsDistinct { negated, .. } => has_separators(parent) || is_connective(parent) && !(*negated && is_not(parent)),
        ExprKind::And(_) | ExprKind::Not(_) => has_separators(parent) || matches!(parent.kind, ExprKind::And(_) | ExprKind::Or(_)),
        ExprKind::Or(_) => has_separators(parent) || matches!(parent.kind, ExprKind::Or(_)),
        ExprKind::ScalarArray { .. } | ExprKind::RowCompare { .. } => false,
    }
}

fn is_connective(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::And(_) | ExprKind::Or(_) | ExprKind::Not(_))
}

fn is_not(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Not(_))
}

/// Whether the parent's own form keeps its operands apart.
fn has_separators(parent: &Expr) -> bool {
    match &parent.kind {
        ExprKind::Call { function, operator: None, args } => !is_cast(function, args, parent.ty),
        ExprKind::SetFunction { .. }
        | ExprKind::Routine(_)
        | ExprKind::Subscript { .. }
        | ExprKind::Array { .. }
        | ExprKind::Row { .. }
        | ExprKind::Coalesce(_)
        | ExprKind::MinMax { .. }
        | ExprKind::NullIf { .. }
        | ExprKind::Aggregate(_)
        | ExprKind::Grouping { .. }
        | ExprKind::Json { form: JsonForm::Object { .. } | JsonForm::Array { .. }, .. }
        | ExprKind::Window(_)
        | ExprKind::Case { .. } => true,
        _ => false,
    }
}

/// Only `+ - * / %` are known: the stronger inside the weaker, and the left operand of the same strength.
fn binds_tighter(expr: &Expr, parent: &Expr) -> bool {
    let (Some(own), Some(outer)) = (strength(expr), strength(parent)) else { return false };
    let ExprKind::Call { args, .. } = &parent.kind else { return false };
    own > outer || own == outer && args.first().is_some_and(|first| std::ptr::eq(first, expr))
}

fn strength(expr: &Expr) -> Option<u8> {
    let ExprKind::Call { operator: Some(operator), args, .. } = &expr.kind else { return None };
    match (operator.name, args.len()) {
        ("+" | "-", 2) => Some(1),
        ("*" | "/" | "%", 2) => Some(2),
        _ => None,
    }
}

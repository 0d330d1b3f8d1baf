//! Replacing columns and whole expressions by others, through all nested subqueries.

use super::{same, walk};
use crate::expr::{Expr, ExprKind};

/// Replaces each reference to a column of `relation` (of the level `expr` stands in) by what `replacement` gives for the column.
pub(crate) fn relation(expr: &mut Expr, nesting: u32, relation: usize, replacement: &[Expr]) {
    walk::columns_mut(expr, nesting, &mut |expr, nesting| {
        let ExprKind::Column(column) = expr.kind else { return };
        if column.depth != nesting || column.relation != relation {
            return;
        }
        if let Some(target) = replacement.get(column.column) {
            *expr = shifted(target, nesting);
        }
    });
}

/// `expr` as it reads `nesting` levels further in.
pub(crate) fn shifted(expr: &Expr, nesting: u32) -> Expr {
    let mut copy = expr.clone();
    if nesting > 0 {
        walk::shift(&mut copy, 0, nesting.cast_signed());
    }
    copy
}

/// Replaces every expression that is the same as a left side of `table` by its right side, outermost first, in nested subqueries too.
pub(crate) fn matching(expr: &mut Expr, nesting: u32, table: &[(Expr, Expr)]) {
    if let Some((_, replacement)) = table.iter().find(|(pattern, _)| is_match(expr, pattern, nesting)) {
        *expr = shifted(replacement, nesting);
        return;
    }
    walk::children_mut(expr, &mut |child| matching(child, nesting, table));
    if let ExprKind::Subquery(subquery) = &mut expr.kind {
        walk::query_exprs_mut(&mut subquery.query, nesting + 1, &mut |expr, nesting| matching(expr, nesting, table));
    }
}

fn is_match(expr: &Expr, pattern: &Expr, nesting: u32) -> bool {
    if std::mem::discriminant(&expr.kind) != std::mem::discriminant(&pattern.kind) {
        return false;
    }
    if nesting == 0 { same::same(expr, pattern) } else { same::same(expr, &shifted(pattern, nesting)) }
}

/// Slots by expressions: `Slot(i)` becomes `values[i]`; inside subqueries column `i` of relation 0 at that nesting is the same slot.
pub(crate) fn slots(expr: &mut Expr, values: &[Expr]) {
    if let ExprKind::Slot(slot) = expr.kind {
        if let Some(value) = values.get(slot) {
            *expr = value.clone();
        }
        return;
    }
    walk::children_mut(expr, &mut |child| slots(child, values));
    if let ExprKind::Subquery(subquery) = &mut expr.kind {
        walk::query_exprs_mut(&mut subquery.query, 1, &mut |expr, nesting| relation(expr, nesting, 0, values));
    }
}

//! From a comparison of rows to a bound on several keys at once: `(a, b) > ($1, $2)` on an index of `a, b`.
//!
//! Index entries are ordered as rows are compared, key by key. So the entries for which the comparison holds are one range, whose end is the whole row of
//! values. Where the row has more columns than fit the keys in order, the columns that do fit are at or beyond the edge, and the comparison is checked per row.

use borealis_pgtypes::Strategy;

use super::access::PrefixMatch;
use super::bounds::{Key, Operand, is_key, is_known, operand_of};
use super::group::RelSet;
use super::same::same;
use crate::expr::{Expr, ExprKind};
use crate::plan::Edge;

/// An edge that a comparison of rows makes.
#[derive(Debug)]
pub(crate) struct RowBound {
    /// The keys are above it, not below.
    pub(crate) is_lower: bool,
    pub(crate) edge: Edge,
    /// Entries within it need no further check.
    pub(crate) exact: bool,
}

/// What `condition` says about the keys of an index that follow those matched exactly, which are the first and have the matches of `prefix`.
pub(crate) fn match_row(condition: &Expr, keys: &[Key<'_>], prefix: &[PrefixMatch], known: RelSet) -> Option<RowBound> {
    let ExprKind::RowCompare { operator, left, right, .. } = &condition.kind else { return None };
    let strategy = match operator.as_str() {
        "<" => Strategy::Less,
        "<=" => Strategy::LessEqual,
        ">" => Strategy::Greater,
        ">=" => Strategy::GreaterEqual,
        _ => return None,
    };
    let (matched, keys) = keys.split_at(prefix.len());
    let bound = |strategy, row, values| Sides { row, values, matched, prefix, keys, known }.bound(strategy);
    bound(strategy, left, right).or_else(|| bound(strategy.commuted(), right, left))
}

/// A comparison, taken as one of keys with values.
struct Sides<'s> {
    row: &'s [Expr],
    values: &'s [Expr],
    matched: &'s [Key<'s>],
    prefix: &'s [PrefixMatch],
    keys: &'s [Key<'s>],
    known: RelSet,
}

impl Sides<'_> {
    fn bound(&self, strategy: Strategy) -> Option<RowBound> {
        let pairs = || self.row.iter().zip(self.values);
        let equal = pairs().take_while(|(item, value)| self.are_equal(item, value)).count();
        let (mut values, mut near) = (Vec::new(), false);
        for ((item, value), key) in pairs().skip(equal).zip(self.keys) {
            let Some(operand) = self.value(item, value, *key).filter(|_| !near) else { break };
            values.push(operand.value);
            near = operand.near;
        }
        if values.is_empty() {
            return None;
        }
        let whole = !near && equal + values.len() == self.row.len();
        let is_lower = matches!(strategy, Strategy::Greater | Strategy::GreaterEqual);
        let inclusive = !whole || matches!(strategy, Strategy::GreaterEqual | Strategy::LessEqual);
        // Of rows that are equal up to a NULL the comparison is not true; their entries lie within the range unless NULLs are on its other side.
        let without_nulls = self.keys[1..values.len()].iter().all(|key| key.not_null || key.nulls_first == is_lower);
        Some(RowBound { is_lower, edge: Edge { values, inclusive, near }, exact: whole && without_nulls })
    }

    /// Whether a pair compares a key that is matched exactly with the very value it has: it decides nothing.
    fn are_equal(&self, item: &Expr, value: &Expr) -> bool {
        let is_value = |key: Key<'_>, fixed: &Expr| self.value(item, value, key).is_some_and(|operand| same(&operand.value, fixed));
        let mut matched = self.matched.iter().zip(self.prefix);
        matched.any(|(key, matched)| matches!(matched, PrefixMatch::Equal(fixed) if is_value(*key, fixed)))
    }

    /// The value that a pair compares a key with.
    fn value(&self, item: &Expr, value: &Expr, key: Key<'_>) -> Option<Operand> {
        (is_key(unwidened(item), key) && is_known(value, key, self.known)).then(|| operand_of(value, key.ty))?
    }
}

/// Rows are compared in one type per column: an integer column stands widened beside wider values, in the same order.
fn unwidened(item: &Expr) -> &Expr {
    match &item.kind {
        ExprKind::Call { function, operator: None, args } => match args.as_slice() {
            [arg] if super::bounds::widening(arg.ty.oid, item.ty.oid) == Some(function.oid) => arg,
            _ => item,
        },
        _ => item,
    }
}

//! LIKE and the other pattern operators: `patternsel`.

use borealis_pgtypes::{Datum, Function, Oid, Strategy};

use super::super::Planner;
use super::super::bounds::{literal_prefix, successor};
use super::super::fold::constant;
use super::super::from::Base;
use super::variable::Variable;
use super::{ANYTHING, MATCH, equality, range};
use crate::expr::Expr;

/// Fractions that one more character of a pattern keeps: a literal one, `_`, and what `%` gives back.
const FIXED_CHARACTER: f64 = 0.20;
const ANY_CHARACTER: f64 = 0.9;
const WILDCARD: f64 = 5.0;
/// Bounds of a histogram that are enough to judge by, and to judge by alone.
const BOUNDS_MIN: usize = 10;
const BOUNDS_SUFFICIENT: f64 = 100.0;

impl Planner<'_> {
    /// Fraction of rows for which an operator without order holds.
    pub(super) fn pattern(&self, bases: &[Base], function: &Function, name: &str, left: &Expr, right: &Expr) -> f64 {
        let (negated, kind) = match name.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, name),
        };
        if !matches!(kind, "~~" | "~~*" | "~" | "~*") {
            return if matches!(kind, "@>" | "<@" | "?" | "?|" | "?&" | "&&") { 0.01 } else { ANYTHING };
        }
        let variable = Variable::of(bases, left);
        let matched = match constant(right) {
            Some(Datum::Text(pattern)) => self.matched(&variable, (function, negated), kind == "~~", pattern, left.ty.oid),
            Some(Datum::Null) => return 0.0,
            _ => MATCH,
        };
        if negated { 1.0 - matched - variable.null_fraction() } else { matched }
    }

    /// `patternsel_common`
    fn matched(&self, variable: &Variable<'_>, operator: (&Function, bool), like: bool, pattern: &str, oid: Oid) -> f64 {
        let prefix = if like { literal_prefix(pattern) } else { "" };
        if like && prefix.len() == pattern.len() {
            return equality::with_constant(variable, &Datum::text(pattern));
        }
        let holds =
            |value: &Datum| self.holds(operator.0, value, &Datum::text(pattern), [oid, Oid::TEXT]).map(|answer| answer != operator.1);
        let by_form = if prefix.is_empty() { 1.0 } else { prefix_fraction(variable, prefix) } * rest_fraction(&pattern[prefix.len()..]);
        let Some(column) = variable.column else { return by_form.clamp(0.0001, 0.9999) };
        let inner = column.histogram.get(1..column.histogram.len().saturating_sub(1)).unwrap_or_default();
        let mut fraction = by_form;
        if column.histogram.len() >= BOUNDS_MIN && !inner.is_empty() {
            #[allow(clippy::cast_precision_loss)]
            let (matching, bounds) =
                (inner.iter().filter(|value| holds(value) == Some(true)).count() as f64, column.histogram.len() as f64);
            #[allow(clippy::cast_precision_loss)]
            let seen = matching / inner.len() as f64;
            let weight = (bounds / BOUNDS_SUFFICIENT).min(1.0);
            fraction = seen * weight + by_form * (1.0 - weight);
        }
        let common: f64 =
            column.most_common.iter().filter(|(value, _)| holds(value) == Some(true)).map(|(_, frequency)| f64::from(*frequency)).sum();
        let rest = 1.0 - variable.null_fraction() - column.common_fraction();
        fraction.clamp(0.0001, 0.9999) * rest + common
    }
}

/// `prefix_selectivity`: values from the prefix to below its successor.
fn prefix_fraction(variable: &Variable<'_>, prefix: &str) -> f64 {
    let value = Datum::text(prefix);
    let Some(from) = range::histogram(variable, Strategy::GreaterEqual, &value) else { return MATCH };
    let within = match successor(prefix) {
        Some(end) => range::histogram(variable, Strategy::Less, &Datum::text(&end)).map_or(from, |below| from + below - 1.0),
        None => from,
    };
    // At least what equality with the prefix would keep.
    within.max(equality::with_constant(variable, &value))
}

/// `like_selectivity`: of the pattern after its literal prefix.
fn rest_fraction(rest: &str) -> f64 {
    let mut fraction: f64 = 1.0;
    let mut characters = rest.trim_start_matches(['%', '_']).chars();
    while let Some(character) = characters.next() {
        fraction *= match character {
            '%' => WILDCARD,
            '_' => ANY_CHARACTER,
            '\\' => {
                if characters.next().is_none() {
                    break;
                }
                FIXED_CHARACTER
            }
            _ => FIXED_CHARACTER,
        };
    }
    fraction.min(1.0)
}

//! Equality: with a constant, with something unknown, and between relations (`var_eq_const`, `var_eq_non_const`, `eqjoinsel`).

use borealis_pgtypes::{Datum, compare};

use super::super::Planner;
use super::super::fold::constant;
use super::super::from::Base;
use super::super::group::relations;
use super::subject;
use super::variable::Variable;
use crate::expr::Expr;

/// `DEFAULT_EQ_SEL`
const EQUALITY: f64 = 0.005;

impl Planner<'_> {
    /// Fraction of rows, or pairs of rows, for which `left = right`.
    pub(super) fn equality(&self, bases: &[Base], left: &Expr, right: &Expr) -> f64 {
        let (of_left, of_right) = (relations(left), relations(right));
        if of_left != 0 && of_right != 0 && of_left & of_right == 0 {
            return join(&Variable::of(bases, left), &Variable::of(bases, right));
        }
        let Some((variable, other, _)) = subject(bases, left, right) else { return EQUALITY };
        match constant(other) {
            Some(value) => with_constant(&variable, value),
            None => with_unknown(&variable),
        }
    }
}

/// `var_eq_const`
pub(super) fn with_constant(variable: &Variable<'_>, value: &Datum) -> f64 {
    if value.is_null() {
        return 0.0;
    }
    if variable.unique && variable.rows >= 1.0 {
        return 1.0 / variable.rows;
    }
    let (distinct, _) = variable.distinct();
    let Some(column) = variable.column else { return 1.0 / distinct };
    if let Some((_, frequency)) = column.most_common.iter().find(|(common, _)| compare::equal(common, value)) {
        return f64::from(*frequency);
    }
    let mut fraction = (1.0 - column.common_fraction() - variable.null_fraction()).clamp(0.0, 1.0);
    #[allow(clippy::cast_precision_loss)]
    let others = distinct - column.most_common.len() as f64;
    if others > 1.0 {
        fraction /= others;
    }
    // It is no more frequent than the least of the most common ones.
    column.most_common.last().map_or(fraction, |(_, least)| fraction.min(f64::from(*least)))
}

/// `var_eq_non_const`
fn with_unknown(variable: &Variable<'_>) -> f64 {
    if variable.unique && variable.rows >= 1.0 {
        return 1.0 / variable.rows;
    }
    let (distinct, _) = variable.distinct();
    let Some(column) = variable.column else { return 1.0 / distinct };
    let mut fraction = 1.0 - variable.null_fraction();
    if distinct > 1.0 {
        fraction /= distinct;
    }
    column.most_common.first().map_or(fraction, |(_, most)| fraction.min(f64::from(*most)))
}

/// `eqjoinsel_inner`
fn join(left: &Variable<'_>, right: &Variable<'_>) -> f64 {
    let (left_distinct, right_distinct) = (left.distinct().0, right.distinct().0);
    match (left.column, right.column) {
        (Some(a), Some(b)) if !a.most_common.is_empty() && !b.most_common.is_empty() => {
            join_common((left, &a.most_common, left_distinct), (right, &b.most_common, right_distinct))
        }
        _ => (1.0 - left.null_fraction()) * (1.0 - right.null_fraction()) / left_distinct.max(right_distinct),
    }
}

type Common<'a, 'b> = (&'a Variable<'b>, &'a [(Datum, f32)], f64);

/// Of the most common values on both sides it is known which meet; the others are spread evenly.
#[allow(clippy::cast_precision_loss)]
fn join_common(left: Common<'_, '_>, right: Common<'_, '_>) -> f64 {
    let mut met = vec![false; right.1.len()];
    let (mut pairs, mut left_met, mut right_met, mut matches) = (0.0, 0.0, 0.0, 0usize);
    for (value, frequency) in left.1 {
        let place = right.1.iter().zip(&met).position(|((other, _), met)| !*met && compare::equal(value, other));
        if let Some(place) = place {
            met[place] = true;
            matches += 1;
            pairs += f64::from(*frequency) * f64::from(right.1[place].1);
            left_met += f64::from(*frequency);
            right_met += f64::from(right.1[place].1);
        }
    }
    let sum = |values: &[(Datum, f32)]| values.iter().map(|(_, frequency)| f64::from(*frequency)).sum::<f64>();
    let (left_alone, right_alone) = (sum(left.1) - left_met, sum(right.1) - right_met);
    let rest = |variable: &Variable<'_>, common: f64| (1.0 - variable.null_fraction() - common).clamp(0.0, 1.0);
    let (left_rest, right_rest) = (rest(left.0, left_met + left_alone), rest(right.0, right_met + right_alone));
    let one_side = |alone: f64, own_rest: f64, other: (f64, f64, f64, usize)| {
        let (other_distinct, other_alone, other_rest, listed) = other;
        let mut total = pairs;
        if other_distinct > listed as f64 {
            total += alone * other_rest / (other_distinct - listed as f64);
        }
        if other_distinct > matches as f64 {
            total += own_rest * (other_rest + other_alone) / (other_distinct - matches as f64);
        }
        total
    };
    let by_left = one_side(left_alone, left_rest, (right.2, right_alone, right_rest, right.1.len()));
    let by_right = one_side(right_alone, right_rest, (left.2, left_alone, left_rest, left.1.len()));
    by_left.min(by_right)
}

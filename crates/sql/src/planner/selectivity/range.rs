//! Comparisons by order: `scalarineqsel` with its histogram, and pairs of them on one expression.

use borealis_pgtypes::{Datum, Oid, Strategy, compare};

use super::super::fold::constant;
use super::super::from::Base;
use super::super::group::relations;
use super::super::same::same;
use super::variable::Variable;
use super::{INEQUALITY, RANGE, subject};
use crate::expr::{Expr, ExprKind};

/// Fraction of rows for which `left strategy right`.
pub(super) fn inequality(bases: &[Base], strategy: Strategy, left: &Expr, right: &Expr) -> f64 {
    let Some((variable, other, swapped)) = subject(bases, left, right) else { return INEQUALITY };
    let strategy = if swapped { strategy.commuted() } else { strategy };
    match constant(other) {
        Some(Datum::Null) => 0.0,
        Some(value) => with_constant(&variable, strategy, value),
        None => INEQUALITY,
    }
}

/// `scalarineqsel`
pub(super) fn with_constant(variable: &Variable<'_>, strategy: Strategy, value: &Datum) -> f64 {
    let Some(column) = variable.column else { return INEQUALITY };
    let passes = |(common, _): &&(Datum, f32)| strategy.accepts(compare::compare(common, value));
    let common: f64 = column.most_common.iter().filter(passes).map(|(_, frequency)| f64::from(*frequency)).sum();
    let rest = 1.0 - variable.null_fraction() - column.common_fraction();
    let part = histogram(variable, strategy, value).unwrap_or(0.5);
    (rest * part + common).clamp(0.0, 1.0)
}

/// `ineq_histogram_selectivity`: of the values that are in the histogram.
#[allow(clippy::cast_precision_loss)]
pub(super) fn histogram(variable: &Variable<'_>, strategy: Strategy, value: &Datum) -> Option<f64> {
    let column = variable.column?;
    let bounds = &column.histogram;
    if bounds.len() < 2 {
        return None;
    }
    let greater = matches!(strategy, Strategy::Greater | Strategy::GreaterEqual);
    let includes = matches!(strategy, Strategy::LessEqual | Strategy::GreaterEqual);
    // The bounds that are below the constant, in the sense of the comparison.
    let below = bounds.partition_point(|bound| strategy.accepts(compare::compare(bound, value)) != greater);
    let parts = (bounds.len() - 1) as f64;
    let fraction = if below == 0 {
        0.0
    } else if below == bounds.len() {
        1.0
    } else {
        let others = variable.distinct().0 - column.most_common.len() as f64;
        let equal = if (below == 1 || greater == includes) && others > 1.0 { 1.0 / others } else { 0.0 };
        let within = interpolate(value, &bounds[below - 1], &bounds[below]);
        let mut fraction = ((below - 1) as f64 + within) / parts;
        if below == 1 {
            fraction += equal * (1.0 - within);
        }
        if greater == includes {
            fraction -= equal;
        }
        fraction
    };
    let fraction = if greater { 1.0 - fraction } else { fraction };
    // The table may hold values beyond what the sample saw.
    let margin = 0.01 / parts;
    Some(fraction.clamp(margin, 1.0 - margin))
}

/// Where a value stands between two bounds: 0 at the lower, 1 at the upper.
fn interpolate(value: &Datum, low: &Datum, high: &Datum) -> f64 {
    let Some((value, low, high)) = scalars(value, low, high) else { return 0.5 };
    if high <= low {
        return 0.5;
    }
    if value <= low {
        0.0
    } else if value >= high {
        1.0
    } else {
        let within = (value - low) / (high - low);
        if within.is_nan() { 0.5 } else { within }
    }
}

/// `convert_to_scalar`
fn scalars(value: &Datum, low: &Datum, high: &Datum) -> Option<(f64, f64, f64)> {
    if let (Datum::Text(value), Datum::Text(low), Datum::Text(high)) = (value, low, high) {
        return Some(text_scalars(value.as_bytes(), low.as_bytes(), high.as_bytes()));
    }
    Some((scalar(value)?, scalar(low)?, scalar(high)?))
}

#[allow(clippy::cast_precision_loss)]
fn scalar(value: &Datum) -> Option<f64> {
    /// Microseconds of a day.
    const DAY: f64 = 86_400_000_000.0;
    Some(match value {
        Datum::Bool(value) => f64::from(u8::from(*value)),
        Datum::Int2(value) => f64::from(*value),
        Datum::Int4(value) => f64::from(*value),
        Datum::Int8(value) => *value as f64,
        Datum::Float4(value) => f64::from(*value),
        Datum::Float8(value) => *value,
        Datum::Oid(value) => f64::from(value.0),
        Datum::Date(days) => f64::from(*days) * DAY,
        Datum::Time(micros) | Datum::Timestamp(micros) | Datum::TimestampTz(micros) => *micros as f64,
        Datum::Numeric(_) => {
            let mut text = String::new();
            borealis_pgtypes::text::output(value, Oid::NUMERIC, &borealis_pgtypes::Settings::default(), &mut text).ok()?;
            text.parse().ok()?
        }
        _ => return None,
    })
}

/// `convert_string_to_scalar`: texts as fractions in the base of the characters they are made of.
fn text_scalars(mut value: &[u8], mut low: &[u8], mut high: &[u8]) -> (f64, f64, f64) {
    let bytes = low.iter().chain(high);
    let (mut least, mut most) = (bytes.clone().min().copied().unwrap_or(b' '), bytes.max().copied().unwrap_or(127));
    for (first, last) in [(b'A', b'Z'), (b'a', b'z'), (b'0', b'9')] {
        if least <= last && most >= first {
            (least, most) = (least.min(first), most.max(last));
        }
    }
    if most - least < 9 {
        (least, most) = (b' ', 127);
    }
    while let ([a, value_rest @ ..], [b, low_rest @ ..], [c, high_rest @ ..]) = (value, low, high)
        && a == b
        && b == c
    {
        (value, low, high) = (value_rest, low_rest, high_rest);
    }
    let scalar = |text: &[u8]| text_scalar(text, f64::from(least), f64::from(most));
    (scalar(value), scalar(low), scalar(high))
}

fn text_scalar(text: &[u8], least: f64, most: f64) -> f64 {
    /// More would not change the number.
    const BYTES_MAX: usize = 12;
    let base = most - least + 1.0;
    let mut denominator = base;
    let mut number = 0.0;
    for byte in text.iter().take(BYTES_MAX) {
        number += (f64::from(*byte).clamp(least - 1.0, most + 1.0) - least) / denominator;
        denominator *= base;
    }
    number
}

/// Comparisons of one expression with a lower and an upper bound.
#[derive(Default)]
pub(super) struct RangePairs<'q> {
    pairs: Vec<Pair<'q>>,
}

struct Pair<'q> {
    subject: &'q Expr,
    /// Fraction above the lower bound; below the upper.
    above: Option<f64>,
    below: Option<f64>,
}

impl<'q> RangePairs<'q> {
    /// Takes a comparison with something that is no relation's; false when `qual` is none.
    pub(super) fn take(&mut self, qual: &'q Expr, fraction: f64) -> bool {
        let ExprKind::Call { operator: Some(operator), args, .. } = &qual.kind else { return false };
        let ([left, right], Some(strategy)) = (args.as_slice(), operator.strategy) else { return false };
        let (subject, strategy) = match (relations(left) != 0, relations(right) != 0) {
            (true, false) => (left, strategy),
            (false, true) => (right, strategy.commuted()),
            _ => return false,
        };
        let lower = match strategy {
            Strategy::Equal => return false,
            Strategy::Greater | Strategy::GreaterEqual => true,
            Strategy::Less | Strategy::LessEqual => false,
        };
        let place = self.pairs.iter().position(|pair| same(pair.subject, subject)).unwrap_or_else(|| {
            self.pairs.push(Pair { subject, above: None, below: None });
            self.pairs.len() - 1
        });
        let pair = &mut self.pairs[place];
        let side = if lower { &mut pair.above } else { &mut pair.below };
        // Of two bounds on one side the narrower counts.
        *side = Some(side.map_or(fraction, |known| known.min(fraction)));
        true
    }

    /// The fraction within all ranges. `nulls`: the fraction of NULLs of an expression, which neither side contains.
    pub(super) fn fraction(&self, nulls: impl Fn(&Expr) -> f64) -> f64 {
        let one = |pair: &Pair<'_>| match (pair.above, pair.below) {
            (Some(above), Some(below)) => both(above, below, || nulls(pair.subject)),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => 1.0,
        };
        self.pairs.iter().map(one).product()
    }
}

#[allow(clippy::float_cmp)] // the guess itself, not a number near it
fn both(above: f64, below: f64, nulls: impl Fn() -> f64) -> f64 {
    /// Hardly anything; estimates that contradict each other more than rounding does are none.
    const LEAST: f64 = 1e-10;
    const ROUNDING: f64 = -0.01;
    if above == INEQUALITY || below == INEQUALITY {
        return RANGE;
    }
    let within = above + below - 1.0 + nulls();
    if within > 0.0 {
        within
    } else if within < ROUNDING {
        RANGE
    } else {
        LEAST
    }
}

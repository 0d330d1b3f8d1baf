//! Functions over `numeric`.

use std::sync::Arc;

use super::args::{give_numeric, int4, numeric, out_of_range};
use super::float::invalid_bucket;
use crate::numeric::Numeric;
use crate::{CallContext, Datum, Result, SqlError, SqlState};

macro_rules! binary {
    ($(fn $name:ident = $method:ident;)*) => {
        $(#[inline]
        pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            give_numeric(numeric(args, 0)?.$method(numeric(args, 1)?)?)
        })*
    };
}

binary! {
    fn numeric_add = add; fn numeric_sub = sub; fn numeric_mul = mul; fn numeric_div = div; fn numeric_div_trunc = div_trunc;
    fn numeric_mod = rem; fn numeric_power = power; fn numeric_gcd = gcd; fn numeric_lcm = lcm;
}

macro_rules! unary {
    ($(fn $name:ident = |$value:ident| $body:expr;)*) => {
        $(pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            let $value = numeric(args, 0)?;
            give_numeric($body)
        })*
    };
}

unary! {
    fn numeric_abs = |value| value.abs();
    fn numeric_uminus = |value| value.neg();
    fn numeric_uplus = |value| value.clone();
    fn numeric_ceil = |value| value.ceil();
    fn numeric_floor = |value| value.floor();
    fn numeric_sqrt = |value| value.sqrt()?;
    fn numeric_exp = |value| value.exp()?;
    fn numeric_ln = |value| value.ln()?;
    fn numeric_trim_scale = |value| value.trim_scale();
    fn numeric_sign = |value| if value.is_nan() { Numeric::NaN } else { Numeric::from(value.signum()) };
    fn numeric_inc = |value| value.add(&Numeric::ONE)?;
    fn numeric_log10 = |value| value.log(&Numeric::from(10i32))?;
    fn numeric_round_integer = |value| value.round(0)?;
    fn numeric_trunc_integer = |value| value.trunc(0);
}

/// `log(base, value)`
pub(super) fn numeric_log(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_numeric(numeric(args, 1)?.log(numeric(args, 0)?)?)
}

pub(super) fn numeric_round(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_numeric(numeric(args, 0)?.round(int4(args, 1)?.clamp(-2000, 2000))?)
}

pub(super) fn numeric_trunc(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_numeric(numeric(args, 0)?.trunc(int4(args, 1)?.clamp(-2000, 2000)))
}

fn scale_datum(scale: Option<u32>) -> Datum {
    scale.map_or(Datum::Null, |scale| Datum::Int4(i32::try_from(scale).unwrap_or(i32::MAX)))
}

pub(super) fn numeric_scale(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(scale_datum(numeric(args, 0)?.scale()))
}

pub(super) fn numeric_min_scale(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(scale_datum(numeric(args, 0)?.min_scale()))
}

/// The largest argument whose factorial fits the format.
const FACTORIAL_MAX: i64 = 32_177;

pub(super) fn numeric_fac(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let value = super::args::int8(args, 0)?;
    if value < 0 {
        return Err(SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, "factorial of a negative number is undefined"));
    }
    if value > FACTORIAL_MAX {
        return Err(crate::numeric::overflow());
    }
    let mut result = num_bigint::BigInt::from(1);
    for factor in 2..=value {
        if factor % 1024 == 0 {
            call.eval.host.check_interrupt()?;
        }
        result *= factor;
    }
    give_numeric(Numeric::from(result))
}

pub(super) fn width_bucket_numeric(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (operand, low, high, buckets) = (numeric(args, 0)?, numeric(args, 1)?, numeric(args, 2)?, int4(args, 3)?);
    if buckets <= 0 {
        return Err(invalid_bucket("count must be greater than zero"));
    }
    if operand.is_nan() || low.is_nan() || high.is_nan() {
        return Err(invalid_bucket("operand, lower bound, and upper bound cannot be NaN"));
    }
    if low.is_infinite() || high.is_infinite() {
        return Err(invalid_bucket("lower and upper bounds must be finite"));
    }
    if low == high {
        return Err(invalid_bucket("lower bound cannot equal upper bound"));
    }
    let (below, above) = if low < high { (operand < low, operand >= high) } else { (operand > low, operand <= high) };
    if below {
        return Ok(Datum::Int4(0));
    }
    if above {
        return buckets.checked_add(1).map(Datum::Int4).ok_or_else(|| out_of_range("integer"));
    }
    let position = operand.sub(low)?.mul(&Numeric::from(buckets))?.div_trunc(&high.sub(low)?)?;
    Ok(Datum::Int4(position.to_i32()?.min(buckets - 1) + 1))
}

struct Series {
    next: Option<Numeric>,
    stop: Numeric,
    step: Numeric,
}

impl Iterator for Series {
    type Item = Result<Vec<Datum>>;

    fn next(&mut self) -> Option<Self::Item> {
        let current = self.next.take()?;
        if (!self.step.is_negative() && current > self.stop) || (self.step.is_negative() && current < self.stop) {
            return None;
        }
        self.next = current.add(&self.step).ok();
        Some(Ok(vec![Datum::Numeric(Arc::new(current))]))
    }
}

type Rows = crate::RowSet;

fn check_finite(value: &Numeric, name: &str) -> Result<()> {
    let refuse = |what| Err(super::args::invalid_parameter(format!("{name} cannot be {what}")));
    if value.is_nan() {
        return refuse("NaN");
    }
    if value.is_infinite() { refuse("infinity") } else { Ok(()) }
}

fn series(start: &Numeric, stop: &Numeric, step: &Numeric) -> Result<Rows> {
    check_finite(start, "start value")?;
    check_finite(stop, "stop value")?;
    check_finite(step, "step size")?;
    if step.is_zero() {
        return Err(super::args::invalid_parameter("step size cannot equal zero"));
    }
    Ok(Box::new(Series { next: Some(start.clone()), stop: stop.clone(), step: step.clone() }))
}

pub(super) fn generate_series_numeric(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    series(numeric(args, 0)?, numeric(args, 1)?, &Numeric::ONE)
}

pub(super) fn generate_series_step_numeric(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    series(numeric(args, 0)?, numeric(args, 1)?, numeric(args, 2)?)
}

/// Units of `pg_size_pretty`, and by how many bits the size left over from the unit before is shifted for each.
const SIZE_UNITS: [(&str, u32); 6] = [("bytes", 0), ("kB", 9), ("MB", 10), ("GB", 10), ("TB", 10), ("PB", 10)];

/// A number of bytes in the largest unit that leaves at most five digits. From kB on the size is kept in halves, which round at the end.
fn size_pretty(mut size: Numeric) -> Result<Datum> {
    let last = SIZE_UNITS.len() - 1;
    for (index, (unit, bits)) in SIZE_UNITS.into_iter().enumerate() {
        size = size.div_trunc(&Numeric::from(1i64 << bits))?;
        let limit = if index == 0 { 10 * 1024 } else { 20 * 1024 - 1 };
        if index < last && size.abs() >= Numeric::from(limit) {
            continue;
        }
        if index > 0 {
            let away = Numeric::from(if size.is_negative() { -1 } else { 1 });
            size = size.add(&away)?.div_trunc(&Numeric::from(2))?;
        }
        return super::args::give_text(&format!("{size} {unit}"));
    }
    Err(SqlError::internal("the last unit takes every size"))
}

pub(super) fn pg_size_pretty_numeric(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    size_pretty(super::args::numeric(args, 0)?.clone())
}

/// `pg_size_bytes('1.5 kB')`
pub(super) fn pg_size_bytes(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let written = super::args::text(args, 0)?;
    let text = written.trim_matches(|letter: char| letter.is_ascii_whitespace());
    let invalid = || super::args::invalid_parameter(format!("invalid size: \"{written}\""));
    let number_end = size_number_length(text);
    let number = Numeric::parse(&text[..number_end]).map_err(|_| invalid())?;
    let unit = text[number_end..].trim_start();
    let bits = match unit {
        "" => 0,
        unit if unit.eq_ignore_ascii_case("bytes") || unit.eq_ignore_ascii_case("b") => 0,
        unit => {
            let known = ["kb", "mb", "gb", "tb", "pb"].iter().position(|known| unit.eq_ignore_ascii_case(known));
            let known = known.and_then(|index| u32::try_from(index).ok()).ok_or_else(|| {
                let hint = "Valid units are \"bytes\", \"B\", \"kB\", \"MB\", \"GB\", \"TB\", and \"PB\".";
                invalid().detail(format!("Invalid size unit: \"{unit}\".")).hint(hint)
            })?;
            10 * (known + 1)
        }
    };
    Ok(Datum::Int8(number.mul(&Numeric::from(1_i64 << bits))?.to_i64()?))
}

/// Sign, digits, fraction and exponent at the beginning of a size.
fn size_number_length(text: &str) -> usize {
    let digits = |from: usize| from + text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(usize::from(text.starts_with(['+', '-'])));
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let from = end + 1 + usize::from(text[end + 1..].starts_with(['+', '-']));
        // An E that no digit follows begins the unit.
        if digits(from) > from {
            end = digits(from);
        }
    }
    end
}

pub(super) fn pg_size_pretty(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    size_pretty(Numeric::from(super::args::int8(args, 0)?))
}

//! Arithmetic on intervals alone.

use super::super::{DAYS_PER_MONTH, SECS_PER_DAY, USECS_PER_DAY, USECS_PER_SEC, interval_out_of_range};
use crate::{Interval, Result, SqlError, SqlState};

fn checked(months: Option<i32>, days: Option<i32>, micros: Option<i64>) -> Result<Interval> {
    match (months, days, micros) {
        (Some(months), Some(days), Some(micros)) => Ok(Interval { months, days, micros }),
        _ => Err(interval_out_of_range()),
    }
}

/// `- interval`
///
/// # Errors
/// `22008` out of range.
pub fn negate(a: Interval) -> Result<Interval> {
    checked(a.months.checked_neg(), a.days.checked_neg(), a.micros.checked_neg())
}

/// `interval + interval`
///
/// # Errors
/// `22008` out of range.
pub fn add(a: Interval, b: Interval) -> Result<Interval> {
    checked(a.months.checked_add(b.months), a.days.checked_add(b.days), a.micros.checked_add(b.micros))
}

/// `interval - interval`
///
/// # Errors
/// `22008` out of range.
pub fn sub(a: Interval, b: Interval) -> Result<Interval> {
    checked(a.months.checked_sub(b.months), a.days.checked_sub(b.days), a.micros.checked_sub(b.micros))
}

/// A whole number of days or months, when it is one of 32 bits.
fn whole(value: f64) -> Result<i32> {
    if value.is_nan() || value < f64::from(i32::MIN) || value > f64::from(i32::MAX) {
        return Err(interval_out_of_range());
    }
    Ok(value as i32)
}

/// To microseconds, so that noise in the last binary digits does not become a second.
fn round_micros(value: f64) -> f64 {
    (value * USECS_PER_SEC as f64).round_ties_even() / USECS_PER_SEC as f64
}

/// Scales by months, days and microseconds apart; what is left of a month becomes days, what is left of a day becomes time.
fn scale(span: Interval, scaled: impl Fn(f64) -> f64) -> Result<Interval> {
    let (months, days) = (whole(scaled(f64::from(span.months)))?, whole(scaled(f64::from(span.days)))?);
    let month_rest = round_micros((scaled(f64::from(span.months)) - f64::from(months)) * f64::from(DAYS_PER_MONTH));
    let day_rest = scaled(f64::from(span.days)) - f64::from(days) + month_rest - month_rest.trunc();
    let mut seconds = round_micros(day_rest * SECS_PER_DAY as f64);
    let mut result = Interval { months, days, micros: 0 };
    if seconds.abs() >= SECS_PER_DAY as f64 {
        let carried = (seconds / SECS_PER_DAY as f64) as i32;
        result.days = result.days.checked_add(carried).ok_or_else(interval_out_of_range)?;
        seconds -= f64::from(carried) * SECS_PER_DAY as f64;
    }
    result.days = result.days.checked_add(month_rest as i32).ok_or_else(interval_out_of_range)?;
    let micros = (scaled(span.micros as f64) + seconds * USECS_PER_SEC as f64).round_ties_even();
    // The bounds of 64 bits as a float: the upper one is just outside.
    if micros.is_nan() || micros < i64::MIN as f64 || micros >= -(i64::MIN as f64) {
        return Err(interval_out_of_range());
    }
    result.micros = micros as i64;
    Ok(result)
}

/// `interval * double precision`
///
/// # Errors
/// `22008` out of range.
pub fn multiply(span: Interval, factor: f64) -> Result<Interval> {
    scale(span, |value| value * factor)
}

/// `interval / double precision`
///
/// # Errors
/// `22012` by zero, `22008` out of range.
pub fn divide(span: Interval, divisor: f64) -> Result<Interval> {
    if divisor == 0.0 {
        return Err(SqlError::new(SqlState::DIVISION_BY_ZERO, "division by zero"));
    }
    scale(span, |value| value / divisor)
}

/// Moves whole days out of the time and gives both the same sign.
///
/// # Errors
/// `22008` out of range.
pub fn justify_hours(span: Interval) -> Result<Interval> {
    let mut result = carry_hours(span)?;
    align_hours(&mut result);
    Ok(result)
}

fn carry_hours(span: Interval) -> Result<Interval> {
    let carried = i32::try_from(span.micros / USECS_PER_DAY).ok().and_then(|days| span.days.checked_add(days));
    checked(Some(span.months), carried, Some(span.micros % USECS_PER_DAY))
}

fn align_hours(span: &mut Interval) {
    if span.days > 0 && span.micros < 0 {
        span.micros += USECS_PER_DAY;
        span.days -= 1;
    } else if span.days < 0 && span.micros > 0 {
        span.micros -= USECS_PER_DAY;
        span.days += 1;
    }
}

/// Moves whole months of 30 days out of the days and gives both the same sign.
///
/// # Errors
/// `22008` out of range.
pub fn justify_days(span: Interval) -> Result<Interval> {
    let mut result = carry_days(span)?;
    if result.months > 0 && result.days < 0 {
        result.days += DAYS_PER_MONTH;
        result.months -= 1;
    } else if result.months < 0 && result.days > 0 {
        result.days -= DAYS_PER_MONTH;
        result.months += 1;
    }
    Ok(result)
}

fn carry_days(span: Interval) -> Result<Interval> {
    checked(span.months.checked_add(span.days / DAYS_PER_MONTH), Some(span.days % DAYS_PER_MONTH), Some(span.micros))
}

/// Both, with one sign for all fields.
///
/// # Errors
/// `22008` out of range.
pub fn justify_interval(span: Interval) -> Result<Interval> {
    let same_sign = (span.days > 0 && span.micros > 0) || (span.days < 0 && span.micros < 0);
    let span = if same_sign { carry_days(span)? } else { span };
    let mut result = carry_days(carry_hours(span)?)?;
    if result.months > 0 && (result.days < 0 || (result.days == 0 && result.micros < 0)) {
        result.days += DAYS_PER_MONTH;
        result.months -= 1;
    } else if result.months < 0 && (result.days > 0 || (result.days == 0 && result.micros > 0)) {
        result.days -= DAYS_PER_MONTH;
        result.months += 1;
    }
    align_hours(&mut result);
    Ok(result)
}

//! Arithmetic on dates, times and intervals.
//!
//! An interval's months are added on the calendar (the day is cut to the month's last), then its days, then its microseconds. For a `timestamptz`
//! the first two happen on the local clock, the last on the absolute one.

pub mod interval;

use super::timezone::Named;
use super::{
    Fields, POSTGRES_EPOCH_JDATE, USECS_PER_DAY, USECS_PER_SEC, check_timestamp, civil_date, date_is_finite, date_is_valid,
    date_out_of_range, days_in_month, interval_out_of_range, julian_day, timestamp_is_finite, timestamp_out_of_range,
};
use crate::{Interval, Result, SqlError, SqlState};

/// First day that no timestamp has: 294277-01-01.
const TIMESTAMP_END_DATE: i32 = 106_751_983;

fn overflow(message: &str) -> SqlError {
    SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, message)
}

/// `date` as `timestamp`: its midnight.
///
/// # Errors
/// `22008` for a date no timestamp reaches.
pub fn date_to_timestamp(days: i32) -> Result<i64> {
    if !date_is_finite(days) {
        return Ok(if days > 0 { i64::MAX } else { i64::MIN });
    }
    if days >= TIMESTAMP_END_DATE {
        return Err(overflow("date out of range for timestamp"));
    }
    Ok(i64::from(days) * USECS_PER_DAY)
}

/// `date` as `timestamptz`: its midnight in a zone.
///
/// # Errors
/// `22008` for a date no timestamp reaches.
pub fn date_to_timestamptz(days: i32, zone: &super::TimeZone) -> Result<i64> {
    let local = date_to_timestamp(days)?;
    if !timestamp_is_finite(local) {
        return Ok(local);
    }
    let stamp = zone.to_utc(local);
    if super::timestamp_is_valid(stamp) { Ok(stamp) } else { Err(overflow("date out of range for timestamp")) }
}

/// The date of a `timestamp`.
#[must_use]
pub fn timestamp_to_date(stamp: i64) -> i32 {
    match stamp {
        i64::MIN => i32::MIN,
        i64::MAX => i32::MAX,
        finite => finite.div_euclid(USECS_PER_DAY) as i32,
    }
}

/// `timestamp` as `timestamptz`: the same clock in a zone.
///
/// # Errors
/// `22008` out of range.
pub fn timestamp_to_timestamptz(stamp: i64, zone: &super::TimeZone) -> Result<i64> {
    if timestamp_is_finite(stamp) { check_timestamp(zone.to_utc(stamp)) } else { Ok(stamp) }
}

/// `timestamptz` as `timestamp`: the clock in a zone.
///
/// # Errors
/// `22008` out of range.
pub fn timestamptz_to_timestamp(stamp: i64, zone: &super::TimeZone) -> Result<i64> {
    if timestamp_is_finite(stamp) { check_timestamp(zone.to_local(stamp)) } else { Ok(stamp) }
}

/// `date + integer`
///
/// # Errors
/// `22008` out of range.
pub fn date_plus_days(date: i32, days: i32) -> Result<i32> {
    if !date_is_finite(date) {
        return Ok(date);
    }
    date.checked_add(days).filter(|sum| date_is_valid(*sum)).ok_or_else(date_out_of_range)
}

/// `date - integer`
///
/// # Errors
/// `22008` out of range.
pub fn date_minus_days(date: i32, days: i32) -> Result<i32> {
    if !date_is_finite(date) {
        return Ok(date);
    }
    date.checked_sub(days).filter(|rest| date_is_valid(*rest)).ok_or_else(date_out_of_range)
}

/// `date - date`
///
/// # Errors
/// `22008` for infinities.
pub fn date_minus_date(a: i32, b: i32) -> Result<i32> {
    if !date_is_finite(a) || !date_is_finite(b) {
        return Err(overflow("cannot subtract infinite dates"));
    }
    Ok(a - b)
}

/// `date + time`
///
/// # Errors
/// `22008` out of range.
pub fn date_plus_time(date: i32, micros: i64) -> Result<i64> {
    let midnight = date_to_timestamp(date)?;
    if !timestamp_is_finite(midnight) {
        return Ok(midnight);
    }
    midnight.checked_add(micros).ok_or_else(timestamp_out_of_range).and_then(check_timestamp)
}

/// `date + timetz`, the zone in seconds west.
///
/// # Errors
/// `22008` out of range.
pub fn date_plus_timetz(date: i32, micros: i64, west: i32) -> Result<i64> {
    if !date_is_finite(date) {
        return date_to_timestamp(date);
    }
    // One day beyond the last is allowed, since the zone may bring it back.
    if date >= TIMESTAMP_END_DATE {
        return Err(overflow("date out of range for timestamp"));
    }
    let stamp = i64::from(date) * USECS_PER_DAY + micros + i64::from(west) * USECS_PER_SEC;
    if super::timestamp_is_valid(stamp) { Ok(stamp) } else { Err(overflow("date out of range for timestamp")) }
}

/// The fields with months and days added on the calendar.
fn add_calendar(fields: &mut Fields, months: i32, days: i32) -> Result<()> {
    if months != 0 {
        let total = i64::from(fields.year) * 12 + i64::from(fields.month - 1) + i64::from(months);
        fields.year = i32::try_from(total.div_euclid(12)).map_err(|_| timestamp_out_of_range())?;
        fields.month = total.rem_euclid(12) as i32 + 1;
        fields.day = fields.day.min(days_in_month(fields.year, fields.month));
        if !super::julian_is_valid(fields.year, fields.month) {
            return Err(timestamp_out_of_range());
        }
    }
    if days != 0 {
        let julian = julian_day(fields.year, fields.month, fields.day).checked_add(days).filter(|julian| *julian >= 0);
        (fields.year, fields.month, fields.day) = civil_date(julian.ok_or_else(timestamp_out_of_range)?);
    }
    Ok(())
}

/// `timestamp + interval`
///
/// # Errors
/// `22008` out of range.
pub fn timestamp_plus_interval(stamp: i64, span: Interval) -> Result<i64> {
    if !timestamp_is_finite(stamp) {
        return Ok(stamp);
    }
    let mut stamp = stamp;
    if span.months != 0 || span.days != 0 {
        let mut fields = Fields::from_timestamp(stamp);
        add_calendar(&mut fields, span.months, 0)?;
        stamp = fields.to_timestamp().ok_or_else(timestamp_out_of_range)?;
        add_calendar(&mut fields, 0, span.days)?;
        stamp = if span.days == 0 { stamp } else { fields.to_timestamp().ok_or_else(timestamp_out_of_range)? };
    }
    stamp.checked_add(span.micros).ok_or_else(timestamp_out_of_range).and_then(check_timestamp)
}

/// `timestamp - interval`
///
/// # Errors
/// `22008` out of range.
pub fn timestamp_minus_interval(stamp: i64, span: Interval) -> Result<i64> {
    timestamp_plus_interval(stamp, interval::negate(span)?)
}

/// `timestamptz + interval` in a zone.
///
/// # Errors
/// `22008` out of range.
pub fn timestamptz_plus_interval(stamp: i64, span: Interval, zone: &Named) -> Result<i64> {
    if !timestamp_is_finite(stamp) {
        return Ok(stamp);
    }
    let mut stamp = stamp;
    if span.months != 0 {
        stamp = on_local_clock(stamp, zone, |fields| add_calendar(fields, span.months, 0))?;
    }
    if span.days != 0 {
        stamp = on_local_clock(stamp, zone, |fields| add_calendar(fields, 0, span.days))?;
    }
    stamp.checked_add(span.micros).ok_or_else(timestamp_out_of_range).and_then(check_timestamp)
}

fn on_local_clock(stamp: i64, zone: &Named, change: impl FnOnce(&mut Fields) -> Result<()>) -> Result<i64> {
    let mut fields = Fields::from_timestamp(zone.to_local(stamp));
    change(&mut fields)?;
    instant_of(&fields, zone)
}

/// The instant of local fields in a zone.
///
/// # Errors
/// `22008` out of range.
pub fn instant_of(fields: &Fields, zone: &Named) -> Result<i64> {
    if !super::julian_is_valid(fields.year, fields.month) {
        return Err(timestamp_out_of_range());
    }
    let days = i64::from(julian_day(fields.year, fields.month, fields.day) - POSTGRES_EPOCH_JDATE);
    let local = days.checked_mul(USECS_PER_DAY).and_then(|local| local.checked_add(fields.time_micros()));
    let east = i64::from(zone.east_of_local(fields)) * USECS_PER_SEC;
    local.and_then(|local| local.checked_sub(east)).ok_or_else(timestamp_out_of_range).and_then(check_timestamp)
}

/// `timestamp - timestamp`, whole days apart.
///
/// # Errors
/// `22008` for infinities and out of range.
pub fn timestamp_minus_timestamp(a: i64, b: i64) -> Result<Interval> {
    if !timestamp_is_finite(a) || !timestamp_is_finite(b) {
        return Err(overflow("cannot subtract infinite timestamps"));
    }
    let micros = a.checked_sub(b).ok_or_else(interval_out_of_range)?;
    interval::justify_hours(Interval { months: 0, days: 0, micros })
}

/// `age(a, b)` on local clocks: years, months and days as people count them. As in PostgreSQL 16, infinity counts as the greatest timestamp that
/// 64 bits could hold.
///
/// # Errors
/// `22008` for -infinity.
pub fn age(a: i64, b: i64) -> Result<Interval> {
    if a == i64::MIN || b == i64::MIN {
        return Err(timestamp_out_of_range());
    }
    let (later, earlier, sign) = if a < b { (b, a, -1) } else { (a, b, 1) };
    let (high, low) = (Fields::from_timestamp(later), Fields::from_timestamp(earlier));
    let mut micros = high.time_micros() - low.time_micros();
    let mut days = high.day - low.day;
    let mut months = (high.year - low.year) * 12 + high.month - low.month;
    if micros < 0 {
        micros += USECS_PER_DAY;
        days -= 1;
    }
    // Borrowed days are those of the earlier date's month, as often as it takes.
    while days < 0 {
        days += days_in_month(low.year, low.month);
        months -= 1;
    }
    Ok(Interval { months: sign * months, days: sign * days, micros: i64::from(sign) * micros })
}

/// `time + interval`: days and months do not count, and midnight is passed silently.
#[must_use]
pub const fn time_plus_micros(time: i64, micros: i64) -> i64 {
    // The sum wraps as PostgreSQL's does.
    time.wrapping_add(micros).rem_euclid(USECS_PER_DAY)
}

/// `time - interval`
#[must_use]
pub const fn time_minus_micros(time: i64, micros: i64) -> i64 {
    time.wrapping_sub(micros).rem_euclid(USECS_PER_DAY)
}

/// `date_bin(stride, stamp, origin)`
///
/// # Errors
/// `0A000` for a stride in months, `22008` otherwise.
pub fn bin(stride: Interval, stamp: i64, origin: i64) -> Result<i64> {
    if !timestamp_is_finite(stamp) {
        return Ok(stamp);
    }
    if !timestamp_is_finite(origin) {
        return Err(overflow("origin out of range"));
    }
    if stride.months != 0 {
        return Err(SqlError::unsupported("timestamps cannot be binned into intervals containing months or years"));
    }
    let width = i64::from(stride.days).checked_mul(USECS_PER_DAY).and_then(|days| days.checked_add(stride.micros));
    let width = width.ok_or_else(interval_out_of_range)?;
    if width <= 0 {
        return Err(overflow("stride must be greater than zero"));
    }
    let distance = stamp.checked_sub(origin).ok_or_else(interval_out_of_range)?;
    let start = origin.checked_add(distance - distance % width).ok_or_else(timestamp_out_of_range)?;
    // A bin begins at or before what it holds, on either side of the origin.
    let start = if distance % width < 0 { start.checked_sub(width) } else { Some(start) };
    start.ok_or_else(timestamp_out_of_range).and_then(check_timestamp)
}

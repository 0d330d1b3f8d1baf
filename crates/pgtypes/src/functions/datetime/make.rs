//! Values made of numbers, and casts between the types.

use super::{date, session_zone, stamp, time, timetz};
use crate::datetime::{
    self, Fields, POSTGRES_EPOCH_JDATE, UNIX_TO_POSTGRES_SECS, USECS_PER_DAY, USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC, arithmetic,
    julian_day, julian_is_valid, timestamp_is_finite,
};
use crate::functions::args::{float8, int4, interval, text};
use crate::{CallContext, Datum, Interval, Oid, Result, SqlError, SqlState, Type, cast};

fn overflow(message: String) -> SqlError {
    SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, message)
}

/// A year as people count them, before Christ when negative.
fn checked_date(year: i32, month: i32, day: i32) -> Result<Fields> {
    let invalid = || overflow(format!("date field value out of range: {year}-{month:02}-{day:02}"));
    let astronomical = match year {
        0 | i32::MIN => return Err(invalid()),
        i32::MIN..0 => year + 1,
        _ => year,
    };
    let valid = (1..=12).contains(&month) && day >= 1 && day <= datetime::days_in_month(astronomical, month);
    if !valid {
        return Err(invalid());
    }
    Ok(Fields { year: astronomical, month, day, ..Fields::default() })
}

pub(crate) fn make_date(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (year, month, day) = (int4(args, 0)?, int4(args, 1)?, int4(args, 2)?);
    let fields = checked_date(year, month, day)?;
    let days = julian_is_valid(fields.year, month).then(|| julian_day(fields.year, month, day) - POSTGRES_EPOCH_JDATE);
    days.filter(|days| datetime::date_is_valid(*days))
        .map(Datum::Date)
        .ok_or_else(|| overflow(format!("date out of range: {}-{month:02}-{day:02}", fields.year)))
}

/// C's `%02g` of the seconds in a message.
fn seconds_text(seconds: f64) -> String {
    let mut shown = String::new();
    crate::text::float::write_general(seconds, 6, &mut shown);
    if shown.len() == 1 { format!("0{shown}") } else { shown }
}

/// Microseconds of a time of day given in parts.
fn checked_time(hour: i32, minute: i32, seconds: f64) -> Result<i64> {
    let invalid = || overflow(format!("time field value out of range: {hour}:{minute:02}:{}", seconds_text(seconds)));
    let sane = (0..=24).contains(&hour) && (0..60).contains(&minute) && (0.0..=60.0).contains(&seconds);
    if !sane {
        return Err(invalid());
    }
    let micros =
        i64::from(hour) * USECS_PER_HOUR + i64::from(minute) * USECS_PER_MINUTE + (seconds * USECS_PER_SEC as f64).round_ties_even() as i64;
    if micros > USECS_PER_DAY { Err(invalid()) } else { Ok(micros) }
}

pub(crate) fn make_time(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    checked_time(int4(args, 0)?, int4(args, 1)?, float8(args, 2)?).map(Datum::Time)
}

fn made_stamp(args: &[Datum]) -> Result<i64> {
    let (year, month, day) = (int4(args, 0)?, int4(args, 1)?, int4(args, 2)?);
    let (hour, minute, seconds) = (int4(args, 3)?, int4(args, 4)?, float8(args, 5)?);
    let fields = checked_date(year, month, day)?;
    let out_of_range =
        || overflow(format!("timestamp out of range: {year}-{month:02}-{day:02} {hour}:{minute:02}:{}", seconds_text(seconds)));
    if !julian_is_valid(fields.year, month) {
        return Err(overflow(format!("date out of range: {year}-{month:02}-{day:02}")));
    }
    let micros = checked_time(hour, minute, seconds)?;
    let days = i64::from(julian_day(fields.year, month, day) - POSTGRES_EPOCH_JDATE);
    let stamp = days.checked_mul(USECS_PER_DAY).and_then(|days| days.checked_add(micros)).ok_or_else(out_of_range)?;
    if datetime::timestamp_is_valid(stamp) { Ok(stamp) } else { Err(out_of_range()) }
}

pub(crate) fn make_timestamp(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    made_stamp(args).map(Datum::Timestamp)
}

pub(crate) fn make_timestamptz(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::timestamp_to_timestamptz(made_stamp(args)?, session_zone(call)).map(Datum::TimestampTz)
}

pub(crate) fn make_timestamptz_at_timezone(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let local = made_stamp(args)?;
    let east = datetime::parse::zone_of_local(text(args, 6)?, &Fields::from_timestamp(local))?;
    datetime::check_timestamp(local - i64::from(east) * USECS_PER_SEC).map(Datum::TimestampTz)
}

pub(crate) fn make_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let seconds = float8(args, 6)?;
    let months = int4(args, 0)?.checked_mul(12).and_then(|years| years.checked_add(int4(args, 1).ok()?));
    let days = int4(args, 2)?.checked_mul(7).and_then(|weeks| weeks.checked_add(int4(args, 3).ok()?));
    let clock = i64::from(int4(args, 4)?) * USECS_PER_HOUR + i64::from(int4(args, 5)?) * USECS_PER_MINUTE;
    let fraction = (seconds * USECS_PER_SEC as f64).round_ties_even();
    let fits = fraction >= i64::MIN as f64 && fraction < -(i64::MIN as f64);
    match (months, days, clock.checked_add(fraction as i64)) {
        (Some(months), Some(days), Some(micros)) if fits => Ok(Datum::Interval(Interval { months, days, micros })),
        _ => Err(datetime::interval_out_of_range()),
    }
}

/// `to_timestamp(double precision)`
pub(crate) fn float8_timestamptz(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let seconds = float8(args, 0)?;
    if seconds.is_nan() {
        return Err(overflow("timestamp cannot be NaN".to_owned()));
    }
    if seconds.is_infinite() {
        return Ok(Datum::TimestampTz(if seconds > 0.0 { i64::MAX } else { i64::MIN }));
    }
    let out_of_range = || {
        let mut shown = String::new();
        crate::text::float::write_general(seconds, 6, &mut shown);
        overflow(format!("timestamp out of range: \"{shown}\""))
    };
    let least = (datetime::MIN_TIMESTAMP / USECS_PER_SEC + UNIX_TO_POSTGRES_SECS) as f64;
    let end = (datetime::END_TIMESTAMP / USECS_PER_SEC + UNIX_TO_POSTGRES_SECS) as f64;
    if seconds < least || seconds >= end {
        return Err(out_of_range());
    }
    let stamp = ((seconds - UNIX_TO_POSTGRES_SECS as f64) * USECS_PER_SEC as f64).round_ties_even() as i64;
    if datetime::timestamp_is_valid(stamp) { Ok(Datum::TimestampTz(stamp)) } else { Err(out_of_range()) }
}

fn scaled(args: &[Datum], oid: Oid) -> Result<Datum> {
    cast::coerce_typmod(args[0].clone(), Type::new(oid, int4(args, 1)?), true)
}

pub(crate) fn interval_scale(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    scaled(args, Oid::INTERVAL)
}

pub(crate) fn timestamp_scale(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    scaled(args, Oid::TIMESTAMP)
}

pub(crate) fn timestamptz_scale(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    scaled(args, Oid::TIMESTAMPTZ)
}

pub(crate) fn time_scale(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    scaled(args, Oid::TIME)
}

pub(crate) fn timetz_scale(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    scaled(args, Oid::TIMETZ)
}

pub(crate) fn date_timestamp(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::date_to_timestamp(date(args, 0)?).map(Datum::Timestamp)
}

pub(crate) fn date_timestamptz(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::date_to_timestamptz(date(args, 0)?, session_zone(call)).map(Datum::TimestampTz)
}

pub(crate) fn timestamp_date(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Date(arithmetic::timestamp_to_date(stamp(args, 0)?)))
}

pub(crate) fn timestamptz_date(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let stamp = stamp(args, 0)?;
    let local = if timestamp_is_finite(stamp) { session_zone(call).to_local(stamp) } else { stamp };
    Ok(Datum::Date(arithmetic::timestamp_to_date(local)))
}

pub(crate) fn timestamp_timestamptz(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::timestamp_to_timestamptz(stamp(args, 0)?, session_zone(call)).map(Datum::TimestampTz)
}

pub(crate) fn timestamptz_timestamp(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::timestamptz_to_timestamp(stamp(args, 0)?, session_zone(call)).map(Datum::Timestamp)
}

pub(crate) fn timestamp_time(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let stamp = stamp(args, 0)?;
    Ok(if timestamp_is_finite(stamp) { Datum::Time(stamp.rem_euclid(USECS_PER_DAY)) } else { Datum::Null })
}

pub(crate) fn timestamptz_time(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let stamp = stamp(args, 0)?;
    Ok(if timestamp_is_finite(stamp) { Datum::Time(session_zone(call).to_local(stamp).rem_euclid(USECS_PER_DAY)) } else { Datum::Null })
}

pub(crate) fn timestamptz_timetz(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let stamp = stamp(args, 0)?;
    if !timestamp_is_finite(stamp) {
        return Ok(Datum::Null);
    }
    let east = session_zone(call).east_at(stamp);
    Ok(Datum::TimeTz { micros: (stamp + i64::from(east) * USECS_PER_SEC).rem_euclid(USECS_PER_DAY), zone: -east })
}

pub(crate) fn time_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Interval(Interval { micros: time(args, 0)?, ..Interval::default() }))
}

pub(crate) fn interval_time(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Time(interval(args, 0)?.micros.rem_euclid(USECS_PER_DAY)))
}

pub(crate) fn timetz_time(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Time(timetz(args, 0)?.0))
}

/// The zone is the session's on today's date.
pub(crate) fn time_timetz(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let micros = time(args, 0)?;
    let mut fields = Fields::from_date(datetime::now::current_date(call.eval));
    fields.set_time(micros);
    Ok(Datum::TimeTz { micros, zone: -session_zone(call).east_of_local(&fields) })
}

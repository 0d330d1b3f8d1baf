//! Sums and differences.

use super::{date, session_named, stamp, time, timetz};
use crate::datetime::arithmetic::{self, interval};
use crate::datetime::timezone::Named;
use crate::datetime::{self, TimeZone, USECS_PER_DAY};
use crate::functions::args::{float8, int4, interval as span, text};
use crate::{CallContext, Datum, Interval, Result, SqlError};

pub(crate) fn date_pli(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::date_plus_days(date(args, 0)?, int4(args, 1)?).map(Datum::Date)
}

pub(crate) fn integer_pl_date(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::date_plus_days(date(args, 1)?, int4(args, 0)?).map(Datum::Date)
}

pub(crate) fn date_mii(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::date_minus_days(date(args, 0)?, int4(args, 1)?).map(Datum::Date)
}

pub(crate) fn date_mi(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::date_minus_date(date(args, 0)?, date(args, 1)?).map(Datum::Int4)
}

fn date_plus(days: i32, span: Interval) -> Result<Datum> {
    arithmetic::timestamp_plus_interval(arithmetic::date_to_timestamp(days)?, span).map(Datum::Timestamp)
}

pub(crate) fn date_pl_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    date_plus(date(args, 0)?, span(args, 1)?)
}

pub(crate) fn interval_pl_date(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    date_plus(date(args, 1)?, span(args, 0)?)
}

pub(crate) fn date_mi_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    date_plus(date(args, 0)?, interval::negate(span(args, 1)?)?)
}

pub(crate) fn datetime_timestamp(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::date_plus_time(date(args, 0)?, time(args, 1)?).map(Datum::Timestamp)
}

pub(crate) fn timedate_pl(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::date_plus_time(date(args, 1)?, time(args, 0)?).map(Datum::Timestamp)
}

pub(crate) fn datetimetz_timestamptz(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (micros, west) = timetz(args, 1)?;
    arithmetic::date_plus_timetz(date(args, 0)?, micros, west).map(Datum::TimestampTz)
}

pub(crate) fn timetzdate_pl(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (micros, west) = timetz(args, 0)?;
    arithmetic::date_plus_timetz(date(args, 1)?, micros, west).map(Datum::TimestampTz)
}

pub(crate) fn date_time_timestamptz(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let local = arithmetic::date_plus_time(date(args, 0)?, time(args, 1)?)?;
    arithmetic::timestamp_to_timestamptz(local, super::session_zone(call)).map(Datum::TimestampTz)
}

pub(crate) fn timestamp_pl_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::timestamp_plus_interval(stamp(args, 0)?, span(args, 1)?).map(Datum::Timestamp)
}

pub(crate) fn interval_pl_timestamp(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::timestamp_plus_interval(stamp(args, 1)?, span(args, 0)?).map(Datum::Timestamp)
}

pub(crate) fn timestamp_mi_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::timestamp_minus_interval(stamp(args, 0)?, span(args, 1)?).map(Datum::Timestamp)
}

fn instant_plus(stamp: i64, span: Interval, zone: &Named) -> Result<Datum> {
    arithmetic::timestamptz_plus_interval(stamp, span, zone).map(Datum::TimestampTz)
}

pub(crate) fn timestamptz_pl_interval(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    instant_plus(stamp(args, 0)?, span(args, 1)?, &session_named(call))
}

pub(crate) fn interval_pl_timestamptz(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    instant_plus(stamp(args, 1)?, span(args, 0)?, &session_named(call))
}

pub(crate) fn timestamptz_mi_interval(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    instant_plus(stamp(args, 0)?, interval::negate(span(args, 1)?)?, &session_named(call))
}

pub(crate) fn timestamptz_pl_interval_at_zone(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    instant_plus(stamp(args, 0)?, span(args, 1)?, &TimeZone::named(text(args, 2)?)?)
}

pub(crate) fn timestamptz_mi_interval_at_zone(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    instant_plus(stamp(args, 0)?, interval::negate(span(args, 1)?)?, &TimeZone::named(text(args, 2)?)?)
}

pub(crate) fn timestamp_mi(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::timestamp_minus_timestamp(stamp(args, 0)?, stamp(args, 1)?).map(Datum::Interval)
}

pub(crate) fn timestamp_age(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::age(stamp(args, 0)?, stamp(args, 1)?).map(Datum::Interval)
}

fn local(call: &CallContext<'_>, stamp: i64) -> i64 {
    if stamp == i64::MIN { stamp } else { super::session_zone(call).to_local(stamp) }
}

pub(crate) fn timestamptz_age(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::age(local(call, stamp(args, 0)?), local(call, stamp(args, 1)?)).map(Datum::Interval)
}

fn today(call: &CallContext<'_>) -> i64 {
    i64::from(datetime::now::current_date(call.eval)) * USECS_PER_DAY
}

pub(crate) fn age_today(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::age(today(call), stamp(args, 0)?).map(Datum::Interval)
}

pub(crate) fn age_today_tz(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::age(today(call), local(call, stamp(args, 0)?)).map(Datum::Interval)
}

pub(crate) fn time_pl_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Time(arithmetic::time_plus_micros(time(args, 0)?, span(args, 1)?.micros)))
}

pub(crate) fn interval_pl_time(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Time(arithmetic::time_plus_micros(time(args, 1)?, span(args, 0)?.micros)))
}

pub(crate) fn time_mi_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Time(arithmetic::time_minus_micros(time(args, 0)?, span(args, 1)?.micros)))
}

pub(crate) fn time_mi_time(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Interval(Interval { micros: time(args, 0)? - time(args, 1)?, ..Interval::default() }))
}

pub(crate) fn timetz_pl_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (micros, zone) = timetz(args, 0)?;
    Ok(Datum::TimeTz { micros: arithmetic::time_plus_micros(micros, span(args, 1)?.micros), zone })
}

pub(crate) fn interval_pl_timetz(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (micros, zone) = timetz(args, 1)?;
    Ok(Datum::TimeTz { micros: arithmetic::time_plus_micros(micros, span(args, 0)?.micros), zone })
}

pub(crate) fn timetz_mi_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (micros, zone) = timetz(args, 0)?;
    Ok(Datum::TimeTz { micros: arithmetic::time_minus_micros(micros, span(args, 1)?.micros), zone })
}

pub(crate) fn interval_um(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    interval::negate(span(args, 0)?).map(Datum::Interval)
}

pub(crate) fn interval_pl(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    interval::add(span(args, 0)?, span(args, 1)?).map(Datum::Interval)
}

pub(crate) fn interval_mi(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    interval::sub(span(args, 0)?, span(args, 1)?).map(Datum::Interval)
}

pub(crate) fn interval_mul(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    interval::multiply(span(args, 0)?, float8(args, 1)?).map(Datum::Interval)
}

pub(crate) fn mul_d_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    interval::multiply(span(args, 1)?, float8(args, 0)?).map(Datum::Interval)
}

pub(crate) fn interval_div(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    interval::divide(span(args, 0)?, float8(args, 1)?).map(Datum::Interval)
}

pub(crate) fn interval_justify_hours(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    interval::justify_hours(span(args, 0)?).map(Datum::Interval)
}

pub(crate) fn interval_justify_days(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    interval::justify_days(span(args, 0)?).map(Datum::Interval)
}

pub(crate) fn interval_justify_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    interval::justify_interval(span(args, 0)?).map(Datum::Interval)
}

pub(crate) fn timestamp_bin(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::bin(span(args, 0)?, stamp(args, 1)?, stamp(args, 2)?).map(Datum::Timestamp)
}

pub(crate) fn timestamptz_bin(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    arithmetic::bin(span(args, 0)?, stamp(args, 1)?, stamp(args, 2)?).map(Datum::TimestampTz)
}

/// `(start, end) OVERLAPS (start, end)`; an end may be given as a length.
pub(crate) fn overlaps(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let first = ordered(args[0].clone(), range_end(call, &args[0], &args[1])?);
    let second = ordered(args[2].clone(), range_end(call, &args[2], &args[3])?);
    let (Some(first), Some(second)) = (first, second) else { return Ok(Datum::Null) };
    let (earlier, later) = match crate::compare::compare(&first.0, &second.0) {
        std::cmp::Ordering::Equal => return Ok(if first.1.is_null() || second.1.is_null() { Datum::Null } else { Datum::Bool(true) }),
        std::cmp::Ordering::Less => (first, second),
        std::cmp::Ordering::Greater => (second, first),
    };
    if earlier.1.is_null() {
        return Ok(Datum::Null);
    }
    if crate::compare::compare(&later.0, &earlier.1).is_lt() {
        return Ok(Datum::Bool(true));
    }
    Ok(if later.1.is_null() { Datum::Null } else { Datum::Bool(false) })
}

fn range_end(call: &CallContext<'_>, start: &Datum, end: &Datum) -> Result<Datum> {
    let Datum::Interval(length) = end else { return Ok(end.clone()) };
    match start {
        Datum::Null => Ok(Datum::Null),
        Datum::Time(time) => Ok(Datum::Time(arithmetic::time_plus_micros(*time, length.micros))),
        Datum::Timestamp(stamp) => arithmetic::timestamp_plus_interval(*stamp, *length).map(Datum::Timestamp),
        Datum::TimestampTz(stamp) => instant_plus(*stamp, *length, &session_named(call)),
        other => Err(SqlError::internal(format!("OVERLAPS of {other:?}"))),
    }
}

/// The range with its start first, NULL taken for its end; `None` when both are NULL.
fn ordered(start: Datum, end: Datum) -> Option<(Datum, Datum)> {
    match (start.is_null(), end.is_null()) {
        (true, true) => None,
        (true, false) => Some((end, start)),
        (false, true) => Some((start, end)),
        (false, false) if crate::compare::compare(&start, &end).is_gt() => Some((end, start)),
        (false, false) => Some((start, end)),
    }
}

//! `timezone(zone, value)`, which is `value AT TIME ZONE zone`.

use super::{stamp, timetz};
use crate::datetime::timezone::Named;
use crate::datetime::{self, TimeZone, USECS_PER_DAY, USECS_PER_SEC, timestamp_is_finite};
use crate::functions::args::{interval, invalid_parameter, text};
use crate::{CallContext, Datum, IntervalStyle, Result};

/// A displacement given as an interval.
fn displacement(args: &[Datum]) -> Result<Named> {
    let span = interval(args, 0)?;
    if span.months != 0 || span.days != 0 {
        let shown = datetime::format::interval(span, IntervalStyle::Postgres);
        return Err(invalid_parameter(format!("interval time zone \"{}\" must not include months or days", shown.as_str())));
    }
    Ok(Named::Fixed((span.micros / USECS_PER_SEC) as i32, false))
}

fn to_instant(local: i64, zone: impl FnOnce() -> Result<Named>) -> Result<Datum> {
    if !timestamp_is_finite(local) {
        return Ok(Datum::TimestampTz(local));
    }
    datetime::check_timestamp(zone()?.to_utc(local)).map(Datum::TimestampTz)
}

fn to_clock(stamp: i64, zone: impl FnOnce() -> Result<Named>) -> Result<Datum> {
    if !timestamp_is_finite(stamp) {
        return Ok(Datum::Timestamp(stamp));
    }
    datetime::check_timestamp(zone()?.to_local(stamp)).map(Datum::Timestamp)
}

pub(crate) fn timestamp_zone(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    to_instant(stamp(args, 1)?, || TimeZone::named(text(args, 0)?))
}

pub(crate) fn timestamp_izone(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    to_instant(stamp(args, 1)?, || displacement(args))
}

pub(crate) fn timestamptz_zone(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    to_clock(stamp(args, 1)?, || TimeZone::named(text(args, 0)?))
}

pub(crate) fn timestamptz_izone(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    to_clock(stamp(args, 1)?, || displacement(args))
}

fn shift((micros, west): (i64, i32), east: i32) -> Datum {
    let utc = micros + i64::from(west) * USECS_PER_SEC;
    Datum::TimeTz { micros: (utc + i64::from(east) * USECS_PER_SEC).rem_euclid(USECS_PER_DAY), zone: -east }
}

/// The zone's displacement is that of now.
pub(crate) fn timetz_zone(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let zone = TimeZone::named(text(args, 0)?)?;
    Ok(shift(timetz(args, 1)?, zone.east_at(call.eval.transaction_timestamp)))
}

pub(crate) fn timetz_izone(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let zone = displacement(args)?;
    Ok(shift(timetz(args, 1)?, zone.east_at(0)))
}

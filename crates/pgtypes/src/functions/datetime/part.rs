//! `extract`, `date_part`, `date_trunc`, `isfinite`.

use super::{date, session_named, session_zone, stamp, time, timetz};
use crate::datetime::extract::{self, Part};
use crate::datetime::timezone::Named;
use crate::datetime::{TimeZone, arithmetic, date_is_finite, timestamp_is_finite, trunc};
use crate::functions::args::{interval, text};
use crate::{CallContext, Datum, Result};

fn numeric(part: Part) -> Result<Datum> {
    Ok(part.to_numeric()?.map_or(Datum::Null, |value| Datum::Numeric(std::sync::Arc::new(value))))
}

fn float(part: Part) -> Datum {
    part.to_float().map_or(Datum::Null, Datum::Float8)
}

/// The local clock and displacement of a `timestamptz`, as extraction wants them.
fn local(call: &CallContext<'_>, stamp: i64) -> (i64, i32) {
    if !timestamp_is_finite(stamp) {
        return (stamp, 0);
    }
    let east = session_zone(call).east_at(stamp);
    (stamp.saturating_add(i64::from(east) * crate::datetime::USECS_PER_SEC), east)
}

fn timestamptz_field(call: &CallContext<'_>, args: &[Datum]) -> Result<Part> {
    let (clock, east) = local(call, stamp(args, 1)?);
    extract::timestamp(text(args, 0)?, clock, Some(east))
}

fn timetz_field(args: &[Datum]) -> Result<Part> {
    let (micros, west) = timetz(args, 1)?;
    extract::time(text(args, 0)?, micros, Some(west))
}

pub(crate) fn extract_date(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric(extract::date(text(args, 0)?, date(args, 1)?)?)
}

pub(crate) fn extract_time(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric(extract::time(text(args, 0)?, time(args, 1)?, None)?)
}

pub(crate) fn extract_timetz(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric(timetz_field(args)?)
}

pub(crate) fn extract_timestamp(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric(extract::timestamp(text(args, 0)?, stamp(args, 1)?, None)?)
}

pub(crate) fn extract_timestamptz(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric(timestamptz_field(call, args)?)
}

pub(crate) fn extract_interval(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    numeric(extract::interval(text(args, 0)?, interval(args, 1)?)?)
}

/// `date_part` of a date is that of its midnight.
pub(crate) fn date_part_date(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(float(extract::timestamp(text(args, 0)?, arithmetic::date_to_timestamp(date(args, 1)?)?, None)?))
}

pub(crate) fn time_part(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(float(extract::time(text(args, 0)?, time(args, 1)?, None)?))
}

pub(crate) fn timetz_part(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(float(timetz_field(args)?))
}

pub(crate) fn timestamp_part(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(float(extract::timestamp(text(args, 0)?, stamp(args, 1)?, None)?))
}

pub(crate) fn timestamptz_part(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(float(timestamptz_field(call, args)?))
}

pub(crate) fn interval_part(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(float(extract::interval(text(args, 0)?, interval(args, 1)?)?))
}

pub(crate) fn timestamp_trunc(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    trunc::timestamp(text(args, 0)?, stamp(args, 1)?).map(Datum::Timestamp)
}

fn trunc_in(args: &[Datum], zone: &Named) -> Result<Datum> {
    trunc::timestamptz(text(args, 0)?, stamp(args, 1)?, zone).map(Datum::TimestampTz)
}

pub(crate) fn timestamptz_trunc(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    trunc_in(args, &session_named(call))
}

pub(crate) fn timestamptz_trunc_zone(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    // An infinite value stays without a look at the zone.
    if !timestamp_is_finite(stamp(args, 1)?) {
        return Ok(args[1].clone());
    }
    trunc_in(args, &TimeZone::named(text(args, 2)?)?)
}

pub(crate) fn interval_trunc(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    trunc::interval(text(args, 0)?, interval(args, 1)?).map(Datum::Interval)
}

pub(crate) fn date_finite(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(date_is_finite(date(args, 0)?)))
}

pub(crate) fn timestamp_finite(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(timestamp_is_finite(stamp(args, 0)?)))
}

pub(crate) fn interval_finite(_: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(true))
}

//! Dates, times and intervals: the functions behind `pg_proc`'s rows. The calculations are in [`crate::datetime`]; here arguments are taken apart.

mod clock;
mod compare;
mod make;
mod part;
mod plus;
mod series;
mod template;
mod zone;

pub(crate) use clock::*;
pub(crate) use compare::*;
pub(crate) use make::*;
pub(crate) use part::*;
pub(crate) use plus::*;
pub(crate) use series::*;
pub(crate) use template::*;
pub(crate) use zone::*;

use crate::datetime::TimeZone;
use crate::datetime::timezone::Named;
use crate::{CallContext, Datum, Result, SqlError};

#[cold]
fn mismatch(wanted: &str, found: Option<&Datum>) -> SqlError {
    SqlError::internal(format!("function argument: expected {wanted}, found {found:?}"))
}

#[inline]
fn date(args: &[Datum], index: usize) -> Result<i32> {
    match args.get(index) {
        Some(Datum::Date(value)) => Ok(*value),
        other => Err(mismatch("date", other)),
    }
}

#[inline]
fn time(args: &[Datum], index: usize) -> Result<i64> {
    match args.get(index) {
        Some(Datum::Time(value)) => Ok(*value),
        other => Err(mismatch("time", other)),
    }
}

/// Local microseconds and seconds west.
#[inline]
fn timetz(args: &[Datum], index: usize) -> Result<(i64, i32)> {
    match args.get(index) {
        Some(Datum::TimeTz { micros, zone }) => Ok((*micros, *zone)),
        other => Err(mismatch("timetz", other)),
    }
}

/// Either kind of timestamp.
#[inline]
fn stamp(args: &[Datum], index: usize) -> Result<i64> {
    match args.get(index) {
        Some(Datum::Timestamp(value) | Datum::TimestampTz(value)) => Ok(*value),
        other => Err(mismatch("timestamp", other)),
    }
}

fn session_zone<'a>(call: &CallContext<'a>) -> &'a TimeZone {
    &call.eval.settings.time_zone
}

fn session_named(call: &CallContext<'_>) -> Named {
    Named::Zone(session_zone(call).clone())
}

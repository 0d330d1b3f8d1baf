//! `generate_series` over timestamps.

use super::{session_named, stamp};
use crate::compare::interval_span;
use crate::datetime::TimeZone;
use crate::datetime::arithmetic::{timestamp_plus_interval, timestamptz_plus_interval};
use crate::functions::args::{interval, invalid_parameter, text};
use crate::{CallContext, Datum, Interval, Result};

type Rows = crate::RowSet;

/// Values from `next` to `last` by a step in either direction.
struct Series<F> {
    next: Option<i64>,
    last: i64,
    ascending: bool,
    plus: F,
    make: fn(i64) -> Datum,
}

impl<F: Fn(i64) -> Result<i64>> Iterator for Series<F> {
    type Item = Result<Vec<Datum>>;

    fn next(&mut self) -> Option<Self::Item> {
        let value = self.next.take()?;
        let within = if self.ascending { value <= self.last } else { value >= self.last };
        if !within {
            return None;
        }
        match (self.plus)(value) {
            // A step that leads nowhere, from an infinity, would never end.
            Ok(next) if next != value => self.next = Some(next),
            Ok(_) => {}
            Err(error) => return Some(Err(error)),
        }
        Some(Ok(vec![(self.make)(value)]))
    }
}

fn series(args: &[Datum], make: fn(i64) -> Datum, plus: impl Fn(i64, Interval) -> Result<i64> + Send + 'static) -> Result<Rows> {
    let step = interval(args, 2)?;
    let length = interval_span(step);
    if length == 0 {
        return Err(invalid_parameter("step size cannot equal zero"));
    }
    let plus = move |value| plus(value, step);
    Ok(Box::new(Series { next: Some(stamp(args, 0)?), last: stamp(args, 1)?, ascending: length > 0, plus, make }))
}

pub(crate) fn generate_series_timestamp(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    series(args, Datum::Timestamp, timestamp_plus_interval)
}

pub(crate) fn generate_series_timestamptz(call: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    let zone = session_named(call);
    series(args, Datum::TimestampTz, move |value, step| timestamptz_plus_interval(value, step, &zone))
}

pub(crate) fn generate_series_timestamptz_at_zone(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    let zone = TimeZone::named(text(args, 3)?)?;
    series(args, Datum::TimestampTz, move |value, step| timestamptz_plus_interval(value, step, &zone))
}

//! Comparisons within and across the types.

use std::cmp::Ordering;

use super::{date, session_zone, stamp};
use crate::compare::{compare, date_stamp, wide_stamp};
use crate::datetime::{self, date_is_finite, timestamp_is_finite};
use crate::{CallContext, Datum, Result};

/// Two values of one type.
fn same(_: &CallContext<'_>, args: &[Datum]) -> Result<Ordering> {
    Ok(compare(&args[0], &args[1]))
}

/// A date's midnight in the session's zone.
fn midnight_utc(call: &CallContext<'_>, days: i32) -> i128 {
    if !date_is_finite(days) {
        return date_stamp(days);
    }
    let east = session_zone(call).east_of_local(&datetime::Fields::from_date(days));
    date_stamp(days) - i128::from(east) * i128::from(datetime::USECS_PER_SEC)
}

fn utc(call: &CallContext<'_>, local: i64) -> i64 {
    if timestamp_is_finite(local) { session_zone(call).to_utc(local) } else { local }
}

fn date_timestamp(_: &CallContext<'_>, args: &[Datum]) -> Result<Ordering> {
    Ok(date_stamp(date(args, 0)?).cmp(&wide_stamp(stamp(args, 1)?)))
}

fn timestamp_date(_: &CallContext<'_>, args: &[Datum]) -> Result<Ordering> {
    Ok(wide_stamp(stamp(args, 0)?).cmp(&date_stamp(date(args, 1)?)))
}

fn date_timestamptz(call: &CallContext<'_>, args: &[Datum]) -> Result<Ordering> {
    Ok(midnight_utc(call, date(args, 0)?).cmp(&wide_stamp(stamp(args, 1)?)))
}

fn timestamptz_date(call: &CallContext<'_>, args: &[Datum]) -> Result<Ordering> {
    Ok(wide_stamp(stamp(args, 0)?).cmp(&midnight_utc(call, date(args, 1)?)))
}

fn timestamp_timestamptz(call: &CallContext<'_>, args: &[Datum]) -> Result<Ordering> {
    Ok(utc(call, stamp(args, 0)?).cmp(&stamp(args, 1)?))
}

fn timestamptz_timestamp(call: &CallContext<'_>, args: &[Datum]) -> Result<Ordering> {
    Ok(stamp(args, 0)?.cmp(&utc(call, stamp(args, 1)?)))
}

macro_rules! tests {
    ($($name:ident = $order:ident, $test:ident;)*) => {
        $(pub(crate) fn $name(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(Datum::Bool($order(call, args)?.$test()))
        })*
    };
}

macro_rules! orders {
    ($($name:ident = $order:ident;)*) => {
        $(pub(crate) fn $name(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(Datum::Int4($order(call, args)? as i32))
        })*
    };
}

macro_rules! extremes {
    ($($larger:ident, $smaller:ident;)*) => {
        $(pub(crate) fn $larger(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(args[usize::from(!same(call, args)?.is_gt())].clone())
        }

        pub(crate) fn $smaller(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(args[usize::from(!same(call, args)?.is_lt())].clone())
        })*
    };
}

tests! {
    date_eq = same, is_eq;
    date_eq_timestamp = date_timestamp, is_eq;
    date_eq_timestamptz = date_timestamptz, is_eq;
    date_ge = same, is_ge;
    date_ge_timestamp = date_timestamp, is_ge;
    date_ge_timestamptz = date_timestamptz, is_ge;
    date_gt = same, is_gt;
    date_gt_timestamp = date_timestamp, is_gt;
    date_gt_timestamptz = date_timestamptz, is_gt;
    date_le = same, is_le;
    date_le_timestamp = date_timestamp, is_le;
    date_le_timestamptz = date_timestamptz, is_le;
    date_lt = same, is_lt;
    date_lt_timestamp = date_timestamp, is_lt;
    date_lt_timestamptz = date_timestamptz, is_lt;
    date_ne = same, is_ne;
    date_ne_timestamp = date_timestamp, is_ne;
    date_ne_timestamptz = date_timestamptz, is_ne;
    interval_eq = same, is_eq;
    interval_ge = same, is_ge;
    interval_gt = same, is_gt;
    interval_le = same, is_le;
    interval_lt = same, is_lt;
    interval_ne = same, is_ne;
    time_eq = same, is_eq;
    time_ge = same, is_ge;
    time_gt = same, is_gt;
    time_le = same, is_le;
    time_lt = same, is_lt;
    time_ne = same, is_ne;
    timestamp_eq = same, is_eq;
    timestamp_eq_date = timestamp_date, is_eq;
    timestamp_eq_timestamptz = timestamp_timestamptz, is_eq;
    timestamp_ge = same, is_ge;
    timestamp_ge_date = timestamp_date, is_ge;
    timestamp_ge_timestamptz = timestamp_timestamptz, is_ge;
    timestamp_gt = same, is_gt;
    timestamp_gt_date = timestamp_date, is_gt;
    timestamp_gt_timestamptz = timestamp_timestamptz, is_gt;
    timestamp_le = same, is_le;
    timestamp_le_date = timestamp_date, is_le;
    timestamp_le_timestamptz = timestamp_timestamptz, is_le;
    timestamp_lt = same, is_lt;
    timestamp_lt_date = timestamp_date, is_lt;
    timestamp_lt_timestamptz = timestamp_timestamptz, is_lt;
    timestamp_ne = same, is_ne;
    timestamp_ne_date = timestamp_date, is_ne;
    timestamp_ne_timestamptz = timestamp_timestamptz, is_ne;
    timestamptz_eq_date = timestamptz_date, is_eq;
    timestamptz_eq_timestamp = timestamptz_timestamp, is_eq;
    timestamptz_ge_date = timestamptz_date, is_ge;
    timestamptz_ge_timestamp = timestamptz_timestamp, is_ge;
    timestamptz_gt_date = timestamptz_date, is_gt;
    timestamptz_gt_timestamp = timestamptz_timestamp, is_gt;
    timestamptz_le_date = timestamptz_date, is_le;
    timestamptz_le_timestamp = timestamptz_timestamp, is_le;
    timestamptz_lt_date = timestamptz_date, is_lt;
    timestamptz_lt_timestamp = timestamptz_timestamp, is_lt;
    timestamptz_ne_date = timestamptz_date, is_ne;
    timestamptz_ne_timestamp = timestamptz_timestamp, is_ne;
    timetz_eq = same, is_eq;
    timetz_ge = same, is_ge;
    timetz_gt = same, is_gt;
    timetz_le = same, is_le;
    timetz_lt = same, is_lt;
    timetz_ne = same, is_ne;
}

orders! {
    date_cmp = same;
    time_cmp = same;
    timetz_cmp = same;
    timestamp_cmp = same;
    interval_cmp = same;
    date_cmp_timestamp = date_timestamp;
    date_cmp_timestamptz = date_timestamptz;
    timestamp_cmp_date = timestamp_date;
    timestamp_cmp_timestamptz = timestamp_timestamptz;
    timestamptz_cmp_date = timestamptz_date;
    timestamptz_cmp_timestamp = timestamptz_timestamp;
}

extremes! {
    date_larger, date_smaller;
    time_larger, time_smaller;
    timetz_larger, timetz_smaller;
    timestamp_larger, timestamp_smaller;
    interval_larger, interval_smaller;
}

//! The clock as SQL's special words give it. They are no functions of `pg_proc`; the binder maps the words here.

use super::{Fields, TimeZone, USECS_PER_DAY, arithmetic, round_micros};
use crate::{EvalContext, Result};

/// `CURRENT_DATE`
#[must_use]
pub fn current_date(ctx: &EvalContext<'_>) -> i32 {
    arithmetic::timestamp_to_date(ctx.settings.time_zone.to_local(ctx.transaction_timestamp))
}

/// `CURRENT_TIME(precision)`: local microseconds and seconds west; -1 is no precision.
#[must_use]
pub fn current_time(ctx: &EvalContext<'_>, precision: i32) -> (i64, i32) {
    let east = ctx.settings.time_zone.east_at(ctx.transaction_timestamp);
    (local_time(ctx, precision), -east)
}

/// `LOCALTIME(precision)`
#[must_use]
pub fn local_time(ctx: &EvalContext<'_>, precision: i32) -> i64 {
    round_micros(ctx.settings.time_zone.to_local(ctx.transaction_timestamp).rem_euclid(USECS_PER_DAY), precision)
}

/// `CURRENT_TIMESTAMP(precision)`
#[must_use]
pub fn current_timestamp(ctx: &EvalContext<'_>, precision: i32) -> i64 {
    round_micros(ctx.transaction_timestamp, precision)
}

/// `LOCALTIMESTAMP(precision)`
///
/// # Errors
/// `22008` out of range.
pub fn local_timestamp(ctx: &EvalContext<'_>, precision: i32) -> Result<i64> {
    arithmetic::timestamptz_to_timestamp(ctx.transaction_timestamp, &ctx.settings.time_zone).map(|local| round_micros(local, precision))
}

/// `timeofday()`: the clock as text.
#[must_use]
pub fn time_of_day(clock: i64, zone: &TimeZone) -> String {
    let at = zone.instant(clock);
    let fields = Fields::from_timestamp(zone.to_local(clock));
    let day = &super::format::DAYS[fields.weekday() as usize][..3];
    let month = &super::format::MONTHS[(fields.month - 1) as usize][..3];
    format!(
        "{day} {month} {:02} {:02}:{:02}:{:02}.{:06} {:04} {}",
        fields.day, fields.hour, fields.minute, fields.second, fields.micros, fields.year, at.abbreviation
    )
}

//! Dates, times and intervals: the calendar, their text forms, and arithmetic on them.
//!
//! The calendar is the proleptic Gregorian one, counted in days since 2000-01-01 or microseconds since that midnight; years before 1 are
//! astronomical here (0 is 1 BC) and get their `BC` at the edge. Dates reach from 4714-11-24 BC to 5874897 AD, timestamps to 294276 AD;
//! the ends of the integers are the infinities.

mod abbreviations;
pub mod arithmetic;
pub mod extract;
pub mod format;
pub mod interval_text;
mod keywords;
pub mod now;
pub mod parse;
pub mod template;
#[cfg(test)]
mod tests;
pub mod timezone;
mod tokens;
pub mod trunc;

pub use timezone::TimeZone;

use crate::{Result, SqlError, SqlState};

/// Microseconds in a second.
pub const USECS_PER_SEC: i64 = 1_000_000;
/// Microseconds in a minute.
pub const USECS_PER_MINUTE: i64 = 60 * USECS_PER_SEC;
/// Microseconds in an hour.
pub const USECS_PER_HOUR: i64 = 60 * USECS_PER_MINUTE;
/// Microseconds in a day of 24 hours.
pub const USECS_PER_DAY: i64 = 24 * USECS_PER_HOUR;
/// Seconds in a day of 24 hours.
pub const SECS_PER_DAY: i64 = 86_400;
/// Days in a month where an interval's months must be counted as days.
pub const DAYS_PER_MONTH: i32 = 30;
/// Julian day of 2000-01-01.
pub const POSTGRES_EPOCH_JDATE: i32 = 2_451_545;
/// Julian day of 1970-01-01.
pub const UNIX_EPOCH_JDATE: i32 = 2_440_588;
/// Seconds from the Unix epoch to 2000-01-01.
pub const UNIX_TO_POSTGRES_SECS: i64 = (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) as i64 * SECS_PER_DAY;
/// First timestamp: 4714-11-24 BC.
pub const MIN_TIMESTAMP: i64 = -211_813_488_000_000_000;
/// First instant after the last timestamp: 294277-01-01.
pub const END_TIMESTAMP: i64 = 9_223_371_331_200_000_000;
/// First date: 4714-11-24 BC, Julian day 0.
pub const MIN_DATE: i32 = -POSTGRES_EPOCH_JDATE;
/// First day after the last date: 5874898-01-01.
pub const END_DATE: i32 = 2_147_483_494 - POSTGRES_EPOCH_JDATE;
/// Largest zone displacement in seconds, exclusive: just under sixteen hours.
pub const TZDISP_LIMIT: i32 = 16 * 3600;

/// A broken-down local time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs)]
pub struct Fields {
    /// Astronomical: 0 is 1 BC.
    pub year: i32,
    /// 1..=12
    pub month: i32,
    /// 1..=31
    pub day: i32,
    pub hour: i32,
    pub minute: i32,
    pub second: i32,
    pub micros: i32,
}

impl Fields {
    /// Time of day in microseconds.
    #[must_use]
    pub fn time_micros(&self) -> i64 {
        (i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)) * USECS_PER_SEC + i64::from(self.micros)
    }

    /// Sets the time of day.
    pub fn set_time(&mut self, micros: i64) {
        let seconds = (micros / USECS_PER_SEC) as i32;
        self.micros = (micros % USECS_PER_SEC) as i32;
        self.hour = seconds / 3600;
        self.minute = seconds / 60 % 60;
        self.second = seconds % 60;
    }

    /// Microseconds since 2000-01-01 00:00:00 on the same clock, `None` when out of a timestamp's range.
    #[must_use]
    pub fn to_timestamp(&self) -> Option<i64> {
        if !julian_is_valid(self.year, self.month) {
            return None;
        }
        let days = i64::from(julian_day(self.year, self.month, self.day) - POSTGRES_EPOCH_JDATE);
        let stamp = days.checked_mul(USECS_PER_DAY)?.checked_add(self.time_micros())?;
        timestamp_is_valid(stamp).then_some(stamp)
    }

    /// The fields of a finite timestamp.
    #[must_use]
    pub fn from_timestamp(stamp: i64) -> Self {
        let days = stamp.div_euclid(USECS_PER_DAY);
        let mut fields = Self::from_date(days as i32);
        fields.set_time(stamp.rem_euclid(USECS_PER_DAY));
        fields
    }

    /// Midnight of a finite date.
    #[must_use]
    pub fn from_date(days: i32) -> Self {
        let (year, month, day) = civil_date(days + POSTGRES_EPOCH_JDATE);
        Self { year, month, day, ..Self::default() }
    }

    /// Day of the week, 0 is Sunday.
    #[must_use]
    pub fn weekday(&self) -> i32 {
        weekday(julian_day(self.year, self.month, self.day))
    }

    /// Day of the year, 1 is the first of January.
    #[must_use]
    pub fn day_of_year(&self) -> i32 {
        julian_day(self.year, self.month, self.day) - julian_day(self.year, 1, 1) + 1
    }
}

/// Day of the week of a Julian day, 0 is Sunday.
#[must_use]
pub const fn weekday(julian: i32) -> i32 {
    (julian as i64 + 1).rem_euclid(7) as i32
}

/// Whether a year is a leap year.
#[must_use]
pub const fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days in a month; the month must be 1..=12.
#[must_use]
pub const fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Whether [`julian_day`] can count the month: 4714-11 BC to 5874898-05.
#[must_use]
pub const fn julian_is_valid(year: i32, month: i32) -> bool {
    (year > -4713 || (year == -4713 && month >= 11)) && (year < 5_874_898 || (year == 5_874_898 && month < 6))
}

/// Julian day number of a date of the Gregorian calendar. Days beyond the end of a month run on into the next.
#[must_use]
pub const fn julian_day(year: i32, month: i32, day: i32) -> i32 {
    // March-based years make the leap day the last of the year; 64 bits keep the extremes of what callers probe from wrapping.
    let shifted = year as i64 + 4800 - if month > 2 { 0 } else { 1 };
    // Months out of range, which intervals have, run on in both directions.
    let month = if month > 2 { month as i64 - 3 } else { month as i64 + 9 };
    let days = 365 * shifted + shifted.div_euclid(4) - shifted.div_euclid(100) + shifted.div_euclid(400);
    (days + (153 * month + 2).div_euclid(5) + day as i64 - 32_045) as i32
}

/// Year (astronomical), month and day of a Julian day number from 0.
#[must_use]
pub const fn civil_date(julian: i32) -> (i32, i32, i32) {
    let shifted = julian as i64 + 32_044;
    let cycle = shifted.div_euclid(146_097);
    let in_cycle = shifted.rem_euclid(146_097);
    let century = (4 * in_cycle + 3) / 146_097;
    let rest = in_cycle - 146_097 * century / 4;
    let year = (4 * rest + 3) / 1461;
    let day = rest - 1461 * year / 4;
    let month = (5 * day + 2) / 153;
    (
        (400 * cycle + 100 * century + year - 4800 + month / 10) as i32,
        (month + 3 - 12 * (month / 10)) as i32,
        (day - (153 * month + 2) / 5 + 1) as i32,
    )
}

/// Whether a finite timestamp is one PostgreSQL can hold.
#[must_use]
pub const fn timestamp_is_valid(stamp: i64) -> bool {
    MIN_TIMESTAMP <= stamp && stamp < END_TIMESTAMP
}

/// Whether a finite date is one PostgreSQL can hold.
#[must_use]
pub const fn date_is_valid(days: i32) -> bool {
    MIN_DATE <= days && days < END_DATE
}

/// Whether a timestamp is neither infinity.
#[must_use]
pub const fn timestamp_is_finite(stamp: i64) -> bool {
    stamp != i64::MIN && stamp != i64::MAX
}

/// Whether a date is neither infinity.
#[must_use]
pub const fn date_is_finite(days: i32) -> bool {
    days != i32::MIN && days != i32::MAX
}

/// `22008 timestamp out of range`
#[must_use]
pub fn timestamp_out_of_range() -> SqlError {
    SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, "timestamp out of range")
}

/// `22008 date out of range`
#[must_use]
pub fn date_out_of_range() -> SqlError {
    SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, "date out of range")
}

/// `22008 interval out of range`
#[must_use]
pub fn interval_out_of_range() -> SqlError {
    SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, "interval out of range")
}

/// A finite timestamp, checked against the range.
///
/// # Errors
/// `22008` out of range.
pub fn check_timestamp(stamp: i64) -> Result<i64> {
    if timestamp_is_valid(stamp) { Ok(stamp) } else { Err(timestamp_out_of_range()) }
}

/// Rounds microseconds to `typmod` digits after the point, half away from zero; any other modifier leaves them.
#[must_use]
pub fn round_micros(micros: i64, typmod: i32) -> i64 {
    let Some(unit) = usize::try_from(typmod).ok().filter(|digits| *digits < 6).map(|digits| 10_i64.pow(6 - digits as u32)) else {
        return micros;
    };
    let half = unit / 2;
    if micros >= 0 { micros.saturating_add(half) / unit * unit } else { -(micros.saturating_neg().saturating_add(half) / unit * unit) }
}

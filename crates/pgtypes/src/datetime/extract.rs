//! `extract` and `date_part`: one field of a value.

use super::keywords::{self, Unit};
use super::{Fields, POSTGRES_EPOCH_JDATE, SECS_PER_DAY, UNIX_TO_POSTGRES_SECS, USECS_PER_DAY, USECS_PER_SEC, julian_day, weekday};
use crate::numeric::Numeric;
use crate::{Interval, Result, SqlError, SqlState};

/// A field's value, exact.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Part {
    /// A whole number.
    Whole(i64),
    /// Seconds of a minute in microseconds, shown in units of `10^scale` microseconds.
    Seconds {
        /// The value in microseconds.
        micros: i64,
        /// 6 for seconds, 3 for milliseconds.
        scale: u32,
    },
    /// Seconds since the epoch or of a length, in microseconds.
    Epoch(i128),
    /// The length of an interval in seconds.
    Span(Interval),
    /// Julian day and microseconds of the day.
    Julian(i32, i64),
    /// A field that grows without bound, of an infinite value.
    Infinite(bool),
    /// A field that repeats, of an infinite value.
    Null,
}

impl Part {
    /// What `extract` answers; `None` for NULL.
    ///
    /// # Errors
    /// Arithmetic's own.
    pub fn to_numeric(self) -> Result<Option<Numeric>> {
        Ok(Some(match self {
            Self::Whole(value) => Numeric::from_parts(i128::from(value), 0),
            Self::Seconds { micros, scale } => Numeric::from_parts(i128::from(micros), scale),
            Self::Epoch(micros) => Numeric::from_parts(micros, 6),
            Self::Span(span) => {
                // A year counts 365.25 days, hence the quarters of days.
                let quarter_days = 1461 * i64::from(span.months / 12) + 120 * i64::from(span.months % 12) + 4 * i64::from(span.days);
                let micros = i128::from(quarter_days * (SECS_PER_DAY / 4)) * i128::from(USECS_PER_SEC) + i128::from(span.micros);
                Numeric::from_parts(micros, 6)
            }
            Self::Julian(day, micros) => {
                let fraction = Numeric::from_parts(i128::from(micros), 0).div(&Numeric::from_parts(i128::from(USECS_PER_DAY), 0))?;
                Numeric::from_parts(i128::from(day), 0).add(&fraction)?
            }
            Self::Infinite(true) => Numeric::PositiveInfinity,
            Self::Infinite(false) => Numeric::NegativeInfinity,
            Self::Null => return Ok(None),
        }))
    }

    /// What `date_part` answers; `None` for NULL.
    #[must_use]
    pub fn to_float(self) -> Option<f64> {
        Some(match self {
            Self::Whole(value) => value as f64,
            Self::Seconds { micros, scale: 6 } => (micros / USECS_PER_SEC) as f64 + (micros % USECS_PER_SEC) as f64 / 1_000_000.0,
            Self::Seconds { micros, .. } => (micros / USECS_PER_SEC) as f64 * 1000.0 + (micros % USECS_PER_SEC) as f64 / 1000.0,
            Self::Epoch(micros) => micros as f64 / 1_000_000.0,
            Self::Span(span) => {
                // Added up in PostgreSQL's order: each sum rounds.
                let day = SECS_PER_DAY as f64;
                let years = span.micros as f64 / 1_000_000.0 + 365.25 * day * f64::from(span.months / 12);
                years + 30.0 * day * f64::from(span.months % 12) + day * f64::from(span.days)
            }
            Self::Julian(day, micros) => {
                let seconds = (micros / USECS_PER_SEC) as f64 + (micros % USECS_PER_SEC) as f64 / 1_000_000.0;
                f64::from(day) + seconds / SECS_PER_DAY as f64
            }
            Self::Infinite(true) => f64::INFINITY,
            Self::Infinite(false) => f64::NEG_INFINITY,
            Self::Null => return None,
        })
    }
}

/// The unit of a name, which may be in any case.
///
/// # Errors
/// `22023` for a name that is none, `0A000` for a reserved word like `now`, which dates and timestamps tell apart.
pub fn unit(name: &str, type_name: &str) -> Result<Unit> {
    let lower = name.to_lowercase();
    keywords::field_unit(&lower).ok_or_else(|| {
        let tells_apart = type_name == "date" || type_name.starts_with("timestamp");
        if tells_apart && keywords::is_reserved(&lower) {
            return unsupported(&lower, type_name);
        }
        SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("unit \"{lower}\" not recognized for type {type_name}"))
    })
}

/// `0A000` for a unit that a type does not have.
#[must_use]
pub fn unsupported(name: &str, type_name: &str) -> SqlError {
    SqlError::unsupported(format!("unit \"{}\" not supported for type {type_name}", name.to_lowercase()))
}

/// ISO 8601 week-numbering year (astronomical) and week.
#[must_use]
pub fn iso_week(julian: i32) -> (i32, i32) {
    // The week belongs to the year that its Thursday is in.
    let monday_based = (weekday(julian) + 6) % 7;
    let thursday = julian - monday_based + 3;
    let year = super::civil_date(thursday).0;
    (year, (thursday - julian_day(year, 1, 1)) / 7 + 1)
}

/// Day of the week, 1 for Monday to 7 for Sunday.
#[must_use]
pub const fn iso_weekday(julian: i32) -> i32 {
    match weekday(julian) {
        0 => 7,
        day => day,
    }
}

/// There is no year 0.
const fn shown_year(year: i32) -> i32 {
    if year > 0 { year } else { year - 1 }
}

/// The decade, century or millennium of an astronomical year.
const fn span_of_years(year: i32, length: i32) -> i32 {
    let last = if length == 10 { 0 } else { length - 1 };
    if year > 0 { (year + last) / length } else { -((if length == 10 { 8 } else { length - 1 } - (year - 1)) / length) }
}

/// Fields of a date that do not depend on the time.
fn date_field(unit: Unit, fields: &Fields) -> Option<i32> {
    let julian = || julian_day(fields.year, fields.month, fields.day);
    Some(match unit {
        Unit::Day => fields.day,
        Unit::Month => fields.month,
        Unit::Quarter => (fields.month - 1) / 3 + 1,
        Unit::Week => iso_week(julian()).1,
        Unit::Year => shown_year(fields.year),
        Unit::Decade => span_of_years(fields.year, 10),
        Unit::Century => span_of_years(fields.year, 100),
        Unit::Millennium => span_of_years(fields.year, 1000),
        Unit::IsoYear => shown_year(iso_week(julian()).0),
        Unit::DayOfWeek => weekday(julian()),
        Unit::IsoDayOfWeek => iso_weekday(julian()),
        Unit::DayOfYear => fields.day_of_year(),
        _ => return None,
    })
}

/// Fields of a time of day.
fn time_field(unit: Unit, fields: &Fields) -> Option<Part> {
    let micros = i64::from(fields.second) * USECS_PER_SEC + i64::from(fields.micros);
    Some(match unit {
        Unit::Microsecond => Part::Whole(micros),
        Unit::Millisecond => Part::Seconds { micros, scale: 3 },
        Unit::Second => Part::Seconds { micros, scale: 6 },
        Unit::Minute => Part::Whole(i64::from(fields.minute)),
        Unit::Hour => Part::Whole(i64::from(fields.hour)),
        _ => return None,
    })
}

/// Fields of a zone, seconds east.
fn zone_field(unit: Unit, east: i32) -> Option<Part> {
    Some(Part::Whole(i64::from(match unit {
        Unit::Timezone => east,
        Unit::TimezoneHour => east / 3600,
        Unit::TimezoneMinute => east / 60 % 60,
        _ => return None,
    })))
}

/// A field of an infinite value.
fn infinite_field(unit: Unit, positive: bool) -> Part {
    match unit {
        Unit::Year | Unit::Decade | Unit::Century | Unit::Millennium | Unit::Julian | Unit::IsoYear | Unit::Epoch => {
            Part::Infinite(positive)
        }
        _ => Part::Null,
    }
}

/// A field of a `timestamp`, or of a `timestamptz` given as its local clock with the zone in seconds east.
///
/// # Errors
/// `22023`, `0A000`
pub fn timestamp(name: &str, local: i64, east: Option<i32>) -> Result<Part> {
    let type_name = if east.is_some() { "timestamp with time zone" } else { "timestamp without time zone" };
    let unit = unit(name, type_name)?;
    let part = if super::timestamp_is_finite(local) { timestamp_field(unit, local, east) } else { Some(infinite_field(unit, local > 0)) };
    part.ok_or_else(|| unsupported(name, type_name))
}

fn timestamp_field(unit: Unit, local: i64, east: Option<i32>) -> Option<Part> {
    match unit {
        Unit::Epoch => {
            let utc = i128::from(local) - i128::from(east.unwrap_or(0)) * i128::from(USECS_PER_SEC);
            return Some(Part::Epoch(utc + i128::from(UNIX_TO_POSTGRES_SECS) * i128::from(USECS_PER_SEC)));
        }
        Unit::Julian => {
            let day = local.div_euclid(USECS_PER_DAY) as i32 + POSTGRES_EPOCH_JDATE;
            return Some(Part::Julian(day, local.rem_euclid(USECS_PER_DAY)));
        }
        _ => {}
    }
    let fields = Fields::from_timestamp(local);
    date_field(unit, &fields)
        .map(|value| Part::Whole(i64::from(value)))
        .or_else(|| time_field(unit, &fields))
        .or_else(|| east.and_then(|east| zone_field(unit, east)))
}

/// A field of a `date`.
///
/// # Errors
/// `22023`, `0A000`
pub fn date(name: &str, days: i32) -> Result<Part> {
    let unit = unit(name, "date")?;
    let timeless = matches!(
        unit,
        Unit::Microsecond
            | Unit::Millisecond
            | Unit::Second
            | Unit::Minute
            | Unit::Hour
            | Unit::Timezone
            | Unit::TimezoneHour
            | Unit::TimezoneMinute
    );
    let part = if timeless {
        None
    } else if !super::date_is_finite(days) {
        Some(infinite_field(unit, days > 0))
    } else {
        match unit {
            Unit::Epoch => Some(Part::Whole(i64::from(days) * SECS_PER_DAY + UNIX_TO_POSTGRES_SECS)),
            Unit::Julian => Some(Part::Whole(i64::from(days) + i64::from(POSTGRES_EPOCH_JDATE))),
            _ => date_field(unit, &Fields::from_date(days)).map(|value| Part::Whole(i64::from(value))),
        }
    };
    part.ok_or_else(|| unsupported(name, "date"))
}

/// A field of a `time`, or of a `timetz` with its zone in seconds west.
///
/// # Errors
/// `22023`, `0A000`
pub fn time(name: &str, micros: i64, west: Option<i32>) -> Result<Part> {
    let type_name = if west.is_some() { "time with time zone" } else { "time without time zone" };
    let unit = unit(name, type_name)?;
    if unit == Unit::Epoch {
        return Ok(Part::Epoch(i128::from(micros) + i128::from(west.unwrap_or(0)) * i128::from(USECS_PER_SEC)));
    }
    let mut fields = Fields::default();
    fields.set_time(micros);
    time_field(unit, &fields).or_else(|| west.and_then(|west| zone_field(unit, -west))).ok_or_else(|| unsupported(name, type_name))
}

/// A field of an `interval`.
///
/// # Errors
/// `22023`, `0A000`
pub fn interval(name: &str, span: Interval) -> Result<Part> {
    let unit = unit(name, "interval")?;
    let (years, months) = (span.months / 12, span.months % 12);
    let whole = |value: i32| Part::Whole(i64::from(value));
    let seconds = span.micros % super::USECS_PER_MINUTE;
    Ok(match unit {
        Unit::Microsecond => Part::Whole(seconds),
        Unit::Millisecond => Part::Seconds { micros: seconds, scale: 3 },
        Unit::Second => Part::Seconds { micros: seconds, scale: 6 },
        Unit::Minute => Part::Whole(span.micros / super::USECS_PER_MINUTE % 60),
        Unit::Hour => Part::Whole(span.micros / super::USECS_PER_HOUR),
        Unit::Day => whole(span.days),
        Unit::Month => whole(months),
        Unit::Quarter => whole(months / 3 + 1),
        Unit::Year => whole(years),
        Unit::Decade => whole(years / 10),
        Unit::Century => whole(years / 100),
        Unit::Millennium => whole(years / 1000),
        Unit::Epoch => Part::Span(span),
        _ => return Err(unsupported(name, "interval")),
    })
}

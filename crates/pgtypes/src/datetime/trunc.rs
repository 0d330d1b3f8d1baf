//! `date_trunc`.

use super::extract::unsupported;
use super::keywords::{self, IntervalWord, Unit};
use super::timezone::Named;
use super::{Fields, USECS_PER_DAY, arithmetic, civil_date, julian_day, timestamp_is_finite, timestamp_out_of_range};
use crate::{Interval, Result, SqlError, SqlState};

/// The unit of a name. What is no length of time (`doy`, `epoch`) is no unit here.
fn unit(name: &str, type_name: &str) -> Result<Unit> {
    let lower = name.to_lowercase();
    match keywords::interval_word(&lower) {
        Some(IntervalWord::Unit(unit)) => Ok(unit),
        _ => Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("unit \"{lower}\" not recognized for type {type_name}"))),
    }
}

/// First year of the decade, century or millennium of an astronomical year.
const fn first_year(year: i32, length: i32) -> i32 {
    match (length, year > 0) {
        (10, true) => year / 10 * 10,
        (10, false) => -((8 - (year - 1)) / 10) * 10,
        (_, true) => (year + length - 1) / length * length - length + 1,
        (_, false) => -((length - 1 - (year - 1)) / length) * length + 1,
    }
}

fn trunc_fields(unit: Unit, fields: &mut Fields) -> Option<()> {
    let time = match unit {
        Unit::Microsecond => fields.time_micros(),
        Unit::Millisecond => fields.time_micros() / 1000 * 1000,
        Unit::Second => fields.time_micros() / super::USECS_PER_SEC * super::USECS_PER_SEC,
        Unit::Minute => fields.time_micros() / super::USECS_PER_MINUTE * super::USECS_PER_MINUTE,
        Unit::Hour => fields.time_micros() / super::USECS_PER_HOUR * super::USECS_PER_HOUR,
        _ => 0,
    };
    let (year, month, day) = (fields.year, fields.month, fields.day);
    (fields.year, fields.month, fields.day) = match unit {
        Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour | Unit::Day => (year, month, day),
        Unit::Week => {
            let julian = julian_day(year, month, day);
            civil_date(julian + 1 - super::extract::iso_weekday(julian))
        }
        Unit::Month => (year, month, 1),
        Unit::Quarter => (year, (month - 1) / 3 * 3 + 1, 1),
        Unit::Year => (year, 1, 1),
        Unit::Decade => (first_year(year, 10), 1, 1),
        Unit::Century => (first_year(year, 100), 1, 1),
        Unit::Millennium => (first_year(year, 1000), 1, 1),
        _ => return None,
    };
    fields.set_time(time);
    Some(())
}

/// `date_trunc(unit, timestamp)`
///
/// # Errors
/// `22023`, `0A000`, `22008`
pub fn timestamp(name: &str, stamp: i64) -> Result<i64> {
    const TYPE: &str = "timestamp without time zone";
    if !timestamp_is_finite(stamp) {
        return Ok(stamp);
    }
    let unit = unit(name, TYPE)?;
    let mut fields = Fields::from_timestamp(stamp);
    trunc_fields(unit, &mut fields).ok_or_else(|| unsupported(name, TYPE))?;
    fields.to_timestamp().ok_or_else(timestamp_out_of_range)
}

/// `date_trunc(unit, timestamptz)` on the clock of a zone.
///
/// # Errors
/// `22023`, `0A000`, `22008`
pub fn timestamptz(name: &str, stamp: i64, zone: &Named) -> Result<i64> {
    const TYPE: &str = "timestamp with time zone";
    if !timestamp_is_finite(stamp) {
        return Ok(stamp);
    }
    let unit = unit(name, TYPE)?;
    let east = zone.east_at(stamp);
    let mut fields = Fields::from_timestamp(stamp.saturating_add(i64::from(east) * super::USECS_PER_SEC));
    trunc_fields(unit, &mut fields).ok_or_else(|| unsupported(name, TYPE))?;
    // Hours and less keep the displacement in force: an hour that occurs twice is not merged with its double.
    let keeps_zone = matches!(unit, Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour);
    let zone = if keeps_zone { &Named::Fixed(east, false) } else { zone };
    arithmetic::instant_of(&fields, zone)
}

/// `date_trunc(unit, interval)`
///
/// # Errors
/// `22023`, `0A000`
pub fn interval(name: &str, span: Interval) -> Result<Interval> {
    let unit = unit(name, "interval")?;
    let years = |length: i32| Interval { months: span.months / 12 / length * length * 12, days: 0, micros: 0 };
    let micros = |length: i64| Interval { micros: span.micros / length * length, ..span };
    Ok(match unit {
        Unit::Millennium => years(1000),
        Unit::Century => years(100),
        Unit::Decade => years(10),
        Unit::Year => years(1),
        Unit::Quarter => Interval { months: span.months / 3 * 3, days: 0, micros: 0 },
        Unit::Month => Interval { days: 0, micros: 0, ..span },
        Unit::Day => Interval { micros: 0, ..span },
        Unit::Hour => micros(super::USECS_PER_HOUR),
        Unit::Minute => micros(super::USECS_PER_MINUTE),
        Unit::Second => micros(super::USECS_PER_SEC),
        Unit::Millisecond => micros(1000),
        Unit::Microsecond => span,
        Unit::Week => return Err(unsupported(name, "interval").detail("Months usually have fractional weeks.")),
        _ => return Err(unsupported(name, "interval")),
    })
}

const _: () = assert!(USECS_PER_DAY % super::USECS_PER_HOUR == 0);

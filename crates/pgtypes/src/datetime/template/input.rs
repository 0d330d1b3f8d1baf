//! `to_date` and `to_timestamp`.

mod assemble;
mod scan;

use crate::datetime::arithmetic::instant_of;
use crate::datetime::timezone::Named;
use crate::datetime::{Fields, POSTGRES_EPOCH_JDATE, TimeZone, date_is_valid, julian_day, julian_is_valid, round_micros};
use crate::{Result, SqlError, SqlState};

/// What the fields of the text said; 0 is a field that did not occur.
#[derive(Default)]
struct Found {
    calendar: Option<super::fields::Calendar>,
    hour: i32,
    pm: i32,
    minute: i32,
    second: i32,
    seconds_of_day: i32,
    /// Day of the week, 1 is Sunday.
    weekday: i32,
    day: i32,
    day_of_year: i32,
    month: i32,
    milliseconds: i32,
    year: i32,
    before_christ: i32,
    week: i32,
    week_of_month: i32,
    century: i32,
    julian: i32,
    microseconds: i32,
    /// Digits of an `FF` field, to which the result is rounded; 0 when there was none.
    fraction_digits: i32,
    /// Digits of the year field.
    year_digits: u32,
    twelve_hours: bool,
    zone_sign: i32,
    zone_hour: i32,
    zone_minute: i32,
}

fn invalid(message: String) -> SqlError {
    SqlError::new(SqlState::INVALID_DATETIME_FORMAT, message)
}

/// `to_date(text, template)`
///
/// # Errors
/// `22007`, `22008` with PostgreSQL's texts.
pub fn to_date(text: &str, template: &str) -> Result<i32> {
    let (fields, _) = assemble::assemble(scan::scan(text, template)?, text)?;
    let days = julian_is_valid(fields.year, fields.month)
        .then(|| julian_day(fields.year, fields.month, fields.day) - POSTGRES_EPOCH_JDATE)
        .filter(|days| date_is_valid(*days));
    days.ok_or_else(|| SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("date out of range: \"{text}\"")))
}

/// `to_timestamp(text, template)`, in a zone unless the text names one.
///
/// # Errors
/// `22007`, `22008` with PostgreSQL's texts.
pub fn to_timestamp(text: &str, template: &str, zone: &TimeZone) -> Result<i64> {
    let found = scan::scan(text, template)?;
    let precision = if found.fraction_digits == 0 { -1 } else { found.fraction_digits };
    let (fields, east) = assemble::assemble(found, text)?;
    let zone = match east {
        Some(east) => Named::Fixed(east, false),
        None => Named::Zone(zone.clone()),
    };
    instant_of(&fields, &zone).map(|stamp| round_micros(stamp, precision))
}

/// What the fields of a text said, for a caller to whom the template decides the type.
pub(crate) struct Moment {
    pub(crate) fields: Fields,
    /// Seconds east, when the text named a zone.
    pub(crate) east: Option<i32>,
    pub(crate) has_date: bool,
    pub(crate) has_time: bool,
}

/// Reads a text whose template says whether it is a date, a time or both. After `parse_datetime`.
pub(crate) fn to_moment(text: &str, template: &str) -> Result<Moment> {
    let (fields, east) = assemble::assemble(scan::scan(text, template)?, text)?;
    let mut moment = Moment { fields, east, has_date: false, has_time: false };
    for node in super::parse(template) {
        if let super::Node::Field(field) = node {
            moment.has_time |= field.key.what.is_time();
            moment.has_date |= field.key.what.is_date();
        }
    }
    Ok(moment)
}

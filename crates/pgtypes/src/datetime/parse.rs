//! Date and time literals.
//!
//! PostgreSQL reads nearly anything a person would write, by a set of rules over the literal's fields: a word says what it is, a number is read
//! by its length, by `DateStyle` and by what the fields before it were. [`Decoder`] holds what is known so far as a mask of parts; a part given twice
//! is an error. ISO literals, which programs write, take a short path that answers the same.

mod decode;
mod iso;
pub(super) mod numbers;

use decode::{Decoded, Decoder, Special};

use super::{Fields, USECS_PER_DAY, timezone::TimeZone};
use crate::{DateOrder, EvalContext, Result, SqlError, SqlState};

/// Why a literal is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    BadFormat,
    FieldOverflow,
    /// Month or day out of range: another `DateStyle` might make sense of it.
    MonthDayOverflow,
    IntervalOverflow,
    ZoneOverflow,
    UnknownZone(String),
}

impl Fault {
    pub(super) fn error(self, text: &str, type_name: &str) -> SqlError {
        match self {
            Self::BadFormat => {
                SqlError::new(SqlState::INVALID_DATETIME_FORMAT, format!("invalid input syntax for type {type_name}: \"{text}\""))
            }
            Self::FieldOverflow => field_overflow(text),
            Self::MonthDayOverflow => field_overflow(text).hint("Perhaps you need a different \"datestyle\" setting."),
            Self::IntervalOverflow => {
                SqlError::new(SqlState::INTERVAL_FIELD_OVERFLOW, format!("interval field value out of range: \"{text}\""))
            }
            Self::ZoneOverflow => {
                SqlError::new(SqlState::INVALID_TIME_ZONE_DISPLACEMENT_VALUE, format!("time zone displacement out of range: \"{text}\""))
            }
            Self::UnknownZone(zone) => SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("time zone \"{zone}\" not recognized")),
        }
    }
}

fn field_overflow(text: &str) -> SqlError {
    SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("date/time field value out of range: \"{text}\""))
}

/// What a literal's meaning depends on besides its text.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) order: DateOrder,
    pub(super) zone: &'a TimeZone,
    /// `now`, microseconds since 2000-01-01 UTC.
    pub(super) now: i64,
}

impl<'a> Surroundings<'a> {
    fn of(ctx: &EvalContext<'a>) -> Self {
        Self { order: ctx.settings.date_order, zone: &ctx.settings.time_zone, now: ctx.transaction_timestamp }
    }
}

/// Reads a `date`.
///
/// # Errors
/// `22007` and `22008` with PostgreSQL's texts.
pub fn date(text: &str, ctx: &EvalContext<'_>) -> Result<i32> {
    if let Some(days) = iso::date(text.as_bytes()) {
        return Ok(days);
    }
    let around = Surroundings::of(ctx);
    let decoded = Decoder::new(around).date_time(text).map_err(|fault| fault.error(text, "date"))?;
    match decoded.special {
        None => date_of_fields(&decoded.fields).ok_or_else(|| out_of_range("date", text)),
        Some(Special::Epoch) => Ok(super::UNIX_EPOCH_JDATE - super::POSTGRES_EPOCH_JDATE),
        Some(Special::Infinity) => Ok(i32::MAX),
        Some(Special::MinusInfinity) => Ok(i32::MIN),
    }
}

fn date_of_fields(fields: &Fields) -> Option<i32> {
    if !super::julian_is_valid(fields.year, fields.month) {
        return None;
    }
    let days = super::julian_day(fields.year, fields.month, fields.day) - super::POSTGRES_EPOCH_JDATE;
    super::date_is_valid(days).then_some(days)
}

fn out_of_range(what: &str, text: &str) -> SqlError {
    SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("{what} out of range: \"{text}\""))
}

/// Reads a `timestamp`; a zone in the text is read and ignored.
///
/// # Errors
/// `22007` and `22008` with PostgreSQL's texts.
pub fn timestamp(text: &str, ctx: &EvalContext<'_>) -> Result<i64> {
    if let Some(iso) = iso::timestamp(text.as_bytes()) {
        return Ok(iso.local);
    }
    stamp(text, ctx, "timestamp", |decoded| decoded.fields.to_timestamp())
}

/// Reads a `timestamptz`.
///
/// # Errors
/// `22007`, `22008` and `22009` with PostgreSQL's texts.
pub fn timestamptz(text: &str, ctx: &EvalContext<'_>) -> Result<i64> {
    if let Some(iso) = iso::timestamp(text.as_bytes()) {
        return Ok(match iso.east {
            Some(east) => iso.local - i64::from(east) * super::USECS_PER_SEC,
            None => ctx.settings.time_zone.to_utc(iso.local),
        });
    }
    stamp(text, ctx, "timestamp with time zone", instant_of_fields)
}

fn instant_of_fields(decoded: &Decoded) -> Option<i64> {
    // The local time may lie a little outside the range whose ends are UTC.
    let fields = &decoded.fields;
    if !super::julian_is_valid(fields.year, fields.month) {
        return None;
    }
    let days = i64::from(super::julian_day(fields.year, fields.month, fields.day) - super::POSTGRES_EPOCH_JDATE);
    let local = days.checked_mul(USECS_PER_DAY)?.checked_add(fields.time_micros())?;
    let stamp = local.checked_sub(i64::from(decoded.east) * super::USECS_PER_SEC)?;
    super::timestamp_is_valid(stamp).then_some(stamp)
}

fn stamp(text: &str, ctx: &EvalContext<'_>, name: &str, finite: impl Fn(&Decoded) -> Option<i64>) -> Result<i64> {
    let decoded = Decoder::new(Surroundings::of(ctx)).date_time(text).map_err(|fault| fault.error(text, name))?;
    match decoded.special {
        None => finite(&decoded).ok_or_else(|| out_of_range("timestamp", text)),
        Some(Special::Epoch) => Ok(-super::UNIX_TO_POSTGRES_SECS * super::USECS_PER_SEC),
        Some(Special::Infinity) => Ok(i64::MAX),
        Some(Special::MinusInfinity) => Ok(i64::MIN),
    }
}

/// Reads a `time`; a zone in the text is read and ignored.
///
/// # Errors
/// `22007` and `22008` with PostgreSQL's texts.
pub fn time(text: &str, ctx: &EvalContext<'_>) -> Result<i64> {
    if let Some(micros) = iso::time(text.as_bytes()) {
        return Ok(micros);
    }
    let decoded = Decoder::new(Surroundings::of(ctx)).time_only(text).map_err(|fault| fault.error(text, "time"))?;
    Ok(decoded.fields.time_micros())
}

/// Reads a `timetz`: local microseconds and seconds west of UTC.
///
/// # Errors
/// `22007`, `22008` and `22009` with PostgreSQL's texts.
pub fn timetz(text: &str, ctx: &EvalContext<'_>) -> Result<(i64, i32)> {
    let decoded = Decoder::new(Surroundings::of(ctx)).time_only(text).map_err(|fault| fault.error(text, "time with time zone"))?;
    Ok((decoded.fields.time_micros(), -decoded.east))
}

/// Reads the zone in `make_timestamptz(.., zone)`: a displacement with a sign, or a name. Seconds east of UTC at a local time.
///
/// # Errors
/// `22023` with PostgreSQL's texts.
pub fn zone_of_local(name: &str, local: &Fields) -> Result<i32> {
    let invalid = |message: String| SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message);
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(invalid(format!("invalid input syntax for type numeric time zone: \"{name}\""))
            .hint("Numeric time zones must have \"-\" or \"+\" as first character."));
    }
    match numbers::displacement(name) {
        Ok(east) => Ok(east),
        Err(Fault::ZoneOverflow) => Err(invalid(format!("numeric time zone \"{name}\" out of range"))),
        Err(_) => TimeZone::named(name).map(|zone| zone.east_of_local(local)),
    }
}

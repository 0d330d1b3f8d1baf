//! `.datetime()`: dates and times in a document, which are strings there. After `executeDateTimeMethod` and `compareDatetime`.

use std::cmp::Ordering;

use super::exec::{Item, Run, soft};
use super::{Fault, Outcome};
use crate::datetime::template::{self, Moment as Read};
use crate::datetime::{Fields, TimeZone, USECS_PER_DAY, USECS_PER_SEC, arithmetic, format};
use crate::{EvalContext, Settings, SqlError};

/// A date or time with the zone that its text gave.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    Date(i32),
    Time(i64),
    /// Microseconds of the local day; seconds west.
    TimeTz(i64, i32),
    Timestamp(i64),
    /// Microseconds UTC; seconds east of the text's zone.
    TimestampTz(i64, i32),
}

impl Moment {
    pub(super) const fn type_name(self) -> &'static str {
        match self {
            Self::Date(_) => "date",
            Self::Time(_) => "time without time zone",
            Self::TimeTz(..) => "time with time zone",
            Self::Timestamp(_) => "timestamp without time zone",
            Self::TimestampTz(..) => "timestamp with time zone",
        }
    }

    const fn short_name(self) -> &'static str {
        match self {
            Self::Date(_) => "date",
            Self::Time(_) => "time",
            Self::TimeTz(..) => "timetz",
            Self::Timestamp(_) => "timestamp",
            Self::TimestampTz(..) => "timestamptz",
        }
    }

    /// As JSON has it: ISO 8601, with a `T` and whole minutes of zone.
    pub(super) fn to_json_text(self) -> String {
        let settings = Settings::default();
        match self {
            Self::Date(days) => format::date(days, &settings).as_str().to_owned(),
            Self::Time(micros) => format::time(micros).as_str().to_owned(),
            Self::TimeTz(micros, west) => format!("{}{}", format::time(micros).as_str(), zone_text(-west)),
            Self::Timestamp(stamp) => format::timestamp(stamp, &settings).as_str().replacen(' ', "T", 1),
            Self::TimestampTz(stamp, east) => {
                let local = stamp + i64::from(east) * USECS_PER_SEC;
                format!("{}{}", format::timestamp(local, &settings).as_str().replacen(' ', "T", 1), zone_text(east))
            }
        }
    }
}

fn zone_text(east: i32) -> String {
    let sign = if east < 0 { '-' } else { '+' };
    let minutes = east.abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

impl<'a> Run<'a> {
    pub(super) fn datetime(&self, template: Option<&str>, item: &Item<'a>) -> Outcome<Moment> {
        let Some(text) = item.string() else {
            return Err(soft(b"22031", "jsonpath item method .datetime() can only be applied to a string"));
        };
        match template {
            Some(template) => template::to_moment(text, template).map_err(Fault::Soft).and_then(moment),
            None => iso(text).ok_or_else(|| {
                let error = SqlError::new(crate::SqlState(*b"22031"), format!("datetime format is not recognized: \"{text}\""));
                Fault::Soft(error.hint("Use a datetime template argument to specify the input data format."))
            }),
        }
    }
}

/// What a template's fields say: a date, a time, or both, with or without a zone.
fn moment(read: Read) -> Outcome<Moment> {
    let Read { fields, east, has_date, has_time } = read;
    let stamp = |fields: &Fields| fields.to_timestamp().ok_or_else(|| soft(b"22008", "timestamp out of range"));
    Ok(match (has_date, has_time, east) {
        (true, true, Some(east)) => Moment::TimestampTz(stamp(&fields)? - i64::from(east) * USECS_PER_SEC, east),
        (true, true, None) => Moment::Timestamp(stamp(&fields)?),
        (true, false, _) => Moment::Date(i32::try_from(stamp(&fields)?.div_euclid(USECS_PER_DAY)).unwrap_or(i32::MAX)),
        (false, true, Some(east)) => Moment::TimeTz(fields.time_micros(), -east),
        (false, true, None) => Moment::Time(fields.time_micros()),
        (false, false, _) => return Err(soft(b"22007", "datetime format is not dated and not timed")),
    })
}

/// One of the ISO forms that are known without a template.
fn iso(text: &str) -> Option<Moment> {
    let (date, time) = match text.find(['T', ' ']) {
        Some(at) => (Some(&text[..at]), Some(&text[at + 1..])),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    let mut fields = Fields { month: 1, day: 1, year: 2000, ..Fields::default() };
    if let Some(date) = date {
        (fields.year, fields.month, fields.day) = iso_date(date)?;
    }
    let mut east = None;
    if let Some(time) = time {
        let zone = time.find(['+', '-']).unwrap_or(time.len());
        iso_time(&time[..zone], &mut fields)?;
        east = if zone < time.len() { Some(iso_zone(&time[zone..])?) } else { None };
    }
    moment(Read { fields, east, has_date: date.is_some(), has_time: time.is_some() }).ok()
}

fn digits(text: &str, length: std::ops::RangeInclusive<usize>) -> Option<i32> {
    (length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn iso_date(text: &str) -> Option<(i32, i32, i32)> {
    let mut parts = text.split('-');
    let date = (digits(parts.next()?, 4..=4)?, digits(parts.next()?, 1..=2)?, digits(parts.next()?, 1..=2)?);
    let valid = (1..=12).contains(&date.1) && (1..=crate::datetime::days_in_month(date.0, date.1)).contains(&date.2);
    (parts.next().is_none() && valid).then_some(date)
}

fn iso_time(text: &str, fields: &mut Fields) -> Option<()> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, fraction)| (clock, Some(fraction)));
    let mut parts = clock.split(':');
    (fields.hour, fields.minute, fields.second) =
        (digits(parts.next()?, 1..=2)?, digits(parts.next()?, 1..=2)?, digits(parts.next()?, 1..=2)?);
    if let Some(fraction) = fraction {
        let value = digits(fraction, 1..=6)?;
        fields.micros = value * 10_i32.pow(6 - u32::try_from(fraction.len()).ok()?);
    }
    let valid = fields.hour < 24 && fields.minute < 60 && fields.second < 60;
    (parts.next().is_none() && valid).then_some(())
}

fn iso_zone(text: &str) -> Option<i32> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text[1..].split_once(':').map_or((&text[1..], None), |(hours, minutes)| (hours, Some(minutes)));
    let minutes = minutes.map_or(Some(0), |minutes| digits(minutes, 1..=2))?;
    let hours = digits(hours, 1..=2)?;
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// The order of two moments; `None` when a date meets a time.
pub(super) fn compare(left: &Moment, right: &Moment, use_zone: bool, eval: &EvalContext<'_>) -> Outcome<Option<Ordering>> {
    use Moment::{Date, Time, TimeTz, Timestamp, TimestampTz};
    let zone = &eval.settings.time_zone;
    let day_stamp = |days: i32| arithmetic::date_to_timestamp(days).map_err(Fault::Hard);
    Ok(Some(match (*left, *right) {
        (Date(left), Date(right)) => left.cmp(&right),
        (Time(left), Time(right)) | (Timestamp(left), Timestamp(right)) => left.cmp(&right),
        (TimestampTz(left, _), TimestampTz(right, _)) => left.cmp(&right),
        (TimeTz(left, left_zone), TimeTz(right, right_zone)) => timetz((left, left_zone), (right, right_zone)),
        (Date(left), Timestamp(right)) => day_stamp(left)?.cmp(&right),
        (Timestamp(left), Date(right)) => left.cmp(&day_stamp(right)?),
        (Date(_) | Timestamp(_), TimestampTz(right, _)) => {
            check_zone(left, "timestamptz", use_zone)?;
            instant(*left, zone)?.cmp(&right)
        }
        (TimestampTz(left, _), Date(_) | Timestamp(_)) => {
            check_zone(right, "timestamptz", use_zone)?;
            left.cmp(&instant(*right, zone)?)
        }
        (Time(left_time), TimeTz(right, right_zone)) => {
            check_zone(left, "timetz", use_zone)?;
            timetz((left_time, -zone.east_at(eval.transaction_timestamp)), (right, right_zone))
        }
        (TimeTz(left, left_zone), Time(right_time)) => {
            check_zone(right, "timetz", use_zone)?;
            timetz((left, left_zone), (right_time, -zone.east_at(eval.transaction_timestamp)))
        }
        _ => return Ok(None),
    }))
}

fn instant(moment: Moment, zone: &TimeZone) -> Outcome<i64> {
    match moment {
        Moment::Date(days) => arithmetic::date_to_timestamptz(days, zone).map_err(Fault::Hard),
        Moment::Timestamp(stamp) => arithmetic::timestamp_to_timestamptz(stamp, zone).map_err(Fault::Hard),
        _ => Err(super::exec::hard("a moment without a date")),
    }
}

fn timetz(left: (i64, i32), right: (i64, i32)) -> Ordering {
    let utc = |(micros, west): (i64, i32)| micros + i64::from(west) * USECS_PER_SEC;
    utc(left).cmp(&utc(right)).then(left.1.cmp(&right.1))
}

fn check_zone(from: &Moment, to: &str, use_zone: bool) -> Outcome<()> {
    if use_zone {
        return Ok(());
    }
    let message = format!("cannot convert value from {} to {to} without time zone usage", from.short_name());
    Err(Fault::Hard(SqlError::unsupported(message).hint("Use *_tz() function for time zone support.")))
}

//! `to_char`.

use std::fmt::Write as _;

use super::fields::{Case, ROMAN, What};
use super::{Field, Node, Ordinal, parse};
use crate::datetime::extract::{iso_week, iso_weekday};
use crate::datetime::format::{DAYS, MONTHS};
use crate::datetime::{Fields, TimeZone, USECS_PER_SEC, julian_day, timestamp_is_finite};
use crate::{Interval, Result, SqlError, SqlState};

/// What a template may show.
struct Shown<'a> {
    date: Fields,
    /// Beyond 24 for an interval.
    hour: i64,
    minute: i32,
    second: i32,
    micros: i32,
    /// Displacement east and abbreviation; `None` without a zone.
    zone: Option<(i32, &'a str)>,
    interval: bool,
}

/// `to_char(timestamp, template)`; `None` is NULL.
///
/// # Errors
/// None for a timestamp but arithmetic's own.
pub fn timestamp_to_char(stamp: i64, template: &str) -> Result<Option<String>> {
    if template.is_empty() || !timestamp_is_finite(stamp) {
        return Ok(None);
    }
    Shown::of_clock(Fields::from_timestamp(stamp), None).write(template).map(Some)
}

/// `to_char(timestamptz, template)` in a zone; `None` is NULL.
///
/// # Errors
/// None for a timestamp but arithmetic's own.
pub fn timestamptz_to_char(stamp: i64, zone: &TimeZone, template: &str) -> Result<Option<String>> {
    if template.is_empty() || !timestamp_is_finite(stamp) {
        return Ok(None);
    }
    let at = zone.instant(stamp);
    let fields = Fields::from_timestamp(stamp.saturating_add(i64::from(at.east) * USECS_PER_SEC));
    Shown::of_clock(fields, Some((at.east, &at.abbreviation))).write(template).map(Some)
}

/// `to_char(interval, template)`; `None` is NULL.
///
/// # Errors
/// `22007` for a field that only a calendar date has.
pub fn interval_to_char(span: Interval, template: &str) -> Result<Option<String>> {
    if template.is_empty() {
        return Ok(None);
    }
    let seconds = span.micros / USECS_PER_SEC;
    let shown = Shown {
        date: Fields { year: span.months / 12, month: span.months % 12, day: span.days, ..Fields::default() },
        hour: seconds / 3600,
        minute: (seconds / 60 % 60) as i32,
        second: (seconds % 60) as i32,
        micros: (span.micros % USECS_PER_SEC) as i32,
        zone: None,
        interval: true,
    };
    shown.write(template).map(Some)
}

impl<'a> Shown<'a> {
    fn of_clock(fields: Fields, zone: Option<(i32, &'a str)>) -> Self {
        Self {
            date: fields,
            hour: i64::from(fields.hour),
            minute: fields.minute,
            second: fields.second,
            micros: fields.micros,
            zone,
            interval: false,
        }
    }

    fn write(&self, template: &str) -> Result<String> {
        let mut out = String::with_capacity(template.len() + 16);
        for node in parse(template) {
            match node {
                Node::Field(field) => self.field(field, &mut out)?,
                Node::Space(c) | Node::Separator(c) | Node::Literal(c) => out.push(c),
            }
        }
        Ok(out)
    }

    fn calendar_only(&self) -> Result<()> {
        if !self.interval {
            return Ok(());
        }
        Err(SqlError::new(SqlState::INVALID_DATETIME_FORMAT, "invalid format specification for an interval value")
            .hint("Intervals are not tied to specific calendar dates."))
    }

    fn julian(&self) -> i32 {
        julian_day(self.date.year, self.date.month, self.date.day)
    }

    fn field(&self, field: Field, out: &mut String) -> Result<()> {
        let case = field.key.case;
        match field.key.what {
            What::HalfDotted => out.push_str(&cased(if self.afternoon() { "P.M." } else { "A.M." }, case)),
            What::Half => out.push_str(&cased(if self.afternoon() { "PM" } else { "AM" }, case)),
            What::EraDotted => {
                self.calendar_only()?;
                out.push_str(&cased(if self.date.year <= 0 { "B.C." } else { "A.D." }, case));
            }
            What::Era => {
                self.calendar_only()?;
                out.push_str(&cased(if self.date.year <= 0 { "BC" } else { "AD" }, case));
            }
            What::Zone | What::ZoneHour | What::ZoneMinute | What::Offset => self.zone_field(field, out)?,
            What::MonthName | What::MonthShort | What::DayName | What::DayShort | What::Roman => self.name_field(field, out)?,
            What::Fixed => {}
            _ => self.number_field(field, out)?,
        }
        Ok(())
    }

    fn afternoon(&self) -> bool {
        self.hour % 24 >= 12
    }

    fn zone_field(&self, field: Field, out: &mut String) -> Result<()> {
        self.calendar_only()?;
        let (east, name) = self.zone.unwrap_or((0, ""));
        let sign = if east >= 0 { '+' } else { '-' };
        let absolute = east.abs();
        match field.key.what {
            What::Zone => out.push_str(&cased(name, field.key.case)),
            What::ZoneHour => {
                let _ = write!(out, "{sign}{:02}", absolute / 3600);
            }
            What::ZoneMinute => {
                let _ = write!(out, "{:02}", absolute % 3600 / 60);
            }
            _ => {
                let width = if field.fill { 0 } else { 2 };
                let _ = write!(out, "{sign}{:0width$}", absolute / 3600);
                if absolute % 3600 != 0 {
                    let _ = write!(out, ":{:02}", absolute % 3600 / 60);
                }
            }
        }
        Ok(())
    }

    fn name_field(&self, field: Field, out: &mut String) -> Result<()> {
        let (name, width) = match field.key.what {
            What::Roman => match self.roman() {
                Some(numeral) => (numeral, 4),
                None => return Ok(()),
            },
            What::MonthName | What::MonthShort => {
                self.calendar_only()?;
                let Some(name) = usize::try_from(self.date.month - 1).ok().and_then(|index| MONTHS.get(index)) else { return Ok(()) };
                if field.key.what == What::MonthName { (*name, 9) } else { (&name[..3], 0) }
            }
            _ => {
                self.calendar_only()?;
                let name = DAYS[self.date.weekday() as usize];
                if field.key.what == What::DayName { (name, 9) } else { (&name[..3], 0) }
            }
        };
        let width = if field.fill || field.translate { 0 } else { width };
        let _ = write!(out, "{:width$}", cased(name, field.key.case));
        Ok(())
    }

    /// An interval's months count backwards below zero, and zero is either end of the year.
    fn roman(&self) -> Option<&'static str> {
        let month = self.date.month;
        if month == 0 && self.date.year == 0 {
            return None;
        }
        let index = match month {
            0 if self.date.year >= 0 => 0,
            0 => 11,
            1.. => 12 - month,
            _ => -(month + 1),
        };
        ROMAN.get(usize::try_from(index).ok()?).copied()
    }

    fn number_field(&self, field: Field, out: &mut String) -> Result<()> {
        let start = out.len();
        let (value, width) = self.number(field.key.what)?;
        if field.key.what == What::YearComma {
            let year = self.shown_year(self.date.year);
            let _ = write!(out, "{},{:03}", year / 1000, year % 1000);
        } else if let Some(value) = value {
            // A minus sign is given room of its own.
            let width = if field.fill { 0 } else { width + usize::from(value < 0 && has_room_for_sign(field.key.what)) };
            let fixed = matches!(field.key.what, What::Fraction(_) | What::Milliseconds | What::Microseconds);
            let width = if fixed { self.fraction_width(field.key.what) } else { width };
            let _ = write!(out, "{value:0width$}");
        } else {
            return Ok(());
        }
        ordinal(out, start, field.ordinal)
    }

    /// Fractions keep their zeros, filled or not.
    fn fraction_width(&self, what: What) -> usize {
        match what {
            What::Fraction(digits) => digits as usize,
            What::Milliseconds => 3,
            _ => 6,
        }
    }

    fn shown_year(&self, year: i32) -> i32 {
        if self.interval || year > 0 { year } else { 1 - year }
    }

    /// A number and its width; `None` shows nothing.
    fn number(&self, what: What) -> Result<(Option<i64>, usize)> {
        let int = |value: i32, width: usize| Ok((Some(i64::from(value)), width));
        let date = &self.date;
        match what {
            What::Hour12 => {
                Ok((Some(if self.hour % 12 == 0 { 12 } else { self.hour % 12 }), if self.hour % 12 == 0 && self.hour < 0 { 3 } else { 2 }))
            }
            What::Hour24 => Ok((Some(self.hour), 2)),
            What::Minute => int(self.minute, 2),
            What::Second => int(self.second, 2),
            What::Fraction(digits) => int(self.micros / 10_i32.pow(6 - digits), digits as usize),
            What::Milliseconds => int(self.micros / 1000, 3),
            What::Microseconds => int(self.micros, 6),
            What::SecondsOfDay => Ok((Some(self.hour * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)), 0)),
            What::Month => int(date.month, 2),
            What::DayOfYear => int(if self.interval { self.interval_days() } else { date.day_of_year() }, 3),
            What::IsoDayOfYear => {
                let julian = self.julian();
                let year = iso_week(julian).0;
                int(julian.wrapping_sub(iso_year_start(year)).wrapping_add(1), 3)
            }
            What::DayOfMonth => int(date.day, 2),
            What::DayOfWeek => {
                self.calendar_only()?;
                int(date.weekday() + 1, 1)
            }
            What::IsoDayOfWeek => {
                self.calendar_only()?;
                int(iso_weekday(self.julian()), 1)
            }
            What::WeekOfYear => {
                let day = if self.interval { self.interval_days() } else { date.day_of_year() };
                int(day.wrapping_sub(1) / 7 + 1, 2)
            }
            What::IsoWeek => int(iso_week(self.julian()).1, 2),
            What::Quarter if date.month == 0 => Ok((None, 0)),
            What::Quarter => int((date.month - 1) / 3 + 1, 1),
            What::Century => {
                let century = self.century();
                int(century, if century.abs() <= 99 { 2 } else { 1 })
            }
            What::Year(digits) => int(last_digits(self.shown_year(date.year), digits), digits as usize),
            What::IsoYear(digits) => int(last_digits(self.shown_year(iso_week(self.julian()).0), digits), digits as usize),
            What::WeekOfMonth => int(date.day.wrapping_sub(1) / 7 + 1, 1),
            What::Julian => int(self.julian(), 1),
            _ => Ok((None, 0)),
        }
    }

    /// An interval in days of months that have 30; wraps as PostgreSQL's does.
    fn interval_days(&self) -> i32 {
        let months = self.date.year.wrapping_mul(12).wrapping_add(self.date.month);
        months.wrapping_mul(30).wrapping_add(self.date.day)
    }

    fn century(&self) -> i32 {
        let year = self.date.year;
        if self.interval {
            year / 100
        } else if year > 0 {
            (year - 1) / 100 + 1
        } else {
            year / 100 - 1
        }
    }
}

/// Julian day of the Monday of an ISO year's first week.
pub(super) fn iso_year_start(year: i32) -> i32 {
    let fourth = julian_day(year, 1, 4);
    fourth.wrapping_sub(fourth.rem_euclid(7))
}

/// Whether a field is one wider when it is negative; days and weeks are not.
const fn has_room_for_sign(what: What) -> bool {
    matches!(
        what,
        What::Hour12 | What::Hour24 | What::Minute | What::Second | What::Month | What::Century | What::Year(2..) | What::IsoYear(2..)
    )
}

fn last_digits(year: i32, digits: u32) -> i32 {
    if digits >= 4 { year } else { year % 10_i32.pow(digits) }
}

fn cased(text: &str, case: Case) -> String {
    match case {
        Case::Upper => text.to_ascii_uppercase(),
        Case::Capital => text.to_owned(),
        Case::Lower => text.to_ascii_lowercase(),
    }
}

/// Appends the English ordinal suffix of the number from `start` on.
fn ordinal(out: &mut String, start: usize, ordinal: Ordinal) -> Result<()> {
    let upper = match ordinal {
        Ordinal::None => return Ok(()),
        Ordinal::Upper => true,
        Ordinal::Lower => false,
    };
    let digits = &out.as_bytes()[start..];
    let suffix = match digits {
        [.., b'1', _] => "th",
        [.., b'1'] => "st",
        [.., b'2'] => "nd",
        [.., b'3'] => "rd",
        _ => "th",
    };
    if upper {
        out.push_str(&suffix.to_ascii_uppercase());
    } else {
        out.push_str(suffix);
    }
    Ok(())
}

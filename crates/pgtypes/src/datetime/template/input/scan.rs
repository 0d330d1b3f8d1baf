//! Reads the fields of a text by a template.

use super::super::fields::{Calendar, ROMAN, What};
use super::super::{Field, Node, Ordinal, is_separator, is_space, parse};
use super::{Found, invalid};
use crate::datetime::format::{DAYS, MONTHS};
use crate::{Result, SqlError, SqlState};

pub(super) fn scan(text: &str, template: &str) -> Result<Found> {
    let nodes = parse(template);
    let mut scanner = Scanner { source: text, at: 0, fixed: false, skipped: 0, found: Found::default() };
    for (index, node) in nodes.iter().enumerate() {
        if scanner.rest().is_empty() {
            break;
        }
        scanner.node(*node, index == 0, nodes.get(index + 1))?;
    }
    Ok(scanner.found)
}

struct Scanner<'a> {
    source: &'a str,
    at: usize,
    /// `FX`: every character of the template takes exactly one of the text.
    fixed: bool,
    /// Characters skipped beyond those the template asked for.
    skipped: i32,
    found: Found,
}

const FILL_HINT: &str = "If your source string is not fixed-width, try using the \"FM\" modifier.";

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.source[self.at..]
    }

    fn skip_char(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    fn skip_spaces(&mut self) {
        while self.rest().starts_with(is_space) {
            self.at += 1;
            self.skipped += 1;
        }
    }

    fn node(&mut self, node: Node, first: bool, next: Option<&Node>) -> Result<()> {
        let field = match node {
            Node::Field(field) => Some(field),
            _ => None,
        };
        let is_fixed_mark = field.is_some_and(|field| field.key.what == What::Fixed);
        if !self.fixed && !is_fixed_mark && (field.is_some() || first) {
            self.skip_spaces();
        }
        match node {
            Node::Field(field) => {
                self.enter_calendar(field.key.calendar)?;
                self.field(field, next)?;
                if !self.fixed {
                    self.skipped = 0;
                    self.skip_spaces();
                }
            }
            _ if self.fixed => self.skip_char(),
            Node::Space(_) | Node::Separator(_) => {
                self.skipped -= 1;
                if self.rest().starts_with(|c| is_space(c) || is_separator(c)) {
                    self.at += 1;
                    self.skipped += 1;
                }
            }
            // What was skipped too much may have been this character.
            Node::Literal(_) if self.skipped > 0 => self.skipped -= 1,
            Node::Literal(_) => self.skip_char(),
        }
        Ok(())
    }

    fn enter_calendar(&mut self, calendar: Calendar) -> Result<()> {
        if calendar == Calendar::Any {
            return Ok(());
        }
        if *self.found.calendar.get_or_insert(calendar) == calendar {
            return Ok(());
        }
        Err(invalid("invalid combination of date conventions".to_owned())
            .hint("Do not mix Gregorian and ISO week date conventions in a formatting template."))
    }

    fn field(&mut self, field: Field, next: Option<&Node>) -> Result<()> {
        let full = field.key.name.len();
        match field.key.what {
            What::Fixed => self.fixed = true,
            What::HalfDotted => self.half(field, &["a.m.", "p.m."])?,
            What::Half => self.half(field, &["am", "pm"])?,
            What::EraDotted => self.era(field, &["a.d.", "b.c."])?,
            What::Era => self.era(field, &["ad", "bc"])?,
            What::Hour12 => {
                self.number(field, next, 2, |found| &mut found.hour)?;
                self.found.twelve_hours = true;
            }
            What::Hour24 => self.number(field, next, 2, |found| &mut found.hour).map(drop)?,
            What::Minute => self.number(field, next, full, |found| &mut found.minute).map(drop)?,
            What::Second => self.number(field, next, full, |found| &mut found.second).map(drop)?,
            What::SecondsOfDay => self.number(field, next, full, |found| &mut found.seconds_of_day).map(drop)?,
            What::Milliseconds => {
                let length = self.number(field, next, 3, |found| &mut found.milliseconds)?;
                scale(&mut self.found.milliseconds, length, 3);
            }
            What::Microseconds => self.fraction(field, next, 6)?,
            What::Fraction(digits) => {
                self.found.fraction_digits = digits as i32;
                self.fraction(field, next, digits as usize)?;
            }
            What::Zone | What::Offset => {
                return Err(SqlError::unsupported(format!("formatting field \"{}\" is only supported in to_char", field.key.name)));
            }
            What::ZoneHour => self.zone_hour(field, next)?,
            What::ZoneMinute => {
                if self.found.zone_sign == 0 {
                    self.found.zone_sign = 1;
                }
                self.number(field, next, 2, |found| &mut found.zone_minute)?;
            }
            _ => self.date_field(field, next)?,
        }
        Ok(())
    }

    fn date_field(&mut self, field: Field, next: Option<&Node>) -> Result<()> {
        let full = field.key.name.len();
        match field.key.what {
            What::MonthName => self.name(field, &MONTHS, |found| &mut found.month, |index| index + 1),
            What::MonthShort => self.name(field, &MONTHS.map(|name| &name[..3]), |found| &mut found.month, |index| index + 1),
            What::Roman => self.name(field, &ROMAN, |found| &mut found.month, |index| 12 - index),
            What::DayName => self.weekday_name(field, &DAYS),
            What::DayShort => self.weekday_name(field, &DAYS.map(|name| &name[..3])),
            What::Month => self.number(field, next, full, |found| &mut found.month).map(drop),
            What::DayOfYear => self.number(field, next, full, |found| &mut found.day_of_year).map(drop),
            What::IsoDayOfYear => self.number(field, next, 3, |found| &mut found.day_of_year).map(drop),
            What::DayOfMonth => self.number(field, next, full, |found| &mut found.day).map(drop),
            What::DayOfWeek => self.number(field, next, full, |found| &mut found.weekday).map(drop),
            What::IsoDayOfWeek => {
                self.number(field, next, 1, |found| &mut found.weekday)?;
                self.found.weekday = if self.found.weekday >= 7 { 1 } else { self.found.weekday + 1 };
                Ok(())
            }
            What::WeekOfYear | What::IsoWeek => self.number(field, next, full, |found| &mut found.week).map(drop),
            What::WeekOfMonth => self.number(field, next, full, |found| &mut found.week_of_month).map(drop),
            // Which date of a quarter would be meant is unclear; the number is read and counts for nothing.
            What::Quarter => self.integer(field, next, full).map(|_| self.skip_ordinal(field)),
            What::Century => self.number(field, next, full, |found| &mut found.century).map(drop),
            What::Julian => self.number(field, next, full, |found| &mut found.julian).map(drop),
            What::YearComma => self.year_with_comma(field),
            What::Year(digits) | What::IsoYear(digits) => self.year(field, next, full, digits),
            _ => Ok(()),
        }
    }

    fn half(&mut self, field: Field, names: &[&str]) -> Result<()> {
        self.name(field, names, |found| &mut found.pm, |index| index)?;
        self.found.twelve_hours = true;
        Ok(())
    }

    fn era(&mut self, field: Field, names: &[&str]) -> Result<()> {
        self.name(field, names, |found| &mut found.before_christ, |index| index)
    }

    fn weekday_name(&mut self, field: Field, names: &[&str]) -> Result<()> {
        self.name(field, names, |found| &mut found.weekday, |index| index)?;
        self.found.weekday += 1;
        Ok(())
    }

    fn fraction(&mut self, field: Field, next: Option<&Node>, digits: usize) -> Result<()> {
        let length = self.number(field, next, digits, |found| &mut found.microseconds)?;
        scale(&mut self.found.microseconds, length, 6);
        Ok(())
    }

    /// A minus taken for a separator before the hour still counts.
    fn zone_hour(&mut self, field: Field, next: Option<&Node>) -> Result<()> {
        let sign = self.rest().chars().next();
        if let Some('+' | '-' | ' ') = sign {
            self.found.zone_sign = if sign == Some('-') { -1 } else { 1 };
            self.at += 1;
        } else {
            let minus_skipped = self.skipped > 0 && self.source[..self.at].ends_with('-');
            self.found.zone_sign = if minus_skipped { -1 } else { 1 };
        }
        self.number(field, next, 2, |found| &mut found.zone_hour).map(drop)
    }

    fn year(&mut self, field: Field, next: Option<&Node>, width: usize, digits: u32) -> Result<()> {
        let (value, length) = self.integer(field, next, width)?;
        let year = if digits < 4 && length < 4 { nearest_to_2020(value) } else { value };
        // The conflict check compares what was read, before it is completed.
        set(&mut self.found.year, value, field)?;
        self.found.year = year;
        self.found.year_digits = digits;
        self.skip_ordinal(field);
        Ok(())
    }

    fn year_with_comma(&mut self, field: Field) -> Result<()> {
        let bad = || invalid("invalid input string for \"Y,YYY\"".to_owned());
        let rest = self.rest();
        let comma = rest.find(',').ok_or_else(bad)?;
        let digits = rest[comma + 1..].bytes().take(3).take_while(u8::is_ascii_digit).count();
        let thousands: i32 = rest[..comma].trim_start_matches(is_space).parse().map_err(|_| bad())?;
        let years: i32 = rest[comma + 1..comma + 1 + digits].parse().map_err(|_| bad())?;
        let year = thousands.checked_mul(1000).and_then(|thousands| thousands.checked_add(years));
        let year =
            year.ok_or_else(|| SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, "value for \"Y,YYY\" in source string is out of range"))?;
        self.at += comma + 1 + digits;
        set(&mut self.found.year, year, field)?;
        self.found.year_digits = 4;
        self.skip_ordinal(field);
        Ok(())
    }

    /// Reads a number into a field; how many characters it took.
    fn number(&mut self, field: Field, next: Option<&Node>, width: usize, place: fn(&mut Found) -> &mut i32) -> Result<usize> {
        let (value, length) = self.integer(field, next, width)?;
        set(place(&mut self.found), value, field)?;
        self.skip_ordinal(field);
        Ok(length)
    }

    fn skip_ordinal(&mut self, field: Field) {
        if field.ordinal != Ordinal::None {
            for _ in 0..2 {
                self.skip_char();
            }
        }
    }

    /// A number, of any length when something else than a digit must follow it, otherwise of `width` characters.
    fn integer(&mut self, field: Field, next: Option<&Node>, width: usize) -> Result<(i32, usize)> {
        let start = self.at;
        self.at += self.rest().len() - self.rest().trim_start_matches(is_space).len();
        let cut = self.rest().char_indices().nth(width).map_or(self.rest().len(), |(at, _)| at);
        let shown = self.rest()[..cut].to_owned();
        let open_ended = field.fill || field.ordinal != Ordinal::None || !may_be_digit(next);
        let name = field.key.name;
        let (value, used) = if open_ended { leading_integer(self.rest()) } else { leading_integer(&shown) };
        if !open_ended {
            if shown.len() < width {
                return Err(invalid(format!("source string too short for \"{name}\" formatting field"))
                    .detail(format!("Field requires {width} characters, but only {} remain.", shown.len()))
                    .hint(FILL_HINT));
            }
            if used > 0 && used < width {
                return Err(invalid(format!("invalid value \"{shown}\" for \"{name}\""))
                    .detail(format!("Field requires {width} characters, but only {used} could be parsed."))
                    .hint(FILL_HINT));
            }
        }
        self.at += used;
        if used == 0 {
            return Err(invalid(format!("invalid value \"{shown}\" for \"{name}\"")).detail("Value must be an integer."));
        }
        let value = value.and_then(|value| i32::try_from(value).ok()).ok_or_else(|| {
            SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, format!("value for \"{name}\" in source string is out of range"))
                .detail(format!("Value must be in the range {} to {}.", i32::MIN, i32::MAX))
        })?;
        Ok((value, self.at - start))
    }

    /// Reads one of some names in any case.
    fn name(&mut self, field: Field, names: &[&str], place: fn(&mut Found) -> &mut i32, value: fn(i32) -> i32) -> Result<()> {
        let rest = self.rest();
        let matches = |name: &&str| rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        let Some(index) = names.iter().position(matches) else {
            let shown = rest.split(is_space).next().unwrap_or("");
            return Err(invalid(format!("invalid value \"{shown}\" for \"{}\"", field.key.name))
                .detail("The given value did not match any of the allowed values for this field."));
        };
        self.at += names[index].len();
        set(place(&mut self.found), value(index as i32), field)
    }
}

fn set(place: &mut i32, value: i32, field: Field) -> Result<()> {
    if *place != 0 && *place != value {
        return Err(invalid(format!("conflicting values for \"{}\" field in formatting string", field.key.name))
            .detail("This value contradicts a previous setting for the same field type."));
    }
    *place = value;
    Ok(())
}

/// Whether the next piece of the template could stand for a digit.
fn may_be_digit(next: Option<&Node>) -> bool {
    match next {
        None => false,
        Some(Node::Field(field)) => field.key.digits,
        Some(Node::Literal(c) | Node::Space(c) | Node::Separator(c)) => c.is_ascii_digit(),
    }
}

/// C's `strtol`: the value, `None` when it does not fit, and how many characters it took.
fn leading_integer(text: &str) -> (Option<i64>, usize) {
    let trimmed = text.trim_start_matches(is_space);
    let unsigned = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    let end = text.len() - unsigned.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if end + unsigned.len() == text.len() {
        return (None, 0);
    }
    let digits = &text[text.len() - trimmed.len()..end];
    (digits.parse().ok(), end)
}

/// `25` is a quarter of a second as well as `250` is.
fn scale(value: &mut i32, length: usize, digits: u32) {
    let missing = digits.saturating_sub(u32::try_from(length).unwrap_or(digits));
    *value = value.saturating_mul(10_i32.pow(missing));
}

/// A year of fewer than four digits is the one nearest to 2020.
const fn nearest_to_2020(year: i32) -> i32 {
    match year {
        ..70 => year + 2000,
        70..100 => year + 1900,
        100..520 => year + 2000,
        520..1000 => year + 1000,
        _ => year,
    }
}

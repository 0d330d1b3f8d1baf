//! Interval literals: words and numbers in any order PostgreSQL takes, the SQL standard's `1-2 3 4:05:06`, and ISO 8601.
//!
//! Fields are read from the right, so that a unit is known before its number. Fractions of a unit run down: of a month into days of which there are 30,
//! of a day into microseconds.

mod iso8601;

use super::keywords::{self, IntervalWord, Unit};
use super::parse::{Fault, numbers};
use super::tokens::{self, Field, Shape};
use super::{DAYS_PER_MONTH, USECS_PER_DAY, USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC};
use crate::typmod::interval_field as field;
use crate::{Interval, IntervalStyle, Result};

/// Reads an interval for a modifier (-1: none), which gives a last number without a unit its meaning. The modifier is not applied otherwise.
///
/// # Errors
/// `22007`, `22008` and `22015` with PostgreSQL's texts.
pub fn parse(text: &str, typmod: i32, style: IntervalStyle) -> Result<Interval> {
    let range = if typmod < 0 { field::FULL } else { crate::typmod::interval_fields(typmod) };
    let sum = match words(text, range, style) {
        Err(Fault::BadFormat) => iso8601::parse(text),
        other => other,
    };
    let sum = sum.map_err(|fault| {
        let fault = if fault == Fault::FieldOverflow { Fault::IntervalOverflow } else { fault };
        fault.error(text, "interval")
    })?;
    sum.interval().ok_or_else(super::interval_out_of_range)
}

/// An interval in the making.
#[derive(Default)]
struct Sum {
    years: i32,
    months: i32,
    days: i32,
    micros: i64,
}

impl Sum {
    fn interval(&self) -> Option<Interval> {
        let months = i64::from(self.years) * 12 + i64::from(self.months);
        Some(Interval { months: i32::try_from(months).ok()?, days: self.days, micros: self.micros })
    }

    fn add_fraction_of(&mut self, fraction: f64, unit: i64) -> Result<(), Fault> {
        if fraction == 0.0 {
            return Ok(());
        }
        let scaled = fraction * unit as f64;
        let whole = scaled as i64;
        let rest = scaled - whole as f64;
        let rounded = whole + i64::from(rest > 0.5) - i64::from(rest < -0.5);
        self.micros = self.micros.checked_add(rounded).ok_or(Fault::FieldOverflow)?;
        Ok(())
    }

    fn add_time(&mut self, value: i64, fraction: f64, unit: i64) -> Result<(), Fault> {
        let whole = value.checked_mul(unit).ok_or(Fault::FieldOverflow)?;
        self.micros = self.micros.checked_add(whole).ok_or(Fault::FieldOverflow)?;
        self.add_fraction_of(fraction, unit)
    }

    fn add_days(&mut self, value: i64, unit: i32) -> Result<(), Fault> {
        add_scaled(&mut self.days, value, unit)
    }

    fn add_fraction_of_days(&mut self, fraction: f64, unit: i32) -> Result<(), Fault> {
        if fraction == 0.0 {
            return Ok(());
        }
        let scaled = fraction * f64::from(unit);
        let whole = scaled as i32;
        self.days = self.days.checked_add(whole).ok_or(Fault::FieldOverflow)?;
        self.add_fraction_of(scaled - f64::from(whole), USECS_PER_DAY)
    }

    fn add_months(&mut self, value: i64, fraction: f64) -> Result<(), Fault> {
        add_scaled(&mut self.months, value, 1)?;
        self.add_fraction_of_days(fraction, DAYS_PER_MONTH)
    }

    fn add_years(&mut self, value: i64, fraction: f64, unit: i32) -> Result<(), Fault> {
        add_scaled(&mut self.years, value, unit)?;
        let months = (fraction * f64::from(unit) * 12.0).round_ties_even() as i32;
        self.months = self.months.checked_add(months).ok_or(Fault::FieldOverflow)?;
        Ok(())
    }

    fn add(&mut self, unit: Unit, value: i64, fraction: f64) -> Result<(), Fault> {
        match unit {
            Unit::Microsecond => self.add_time(value, fraction, 1),
            Unit::Millisecond => self.add_time(value, fraction, 1000),
            Unit::Second => self.add_time(value, fraction, USECS_PER_SEC),
            Unit::Minute => self.add_time(value, fraction, USECS_PER_MINUTE),
            Unit::Hour => self.add_time(value, fraction, USECS_PER_HOUR),
            Unit::Day => {
                self.add_days(value, 1)?;
                self.add_fraction_of(fraction, USECS_PER_DAY)
            }
            Unit::Week => {
                self.add_days(value, 7)?;
                self.add_fraction_of_days(fraction, 7)
            }
            Unit::Month => self.add_months(value, fraction),
            Unit::Year => self.add_years(value, fraction, 1),
            Unit::Decade => self.add_years(value, fraction, 10),
            Unit::Century => self.add_years(value, fraction, 100),
            Unit::Millennium => self.add_years(value, fraction, 1000),
            _ => Err(Fault::BadFormat),
        }
    }

    fn negate(&mut self) -> Result<(), Fault> {
        self.micros = self.micros.checked_neg().ok_or(Fault::FieldOverflow)?;
        self.days = self.days.checked_neg().ok_or(Fault::FieldOverflow)?;
        self.months = self.months.checked_neg().ok_or(Fault::FieldOverflow)?;
        self.years = self.years.checked_neg().ok_or(Fault::FieldOverflow)?;
        Ok(())
    }
}

fn add_scaled(target: &mut i32, value: i64, unit: i32) -> Result<(), Fault> {
    let sum = i32::try_from(value).ok().and_then(|value| value.checked_mul(unit)).and_then(|value| target.checked_add(value));
    *target = sum.ok_or(Fault::FieldOverflow)?;
    Ok(())
}

/// Reads the fields of an interval from the right.
struct Reader {
    sum: Sum,
    range: i32,
    /// The SQL standard's leading sign counts for all fields.
    all_negative: bool,
    /// Meaning of the next number to the left.
    unit: Option<Unit>,
    /// Units seen, as bits.
    seen: u32,
    ago: bool,
}

fn words(text: &str, range: i32, style: IntervalStyle) -> Result<Sum, Fault> {
    let fields = tokens::fields(text).ok_or(Fault::BadFormat)?;
    let signed = |field: &Field| field.text.starts_with(['-', '+']);
    let leading_minus = fields.first().is_some_and(|field| field.text.starts_with('-'));
    let all_negative = style == IntervalStyle::SqlStandard && leading_minus && !fields[1..].iter().any(signed);
    let mut reader = Reader { sum: Sum::default(), range, all_negative, unit: None, seen: 0, ago: false };
    for field in fields.iter().rev() {
        let found = reader.field(field)?;
        if found & reader.seen != 0 {
            return Err(Fault::BadFormat);
        }
        reader.seen |= found;
    }
    if reader.seen == 0 {
        return Err(Fault::BadFormat);
    }
    if reader.ago {
        reader.sum.negate()?;
    }
    Ok(reader.sum)
}

const SECONDS: u32 = bit(Unit::Second) | bit(Unit::Millisecond) | bit(Unit::Microsecond);
const CLOCK: u32 = SECONDS | bit(Unit::Hour) | bit(Unit::Minute);

const fn bit(unit: Unit) -> u32 {
    1 << unit as u32
}

impl Reader {
    fn field(&mut self, field: &Field) -> Result<u32, Fault> {
        match field.shape {
            Shape::Time => self.clock(&field.text, false),
            Shape::Signed if field.text[1..].contains(':') => match self.clock(&field.text[1..], field.text.starts_with('-')) {
                Err(_) => self.number(&field.text),
                read => read,
            },
            Shape::Signed | Shape::Date | Shape::Number => self.number(&field.text),
            Shape::Word | Shape::SignedWord => self.word(&field.text),
        }
    }

    fn clock(&mut self, text: &str, negative: bool) -> Result<u32, Fault> {
        let clock = numbers::clock(text, self.range == field::MINUTE | field::SECOND)?;
        let rest = i64::from(clock.minute) * USECS_PER_MINUTE + i64::from(clock.second) * USECS_PER_SEC + i64::from(clock.micros);
        let micros = clock.hour.checked_mul(USECS_PER_HOUR).and_then(|hours| hours.checked_add(rest)).ok_or(Fault::FieldOverflow)?;
        // A time replaces what finer units gave; they are then seen twice, which is refused.
        self.sum.micros = if negative || (self.all_negative && micros > 0) { -micros } else { micros };
        self.unit = Some(Unit::Day);
        Ok(CLOCK)
    }

    fn number(&mut self, text: &str) -> Result<u32, Fault> {
        let unit = self.unit.unwrap_or_else(|| self.rightmost_unit());
        let negative = text.starts_with('-');
        let (mut value, rest) = if text.starts_with('.') { (0, text) } else { numbers::integer(text)? };
        let mut unit = unit;
        let mut fraction = 0.0_f64;
        if let Some(months) = rest.strip_prefix('-') {
            (unit, value) = (Unit::Month, years_months(value, months, negative)?);
        } else if rest.starts_with('.') {
            fraction = numbers::fraction(rest)?;
            if negative {
                fraction = -fraction;
            }
        } else if !rest.is_empty() {
            return Err(Fault::BadFormat);
        }
        if self.all_negative {
            (value, fraction) = (if value > 0 { -value } else { value }, -fraction.abs());
        }
        self.sum.add(unit, value, fraction)?;
        self.unit = Some(if unit == Unit::Hour { Unit::Day } else { unit });
        Ok(if unit == Unit::Second && fraction != 0.0 { SECONDS } else { bit(unit) })
    }

    /// The meaning of a last number without a unit.
    fn rightmost_unit(&self) -> Unit {
        let range = self.range;
        if range == field::FULL || range & field::SECOND != 0 {
            Unit::Second
        } else if range & field::MINUTE != 0 {
            Unit::Minute
        } else if range & field::HOUR != 0 {
            Unit::Hour
        } else if range & field::DAY != 0 {
            Unit::Day
        } else if range & field::MONTH != 0 {
            Unit::Month
        } else {
            Unit::Year
        }
    }

    fn word(&mut self, text: &str) -> Result<u32, Fault> {
        match keywords::interval_word(text) {
            Some(IntervalWord::Ignored) => {}
            Some(IntervalWord::Unit(unit)) => self.unit = Some(unit),
            Some(IntervalWord::Ago) => {
                self.ago = true;
                // A number right before it would count nothing: an epoch is no length, and is refused.
                self.unit = Some(Unit::Epoch);
            }
            None => return Err(Fault::BadFormat),
        }
        Ok(0)
    }
}

/// The SQL standard's `years-months`.
fn years_months(years: i64, months: &str, negative: bool) -> Result<i64, Fault> {
    let (months, rest) = numbers::integer32(months)?;
    if !(0..12).contains(&months) {
        return Err(Fault::FieldOverflow);
    }
    if !rest.is_empty() {
        return Err(Fault::BadFormat);
    }
    let months = i64::from(if negative { -months } else { months });
    years.checked_mul(12).and_then(|years| years.checked_add(months)).ok_or(Fault::FieldOverflow)
}

//! The general decoder.

use super::super::keywords::{self, Reserved, Unit, Word};
use super::super::timezone::{self, Named, TimeZone};
use super::super::tokens::{self, Field, Shape};
use super::super::{Fields, USECS_PER_DAY, civil_date, days_in_month, julian_day};
use super::numbers::{self, displacement, integer32, time_overflows};
use super::{Fault, Surroundings};
use crate::DateOrder;

/// Parts of a literal, as bits.
mod part {
    pub(super) const YEAR: u32 = 1;
    pub(super) const MONTH: u32 = 1 << 1;
    pub(super) const DAY: u32 = 1 << 2;
    pub(super) const DATE: u32 = YEAR | MONTH | DAY;
    pub(super) const TIME: u32 = 1 << 3;
    pub(super) const ZONE: u32 = 1 << 4;
    pub(super) const DAYLIGHT: u32 = 1 << 5;
    pub(super) const HALF: u32 = 1 << 6;
    pub(super) const ERA: u32 = 1 << 7;
    pub(super) const WEEKDAY: u32 = 1 << 8;
    pub(super) const DAY_OF_YEAR: u32 = 1 << 9;
}

/// A value that has no fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Special {
    Epoch,
    Infinity,
    MinusInfinity,
}

/// What a literal says.
pub(super) struct Decoded {
    pub(super) fields: Fields,
    /// Seconds east of UTC, the session's zone when the literal names none.
    pub(super) east: i32,
    pub(super) special: Option<Special>,
}

pub(super) struct Decoder<'a> {
    around: Surroundings<'a>,
    /// Whether this is a `time` or `timetz`, whose bare numbers are times.
    time_only: bool,
    tm: Fields,
    day_of_year: i32,
    mask: u32,
    east: i32,
    zone: Option<Named>,
    pending: Option<Unit>,
    /// `T` seen: the next field is a time.
    time_mark: bool,
    text_month: bool,
    short_year: bool,
    julian: bool,
    before_christ: bool,
    pm: Option<bool>,
    special: Option<Special>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(around: Surroundings<'a>) -> Self {
        Self {
            around,
            time_only: false,
            tm: Fields::default(),
            day_of_year: 0,
            mask: 0,
            east: 0,
            zone: None,
            pending: None,
            time_mark: false,
            text_month: false,
            short_year: false,
            julian: false,
            before_christ: false,
            pm: None,
            special: None,
        }
    }

    pub(super) fn date_time(mut self, text: &str) -> Result<Decoded, Fault> {
        let fields = tokens::fields(text).ok_or(Fault::BadFormat)?;
        self.all(&fields)?;
        if self.special.is_none() {
            self.validate_date()?;
            self.apply_half()?;
            if self.mask & part::DATE != part::DATE {
                return Err(Fault::BadFormat);
            }
            self.resolve_zone()?;
        }
        Ok(Decoded { fields: self.tm, east: self.east, special: self.special })
    }

    pub(super) fn time_only(mut self, text: &str) -> Result<Decoded, Fault> {
        self.time_only = true;
        let fields = tokens::fields(text).ok_or(Fault::BadFormat)?;
        self.all(&fields)?;
        self.validate_date()?;
        self.apply_half()?;
        if time_overflows(&self.tm) {
            return Err(Fault::FieldOverflow);
        }
        if self.mask & part::TIME != part::TIME {
            return Err(Fault::BadFormat);
        }
        self.resolve_time_zone()?;
        Ok(Decoded { fields: self.tm, east: self.east, special: None })
    }

    fn all(&mut self, fields: &[Field]) -> Result<(), Fault> {
        for (index, field) in fields.iter().enumerate() {
            let Some(found) = self.field(fields, index, field)? else { continue };
            if found & self.mask != 0 {
                return Err(Fault::BadFormat);
            }
            self.mask |= found;
        }
        if self.pending.is_some() || self.time_mark { Err(Fault::BadFormat) } else { Ok(()) }
    }

    /// The parts a field gives; `None` for a filler word.
    fn field(&mut self, all: &[Field], index: usize, field: &Field) -> Result<Option<u32>, Fault> {
        let text = field.text.as_str();
        match field.shape {
            Shape::Date => self.date_field(all, index, text).map(Some),
            Shape::Time => self.time_field(text).map(Some),
            Shape::Signed => {
                self.east = displacement(text)?;
                Ok(Some(part::ZONE))
            }
            Shape::Number => self.number_field(all, index, text).map(Some),
            Shape::Word | Shape::SignedWord => self.word_field(text),
        }
    }

    /// The mask that says which kinds of number are still expected: a `time` never expects a date.
    fn expecting(&self) -> u32 {
        if self.time_only { self.mask | part::DATE } else { self.mask }
    }

    fn date_field(&mut self, all: &[Field], index: usize, text: &str) -> Result<u32, Fault> {
        if self.pending == Some(Unit::Julian) && !self.time_only {
            return self.julian_with_zone(text);
        }
        let may_be_date = if self.time_only {
            index == 0 && all.len() >= 2 && (all[all.len() - 1].shape == Shape::Date || all[1].shape == Shape::Time)
        } else {
            self.pending.is_none() && !self.time_mark && self.mask & (part::MONTH | part::DAY) != part::MONTH | part::DAY
        };
        if may_be_date {
            return self.date_text(text);
        }
        let marked = std::mem::take(&mut self.time_mark);
        if self.pending.is_some() {
            return Err(Fault::BadFormat);
        }
        if text.starts_with(|c: char| c.is_ascii_digit()) || (marked && !self.time_only) {
            return self.time_with_zone(text);
        }
        let zone = TimeZone::by_name(text).ok_or_else(|| Fault::UnknownZone(text.to_owned()))?;
        self.zone = Some(Named::Zone(zone));
        Ok(part::ZONE)
    }

    /// `J2451187-08`
    fn julian_with_zone(&mut self, text: &str) -> Result<u32, Fault> {
        let (day, rest) = integer32(text)?;
        if day < 0 {
            return Err(Fault::FieldOverflow);
        }
        self.set_julian(day);
        self.east = displacement(rest)?;
        self.pending = None;
        Ok(part::DATE | part::TIME | part::ZONE)
    }

    fn set_julian(&mut self, day: i32) {
        (self.tm.year, self.tm.month, self.tm.day) = civil_date(day);
        self.julian = true;
    }

    /// `hhmmss-zz`
    fn time_with_zone(&mut self, text: &str) -> Result<u32, Fault> {
        if self.mask & part::TIME == part::TIME {
            return Err(Fault::BadFormat);
        }
        let split = text.find('-').ok_or(Fault::BadFormat)?;
        self.east = displacement(&text[split..])?;
        let found = self.concatenated(&text[..split], self.expecting())?;
        Ok(found | part::ZONE)
    }

    fn time_field(&mut self, text: &str) -> Result<u32, Fault> {
        if self.pending.is_some() {
            return Err(Fault::BadFormat);
        }
        self.time_mark = false;
        let clock = numbers::clock(text, false)?;
        self.tm.hour = i32::try_from(clock.hour).map_err(|_| Fault::FieldOverflow)?;
        (self.tm.minute, self.tm.second, self.tm.micros) = (clock.minute, clock.second, clock.micros);
        if !self.time_only && time_overflows(&self.tm) {
            return Err(Fault::FieldOverflow);
        }
        Ok(part::TIME)
    }

    fn number_field(&mut self, all: &[Field], index: usize, text: &str) -> Result<u32, Fault> {
        if let Some(label) = self.pending.take() {
            return self.labelled(label, text);
        }
        if std::mem::take(&mut self.time_mark) {
            let found = self.concatenated(text, self.mask | part::DATE)?;
            return if found == part::TIME { Ok(found) } else { Err(Fault::BadFormat) };
        }
        let before_point = text.find('.');
        if self.time_only {
            return self.time_number(all, index, text, before_point);
        }
        match before_point {
            Some(_) if self.mask & part::DATE == 0 => self.date_text(text),
            Some(point) if point > 2 => self.concatenated(text, self.mask),
            _ if text.len() >= 6 && (self.mask & part::DATE == 0 || self.mask & part::TIME == 0) => self.concatenated(text, self.mask),
            _ => self.number(text, self.mask, self.text_month),
        }
    }

    fn time_number(&mut self, all: &[Field], index: usize, text: &str, before_point: Option<usize>) -> Result<u32, Fault> {
        match before_point {
            Some(_) if index == 0 && all.len() >= 2 && all[all.len() - 1].shape == Shape::Date => self.date_text(text),
            Some(point) if point > 2 => self.concatenated(text, self.mask | part::DATE),
            Some(_) => Err(Fault::BadFormat),
            None if text.len() > 4 => self.concatenated(text, self.mask | part::DATE),
            None => self.number(text, self.mask | part::DATE, false),
        }
    }

    /// A number after a label: only a Julian day makes sense.
    fn labelled(&mut self, label: Unit, text: &str) -> Result<u32, Fault> {
        let (value, rest) = integer32(text)?;
        if label != Unit::Julian || !(rest.is_empty() || rest.starts_with('.')) {
            return Err(Fault::BadFormat);
        }
        if value < 0 {
            return Err(Fault::FieldOverflow);
        }
        self.set_julian(value);
        if rest.is_empty() {
            return Ok(part::DATE);
        }
        self.tm.set_time(numbers::day_fraction(rest)?);
        Ok(part::DATE | part::TIME)
    }

    fn word_field(&mut self, text: &str) -> Result<Option<u32>, Fault> {
        if let Some(named) = timezone::abbreviation(text) {
            self.zone_word(named);
            return Ok(Some(part::ZONE));
        }
        match keywords::word(text) {
            None => {
                let zone = TimeZone::by_name(text).ok_or(Fault::BadFormat)?;
                self.zone = Some(Named::Zone(zone));
                Ok(Some(part::ZONE))
            }
            Some(Word::Ignored) => Ok(None),
            Some(Word::Reserved(reserved)) => self.reserved(reserved).map(Some),
            Some(Word::Month(month)) if !self.time_only => Ok(Some(self.month_word(month))),
            Some(Word::Weekday) if !self.time_only => Ok(Some(part::WEEKDAY)),
            Some(Word::Month(_) | Word::Weekday) => Err(Fault::BadFormat),
            Some(Word::DaylightModifier) => {
                self.east += 3600;
                Ok(Some(part::DAYLIGHT))
            }
            Some(Word::Pm(pm)) => {
                self.pm = Some(pm);
                Ok(Some(part::HALF))
            }
            Some(Word::BeforeChrist(before)) => {
                self.before_christ = before;
                Ok(Some(part::ERA))
            }
            Some(Word::Label(unit)) => self.label(unit),
            Some(Word::TimeMark) => self.mark_time(),
        }
    }

    fn zone_word(&mut self, named: Named) {
        match named {
            Named::Fixed(east, _) => self.east = east,
            other => self.zone = Some(other),
        }
    }

    fn month_word(&mut self, month: i32) -> u32 {
        // A number taken for the month before the month's name came was the day.
        let numeric_month = self.mask & part::MONTH != 0 && !self.text_month && self.mask & part::DAY == 0;
        let found = if numeric_month && (1..=31).contains(&self.tm.month) {
            self.tm.day = self.tm.month;
            part::DAY
        } else {
            part::MONTH
        };
        self.text_month = true;
        self.tm.month = month;
        found
    }

    fn label(&mut self, unit: Unit) -> Result<Option<u32>, Fault> {
        if self.pending.is_some() || self.time_mark {
            return Err(Fault::BadFormat);
        }
        self.pending = Some(unit);
        Ok(Some(0))
    }

    fn mark_time(&mut self) -> Result<Option<u32>, Fault> {
        let dated = self.time_only || self.mask & part::DATE == part::DATE;
        if !dated || self.pending.is_some() || self.time_mark {
            return Err(Fault::BadFormat);
        }
        self.time_mark = true;
        Ok(Some(0))
    }

    fn reserved(&mut self, reserved: Reserved) -> Result<u32, Fault> {
        let local_now = self.around.zone.to_local(self.around.now);
        if self.time_only {
            return match reserved {
                Reserved::Now => {
                    self.tm.set_time(local_now.rem_euclid(USECS_PER_DAY));
                    Ok(part::TIME)
                }
                Reserved::Midnight => Ok(part::TIME | part::ZONE),
                _ => Err(Fault::BadFormat),
            };
        }
        let special = match reserved {
            Reserved::Now => {
                self.tm = Fields::from_timestamp(local_now);
                self.east = self.around.zone.east_at(self.around.now);
                return Ok(part::DATE | part::TIME | part::ZONE);
            }
            Reserved::Today => return Ok(self.relative_day(local_now, 0)),
            Reserved::Tomorrow => return Ok(self.relative_day(local_now, 1)),
            Reserved::Yesterday => return Ok(self.relative_day(local_now, -1)),
            Reserved::Midnight => {
                self.east = 0;
                return Ok(part::TIME | part::ZONE);
            }
            Reserved::Epoch => Special::Epoch,
            Reserved::Infinity => Special::Infinity,
            Reserved::MinusInfinity => Special::MinusInfinity,
        };
        self.special = Some(special);
        Ok(part::DATE | part::TIME | part::ZONE)
    }

    fn relative_day(&mut self, local_now: i64, days: i64) -> u32 {
        let day = Fields::from_timestamp(local_now.saturating_add(days * USECS_PER_DAY));
        (self.tm.year, self.tm.month, self.tm.day) = (day.year, day.month, day.day);
        part::DATE
    }

    /// A date with separators.
    fn date_text(&mut self, text: &str) -> Result<u32, Fault> {
        if text.ends_with(|c: char| !c.is_ascii_alphanumeric()) && text.chars().rev().take_while(|c| !c.is_ascii_alphanumeric()).count() > 1
        {
            return Err(Fault::BadFormat);
        }
        let parts = date_parts(text);
        let mut mask = self.mask;
        let mut found = 0;
        let mut add = |new: u32| {
            if mask & new != 0 {
                return Err(Fault::BadFormat);
            }
            mask |= new;
            found |= new;
            Ok(mask)
        };
        let mut text_month = false;
        for word in parts.iter().filter(|part| part.starts_with(|c: char| c.is_ascii_alphabetic())) {
            match keywords::word(word) {
                Some(Word::Ignored) => {}
                Some(Word::Month(month)) => {
                    self.tm.month = month;
                    text_month = true;
                    add(part::MONTH)?;
                }
                _ => return Err(Fault::BadFormat),
            }
        }
        let mut known = self.mask | if text_month { part::MONTH } else { 0 };
        for number in parts.iter().filter(|part| part.starts_with(|c: char| c.is_ascii_digit())) {
            let new = self.number(number, known, text_month)?;
            known = add(new)?;
        }
        if known & !(part::DAY_OF_YEAR | part::ZONE) == part::DATE { Ok(found) } else { Err(Fault::BadFormat) }
    }

    /// A number without a label, read by what is known already.
    fn number(&mut self, text: &str, mask: u32, text_month: bool) -> Result<u32, Fault> {
        let (value, rest) = integer32(text)?;
        let length = text.len();
        if rest.starts_with('.') {
            if length - rest.len() > 2 {
                return self.concatenated(text, mask | part::DATE);
            }
            self.tm.micros = numbers::fraction_micros(rest)?;
        } else if !rest.is_empty() {
            return Err(Fault::BadFormat);
        }
        let dated = mask & part::DATE;
        if length == 3 && dated == part::YEAR && (1..=366).contains(&value) {
            self.day_of_year = value;
            return Ok(part::DAY_OF_YEAR | part::MONTH | part::DAY);
        }
        let found = match self.numeric_part(dated, length, text_month) {
            Some(found) => found,
            None if dated == part::DATE => return self.concatenated(text, mask),
            None => return Err(Fault::BadFormat),
        };
        let day_was_year = text_month && dated == part::YEAR | part::MONTH && length >= 3 && self.short_year;
        self.store_part(found, value, length, day_was_year);
        Ok(found)
    }

    /// Which part of the date a number is; `None` when the date is complete.
    fn numeric_part(&self, dated: u32, length: usize, text_month: bool) -> Option<u32> {
        const YEAR_MONTH: u32 = part::YEAR | part::MONTH;
        const MONTH_DAY: u32 = part::MONTH | part::DAY;
        let year_first = length >= 3 || self.around.order == DateOrder::Ymd;
        Some(match dated {
            0 if year_first => part::YEAR,
            0 if self.around.order == DateOrder::Dmy => part::DAY,
            0 => part::MONTH,
            part::MONTH if text_month && year_first => part::YEAR,
            YEAR_MONTH | part::MONTH => part::DAY,
            part::YEAR | part::DAY => part::MONTH,
            MONTH_DAY => part::YEAR,
            _ => return None,
        })
    }

    fn store_part(&mut self, found: u32, value: i32, length: usize, day_was_year: bool) {
        match found {
            part::YEAR => {
                self.tm.year = value;
                self.short_year = length <= 2;
            }
            part::MONTH => self.tm.month = value,
            // DD-MON-YYYY in year-first order: the number taken for a short year was the day.
            _ if day_was_year => {
                self.tm.day = self.tm.year;
                self.tm.year = value;
                self.short_year = false;
            }
            _ => self.tm.day = value,
        }
    }

    /// `yyyymmdd`, `yymmdd`, `hhmmss`, `hhmm`, with or without a fraction of a second.
    fn concatenated(&mut self, text: &str, mask: u32) -> Result<u32, Fault> {
        let mut digits = text;
        if let Some(point) = text.find('.') {
            self.tm.micros = numbers::fraction_micros(&text[point..])?;
            digits = &text[..point];
        } else if mask & part::DATE != part::DATE && digits.len() >= 6 {
            return self.concatenated_date(digits);
        }
        if mask & part::TIME == part::TIME {
            return Err(Fault::BadFormat);
        }
        let number = |range: std::ops::Range<usize>| digits[range].parse::<i32>().map_err(|_| Fault::BadFormat);
        match digits.len() {
            6 => (self.tm.hour, self.tm.minute, self.tm.second) = (number(0..2)?, number(2..4)?, number(4..6)?),
            4 => (self.tm.hour, self.tm.minute, self.tm.second) = (number(0..2)?, number(2..4)?, 0),
            _ => return Err(Fault::BadFormat),
        }
        Ok(part::TIME)
    }

    fn concatenated_date(&mut self, digits: &str) -> Result<u32, Fault> {
        let year_length = digits.len() - 4;
        let number = |text: &str| text.parse::<i32>().map_err(|_| Fault::BadFormat);
        self.tm.day = number(&digits[year_length + 2..])?;
        self.tm.month = number(&digits[year_length..year_length + 2])?;
        // Years beyond 32 bits are out of range whatever they are.
        self.tm.year = digits[..year_length].parse().unwrap_or(i32::MAX);
        if year_length == 2 {
            self.short_year = true;
        }
        Ok(part::DATE)
    }

    fn validate_date(&mut self) -> Result<(), Fault> {
        if self.mask & part::YEAR != 0 {
            self.complete_year()?;
        }
        if self.mask & part::DAY_OF_YEAR != 0 {
            let first = julian_day(self.tm.year, 1, 1);
            (self.tm.year, self.tm.month, self.tm.day) = civil_date(first.saturating_add(self.day_of_year - 1));
        }
        if self.mask & part::MONTH != 0 && !(1..=12).contains(&self.tm.month) {
            return Err(Fault::MonthDayOverflow);
        }
        if self.mask & part::DAY != 0 && !(1..=31).contains(&self.tm.day) {
            return Err(Fault::MonthDayOverflow);
        }
        if self.mask & part::DATE == part::DATE && self.tm.day > days_in_month(self.tm.year, self.tm.month) {
            return Err(Fault::FieldOverflow);
        }
        Ok(())
    }

    fn complete_year(&mut self) -> Result<(), Fault> {
        if self.julian {
            return Ok(());
        }
        let year = self.tm.year;
        self.tm.year = if self.before_christ {
            if year <= 0 {
                return Err(Fault::FieldOverflow);
            }
            1 - year
        } else if self.short_year {
            match year {
                0..70 => year + 2000,
                70..100 => year + 1900,
                _ => year,
            }
        } else if year <= 0 {
            return Err(Fault::FieldOverflow);
        } else {
            year
        };
        Ok(())
    }

    fn apply_half(&mut self) -> Result<(), Fault> {
        let Some(pm) = self.pm else { return Ok(()) };
        if self.tm.hour > 12 {
            return Err(Fault::FieldOverflow);
        }
        match (pm, self.tm.hour) {
            (false, 12) => self.tm.hour = 0,
            (true, hour) if hour != 12 => self.tm.hour += 12,
            _ => {}
        }
        Ok(())
    }

    fn resolve_zone(&mut self) -> Result<(), Fault> {
        if self.zone.is_none() && self.mask & part::ZONE != 0 {
            return Ok(());
        }
        if self.mask & part::DAYLIGHT != 0 {
            return Err(Fault::BadFormat);
        }
        self.east = match &self.zone {
            Some(zone) => zone.east_of_local(&self.tm),
            None => self.around.zone.east_of_local(&self.tm),
        };
        Ok(())
    }

    /// A zone whose displacement varies needs a date; the session's own takes today.
    fn resolve_time_zone(&mut self) -> Result<(), Fault> {
        let dated = self.mask & part::DATE == part::DATE;
        if let Some(Named::Zone(zone)) = &self.zone
            && let Some(east) = zone.fixed_east()
        {
            self.east = east;
            return Ok(());
        }
        if matches!(self.zone, Some(Named::Zone(_))) && !dated {
            return Err(Fault::BadFormat);
        }
        if !dated {
            if self.mask & part::DATE != 0 && self.mask & part::ZONE == 0 {
                return Err(Fault::BadFormat);
            }
            let today = Fields::from_timestamp(self.around.zone.to_local(self.around.now));
            let time = self.tm;
            (self.tm.year, self.tm.month, self.tm.day) = (today.year, today.month, today.day);
            let resolved = self.resolve_zone();
            self.tm = time;
            return resolved;
        }
        self.resolve_zone()
    }
}

/// The runs of digits and of letters in a date; what stands between them separates.
fn date_parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::with_capacity(3);
    let mut rest = text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| if digits { !c.is_ascii_digit() } else { !c.is_ascii_alphabetic() }).unwrap_or(rest.len());
        parts.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    }
    parts
}

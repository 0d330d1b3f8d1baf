//! Dates, times and intervals as text, in every `DateStyle` and `IntervalStyle`.
//!
//! Each writer fills a fixed buffer: nothing here allocates.

mod interval;

pub use interval::interval;

use super::{Fields, USECS_PER_SEC, julian_day, timezone::TimeZone, weekday};
use crate::{DateOrder, DateStyle, Settings};

/// English names of the months.
pub(super) const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
/// English names of the days, from Sunday.
pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Longest text of a value: a verbose interval.
const CAPACITY: usize = 192;

/// A short ASCII text on the stack.
pub struct Text {
    bytes: [u8; CAPACITY],
    length: usize,
}

impl Text {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; CAPACITY], length: 0 }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or("")
    }

    pub(super) fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    /// Appends a text; zone abbreviations, the only ones not from this crate, are cut to what PostgreSQL prints.
    pub(super) fn push_str(&mut self, text: &str) {
        for byte in text.bytes().take(CAPACITY - self.length) {
            self.push(byte);
        }
    }

    /// A number with at least `width` digits.
    pub(super) fn number(&mut self, value: u32, width: usize) {
        let mut digits = [b'0'; 10];
        let mut start = digits.len();
        let mut rest = value;
        while rest > 0 {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        for &digit in &digits[start.min(digits.len() - width)..] {
            self.push(digit);
        }
    }

    fn two(&mut self, value: i32) {
        self.push(b'0' + (value / 10 % 10) as u8);
        self.push(b'0' + (value % 10) as u8);
    }

    /// `.5` for half a second, nothing for none.
    fn fraction(&mut self, micros: u32) {
        if micros == 0 {
            return;
        }
        self.push(b'.');
        self.number(micros, 6);
        while self.bytes[self.length - 1] == b'0' {
            self.length -= 1;
        }
    }

    fn clock(&mut self, time: &Fields) {
        self.two(time.hour);
        self.push(b':');
        self.two(time.minute);
        self.push(b':');
        self.two(time.second);
        self.fraction(time.micros.unsigned_abs());
    }

    /// `+02`, `-03:30`, `+00:00:05`
    fn displacement(&mut self, east: i32) {
        self.push(if east >= 0 { b'+' } else { b'-' });
        let absolute = east.unsigned_abs();
        self.number(absolute / 3600, 2);
        if !absolute.is_multiple_of(3600) {
            self.push(b':');
            self.number(absolute / 60 % 60, 2);
        }
        if !absolute.is_multiple_of(60) {
            self.push(b':');
            self.number(absolute % 60, 2);
        }
    }

    fn year(&mut self, fields: &Fields) {
        self.number(year_in_era(fields.year), 4);
    }

    fn era(&mut self, fields: &Fields) {
        if fields.year <= 0 {
            self.push_str(" BC");
        }
    }

    fn day_and_month(&mut self, fields: &Fields, separator: u8, day_first: bool) {
        let (first, second) = if day_first { (fields.day, fields.month) } else { (fields.month, fields.day) };
        self.two(first);
        self.push(separator);
        self.two(second);
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_str().fmt(f)
    }
}

/// The year as people write it, without its era.
#[must_use]
pub(super) fn year_in_era(year: i32) -> u32 {
    if year > 0 { year.unsigned_abs() } else { (1 - i64::from(year)) as u32 }
}

fn infinity(positive: bool) -> Text {
    let mut text = Text::new();
    text.push_str(if positive { "infinity" } else { "-infinity" });
    text
}

/// A `date`.
#[must_use]
pub fn date(days: i32, settings: &Settings) -> Text {
    if !super::date_is_finite(days) {
        return infinity(days > 0);
    }
    let fields = Fields::from_date(days);
    let mut text = Text::new();
    let day_first = settings.date_order == DateOrder::Dmy;
    match settings.date_style {
        DateStyle::Iso => iso_date(&mut text, &fields),
        DateStyle::Sql => {
            text.day_and_month(&fields, b'/', day_first);
            text.push(b'/');
            text.year(&fields);
        }
        DateStyle::German => {
            text.day_and_month(&fields, b'.', true);
            text.push(b'.');
            text.year(&fields);
        }
        DateStyle::Postgres => {
            text.day_and_month(&fields, b'-', day_first);
            text.push(b'-');
            text.year(&fields);
        }
    }
    text.era(&fields);
    text
}

fn iso_date(text: &mut Text, fields: &Fields) {
    text.year(fields);
    text.push(b'-');
    text.two(fields.month);
    text.push(b'-');
    text.two(fields.day);
}

/// A `time`.
#[must_use]
pub fn time(micros: i64) -> Text {
    let mut fields = Fields::default();
    fields.set_time(micros);
    let mut text = Text::new();
    text.clock(&fields);
    text
}

/// A `timetz`; the zone in seconds west.
#[must_use]
pub fn timetz(micros: i64, west: i32) -> Text {
    let mut text = time(micros);
    text.displacement(-west);
    text
}

/// A `timestamp`.
#[must_use]
pub fn timestamp(stamp: i64, settings: &Settings) -> Text {
    if !super::timestamp_is_finite(stamp) {
        return infinity(stamp > 0);
    }
    let mut text = Text::new();
    stamp_fields(&mut text, &Fields::from_timestamp(stamp), None, settings);
    text
}

/// A `timestamptz`, shown in the session's zone.
#[must_use]
pub fn timestamptz(stamp: i64, settings: &Settings) -> Text {
    timestamptz_in(stamp, &settings.time_zone, settings)
}

/// A `timestamptz`, shown in a zone.
#[must_use]
pub fn timestamptz_in(stamp: i64, zone: &TimeZone, settings: &Settings) -> Text {
    if !super::timestamp_is_finite(stamp) {
        return infinity(stamp > 0);
    }
    let mut text = Text::new();
    if settings.date_style == DateStyle::Iso {
        let east = zone.east_at(stamp);
        let fields = Fields::from_timestamp(stamp.saturating_add(i64::from(east) * USECS_PER_SEC));
        stamp_fields(&mut text, &fields, Some((east, "")), settings);
    } else {
        let at = zone.instant(stamp);
        let fields = Fields::from_timestamp(stamp.saturating_add(i64::from(at.east) * USECS_PER_SEC));
        stamp_fields(&mut text, &fields, Some((at.east, &at.abbreviation)), settings);
    }
    text
}

fn stamp_fields(text: &mut Text, fields: &Fields, zone: Option<(i32, &str)>, settings: &Settings) {
    let day_first = settings.date_order == DateOrder::Dmy;
    match settings.date_style {
        DateStyle::Iso => {
            iso_date(text, fields);
            text.push(b' ');
            text.clock(fields);
            if let Some((east, _)) = zone {
                text.displacement(east);
            }
        }
        DateStyle::Sql => {
            text.day_and_month(fields, b'/', day_first);
            text.push(b'/');
            text.year(fields);
            text.push(b' ');
            text.clock(fields);
            named_zone(text, zone);
        }
        DateStyle::German => {
            text.day_and_month(fields, b'.', true);
            text.push(b'.');
            text.year(fields);
            text.push(b' ');
            text.clock(fields);
            named_zone(text, zone);
        }
        DateStyle::Postgres => postgres_stamp(text, fields, zone, day_first),
    }
    text.era(fields);
}

fn postgres_stamp(text: &mut Text, fields: &Fields, zone: Option<(i32, &str)>, day_first: bool) {
    let day = weekday(julian_day(fields.year, fields.month, fields.day)) as usize;
    let month = &MONTHS[(fields.month - 1).clamp(0, 11) as usize][..3];
    text.push_str(&DAYS[day][..3]);
    text.push(b' ');
    if day_first {
        text.two(fields.day);
        text.push(b' ');
        text.push_str(month);
    } else {
        text.push_str(month);
        text.push(b' ');
        text.two(fields.day);
    }
    text.push(b' ');
    text.clock(fields);
    text.push(b' ');
    text.year(fields);
    named_zone(text, zone);
}

/// The zone's abbreviation, which a POSIX rule may leave empty.
fn named_zone(text: &mut Text, zone: Option<(i32, &str)>) {
    /// Longest abbreviation that is printed.
    const ABBREVIATION_MAX: usize = 10;
    match zone {
        None => {}
        Some((_, name)) => {
            text.push(b' ');
            text.push_str(&name[..name.len().min(ABBREVIATION_MAX)]);
        }
    }
}

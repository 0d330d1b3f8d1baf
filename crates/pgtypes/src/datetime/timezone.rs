//! Time zones: a name and the rules behind it.
//!
//! The rules of named zones come from the IANA database compiled into `jiff`, whose calendar ends with the year 9999; later times are mapped into
//! its last four hundred years, after which the Gregorian calendar and therefore the rules repeat. Fixed displacements are ours, since PostgreSQL
//! allows up to a week of them.
//!
//! Two grammars name a zone. The `TimeZone` parameter takes a number of hours east, an `INTERVAL`, a zone's name or a POSIX rule. Everywhere else
//! (`AT TIME ZONE`, a zone written in a timestamp) abbreviations count first and a number is a POSIX rule, whose sign points west.

use std::sync::{Arc, OnceLock};

use jiff::civil;
use jiff::tz::{AmbiguousOffset, TimeZone as Rules};

use super::abbreviations::{ABBREVIATIONS, Meaning};
use super::{Fields, UNIX_TO_POSTGRES_SECS, USECS_PER_SEC};
use crate::{Result, SqlError, SqlState};

/// Seconds in four hundred Gregorian years.
const CYCLE_SECS: i64 = 146_097 * 86_400;
/// Second after which times are mapped back by whole cycles: 9900-01-01 UTC.
const MAPPED_FROM_SECS: i64 = 250_250_342_400;
/// Largest fixed displacement: one hour less than a week.
const DISPLACEMENT_MAX_SECS: i64 = 167 * 3600 + 3599;

/// A session's or expression's time zone. Cloning copies a pointer.
#[derive(Clone, Debug)]
pub struct TimeZone(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: String,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Fixed { east: i32, abbreviation: String },
    Rules(Rules),
}

impl PartialEq for TimeZone {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for TimeZone {}

/// What holds in a zone at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instant {
    /// Seconds east of UTC.
    pub east: i32,
    /// Whether daylight-saving time is in force.
    pub daylight: bool,
    /// `CEST`, `+03`, ...
    pub abbreviation: String,
}

impl TimeZone {
    /// `UTC`.
    #[must_use]
    pub fn utc() -> Self {
        static UTC: OnceLock<TimeZone> = OnceLock::new();
        UTC.get_or_init(|| Self::new("UTC".to_owned(), Kind::Fixed { east: 0, abbreviation: "UTC".to_owned() })).clone()
    }

    fn new(name: String, kind: Kind) -> Self {
        Self(Arc::new(Inner { name, kind }))
    }

    /// A value of the `TimeZone` parameter.
    ///
    /// # Errors
    /// `22023` with PostgreSQL's text.
    pub fn parse(value: &str) -> Result<Self> {
        let invalid = || SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("invalid value for parameter \"TimeZone\": \"{value}\""));
        if value.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("interval")) {
            return Self::from_interval_literal(&value[8..]).ok_or_else(invalid)?.map_err(|detail| invalid().detail(detail));
        }
        if let Ok(hours) = value.trim_start().parse::<f64>() {
            return Self::from_hours(hours).ok_or_else(|| invalid().detail("UTC timezone offset is out of range."));
        }
        Self::by_name(value).ok_or_else(invalid)
    }

    /// `INTERVAL '+05:30'`, the text after the keyword.
    fn from_interval_literal(text: &str) -> Option<Result<Self, &'static str>> {
        let inner = text.trim_start().strip_prefix('\'')?.strip_suffix('\'')?;
        let interval = super::interval_text::parse(inner, -1, crate::IntervalStyle::Postgres).ok()?;
        Some(if interval.months != 0 {
            Err("Cannot specify months in time zone interval.")
        } else if interval.days != 0 {
            Err("Cannot specify days in time zone interval.")
        } else {
            i32::try_from(interval.micros / USECS_PER_SEC).ok().and_then(Self::fixed).ok_or("UTC timezone offset is out of range.")
        })
    }

    fn from_hours(hours: f64) -> Option<Self> {
        let seconds = hours * 3600.0;
        (seconds.abs() <= DISPLACEMENT_MAX_SECS as f64).then(|| Self::fixed(seconds as i32)).flatten()
    }

    /// A fixed displacement in seconds east of UTC; `None` for a week or more.
    #[must_use]
    pub fn fixed(east: i32) -> Option<Self> {
        if i64::from(east).abs() > DISPLACEMENT_MAX_SECS {
            return None;
        }
        let absolute = east.abs();
        let mut digits = format!("{:02}", absolute / 3600);
        if absolute % 3600 != 0 {
            digits.push_str(&format!(":{:02}", absolute / 60 % 60));
            if absolute % 60 != 0 {
                digits.push_str(&format!(":{:02}", absolute % 60));
            }
        }
        let (ahead, posix) = if east < 0 { ('-', '+') } else { ('+', '-') };
        let abbreviation = format!("{ahead}{digits}");
        Some(Self::new(format!("<{abbreviation}>{posix}{digits}"), Kind::Fixed { east, abbreviation }))
    }

    /// A zone by its IANA name in any case, or by a POSIX rule.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("utc") {
            return Some(Self::utc());
        }
        if name.is_empty() || name.len() > 255 || name.eq_ignore_ascii_case("Etc/Unknown") {
            return None;
        }
        if let Ok(rules) = Rules::get(name) {
            let canonical = rules.iana_name().unwrap_or(name).to_owned();
            return Some(Self::new(canonical, Kind::Rules(rules)));
        }
        posix_zone(name)
    }

    /// A zone named in an expression: an abbreviation, a zone's name or a POSIX rule.
    ///
    /// # Errors
    /// `22023 time zone "..." not recognized`
    pub fn named(name: &str) -> Result<Named> {
        if let Some(named) = abbreviation(&name.to_ascii_lowercase()) {
            return Ok(named);
        }
        Self::by_name(name)
            .map(Named::Zone)
            .ok_or_else(|| SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("time zone \"{name}\" not recognized")))
    }

    /// What `SHOW TimeZone` prints.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Seconds east of UTC at an instant, microseconds since 2000-01-01 UTC.
    #[must_use]
    pub fn east_at(&self, stamp: i64) -> i32 {
        match &self.0.kind {
            Kind::Fixed { east, .. } => *east,
            Kind::Rules(rules) => rules.to_offset(jiff_timestamp(stamp)).seconds(),
        }
    }

    /// Everything that holds at an instant.
    #[must_use]
    pub fn instant(&self, stamp: i64) -> Instant {
        match &self.0.kind {
            Kind::Fixed { east, abbreviation } => Instant { east: *east, daylight: false, abbreviation: abbreviation.clone() },
            Kind::Rules(rules) => {
                let info = rules.to_offset_info(jiff_timestamp(stamp));
                Instant { east: info.offset().seconds(), daylight: info.dst().is_dst(), abbreviation: info.abbreviation().to_owned() }
            }
        }
    }

    /// The displacement, when it is the same at all times.
    #[must_use]
    pub fn fixed_east(&self) -> Option<i32> {
        match &self.0.kind {
            Kind::Fixed { east, .. } => Some(*east),
            Kind::Rules(rules) => rules.to_fixed_offset().ok().map(|offset| offset.seconds()),
        }
    }

    /// Seconds east of UTC for a local time. A time skipped in spring counts with the displacement before the change, a time that occurs twice in
    /// autumn with the one after it.
    #[must_use]
    pub fn east_of_local(&self, local: &Fields) -> i32 {
        let rules = match &self.0.kind {
            Kind::Fixed { east, .. } => return *east,
            Kind::Rules(rules) => rules,
        };
        match rules.to_ambiguous_timestamp(jiff_civil(local)).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.seconds(),
            AmbiguousOffset::Gap { before, .. } => before.seconds(),
            AmbiguousOffset::Fold { after, .. } => after.seconds(),
        }
    }

    /// Local clock of a finite instant; may leave the range of timestamps.
    #[must_use]
    pub fn to_local(&self, stamp: i64) -> i64 {
        stamp.saturating_add(i64::from(self.east_at(stamp)) * USECS_PER_SEC)
    }

    /// The instant of a finite local time; may leave the range of timestamps.
    #[must_use]
    pub fn to_utc(&self, local: i64) -> i64 {
        let east = match &self.0.kind {
            Kind::Fixed { east, .. } => *east,
            Kind::Rules(_) => self.east_of_local(&Fields::from_timestamp(local)),
        };
        local.saturating_sub(i64::from(east) * USECS_PER_SEC)
    }

    /// What an abbreviation last meant in this zone at `stamp`, or else what it came to mean first after it.
    fn abbreviation_at(&self, abbreviation: &str, stamp: i64) -> Option<(i32, bool)> {
        let Kind::Rules(rules) = &self.0.kind else { return None };
        let at = jiff_timestamp(stamp);
        let now = rules.to_offset_info(at);
        if now.abbreviation().eq_ignore_ascii_case(abbreviation) {
            return Some((now.offset().seconds(), now.dst().is_dst()));
        }
        let found = rules
            .preceding(at)
            .chain(rules.following(at).take(100))
            .find(|change| change.abbreviation().eq_ignore_ascii_case(abbreviation))?;
        Some((found.offset().seconds(), found.dst().is_dst()))
    }
}

/// What a zone named in an expression turned out to be.
#[derive(Clone, Debug)]
pub enum Named {
    /// An abbreviation that always means the same: seconds east of UTC, and whether it is a daylight-saving one.
    Fixed(i32, bool),
    /// An abbreviation whose meaning depends on the time.
    Abbreviation(&'static str, TimeZone),
    /// A full zone.
    Zone(TimeZone),
}

impl Named {
    /// Seconds east of UTC for a local time.
    #[must_use]
    pub fn east_of_local(&self, local: &Fields) -> i32 {
        match self {
            Self::Fixed(east, _) => *east,
            Self::Zone(zone) => zone.east_of_local(local),
            Self::Abbreviation(name, zone) => {
                let guess = zone.east_of_local(local);
                let Some(stamp) = local.to_timestamp() else { return guess };
                zone.abbreviation_at(name, stamp.saturating_sub(i64::from(guess) * USECS_PER_SEC)).map_or(guess, |found| found.0)
            }
        }
    }

    /// Seconds east of UTC at an instant.
    #[must_use]
    pub fn east_at(&self, stamp: i64) -> i32 {
        match self {
            Self::Fixed(east, _) => *east,
            Self::Zone(zone) => zone.east_at(stamp),
            Self::Abbreviation(name, zone) => zone.abbreviation_at(name, stamp).map_or_else(|| zone.east_at(stamp), |found| found.0),
        }
    }

    /// Local clock of a finite instant.
    #[must_use]
    pub fn to_local(&self, stamp: i64) -> i64 {
        stamp.saturating_add(i64::from(self.east_at(stamp)) * USECS_PER_SEC)
    }

    /// The instant of a finite local time.
    #[must_use]
    pub fn to_utc(&self, local: i64) -> i64 {
        local.saturating_sub(i64::from(self.east_of_local(&Fields::from_timestamp(local))) * USECS_PER_SEC)
    }
}

/// The meaning of a lower-case abbreviation.
#[must_use]
pub fn abbreviation(name: &str) -> Option<Named> {
    let index = ABBREVIATIONS.binary_search_by_key(&name, |row| row.0).ok()?;
    match ABBREVIATIONS[index].1 {
        Meaning::Fixed(east, daylight) => Some(Named::Fixed(east, daylight)),
        Meaning::Zone(zone) => Some(Named::Abbreviation(ABBREVIATIONS[index].0, TimeZone::by_name(zone)?)),
    }
}

/// The instant as `jiff` knows it, at most a cycle before the end of its calendar.
fn jiff_timestamp(stamp: i64) -> jiff::Timestamp {
    let mut seconds = stamp.div_euclid(USECS_PER_SEC) + UNIX_TO_POSTGRES_SECS;
    if seconds >= MAPPED_FROM_SECS {
        seconds -= ((seconds - MAPPED_FROM_SECS) / CYCLE_SECS + 1) * CYCLE_SECS;
    }
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MIN)
}

/// The local time as `jiff` knows it. Fields that a caller did not validate (a date running over, hour 24) are normalised.
fn jiff_civil(local: &Fields) -> civil::DateTime {
    let days = super::julian_day(local.year, local.month, local.day);
    let micros = local.time_micros();
    let carried = days.saturating_add(micros.div_euclid(super::USECS_PER_DAY) as i32);
    let (year, month, day) = super::civil_date(carried);
    let mut time = Fields::default();
    time.set_time(micros.rem_euclid(super::USECS_PER_DAY));
    let year = if year >= 9900 { 9500 + (year - 9900) % 400 } else { year };
    let narrow = |value: i32| value as i8;
    civil::DateTime::new(year as i16, narrow(month), narrow(day), narrow(time.hour), narrow(time.minute), narrow(time.second), 0)
        .unwrap_or(civil::DateTime::MIN)
}

/// A POSIX rule: `FOO+3`, `<+02>-02`, `-3:30`, `EST5EDT,M3.2.0,M11.1.0`. Its displacement counts west of UTC.
fn posix_zone(rule: &str) -> Option<TimeZone> {
    let (abbreviation, rest) = posix_name(rule)?;
    let (west, rest) = posix_displacement(rest)?;
    let upper = rule.to_ascii_uppercase();
    if rest.is_empty() {
        return Some(TimeZone::new(upper, Kind::Fixed { east: -west, abbreviation: abbreviation.to_ascii_uppercase() }));
    }
    // Without rules of its own, daylight-saving time follows those of the United States.
    let complete = if rest.contains(',') { upper.clone() } else { format!("{upper},M3.2.0,M11.1.0") };
    Rules::posix(&complete).ok().map(|rules| TimeZone::new(upper, Kind::Rules(rules)))
}

fn posix_name(rule: &str) -> Option<(&str, &str)> {
    if let Some(quoted) = rule.strip_prefix('<') {
        return quoted.split_once('>').filter(|(name, _)| name.is_ascii());
    }
    let end = rule.find(|c: char| c.is_ascii_digit() || matches!(c, ',' | '-' | '+')).unwrap_or(rule.len());
    let name = &rule[..end];
    name.bytes().all(|byte| byte.is_ascii_alphabetic()).then_some((name, &rule[end..]))
}

/// `[+-]hh[:mm[:ss]]`, seconds, and what follows.
fn posix_displacement(text: &str) -> Option<(i32, &str)> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let mut seconds = 0;
    for (index, (unit, max)) in [(3600, 167), (60, 59), (1, 59)].into_iter().enumerate() {
        if index > 0 {
            let Some(after) = rest.strip_prefix(':') else { break };
            rest = after;
        }
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let value: i32 = rest[..end].parse().ok().filter(|value| *value <= max)?;
        seconds += value * unit;
        rest = &rest[end..];
    }
    Some((sign * seconds, rest))
}

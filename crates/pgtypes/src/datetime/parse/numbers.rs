//! Numbers, times and displacements inside a literal.

use super::super::{Fields, USECS_PER_DAY, USECS_PER_SEC};
use super::Fault;

/// A run of digits at the start (with a sign), and what follows.
pub(in super::super) fn integer(text: &str) -> Result<(i64, &str), Fault> {
    let signed = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = text.len() - signed.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let digits = &text[..end];
    if signed.len() == text.len() - end {
        return Err(Fault::BadFormat);
    }
    digits.parse().map(|value| (value, &text[end..])).map_err(|_| Fault::FieldOverflow)
}

/// The same within 32 bits.
pub(in super::super) fn integer32(text: &str) -> Result<(i32, &str), Fault> {
    let (value, rest) = integer(text)?;
    Ok((i32::try_from(value).map_err(|_| Fault::FieldOverflow)?, rest))
}

/// `.123` up to the end, as a fraction of one.
pub(in super::super) fn fraction(text: &str) -> Result<f64, Fault> {
    let digits = text.strip_prefix('.').ok_or(Fault::BadFormat)?;
    if digits.is_empty() {
        return Ok(0.0);
    }
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::BadFormat);
    }
    text.parse().map_err(|_| Fault::BadFormat)
}

/// `.123` up to the end, in microseconds. May be a whole second by rounding.
pub(in super::super) fn fraction_micros(text: &str) -> Result<i32, Fault> {
    Ok((fraction(text)? * 1_000_000.0).round_ties_even() as i32)
}

/// The same, where no digits at all are a zero.
fn optional_integer32(text: &str) -> Result<(i32, &str), Fault> {
    if text.starts_with(|c: char| c.is_ascii_digit()) { integer32(text) } else { Ok((0, text)) }
}

/// Hours, minutes, seconds and microseconds of `h:m`, `h:m:s`, `h:m:s.f` or `m:s.f`. The hour is the caller's to check.
pub(in super::super) struct Clock {
    pub(in super::super) hour: i64,
    pub(in super::super) minute: i32,
    pub(in super::super) second: i32,
    pub(in super::super) micros: i32,
}

/// Reads a time with colons. `minute_first`: two parts are minutes and seconds.
pub(in super::super) fn clock(text: &str, minute_first: bool) -> Result<Clock, Fault> {
    let (first, rest) = integer(text)?;
    let (second, rest) = optional_integer32(rest.strip_prefix(':').ok_or(Fault::BadFormat)?)?;
    let narrow = |value: i64| i32::try_from(value).map_err(|_| Fault::FieldOverflow);
    let clock = match rest.as_bytes().first() {
        None if minute_first => Clock { hour: 0, minute: narrow(first)?, second, micros: 0 },
        None => Clock { hour: first, minute: second, second: 0, micros: 0 },
        Some(b'.') => Clock { hour: 0, minute: narrow(first)?, second, micros: fraction_micros(rest)? },
        Some(b':') => {
            let (third, rest) = optional_integer32(&rest[1..])?;
            let micros = if rest.is_empty() { 0 } else { fraction_micros(rest)? };
            Clock { hour: first, minute: second, second: third, micros }
        }
        Some(_) => return Err(Fault::BadFormat),
    };
    let sane =
        clock.hour >= 0 && (0..=59).contains(&clock.minute) && (0..=60).contains(&clock.second) && (0..=1_000_000).contains(&clock.micros);
    if sane { Ok(clock) } else { Err(Fault::FieldOverflow) }
}

/// `+hh`, `+hhmm`, `+hh:mm`, `+hh:mm:ss`: seconds east.
pub(in super::super) fn displacement(text: &str) -> Result<i32, Fault> {
    let sign = match text.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return Err(Fault::BadFormat),
    };
    let number = |text| integer32(text).map_err(|fault| if fault == Fault::FieldOverflow { Fault::ZoneOverflow } else { fault });
    let (mut hour, mut rest) = number(&text[1..])?;
    let (mut minute, mut second) = (0, 0);
    if let Some(after) = rest.strip_prefix(':') {
        (minute, rest) = number(after)?;
        if let Some(after) = rest.strip_prefix(':') {
            (second, rest) = number(after)?;
        }
    } else if rest.is_empty() && text.len() > 3 {
        (hour, minute) = (hour / 100, hour % 100);
    }
    if !(0..=15).contains(&hour) || !(0..60).contains(&minute) || !(0..60).contains(&second) {
        return Err(Fault::ZoneOverflow);
    }
    if rest.is_empty() { Ok(sign * ((hour * 60 + minute) * 60 + second)) } else { Err(Fault::BadFormat) }
}

/// Whether a time of day is beyond 24:00:00.
pub(in super::super) fn time_overflows(time: &Fields) -> bool {
    let sane = (0..=24).contains(&time.hour)
        && (0..60).contains(&time.minute)
        && (0..=60).contains(&time.second)
        && (0..=1_000_000).contains(&time.micros);
    !sane || time.time_micros() > USECS_PER_DAY
}

/// A fraction of a day as a time of day.
pub(super) fn day_fraction(text: &str) -> Result<i64, Fault> {
    Ok((fraction(text)? * USECS_PER_DAY as f64) as i64)
}

const _: () = assert!(USECS_PER_SEC == 1_000_000);

//! The short path: `2024-02-29`, `23:59:59.5`, `2024-02-29 23:59:59.5+02:00`, in four-digit years and with nothing unusual. Everything else is `None`,
//! which sends the literal to the general decoder.

use super::super::{Fields, POSTGRES_EPOCH_JDATE, SECS_PER_DAY, USECS_PER_SEC, days_in_month, julian_day};

/// A local time and the zone written after it, seconds east.
pub(super) struct IsoStamp {
    pub(super) local: i64,
    pub(super) east: Option<i32>,
}

fn digits<const N: usize>(bytes: &[u8]) -> Option<i32> {
    let bytes: &[u8; N] = bytes.get(..N)?.try_into().ok()?;
    bytes.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i32::from(byte - b'0')))
}

fn date_part(bytes: &[u8]) -> Option<i32> {
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let (year, month, day) = (digits::<4>(bytes)?, digits::<2>(&bytes[5..])?, digits::<2>(bytes.get(8..)?)?);
    let valid = year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= days_in_month(year, month);
    valid.then(|| julian_day(year, month, day) - POSTGRES_EPOCH_JDATE)
}

pub(super) fn date(bytes: &[u8]) -> Option<i32> {
    if bytes.len() == 10 { date_part(bytes) } else { None }
}

/// Time of day and what follows it. The last second of a day is left to the decoder, which knows leap seconds and hour 24.
fn time_part(bytes: &[u8]) -> Option<(i64, &[u8])> {
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return None;
    }
    let (hour, minute, second) = (digits::<2>(bytes)?, digits::<2>(&bytes[3..])?, digits::<2>(bytes.get(6..)?)?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let whole = i64::from((hour * 60 + minute) * 60 + second);
    let rest = &bytes[8..];
    let Some(fraction) = rest.strip_prefix(b".") else { return Some((whole * USECS_PER_SEC, rest)) };
    let length = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 || length > 6 || whole == SECS_PER_DAY - 1 {
        return None;
    }
    let value = fraction[..length].iter().fold(0_i64, |value, byte| value * 10 + i64::from(byte - b'0'));
    Some((whole * USECS_PER_SEC + value * 10_i64.pow(6 - length as u32), &fraction[length..]))
}

pub(super) fn time(bytes: &[u8]) -> Option<i64> {
    let (micros, rest) = time_part(bytes)?;
    rest.is_empty().then_some(micros)
}

pub(super) fn timestamp(bytes: &[u8]) -> Option<IsoStamp> {
    let days = date_part(bytes)?;
    let rest = &bytes[10..];
    if rest.is_empty() {
        return Some(IsoStamp { local: i64::from(days) * SECS_PER_DAY * USECS_PER_SEC, east: None });
    }
    if !matches!(rest[0], b' ' | b'T') {
        return None;
    }
    let (micros, rest) = time_part(&rest[1..])?;
    let local = i64::from(days) * SECS_PER_DAY * USECS_PER_SEC + micros;
    debug_assert!(Fields::from_timestamp(local).time_micros() == micros);
    if rest.is_empty() {
        return Some(IsoStamp { local, east: None });
    }
    Some(IsoStamp { local, east: Some(zone(rest)?) })
}

/// `Z`, `+hh`, `+hh:mm`.
fn zone(bytes: &[u8]) -> Option<i32> {
    let sign = match bytes {
        b"Z" => return Some(0),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let hour = digits::<2>(&bytes[1..])?;
    let minute = match &bytes[3..] {
        [] => 0,
        [b':', minute @ ..] if minute.len() == 2 => digits::<2>(minute)?,
        _ => return None,
    };
    (hour <= 15 && minute <= 59).then_some(sign * (hour * 60 + minute) * 60)
}

//! Values as PostgreSQL reads them, escaped for COPY where that matters.

use std::fmt::Display;
use std::io::Write as _;

use borealis_pgtypes::datetime::{POSTGRES_EPOCH_JDATE, UNIX_EPOCH_JDATE, UNIX_TO_POSTGRES_SECS, USECS_PER_DAY, USECS_PER_SEC, format};
use borealis_pgtypes::{Settings, copy_text, datetime};
use num_bigint::BigInt;
use parquet::basic::TimeUnit;

use crate::source::batch::Refusal;
use crate::source::lines::check_text;
pub(super) use crate::source::lines::{bytea, uuid};

type Printed = Result<(), Refusal>;

fn out_of_range(what: &str) -> Refusal {
    Refusal::new("22008", format!("{what} out of range"))
}

/// What has no character that COPY escapes.
pub(super) fn shown(value: impl Display, out: &mut Vec<u8>) -> Printed {
    // Writing into memory does not fail.
    let _ = write!(out, "{value}");
    Ok(())
}

pub(super) fn boolean(value: bool, out: &mut Vec<u8>) -> Printed {
    out.push(if value { b't' } else { b'f' });
    Ok(())
}

/// The shortest digits that mean the value, which `wide` is as well.
pub(super) fn float(value: impl Display + std::fmt::LowerExp, wide: f64, out: &mut Vec<u8>) -> Printed {
    match wide {
        _ if wide.is_nan() => shown("NaN", out),
        f64::INFINITY => shown("Infinity", out),
        f64::NEG_INFINITY => shown("-Infinity", out),
        _ if wide == 0.0 || (1e-5..1e16).contains(&wide.abs()) => shown(value, out),
        _ => shown(format_args!("{value:e}"), out),
    }
}

/// Two bytes, the smaller first.
pub(super) fn half(value: &[u8], out: &mut Vec<u8>) -> Printed {
    let bytes = <[u8; 2]>::try_from(value).map_err(|_| Refusal::new("22P03", "a number of 16 bits has two bytes"))?;
    let number = half::f16::from_le_bytes(bytes).to_f32();
    float(number, f64::from(number), out)
}

/// A whole number in two's complement, the greatest byte first, with the point before its last digits.
pub(super) fn decimal(value: &[u8], scale: i32, out: &mut Vec<u8>) -> Printed {
    shown(decimal_text(value, scale), out)
}

pub(super) fn decimal_text(value: &[u8], scale: i32) -> String {
    let number = BigInt::from_signed_bytes_be(value).to_string();
    let (sign, digits) = number.strip_prefix('-').map_or(("", number.as_str()), |digits| ("-", digits));
    let scale = usize::try_from(scale).unwrap_or(0);
    if scale == 0 {
        return number;
    }
    let digits = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{sign}{whole}.{fraction}")
}

/// Days from 1970.
pub(super) fn date(days: i64, out: &mut Vec<u8>) -> Printed {
    let days = i32::try_from(days - i64::from(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE)).ok().filter(|days| datetime::date_is_valid(*days));
    shown(format::date(days.ok_or_else(|| out_of_range("date"))?, &Settings::default()).as_str(), out)
}

/// How many of a unit a microsecond has, or how many microseconds a unit is.
fn per_micro(unit: TimeUnit) -> (i128, i128) {
    match unit {
        TimeUnit::MILLIS => (1_000, 1),
        TimeUnit::MICROS => (1, 1),
        TimeUnit::NANOS => (1, 1_000),
    }
}

/// In microseconds, a half away from zero as PostgreSQL rounds.
fn micros(value: i64, unit: TimeUnit) -> i128 {
    let (times, per) = per_micro(unit);
    let value = i128::from(value) * times;
    (value + value.signum() * (per / 2)) / per
}

/// A time of day.
pub(super) fn time(value: i64, unit: TimeUnit, out: &mut Vec<u8>) -> Printed {
    let micros = i64::try_from(micros(value, unit)).ok().filter(|micros| (0..=USECS_PER_DAY).contains(micros));
    shown(format::time(micros.ok_or_else(|| out_of_range("time"))?).as_str(), out)
}

/// A unit's count from 1970; a moment is shown in UTC.
pub(super) fn timestamp_in(value: i64, unit: TimeUnit, is_moment: bool, out: &mut Vec<u8>) -> Printed {
    timestamp(micros(value, unit), is_moment, out)
}

/// So many microseconds from 1970.
pub(super) fn timestamp(micros: i128, is_moment: bool, out: &mut Vec<u8>) -> Printed {
    let stamp = micros - i128::from(UNIX_TO_POSTGRES_SECS) * i128::from(USECS_PER_SEC);
    let stamp = i64::try_from(stamp).ok().filter(|stamp| datetime::timestamp_is_valid(*stamp));
    let print = if is_moment { format::timestamptz } else { format::timestamp };
    shown(print(stamp.ok_or_else(|| out_of_range("timestamp"))?, &Settings::default()).as_str(), out)
}

/// Months, days and milliseconds, four bytes each, the smallest byte first.
pub(super) fn interval(value: &[u8], out: &mut Vec<u8>) -> Printed {
    let bytes = <[u8; 12]>::try_from(value).map_err(|_| Refusal::new("22P03", "an interval has twelve bytes"))?;
    let part = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let (months, days, millis) = (part(0), part(4), part(8));
    shown(format_args!("{months} mons {days} days {}.{:03} secs", millis / 1_000, millis % 1_000), out)
}

pub(super) fn text(value: &[u8], out: &mut Vec<u8>) -> Printed {
    let checked = check_text(value);
    copy_text::escape(value, out);
    checked
}

#[cfg(test)]
mod tests {
    use parquet::basic::TimeUnit;

    use super::*;

    fn printed(print: impl FnOnce(&mut Vec<u8>) -> Printed) -> String {
        let mut out = Vec::new();
        match print(&mut out) {
            Ok(()) => String::from_utf8(out).expect("text"),
            Err(refusal) => format!("{} {}", refusal.code, refusal.message),
        }
    }

    #[test]
    fn numbers() {
        for (value, scale, want) in [
            (&[0x01_u8][..], 2, "0.01"),
            (&[0xff], 2, "-0.01"),
            (&[0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00], 0, "-9223372036854775808"),
            (&[0x7b], 0, "123"),
            (&[0x00], 3, "0.000"),
            (&[0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 1, "34028236692093846346337460743176821145.6"),
        ] {
            assert_eq!(decimal_text(value, scale), want);
        }
        for (value, want) in [
            (0.1, "0.1"),
            (1e300, "1e300"),
            (-0.0, "-0"),
            (5e-324, "5e-324"),
            (3.0, "3"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(printed(|out| float(value, value, out)), want);
        }
        assert_eq!(printed(|out| float(16_777_216_f32, 16_777_216.0, out)), "16777216");
        assert_eq!(printed(|out| half(&[0x00, 0x3e], out)), "1.5");
    }

    #[test]
    fn days_and_times() {
        for (days, want) in [
            (0, "1970-01-01"),
            (19_782, "2024-02-29"),
            (-719_529, "0002-12-31 BC"),
            (3_000_000, "10183-09-21"),
            (i64::from(i32::MAX), "22008 date out of range"),
        ] {
            assert_eq!(printed(|out| date(days, out)), want, "{days}");
        }
        for (value, unit, is_moment, want) in [
            (0, TimeUnit::MILLIS, false, "1970-01-01 00:00:00"),
            (-1, TimeUnit::MICROS, true, "1969-12-31 23:59:59.999999+00"),
            (1_500, TimeUnit::NANOS, false, "1970-01-01 00:00:00.000002"),
            (-1_500, TimeUnit::NANOS, false, "1969-12-31 23:59:59.999998"),
            (-62_167_305_600_000, TimeUnit::MILLIS, true, "0002-12-31 00:00:00+00 BC"),
            (i64::MAX, TimeUnit::MILLIS, false, "22008 timestamp out of range"),
        ] {
            assert_eq!(printed(|out| timestamp_in(value, unit, is_moment, out)), want, "{value}");
        }
        assert_eq!(printed(|out| time(86_399_999, TimeUnit::MILLIS, out)), "23:59:59.999");
        assert_eq!(printed(|out| time(86_400_000, TimeUnit::MILLIS, out)), "24:00:00");
        assert_eq!(printed(|out| time(-1, TimeUnit::MICROS, out)), "22008 time out of range");
        let bytes = [1, 0, 0, 0, 2, 0, 0, 0, 0xdc, 5, 0, 0];
        assert_eq!(printed(|out| interval(&bytes, out)), "1 mons 2 days 1.500 secs");
    }

    #[test]
    fn bytes() {
        assert_eq!(printed(|out| text("a\tü".as_bytes(), out)), "a\\tü");
        assert_eq!(printed(|out| text(b"a\xff", out)), "22021 invalid byte sequence for encoding \"UTF8\": 0xff");
        assert_eq!(printed(|out| bytea(b"\x00\xff", out)), "\\\\x00ff");
        assert_eq!(printed(|out| uuid(&[1; 16], out)), "01010101-0101-0101-0101-010101010101");
        assert_eq!(printed(|out| uuid(&[1; 3], out)), "22P02 a UUID has 16 bytes, and this value 3");
    }
}

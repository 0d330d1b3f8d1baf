//! Intervals in the four styles.

use super::Text;
use crate::{Interval, IntervalStyle};

/// An interval's fields in the sizes people use.
struct Parts {
    years: i32,
    months: i32,
    days: i32,
    hours: i64,
    minutes: i32,
    seconds: i32,
    micros: i32,
}

impl Parts {
    fn of(interval: Interval) -> Self {
        let seconds = interval.micros / 1_000_000;
        Self {
            years: interval.months / 12,
            months: interval.months % 12,
            days: interval.days,
            hours: seconds / 3600,
            minutes: (seconds / 60 % 60) as i32,
            seconds: (seconds % 60) as i32,
            micros: (interval.micros % 1_000_000) as i32,
        }
    }
}

/// An `interval`.
#[must_use]
pub fn interval(interval: Interval, style: IntervalStyle) -> Text {
    let parts = Parts::of(interval);
    let mut text = Text::new();
    match style {
        IntervalStyle::Postgres => postgres(&mut text, &parts),
        IntervalStyle::PostgresVerbose => verbose(&mut text, &parts),
        IntervalStyle::SqlStandard => sql_standard(&mut text, &parts),
        IntervalStyle::Iso8601 => iso8601(&mut text, &parts),
    }
    text
}

fn signed(text: &mut Text, value: i64) {
    if value < 0 {
        text.push(b'-');
    }
    large(text, value.unsigned_abs(), 1);
}

/// Hours go beyond 32 bits.
fn large(text: &mut Text, value: u64, width: usize) {
    match u32::try_from(value) {
        Ok(small) => text.number(small, width),
        Err(_) => {
            text.number((value / 1_000_000_000) as u32, 1);
            text.number((value % 1_000_000_000) as u32, 9);
        }
    }
}

/// Seconds with their fraction, without a sign.
fn seconds(text: &mut Text, parts: &Parts, width: usize) {
    text.number(parts.seconds.unsigned_abs(), width);
    text.fraction(parts.micros.unsigned_abs());
}

fn clock(text: &mut Text, parts: &Parts, hour_width: usize) {
    large(text, parts.hours.unsigned_abs(), hour_width);
    text.push(b':');
    text.number(parts.minutes.unsigned_abs(), 2);
    text.push(b':');
    seconds(text, parts, 2);
}

/// `1 year 2 mons -3 days +04:05:06.7`
fn postgres(text: &mut Text, parts: &Parts) {
    let mut any = false;
    let mut after_negative = false;
    for (value, unit) in [(parts.years, "year"), (parts.months, "mon"), (parts.days, "day")] {
        if value == 0 {
            continue;
        }
        if any {
            text.push(b' ');
        }
        if after_negative && value > 0 {
            text.push(b'+');
        }
        signed(text, i64::from(value));
        text.push(b' ');
        text.push_str(unit);
        if value != 1 {
            text.push(b's');
        }
        // A sign is shown where the one before would otherwise seem to hold.
        after_negative = value < 0;
        any = true;
    }
    let no_time = parts.hours == 0 && parts.minutes == 0 && parts.seconds == 0 && parts.micros == 0;
    if any && no_time {
        return;
    }
    if any {
        text.push(b' ');
    }
    if time_is_negative(parts) {
        text.push(b'-');
    } else if after_negative {
        text.push(b'+');
    }
    clock(text, parts, 2);
}

fn time_is_negative(parts: &Parts) -> bool {
    parts.hours < 0 || parts.minutes < 0 || parts.seconds < 0 || parts.micros < 0
}

/// `@ 1 year 2 mons ago`: the first field's sign holds for all.
fn verbose(text: &mut Text, parts: &Parts) {
    text.push(b'@');
    let mut ago: Option<bool> = None;
    let mut add = |text: &mut Text, value: i64, unit: &str| {
        if value == 0 {
            return;
        }
        let negate = *ago.get_or_insert(value < 0);
        text.push(b' ');
        let shown = if negate { value.saturating_neg() } else { value };
        signed(text, shown);
        text.push(b' ');
        text.push_str(unit);
        if shown != 1 {
            text.push(b's');
        }
    };
    add(text, i64::from(parts.years), "year");
    add(text, i64::from(parts.months), "mon");
    add(text, i64::from(parts.days), "day");
    add(text, parts.hours, "hour");
    add(text, i64::from(parts.minutes), "min");
    if parts.seconds != 0 || parts.micros != 0 {
        let negative = parts.seconds < 0 || parts.micros < 0;
        let negate = *ago.get_or_insert(negative);
        text.push(b' ');
        if negative != negate {
            text.push(b'-');
        }
        seconds(text, parts, 1);
        text.push_str(if parts.seconds.abs() == 1 && parts.micros == 0 { " sec" } else { " secs" });
    }
    match ago {
        None => text.push_str(" 0"),
        Some(true) => text.push_str(" ago"),
        Some(false) => {}
    }
}

/// `+1-2 -3 +4:05:06`, shortened where one sign does.
fn sql_standard(text: &mut Text, parts: &Parts) {
    let date = [i64::from(parts.years), i64::from(parts.months)];
    let time = [parts.hours, i64::from(parts.minutes), i64::from(parts.seconds), i64::from(parts.micros)];
    let day = i64::from(parts.days);
    let all = || date.iter().chain([&day]).chain(&time);
    let (negative, positive) = (all().any(|value| *value < 0), all().any(|value| *value > 0));
    let has_date = date.iter().any(|value| *value != 0);
    let has_clock = time.iter().any(|value| *value != 0);
    let has_time = has_clock || day != 0;
    let mixed = (negative && positive) || (has_date && has_time);
    if !negative && !positive {
        text.push(b'0');
    } else if mixed {
        let date_negative = date.iter().any(|value| *value < 0);
        text.push(if date_negative { b'-' } else { b'+' });
        year_month(text, parts);
        text.push_str(if day < 0 { " -" } else { " +" });
        large(text, day.unsigned_abs(), 1);
        text.push_str(if time_is_negative(parts) { " -" } else { " +" });
        clock(text, parts, 1);
    } else {
        if negative {
            text.push(b'-');
        }
        if has_date {
            year_month(text, parts);
        } else {
            if day != 0 {
                large(text, day.unsigned_abs(), 1);
                text.push(b' ');
            }
            clock(text, parts, 1);
        }
    }
}

fn year_month(text: &mut Text, parts: &Parts) {
    text.number(parts.years.unsigned_abs(), 1);
    text.push(b'-');
    text.number(parts.months.unsigned_abs(), 1);
}

/// `P1Y2M-3DT4H5M6S`
fn iso8601(text: &mut Text, parts: &Parts) {
    text.push(b'P');
    let field = |text: &mut Text, value: i64, unit: u8| {
        if value != 0 {
            signed(text, value);
            text.push(unit);
        }
    };
    let no_date = parts.years == 0 && parts.months == 0 && parts.days == 0;
    field(text, i64::from(parts.years), b'Y');
    field(text, i64::from(parts.months), b'M');
    field(text, i64::from(parts.days), b'D');
    let no_seconds = parts.seconds == 0 && parts.micros == 0;
    if parts.hours == 0 && parts.minutes == 0 && no_seconds {
        if no_date {
            text.push_str("T0S");
        }
        return;
    }
    text.push(b'T');
    field(text, parts.hours, b'H');
    field(text, i64::from(parts.minutes), b'M');
    if !no_seconds {
        if parts.seconds < 0 || parts.micros < 0 {
            text.push(b'-');
        }
        seconds(text, parts, 1);
        text.push(b'S');
    }
}

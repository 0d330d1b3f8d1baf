use super::*;
use crate::{Host, SqlError};

#[test]
fn days_and_dates_are_inverse() {
    for julian in (0..2_147_483_494).step_by(99_991).chain([0, 1, 59, 60, 61, 365, 366, 2_451_544, 2_451_545, 2_147_483_493]) {
        let (year, month, day) = civil_date(julian);
        assert_eq!(julian_day(year, month, day), julian, "{year}-{month}-{day}");
    }
    assert_eq!(civil_date(0), (-4713, 11, 24));
    assert_eq!(civil_date(POSTGRES_EPOCH_JDATE), (2000, 1, 1));
    assert_eq!(weekday(POSTGRES_EPOCH_JDATE), 6);
}

#[test]
fn bounds_are_those_of_the_calendar() {
    let first = Fields { year: -4713, month: 11, day: 24, ..Fields::default() };
    assert_eq!(first.to_timestamp(), Some(MIN_TIMESTAMP));
    let last = Fields { year: 294_276, month: 12, day: 31, hour: 23, minute: 59, second: 59, micros: 999_999 };
    assert_eq!(last.to_timestamp(), Some(END_TIMESTAMP - 1));
    assert_eq!(Fields::from_timestamp(END_TIMESTAMP - 1), last);
    let beyond = Fields { year: 294_277, month: 1, day: 1, ..Fields::default() };
    assert_eq!(beyond.to_timestamp(), None);
}

fn shown_name(value: &str) -> String {
    TimeZone::parse(value).map_or_else(|error| error.to_string(), |zone| zone.name().to_owned())
}

#[test]
fn the_time_zone_parameter_is_named_as_postgresql_names_it() {
    for (value, name) in [
        ("utc", "UTC"),
        ("america/new_york", "America/New_York"),
        ("+02", "<+02>-02"),
        ("-8", "<-08>+08"),
        ("5.5", "<+05:30>-05:30"),
        ("0", "<+00>-00"),
        ("-3:30", "-3:30"),
        ("foo+3", "FOO+3"),
        ("<+02>-02", "<+02>-02"),
        ("INTERVAL '+05:30'", "<+05:30>-05:30"),
        ("interval '-08:00'", "<-08>+08"),
        ("gmt", "GMT"),
        ("pst", "22023: invalid value for parameter \"TimeZone\": \"pst\""),
        ("200", "22023: invalid value for parameter \"TimeZone\": \"200\""),
        ("", "22023: invalid value for parameter \"TimeZone\": \"\""),
    ] {
        assert_eq!(shown_name(value), name, "{value}");
    }
    let detail = |value| TimeZone::parse(value).expect_err("refused").fields().detail.clone();
    assert_eq!(detail("interval '1 mon'").as_deref(), Some("Cannot specify months in time zone interval."));
    assert_eq!(detail("200").as_deref(), Some("UTC timezone offset is out of range."));
}

#[test]
fn gaps_take_the_displacement_before_and_overlaps_the_one_after() {
    let zone = TimeZone::by_name("America/New_York").expect("zone");
    let local = |month, day, hour| Fields { year: 2020, month, day, hour, minute: 30, ..Fields::default() };
    assert_eq!(zone.east_of_local(&local(3, 8, 2)), -5 * 3600);
    assert_eq!(zone.east_of_local(&local(11, 1, 1)), -5 * 3600);
    assert_eq!(zone.east_of_local(&local(11, 1, 0)), -4 * 3600);
}

struct FixedHost;

impl Host for FixedHost {
    fn clock_timestamp(&self) -> i64 {
        0
    }

    fn random_bytes(&self, _: &mut [u8]) {}

    fn session_function(&self, _: crate::SessionFunction, _: &crate::CallContext<'_>, _: &[crate::Datum]) -> Result<crate::Datum> {
        Err(SqlError::internal("no session"))
    }

    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}

/// 2026-06-01 23:30 UTC, which is the next day in Berlin.
const NOW: i64 = 833_671_800_000_000;

fn in_berlin<T>(run: impl FnOnce(&crate::EvalContext<'_>) -> T) -> T {
    let settings = crate::Settings { time_zone: TimeZone::by_name("Europe/Berlin").expect("zone"), ..crate::Settings::default() };
    run(&crate::EvalContext { settings: &settings, transaction_timestamp: NOW, statement_timestamp: NOW, host: &FixedHost })
}

#[test]
fn words_for_the_present_are_local() {
    in_berlin(|ctx| {
        let date = |text: &str| format::date(parse::date(text, ctx).expect(text), ctx.settings).as_str().to_owned();
        assert_eq!(date("today"), "2026-06-02");
        assert_eq!(date("tomorrow"), "2026-06-03");
        assert_eq!(date("Yesterday"), "2026-06-01");
        assert_eq!(date("now"), "2026-06-02");
        let stamp = |text: &str| format::timestamptz(parse::timestamptz(text, ctx).expect(text), ctx.settings).as_str().to_owned();
        assert_eq!(stamp("now"), "2026-06-02 01:30:00+02");
        assert_eq!(stamp("today"), "2026-06-02 00:00:00+02");
        assert_eq!(stamp("tomorrow 10:00"), "2026-06-03 10:00:00+02");
        let local = format::timestamp(parse::timestamp("now", ctx).expect("now"), ctx.settings);
        assert_eq!(local.as_str(), "2026-06-02 01:30:00");
        assert_eq!(parse::timetz("10:00", ctx).expect("10:00"), (10 * USECS_PER_HOUR, -2 * 3600));
    });
}

#[test]
fn special_words_give_the_local_clock() {
    in_berlin(|ctx| {
        assert_eq!(format::date(now::current_date(ctx), ctx.settings).as_str(), "2026-06-02");
        assert_eq!(now::current_time(ctx, -1), (90 * USECS_PER_MINUTE, -7200));
        assert_eq!(now::local_timestamp(ctx, 0).expect("in range"), NOW + 2 * USECS_PER_HOUR);
        assert_eq!(now::time_of_day(NOW, &ctx.settings.time_zone), "Tue Jun 02 01:30:00.000000 2026 CEST");
    });
}

#[test]
fn rounding_is_half_away_from_zero() {
    for (micros, typmod, expected) in
        [(1_500_000, 0, 2_000_000), (-1_500_000, 0, -2_000_000), (1_449_999, 1, 1_400_000), (1_234_567, 6, 1_234_567), (7, -1, 7)]
    {
        assert_eq!(round_micros(micros, typmod), expected, "{micros} to {typmod}");
    }
}

/// Draws literals and templates from the words that mean something to them.
struct Draw(u64);

impl Draw {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn text(&mut self, words: &[&str]) -> String {
        (0..self.next(7)).map(|_| words[self.next(words.len())]).collect()
    }
}

#[test]
fn no_literal_panics() {
    const WORDS: &[&str] = &[
        "2147483647",
        "-2147483648",
        "9223372036854775807",
        "99999999999999999999",
        "0",
        "1",
        "12",
        "2020",
        "-",
        "+",
        ":",
        ".",
        "/",
        " ",
        "T",
        "jan",
        "BC",
        "J",
        "pm",
        "infinity",
        "epoch",
        "P",
        "Y",
        "M",
        "D",
        "H",
        "S",
        "W",
        "ago",
        "days",
        "years",
        "ms",
        "e",
        "\u{e9}",
        "America/New_York",
        "MSK",
        "1e15",
        "24:00:00",
        "23:59:60",
        "2020-02-30",
        "5874897-12-31",
        "294276-12-31",
        "4714-11-24",
        "dst",
        "doy",
        "millennium",
        "@",
        ",",
        "\"",
    ];
    let mut draw = Draw(1);
    in_berlin(|ctx| {
        for _ in 0..60_000 {
            let text = draw.text(WORDS);
            let _ = parse::date(&text, ctx);
            let _ = parse::timestamptz(&text, ctx);
            let _ = parse::timetz(&text, ctx);
            let _ = TimeZone::parse(&text);
            for style in [crate::IntervalStyle::Postgres, crate::IntervalStyle::SqlStandard] {
                let Ok(span) = interval_text::parse(&text, -1, style) else { continue };
                for style in [crate::IntervalStyle::PostgresVerbose, crate::IntervalStyle::SqlStandard, crate::IntervalStyle::Iso8601] {
                    assert!(!format::interval(span, style).as_str().is_empty());
                }
            }
        }
    });
}

#[test]
fn no_template_panics() {
    const FIELDS: &[&str] = &[
        "YYYY", "YY", "Y,YYY", "CC", "MM", "Mon", "Month", "DD", "DDD", "D", "ID", "IDDD", "IW", "IYYY", "IY", "J", "WW", "W", "Q", "RM",
        "HH24", "HH12", "MI", "SS", "SSSS", "MS", "US", "FF3", "AM", "BC", "TZH", "TZM", "FM", "FX", "TH", "-", " ", "\"x\"", "x",
        "\u{e9}",
    ];
    const VALUES: &[&str] = &[
        "2147483647",
        "-2147483648",
        "99999999999",
        "0",
        "1",
        "12",
        "366",
        "2020",
        "-",
        "+",
        " ",
        ",",
        "Jan",
        "January",
        "XII",
        "BC",
        "pm",
        "\u{e9}",
        "x",
        "th",
    ];
    let mut draw = Draw(2);
    let zone = TimeZone::by_name("Europe/Berlin").expect("zone");
    for _ in 0..60_000 {
        let (template, value) = (draw.text(FIELDS), draw.text(VALUES));
        let _ = template::to_date(&value, &template);
        let _ = template::to_timestamp(&value, &template, &zone);
        for micros in [i64::MIN, -1, i64::MAX] {
            let span = crate::Interval { months: micros as i32, days: (micros >> 32) as i32, micros };
            let _ = template::interval_to_char(span, &template);
        }
        for stamp in [MIN_TIMESTAMP, 0, END_TIMESTAMP - 1] {
            assert!(template::timestamptz_to_char(stamp, &zone, &template).is_ok());
        }
    }
}

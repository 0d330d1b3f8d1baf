//! SigV4's time stamps: `20261122T223237Z`, always UTC, to the second.

use std::fmt;

const SECONDS_PER_DAY: i64 = 86_400;
/// The last second of the year 9999, the last one with a four-digit year.
const LATEST: i64 = 253_402_300_799;

/// A moment in seconds since 1970-01-01 00:00:00 UTC, between 1970 and the end of 9999, written as SigV4 writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct AmzDate(i64);

impl AmzDate {
    /// The moment `unix_seconds`, moved to the nearest end when it lies outside what the form can write.
    #[must_use]
    pub fn from_unix(unix_seconds: i64) -> Self {
        Self(unix_seconds.clamp(0, LATEST))
    }

    pub(crate) fn unix(self) -> i64 {
        self.0
    }

    /// Reads `YYYYMMDD'T'HHMMSS'Z'`; anything else, a date that no calendar has included, is `None`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 16 || bytes[8] != b'T' || bytes[15] != b'Z' {
            return None;
        }
        let number = |from: usize, to: usize| {
            bytes[from..to].iter().try_fold(0i64, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0')))
        };
        let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
        let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
        let moment = Self(days_from_civil(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second);
        // A field out of range (month 13, 30 February, hour 25) carries over into the next one: then the moment is written differently.
        (moment.0 >= 0 && moment.to_string() == text).then_some(moment)
    }

    /// Reads `2026-11-22T22:32:37Z`, or with `+00:00` for the `Z`.
    pub(crate) fn parse_iso(text: &str) -> Option<Self> {
        let utc = text.strip_suffix("+00:00").map_or_else(|| text.to_owned(), |moment| format!("{moment}Z"));
        let utc = if text.ends_with('Z') { text.to_owned() } else { utc };
        Self::parse(&utc.replace(['-', ':'], ""))
    }

    /// Writes `2026-11-22T22:32:37Z`.
    #[must_use]
    pub fn iso(self) -> String {
        let text = self.to_string();
        format!("{}-{}-{}T{}:{}:{}Z", &text[..4], &text[4..6], &text[6..8], &text[9..11], &text[11..13], &text[13..15])
    }

    /// The date part, `YYYYMMDD`, as a credential scope carries it.
    pub(crate) fn day(self) -> String {
        let (year, month, day) = civil_from_days(self.0 / SECONDS_PER_DAY);
        format!("{year:04}{month:02}{day:02}")
    }
}

impl fmt::Display for AmzDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0 % SECONDS_PER_DAY;
        write!(f, "{}T{:02}{:02}{:02}Z", self.day(), second / 3600, second / 60 % 60, second % 60)
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Years are counted from March, so that the leap day is the last
/// one of its year and month lengths follow `(153 m + 2) / 5`.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::AmzDate;

    #[test]
    fn known_moments() {
        for (unix, text) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_795_386_757, "20261122T223237Z"),
            (4_107_542_400, "21000301T000000Z"),
            (253_402_300_799, "99991231T235959Z"),
        ] {
            assert_eq!(AmzDate::from_unix(unix).to_string(), text);
            assert_eq!(AmzDate::parse(text), Some(AmzDate::from_unix(unix)));
        }
    }

    #[test]
    fn every_day_round_trips() {
        for day in 0..150_000i64 {
            let moment = AmzDate::from_unix(day * 86_400 + 86_399);
            assert_eq!(AmzDate::parse(&moment.to_string()), Some(moment));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "20261122T223237",
            "20261322T223237Z",
            "20260230T223237Z",
            "20261122T243237Z",
            "20261122T226037Z",
            "20261100T223237Z",
            "2026112 T223237Z",
            "20261122t223237Z",
            "00000101T000000Z",
        ] {
            assert_eq!(AmzDate::parse(text), None, "{text}");
        }
    }
}

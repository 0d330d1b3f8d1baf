//! The words of date, time and interval literals.

/// Only this many bytes of a word count.
const SIGNIFICANT: usize = 10;

/// A unit of time: what an interval's number counts, and what `extract` and `date_trunc` take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Unit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    Decade,
    Century,
    Millennium,
    Timezone,
    TimezoneHour,
    TimezoneMinute,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    IsoYear,
    Julian,
    Epoch,
}

/// A reserved value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reserved {
    Now,
    Today,
    Tomorrow,
    Yesterday,
    /// `allballs`: midnight UTC.
    Midnight,
    Epoch,
    Infinity,
    MinusInfinity,
}

/// The meaning of a word in a date or time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word {
    Reserved(Reserved),
    Month(i32),
    Weekday,
    Pm(bool),
    BeforeChrist(bool),
    /// `DST` after a zone.
    DaylightModifier,
    /// A label of the number that follows.
    Label(Unit),
    /// The `T` between date and time.
    TimeMark,
    Ignored,
}

#[rustfmt::skip]
static WORDS: &[(&str, Word)] = {
    use Reserved::{Epoch, Infinity, Midnight, MinusInfinity, Now, Today, Tomorrow, Yesterday};
    use Unit as U;
    use Word::{BeforeChrist, DaylightModifier, Ignored, Label, Month, Pm, TimeMark, Weekday, Reserved as R};
    &[
        ("+infinity", R(Infinity)), ("-infinity", R(MinusInfinity)), ("ad", BeforeChrist(false)), ("allballs", R(Midnight)), ("am", Pm(false)),
        ("apr", Month(4)), ("april", Month(4)), ("at", Ignored), ("aug", Month(8)), ("august", Month(8)), ("bc", BeforeChrist(true)),
        ("d", Label(U::Day)), ("dec", Month(12)), ("december", Month(12)), ("dow", Label(U::DayOfWeek)), ("doy", Label(U::DayOfYear)),
        ("dst", DaylightModifier), ("epoch", R(Epoch)), ("feb", Month(2)), ("february", Month(2)), ("fri", Weekday), ("friday", Weekday),
        ("h", Label(U::Hour)), ("infinity", R(Infinity)), ("isodow", Label(U::IsoDayOfWeek)), ("isoyear", Label(U::IsoYear)),
        ("j", Label(U::Julian)), ("jan", Month(1)), ("january", Month(1)), ("jd", Label(U::Julian)), ("jul", Month(7)),
        ("julian", Label(U::Julian)), ("july", Month(7)), ("jun", Month(6)), ("june", Month(6)), ("m", Label(U::Month)), ("mar", Month(3)),
        ("march", Month(3)), ("may", Month(5)), ("mm", Label(U::Minute)), ("mon", Weekday), ("monday", Weekday), ("nov", Month(11)),
        ("november", Month(11)), ("now", R(Now)), ("oct", Month(10)), ("october", Month(10)), ("on", Ignored), ("pm", Pm(true)),
        ("s", Label(U::Second)), ("sat", Weekday), ("saturday", Weekday), ("sep", Month(9)), ("sept", Month(9)), ("september", Month(9)),
        ("sun", Weekday), ("sunday", Weekday), ("t", TimeMark), ("thu", Weekday), ("thur", Weekday), ("thurs", Weekday), ("thursday", Weekday),
        ("today", R(Today)), ("tomorrow", R(Tomorrow)), ("tue", Weekday), ("tues", Weekday), ("tuesday", Weekday), ("wed", Weekday),
        ("wednesday", Weekday), ("weds", Weekday), ("y", Label(U::Year)), ("yesterday", R(Yesterday)),
    ]
};

/// The meaning of a lower-case word in a date or time.
pub(super) fn word(text: &str) -> Option<Word> {
    let text = significant(text);
    WORDS.binary_search_by_key(&text, |row| row.0).ok().map(|index| WORDS[index].1)
}

/// The meaning of a word in an interval.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum IntervalWord {
    Unit(Unit),
    Ago,
    Ignored,
}

#[rustfmt::skip]
static INTERVAL_WORDS: &[(&str, IntervalWord)] = {
    use IntervalWord::{Ago, Ignored, Unit as W};
    use Unit::{Century, Day, Decade, Hour, Microsecond, Millennium, Millisecond, Minute, Month, Quarter, Second, Timezone, TimezoneHour, TimezoneMinute, Week, Year};
    &[
        ("@", Ignored), ("ago", Ago), ("c", W(Century)), ("cent", W(Century)), ("centuries", W(Century)), ("century", W(Century)),
        ("d", W(Day)), ("day", W(Day)), ("days", W(Day)), ("dec", W(Decade)), ("decade", W(Decade)), ("decades", W(Decade)),
        ("decs", W(Decade)), ("h", W(Hour)), ("hour", W(Hour)), ("hours", W(Hour)), ("hr", W(Hour)), ("hrs", W(Hour)), ("m", W(Minute)),
        ("microsecon", W(Microsecond)), ("mil", W(Millennium)), ("millennia", W(Millennium)), ("millennium", W(Millennium)),
        ("millisecon", W(Millisecond)), ("mils", W(Millennium)), ("min", W(Minute)), ("mins", W(Minute)), ("minute", W(Minute)),
        ("minutes", W(Minute)), ("mon", W(Month)), ("mons", W(Month)), ("month", W(Month)), ("months", W(Month)), ("ms", W(Millisecond)),
        ("msec", W(Millisecond)), ("msecond", W(Millisecond)), ("mseconds", W(Millisecond)), ("msecs", W(Millisecond)), ("qtr", W(Quarter)),
        ("quarter", W(Quarter)), ("s", W(Second)), ("sec", W(Second)), ("second", W(Second)), ("seconds", W(Second)), ("secs", W(Second)),
        ("timezone", W(Timezone)), ("timezone_h", W(TimezoneHour)), ("timezone_m", W(TimezoneMinute)), ("us", W(Microsecond)),
        ("usec", W(Microsecond)), ("usecond", W(Microsecond)), ("useconds", W(Microsecond)), ("usecs", W(Microsecond)), ("w", W(Week)),
        ("week", W(Week)), ("weeks", W(Week)), ("y", W(Year)), ("year", W(Year)), ("years", W(Year)), ("yr", W(Year)), ("yrs", W(Year)),
    ]
};

/// The meaning of a lower-case word in an interval.
pub(super) fn interval_word(text: &str) -> Option<IntervalWord> {
    let text = significant(text);
    INTERVAL_WORDS.binary_search_by_key(&text, |row| row.0).ok().map(|index| INTERVAL_WORDS[index].1)
}

/// The unit that `extract` and `date_trunc` call by a lower-case name.
pub(super) fn field_unit(text: &str) -> Option<Unit> {
    match interval_word(text) {
        Some(IntervalWord::Unit(unit)) => return Some(unit),
        Some(_) => return None,
        None => {}
    }
    match word(text)? {
        Word::Label(unit) => Some(unit),
        Word::Reserved(Reserved::Epoch) => Some(Unit::Epoch),
        _ => None,
    }
}

/// Whether a lower-case word is a reserved value, which is no unit but known.
pub(super) fn is_reserved(text: &str) -> bool {
    matches!(word(text), Some(Word::Reserved(_)))
}

fn significant(text: &str) -> &str {
    text.get(..SIGNIFICANT).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_can_be_bisected() {
        assert!(WORDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(INTERVAL_WORDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}

//! The fields of templates.

/// What a field stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// `A.D.`, `B.C.`
    EraDotted,
    Era,
    /// `A.M.`, `P.M.`
    HalfDotted,
    Half,
    Century,
    DayName,
    DayShort,
    DayOfYear,
    DayOfMonth,
    DayOfWeek,
    /// `FF1` to `FF6`
    Fraction(u32),
    Fixed,
    Hour24,
    Hour12,
    IsoDayOfYear,
    IsoDayOfWeek,
    IsoWeek,
    /// Digits of the ISO year shown.
    IsoYear(u32),
    Julian,
    Minute,
    Month,
    MonthName,
    MonthShort,
    Milliseconds,
    Microseconds,
    Offset,
    Quarter,
    Roman,
    SecondsOfDay,
    Second,
    ZoneHour,
    ZoneMinute,
    Zone,
    WeekOfYear,
    WeekOfMonth,
    /// `Y,YYY`
    YearComma,
    Year(u32),
}

impl What {
    /// Whether the field is of the time of day.
    pub(super) const fn is_time(self) -> bool {
        matches!(
            self,
            Self::HalfDotted
                | Self::Half
                | Self::Fraction(_)
                | Self::Hour24
                | Self::Hour12
                | Self::Minute
                | Self::Milliseconds
                | Self::Microseconds
                | Self::SecondsOfDay
                | Self::Second
        )
    }

    /// Whether the field is of the date.
    pub(super) const fn is_date(self) -> bool {
        !self.is_time() && !matches!(self, Self::Fixed | Self::Offset | Self::Zone | Self::ZoneHour | Self::ZoneMinute)
    }
}

/// Case of letters a field writes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Case {
    Upper,
    Capital,
    Lower,
}

/// Which calendar a field belongs to; the two must not be mixed on input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Calendar {
    Any,
    Gregorian,
    IsoWeek,
}

#[derive(PartialEq, Eq, Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) what: What,
    pub(super) case: Case,
    /// Whether the field is made of digits, so that a number before it must have its full width.
    pub(super) digits: bool,
    pub(super) calendar: Calendar,
}

macro_rules! keys {
    ($($name:literal $what:expr, $case:ident, $digits:literal, $calendar:ident;)*) => {
        &[$(Key { name: $name, what: $what, case: Case::$case, digits: $digits, calendar: Calendar::$calendar }),*]
    };
}

/// A longer name stands before its beginnings.
static KEYS: &[Key] = {
    use What::{
        Century, DayName, DayOfMonth, DayOfWeek, DayOfYear, DayShort, Era, EraDotted, Fixed, Fraction, Half, HalfDotted, Hour12, Hour24,
        IsoDayOfWeek, IsoDayOfYear, IsoWeek, IsoYear, Julian, Microseconds, Milliseconds, Minute, Month, MonthName, MonthShort, Offset,
        Quarter, Roman, Second, SecondsOfDay, WeekOfMonth, WeekOfYear, Year, YearComma, Zone, ZoneHour, ZoneMinute,
    };
    keys! {
        "A.D." EraDotted, Upper, false, Any;
        "A.M." HalfDotted, Upper, false, Any;
        "AD" Era, Upper, false, Any;
        "AM" Half, Upper, false, Any;
        "B.C." EraDotted, Upper, false, Any;
        "BC" Era, Upper, false, Any;
        "CC" Century, Upper, true, Any;
        "DAY" DayName, Upper, false, Any;
        "DDD" DayOfYear, Upper, true, Gregorian;
        "DD" DayOfMonth, Upper, true, Gregorian;
        "DY" DayShort, Upper, false, Any;
        "Day" DayName, Capital, false, Any;
        "Dy" DayShort, Capital, false, Any;
        "D" DayOfWeek, Upper, true, Gregorian;
        "FF1" Fraction(1), Upper, true, Any;
        "FF2" Fraction(2), Upper, true, Any;
        "FF3" Fraction(3), Upper, true, Any;
        "FF4" Fraction(4), Upper, true, Any;
        "FF5" Fraction(5), Upper, true, Any;
        "FF6" Fraction(6), Upper, true, Any;
        "FX" Fixed, Upper, false, Any;
        "HH24" Hour24, Upper, true, Any;
        "HH12" Hour12, Upper, true, Any;
        "HH" Hour12, Upper, true, Any;
        "IDDD" IsoDayOfYear, Upper, true, IsoWeek;
        "ID" IsoDayOfWeek, Upper, true, IsoWeek;
        "IW" IsoWeek, Upper, true, IsoWeek;
        "IYYY" IsoYear(4), Upper, true, IsoWeek;
        "IYY" IsoYear(3), Upper, true, IsoWeek;
        "IY" IsoYear(2), Upper, true, IsoWeek;
        "I" IsoYear(1), Upper, true, IsoWeek;
        "J" Julian, Upper, true, Any;
        "MI" Minute, Upper, true, Any;
        "MM" Month, Upper, true, Gregorian;
        "MONTH" MonthName, Upper, false, Gregorian;
        "MON" MonthShort, Upper, false, Gregorian;
        "MS" Milliseconds, Upper, true, Any;
        "Month" MonthName, Capital, false, Gregorian;
        "Mon" MonthShort, Capital, false, Gregorian;
        "OF" Offset, Upper, false, Any;
        "P.M." HalfDotted, Upper, false, Any;
        "PM" Half, Upper, false, Any;
        "Q" Quarter, Upper, true, Any;
        "RM" Roman, Upper, false, Gregorian;
        "SSSSS" SecondsOfDay, Upper, true, Any;
        "SSSS" SecondsOfDay, Upper, true, Any;
        "SS" Second, Upper, true, Any;
        "TZH" ZoneHour, Upper, false, Any;
        "TZM" ZoneMinute, Upper, true, Any;
        "TZ" Zone, Upper, false, Any;
        "US" Microseconds, Upper, true, Any;
        "WW" WeekOfYear, Upper, true, Gregorian;
        "W" WeekOfMonth, Upper, true, Gregorian;
        "Y,YYY" YearComma, Upper, true, Gregorian;
        "YYYY" Year(4), Upper, true, Gregorian;
        "YYY" Year(3), Upper, true, Gregorian;
        "YY" Year(2), Upper, true, Gregorian;
        "Y" Year(1), Upper, true, Gregorian;
        "a.d." EraDotted, Lower, false, Any;
        "a.m." HalfDotted, Lower, false, Any;
        "ad" Era, Lower, false, Any;
        "am" Half, Lower, false, Any;
        "b.c." EraDotted, Lower, false, Any;
        "bc" Era, Lower, false, Any;
        "cc" Century, Upper, true, Any;
        "day" DayName, Lower, false, Any;
        "ddd" DayOfYear, Upper, true, Gregorian;
        "dd" DayOfMonth, Upper, true, Gregorian;
        "dy" DayShort, Lower, false, Any;
        "d" DayOfWeek, Upper, true, Gregorian;
        "ff1" Fraction(1), Upper, true, Any;
        "ff2" Fraction(2), Upper, true, Any;
        "ff3" Fraction(3), Upper, true, Any;
        "ff4" Fraction(4), Upper, true, Any;
        "ff5" Fraction(5), Upper, true, Any;
        "ff6" Fraction(6), Upper, true, Any;
        "fx" Fixed, Upper, false, Any;
        "hh24" Hour24, Upper, true, Any;
        "hh12" Hour12, Upper, true, Any;
        "hh" Hour12, Upper, true, Any;
        "iddd" IsoDayOfYear, Upper, true, IsoWeek;
        "id" IsoDayOfWeek, Upper, true, IsoWeek;
        "iw" IsoWeek, Upper, true, IsoWeek;
        "iyyy" IsoYear(4), Upper, true, IsoWeek;
        "iyy" IsoYear(3), Upper, true, IsoWeek;
        "iy" IsoYear(2), Upper, true, IsoWeek;
        "i" IsoYear(1), Upper, true, IsoWeek;
        "j" Julian, Upper, true, Any;
        "mi" Minute, Upper, true, Any;
        "mm" Month, Upper, true, Gregorian;
        "month" MonthName, Lower, false, Gregorian;
        "mon" MonthShort, Lower, false, Gregorian;
        "ms" Milliseconds, Upper, true, Any;
        "of" Offset, Upper, false, Any;
        "p.m." HalfDotted, Lower, false, Any;
        "pm" Half, Lower, false, Any;
        "q" Quarter, Upper, true, Any;
        "rm" Roman, Lower, false, Gregorian;
        "sssss" SecondsOfDay, Upper, true, Any;
        "ssss" SecondsOfDay, Upper, true, Any;
        "ss" Second, Upper, true, Any;
        "tzh" ZoneHour, Upper, false, Any;
        "tzm" ZoneMinute, Upper, true, Any;
        "tz" Zone, Lower, false, Any;
        "us" Microseconds, Upper, true, Any;
        "ww" WeekOfYear, Upper, true, Gregorian;
        "w" WeekOfMonth, Upper, true, Gregorian;
        "y,yyy" YearComma, Upper, true, Gregorian;
        "yyyy" Year(4), Upper, true, Gregorian;
        "yyy" Year(3), Upper, true, Gregorian;
        "yy" Year(2), Upper, true, Gregorian;
        "y" Year(1), Upper, true, Gregorian;
    }
};

/// The field that a template goes on with.
pub(super) fn find(template: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| template.starts_with(key.name))
}

/// Roman numerals of the months, backwards as `to_char` counts them for intervals.
pub(super) const ROMAN: [&str; 12] = ["XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"];

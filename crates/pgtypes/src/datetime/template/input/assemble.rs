//! Makes a date and time of the fields found.

use super::super::fields::Calendar;
use super::super::output::iso_year_start;
use super::{Found, invalid};
use crate::Result;
use crate::datetime::parse::Fault;
use crate::datetime::{Fields, civil_date, days_in_month, is_leap};

/// The fields and the zone in seconds east, when the text named one.
pub(super) fn assemble(found: Found, text: &str) -> Result<(Fields, Option<i32>)> {
    let mut date = Date { fields: Fields { month: 1, day: 1, ..Fields::default() }, has_month: false, has_day: false };
    date.year(&found);
    date.days(&found)?;
    let mut fields = date.fields;
    time(&found, &mut fields)?;
    let valid = date.is_valid() && time_is_valid(&fields);
    if !valid {
        return Err(Fault::FieldOverflow.error(text, "timestamp"));
    }
    Ok((fields, zone(&found, text)?))
}

struct Date {
    fields: Fields,
    has_month: bool,
    has_day: bool,
}

impl Date {
    fn year(&mut self, found: &Found) {
        let century = if found.before_christ != 0 { found.century.saturating_neg() } else { found.century };
        self.fields.year = match (found.year, found.century) {
            (0, 0) => return,
            (0, _) if century >= 0 => (century - 1).saturating_mul(100).saturating_add(1),
            (0, _) => century.saturating_mul(100).saturating_add(1),
            (_, century_given) if century_given != 0 && found.year_digits <= 2 => year_of_century(found.year % 100, century),
            (year, _) => {
                let signed = if found.before_christ != 0 { year.saturating_neg() } else { year };
                if signed < 0 { signed + 1 } else { signed }
            }
        };
    }

    fn set(&mut self, (year, month, day): (i32, i32, i32)) {
        (self.fields.year, self.fields.month, self.fields.day) = (year, month, day);
        self.has_month = true;
        self.has_day = true;
    }

    fn days(&mut self, found: &Found) -> Result<()> {
        let iso = found.calendar == Some(Calendar::IsoWeek);
        let mut day_of_year = found.day_of_year;
        if found.julian != 0 {
            self.set(civil_date(found.julian));
        }
        if found.week != 0 {
            if iso {
                self.set(civil_date(iso_week_day(self.fields.year, found.week, found.weekday)));
            } else {
                day_of_year = found.week.saturating_sub(1).saturating_mul(7).saturating_add(1);
            }
        }
        let day =
            if found.week_of_month != 0 { found.week_of_month.saturating_sub(1).saturating_mul(7).saturating_add(1) } else { found.day };
        if day != 0 {
            self.fields.day = day;
            self.has_day = true;
        }
        if found.month != 0 {
            self.fields.month = found.month;
            self.has_month = true;
        }
        if day_of_year != 0 && (self.fields.month <= 1 || self.fields.day <= 1) {
            self.day_of_year(day_of_year, iso, found)?;
        }
        Ok(())
    }

    fn day_of_year(&mut self, day_of_year: i32, iso: bool, found: &Found) -> Result<()> {
        if self.fields.year == 0 && found.before_christ == 0 {
            return Err(invalid("cannot calculate day of year without year information".to_owned()));
        }
        if iso {
            self.set(civil_date(iso_year_start(self.fields.year).saturating_add(day_of_year.saturating_sub(1))));
            return Ok(());
        }
        let mut month = 1;
        let mut before = 0;
        while month <= 12 {
            let length = days_in_month(self.fields.year, month);
            if day_of_year <= before + length {
                break;
            }
            before += length;
            month += 1;
        }
        if self.fields.month <= 1 {
            self.fields.month = month;
        }
        if self.fields.day <= 1 {
            self.fields.day = day_of_year.saturating_sub(before);
        }
        self.has_month = true;
        self.has_day = true;
        Ok(())
    }

    fn is_valid(&self) -> bool {
        let Fields { year, month, day, .. } = self.fields;
        debug_assert!(is_leap(year) == (days_in_month(year, 2) == 29));
        let month_valid = !self.has_month || (1..=12).contains(&month);
        let day_valid = !self.has_day || (1..=31).contains(&day);
        month_valid && day_valid && (!(1..=12).contains(&month) || day <= days_in_month(year, month))
    }
}

/// The year with these last two digits in a century, which before Christ counts down.
const fn year_of_century(last_digits: i32, century: i32) -> i32 {
    match (last_digits, century >= 0) {
        (0, true) => century.saturating_mul(100),
        (0, false) => century.saturating_mul(100).saturating_add(1),
        (_, true) => (century - 1).saturating_mul(100).saturating_add(last_digits),
        (_, false) => (century + 1).saturating_mul(100).saturating_sub(last_digits - 1),
    }
}

/// A day of an ISO week, its Monday when no day is given; weekdays count from Sunday, 1.
fn iso_week_day(year: i32, week: i32, weekday: i32) -> i32 {
    let monday = iso_year_start(year).saturating_add(week.saturating_sub(1).saturating_mul(7));
    match weekday {
        0 => monday,
        1 => monday.saturating_add(6),
        day => monday.saturating_add(day.saturating_sub(2)),
    }
}

fn time(found: &Found, fields: &mut Fields) -> Result<()> {
    let seconds = found.seconds_of_day;
    (fields.hour, fields.minute, fields.second) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    for (place, value) in [(&mut fields.second, found.second), (&mut fields.minute, found.minute), (&mut fields.hour, found.hour)] {
        if value != 0 {
            *place = value;
        }
    }
    if found.twelve_hours {
        if !(1..=12).contains(&fields.hour) {
            return Err(invalid(format!("hour \"{}\" is invalid for the 12-hour clock", fields.hour))
                .hint("Use the 24-hour clock, or give an hour between 1 and 12."));
        }
        match (found.pm != 0, fields.hour) {
            (true, hour) if hour < 12 => fields.hour += 12,
            (false, 12) => fields.hour = 0,
            _ => {}
        }
    }
    fields.micros = found.milliseconds.saturating_mul(1000).saturating_add(found.microseconds);
    Ok(())
}

fn time_is_valid(fields: &Fields) -> bool {
    (0..24).contains(&fields.hour)
        && (0..60).contains(&fields.minute)
        && (0..60).contains(&fields.second)
        && (0..1_000_000).contains(&fields.micros)
}

fn zone(found: &Found, text: &str) -> Result<Option<i32>> {
    if found.zone_sign == 0 {
        return Ok(None);
    }
    if !(0..=15).contains(&found.zone_hour) || !(0..60).contains(&found.zone_minute) {
        return Err(Fault::ZoneOverflow.error(text, "timestamp"));
    }
    Ok(Some(found.zone_sign * (found.zone_hour * 3600 + found.zone_minute * 60)))
}

//! `P1Y2M3DT4H5M6S`, `P0001-02-03T04:05:06`, `P00010203T040506`.

use super::super::keywords::Unit;
use super::super::parse::Fault;
use super::super::{DAYS_PER_MONTH, USECS_PER_DAY, USECS_PER_HOUR, USECS_PER_MINUTE, USECS_PER_SEC};
use super::Sum;

/// A number with its fraction apart, and how many digits it began with.
struct Number {
    whole: i64,
    fraction: f64,
    width: usize,
}

struct Reader<'a> {
    rest: &'a str,
    sum: Sum,
}

pub(super) fn parse(text: &str) -> Result<Sum, Fault> {
    let rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(Fault::BadFormat)?;
    let mut reader = Reader { rest, sum: Sum::default() };
    let mut in_date = true;
    let mut any_field = false;
    while !reader.rest.is_empty() {
        if let Some(rest) = reader.rest.strip_prefix('T') {
            (reader.rest, in_date, any_field) = (rest, false, false);
            continue;
        }
        let number = reader.number()?;
        let step = if in_date { reader.date_unit(&number, any_field)? } else { reader.time_unit(&number, any_field)? };
        match step {
            Step::Field => any_field = true,
            Step::TimeFollows => (in_date, any_field) = (false, false),
            Step::End => break,
        }
    }
    Ok(reader.sum)
}

enum Step {
    Field,
    TimeFollows,
    End,
}

impl Reader<'_> {
    /// A number as C's `strtod` reads one.
    fn number(&mut self) -> Result<Number, Fault> {
        let bytes = self.rest.as_bytes();
        let digits_from = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'.' | b'0'..=b'9')) && bytes[0] == b'-');
        let width = digits_from(sign);
        let mut end = sign + width;
        if bytes.get(end) == Some(&b'.') {
            end += 1 + digits_from(end + 1);
        }
        if end > sign && matches!(bytes.get(end), Some(b'e' | b'E')) {
            let digits_at = end + 1 + usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
            if digits_at < bytes.len() && digits_from(digits_at) > 0 {
                end = digits_at + digits_from(digits_at);
            }
        }
        let value: f64 = self.rest[..end].parse().map_err(|_| Fault::BadFormat)?;
        if value.is_nan() || value.abs() > 1.0e15 {
            return Err(Fault::FieldOverflow);
        }
        self.rest = &self.rest[end..];
        let whole = value.trunc();
        Ok(Number { whole: whole as i64, fraction: value - whole, width: if sign == 0 { width } else { 0 } })
    }

    fn unit(&mut self) -> Option<char> {
        let unit = self.rest.chars().next()?;
        self.rest = &self.rest[unit.len_utf8()..];
        Some(unit)
    }

    fn date_unit(&mut self, number: &Number, any_field: bool) -> Result<Step, Fault> {
        let (whole, fraction) = (number.whole, number.fraction);
        let unit = self.unit();
        match unit {
            Some('Y') => self.sum.add(Unit::Year, whole, fraction)?,
            Some('M') => self.sum.add(Unit::Month, whole, fraction)?,
            Some('W') => self.sum.add(Unit::Week, whole, fraction)?,
            Some('D') => self.sum.add(Unit::Day, whole, fraction)?,
            None | Some('T') if number.width == 8 && !any_field => {
                self.sum.add_years(whole / 10_000, 0.0, 1)?;
                self.sum.add_months(whole / 100 % 100, 0.0)?;
                self.sum.add_days(whole % 100, 1)?;
                self.sum.add_fraction_of(fraction, USECS_PER_DAY)?;
                return Ok(if unit.is_none() { Step::End } else { Step::TimeFollows });
            }
            None | Some('T' | '-') if !any_field => return self.extended_date(number, unit),
            _ => return Err(Fault::BadFormat),
        }
        Ok(Step::Field)
    }

    fn extended_date(&mut self, year: &Number, after: Option<char>) -> Result<Step, Fault> {
        self.sum.add(Unit::Year, year.whole, year.fraction)?;
        let mut after = after;
        for unit in [Unit::Month, Unit::Day] {
            match after {
                None => return Ok(Step::End),
                Some('T') => return Ok(Step::TimeFollows),
                Some('-') => {}
                Some(_) => return Err(Fault::BadFormat),
            }
            let number = self.number()?;
            if unit == Unit::Month {
                self.sum.add_months(number.whole, 0.0)?;
                self.sum.add_fraction_of_days(number.fraction, DAYS_PER_MONTH)?;
            } else {
                self.sum.add(unit, number.whole, number.fraction)?;
            }
            after = self.unit();
        }
        match after {
            None => Ok(Step::End),
            Some('T') => Ok(Step::TimeFollows),
            Some(_) => Err(Fault::BadFormat),
        }
    }

    fn time_unit(&mut self, number: &Number, any_field: bool) -> Result<Step, Fault> {
        let (whole, fraction) = (number.whole, number.fraction);
        let unit = self.unit();
        match unit {
            Some('H') => self.sum.add(Unit::Hour, whole, fraction)?,
            Some('M') => self.sum.add(Unit::Minute, whole, fraction)?,
            Some('S') => self.sum.add(Unit::Second, whole, fraction)?,
            None if number.width == 6 && !any_field => {
                self.sum.add_time(whole / 10_000, 0.0, USECS_PER_HOUR)?;
                self.sum.add_time(whole / 100 % 100, 0.0, USECS_PER_MINUTE)?;
                self.sum.add_time(whole % 100, 0.0, USECS_PER_SEC)?;
                self.sum.add_fraction_of(fraction, 1)?;
                return Ok(Step::End);
            }
            None | Some(':') if !any_field => return self.extended_time(number, unit),
            _ => return Err(Fault::BadFormat),
        }
        Ok(Step::Field)
    }

    fn extended_time(&mut self, hour: &Number, after: Option<char>) -> Result<Step, Fault> {
        self.sum.add(Unit::Hour, hour.whole, hour.fraction)?;
        let mut after = after;
        for unit in [Unit::Minute, Unit::Second] {
            match after {
                None => return Ok(Step::End),
                Some(':') => {}
                Some(_) => return Err(Fault::BadFormat),
            }
            let number = self.number()?;
            self.sum.add(unit, number.whole, number.fraction)?;
            after = self.unit();
        }
        if after.is_none() { Ok(Step::End) } else { Err(Fault::BadFormat) }
    }
}

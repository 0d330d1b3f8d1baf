//! Type modifiers: what `numeric(10,2)` or `interval day to second(3)` stands for in a single integer, as `typmodin` makes it and `typmodout`
//! prints it.

use std::fmt::Write as _;

use crate::{Oid, Result, SqlError, SqlState};

/// Bytes of a varlena header, which PostgreSQL adds to lengths in a modifier.
pub const HEADER: i32 = 4;
/// The longest `char(n)` and `varchar(n)`.
pub const CHARACTERS_MAX: i32 = 10_485_760;
/// The greatest precision of the time types.
pub const TIME_PRECISION_MAX: i32 = 6;
/// The greatest declared precision of `numeric`.
pub const NUMERIC_PRECISION_MAX: i32 = 1000;
/// The least declared scale of `numeric`.
pub const NUMERIC_SCALE_MIN: i32 = -1000;
/// The greatest declared scale of `numeric`.
pub const NUMERIC_SCALE_MAX: i32 = 1000;

/// The fields an `interval` may be restricted to, as bits of a modifier's upper half.
pub mod interval_field {
    #![allow(missing_docs)]
    pub const MONTH: i32 = 1 << 1;
    pub const YEAR: i32 = 1 << 2;
    pub const DAY: i32 = 1 << 3;
    pub const HOUR: i32 = 1 << 10;
    pub const MINUTE: i32 = 1 << 11;
    pub const SECOND: i32 = 1 << 12;
    /// No restriction.
    pub const FULL: i32 = 0x7fff;
}

/// Precision of an `interval` modifier that names fields and no precision.
pub const INTERVAL_FULL_PRECISION: i32 = 0xffff;

/// The fields of an `interval` modifier.
#[must_use]
pub const fn interval_fields(typmod: i32) -> i32 {
    (typmod >> 16) & interval_field::FULL
}

/// The precision of an `interval` modifier; [`INTERVAL_FULL_PRECISION`] when none was given.
#[must_use]
pub const fn interval_precision(typmod: i32) -> i32 {
    typmod & 0xffff
}

/// Precision and scale of a `numeric` modifier.
#[must_use]
pub const fn numeric_precision_scale(typmod: i32) -> (i32, i32) {
    let bits = typmod - HEADER;
    // Eleven bits of two's complement.
    ((bits >> 16) & 0xffff, ((bits & 0x7ff) ^ 1024) - 1024)
}

/// The length of a `char(n)` or `varchar(n)` modifier in characters.
#[must_use]
pub fn character_length(typmod: i32) -> Option<usize> {
    usize::try_from(typmod - HEADER).ok()
}

/// What the type's `typmodin` makes of the modifiers in a declaration. A precision beyond what the time types keep is reduced to the greatest; the
/// warning PostgreSQL sends with that is in the second part.
///
/// # Errors
/// `22023` with PostgreSQL's text for a modifier out of range, `42601` for one on a type that takes none.
pub fn input(oid: Oid, modifiers: &[i32]) -> Result<(i32, Option<SqlError>)> {
    let element = crate::types::by_oid(oid).filter(|info| info.is_array()).map_or(oid, |info| info.element);
    match element {
        Oid::BPCHAR => character(modifiers, "char").map(quiet),
        Oid::VARCHAR => character(modifiers, "varchar").map(quiet),
        Oid::NUMERIC => numeric(modifiers).map(quiet),
        Oid::TIME => time("TIME", "", modifiers),
        Oid::TIMETZ => time("TIME", " WITH TIME ZONE", modifiers),
        Oid::TIMESTAMP => time("TIMESTAMP", "", modifiers),
        Oid::TIMESTAMPTZ => time("TIMESTAMP", " WITH TIME ZONE", modifiers),
        Oid::INTERVAL => interval(modifiers),
        // No value of these types exists here; the modifier is read so that the type itself can be refused.
        Oid::BIT => bit(modifiers, "bit").map(quiet),
        Oid::VARBIT => bit(modifiers, "varbit").map(quiet),
        _ => {
            let name = crate::types::by_oid(oid).map_or("???", |info| info.display);
            Err(SqlError::new(SqlState::SYNTAX_ERROR, format!("type modifier is not allowed for type \"{name}\"")))
        }
    }
}

fn quiet(typmod: i32) -> (i32, Option<SqlError>) {
    (typmod, None)
}

fn invalid(message: String) -> SqlError {
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

fn bit(modifiers: &[i32], name: &str) -> Result<i32> {
    match one(modifiers)? {
        length if length >= 1 => Ok(length),
        _ => Err(invalid(format!("length for type {name} must be at least 1"))),
    }
}

fn one(modifiers: &[i32]) -> Result<i32> {
    match modifiers {
        [value] => Ok(*value),
        _ => Err(invalid("invalid type modifier".to_owned())),
    }
}

fn character(modifiers: &[i32], name: &str) -> Result<i32> {
    let length = one(modifiers)?;
    if length < 1 {
        return Err(invalid(format!("length for type {name} must be at least 1")));
    }
    if length > CHARACTERS_MAX {
        return Err(invalid(format!("length for type {name} cannot exceed {CHARACTERS_MAX}")));
    }
    Ok(length + HEADER)
}

fn numeric(modifiers: &[i32]) -> Result<i32> {
    let (precision, scale) = match modifiers {
        [precision] => (*precision, 0),
        [precision, scale] => (*precision, *scale),
        _ => return Err(invalid("invalid NUMERIC type modifier".to_owned())),
    };
    if !(1..=NUMERIC_PRECISION_MAX).contains(&precision) {
        let message = format!("NUMERIC precision {precision} must be between 1 and {NUMERIC_PRECISION_MAX}");
        return Err(invalid(message).form("limit/numeric precision"));
    }
    if !(NUMERIC_SCALE_MIN..=NUMERIC_SCALE_MAX).contains(&scale) {
        let message = format!("NUMERIC scale {scale} must be between {NUMERIC_SCALE_MIN} and {NUMERIC_SCALE_MAX}");
        return Err(invalid(message).form("limit/numeric scale"));
    }
    Ok(((precision << 16) | (scale & 0x7ff)) + HEADER)
}

fn time(name: &str, zone: &str, modifiers: &[i32]) -> Result<(i32, Option<SqlError>)> {
    let precision = one(modifiers)?;
    if precision < 0 {
        return Err(invalid(format!("{name}({precision}){zone} precision must not be negative")));
    }
    Ok(reduced(precision, |asked| format!("{name}({asked}){zone} precision reduced to maximum allowed, {TIME_PRECISION_MAX}")))
}

fn reduced(precision: i32, message: impl Fn(i32) -> String) -> (i32, Option<SqlError>) {
    if precision <= TIME_PRECISION_MAX {
        return (precision, None);
    }
    let warning = SqlError::with_severity(crate::Severity::Warning, SqlState::INVALID_PARAMETER_VALUE, message(precision));
    (TIME_PRECISION_MAX, Some(warning))
}

fn interval(modifiers: &[i32]) -> Result<(i32, Option<SqlError>)> {
    let Some(&fields) = modifiers.first() else { return Err(invalid("invalid INTERVAL type modifier".to_owned())) };
    if fields != interval_field::FULL && interval_field_name(fields).is_none() {
        return Err(invalid("invalid INTERVAL type modifier".to_owned()));
    }
    match modifiers {
        [_] if fields == interval_field::FULL => Ok((-1, None)),
        [_] => Ok(((fields << 16) | INTERVAL_FULL_PRECISION, None)),
        [_, precision] if *precision < 0 => Err(invalid(format!("INTERVAL({precision}) precision must not be negative"))),
        [_, precision] => {
            let (precision, warning) =
                reduced(*precision, |asked| format!("INTERVAL({asked}) precision reduced to maximum allowed, {TIME_PRECISION_MAX}"));
            Ok(((fields << 16) | precision, warning))
        }
        _ => Err(invalid("invalid INTERVAL type modifier".to_owned())),
    }
}

/// The restriction as SQL writes it, with a leading blank; empty for no restriction, `None` for bits that are none.
fn interval_field_name(fields: i32) -> Option<&'static str> {
    use interval_field::{DAY, FULL, HOUR, MINUTE, MONTH, SECOND, YEAR};
    const YEAR_TO_MONTH: i32 = YEAR | MONTH;
    const DAY_TO_HOUR: i32 = DAY | HOUR;
    const DAY_TO_MINUTE: i32 = DAY_TO_HOUR | MINUTE;
    const DAY_TO_SECOND: i32 = DAY_TO_MINUTE | SECOND;
    const HOUR_TO_MINUTE: i32 = HOUR | MINUTE;
    const HOUR_TO_SECOND: i32 = HOUR_TO_MINUTE | SECOND;
    const MINUTE_TO_SECOND: i32 = MINUTE | SECOND;
    Some(match fields {
        FULL => "",
        YEAR => " year",
        MONTH => " month",
        DAY => " day",
        HOUR => " hour",
        MINUTE => " minute",
        SECOND => " second",
        YEAR_TO_MONTH => " year to month",
        DAY_TO_HOUR => " day to hour",
        DAY_TO_MINUTE => " day to minute",
        DAY_TO_SECOND => " day to second",
        HOUR_TO_MINUTE => " hour to minute",
        HOUR_TO_SECOND => " hour to second",
        MINUTE_TO_SECOND => " minute to second",
        _ => return None,
    })
}

/// What the type's `typmodout` prints after the type's name.
#[must_use]
pub fn output(oid: Oid, typmod: i32) -> String {
    if typmod < 0 {
        return String::new();
    }
    match oid {
        // Says which row type it is, which nobody writes.
        Oid::RECORD => String::new(),
        Oid::BPCHAR | Oid::VARCHAR if typmod > HEADER => format!("({})", typmod - HEADER),
        Oid::BPCHAR | Oid::VARCHAR => String::new(),
        Oid::NUMERIC if typmod >= HEADER => {
            let (precision, scale) = numeric_precision_scale(typmod);
            format!("({precision},{scale})")
        }
        Oid::NUMERIC => String::new(),
        Oid::TIME | Oid::TIMESTAMP => format!("({typmod}) without time zone"),
        Oid::TIMETZ | Oid::TIMESTAMPTZ => format!("({typmod}) with time zone"),
        Oid::INTERVAL => interval_output(typmod),
        _ => format!("({typmod})"),
    }
}

fn interval_output(typmod: i32) -> String {
    let mut text = interval_field_name(interval_fields(typmod)).unwrap_or("").to_owned();
    let precision = interval_precision(typmod);
    if precision != INTERVAL_FULL_PRECISION {
        let _ = write!(text, "({precision})");
    }
    text
}

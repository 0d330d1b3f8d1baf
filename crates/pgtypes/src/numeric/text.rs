//! Reading and printing.

use std::fmt;

use num_bigint::BigInt;
use num_traits::{Num, Signed};

use super::{Decimal, Mantissa, Numeric, SCALE_MAX, overflow, to_i32};
use crate::{Result, SqlError, SqlState};

fn invalid(text: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("invalid input syntax for type numeric: \"{text}\""))
}

/// What PostgreSQL's `isspace` accepts in the C locale.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| character.is_ascii() && is_space(character as u8))
}

impl Numeric {
    /// `numeric_in`: decimal with optional exponent, `0x`/`0o`/`0b` integers, underscores between digits, `NaN`, `Infinity`.
    ///
    /// # Errors
    /// `22P02` for bad syntax, `22003` when the value does not fit.
    pub fn parse(text: &str) -> Result<Self> {
        let trimmed = trim(text);
        let (negative, unsigned) = match trimmed.as_bytes().first() {
            Some(b'-') => (true, &trimmed[1..]),
            Some(b'+') => (false, &trimmed[1..]),
            _ => (false, trimmed),
        };
        let signed = unsigned.len() != trimmed.len();
        let first = unsigned.bytes().next().ok_or_else(|| invalid(text))?;
        if first.is_ascii_digit() || first == b'.' {
            if let Some((radix, digits)) = radix_prefix(unsigned) {
                return parse_radix(digits, radix, negative).ok_or_else(|| invalid(text))?;
            }
            return parse_decimal(unsigned, negative).ok_or_else(|| invalid(text))?;
        }
        if unsigned.eq_ignore_ascii_case("nan") && !signed {
            return Ok(Self::NaN);
        }
        if unsigned.eq_ignore_ascii_case("infinity") || unsigned.eq_ignore_ascii_case("inf") {
            return Ok(if negative { Self::NegativeInfinity } else { Self::PositiveInfinity });
        }
        Err(invalid(text))
    }
}

fn radix_prefix(text: &str) -> Option<(u32, &str)> {
    let radix = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => 16,
        [b'0', b'o' | b'O', ..] => 8,
        [b'0', b'b' | b'B', ..] => 2,
        _ => return None,
    };
    Some((radix, &text[2..]))
}

/// `None`: bad syntax. An underscore may stand before any digit here, as in SQL's own literals.
fn parse_radix(digits: &str, radix: u32, negative: bool) -> Option<Result<Numeric>> {
    let mut clean = String::with_capacity(digits.len());
    let mut after_underscore = false;
    for character in digits.chars() {
        if character == '_' {
            if after_underscore {
                return None;
            }
            after_underscore = true;
        } else {
            character.to_digit(radix)?;
            clean.push(character);
            after_underscore = false;
        }
    }
    if after_underscore || clean.is_empty() {
        return None;
    }
    let value = BigInt::from_str_radix(&clean, radix).ok()?;
    let value = if negative { -value } else { value };
    Some(Decimal::checked(Mantissa::from_big(value), 0).map(Numeric::Finite))
}

/// The digits of a decimal literal: significant digits without the point, how many stood after it, and the exponent.
struct Literal {
    digits: String,
    fraction: u32,
    exponent: i64,
}

/// `None`: bad syntax.
fn scan_decimal(text: &str) -> Option<Literal> {
    let bytes = text.as_bytes();
    let mut literal = Literal { digits: String::with_capacity(bytes.len()), fraction: 0, exponent: 0 };
    let mut index = 0;
    let mut point = false;
    while let Some(&byte) = bytes.get(index) {
        match byte {
            b'0'..=b'9' => {
                literal.digits.push(byte as char);
                literal.fraction += u32::from(point);
            }
            b'.' if !point => {
                point = true;
                // An underscore may not follow the point.
                if bytes.get(index + 1) == Some(&b'_') {
                    return None;
                }
            }
            b'_' if literal.digits.is_empty() || !bytes.get(index + 1).is_some_and(u8::is_ascii_digit) => return None,
            b'_' => {}
            _ => break,
        }
        index += 1;
    }
    if literal.digits.is_empty() {
        return None;
    }
    match bytes.get(index) {
        None => Some(literal),
        Some(b'e' | b'E') => {
            literal.exponent = scan_exponent(&bytes[index + 1..])?;
            Some(literal)
        }
        Some(_) => None,
    }
}

fn scan_exponent(bytes: &[u8]) -> Option<i64> {
    let (negative, digits) = match bytes.first()? {
        b'-' => (true, &bytes[1..]),
        b'+' => (false, &bytes[1..]),
        _ => (false, bytes),
    };
    if !digits.first()?.is_ascii_digit() {
        return None;
    }
    let mut exponent = 0i64;
    for (index, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => exponent = (exponent * 10 + i64::from(byte - b'0')).min(i64::from(i32::MAX)),
            b'_' if digits.get(index + 1).is_some_and(u8::is_ascii_digit) => {}
            _ => return None,
        }
    }
    Some(if negative { -exponent } else { exponent })
}

fn parse_decimal(text: &str, negative: bool) -> Option<Result<Numeric>> {
    let literal = scan_decimal(text)?;
    Some(finish_decimal(&literal, negative))
}

fn finish_decimal(literal: &Literal, negative: bool) -> Result<Numeric> {
    if literal.exponent.abs() >= i64::from(i32::MAX / 2) {
        return Err(overflow());
    }
    let scale = i64::from(literal.fraction) - literal.exponent;
    let display = scale.max(0);
    if display > i64::from(SCALE_MAX) {
        return Err(overflow());
    }
    let digits = literal.digits.trim_start_matches('0');
    let zeros = u32::try_from((-scale).max(0)).map_err(|_| overflow())?;
    let display = u32::try_from(display).map_err(|_| overflow())?;
    if digits.is_empty() {
        return Ok(Numeric::from_parts(0, display));
    }
    // Refuse before building a number of a billion digits.
    if to_i32(zeros) > to_i32(super::INTEGER_DIGITS_MAX) {
        return Err(overflow());
    }
    if digits.len() + zeros as usize <= 38 {
        let value: i128 = digits.parse().map_err(|_| overflow())?;
        let value = value * super::POWERS_OF_TEN[zeros as usize];
        return Ok(Numeric::from_parts(if negative { -value } else { value }, display));
    }
    let value = BigInt::from_str_radix(digits, 10).map_err(|_| overflow())? * super::power_of_ten(zeros);
    let value = if negative { -value } else { value };
    Decimal::checked(Mantissa::from_big(value), display).map(Numeric::Finite)
}

impl fmt::Display for Numeric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NaN => f.write_str("NaN"),
            Self::PositiveInfinity => f.write_str("Infinity"),
            Self::NegativeInfinity => f.write_str("-Infinity"),
            Self::Finite(value) => value.fmt(f),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.mantissa {
            Mantissa::Small(small) if self.scale == 0 => write!(f, "{small}"),
            Mantissa::Small(small) => write_small(f, *small, self.scale),
            Mantissa::Big(big) => write_digits(f, big.is_negative(), &big.magnitude().to_string(), self.scale),
        }
    }
}

/// Prints without allocating: a 128-bit mantissa has at most 39 digits.
fn write_small(f: &mut fmt::Formatter<'_>, value: i128, scale: u32) -> fmt::Result {
    let mut buffer = [0u8; 40];
    let mut start = buffer.len();
    let mut rest = value.unsigned_abs();
    while rest > 0 {
        start -= 1;
        buffer[start] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    let digits = std::str::from_utf8(&buffer[start..]).unwrap_or("");
    write_digits(f, value < 0, digits, scale)
}

fn write_digits(f: &mut fmt::Formatter<'_>, negative: bool, digits: &str, scale: u32) -> fmt::Result {
    if negative {
        f.write_str("-")?;
    }
    let scale = scale as usize;
    if scale == 0 {
        return f.write_str(digits);
    }
    if digits.len() > scale {
        let (integer, fraction) = digits.split_at(digits.len() - scale);
        return write!(f, "{integer}.{fraction}");
    }
    f.write_str("0.")?;
    for _ in digits.len()..scale {
        f.write_str("0")?;
    }
    f.write_str(digits)
}

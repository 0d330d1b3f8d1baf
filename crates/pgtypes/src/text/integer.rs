//! Integers: decimal, and on input also PostgreSQL 16's `0x`, `0o`, `0b` and underscores between digits.

use super::TextSink;
use crate::{Result, SqlError, SqlState};

/// Appends a decimal.
pub fn write<W: TextSink>(value: i64, out: &mut W) {
    let mut digits = [0_u8; 20];
    let mut start = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        start -= 1;
        digits[start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        start -= 1;
        digits[start] = b'-';
    }
    out.put(std::str::from_utf8(&digits[start..]).unwrap_or(""));
}

/// Why a text is no integer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Fault {
    Syntax,
    Range,
}

/// Reads a signed integer within `min..=max` for a type.
///
/// # Errors
/// `22P02`, `22003`
pub fn parse(text: &str, min: i64, max: i64, type_name: &str) -> Result<i64> {
    match read(text.as_bytes()) {
        Ok(value) if (min..=max).contains(&value) => Ok(value),
        Err(Fault::Syntax) => Err(invalid(text, type_name)),
        Ok(_) | Err(Fault::Range) => Err(out_of_range(text, type_name)),
    }
}

/// `22P02` for a type.
#[must_use]
pub fn invalid(text: &str, type_name: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("invalid input syntax for type {type_name}: \"{text}\""))
}

fn out_of_range(text: &str, type_name: &str) -> SqlError {
    SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("value \"{text}\" is out of range for type {type_name}"))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [first, rest @ ..] = bytes
        && is_space(*first)
    {
        bytes = rest;
    }
    while let [rest @ .., last] = bytes
        && is_space(*last)
    {
        bytes = rest;
    }
    bytes
}

fn read(bytes: &[u8]) -> Result<i64, Fault> {
    let bytes = trim(bytes);
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (16, strip_underscore(rest)),
        [b'0', b'o' | b'O', rest @ ..] => (8, strip_underscore(rest)),
        [b'0', b'b' | b'B', rest @ ..] => (2, strip_underscore(rest)),
        _ => (10, digits),
    };
    accumulate(digits, base, negative)
}

/// After a base prefix an underscore may stand before the first digit.
fn strip_underscore(digits: &[u8]) -> &[u8] {
    digits.strip_prefix(b"_").unwrap_or(digits)
}

fn accumulate(digits: &[u8], base: u32, negative: bool) -> Result<i64, Fault> {
    let mut value: i64 = 0;
    let mut overflow = false;
    let mut after_digit = false;
    for &byte in digits {
        if byte == b'_' && after_digit {
            after_digit = false;
            continue;
        }
        let digit = char::from(byte).to_digit(base).ok_or(Fault::Syntax)?;
        // Counting down reaches the least value without a wider type.
        match value.checked_mul(i64::from(base)).and_then(|value| value.checked_sub(i64::from(digit))) {
            Some(next) => value = next,
            None => overflow = true,
        }
        after_digit = true;
    }
    if !after_digit {
        return Err(Fault::Syntax);
    }
    if overflow {
        return Err(Fault::Range);
    }
    if negative { Ok(value) } else { value.checked_neg().ok_or(Fault::Range) }
}

/// Reads an unsigned 32-bit number as C's `strtoul` does with base 0: also octal and hexadecimal; negative numbers wrap.
///
/// # Errors
/// `22P02`, `22003`
pub fn parse_u32(text: &str, type_name: &str) -> Result<u32> {
    let bytes = trim(text.as_bytes());
    let (negative, digits) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', rest @ ..] if !rest.is_empty() => (8, rest),
        _ => (10, digits),
    };
    let digits =
        std::str::from_utf8(digits).ok().filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| char::from(byte).is_digit(base)));
    let Some(digits) = digits else { return Err(invalid(text, type_name)) };
    let value = i64::from_str_radix(digits, base).map_err(|_| out_of_range(text, type_name))?;
    let value = if negative { -value } else { value };
    // A 32-bit C `unsigned long` and a sign-extended 64-bit one are both taken.
    match value {
        0..=0xffff_ffff => Ok(value as u32),
        -0x8000_0000..0 => Ok(value as i32 as u32),
        _ => Err(out_of_range(text, type_name)),
    }
}

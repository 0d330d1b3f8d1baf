//! Floating-point numbers: shortest text that reads back the same, or a number of digits when `extra_float_digits` asks for fewer.
//!
//! PostgreSQL's shortest form never lies exactly halfway to a neighbour, so that readers which round ties differently read it right too. The `ryu`
//! crate allows a halfway text when it would round to even; [`is_halfway`] finds those, and one more digit is taken.

use std::fmt::Write as _;

use super::TextSink;
use crate::{Result, SqlError, SqlState};

/// Digits and position of the point: `0.DIGITS * 10^point`.
struct Decimal {
    digits: [u8; 32],
    length: usize,
    point: i32,
}

impl Decimal {
    /// Reads `1234.5e-7`-like text of a positive number.
    fn of(text: &str) -> Self {
        let mut decimal = Self { digits: [0; 32], length: 0, point: 0 };
        let (mantissa, exponent) =
            text.split_once(['e', 'E']).map_or((text, 0), |(mantissa, exponent)| (mantissa, exponent.parse().unwrap_or(0)));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        decimal.point = exponent + whole.len() as i32;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if decimal.length == 0 && byte == b'0' {
                decimal.point -= 1;
            } else if decimal.length < decimal.digits.len() {
                decimal.digits[decimal.length] = byte;
                decimal.length += 1;
            }
        }
        while decimal.length > 0 && decimal.digits[decimal.length - 1] == b'0' {
            decimal.length -= 1;
        }
        decimal
    }

    fn digits(&self) -> &[u8] {
        &self.digits[..self.length]
    }

    fn value(&self) -> u128 {
        self.digits().iter().fold(0, |value, digit| value * 10 + u128::from(digit - b'0'))
    }

    /// Plain when the exponent is from -4 to `plain_max - 1`, with an exponent of two digits or more otherwise.
    fn write<W: TextSink>(&self, plain_max: i32, out: &mut W) {
        let mut buffer = [0_u8; 64];
        let mut length = 0;
        let mut push = |byte: u8| {
            buffer[length] = byte;
            length += 1;
        };
        let exponent = self.point - 1;
        if (-4..plain_max).contains(&exponent) {
            self.plain(&mut push);
        } else {
            self.scientific(exponent, &mut push);
        }
        out.put(std::str::from_utf8(&buffer[..length]).unwrap_or(""));
    }

    fn plain(&self, push: &mut impl FnMut(u8)) {
        if self.point <= 0 {
            push(b'0');
            push(b'.');
            (self.point..0).for_each(|_| push(b'0'));
            self.digits().iter().for_each(|digit| push(*digit));
            return;
        }
        let point = self.point as usize;
        for index in 0..point.max(self.length) {
            if index == point {
                push(b'.');
            }
            push(self.digits().get(index).copied().unwrap_or(b'0'));
        }
    }

    fn scientific(&self, exponent: i32, push: &mut impl FnMut(u8)) {
        for (index, digit) in self.digits().iter().enumerate() {
            if index == 1 {
                push(b'.');
            }
            push(*digit);
        }
        push(b'e');
        push(if exponent < 0 { b'-' } else { b'+' });
        let absolute = exponent.unsigned_abs();
        if absolute >= 100 {
            push(b'0' + (absolute / 100) as u8);
        }
        push(b'0' + (absolute / 10 % 10) as u8);
        push(b'0' + (absolute % 10) as u8);
    }
}

/// Whether a decimal is exactly half way between the float `mantissa * 2^exponent` and a neighbour.
fn is_halfway(decimal: &Decimal, mantissa: u64, exponent: i32, lowest_of_binade: bool) -> bool {
    // Beyond these powers of ten a halfway point has more digits than a float prints.
    const POWER_MAX: i32 = 24;
    let power = decimal.point - decimal.length as i32;
    if power.abs() > POWER_MAX || decimal.length > 18 {
        return false;
    }
    let five = 5_u128.pow(power.unsigned_abs());
    // Compare odd part and power of two of both sides, with the powers of five on the side where they are whole.
    let value = if power >= 0 { decimal.value() * five } else { decimal.value() };
    let (odd, twos) = (value >> value.trailing_zeros(), value.trailing_zeros() as i32 + power);
    let scale = |neighbour: u128| if power < 0 { neighbour * five } else { neighbour };
    let middle = u128::from(mantissa) * 2;
    let below = if lowest_of_binade { (u128::from(mantissa) * 4 - 1, exponent - 2) } else { (middle - 1, exponent - 1) };
    [(middle + 1, exponent - 1), below].into_iter().any(|(half, exponent)| odd == scale(half) && twos == exponent)
}

/// Appends a `double precision`.
pub(crate) fn write8<W: TextSink>(value: f64, extra_digits: i32, out: &mut W) {
    if write_special(value.is_nan(), value.is_infinite(), value.is_sign_negative(), value == 0.0, out) {
        return;
    }
    let absolute = value.abs();
    if extra_digits <= 0 {
        return write_digits(absolute, 15 + extra_digits, out);
    }
    let bits = absolute.to_bits();
    let (biased, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let (mantissa, exponent) = if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
    let mut buffer = ryu::Buffer::new();
    let mut decimal = Decimal::of(buffer.format_finite(absolute));
    while decimal.length < 17 && mantissa % 2 == 0 && is_halfway(&decimal, mantissa, exponent, fraction == 0 && biased > 1) {
        decimal = longer(absolute, decimal.length);
    }
    decimal.write(15, out);
}

/// Appends a `real`.
pub(crate) fn write4<W: TextSink>(value: f32, extra_digits: i32, out: &mut W) {
    if write_special(value.is_nan(), value.is_infinite(), value.is_sign_negative(), value == 0.0, out) {
        return;
    }
    let absolute = value.abs();
    if extra_digits <= 0 {
        return write_digits(f64::from(absolute), 6 + extra_digits, out);
    }
    let bits = absolute.to_bits();
    let (biased, fraction) = ((bits >> 23) as i32, bits & ((1 << 23) - 1));
    let (mantissa, exponent) = if biased == 0 { (fraction, -149) } else { (fraction | 1 << 23, biased - 150) };
    let mut buffer = ryu::Buffer::new();
    let mut decimal = Decimal::of(buffer.format_finite(absolute));
    while decimal.length < 9 && mantissa % 2 == 0 && is_halfway(&decimal, u64::from(mantissa), exponent, fraction == 0 && biased > 1) {
        decimal = longer(f64::from(absolute), decimal.length);
    }
    decimal.write(6, out);
}

/// The value with one digit more than `length`, correctly rounded.
fn longer(value: f64, length: usize) -> Decimal {
    let mut text = String::with_capacity(32);
    let _ = write!(text, "{value:.length$e}");
    let mut decimal = Decimal::of(&text);
    // Keep the length even if the new digit is a zero, so that the search ends.
    decimal.length = decimal.length.max(length + 1);
    decimal.digits[..decimal.length].iter_mut().filter(|digit| **digit == 0).for_each(|digit| *digit = b'0');
    decimal
}

/// C's `%.*g` of any number, as messages show them.
pub(crate) fn write_general<W: TextSink>(value: f64, digits: i32, out: &mut W) {
    if value.is_nan() || value.is_infinite() {
        return out.put(if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        });
    }
    if !write_special(false, false, value.is_sign_negative(), value == 0.0, out) {
        write_digits(value.abs(), digits, out);
    }
}

/// C's `%.*g`.
fn write_digits<W: TextSink>(value: f64, digits: i32, out: &mut W) {
    let digits = digits.max(1);
    let mut text = String::with_capacity(32);
    let _ = write!(text, "{:.*e}", digits as usize - 1, value);
    Decimal::of(&text).write(digits, out);
}

/// Writes the sign and what has no digits; whether that was all.
fn write_special<W: TextSink>(nan: bool, infinite: bool, negative: bool, zero: bool, out: &mut W) -> bool {
    if nan {
        out.put("NaN");
        return true;
    }
    if negative {
        out.put_byte(b'-');
    }
    if infinite {
        out.put("Infinity");
    } else if zero {
        out.put_byte(b'0');
    }
    infinite || zero
}

/// Reads a `double precision`.
pub(crate) fn parse8(text: &str) -> Result<f64> {
    parse(text, "double precision", |number| number.parse::<f64>().ok(), |value| value == 0.0, f64::is_infinite)
}

/// Reads a `real`.
pub(crate) fn parse4(text: &str) -> Result<f32> {
    parse(text, "real", |number| number.parse::<f32>().ok(), |value| value == 0.0, f32::is_infinite)
}

fn parse<F: Copy>(
    text: &str,
    type_name: &str,
    read: impl Fn(&str) -> Option<F>,
    is_zero: impl Fn(F) -> bool,
    is_infinite: impl Fn(F) -> bool,
) -> Result<F> {
    let trimmed = text.trim_matches(|c: char| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c'));
    let value = read(trimmed).ok_or_else(|| super::integer::invalid(text, type_name))?;
    let named = trimmed.bytes().any(|byte| matches!(byte, b'i' | b'I' | b'n' | b'N'));
    let mantissa = trimmed.split(['e', 'E']).next().unwrap_or("");
    let underflow = is_zero(value) && mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    if !named && (is_infinite(value) || underflow) {
        return Err(SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("\"{trimmed}\" is out of range for type {type_name}")));
    }
    Ok(value)
}

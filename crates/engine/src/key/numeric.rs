//! `numeric` as a key: class, exponent, digits in pairs. The display scale is not part of it, so that equal values have equal keys.

use borealis_pgtypes::numeric::Numeric;

const NEGATIVE_INFINITY: u8 = 0x10;
const NEGATIVE: u8 = 0x20;
const ZERO: u8 = 0x30;
const POSITIVE: u8 = 0x40;
const POSITIVE_INFINITY: u8 = 0x50;
const NAN: u8 = 0x60;
/// Ends the digits; a pair of digits is its value + 1.
const END: u8 = 0x00;
const EXPONENT_BYTES: usize = 4;

/// Appends a value.
pub(super) fn encode(key: &mut Vec<u8>, value: &Numeric) {
    match value {
        Numeric::NaN => key.push(NAN),
        Numeric::PositiveInfinity => key.push(POSITIVE_INFINITY),
        Numeric::NegativeInfinity => key.push(NEGATIVE_INFINITY),
        Numeric::Finite(_) if value.is_zero() => key.push(ZERO),
        Numeric::Finite(_) => finite(key, value),
    }
}

fn finite(key: &mut Vec<u8>, value: &Numeric) {
    let start = key.len();
    key.push(POSITIVE);
    match value.small_parts() {
        Some((mantissa, scale)) => small(key, mantissa.unsigned_abs(), scale),
        None => written(key, &value.to_string()),
    }
    if value.is_negative() {
        // The complement reverses the order of exponent and digits.
        key[start] = NEGATIVE;
        key[start + 1..].iter_mut().for_each(|byte| *byte = !*byte);
    }
}

fn small(key: &mut Vec<u8>, mut mantissa: u128, scale: u32) {
    const DIGITS_MAX: usize = 39;
    let mut digits = [0u8; DIGITS_MAX];
    let mut start = DIGITS_MAX;
    while mantissa != 0 {
        start -= 1;
        #[allow(clippy::cast_possible_truncation)] // below ten
        {
            digits[start] = (mantissa % 10) as u8;
        }
        mantissa /= 10;
    }
    let count = i64::try_from(DIGITS_MAX - start).unwrap_or(0);
    append(key, count - i64::from(scale), &digits[start..]);
}

/// From the text form `[-]digits[.digits]`, for mantissas beyond 128 bits.
fn written(key: &mut Vec<u8>, text: &str) {
    let text = text.trim_start_matches('-');
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|digit| digit - b'0').collect();
    let leading = digits.iter().take_while(|&&digit| digit == 0).count();
    let exponent = i64::try_from(whole.len()).unwrap_or(i64::MAX) - i64::try_from(leading).unwrap_or(0);
    append(key, exponent, &digits[leading..]);
}

/// The value `0.d1d2d3.. * 10^exponent`, d1 not zero; zeros at the end do not count.
fn append(key: &mut Vec<u8>, exponent: i64, digits: &[u8]) {
    let significant = digits.iter().rposition(|&digit| digit != 0).map_or(0, |last| last + 1);
    // Far inside i32: the format has at most 131072 digits before the point and 16383 after it.
    let exponent = i32::try_from(exponent).unwrap_or(if exponent < 0 { i32::MIN } else { i32::MAX });
    key.extend((exponent ^ i32::MIN).to_be_bytes());
    for pair in digits[..significant].chunks(2) {
        key.push(pair[0] * 10 + pair.get(1).copied().unwrap_or(0) + 1);
    }
    key.push(END);
}

/// Bytes of the value at the front of `key`.
pub(super) fn encoded_len(key: &[u8]) -> Option<usize> {
    let end = match *key.first()? {
        POSITIVE => END,
        NEGATIVE => !END,
        _ => return Some(1),
    };
    let digits = key.get(1 + EXPONENT_BYTES..)?;
    Some(1 + EXPONENT_BYTES + digits.iter().position(|&byte| byte == end)? + 1)
}

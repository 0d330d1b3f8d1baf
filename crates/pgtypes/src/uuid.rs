//! `uuid`: thirty-two hexadecimal digits with hyphens after any four, and braces around all.

use crate::text::TextSink;
use crate::{Result, text::integer};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Reads a `uuid`.
///
/// # Errors
/// `22P02`
pub fn parse(text: &str) -> Result<[u8; 16]> {
    read(text.as_bytes()).ok_or_else(|| integer::invalid(text, "uuid"))
}

fn read(bytes: &[u8]) -> Option<[u8; 16]> {
    let mut rest = match bytes {
        [b'{', inner @ .., b'}'] => inner,
        [b'{', ..] => return None,
        _ => bytes,
    };
    let mut value = [0; 16];
    for (index, byte) in value.iter_mut().enumerate() {
        let [high, low, after @ ..] = rest else { return None };
        *byte = nibble(*high)? << 4 | nibble(*low)?;
        rest = after;
        if index % 2 == 1 && index < 15 {
            rest = rest.strip_prefix(b"-").unwrap_or(rest);
        }
    }
    rest.is_empty().then_some(value)
}

fn nibble(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Appends the canonical form.
pub fn write<W: TextSink>(bytes: &[u8; 16], out: &mut W) {
    let mut text = [b'-'; 36];
    let mut at = 0;
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            at += 1;
        }
        text[at] = HEX[usize::from(byte >> 4)];
        text[at + 1] = HEX[usize::from(byte & 15)];
        at += 2;
    }
    out.put(std::str::from_utf8(&text).unwrap_or(""));
}

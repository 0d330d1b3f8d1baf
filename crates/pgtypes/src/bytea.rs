//! `bytea`: `\x` and hexadecimal, or the older escapes.

use std::sync::Arc;

use crate::text::TextSink;
use crate::{Result, SqlError, SqlState};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Reads either form.
///
/// # Errors
/// `22P02`, `22023`
pub fn parse(text: &str) -> Result<Arc<[u8]>> {
    match text.strip_prefix("\\x") {
        Some(digits) => hexadecimal(digits).map(Arc::from),
        None => escaped(text.as_bytes()).map(Arc::from),
    }
}

fn invalid_hex(message: String) -> SqlError {
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

/// Reads hexadecimal digits in pairs, with white space between pairs, as `decode(.., 'hex')` does.
///
/// # Errors
/// `22023`
pub fn hexadecimal(digits: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let mut rest = digits.chars();
    let digit = |c: char| c.to_digit(16).map(|digit| digit as u8).ok_or_else(|| invalid_hex(format!("invalid hexadecimal digit: \"{c}\"")));
    while let Some(first) = rest.next() {
        if matches!(first, ' ' | '\n' | '\t' | '\r') {
            continue;
        }
        let high = digit(first)?;
        let second = rest.next().ok_or_else(|| invalid_hex("invalid hexadecimal data: odd number of digits".to_owned()))?;
        bytes.push(high << 4 | digit(second)?);
    }
    Ok(bytes)
}

fn escaped(text: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = match rest {
            [] => return Ok(bytes),
            [b'\\', b'\\', after @ ..] => {
                bytes.push(b'\\');
                after
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                after
            }
            [b'\\', ..] => return Err(SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bytea")),
            [byte, after @ ..] => {
                bytes.push(*byte);
                after
            }
        };
    }
}

/// Appends the hexadecimal form, or the escaped one (`bytea_output = escape`).
pub fn write<W: TextSink>(bytes: &[u8], escape: bool, out: &mut W) {
    if escape {
        return write_escaped(bytes, out);
    }
    out.put("\\x");
    // In pieces through the stack: one call of the sink for each, not for each byte.
    let mut piece = [0_u8; 128];
    for chunk in bytes.chunks(piece.len() / 2) {
        for (index, byte) in chunk.iter().enumerate() {
            piece[index * 2] = HEX[usize::from(byte >> 4)];
            piece[index * 2 + 1] = HEX[usize::from(byte & 15)];
        }
        out.put(std::str::from_utf8(&piece[..chunk.len() * 2]).unwrap_or(""));
    }
}

fn write_escaped<W: TextSink>(bytes: &[u8], out: &mut W) {
    for &byte in bytes {
        match byte {
            b'\\' => out.put("\\\\"),
            0x20..=0x7e => out.put_byte(byte),
            _ => {
                out.put_byte(b'\\');
                for shift in [6, 3, 0] {
                    out.put_byte(b'0' + (byte >> shift & 7));
                }
            }
        }
    }
}

//! `bytea`: cutting, searching, digests, encodings; and UUIDs.

use std::sync::Arc;

use md5::Digest;

use super::args::{bytea, count, give_text, int4, int8, invalid_parameter, text};
use super::text::substring_range;
use crate::{CallContext, Datum, Result, SqlError, SqlState};

fn give_bytea(bytes: &[u8]) -> Result<Datum> {
    Ok(Datum::Bytea(Arc::from(bytes)))
}

pub(super) fn byteaoctetlen(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(count(bytea(args, 0)?.len())))
}

pub(super) fn byteacat(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_bytea(&[bytea(args, 0)?, bytea(args, 1)?].concat())
}

fn slice(bytes: &[u8], (start, end): (usize, usize)) -> &[u8] {
    let end = end.min(bytes.len());
    bytes.get(start..end).unwrap_or(&[])
}

pub(super) fn bytea_substr(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_bytea(slice(bytea(args, 0)?, substring_range(int4(args, 1)?, Some(int4(args, 2)?))?))
}

pub(super) fn bytea_substr_no_len(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_bytea(slice(bytea(args, 0)?, substring_range(int4(args, 1)?, None)?))
}

fn overlay(source: &[u8], new: &[u8], start: i32, length: i32) -> Result<Datum> {
    if start <= 0 {
        return Err(SqlError::new(SqlState::SUBSTRING_ERROR, "negative substring length not allowed"));
    }
    let after = start.checked_add(length).ok_or_else(|| super::args::out_of_range("integer"))?;
    let head = slice(source, substring_range(1, Some(start - 1))?);
    let tail = slice(source, substring_range(after, None)?);
    give_bytea(&[head, new, tail].concat())
}

pub(super) fn byteaoverlay(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    overlay(bytea(args, 0)?, bytea(args, 1)?, int4(args, 2)?, int4(args, 3)?)
}

pub(super) fn byteaoverlay_no_len(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let new = bytea(args, 1)?;
    overlay(bytea(args, 0)?, new, int4(args, 2)?, count(new.len()))
}

pub(super) fn byteapos(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (source, wanted) = (bytea(args, 0)?, bytea(args, 1)?);
    if wanted.is_empty() {
        return Ok(Datum::Int4(1));
    }
    Ok(Datum::Int4(source.windows(wanted.len()).position(|window| window == wanted).map_or(0, |at| count(at) + 1)))
}

fn trim<'a>(mut source: &'a [u8], set: &[u8], left: bool, right: bool) -> &'a [u8] {
    while let [first, rest @ ..] = source
        && left
        && set.contains(first)
    {
        source = rest;
    }
    while let [rest @ .., last] = source
        && right
        && set.contains(last)
    {
        source = rest;
    }
    source
}

pub(super) fn byteatrim(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_bytea(trim(bytea(args, 0)?, bytea(args, 1)?, true, true))
}

pub(super) fn bytealtrim(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_bytea(trim(bytea(args, 0)?, bytea(args, 1)?, true, false))
}

pub(super) fn byteartrim(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_bytea(trim(bytea(args, 0)?, bytea(args, 1)?, false, true))
}

fn index_error(index: i64, last: i64) -> SqlError {
    SqlError::new(SqlState::ARRAY_SUBSCRIPT_ERROR, format!("index {index} out of valid range, 0..{last}"))
}

/// Position of byte `index`, checked.
fn byte_at(bytes: &[u8], index: i32) -> Result<usize> {
    usize::try_from(index)
        .ok()
        .filter(|index| *index < bytes.len())
        .ok_or_else(|| index_error(index.into(), i64::from(count(bytes.len())) - 1))
}

fn bit_at(bytes: &[u8], index: i64) -> Result<(usize, u32)> {
    let last = i64::from(count(bytes.len())) * 8 - 1;
    if index < 0 || index > last {
        return Err(index_error(index, last));
    }
    Ok((usize::try_from(index / 8).unwrap_or(0), u32::try_from(index % 8).unwrap_or(0)))
}

#[allow(non_snake_case)]
pub(super) fn byteaGetByte(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let bytes = bytea(args, 0)?;
    Ok(Datum::Int4(bytes[byte_at(bytes, int4(args, 1)?)?].into()))
}

#[allow(non_snake_case, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) fn byteaSetByte(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut bytes = bytea(args, 0)?.to_vec();
    let index = byte_at(&bytes, int4(args, 1)?)?;
    bytes[index] = int4(args, 2)? as u8;
    give_bytea(&bytes)
}

#[allow(non_snake_case)]
pub(super) fn byteaGetBit(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let bytes = bytea(args, 0)?;
    let (byte, bit) = bit_at(bytes, int8(args, 1)?)?;
    Ok(Datum::Int4((bytes[byte] >> bit & 1).into()))
}

#[allow(non_snake_case)]
pub(super) fn byteaSetBit(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut bytes = bytea(args, 0)?.to_vec();
    let (byte, bit) = bit_at(&bytes, int8(args, 1)?)?;
    match int4(args, 2)? {
        0 => bytes[byte] &= !(1 << bit),
        1 => bytes[byte] |= 1 << bit,
        _ => return Err(invalid_parameter("new bit must be 0 or 1")),
    }
    give_bytea(&bytes)
}

pub(super) fn bytea_bit_count(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int8(bytea(args, 0)?.iter().map(|byte| i64::from(byte.count_ones())).sum()))
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

pub(super) fn md5_text(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(&hex(&md5::Md5::digest(text(args, 0)?.as_bytes())))
}

pub(super) fn md5_bytea(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(&hex(&md5::Md5::digest(bytea(args, 0)?)))
}

pub(super) fn sha224_bytea(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_bytea(&sha2::Sha224::digest(bytea(args, 0)?))
}

pub(super) fn sha256_bytea(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_bytea(&sha2::Sha256::digest(bytea(args, 0)?))
}

pub(super) fn sha384_bytea(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_bytea(&sha2::Sha384::digest(bytea(args, 0)?))
}

pub(super) fn sha512_bytea(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_bytea(&sha2::Sha512::digest(bytea(args, 0)?))
}

/// Characters of a line of `encode(.., 'base64')`, as MIME has it.
const BASE64_LINE: usize = 76;

fn unknown_encoding(name: &str) -> SqlError {
    invalid_parameter(format!("unrecognized encoding: \"{name}\""))
}

pub(super) fn binary_encode(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (bytes, format) = (bytea(args, 0)?, text(args, 1)?);
    match format.to_ascii_lowercase().as_str() {
        "hex" => give_text(&hex(bytes)),
        "base64" => give_text(&encode_base64(bytes)),
        "escape" => give_text(&encode_escape(bytes)),
        _ => Err(unknown_encoding(format)),
    }
}

fn encode_base64(bytes: &[u8]) -> String {
    let encoded = data_encoding::BASE64.encode(bytes);
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / BASE64_LINE);
    for (index, character) in encoded.chars().enumerate() {
        if index > 0 && index % BASE64_LINE == 0 {
            lines.push('\n');
        }
        lines.push(character);
    }
    lines
}

fn encode_escape(bytes: &[u8]) -> String {
    let mut escaped = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\\' => escaped.push_str("\\\\"),
            0 | 0x80.. => escaped.push_str(&format!("\\{byte:03o}")),
            _ => escaped.push(byte as char),
        }
    }
    escaped
}

pub(super) fn binary_decode(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (source, format) = (text(args, 0)?, text(args, 1)?);
    match format.to_ascii_lowercase().as_str() {
        "hex" => give_bytea(&decode_hex(source)?),
        "base64" => give_bytea(&decode_base64(source)?),
        "escape" => give_bytea(&decode_escape(source)?),
        _ => Err(unknown_encoding(format)),
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\n' | '\t' | '\r')
}

fn decode_hex(source: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(source.len() / 2);
    let mut half: Option<u32> = None;
    for character in source.chars() {
        // White space may stand between bytes, not within one.
        if is_space(character) && half.is_none() {
            continue;
        }
        let digit = character.to_digit(16).ok_or_else(|| invalid_parameter(format!("invalid hexadecimal digit: \"{character}\"")))?;
        match half.take() {
            None => half = Some(digit),
            Some(high) => bytes.push(u8::try_from(high * 16 + digit).unwrap_or(0)),
        }
    }
    if half.is_some() { Err(invalid_parameter("invalid hexadecimal data: odd number of digits")) } else { Ok(bytes) }
}

fn decode_base64(source: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(source.len() / 4 * 3);
    let (mut group, mut position, mut padding) = (0u32, 0, 0);
    for character in source.chars().filter(|character| !is_space(*character)) {
        let value = match character {
            'A'..='Z' => u32::from(character) - 65,
            'a'..='z' => u32::from(character) - 71,
            '0'..='9' => u32::from(character) + 4,
            '+' => 62,
            '/' => 63,
            '=' => {
                if padding == 0 {
                    padding = match position {
                        2 => 1,
                        3 => 2,
                        _ => return Err(invalid_parameter("unexpected \"=\" while decoding base64 sequence")),
                    };
                }
                0
            }
            _ => return Err(invalid_parameter(format!("invalid symbol \"{character}\" found while decoding base64 sequence"))),
        };
        group = group << 6 | value;
        position += 1;
        if position == 4 {
            let decoded = group.to_be_bytes();
            let kept = if padding == 0 { 3 } else { padding };
            bytes.extend_from_slice(&decoded[1..=kept]);
            (group, position) = (0, 0);
        }
    }
    if position == 0 {
        return Ok(bytes);
    }
    Err(invalid_parameter("invalid base64 end sequence").hint("Input data is missing padding, is truncated, or is otherwise corrupted."))
}

fn decode_escape(source: &str) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(source.len());
    let mut rest = source.as_bytes();
    loop {
        rest = match rest {
            [] => return Ok(bytes),
            [b'\\', b'\\', rest @ ..] => {
                bytes.push(b'\\');
                rest
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', rest @ ..] => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest
            }
            [b'\\', ..] => {
                return Err(SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bytea"));
            }
            [byte, rest @ ..] => {
                bytes.push(*byte);
                rest
            }
        };
    }
}

/// The encodings converted here; the others PostgreSQL knows are refused by name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Latin1,
}

fn encoding(name: &str, role: &str) -> Result<Encoding> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match plain.as_str() {
        "utf8" | "unicode" => Ok(Encoding::Utf8),
        "latin1" | "iso88591" => Ok(Encoding::Latin1),
        "sqlascii" | "latin9" | "win1252" | "windows1252" | "win1251" | "eucjp" | "sjis" | "gbk" | "gb18030" | "big5" | "euckr" => {
            Err(SqlError::unsupported(format!("conversion with encoding \"{name}\" is not supported")))
        }
        _ => Err(invalid_parameter(format!("invalid {role} encoding name \"{name}\""))),
    }
}

fn hex_bytes(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("0x{byte:02x}")).collect::<Vec<_>>().join(" ")
}

fn invalid_sequence(encoding: &str, bytes: &[u8]) -> SqlError {
    SqlError::new(SqlState::CHARACTER_NOT_IN_REPERTOIRE, format!("invalid byte sequence for encoding \"{encoding}\": {}", hex_bytes(bytes)))
}

pub(super) fn pg_convert_from(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let bytes = bytea(args, 0)?;
    match encoding(text(args, 1)?, "source")? {
        Encoding::Utf8 => decode_utf8(bytes),
        Encoding::Latin1 if bytes.contains(&0) => Err(invalid_sequence("LATIN1", &[0])),
        Encoding::Latin1 => give_text(&bytes.iter().map(|byte| char::from(*byte)).collect::<String>()),
    }
}

fn decode_utf8(bytes: &[u8]) -> Result<Datum> {
    let bad = match std::str::from_utf8(bytes) {
        Ok(text) => match text.find('\0') {
            None => return give_text(text),
            Some(at) => &bytes[at..=at],
        },
        Err(error) => {
            let rest = &bytes[error.valid_up_to()..];
            let wanted = match rest[0] {
                0xf0..=0xf7 => 4,
                0xe0..=0xef => 3,
                0xc0..=0xdf => 2,
                _ => 1,
            };
            &rest[..rest.len().min(wanted)]
        }
    };
    Err(invalid_sequence("UTF8", bad))
}

/// `convert(bytes, from, to)`
pub(super) fn pg_convert(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    encoding(text(args, 2)?, "destination")?;
    let decoded = pg_convert_from(call, &args[..2])?;
    pg_convert_to(call, &[decoded, args[2].clone()])
}

/// `length(bytes, encoding)`
pub(super) fn length_in_encoding(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let decoded = pg_convert_from(call, args)?;
    Ok(Datum::Int4(super::args::count(text(&[decoded], 0)?.chars().count())))
}

pub(super) fn pg_convert_to(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let source = text(args, 0)?;
    match encoding(text(args, 1)?, "destination")? {
        Encoding::Utf8 => give_bytea(source.as_bytes()),
        Encoding::Latin1 => {
            let bytes: Result<Vec<u8>> = source.chars().map(latin1_byte).collect();
            give_bytea(&bytes?)
        }
    }
}

fn latin1_byte(character: char) -> Result<u8> {
    u8::try_from(u32::from(character)).map_err(|_| {
        let sequence = hex_bytes(character.encode_utf8(&mut [0; 4]).as_bytes());
        SqlError::new(
            SqlState::UNTRANSLATABLE_CHARACTER,
            format!("character with byte sequence {sequence} in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\""),
        )
    })
}

/// A random (version 4) UUID.
pub(super) fn gen_random_uuid(call: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    let mut bytes = [0; 16];
    call.eval.host.random_bytes(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Ok(Datum::Uuid(bytes))
}

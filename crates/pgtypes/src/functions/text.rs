//! Strings: length, case, cutting, padding, searching, joining.
//!
//! Positions and lengths count characters (code points), as PostgreSQL does in UTF8; an ASCII-only string is cut by bytes.

use super::args::{bytea, count, give_text, int4, invalid_parameter, text};
use crate::{CallContext, Datum, Result, SqlError, SqlState};

/// The longest value a type may hold: 1 GB less one byte.
const LENGTH_MAX: usize = 0x3fff_ffff;

fn too_long() -> SqlError {
    SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "requested length too large")
}

pub(super) fn char_count(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// Byte offset of a character; the end when there are fewer.
pub(super) fn offset(text: &str, characters: usize) -> usize {
    if text.is_ascii() {
        return characters.min(text.len());
    }
    text.char_indices().nth(characters).map_or(text.len(), |(offset, _)| offset)
}

pub(super) fn textlen(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(count(char_count(text(args, 0)?))))
}

pub(super) fn bpcharlen(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(count(char_count(text(args, 0)?.trim_end_matches(' ')))))
}

pub(super) fn textoctetlen(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(count(text(args, 0)?.len())))
}

pub(super) fn bpcharoctetlen(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    textoctetlen(call, args)
}

pub(super) fn text_bit_length(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(count(text(args, 0)?.len()).saturating_mul(8)))
}

pub(super) fn bytea_bit_length(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(count(bytea(args, 0)?.len()).saturating_mul(8)))
}

/// Case mapping of the C locale: ASCII letters only.
pub(super) fn lower(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(&text(args, 0)?.to_ascii_lowercase())
}

pub(super) fn upper(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(&text(args, 0)?.to_ascii_uppercase())
}

pub(super) fn initcap(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut inside = false;
    let capitalized: String = text(args, 0)?
        .chars()
        .map(|character| {
            let mapped = if inside { character.to_ascii_lowercase() } else { character.to_ascii_uppercase() };
            inside = character.is_ascii_alphanumeric();
            mapped
        })
        .collect();
    give_text(&capitalized)
}

/// `||`
pub(super) fn textcat(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (left, right) = (text(args, 0)?, text(args, 1)?);
    let mut joined = String::with_capacity(left.len() + right.len());
    joined.push_str(left);
    joined.push_str(right);
    give_text(&joined)
}

fn negative_substring() -> SqlError {
    SqlError::new(SqlState::SUBSTRING_ERROR, "negative substring length not allowed")
}

/// The half-open character range that SQL's `substring(.. from start for length)` names, 0-based and cut to what can exist.
pub(super) fn substring_range(start: i32, length: Option<i32>) -> Result<(usize, usize)> {
    let first = i64::from(start) - 1;
    let end = match length {
        None => i64::MAX,
        Some(length) if length < 0 => return Err(negative_substring()),
        Some(length) => first + i64::from(length),
    };
    let clamp = |position: i64| usize::try_from(position.max(0)).unwrap_or(usize::MAX);
    Ok((clamp(first), clamp(end)))
}

fn slice_chars(text: &str, (start, end): (usize, usize)) -> &str {
    let from = offset(text, start);
    let to = if end >= text.len() { text.len() } else { offset(text, end) };
    text.get(from..to.max(from)).unwrap_or("")
}

pub(super) fn text_substr(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(slice_chars(text(args, 0)?, substring_range(int4(args, 1)?, Some(int4(args, 2)?))?))
}

pub(super) fn text_substr_no_len(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(slice_chars(text(args, 0)?, substring_range(int4(args, 1)?, None)?))
}

/// Replaces the range that `substring` would give.
fn overlay(source: &str, new: &str, start: i32, length: i32) -> Result<Datum> {
    if start <= 0 {
        return Err(negative_substring());
    }
    let after = start.checked_add(length).ok_or_else(|| super::args::out_of_range("integer"))?;
    let head = slice_chars(source, substring_range(1, Some(start - 1))?);
    let tail = slice_chars(source, substring_range(after, None)?);
    give_text(&[head, new, tail].concat())
}

pub(super) fn textoverlay(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    overlay(text(args, 0)?, text(args, 1)?, int4(args, 2)?, int4(args, 3)?)
}

pub(super) fn textoverlay_no_len(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let new = text(args, 1)?;
    overlay(text(args, 0)?, new, int4(args, 2)?, count(char_count(new)))
}

/// `position`, `strpos`: 1-based; 0 when absent.
pub(super) fn textpos(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (source, wanted) = (text(args, 0)?, text(args, 1)?);
    Ok(Datum::Int4(source.find(wanted).map_or(0, |at| count(char_count(&source[..at])) + 1)))
}

/// How many characters `left`/`right` keep: a negative number means all but so many.
fn kept(text: &str, wanted: i32) -> usize {
    if wanted >= 0 {
        return usize::try_from(wanted).unwrap_or(0);
    }
    char_count(text).saturating_sub(wanted.unsigned_abs() as usize)
}

pub(super) fn text_left(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let source = text(args, 0)?;
    give_text(&source[..offset(source, kept(source, int4(args, 1)?))])
}

pub(super) fn text_right(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let source = text(args, 0)?;
    let skipped = char_count(source).saturating_sub(kept(source, int4(args, 1)?));
    give_text(&source[offset(source, skipped)..])
}

/// Fill of `lpad`/`rpad`, repeated and cut; `None` when the text is already long enough.
fn padding(source: &str, length: usize, fill: &str) -> Option<String> {
    let missing = length.checked_sub(char_count(source)).filter(|missing| *missing > 0)?;
    Some(fill.chars().cycle().take(missing).collect())
}

fn pad_length(length: i32) -> Result<usize> {
    let length = usize::try_from(length).unwrap_or(0);
    if length > LENGTH_MAX / 4 { Err(too_long()) } else { Ok(length) }
}

fn pad(source: &str, length: i32, fill: &str, left: bool) -> Result<Datum> {
    let length = pad_length(length)?;
    match padding(source, length, fill) {
        Some(fill) if left => give_text(&(fill + source)),
        Some(fill) => give_text(&[source, &fill].concat()),
        None => give_text(&source[..offset(source, length)]),
    }
}

pub(super) fn lpad(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    pad(text(args, 0)?, int4(args, 1)?, if args.len() > 2 { text(args, 2)? } else { " " }, true)
}

pub(super) fn rpad(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    pad(text(args, 0)?, int4(args, 1)?, if args.len() > 2 { text(args, 2)? } else { " " }, false)
}

fn trim(args: &[Datum], left: bool, right: bool) -> Result<Datum> {
    let set = if args.len() > 1 { text(args, 1)? } else { " " };
    let mut source = text(args, 0)?;
    if left {
        source = source.trim_start_matches(|character| set.contains(character));
    }
    if right {
        source = source.trim_end_matches(|character| set.contains(character));
    }
    give_text(source)
}

pub(super) fn btrim(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    trim(args, true, true)
}

pub(super) fn ltrim(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    trim(args, true, false)
}

pub(super) fn rtrim(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    trim(args, false, true)
}

pub(super) fn btrim1(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    btrim(call, args)
}

pub(super) fn ltrim1(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    ltrim(call, args)
}

pub(super) fn rtrim1(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    rtrim(call, args)
}

pub(super) fn repeat(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (source, times) = (text(args, 0)?, usize::try_from(int4(args, 1)?).unwrap_or(0));
    if source.len().checked_mul(times).is_none_or(|length| length > LENGTH_MAX) {
        return Err(too_long());
    }
    give_text(&source.repeat(times))
}

pub(super) fn replace_text(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (source, from) = (text(args, 0)?, text(args, 1)?);
    if from.is_empty() || source.is_empty() {
        return Ok(args[0].clone());
    }
    give_text(&source.replace(from, text(args, 2)?))
}

pub(super) fn translate(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (source, from, to) = (text(args, 0)?, text(args, 1)?, text(args, 2)?);
    let mut translated = String::with_capacity(source.len());
    for character in source.chars() {
        match from.chars().position(|candidate| candidate == character) {
            None => translated.push(character),
            Some(at) => translated.extend(to.chars().nth(at)),
        }
    }
    give_text(&translated)
}

pub(super) fn text_reverse(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(&text(args, 0)?.chars().rev().collect::<String>())
}

pub(super) fn text_starts_with(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(text(args, 0)?.starts_with(text(args, 1)?)))
}

/// The field of that number, 1-based; negative counts from the end.
pub(super) fn split_part(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (source, separator, field) = (text(args, 0)?, text(args, 1)?, int4(args, 2)?);
    if field == 0 {
        return Err(invalid_parameter("field position must not be zero"));
    }
    if source.is_empty() {
        return give_text("");
    }
    if separator.is_empty() {
        return give_text(if field == 1 || field == -1 { source } else { "" });
    }
    let index = field.unsigned_abs() as usize - 1;
    let found = if field > 0 {
        source.split(separator).nth(index)
    } else {
        // Fields are cut from the left, so that overlapping separators fall as they do for positive numbers.
        let fields: Vec<&str> = source.split(separator).collect();
        fields.len().checked_sub(index + 1).map(|index| fields[index])
    };
    give_text(found.unwrap_or(""))
}

pub(super) fn ascii(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(text(args, 0)?.chars().next().map_or(0, |character| i32::try_from(u32::from(character)).unwrap_or(0))))
}

pub(super) fn chr(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let code = int4(args, 0)?;
    let limit = |message: &str| Err(SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message));
    if code < 0 {
        return Err(invalid_parameter("character number must be positive"));
    }
    if code == 0 {
        return limit("null character not permitted");
    }
    let code = code.unsigned_abs();
    if code > 0x10_ffff {
        return limit(&format!("requested character too large for encoding: {code}"));
    }
    match char::from_u32(code) {
        Some(character) => give_text(character.encode_utf8(&mut [0; 4])),
        None => limit(&format!("requested character not valid for encoding: {code}")),
    }
}

fn invalid_unicode(message: &str) -> SqlError {
    SqlError::new(SqlState::SYNTAX_ERROR, message)
}

/// `unistr`: `\XXXX`, `\+XXXXXX`, `\uXXXX`, `\UXXXXXXXX`, `\\`.
pub(super) fn unistr(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut rest = text(args, 0)?;
    let mut decoded = String::with_capacity(rest.len());
    let mut high: Option<u32> = None;
    while let Some(character) = rest.chars().next() {
        if character != '\\' || rest.starts_with("\\\\") {
            if high.is_some() {
                return Err(invalid_unicode("invalid Unicode surrogate pair"));
            }
            decoded.push(character);
            rest = &rest[character.len_utf8() + usize::from(character == '\\')..];
            continue;
        }
        let (code, length) = unicode_escape(rest).ok_or_else(|| {
            invalid_unicode("invalid Unicode escape").hint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.")
        })?;
        rest = &rest[length..];
        push_code(&mut decoded, code, &mut high)?;
    }
    if high.is_some() {
        return Err(invalid_unicode("invalid Unicode surrogate pair"));
    }
    give_text(&decoded)
}

/// Code point and length of the escape at the start of `text`.
fn unicode_escape(text: &str) -> Option<(u32, usize)> {
    let (skip, digits) = match text.as_bytes().get(1)? {
        b'+' => (2, 6),
        b'u' => (2, 4),
        b'U' => (2, 8),
        _ => (1, 4),
    };
    let hex = text.get(skip..skip + digits).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some((u32::from_str_radix(hex, 16).ok()?, skip + digits))
}

fn push_code(decoded: &mut String, code: u32, high: &mut Option<u32>) -> Result<()> {
    if code == 0 || code > 0x10_ffff {
        return Err(invalid_parameter(format!("invalid Unicode code point: {code:04X}")));
    }
    let code = match (high.take(), code) {
        (Some(first), 0xDC00..=0xDFFF) => 0x10000 + ((first & 0x3FF) << 10) + (code & 0x3FF),
        (Some(_), _) | (None, 0xDC00..=0xDFFF) => return Err(invalid_unicode("invalid Unicode surrogate pair")),
        (None, 0xD800..=0xDBFF) => {
            *high = Some(code);
            return Ok(());
        }
        (None, code) => code,
    };
    decoded.extend(char::from_u32(code));
    Ok(())
}

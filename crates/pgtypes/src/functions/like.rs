//! `LIKE`, `ILIKE`, and the rewriting of `ESCAPE` and `SIMILAR TO` patterns.

use super::args::{bytea, give_text, optional, text};
use crate::{CallContext, Datum, Result, SqlError, SqlState};

fn trailing_escape() -> SqlError {
    SqlError::new(SqlState::INVALID_ESCAPE_SEQUENCE, "LIKE pattern must not end with escape character")
}

/// Whether `text` matches. Runs over bytes: `%` and literals need no character boundaries, `_` steps over a whole character. A mismatch goes back
/// to the last `%` only, which is enough because whatever stood before it matched as early as possible.
fn like(text: &[u8], pattern: &[u8], width: fn(u8) -> usize) -> Result<bool> {
    let (mut at, mut p) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if at == text.len() {
            // Nothing is left for `%` to give back: the rest of the pattern must match nothing.
            return Ok(pattern[p..].iter().all(|byte| *byte == b'%'));
        }
        let step = match pattern.get(p) {
            None => None,
            Some(b'%') => {
                if p + 1 == pattern.len() {
                    return Ok(true);
                }
                retry = Some((at, p + 1));
                p += 1;
                continue;
            }
            Some(b'_') => text.get(at).map(|byte| (at + width(*byte), p + 1)),
            Some(b'\\') => {
                let literal = pattern.get(p + 1).ok_or_else(trailing_escape)?;
                (text.get(at) == Some(literal)).then_some((at + 1, p + 2))
            }
            Some(literal) => (text.get(at) == Some(literal)).then_some((at + 1, p + 1)),
        };
        match (step, retry) {
            (Some((next_at, next_p)), _) => (at, p) = (next_at, next_p),
            (None, Some((from, after))) if from < text.len() => {
                let from = from + width(text[from]);
                retry = Some((from, after));
                (at, p) = (from, after);
            }
            (None, _) => return Ok(false),
        }
    }
}

fn utf8_width(first: u8) -> usize {
    match first {
        0xf0.. => 4,
        0xe0.. => 3,
        0xc0.. => 2,
        _ => 1,
    }
}

fn like_text(args: &[Datum]) -> Result<bool> {
    like(text(args, 0)?.as_bytes(), text(args, 1)?.as_bytes(), utf8_width)
}

/// Case folding of the C locale: ASCII.
fn ilike_text(args: &[Datum]) -> Result<bool> {
    like(text(args, 0)?.to_ascii_lowercase().as_bytes(), text(args, 1)?.to_ascii_lowercase().as_bytes(), utf8_width)
}

fn like_bytea(args: &[Datum]) -> Result<bool> {
    like(bytea(args, 0)?, bytea(args, 1)?, |_| 1)
}

macro_rules! matching {
    ($($matcher:ident, $wanted:literal: $(fn $name:ident)*;)*) => {
        $($(pub(super) fn $name(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            Ok(Datum::Bool($matcher(args)? == $wanted))
        })*)*
    };
}

matching! {
    like_text, true: fn textlike fn namelike;
    like_text, false: fn textnlike fn namenlike;
    ilike_text, true: fn texticlike fn nameiclike;
    ilike_text, false: fn texticnlike fn nameicnlike;
    like_bytea, true: fn bytealike;
    like_bytea, false: fn byteanlike;
}

fn invalid_escape() -> SqlError {
    SqlError::new(SqlState::INVALID_ESCAPE_SEQUENCE, "invalid escape string").hint("Escape string must be empty or one character.")
}

/// The escape character; `None` for an empty string: no escaping.
fn escape_character(escape: &str) -> Result<Option<char>> {
    let mut characters = escape.chars();
    let first = characters.next();
    if characters.next().is_some() { Err(invalid_escape()) } else { Ok(first) }
}

/// `pattern LIKE .. ESCAPE escape` as a pattern with the default escape.
pub(super) fn like_escape(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (pattern, escape) = (text(args, 0)?, escape_character(text(args, 1)?)?);
    if escape == Some('\\') {
        return give_text(pattern);
    }
    let mut out = String::with_capacity(pattern.len());
    let mut after_escape = false;
    for character in pattern.chars() {
        if Some(character) == escape && !after_escape {
            out.push('\\');
            after_escape = true;
            continue;
        }
        if character == '\\' && !after_escape {
            out.push('\\');
        }
        out.push(character);
        after_escape = false;
    }
    give_text(&out)
}

/// A SQL regular expression as a PostgreSQL one.
fn similar_to_regex(pattern: &str, escape: Option<char>) -> Result<String> {
    let mut out = String::from("^(?:");
    let mut quotes = 0;
    let mut after_escape = false;
    let mut in_class = false;
    for character in pattern.chars() {
        if after_escape {
            after_escape = false;
            if character == '"' && !in_class {
                out.push_str(separator(quotes)?);
                quotes += 1;
            } else {
                out.extend(['\\', character]);
            }
        } else if Some(character) == escape {
            after_escape = true;
        } else if in_class {
            if character == '\\' {
                out.push('\\');
            }
            out.push(character);
            in_class = character != ']';
        } else {
            in_class = character == '[';
            push_similar(&mut out, character);
        }
    }
    out.push_str(")$");
    Ok(out)
}

/// The first separator ends a part that matches as little as it can, the second one a part that matches as much as it can.
fn separator(quotes: usize) -> Result<&'static str> {
    match quotes {
        0 => Ok("){1,1}?("),
        1 => Ok("){1,1}(?:"),
        _ => Err(SqlError::new(
            SqlState::INVALID_USE_OF_ESCAPE_CHARACTER,
            "SQL regular expression may not contain more than two escape-double-quote separators",
        )),
    }
}

fn push_similar(out: &mut String, character: char) {
    match character {
        '%' => out.push_str(".*"),
        '_' => out.push('.'),
        '(' => out.push_str("(?:"),
        '\\' | '.' | '^' | '$' => out.extend(['\\', character]),
        other => out.push(other),
    }
}

pub(super) fn similar_to_escape_1(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(&similar_to_regex(text(args, 0)?, Some('\\'))?)
}

pub(super) fn similar_to_escape_2(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(&similar_to_regex(text(args, 0)?, escape_character(text(args, 1)?)?)?)
}

/// The older form, where a NULL escape means the default.
pub(super) fn similar_escape(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(pattern) = optional(args, 0, text)? else { return Ok(Datum::Null) };
    let escape = optional(args, 1, text)?.map_or(Ok(Some('\\')), escape_character)?;
    give_text(&similar_to_regex(pattern, escape)?)
}

/// `substring(text from pattern for escape)`
pub(super) fn substring_similar(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let pattern = similar_to_regex(text(args, 1)?, escape_character(text(args, 2)?)?)?;
    super::regexp::textregexsubstr(call, &[args[0].clone(), Datum::text(&pattern)])
}

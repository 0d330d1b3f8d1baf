//! Answers: command tags with column names, rows, errors.

use super::Parsed;
use crate::probe::{Answer, Cell, Expected, Kind, Refusal};

/// The text behind `->`.
pub(super) fn parse(text: &str) -> Parsed<Answer> {
    match text.strip_prefix("ERR ") {
        Some(error) => refusal(error.trim()).map(Answer::Refusal),
        None => result(text).map(|expected| Answer::Results(vec![expected])),
    }
}

/// `SQLSTATE`, or `SQLSTATE message`.
fn refusal(text: &str) -> Parsed<Refusal> {
    let (code, message) = text.split_once(' ').unwrap_or((text, ""));
    if code.len() != 5 || !code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return Err(format!("'{code}' is no SQLSTATE"));
    }
    let message = Some(message.trim().to_owned()).filter(|message| !message.is_empty());
    Ok(Refusal { code: code.to_owned(), message, ..Refusal::default() })
}

/// `TAG`, `TAG [a, b]` or `TAG [a, b] unordered`.
fn result(text: &str) -> Parsed<Expected> {
    let Some((tag, rest)) = text.split_once('[') else {
        return Ok(Expected { tag: text.to_owned(), ..Expected::default() });
    };
    let (names, rest) = rest.rsplit_once(']').ok_or_else(|| "the column names end in ']'".to_owned())?;
    let unordered = match rest.trim() {
        "" => false,
        "unordered" => true,
        other => return Err(format!("'{other}' behind the column names means nothing")),
    };
    let columns = if names.trim().is_empty() { Vec::new() } else { split(names, ',').into_iter().map(unquote).collect::<Parsed<_>>()? };
    Ok(Expected { tag: tag.trim().to_owned(), columns: Some(columns), rows: None, unordered })
}

/// The values behind the first `|` of a row.
pub(super) fn parse_row(text: &str) -> Parsed<Vec<Cell>> {
    split(text, '|').into_iter().map(cell).collect()
}

/// Parts between separators that stand outside of quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (index, character) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if quoted && character == '\\' {
            escaped = true;
        } else if character == '"' && (quoted || text[start..index].trim().is_empty()) {
            // A quote in the middle of a bare value is part of it: `{"a": 1}`.
            quoted = !quoted;
        } else if character == separator && !quoted {
            parts.push(text[start..index].trim());
            start = index + separator.len_utf8();
        }
    }
    parts.push(text[start..].trim());
    parts
}

fn cell(text: &str) -> Parsed<Cell> {
    match text {
        "" => Err("an empty text is written \"\"".to_owned()),
        "NULL" => Ok(Cell::Null),
        _ => match text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) {
            Some(kind) => any(kind),
            None => unquote(text).map(Cell::Text),
        },
    }
}

/// `kind`, or `kind = name`.
fn any(text: &str) -> Parsed<Cell> {
    let (kind, name) = match text.split_once('=') {
        Some((kind, name)) => (kind.trim(), Some(name.trim().to_owned())),
        None => (text, None),
    };
    super::one_of(&Kind::ALL, kind).map(|kind| Cell::Any(kind, name))
}

/// A bare value as it stands; a quoted one without its quotes and escapes.
fn unquote(text: &str) -> Parsed<String> {
    let Some(inner) = text.strip_prefix('"') else { return Ok(text.to_owned()) };
    let inner = inner.strip_suffix('"').ok_or_else(|| format!("{text} lacks its closing quote"))?;
    let mut value = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        let character = match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(escaped @ ('"' | '\\')) => escaped,
                _ => return Err(format!("{text}: a backslash comes before n, t, a quote or a backslash")),
            },
            '"' => return Err(format!("{text}: a quote inside of quotes comes behind a backslash")),
            other => other,
        };
        value.push(character);
    }
    Ok(value)
}

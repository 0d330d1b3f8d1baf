//! Names in text: folding, quoting and qualification as `stringToQualifiedNameList` reads them.

use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::Names;

/// What the text of a `reg*` value is before any look-up.
pub(super) enum RegText {
    /// `-` or a number.
    Oid(Oid),
    /// A dotted name, folded and unquoted.
    Name(Vec<String>),
}

/// Reads `-`, digits or a dotted name.
pub(super) fn read(text: &str) -> Result<RegText> {
    match as_oid(text) {
        Some(oid) => Ok(RegText::Oid(oid)),
        None => Ok(RegText::Name(split(text)?)),
    }
}

/// The object that `-` or a number stands for.
pub(super) fn as_oid(text: &str) -> Option<Oid> {
    if text == "-" {
        return Some(Oid::INVALID);
    }
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).map(Oid)
}

/// `42602`
pub(super) fn invalid() -> SqlError {
    SqlError::new(SqlState::INVALID_NAME, "invalid name syntax")
}

/// Splits a dotted name. Unquoted parts are folded to lower case; blanks may stand around parts.
pub(super) fn split(text: &str) -> Result<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let (part, after) = one(rest)?;
        parts.push(part);
        let after = after.trim_start();
        if after.is_empty() {
            return Ok(parts);
        }
        rest = after.strip_prefix('.').ok_or_else(invalid)?.trim_start();
    }
}

fn one(text: &str) -> Result<(String, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (name, rest) = unquote(quoted).ok_or_else(invalid)?;
        return if name.is_empty() { Err(invalid()) } else { Ok((name, rest)) };
    }
    let end = text.find(|c: char| c == '.' || c.is_whitespace()).unwrap_or(text.len());
    if end == 0 {
        return Err(invalid());
    }
    Ok((text[..end].to_lowercase(), &text[end..]))
}

/// The text up to the closing quote, doubled quotes halved, and what follows it.
pub(super) fn unquote(text: &str) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let at = rest.find('"')?;
        name.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                name.push('"');
                rest = after;
            }
            None => return Some((name, rest)),
        }
    }
}

/// A name with at most a schema before it; a database before that must be the current one.
pub(super) fn schema_and_name<'p>(names: &Names<'_>, parts: &'p [String], what: &str) -> Result<(Option<&'p str>, &'p str)> {
    match parts {
        [name] => Ok((None, name)),
        [schema, name] => Ok((Some(schema), name)),
        [database, schema, name] if database == names.database => Ok((Some(schema), name)),
        [_, _, _] => Err(SqlError::unsupported(format!("cross-database references are not implemented: {}", quoted_for(what, parts)))),
        _ => {
            let message = format!("improper {what} (too many dotted names): {}", parts.join("."));
            Err(SqlError::new(SqlState::SYNTAX_ERROR, message))
        }
    }
}

/// The relation message quotes the name, the others do not.
fn quoted_for(what: &str, parts: &[String]) -> String {
    if what == "relation name" { format!("\"{}\"", parts.join(".")) } else { parts.join(".") }
}

/// The schema that a qualified name says, or `3F000`.
pub(super) fn schema(names: &Names<'_>, name: &str) -> Result<Oid> {
    names
        .catalog
        .schema(name)
        .map(|schema| schema.oid)
        .ok_or_else(|| SqlError::new(SqlState::INVALID_SCHEMA_NAME, format!("schema \"{name}\" does not exist")))
}

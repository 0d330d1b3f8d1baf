//! Tokens of a path. After `jsonpath_scan.l`, with its notion of where an error is.

use std::sync::Arc;

use crate::numeric::Numeric;
use crate::{Result, SqlError, SqlState};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name without quotes. Keywords are told apart where they matter, since each may also be a key.
    Word(Arc<str>),
    String(Arc<str>),
    Variable(Arc<str>),
    Number(Numeric),
    /// Punctuation of one or two characters.
    Sign(&'static str),
    End,
}

/// A token and what PostgreSQL's scanner has under its eye when the token turns out to be wrong: nothing means the end of input.
#[derive(Debug, Clone)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) near: String,
}

/// Longest first.
const SIGNS: [&str; 27] = [
    "&&", "||", "==", "!=", "<>", "<=", ">=", "**", "!", "<", ">", "?", "%", "$", ".", "[", "]", "{", "}", "(", ")", ",", "*", "+", "-",
    "/", "@",
];
/// Characters that end a word.
const SPECIAL: &[char] = &[
    '?', '%', '$', '.', '[', ']', '{', '}', '(', ')', '|', '&', '!', '=', '<', '>', '@', '#', ',', '*', ':', '-', '+', '/', '"', ' ', '\t',
    '\n', '\r', '\u{c}',
];

pub(super) fn syntax_error(message: &str, near: &str) -> SqlError {
    let place = if near.is_empty() { "at end of jsonpath input".to_owned() } else { format!("at or near \"{near}\" of jsonpath input") };
    SqlError::new(SqlState::SYNTAX_ERROR, format!("{message} {place}"))
}

/// All tokens of a text; the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Lexeme>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = skip_blank(rest)?;
        if rest.is_empty() {
            tokens.push(Lexeme { token: Token::End, near: String::new() });
            return Ok(tokens);
        }
        let (lexeme, length) = next(rest)?;
        tokens.push(lexeme);
        rest = &rest[length..];
    }
}

fn skip_blank(text: &str) -> Result<&str> {
    let mut rest = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
    while let Some(comment) = rest.strip_prefix("/*") {
        let end = comment.find("*/").ok_or_else(|| syntax_error("unexpected end of comment", ""))?;
        rest = comment[end + 2..].trim_start_matches([' ', '\t', '\n', '\r', '\u{c}']);
    }
    Ok(rest)
}

fn next(rest: &str) -> Result<(Lexeme, usize)> {
    let first = rest.chars().next().unwrap_or_default();
    let second = rest[first.len_utf8()..].chars().next();
    if first == '"' {
        let (value, length) = quoted(rest)?;
        return Ok((Lexeme { token: Token::String(value), near: "\"".to_owned() }, length));
    }
    if first == '$' && second == Some('"') {
        let (value, length) = quoted(&rest[1..])?;
        return Ok((Lexeme { token: Token::Variable(value), near: "\"".to_owned() }, length + 1));
    }
    if first == '$' && second.is_some_and(|letter| !SPECIAL.contains(&letter)) {
        let (name, length) = word(&rest[1..])?;
        let near = rest[..=length].to_owned();
        return Ok((Lexeme { token: Token::Variable(name), near }, length + 1));
    }
    if first.is_ascii_digit() || first == '.' && second.is_some_and(|letter| letter.is_ascii_digit()) {
        return number(rest);
    }
    if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        return Ok((Lexeme { token: Token::Sign(sign), near: (*sign).to_owned() }, sign.len()));
    }
    if SPECIAL.contains(&first) {
        return Err(syntax_error("syntax error", &first.to_string()));
    }
    let (name, length) = word(rest)?;
    // A word ends at what follows; a blank has been read by then, anything else has not.
    let near = rest[length..].chars().next().filter(|letter| letter.is_ascii_whitespace()).map(String::from).unwrap_or_default();
    Ok((Lexeme { token: Token::Word(name), near }, length))
}

fn word(text: &str) -> Result<(Arc<str>, usize)> {
    let mut value = String::new();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next().filter(|letter| !SPECIAL.contains(letter)) {
        at += if letter == '\\' { escape(&text[at..], &mut value)? } else { push(&mut value, letter) };
    }
    Ok((Arc::from(value), at))
}

fn push(value: &mut String, letter: char) -> usize {
    value.push(letter);
    letter.len_utf8()
}

/// The text between quotes, and the length with them.
fn quoted(text: &str) -> Result<(Arc<str>, usize)> {
    let mut value = String::new();
    let mut at = 1;
    loop {
        match text[at..].chars().next() {
            None => return Err(syntax_error("unterminated quoted string", "")),
            Some('"') => return Ok((Arc::from(value), at + 1)),
            Some('\\') => at += escape(&text[at..], &mut value)?,
            Some(letter) => at += push(&mut value, letter),
        }
    }
}

/// Reads an escape sequence of JavaScript; its length.
fn escape(text: &str, value: &mut String) -> Result<usize> {
    let Some(kind) = text[1..].chars().next() else { return Err(syntax_error("unterminated quoted string", "")) };
    let plain = match kind {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'x' => {
            let code = text.get(2..4).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            let letter = code.and_then(char::from_u32).ok_or_else(|| syntax_error("invalid hexadecimal character sequence", &text[..2]))?;
            value.push(nonzero(letter)?);
            return Ok(4);
        }
        'u' => return unicode(text, value),
        other => other,
    };
    value.push(plain);
    Ok(1 + kind.len_utf8())
}

fn unicode(text: &str, value: &mut String) -> Result<usize> {
    let (first, mut length) = unicode_unit(text)?;
    let mut code = first;
    if (0xD800..0xDC00).contains(&first) {
        let low = text[length..].starts_with("\\u").then(|| unicode_unit(&text[length..])).transpose()?;
        let (low, low_length) = low.filter(|(low, _)| (0xDC00..0xE000).contains(low)).ok_or_else(lone_high)?;
        code = 0x1_0000 + ((first - 0xD800) << 10) + (low - 0xDC00);
        length += low_length;
    }
    let letter = char::from_u32(code).ok_or_else(|| surrogate("Unicode low surrogate must follow a high surrogate."))?;
    value.push(nonzero(letter)?);
    Ok(length)
}

/// `\uXXXX` or `\u{X..}`: the code and the length.
fn unicode_unit(text: &str) -> Result<(u32, usize)> {
    let bad = || syntax_error("invalid Unicode escape sequence", text.get(..2).unwrap_or(text));
    if let Some(braced) = text[2..].strip_prefix('{') {
        let end = braced.find('}').filter(|end| (1..=6).contains(end)).ok_or_else(bad)?;
        return Ok((u32::from_str_radix(&braced[..end], 16).map_err(|_| bad())?, end + 4));
    }
    let digits = text.get(2..6).ok_or_else(bad)?;
    Ok((u32::from_str_radix(digits, 16).map_err(|_| bad())?, 6))
}

fn lone_high() -> SqlError {
    surrogate("Unicode low surrogate must follow a high surrogate.")
}

fn surrogate(detail: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, "invalid input syntax for type jsonpath").detail(detail)
}

fn nonzero(letter: char) -> Result<char> {
    if letter == '\0' {
        let error = SqlError::new(SqlState::UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence");
        return Err(error.detail("\\u0000 cannot be converted to text."));
    }
    Ok(letter)
}

fn number(text: &str) -> Result<(Lexeme, usize)> {
    let length = number_length(text);
    if let Some(junk) = text[length..].chars().next().filter(|letter| !SPECIAL.contains(letter)) {
        return Err(syntax_error("trailing junk after numeric literal", &text[..length + junk.len_utf8()]));
    }
    let value = Numeric::parse(&text[..length])?;
    Ok((Lexeme { token: Token::Number(value), near: text[..length].to_owned() }, length))
}

fn number_length(text: &str) -> usize {
    let digits = |from: usize, is_digit: fn(&char) -> bool| {
        let mut end = from;
        let mut after_digit = false;
        for letter in text[from..].chars() {
            if is_digit(&letter) {
                after_digit = true;
            } else if letter == '_' && after_digit {
                after_digit = false;
            } else {
                break;
            }
            end += 1;
        }
        // An underscore joins two digits; one at the end is none of the number's.
        if after_digit || end == from { end } else { end - 1 }
    };
    for (prefix, is_digit) in [
        (["0x", "0X"], char::is_ascii_hexdigit as fn(&char) -> bool),
        (["0o", "0O"], |letter: &char| ('0'..='7').contains(letter)),
        (["0b", "0B"], |letter: &char| matches!(letter, '0' | '1')),
    ] {
        if prefix.iter().any(|prefix| text.starts_with(prefix)) {
            let end = digits(2, is_digit);
            return if end > 2 { end } else { 1 };
        }
    }
    let is_digit = char::is_ascii_digit as fn(&char) -> bool;
    let mut end = if text.starts_with('0') { 1 } else { digits(0, is_digit) };
    if text[end..].starts_with('.') {
        end = digits(end + 1, is_digit);
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign, is_digit);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

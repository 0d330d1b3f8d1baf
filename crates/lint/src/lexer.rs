//! SQL text to tokens, for any text: PostgreSQL's lexical rules without their errors.
//!
//! libpg_query's scanner gives up on the whole text at the first quote that is not closed and knows nothing of what `psql` takes out of a file. A linter
//! meets both. Here a string that is not closed ends with the text; what it means is the grammar's to say.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A keyword or a plain identifier.
    Word,
    /// `"..."`
    Quoted,
    /// `'...'` with its prefix, or `$$...$$`.
    String,
    Number,
    /// `$1`
    Parameter,
    Operator,
    /// `(`
    Open,
    /// `)`
    Close,
    Comma,
    Dot,
    Semicolon,
    /// `\`: a command of psql begins.
    Backslash,
    /// A comment of either form.
    Comment,
}

/// A token and where it stands, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Token {
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.end
    }
}

/// The next token at or after `at`; `None` at the end of the text.
pub(crate) fn next(text: &str, at: usize) -> Option<Token> {
    let bytes = text.as_bytes();
    let start = skip_blanks(text, at);
    let first = *bytes.get(start)?;
    let token = |kind, end: usize| Some(Token { kind, start, end });
    match first {
        b'-' if bytes.get(start + 1) == Some(&b'-') => token(Kind::Comment, line_end(bytes, start)),
        b'/' if bytes.get(start + 1) == Some(&b'*') => token(Kind::Comment, block_comment_end(bytes, start)),
        b'\'' => token(Kind::String, string_end(bytes, start + 1, b'\'', false)),
        b'"' => token(Kind::Quoted, string_end(bytes, start + 1, b'"', false)),
        b'$' => Some(dollar(text, start)),
        b'(' => token(Kind::Open, start + 1),
        b')' => token(Kind::Close, start + 1),
        b',' => token(Kind::Comma, start + 1),
        b';' => token(Kind::Semicolon, start + 1),
        b'\\' => token(Kind::Backslash, start + 1),
        b'.' if bytes.get(start + 1).is_some_and(u8::is_ascii_digit) => token(Kind::Number, number_end(bytes, start)),
        b'.' => token(Kind::Dot, start + 1),
        b'0'..=b'9' => token(Kind::Number, number_end(bytes, start)),
        b'_' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => Some(word(bytes, start)),
        _ => token(Kind::Operator, operator_end(bytes, start)),
    }
}

fn skip_blanks(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    if at == 0 && text.starts_with('\u{feff}') {
        at = '\u{feff}'.len_utf8();
    }
    while bytes.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)) {
        at += 1;
    }
    at
}

/// Where the line that `at` is on ends, its newline left out.
pub(crate) fn line_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(bytes.len(), |length| at + length)
}

fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start + 2, 1_usize);
    while at < bytes.len() {
        match bytes.get(at..at + 2) {
            Some(b"/*") => (at, depth) = (at + 2, depth + 1),
            Some(b"*/") => {
                (at, depth) = (at + 2, depth - 1);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], mut at: usize, quote: u8, escapes: bool) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if escapes => at += 2,
            byte if *byte == quote && bytes.get(at + 1) == Some(&quote) => at += 2,
            byte if *byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn is_word_byte(byte: u8) -> bool {
    matches!(byte, b'_' | b'$' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80..)
}

/// A word, or the string whose prefix it is.
fn word(bytes: &[u8], start: usize) -> Token {
    let mut end = start;
    while bytes.get(end).is_some_and(|byte| is_word_byte(*byte)) {
        end += 1;
    }
    let quote = bytes.get(end) == Some(&b'\'');
    match &bytes[start..end] {
        b"e" | b"E" if quote => Token { kind: Kind::String, start, end: string_end(bytes, end + 1, b'\'', true) },
        b"b" | b"B" | b"x" | b"X" | b"n" | b"N" if quote => {
            Token { kind: Kind::String, start, end: string_end(bytes, end + 1, b'\'', false) }
        }
        b"u" | b"U" if bytes.get(end..end + 2) == Some(b"&'") => {
            Token { kind: Kind::String, start, end: string_end(bytes, end + 2, b'\'', false) }
        }
        b"u" | b"U" if bytes.get(end..end + 2) == Some(b"&\"") => {
            Token { kind: Kind::Quoted, start, end: string_end(bytes, end + 2, b'"', false) }
        }
        _ => Token { kind: Kind::Word, start, end },
    }
}

fn number_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        let exponent_sign = matches!(byte, b'+' | b'-')
            && matches!(bytes[at - 1], b'e' | b'E')
            && !bytes[start..at].starts_with(b"0x")
            && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        let range_operator = *byte == b'.' && bytes.get(at + 1) == Some(&b'.');
        if !(byte.is_ascii_alphanumeric() || *byte == b'_' || (*byte == b'.' && !range_operator) || exponent_sign) {
            break;
        }
        at += 1;
    }
    at
}

fn operator_end(bytes: &[u8], start: usize) -> usize {
    const SIGNS: &[u8] = b"+-*/<>=~!@#%^&|`?:";
    if !SIGNS.contains(&bytes[start]) {
        return start + 1;
    }
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        let comment = matches!(bytes.get(at..at + 2), Some(b"--" | b"/*"));
        if comment || !SIGNS.contains(byte) {
            break;
        }
        at += 1;
    }
    at
}

/// `$1`, `$tag$...$tag$`, or a sign on its own.
fn dollar(text: &str, start: usize) -> Token {
    let bytes = text.as_bytes();
    let mut end = start + 1;
    if bytes.get(end).is_some_and(u8::is_ascii_digit) {
        while bytes.get(end).is_some_and(u8::is_ascii_digit) {
            end += 1;
        }
        return Token { kind: Kind::Parameter, start, end };
    }
    while bytes.get(end).is_some_and(|byte| *byte != b'$' && is_word_byte(*byte)) {
        end += 1;
    }
    if bytes.get(end) != Some(&b'$') {
        return Token { kind: Kind::Operator, start, end: start + 1 };
    }
    let tag = &text[start..=end];
    let body = end + 1;
    let end = text[body..].find(tag).map_or(text.len(), |length| body + length + tag.len());
    Token { kind: Kind::String, start, end }
}

#[cfg(test)]
mod tests;

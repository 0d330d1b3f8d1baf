//! JSON text: PostgreSQL's lexer and grammar, with its error details.
//!
//! One recursive-descent parser feeds a [`Builder`]; validation of `json` builds nothing, `jsonb` builds its tree, and the functions over `json`
//! build [`Node`]s that remember which slice of the source each value came from, because `json` gives parts back as they were written.

use std::ops::Range;

use crate::{Result, SqlError, SqlState};

/// Deepest nesting read. PostgreSQL's own limit is its stack depth (about 6,000 levels at 2 MB); a fixed bound keeps ours from depending on the
/// stack of the thread that happens to run the statement.
const DEPTH_MAX: usize = 1000;
/// Characters of the offending line quoted in CONTEXT.
const CONTEXT_LENGTH: usize = 50;

/// A scalar as the lexer saw it.
pub(crate) enum Scalar<'a> {
    Null,
    Bool(bool),
    /// The digits as written.
    Number(&'a str),
    /// Decoded; empty when the builder does not ask for decoding.
    String(String),
}

/// Receives the values of a document from the inside out.
pub(crate) trait Builder {
    /// What a JSON value becomes.
    type Value;
    /// Whether strings and keys are decoded. A `\u0000` or a lone surrogate is an error only then, as in PostgreSQL.
    const DECODE: bool;
    fn scalar(&mut self, scalar: Scalar<'_>, span: Range<usize>) -> Result<Self::Value>;
    fn array(&mut self, items: Vec<Self::Value>, span: Range<usize>) -> Result<Self::Value>;
    fn object(&mut self, members: Vec<(String, Self::Value)>, span: Range<usize>) -> Result<Self::Value>;
}

/// What IS JSON asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum JsonItem {
    Any,
    Object,
    Array,
    Scalar,
}

impl JsonItem {
    /// The test as SQL writes it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Any => "IS JSON",
            Self::Object => "IS JSON OBJECT",
            Self::Array => "IS JSON ARRAY",
            Self::Scalar => "IS JSON SCALAR",
        }
    }

    /// Whether a document that is `found` is what is asked for.
    #[must_use]
    pub fn is(self, found: Self) -> bool {
        self == Self::Any || self == found
    }
}

/// Checks that `text` is JSON.
///
/// # Errors
/// `22P02` with PostgreSQL's DETAIL and CONTEXT.
pub fn validate(text: &str) -> Result<()> {
    parse_with(text, &mut Validator)
}

struct Validator;

impl Builder for Validator {
    type Value = ();
    const DECODE: bool = false;

    fn scalar(&mut self, _: Scalar<'_>, _: Range<usize>) -> Result<()> {
        Ok(())
    }

    fn array(&mut self, _: Vec<()>, _: Range<usize>) -> Result<()> {
        Ok(())
    }

    fn object(&mut self, _: Vec<(String, ())>, _: Range<usize>) -> Result<()> {
        Ok(())
    }
}

/// A value of a `json` document and where it stands in the text.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) kind: NodeKind,
}

#[derive(Debug)]
pub(crate) enum NodeKind {
    Null,
    Bool,
    Number,
    String(String),
    Array(Vec<Node>),
    /// In source order, duplicates kept.
    Object(Vec<(String, Node)>),
}

impl Node {
    /// The value as the `->>` family gives it: strings decoded, `null` as `None`, everything else as written.
    pub(crate) fn text<'a>(&'a self, source: &'a str) -> Option<&'a str> {
        match &self.kind {
            NodeKind::Null => None,
            NodeKind::String(text) => Some(text),
            _ => Some(&source[self.span.clone()]),
        }
    }

    /// Member of an object; the last of duplicates.
    pub(crate) fn field(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            NodeKind::Object(members) => members.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Element of an array; negative counts from the end.
    pub(crate) fn element(&self, index: i64) -> Option<&Self> {
        match &self.kind {
            NodeKind::Array(items) => {
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let index = if index < 0 { index + length } else { index };
                items.get(usize::try_from(index).ok()?)
            }
            _ => None,
        }
    }
}

/// Reads a document into nodes.
pub(crate) fn parse_nodes(text: &str) -> Result<Node> {
    parse_with(text, &mut NodeBuilder)
}

struct NodeBuilder;

impl Builder for NodeBuilder {
    type Value = Node;
    const DECODE: bool = true;

    fn scalar(&mut self, scalar: Scalar<'_>, span: Range<usize>) -> Result<Node> {
        let kind = match scalar {
            Scalar::Null => NodeKind::Null,
            Scalar::Bool(_) => NodeKind::Bool,
            Scalar::Number(_) => NodeKind::Number,
            Scalar::String(text) => NodeKind::String(text),
        };
        Ok(Node { span, kind })
    }

    fn array(&mut self, items: Vec<Node>, span: Range<usize>) -> Result<Node> {
        Ok(Node { span, kind: NodeKind::Array(items) })
    }

    fn object(&mut self, members: Vec<(String, Node)>, span: Range<usize>) -> Result<Node> {
        Ok(Node { span, kind: NodeKind::Object(members) })
    }
}

/// Reads a document with any builder.
pub(crate) fn parse_with<B: Builder>(text: &str, builder: &mut B) -> Result<B::Value> {
    let mut parser = Parser { lexer: Lexer::new(text, B::DECODE), builder, depth: 0 };
    parser.lexer.advance()?;
    let value = parser.value()?;
    if parser.lexer.token != Token::End {
        return Err(parser.unexpected(Expected::End));
    }
    Ok(value)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Token {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    Comma,
    Colon,
    String,
    Number,
    True,
    False,
    Null,
    End,
}

/// What the grammar was waiting for; one DETAIL text each.
#[derive(Clone, Copy)]
enum Expected {
    Value,
    String,
    ArrayFirst,
    ArrayNext,
    ObjectFirst,
    ObjectNext,
    Colon,
    End,
}

impl Expected {
    const fn phrase(self) -> &'static str {
        match self {
            Self::Value => "JSON value",
            Self::String => "string",
            Self::ArrayFirst => "array element or \"]\"",
            Self::ArrayNext => "\",\" or \"]\"",
            Self::ObjectFirst => "string or \"}\"",
            Self::ObjectNext => "\",\" or \"}\"",
            Self::Colon => "\":\"",
            Self::End => "end of input",
        }
    }
}

struct Parser<'a, 'b, B> {
    lexer: Lexer<'a>,
    builder: &'b mut B,
    depth: usize,
}

impl<B: Builder> Parser<'_, '_, B> {
    fn unexpected(&self, expected: Expected) -> SqlError {
        if self.lexer.token == Token::End {
            return self.lexer.error("The input string ended unexpectedly.".to_owned());
        }
        self.lexer.error(format!("Expected {}, but found \"{}\".", expected.phrase(), self.lexer.token_text()))
    }

    fn value(&mut self) -> Result<B::Value> {
        self.value_or(Expected::Value)
    }

    fn value_or(&mut self, expected: Expected) -> Result<B::Value> {
        let scalar = match self.lexer.token {
            Token::ObjectStart => return self.nested(Self::object),
            Token::ArrayStart => return self.nested(Self::array),
            Token::String => Scalar::String(std::mem::take(&mut self.lexer.string)),
            Token::Number => Scalar::Number(self.lexer.token_text()),
            Token::True => Scalar::Bool(true),
            Token::False => Scalar::Bool(false),
            Token::Null => Scalar::Null,
            _ => return Err(self.unexpected(expected)),
        };
        let value = self.builder.scalar(scalar, self.lexer.start..self.lexer.end)?;
        self.lexer.advance()?;
        Ok(value)
    }

    fn nested(&mut self, parse: fn(&mut Self) -> Result<B::Value>) -> Result<B::Value> {
        if self.depth == DEPTH_MAX {
            return Err(SqlError::new(SqlState::STATEMENT_TOO_COMPLEX, "stack depth limit exceeded")
                .hint(format!("JSON values may be nested {DEPTH_MAX} levels deep.")));
        }
        self.depth += 1;
        let value = parse(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<B::Value> {
        let start = self.lexer.start;
        let mut items = Vec::new();
        self.lexer.advance()?;
        if self.lexer.token != Token::ArrayEnd {
            items.push(self.value_or(Expected::ArrayFirst)?);
            while self.lexer.token == Token::Comma {
                self.lexer.advance()?;
                items.push(self.value()?);
            }
            if self.lexer.token != Token::ArrayEnd {
                return Err(self.unexpected(Expected::ArrayNext));
            }
        }
        let span = start..self.lexer.end;
        self.lexer.advance()?;
        self.builder.array(items, span)
    }

    fn object(&mut self) -> Result<B::Value> {
        let start = self.lexer.start;
        let mut members = Vec::new();
        self.lexer.advance()?;
        if self.lexer.token != Token::ObjectEnd {
            members.push(self.member(Expected::ObjectFirst)?);
            while self.lexer.token == Token::Comma {
                self.lexer.advance()?;
                members.push(self.member(Expected::String)?);
            }
            if self.lexer.token != Token::ObjectEnd {
                return Err(self.unexpected(Expected::ObjectNext));
            }
        }
        let span = start..self.lexer.end;
        self.lexer.advance()?;
        self.builder.object(members, span)
    }

    fn member(&mut self, expected: Expected) -> Result<(String, B::Value)> {
        if self.lexer.token != Token::String {
            return Err(self.unexpected(expected));
        }
        let key = std::mem::take(&mut self.lexer.string);
        self.lexer.advance()?;
        if self.lexer.token != Token::Colon {
            return Err(self.unexpected(Expected::Colon));
        }
        self.lexer.advance()?;
        Ok((key, self.value()?))
    }
}

struct Lexer<'a> {
    text: &'a str,
    decode: bool,
    token: Token,
    /// Byte range of the token.
    start: usize,
    end: usize,
    line: usize,
    line_start: usize,
    /// The decoded string when the token is one.
    string: String,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, decode: bool) -> Self {
        Self { text, decode, token: Token::End, start: 0, end: 0, line: 1, line_start: 0, string: String::new() }
    }

    fn token_text(&self) -> &'a str {
        &self.text[self.start..self.end]
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn advance(&mut self) -> Result<()> {
        self.skip_space();
        self.start = self.end;
        let Some(byte) = self.byte(self.start) else {
            self.token = Token::End;
            return Ok(());
        };
        let punctuation = match byte {
            b'{' => Token::ObjectStart,
            b'}' => Token::ObjectEnd,
            b'[' => Token::ArrayStart,
            b']' => Token::ArrayEnd,
            b',' => Token::Comma,
            b':' => Token::Colon,
            b'"' => {
                self.token = Token::String;
                return self.lex_string();
            }
            b'-' | b'0'..=b'9' => {
                self.token = Token::Number;
                return self.lex_number();
            }
            _ => return self.lex_word(),
        };
        self.token = punctuation;
        self.end += 1;
        Ok(())
    }

    fn skip_space(&mut self) {
        while let Some(byte @ (b' ' | b'\t' | b'\n' | b'\r')) = self.byte(self.end) {
            self.end += 1;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.end;
            }
        }
    }

    /// End of the run of letters, digits, underscores and non-ASCII bytes from `at`.
    fn word_end(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80) {
            at += 1;
        }
        at
    }

    fn lex_word(&mut self) -> Result<()> {
        self.end = self.word_end(self.start);
        if self.end == self.start {
            self.end += 1;
            return Err(self.invalid_token());
        }
        self.token = match self.token_text() {
            "true" => Token::True,
            "false" => Token::False,
            "null" => Token::Null,
            _ => return Err(self.invalid_token()),
        };
        Ok(())
    }

    fn digits(&self, mut at: usize) -> usize {
        while self.byte(at).is_some_and(|byte| byte.is_ascii_digit()) {
            at += 1;
        }
        at
    }

    fn lex_number(&mut self) -> Result<()> {
        let (end, mut good) = self.scan_number();
        self.end = self.word_end(end);
        good &= self.end == end;
        if good { Ok(()) } else { Err(self.invalid_token()) }
    }

    /// End of the longest number prefix, and whether what was read is a number.
    fn scan_number(&self) -> (usize, bool) {
        let mut at = self.start + usize::from(self.byte(self.start) == Some(b'-'));
        let mut good = true;
        match self.byte(at) {
            Some(b'0') => at += 1,
            Some(b'1'..=b'9') => at = self.digits(at),
            _ => good = false,
        }
        if self.byte(at) == Some(b'.') {
            let end = self.digits(at + 1);
            good &= end > at + 1;
            at = end;
        }
        if let Some(b'e' | b'E') = self.byte(at) {
            let sign = usize::from(matches!(self.byte(at + 1), Some(b'+' | b'-')));
            let end = self.digits(at + 1 + sign);
            good &= end > at + 1 + sign;
            at = end;
        }
        (at, good)
    }

    fn lex_string(&mut self) -> Result<()> {
        self.string.clear();
        let mut at = self.start + 1;
        let mut high_surrogate: Option<u32> = None;
        loop {
            let run = at;
            while self.byte(at).is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
                at += 1;
            }
            if at > run && high_surrogate.is_some() {
                return Err(self.lone_surrogate(run));
            }
            if self.decode {
                self.string.push_str(&self.text[run..at]);
            }
            match self.byte(at) {
                None => {
                    self.end = at;
                    return Err(self.invalid_token());
                }
                Some(b'"') if high_surrogate.is_some() => return Err(self.lone_surrogate(at)),
                Some(b'"') => {
                    self.end = at + 1;
                    return Ok(());
                }
                Some(b'\\') => at = self.lex_escape(at + 1, &mut high_surrogate)?,
                Some(control) => {
                    self.end = at;
                    return Err(self.error(format!("Character with value 0x{control:02x} must be escaped.")));
                }
            }
        }
    }

    /// Reads what follows a backslash at `at`; gives the position after it.
    fn lex_escape(&mut self, at: usize, high_surrogate: &mut Option<u32>) -> Result<usize> {
        let Some(byte) = self.byte(at) else {
            self.end = at;
            return Err(self.invalid_token());
        };
        if byte == b'u' {
            return self.lex_unicode(at + 1, high_surrogate);
        }
        if self.decode && high_surrogate.is_some() {
            return Err(self.lone_surrogate(at));
        }
        let decoded = match byte {
            b'"' | b'\\' | b'/' => byte as char,
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            _ => {
                self.start = at;
                self.end = self.char_end(at);
                return Err(self.error(format!("Escape sequence \"\\{}\" is invalid.", self.token_text())));
            }
        };
        if self.decode {
            self.string.push(decoded);
        }
        Ok(at + 1)
    }

    fn lex_unicode(&mut self, at: usize, high_surrogate: &mut Option<u32>) -> Result<usize> {
        let mut code = 0;
        for index in at..at + 4 {
            let Some(byte) = self.byte(index) else {
                self.end = index;
                return Err(self.invalid_token());
            };
            let Some(digit) = (byte as char).to_digit(16) else {
                self.end = self.char_end(index);
                return Err(self.error("\"\\u\" must be followed by four hexadecimal digits.".to_owned()));
            };
            code = code * 16 + digit;
        }
        if self.decode {
            self.decode_unicode(code, at + 3, high_surrogate)?;
        }
        Ok(at + 4)
    }

    fn decode_unicode(&mut self, code: u32, last: usize, high_surrogate: &mut Option<u32>) -> Result<()> {
        let complete = match (code, *high_surrogate) {
            (0xD800..=0xDBFF, None) => {
                *high_surrogate = Some(code);
                return Ok(());
            }
            (0xD800..=0xDBFF, Some(_)) => {
                self.end = self.char_end(last);
                return Err(self.error("Unicode high surrogate must not follow a high surrogate.".to_owned()));
            }
            (0xDC00..=0xDFFF, Some(high)) => {
                *high_surrogate = None;
                0x10000 + ((high & 0x3FF) << 10) + (code & 0x3FF)
            }
            (0xDC00..=0xDFFF, None) | (_, Some(_)) => return Err(self.lone_surrogate(last)),
            (0, None) => {
                self.end = self.char_end(last);
                return Err(SqlError::new(SqlState::UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence")
                    .detail("\\u0000 cannot be converted to text.")
                    .context(self.context()));
            }
            (code, None) => code,
        };
        self.string.extend(char::from_u32(complete));
        Ok(())
    }

    fn lone_surrogate(&mut self, at: usize) -> SqlError {
        self.end = self.char_end(at);
        self.error("Unicode low surrogate must follow a high surrogate.".to_owned())
    }

    fn char_end(&self, at: usize) -> usize {
        at + self.text[at..].chars().next().map_or(0, char::len_utf8)
    }

    fn invalid_token(&self) -> SqlError {
        self.error(format!("Token \"{}\" is invalid.", self.token_text()))
    }

    fn error(&self, detail: String) -> SqlError {
        SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json").detail(detail).context(self.context())
    }

    /// `report_json_context`: the line up to the offending token, shortened on the left.
    fn context(&self) -> String {
        let mut start = self.line_start;
        while self.end - start >= CONTEXT_LENGTH {
            start = self.char_end(start);
        }
        if start - self.line_start <= 3 {
            start = self.line_start;
        }
        let prefix = if start > self.line_start { "..." } else { "" };
        let more = self.token != Token::End && !matches!(self.byte(self.end), None | Some(b'\n' | b'\r'));
        let suffix = if more { "..." } else { "" };
        format!("JSON data, line {}: {prefix}{}{suffix}", self.line, &self.text[start..self.end])
    }
}

/// Appends `text` as a JSON string, escaped as PostgreSQL's `escape_json`.
pub fn write_string(out: &mut String, text: &str) {
    out.push('"');
    let mut run = 0;
    for (index, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            8 => "\\b",
            12 => "\\f",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[run..index]);
        run = index + 1;
        if escape.is_empty() {
            out.push_str(&format!("\\u{byte:04x}"));
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(&text[run..]);
    out.push('"');
}

#[cfg(test)]
mod tests;

//! Cuts a date, time or interval literal into fields by their first characters.

use super::keywords;

/// More fields than this are no date.
const FIELDS_MAX: usize = 25;
/// Bytes that a literal's fields may have together.
const LENGTH_MAX: usize = 128 + FIELDS_MAX;

/// What a field looks like; what it means depends on its neighbours.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// Digits, perhaps with one decimal point.
    Number,
    /// Letters.
    Word,
    /// Digits or letters with date separators; a zone's name also looks so.
    Date,
    /// Digits with a colon.
    Time,
    /// A sign before digits: a zone's displacement or a signed number.
    Signed,
    /// A sign before letters.
    SignedWord,
}

/// A field in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) shape: Shape,
    pub(super) text: String,
}

/// The fields of a literal; `None` when a character fits nowhere.
pub(super) fn fields(text: &str) -> Option<Vec<Field>> {
    let mut scanner = Scanner { rest: text.as_bytes() };
    let mut fields = Vec::with_capacity(4);
    let mut length = 0;
    while let Some(&first) = scanner.rest.first() {
        if is_space(first) {
            scanner.rest = &scanner.rest[1..];
            continue;
        }
        let Some(field) = scanner.field(first)? else { continue };
        length += field.text.len() + 1;
        if fields.len() == FIELDS_MAX || length > LENGTH_MAX {
            return None;
        }
        fields.push(field);
    }
    Some(fields)
}

/// C's `isspace`.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

struct Scanner<'a> {
    rest: &'a [u8],
}

impl Scanner<'_> {
    /// Moves bytes into `text` in lower case while they please.
    fn take(&mut self, text: &mut String, pleases: impl Fn(u8) -> bool) {
        while let Some(&byte) = self.rest.first()
            && pleases(byte)
        {
            text.push(char::from(byte.to_ascii_lowercase()));
            self.rest = &self.rest[1..];
        }
    }

    fn next_is(&self, pleases: impl Fn(u8) -> bool) -> bool {
        self.rest.first().is_some_and(|byte| pleases(*byte))
    }

    /// `Some(None)`: punctuation without a meaning was skipped.
    fn field(&mut self, first: u8) -> Option<Option<Field>> {
        let mut text = String::with_capacity(16);
        let shape = match first {
            b'0'..=b'9' => self.numeric(&mut text),
            b'.' => {
                text.push('.');
                self.rest = &self.rest[1..];
                self.take(&mut text, |byte| byte.is_ascii_digit());
                Shape::Number
            }
            b'a'..=b'z' | b'A'..=b'Z' => self.word(&mut text),
            b'+' | b'-' => self.signed(first, &mut text)?,
            _ if first.is_ascii_punctuation() => {
                self.rest = &self.rest[1..];
                return Some(None);
            }
            _ => return None,
        };
        Some(Some(Field { shape, text }))
    }

    fn numeric(&mut self, text: &mut String) -> Shape {
        self.take(text, |byte| byte.is_ascii_digit());
        let Some(&delimiter) = self.rest.first() else { return Shape::Number };
        match delimiter {
            b':' => {
                self.take(text, |byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'));
                Shape::Time
            }
            b'-' | b'/' | b'.' => self.separated(text, delimiter),
            _ => Shape::Number,
        }
    }

    /// After digits and a separator: a decimal, a two-part or a three-part date.
    fn separated(&mut self, text: &mut String, delimiter: u8) -> Shape {
        text.push(char::from(delimiter));
        self.rest = &self.rest[1..];
        if !self.next_is(|byte| byte.is_ascii_digit()) {
            self.take(text, |byte| byte.is_ascii_alphanumeric() || byte == delimiter);
            return Shape::Date;
        }
        self.take(text, |byte| byte.is_ascii_digit());
        if self.next_is(|byte| byte == delimiter) {
            self.take(text, |byte| byte.is_ascii_digit() || byte == delimiter);
            return Shape::Date;
        }
        if delimiter == b'.' { Shape::Number } else { Shape::Date }
    }

    fn word(&mut self, text: &mut String) -> Shape {
        self.take(text, |byte| byte.is_ascii_alphabetic());
        let dated = self.next_is(|byte| match byte {
            b'-' | b'/' | b'.' => true,
            b'+' | b'0'..=b'9' => keywords::word(text).is_none(),
            _ => false,
        });
        if !dated {
            return Shape::Word;
        }
        self.take(text, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'/' | b'_' | b'.' | b':'));
        Shape::Date
    }

    fn signed(&mut self, sign: u8, text: &mut String) -> Option<Shape> {
        text.push(char::from(sign));
        self.rest = self.rest[1..].trim_ascii_start();
        if self.next_is(|byte| byte.is_ascii_digit()) {
            self.take(text, |byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'-'));
            return Some(Shape::Signed);
        }
        if self.next_is(|byte| byte.is_ascii_alphabetic()) {
            self.take(text, |byte| byte.is_ascii_alphabetic());
            return Some(Shape::SignedWord);
        }
        None
    }
}

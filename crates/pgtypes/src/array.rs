//! Arrays as text and in binary.

use std::sync::Arc;

use crate::text::{TextSink, Writer, input};
use crate::{ArrayValue, Datum, EvalContext, Oid, Result, SqlError, SqlState, Type, types};

/// Most dimensions an array may have.
pub const DIMENSIONS_MAX: usize = 6;
/// Most elements an array may have.
pub const ELEMENTS_MAX: usize = 0x3fff_ffff / 8;

/// Appends an array; `oid` is the array type, which tells vectors apart.
pub(crate) fn write<W: TextSink>(array: &ArrayValue, oid: Oid, writer: Writer<'_>, out: &mut W) -> Result<()> {
    if matches!(oid, Oid::OIDVECTOR | Oid::INT2VECTOR) {
        return write_vector(array, writer, out);
    }
    if array.dimensions.is_empty() {
        out.put("{}");
        return Ok(());
    }
    if array.dimensions.iter().any(|(_, lower)| *lower != 1) {
        for (length, lower) in &array.dimensions {
            out.put_display(&format_args!("[{lower}:{}]", lower + length - 1));
        }
        out.put_byte(b'=');
    }
    let mut state = Elements { array, writer, scratch: String::new(), next: 0 };
    state.dimension(0, out)
}

fn write_vector<W: TextSink>(array: &ArrayValue, writer: Writer<'_>, out: &mut W) -> Result<()> {
    for (index, element) in array.elements.iter().enumerate() {
        if index > 0 {
            out.put_byte(b' ');
        }
        writer.datum(element, array.element, out)?;
    }
    Ok(())
}

/// Elements on their way out, in row-major order.
struct Elements<'a> {
    array: &'a ArrayValue,
    writer: Writer<'a>,
    scratch: String,
    next: usize,
}

impl Elements<'_> {
    fn dimension<W: TextSink>(&mut self, depth: usize, out: &mut W) -> Result<()> {
        out.put_byte(b'{');
        for index in 0..self.array.dimensions[depth].0 {
            if index > 0 {
                out.put_byte(b',');
            }
            if depth + 1 < self.array.dimensions.len() {
                self.dimension(depth + 1, out)?;
            } else {
                self.element(out)?;
            }
        }
        out.put_byte(b'}');
        Ok(())
    }

    fn element<W: TextSink>(&mut self, out: &mut W) -> Result<()> {
        let element = self.array.elements.get(self.next).unwrap_or(&Datum::Null);
        self.next += 1;
        if element.is_null() {
            out.put("NULL");
            return Ok(());
        }
        if never_quoted(element) {
            return self.writer.datum(element, self.array.element, out);
        }
        self.scratch.clear();
        self.writer.datum(element, self.array.element, &mut self.scratch)?;
        write_element(&self.scratch, out);
        Ok(())
    }
}

/// Whether no text of the value can hold a character with a meaning in arrays.
fn never_quoted(element: &Datum) -> bool {
    matches!(
        element,
        Datum::Bool(_)
            | Datum::Int2(_)
            | Datum::Int4(_)
            | Datum::Int8(_)
            | Datum::Float4(_)
            | Datum::Float8(_)
            | Datum::Numeric(_)
            | Datum::Uuid(_)
            | Datum::Date(_)
            | Datum::Time(_)
            | Datum::TimeTz { .. }
    ) && !matches!(element, Datum::Date(days) if *days < -730_119)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn write_element<W: TextSink>(text: &str, out: &mut W) {
    let special = |byte: u8| matches!(byte, b'"' | b'\\' | b'{' | b'}' | b',') || is_space(byte);
    let quoted = text.is_empty() || text.eq_ignore_ascii_case("null") || text.bytes().any(special);
    if !quoted {
        out.put(text);
        return;
    }
    write_quoted(text, out);
}

/// An element in quotes, as which any text can stand: with a backslash before quotes and backslashes.
pub fn write_quoted<W: TextSink>(text: &str, out: &mut W) {
    out.put_byte(b'"');
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\']) {
        out.put(&rest[..at]);
        out.put_byte(b'\\');
        out.put(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    out.put(rest);
    out.put_byte(b'"');
}

/// Reads an array of an element type, whose modifier is applied to each element.
///
/// # Errors
/// `22P02` with PostgreSQL's text and detail, and the element type's own.
pub fn parse(text: &str, element: Type, ctx: &EvalContext<'_>) -> Result<Datum> {
    let delimiter = types::by_oid(element.oid).map_or(b',', |info| info.delimiter as u8);
    Parser {
        source: text,
        rest: text.trim_start_matches(is_space_char),
        element,
        ctx,
        delimiter,
        lengths: [-1; DIMENSIONS_MAX],
        elements: Vec::new(),
    }
    .array()
}

fn is_space_char(c: char) -> bool {
    u8::try_from(c).is_ok_and(is_space)
}

struct Parser<'a> {
    source: &'a str,
    rest: &'a str,
    element: Type,
    ctx: &'a EvalContext<'a>,
    delimiter: u8,
    /// Elements found in each dimension; -1 while unknown.
    lengths: [i32; DIMENSIONS_MAX],
    /// Texts of the elements: the shape is checked before any of them is read.
    elements: Vec<Option<String>>,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// An opening brace, the outermost or that of a later sub-array.
    Level,
    /// Anything that can follow an opening brace.
    FirstItem,
    Element,
    AfterElement,
    AfterLevel,
}

impl Before {
    fn allows(self, token: &Token, depth: usize) -> bool {
        match token {
            Token::Open => matches!(self, Self::Level | Self::FirstItem),
            Token::Close => matches!(self, Self::AfterElement | Self::AfterLevel) || (self == Self::FirstItem && depth == 1),
            Token::Delimiter => matches!(self, Self::AfterElement | Self::AfterLevel),
            Token::Null | Token::Element(_) => matches!(self, Self::FirstItem | Self::Element),
        }
    }
}

/// The nesting of braces so far.
#[derive(Default)]
struct Shape {
    depth: usize,
    dimensions: usize,
    counts: [i32; DIMENSIONS_MAX],
}

impl Shape {
    /// Fails with the number of dimensions when there are too many.
    fn open(&mut self) -> Result<(), usize> {
        if self.depth == DIMENSIONS_MAX {
            return Err(DIMENSIONS_MAX + 1);
        }
        self.counts[self.depth] = 0;
        self.depth += 1;
        self.dimensions = self.dimensions.max(self.depth);
        Ok(())
    }

    /// Whether the level that closes is as long as the others beside it.
    fn close(&mut self, lengths: &mut [i32; DIMENSIONS_MAX]) -> bool {
        self.depth -= 1;
        let count = self.counts[self.depth];
        let known = std::mem::replace(&mut lengths[self.depth], count);
        if self.depth > 0 {
            self.counts[self.depth - 1] += 1;
        }
        known < 0 || known == count
    }
}

/// A piece of an array's text.
#[derive(PartialEq)]
enum Token {
    Open,
    Close,
    Delimiter,
    Null,
    Element(String),
}

impl<'a> Parser<'a> {
    fn malformed(&self, detail: impl Into<String>) -> SqlError {
        SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("malformed array literal: \"{}\"", self.source)).detail(detail)
    }

    fn array(mut self) -> Result<Datum> {
        let declared = self.declared_dimensions()?;
        if declared.is_empty() {
            if !self.rest.starts_with('{') {
                return Err(self.malformed("Array value must start with \"{\" or dimension information."));
            }
        } else {
            self.skip_space();
            self.rest = self.rest.strip_prefix('=').ok_or_else(|| self.malformed("Missing \"=\" after array dimensions."))?;
            self.skip_space();
            if !self.rest.starts_with('{') {
                return Err(self.malformed("Array contents must start with \"{\"."));
            }
        }
        let depth = self.contents(declared.len())?;
        if !self.rest.trim_start_matches(is_space_char).is_empty() {
            return Err(self.malformed("Junk after closing right brace."));
        }
        self.finish(depth, &declared)
    }

    fn finish(self, depth: usize, declared: &[(i32, i32)]) -> Result<Datum> {
        let mut dimensions: Vec<(i32, i32)> = self.lengths[..depth].iter().map(|length| ((*length).max(0), 1)).collect();
        if !declared.is_empty() {
            let matches = declared.len() == depth && declared.iter().zip(&dimensions).all(|(declared, found)| declared.0 == found.0);
            if !matches {
                return Err(self.malformed("Specified array dimensions do not match array contents."));
            }
            dimensions = declared.to_vec();
        }
        if self.elements.is_empty() {
            dimensions.clear();
        }
        let read = |text: Option<String>| text.map_or(Ok(Datum::Null), |text| input(self.element, &text, self.ctx));
        let elements = self.elements.into_iter().map(read).collect::<Result<Vec<_>>>()?;
        Ok(Datum::Array(Arc::new(ArrayValue { element: self.element.oid, dimensions, elements })))
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space_char);
    }

    /// `[2:3][5]=`
    fn declared_dimensions(&mut self) -> Result<Vec<(i32, i32)>> {
        let mut dimensions = Vec::new();
        loop {
            self.skip_space();
            let Some(inner) = self.rest.strip_prefix('[') else { return Ok(dimensions) };
            if dimensions.len() == DIMENSIONS_MAX {
                return Err(too_many_dimensions(DIMENSIONS_MAX + 1));
            }
            self.rest = inner;
            let first = self.bound()?;
            let (lower, upper) = match self.rest.strip_prefix(':') {
                Some(rest) => {
                    self.rest = rest;
                    (first, self.bound()?)
                }
                None => (1, first),
            };
            self.rest = self.rest.strip_prefix(']').ok_or_else(|| self.malformed("Missing \"]\" after array dimensions."))?;
            dimensions.push((dimension_length(lower, upper)?, lower));
        }
    }

    fn bound(&mut self) -> Result<i32> {
        let digits = self.rest.strip_prefix(['-', '+']).unwrap_or(self.rest);
        let length = self.rest.len() - digits.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = self.rest.split_at(length);
        if number.is_empty() || !number.ends_with(|c: char| c.is_ascii_digit()) {
            return Err(self.malformed("\"[\" must introduce explicitly-specified array dimensions."));
        }
        self.rest = rest;
        number.parse().map_err(|_| SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "array bound is out of integer range"))
    }

    /// Reads the braces and what is in them; the number of dimensions.
    fn contents(&mut self, declared: usize) -> Result<usize> {
        let mut shape = Shape::default();
        let mut before = Before::Level;
        loop {
            let token = self.token()?;
            if !before.allows(&token, shape.depth) {
                return Err(self.unexpected(&token));
            }
            before = match token {
                Token::Open => {
                    shape.open().map_err(too_many_dimensions)?;
                    Before::FirstItem
                }
                Token::Close => {
                    if !shape.close(&mut self.lengths) {
                        return Err(self.mismatched(declared));
                    }
                    if shape.depth == 0 {
                        return Ok(shape.dimensions);
                    }
                    Before::AfterLevel
                }
                Token::Delimiter if before == Before::AfterLevel => Before::Level,
                Token::Delimiter => Before::Element,
                Token::Null | Token::Element(_) => {
                    if shape.depth != shape.dimensions {
                        return Err(self.mismatched(declared));
                    }
                    shape.counts[shape.depth - 1] += 1;
                    self.push(token)?;
                    Before::AfterElement
                }
            };
        }
    }

    fn unexpected(&self, token: &Token) -> SqlError {
        match token {
            Token::Open => self.malformed("Unexpected \"{\" character."),
            Token::Close => self.malformed("Unexpected \"}\" character."),
            Token::Delimiter => self.malformed(format!("Unexpected \"{}\" character.", char::from(self.delimiter))),
            Token::Null | Token::Element(_) => self.malformed("Unexpected array element."),
        }
    }

    fn mismatched(&self, declared: usize) -> SqlError {
        self.malformed(if declared > 0 {
            "Specified array dimensions do not match array contents."
        } else {
            "Multidimensional arrays must have sub-arrays with matching dimensions."
        })
    }

    fn push(&mut self, token: Token) -> Result<()> {
        if self.elements.len() >= ELEMENTS_MAX {
            return Err(SqlError::new(
                SqlState::PROGRAM_LIMIT_EXCEEDED,
                format!("array size exceeds the maximum allowed ({ELEMENTS_MAX})"),
            ));
        }
        self.elements.push(match token {
            Token::Element(text) => Some(text),
            _ => None,
        });
        Ok(())
    }

    fn token(&mut self) -> Result<Token> {
        self.skip_space();
        let Some(&first) = self.rest.as_bytes().first() else { return Err(self.malformed("Unexpected end of input.")) };
        match first {
            b'{' => self.take_one(Token::Open),
            b'}' => self.take_one(Token::Close),
            b'"' => self.quoted(),
            byte if byte == self.delimiter => self.take_one(Token::Delimiter),
            _ => self.unquoted(),
        }
    }

    fn take_one(&mut self, token: Token) -> Result<Token> {
        self.rest = &self.rest[1..];
        Ok(token)
    }

    fn quoted(&mut self) -> Result<Token> {
        let mut text = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = &self.rest[at + 2..];
                    return Ok(Token::Element(text));
                }
                '\\' => match chars.next() {
                    Some((_, escaped)) => text.push(escaped),
                    None => break,
                },
                other => text.push(other),
            }
        }
        Err(self.malformed("Unexpected end of input."))
    }

    fn unquoted(&mut self) -> Result<Token> {
        let mut text = String::new();
        let mut kept = 0;
        let mut escaped_any = false;
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '{' => return Err(self.malformed("Unexpected \"{\" character.")),
                '"' => return Err(self.malformed("Unexpected array element.")),
                '\\' => {
                    let Some((_, escaped)) = chars.next() else { break };
                    text.push(escaped);
                    kept = text.len();
                    escaped_any = true;
                }
                c if c == '}' || c == char::from(self.delimiter) => {
                    self.rest = &self.rest[at..];
                    text.truncate(kept);
                    let null = !escaped_any && text.eq_ignore_ascii_case("null");
                    return Ok(if null { Token::Null } else { Token::Element(text) });
                }
                c => {
                    text.push(c);
                    if !is_space_char(c) {
                        kept = text.len();
                    }
                }
            }
        }
        Err(self.malformed("Unexpected end of input."))
    }
}

fn dimension_length(lower: i32, upper: i32) -> Result<i32> {
    if upper == i32::MAX {
        return Err(SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "array upper bound is too large: 2147483647"));
    }
    if upper < lower {
        return Err(SqlError::new(SqlState::ARRAY_SUBSCRIPT_ERROR, "upper bound cannot be less than lower bound"));
    }
    upper
        .checked_sub(lower)
        .and_then(|length| length.checked_add(1))
        .ok_or_else(|| SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, format!("array size exceeds the maximum allowed ({ELEMENTS_MAX})")))
}

fn too_many_dimensions(count: usize) -> SqlError {
    SqlError::new(
        SqlState::PROGRAM_LIMIT_EXCEEDED,
        format!("number of array dimensions ({count}) exceeds the maximum allowed ({DIMENSIONS_MAX})"),
    )
}

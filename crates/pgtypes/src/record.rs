//! Row values as text.

use crate::text::{TextSink, Writer, input};
use crate::{Datum, EvalContext, RecordValue, Result, SqlError, SqlState, Type};

/// Appends `(a,"b c",)`: nothing for NULL, quotes doubled inside quotes.
pub(crate) fn write<W: TextSink>(record: &RecordValue, writer: Writer<'_>, out: &mut W) -> Result<()> {
    let mut scratch = String::new();
    out.put_byte(b'(');
    for (index, ((_, oid), value)) in record.fields.iter().zip(&record.values).enumerate() {
        if index > 0 {
            out.put_byte(b',');
        }
        if let Datum::Null = value {
            continue;
        }
        scratch.clear();
        writer.datum(value, *oid, &mut scratch)?;
        field(&scratch, out);
    }
    out.put_byte(b')');
    Ok(())
}

fn field<W: TextSink>(text: &str, out: &mut W) {
    let special = |byte: u8| matches!(byte, b'"' | b'\\' | b'(' | b')' | b',' | b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c);
    if !text.is_empty() && !text.bytes().any(special) {
        out.put(text);
        return;
    }
    out.put_byte(b'"');
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\']) {
        out.put(&rest[..=at]);
        out.put(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    out.put(rest);
    out.put_byte(b'"');
}

/// Reads the fields of `(a,"b c",)`.
///
/// # Errors
/// `22P02` with PostgreSQL's details, and whatever the fields' types answer.
pub fn parse(text: &str, types: &[Type], ctx: &EvalContext<'_>) -> Result<Vec<Datum>> {
    let malformed =
        |detail: &str| SqlError::new(SqlState::INVALID_TEXT_REPRESENTATION, format!("malformed record literal: \"{text}\"")).detail(detail);
    let inner = text.trim_start().strip_prefix('(').ok_or_else(|| malformed("Missing left parenthesis."))?;
    let mut reader = Fields { rest: inner };
    let mut values = Vec::with_capacity(types.len());
    for (index, ty) in types.iter().enumerate() {
        if index > 0 && !reader.take(',') {
            return Err(malformed("Too few columns."));
        }
        let field = reader.field().ok_or_else(|| malformed("Unexpected end of input."))?;
        values.push(match field {
            Some(field) => input(*ty, &field, ctx)?,
            None => Datum::Null,
        });
    }
    if !reader.take(')') {
        return Err(malformed("Too many columns."));
    }
    if reader.rest.trim().is_empty() { Ok(values) } else { Err(malformed("Junk after right parenthesis.")) }
}

struct Fields<'a> {
    rest: &'a str,
}

impl Fields<'_> {
    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest.strip_prefix(wanted);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    /// The next field: nothing at all is NULL. `None` when the text ends inside of it.
    fn field(&mut self) -> Option<Option<String>> {
        if self.rest.starts_with([',', ')']) {
            return Some(None);
        }
        let mut value = String::new();
        let mut quoted = false;
        loop {
            let letter = self.rest.chars().next()?;
            if !quoted && matches!(letter, ',' | ')') {
                return Some(Some(value));
            }
            self.rest = &self.rest[letter.len_utf8()..];
            match letter {
                '\\' => {
                    let escaped = self.rest.chars().next()?;
                    self.rest = &self.rest[escaped.len_utf8()..];
                    value.push(escaped);
                }
                // A doubled quote inside of quotes is one.
                '"' if quoted && self.take('"') => value.push('"'),
                '"' => quoted = !quoted,
                other => value.push(other),
            }
        }
    }
}

//! Row values as text.

use crate::text::{TextSink, Writer};
use crate::{Datum, RecordValue, Result};

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

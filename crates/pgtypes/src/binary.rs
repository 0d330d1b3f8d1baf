//! Binary formats: what a type's receive function reads and its send function writes, in network byte order.

mod nested;
mod receive;
#[cfg(test)]
mod tests;

pub use receive::receive;

use crate::{Datum, Oid, Result, SqlError};

/// Version byte before the text of a `jsonb`.
const JSONB_VERSION: u8 = 1;
/// Version byte before the text of a `jsonpath`.
const JSONPATH_VERSION: u8 = 1;
/// Display scale PostgreSQL sends with an infinite `numeric`.
const INFINITY_DSCALE: u16 = 0x20;

/// Appends a value's binary form.
///
/// # Errors
/// `XX000` for NULL, which has none; the caller writes a length of -1.
pub fn send(datum: &Datum, oid: Oid, out: &mut Vec<u8>) -> Result<()> {
    match datum {
        Datum::Null => return Err(SqlError::internal("NULL has no binary form")),
        Datum::Bool(value) => out.push(u8::from(*value)),
        Datum::Int2(value) => out.extend_from_slice(&value.to_be_bytes()),
        Datum::Int4(value) | Datum::Date(value) => out.extend_from_slice(&value.to_be_bytes()),
        Datum::Int8(value) | Datum::Time(value) | Datum::Timestamp(value) | Datum::TimestampTz(value) => {
            out.extend_from_slice(&value.to_be_bytes());
        }
        Datum::Float4(value) => out.extend_from_slice(&value.to_be_bytes()),
        Datum::Float8(value) => out.extend_from_slice(&value.to_be_bytes()),
        Datum::Numeric(value) => send_numeric(value, out),
        Datum::Text(text) | Datum::Json(text) => out.extend_from_slice(text.as_bytes()),
        Datum::Bytea(bytes) => out.extend_from_slice(bytes),
        Datum::Uuid(bytes) => out.extend_from_slice(bytes),
        Datum::TimeTz { micros, zone } => {
            out.extend_from_slice(&micros.to_be_bytes());
            out.extend_from_slice(&zone.to_be_bytes());
        }
        Datum::Interval(value) => {
            out.extend_from_slice(&value.micros.to_be_bytes());
            out.extend_from_slice(&value.days.to_be_bytes());
            out.extend_from_slice(&value.months.to_be_bytes());
        }
        Datum::Jsonb(value) => {
            use crate::text::TextSink as _;
            out.push(JSONB_VERSION);
            out.put_display(&**value);
        }
        Datum::Oid(value) => out.extend_from_slice(&value.0.to_be_bytes()),
        Datum::Char(byte) => out.push(*byte),
        Datum::Array(array) => nested::send_array(array, oid, out)?,
        Datum::Record(record) => nested::send_record(record, out)?,
        Datum::Inet(inet) => inet.send(out),
        Datum::JsonPath(path) => {
            use crate::text::TextSink as _;
            out.push(JSONPATH_VERSION);
            out.put_display(&**path);
        }
    }
    Ok(())
}

fn send_numeric(value: &crate::numeric::Numeric, out: &mut Vec<u8>) {
    let parts = value.to_pg_digits();
    let count = u16::try_from(parts.digits.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&count.to_be_bytes());
    out.extend_from_slice(&parts.weight.to_be_bytes());
    out.extend_from_slice(&parts.sign.to_be_bytes());
    // The infinities carry a scale beyond any that a number can have.
    let dscale = if value.is_infinite() { INFINITY_DSCALE } else { parts.dscale };
    out.extend_from_slice(&dscale.to_be_bytes());
    for digit in &parts.digits {
        out.extend_from_slice(&digit.to_be_bytes());
    }
}

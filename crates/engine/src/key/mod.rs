//! Keys: values written so that comparing bytes compares values. `docs/formats/rows-and-keys.md` has the bytes.
//!
//! A key is the object's id (big-endian `u32`), then each value behind a marker byte that places NULL first or last. Every encoding is prefix-free,
//! so the concatenation of several orders as the tuple does and a prefix of a tuple is a prefix of its key.

mod decode;
mod numeric;
#[cfg(test)]
pub(crate) mod tests;

use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState};

pub use decode::{decode, skip};

/// Before a NULL that sorts first.
const NULL_FIRST: u8 = 0x01;
/// Before a value.
const VALUE: u8 = 0x02;
/// Before a NULL that sorts last.
const NULL_LAST: u8 = 0x03;
/// Ends a text: no text contains it.
const TEXT_END: u8 = 0x00;
/// Ends a byte string; a zero byte inside is followed by [`BYTES_ESCAPED`].
const BYTES_END: u8 = 0x00;
const BYTES_ESCAPED: u8 = 0xff;
/// Bytes of the object id every key begins with.
pub const PREFIX_BYTES: usize = 4;

/// The key prefix of a table's rows or an index's entries.
#[must_use]
pub const fn prefix(object: Oid) -> [u8; PREFIX_BYTES] {
    object.0.to_be_bytes()
}

/// Whether a value of the type can be read back from its key exactly as it was. The others are also kept in the entry's value.
#[must_use]
pub const fn lossless(oid: Oid) -> bool {
    // A numeric's key has no display scale, a float's no minus zero, a bpchar's no trailing blanks.
    !matches!(oid, Oid::NUMERIC | Oid::FLOAT4 | Oid::FLOAT8 | Oid::BPCHAR | Oid::INTERVAL)
}

/// Appends a value, NULL included, to a key.
///
/// # Errors
/// `0A000` for a type that cannot be a key.
pub fn encode(key: &mut Vec<u8>, oid: Oid, value: &Datum, nulls_first: bool) -> Result<()> {
    if value.is_null() {
        key.push(null_marker(nulls_first));
        return Ok(());
    }
    key.push(VALUE);
    encode_value(key, oid, value)
}

/// The byte that stands for NULL.
#[must_use]
pub const fn null_marker(nulls_first: bool) -> u8 {
    if nulls_first { NULL_FIRST } else { NULL_LAST }
}

/// The byte before a value that is not NULL.
#[must_use]
pub const fn value_marker() -> u8 {
    VALUE
}

fn encode_value(key: &mut Vec<u8>, oid: Oid, value: &Datum) -> Result<()> {
    match value {
        Datum::Bool(value) => key.push(u8::from(*value)),
        // A key column's width is its type's: a value of a wider one has been made to fit by `exec::bound_value`.
        Datum::Int2(value) => key.extend((value ^ i16::MIN).to_be_bytes()),
        Datum::Int4(value) | Datum::Date(value) => key.extend((value ^ i32::MIN).to_be_bytes()),
        Datum::Int8(value) | Datum::Time(value) | Datum::Timestamp(value) | Datum::TimestampTz(value) => {
            key.extend((value ^ i64::MIN).to_be_bytes());
        }
        Datum::Float4(value) => key.extend(ordered_f32(*value).to_be_bytes()),
        Datum::Float8(value) => key.extend(ordered_f64(*value).to_be_bytes()),
        Datum::Numeric(value) => numeric::encode(key, value),
        Datum::Text(text) if oid == Oid::BPCHAR => encode_text(key, text.trim_end_matches(' ')),
        Datum::Text(text) => encode_text(key, text),
        Datum::Bytea(bytes) => encode_bytes(key, bytes),
        Datum::Uuid(bytes) => key.extend(bytes),
        Datum::TimeTz { micros, zone } => {
            // By the instant, then by the zone, as timetz_cmp does.
            key.extend(((micros + i64::from(*zone) * 1_000_000) ^ i64::MIN).to_be_bytes());
            key.extend((zone ^ i32::MIN).to_be_bytes());
        }
        Datum::Interval(interval) => {
            let days = i128::from(interval.months) * 30 + i128::from(interval.days);
            let micros = days * 86_400_000_000 + i128::from(interval.micros);
            key.extend((micros ^ i128::MIN).to_be_bytes());
        }
        Datum::Oid(oid) => key.extend(oid.0.to_be_bytes()),
        Datum::Char(byte) => key.push(*byte),
        Datum::Null | Datum::Json(_) | Datum::Jsonb(_) | Datum::Array(_) | Datum::Record(_) | Datum::Inet(_) | Datum::JsonPath(_) => {
            return Err(no_key(oid));
        }
    }
    Ok(())
}

fn encode_text(key: &mut Vec<u8>, text: &str) {
    key.extend_from_slice(text.as_bytes());
    key.push(TEXT_END);
}

fn encode_bytes(key: &mut Vec<u8>, bytes: &[u8]) {
    for &byte in bytes {
        key.push(byte);
        if byte == BYTES_END {
            key.push(BYTES_ESCAPED);
        }
    }
    // 00 00 sorts before 00 ff, so a byte string comes before those it is a prefix of.
    key.extend([BYTES_END, BYTES_END]);
}

/// IEEE order: negative numbers are complemented, positive ones get the sign bit; NaN, made one, is above everything; minus zero is zero.
fn ordered_f64(value: f64) -> u64 {
    let bits = if value.is_nan() { f64::NAN.to_bits() & !(1 << 63) } else { (value + 0.0).to_bits() };
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

fn ordered_f32(value: f32) -> u32 {
    let bits = if value.is_nan() { f32::NAN.to_bits() & !(1 << 31) } else { (value + 0.0).to_bits() };
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

#[cold]
fn no_key(oid: Oid) -> SqlError {
    let name = borealis_pgtypes::types::by_oid(oid).map_or("unknown", |info| info.display);
    SqlError::unsupported(format!("datatype {name} is not supported in a key"))
}

/// Refuses a key that the store could not hold.
///
/// # Errors
/// `54000`
pub fn check_size(key: &[u8], limit: usize) -> Result<()> {
    if key.len() > limit {
        return Err(SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "key size too large"));
    }
    Ok(())
}

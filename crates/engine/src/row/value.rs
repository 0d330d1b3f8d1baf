//! One stored value.
//!
//! Types of one size are written in little-endian order without a length; all others behind their length as a LEB128 number, so that a reader passes
//! over them without knowing their inside.

use std::sync::Arc;

use borealis_pgtypes::jsonb::Jsonb;
use borealis_pgtypes::numeric::Numeric;
use borealis_pgtypes::{Datum, Interval, Oid, Result, SqlError};

use super::corrupt;

/// How many bytes a type's values take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Width {
    /// Always this many.
    Fixed(usize),
    /// As many as the length before them says.
    Counted,
}

/// The width of a type.
#[must_use]
pub const fn width(oid: Oid) -> Width {
    Width::Fixed(match oid {
        Oid::BOOL | Oid::CHAR => 1,
        Oid::INT2 => 2,
        Oid::INT4 | Oid::FLOAT4 | Oid::DATE | Oid::OID => 4,
        Oid::INT8 | Oid::FLOAT8 | Oid::TIME | Oid::TIMESTAMP | Oid::TIMESTAMPTZ => 8,
        Oid::TIMETZ => 12,
        Oid::UUID | Oid::INTERVAL => 16,
        _ => return Width::Counted,
    })
}

/// Tags of a numeric.
mod number {
    pub(super) const NAN: u8 = 0;
    pub(super) const POSITIVE_INFINITY: u8 = 1;
    pub(super) const NEGATIVE_INFINITY: u8 = 2;
    /// Scale, then the mantissa, zigzag: values within 128 bits.
    pub(super) const SMALL: u8 = 3;
    /// The text form.
    pub(super) const WRITTEN: u8 = 4;
}

/// Tags of a jsonb node.
mod json {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const NUMBER: u8 = 3;
    pub(super) const STRING: u8 = 4;
    pub(super) const ARRAY: u8 = 5;
    pub(super) const OBJECT: u8 = 6;
}

pub(super) fn encode(out: &mut Vec<u8>, oid: Oid, value: &Datum) -> Result<()> {
    match value {
        Datum::Bool(value) => out.push(u8::from(*value)),
        Datum::Char(value) => out.push(*value),
        Datum::Int2(value) => out.extend(value.to_le_bytes()),
        Datum::Int4(value) | Datum::Date(value) => out.extend(value.to_le_bytes()),
        Datum::Int8(value) | Datum::Time(value) | Datum::Timestamp(value) | Datum::TimestampTz(value) => out.extend(value.to_le_bytes()),
        Datum::Float4(value) => out.extend(value.to_le_bytes()),
        Datum::Float8(value) => out.extend(value.to_le_bytes()),
        Datum::Oid(value) => out.extend(value.0.to_le_bytes()),
        Datum::Uuid(bytes) => out.extend(bytes),
        Datum::TimeTz { micros, zone } => {
            out.extend(micros.to_le_bytes());
            out.extend(zone.to_le_bytes());
        }
        Datum::Interval(interval) => {
            out.extend(interval.months.to_le_bytes());
            out.extend(interval.days.to_le_bytes());
            out.extend(interval.micros.to_le_bytes());
        }
        Datum::Text(text) | Datum::Json(text) => put_counted(out, text.as_bytes()),
        Datum::Bytea(bytes) => put_counted(out, bytes),
        Datum::Numeric(value) => counted(out, |out| put_numeric(out, value)),
        Datum::Jsonb(value) => counted(out, |out| put_json(out, value)),
        Datum::Null | Datum::Array(_) | Datum::Record(_) | Datum::Inet(_) | Datum::JsonPath(_) => {
            return Err(SqlError::internal(format!("values of type {oid} are not stored")));
        }
    }
    Ok(())
}

pub(super) fn decode(bytes: &mut &[u8], oid: Oid) -> Result<Datum> {
    Ok(match oid {
        Oid::BOOL => Datum::Bool(take::<1>(bytes)?[0] != 0),
        Oid::CHAR => Datum::Char(take::<1>(bytes)?[0]),
        Oid::INT2 => Datum::Int2(i16::from_le_bytes(take(bytes)?)),
        Oid::INT4 => Datum::Int4(i32::from_le_bytes(take(bytes)?)),
        Oid::INT8 => Datum::Int8(i64::from_le_bytes(take(bytes)?)),
        Oid::FLOAT4 => Datum::Float4(f32::from_le_bytes(take(bytes)?)),
        Oid::FLOAT8 => Datum::Float8(f64::from_le_bytes(take(bytes)?)),
        Oid::DATE => Datum::Date(i32::from_le_bytes(take(bytes)?)),
        Oid::TIME => Datum::Time(i64::from_le_bytes(take(bytes)?)),
        Oid::TIMESTAMP => Datum::Timestamp(i64::from_le_bytes(take(bytes)?)),
        Oid::TIMESTAMPTZ => Datum::TimestampTz(i64::from_le_bytes(take(bytes)?)),
        Oid::OID => Datum::Oid(Oid(u32::from_le_bytes(take(bytes)?))),
        Oid::UUID => Datum::Uuid(take(bytes)?),
        Oid::TIMETZ => Datum::TimeTz { micros: i64::from_le_bytes(take(bytes)?), zone: i32::from_le_bytes(take(bytes)?) },
        Oid::INTERVAL => Datum::Interval(Interval {
            months: i32::from_le_bytes(take(bytes)?),
            days: i32::from_le_bytes(take(bytes)?),
            micros: i64::from_le_bytes(take(bytes)?),
        }),
        _ => counted_value(take_counted(bytes)?, oid)?,
    })
}

fn counted_value(mut bytes: &[u8], oid: Oid) -> Result<Datum> {
    Ok(match oid {
        Oid::TEXT | Oid::VARCHAR | Oid::BPCHAR | Oid::NAME => Datum::Text(Arc::from(text(bytes)?)),
        Oid::JSON => Datum::Json(Arc::from(text(bytes)?)),
        Oid::BYTEA => Datum::Bytea(Arc::from(bytes)),
        Oid::NUMERIC => Datum::Numeric(Arc::new(numeric(&mut bytes)?)),
        Oid::JSONB => Datum::Jsonb(Arc::new(jsonb(&mut bytes)?)),
        _ => return Err(SqlError::internal(format!("values of type {oid} are not stored"))),
    })
}

fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| corrupt())
}

fn put_counted(out: &mut Vec<u8>, bytes: &[u8]) {
    put_number(out, bytes.len() as u128);
    out.extend_from_slice(bytes);
}

/// Writes a value whose length is known only afterwards.
fn counted(out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    let mut inner = Vec::with_capacity(32);
    body(&mut inner);
    put_counted(out, &inner);
}

fn put_numeric(out: &mut Vec<u8>, value: &Numeric) {
    match (value, value.small_parts()) {
        (Numeric::NaN, _) => out.push(number::NAN),
        (Numeric::PositiveInfinity, _) => out.push(number::POSITIVE_INFINITY),
        (Numeric::NegativeInfinity, _) => out.push(number::NEGATIVE_INFINITY),
        (Numeric::Finite(_), Some((mantissa, scale))) => {
            out.push(number::SMALL);
            put_number(out, u128::from(scale));
            put_number(out, ((mantissa << 1) ^ (mantissa >> 127)).cast_unsigned());
        }
        (Numeric::Finite(_), None) => {
            out.push(number::WRITTEN);
            put_counted(out, value.to_string().as_bytes());
        }
    }
}

fn numeric(bytes: &mut &[u8]) -> Result<Numeric> {
    Ok(match take::<1>(bytes)?[0] {
        number::NAN => Numeric::NaN,
        number::POSITIVE_INFINITY => Numeric::PositiveInfinity,
        number::NEGATIVE_INFINITY => Numeric::NegativeInfinity,
        number::SMALL => {
            let scale = u32::try_from(take_number(bytes)?).map_err(|_| corrupt())?;
            let zigzag = take_number(bytes)?;
            Numeric::from_parts((zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed(), scale)
        }
        number::WRITTEN => Numeric::parse(text(take_counted(bytes)?)?)?,
        _ => return Err(corrupt()),
    })
}

fn put_json(out: &mut Vec<u8>, value: &Jsonb) {
    match value {
        Jsonb::Null => out.push(json::NULL),
        Jsonb::Bool(value) => out.push(if *value { json::TRUE } else { json::FALSE }),
        Jsonb::Number(value) => {
            out.push(json::NUMBER);
            put_numeric(out, value);
        }
        Jsonb::String(text) => {
            out.push(json::STRING);
            put_counted(out, text.as_bytes());
        }
        Jsonb::Array(items) => {
            out.push(json::ARRAY);
            put_number(out, items.len() as u128);
            items.iter().for_each(|item| put_json(out, item));
        }
        Jsonb::Object(members) => {
            out.push(json::OBJECT);
            put_number(out, members.len() as u128);
            for (key, value) in members {
                put_counted(out, key.as_bytes());
                put_json(out, value);
            }
        }
    }
}

fn jsonb(bytes: &mut &[u8]) -> Result<Jsonb> {
    Ok(match take::<1>(bytes)?[0] {
        json::NULL => Jsonb::Null,
        json::FALSE => Jsonb::Bool(false),
        json::TRUE => Jsonb::Bool(true),
        json::NUMBER => Jsonb::Number(numeric(bytes)?),
        json::STRING => Jsonb::String(Arc::from(text(take_counted(bytes)?)?)),
        json::ARRAY => {
            let count = take_count(bytes)?;
            Jsonb::Array((0..count).map(|_| jsonb(bytes)).collect::<Result<_>>()?)
        }
        json::OBJECT => {
            let count = take_count(bytes)?;
            let member = |bytes: &mut &[u8]| Ok((Arc::from(text(take_counted(bytes)?)?), jsonb(bytes)?));
            Jsonb::Object((0..count).map(|_| member(bytes)).collect::<Result<_>>()?)
        }
        _ => return Err(corrupt()),
    })
}

/// LEB128.
fn put_number(out: &mut Vec<u8>, mut number: u128) {
    #[allow(clippy::cast_possible_truncation)] // seven bits at a time
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    #[allow(clippy::cast_possible_truncation)]
    out.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Result<u128> {
    let mut number = 0u128;
    for shift in (0..128).step_by(7) {
        let byte = take::<1>(bytes)?[0];
        number |= u128::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(corrupt())
}

/// A count of parts, each of which takes at least a byte.
fn take_count(bytes: &mut &[u8]) -> Result<usize> {
    let count = take_length(bytes)?;
    if count > bytes.len() { Err(corrupt()) } else { Ok(count) }
}

/// The length before a counted value.
#[inline]
pub(super) fn take_length(bytes: &mut &[u8]) -> Result<usize> {
    // Most values are shorter than 128 bytes.
    if let [first, rest @ ..] = *bytes
        && *first < 0x80
    {
        *bytes = rest;
        return Ok(usize::from(*first));
    }
    usize::try_from(take_number(bytes)?).map_err(|_| corrupt())
}

fn take_counted<'r>(bytes: &mut &'r [u8]) -> Result<&'r [u8]> {
    let length = take_length(bytes)?;
    let (value, rest) = bytes.split_at_checked(length).ok_or_else(corrupt)?;
    *bytes = rest;
    Ok(value)
}

#[inline]
fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk().ok_or_else(corrupt)?;
    *bytes = rest;
    Ok(*head)
}

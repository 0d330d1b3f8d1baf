//! Receive functions. What arrives is checked as strictly as text is: a value that PostgreSQL could not hold is refused.

use std::sync::Arc;

use super::{JSONB_VERSION, nested};
use crate::datetime::{self, USECS_PER_DAY};
use crate::jsonb::Jsonb;
use crate::numeric::{Numeric, PgDigits};
use crate::{Datum, EvalContext, Interval, Oid, Result, SqlError, SqlState, Type, cast, text, types};

/// Reads a value of a type and applies its modifier.
///
/// # Errors
/// `22P03` and `08P01` for bytes of the wrong form, and what the text form of the same value would answer.
pub fn receive(ty: Type, bytes: &[u8], ctx: &EvalContext<'_>) -> Result<Datum> {
    let value = plain(ty, bytes, ctx)?;
    if ty.typmod < 0 { Ok(value) } else { cast::coerce_typmod(value, ty, false) }
}

/// Takes fields off the front of a message.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or_else(insufficient)?;
        self.rest = rest;
        Ok(*head)
    }

    pub(super) fn bytes(&mut self, length: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or_else(insufficient)?;
        self.rest = rest;
        Ok(head)
    }

    pub(super) fn i32(&mut self) -> Result<i32> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64> {
        self.array().map(i64::from_be_bytes)
    }

    pub(super) const fn remaining(&self) -> usize {
        self.rest.len()
    }

    /// Refuses what is left over.
    pub(super) fn end<T>(self, value: T) -> Result<T> {
        if self.rest.is_empty() {
            return Ok(value);
        }
        Err(SqlError::new(SqlState::INVALID_BINARY_REPRESENTATION, "incorrect binary data format"))
    }
}

fn insufficient() -> SqlError {
    SqlError::new(SqlState::PROTOCOL_VIOLATION, "insufficient data left in message")
}

pub(super) fn invalid(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::INVALID_BINARY_REPRESENTATION, message)
}

fn plain(ty: Type, bytes: &[u8], ctx: &EvalContext<'_>) -> Result<Datum> {
    let mut reader = Reader::new(bytes);
    let value = match ty.oid {
        Oid::BOOL => Datum::Bool(reader.array::<1>()?[0] != 0),
        Oid::INT2 => Datum::Int2(i16::from_be_bytes(reader.array()?)),
        Oid::INT4 => Datum::Int4(reader.i32()?),
        Oid::INT8 => Datum::Int8(reader.i64()?),
        Oid::FLOAT4 => Datum::Float4(f32::from_be_bytes(reader.array()?)),
        Oid::FLOAT8 => Datum::Float8(f64::from_be_bytes(reader.array()?)),
        Oid::CHAR => Datum::Char(reader.array::<1>()?[0]),
        Oid::UUID => Datum::Uuid(reader.array()?),
        Oid::NUMERIC => Datum::Numeric(Arc::new(numeric(&mut reader)?)),
        Oid::DATE => Datum::Date(date(reader.i32()?)?),
        Oid::TIME => Datum::Time(time(reader.i64()?)?),
        Oid::TIMETZ => timetz(reader.i64()?, reader.i32()?)?,
        Oid::TIMESTAMP => Datum::Timestamp(timestamp(reader.i64()?)?),
        Oid::TIMESTAMPTZ => Datum::TimestampTz(timestamp(reader.i64()?)?),
        Oid::INTERVAL => {
            let (micros, days, months) = (reader.i64()?, reader.i32()?, reader.i32()?);
            Datum::Interval(Interval { months, days, micros })
        }
        oid if is_oid(oid) => Datum::Oid(Oid(u32::from_be_bytes(reader.array()?))),
        _ => return variable(ty, bytes, ctx),
    };
    reader.end(value)
}

fn is_oid(oid: Oid) -> bool {
    matches!(oid, Oid::OID | Oid::XID | Oid::CID) || text::is_registered(oid)
}

/// Types without a fixed length, which take all bytes.
fn variable(ty: Type, bytes: &[u8], ctx: &EvalContext<'_>) -> Result<Datum> {
    Ok(match ty.oid {
        Oid::TEXT | Oid::VARCHAR | Oid::BPCHAR | Oid::UNKNOWN | Oid::CSTRING | Oid::REFCURSOR => Datum::text(utf8(bytes)?),
        Oid::NAME => Datum::text(name(utf8(bytes)?)?),
        Oid::BYTEA => Datum::Bytea(Arc::from(bytes)),
        Oid::JSON => {
            let json = utf8(bytes)?;
            crate::json::validate(json)?;
            Datum::Json(Arc::from(json))
        }
        Oid::JSONB => jsonb(bytes)?,
        Oid::JSONPATH => match bytes.split_first() {
            Some((1, text)) => Datum::JsonPath(Arc::new(crate::jsonpath::JsonPath::parse(utf8(text)?)?)),
            other => {
                let version = other.map_or(0, |(version, _)| *version);
                return Err(SqlError::internal(format!("unsupported jsonpath version number: {version}")));
            }
        },
        Oid::INET => Datum::Inet(Arc::new(crate::inet::Inet::receive(bytes, false)?)),
        Oid::CIDR => Datum::Inet(Arc::new(crate::inet::Inet::receive(bytes, true)?)),
        Oid::VOID => Datum::text(""),
        Oid::RECORD => nested::receive_record(bytes, ctx)?,
        Oid::INT2VECTOR | Oid::OIDVECTOR => nested::receive_array(bytes, element(ty), ctx)?,
        oid => match types::by_oid(oid) {
            Some(info) if info.is_array() && info.has_values() => nested::receive_array(bytes, element(ty), ctx)?,
            Some(info) if !info.has_values() => return Err(SqlError::unsupported(format!("datatype {} not supported", info.display))),
            Some(info) => return Err(SqlError::unsupported(format!("cannot accept a value of type {}", info.name))),
            None => return Err(SqlError::internal(format!("cache lookup failed for type {oid}"))),
        },
    })
}

fn element(ty: Type) -> Type {
    Type::new(types::element_of(ty.oid).unwrap_or(Oid::INVALID), ty.typmod)
}

/// Text in the client's encoding, which is always UTF-8 here.
fn utf8(bytes: &[u8]) -> Result<&str> {
    if bytes.contains(&0) {
        return Err(SqlError::new(SqlState::CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\": 0x00"));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let bad = &bytes[error.valid_up_to()..];
        let shown: Vec<String> = bad.iter().take(sequence_length(bad)).map(|byte| format!("0x{byte:02x}")).collect();
        SqlError::new(SqlState::CHARACTER_NOT_IN_REPERTOIRE, format!("invalid byte sequence for encoding \"UTF8\": {}", shown.join(" ")))
    })
}

/// Bytes the first one of a UTF-8 sequence announces.
fn sequence_length(bytes: &[u8]) -> usize {
    match bytes.first() {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf7) => 4,
        _ => 1,
    }
}

fn name(text: &str) -> Result<&str> {
    if text.len() > text::input::NAME_MAX {
        return Err(SqlError::new(SqlState::NAME_TOO_LONG, "identifier too long").detail("Identifier must be less than 64 characters."));
    }
    Ok(text)
}

fn jsonb(bytes: &[u8]) -> Result<Datum> {
    let Some((&version, json)) = bytes.split_first() else { return Err(insufficient()) };
    if version != JSONB_VERSION {
        return Err(SqlError::internal(format!("unsupported jsonb version number {version}")));
    }
    Ok(Datum::Jsonb(Arc::new(Jsonb::parse(utf8(json)?)?)))
}

fn numeric(reader: &mut Reader<'_>) -> Result<Numeric> {
    let count = u16::from_be_bytes(reader.array()?);
    let weight = i16::from_be_bytes(reader.array()?);
    let sign = u16::from_be_bytes(reader.array()?);
    let dscale = u16::from_be_bytes(reader.array()?);
    if reader.remaining() < usize::from(count) * 2 {
        return Err(insufficient());
    }
    let digits = (0..count).map(|_| reader.array().map(i16::from_be_bytes)).collect::<Result<Vec<_>>>()?;
    Numeric::from_pg_digits(&PgDigits { digits, weight, sign, dscale })
}

fn date(days: i32) -> Result<i32> {
    if datetime::date_is_finite(days) && !datetime::date_is_valid(days) { Err(datetime::date_out_of_range()) } else { Ok(days) }
}

fn timestamp(stamp: i64) -> Result<i64> {
    if datetime::timestamp_is_finite(stamp) { datetime::check_timestamp(stamp) } else { Ok(stamp) }
}

fn time(micros: i64) -> Result<i64> {
    if (0..=USECS_PER_DAY).contains(&micros) {
        return Ok(micros);
    }
    Err(SqlError::new(SqlState::DATETIME_FIELD_OVERFLOW, "time out of range"))
}

fn timetz(micros: i64, zone: i32) -> Result<Datum> {
    let micros = time(micros)?;
    if zone.unsigned_abs() >= datetime::TZDISP_LIMIT.unsigned_abs() {
        return Err(SqlError::new(SqlState::INVALID_TIME_ZONE_DISPLACEMENT_VALUE, "time zone displacement out of range"));
    }
    Ok(Datum::TimeTz { micros, zone })
}

//! Reading keys.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Oid, Result, SqlError, SqlState};

use super::{BYTES_END, NULL_FIRST, NULL_LAST, TEXT_END, VALUE, numeric};

/// Reads one value of a [lossless](super::lossless) type off the front of `key`.
///
/// # Errors
/// `XX001` when the bytes are none that [`super::encode`] writes.
pub fn decode(key: &mut &[u8], oid: Oid) -> Result<Datum> {
    match take::<1>(key)?[0] {
        NULL_FIRST | NULL_LAST => Ok(Datum::Null),
        VALUE => value(key, oid),
        _ => Err(corrupt()),
    }
}

fn value(key: &mut &[u8], oid: Oid) -> Result<Datum> {
    Ok(match oid {
        Oid::BOOL => Datum::Bool(take::<1>(key)?[0] != 0),
        Oid::INT2 => Datum::Int2(i16::from_be_bytes(take(key)?) ^ i16::MIN),
        Oid::INT4 => Datum::Int4(int4(key)?),
        Oid::INT8 => Datum::Int8(int8(key)?),
        Oid::DATE => Datum::Date(int4(key)?),
        Oid::TIME => Datum::Time(int8(key)?),
        Oid::TIMESTAMP => Datum::Timestamp(int8(key)?),
        Oid::TIMESTAMPTZ => Datum::TimestampTz(int8(key)?),
        Oid::TIMETZ => {
            let instant = int8(key)?;
            let zone = int4(key)?;
            Datum::TimeTz { micros: instant - i64::from(zone) * 1_000_000, zone }
        }
        Oid::TEXT | Oid::VARCHAR | Oid::NAME => Datum::Text(Arc::from(text(key)?)),
        Oid::BYTEA => Datum::Bytea(Arc::from(bytes(key)?)),
        Oid::UUID => Datum::Uuid(take(key)?),
        Oid::CHAR => Datum::Char(take::<1>(key)?[0]),
        oid if is_oid(oid) => Datum::Oid(Oid(u32::from_be_bytes(take(key)?))),
        _ => return Err(SqlError::internal(format!("a key of type {oid} is not read back"))),
    })
}

/// Passes one value of any key type.
///
/// # Errors
/// `XX001` when the bytes are none that [`super::encode`] writes.
pub fn skip(key: &mut &[u8], oid: Oid) -> Result<()> {
    if take::<1>(key)?[0] != VALUE {
        return Ok(());
    }
    let bytes = match oid {
        Oid::BOOL | Oid::CHAR => 1,
        Oid::INT2 => 2,
        Oid::INT4 | Oid::DATE | Oid::FLOAT4 => 4,
        Oid::INT8 | Oid::TIME | Oid::TIMESTAMP | Oid::TIMESTAMPTZ | Oid::FLOAT8 => 8,
        Oid::TIMETZ => 12,
        Oid::UUID | Oid::INTERVAL => 16,
        Oid::TEXT | Oid::VARCHAR | Oid::NAME | Oid::BPCHAR => return text(key).map(drop),
        Oid::BYTEA => return self::bytes(key).map(drop),
        Oid::NUMERIC => numeric::encoded_len(key).ok_or_else(corrupt)?,
        oid if is_oid(oid) => 4,
        _ => return Err(SqlError::internal(format!("no keys of type {oid}"))),
    };
    *key = key.get(bytes..).ok_or_else(corrupt)?;
    Ok(())
}

fn is_oid(oid: Oid) -> bool {
    matches!(
        oid,
        Oid::OID
            | Oid::XID
            | Oid::CID
            | Oid::REGPROC
            | Oid::REGPROCEDURE
            | Oid::REGOPER
            | Oid::REGOPERATOR
            | Oid::REGCLASS
            | Oid::REGTYPE
            | Oid::REGNAMESPACE
            | Oid::REGROLE
            | Oid::REGCONFIG
    )
}

fn int4(key: &mut &[u8]) -> Result<i32> {
    Ok(i32::from_be_bytes(take(key)?) ^ i32::MIN)
}

fn int8(key: &mut &[u8]) -> Result<i64> {
    Ok(i64::from_be_bytes(take(key)?) ^ i64::MIN)
}

fn text<'k>(key: &mut &'k [u8]) -> Result<&'k str> {
    let end = key.iter().position(|&byte| byte == TEXT_END).ok_or_else(corrupt)?;
    let (text, rest) = key.split_at(end);
    *key = &rest[1..];
    std::str::from_utf8(text).map_err(|_| corrupt())
}

fn bytes(key: &mut &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        match take::<1>(key)?[0] {
            BYTES_END if take::<1>(key)?[0] == BYTES_END => return Ok(bytes),
            byte => bytes.push(byte),
        }
    }
}

fn take<const N: usize>(key: &mut &[u8]) -> Result<[u8; N]> {
    let (head, rest) = key.split_first_chunk().ok_or_else(corrupt)?;
    *key = rest;
    Ok(*head)
}

#[cold]
fn corrupt() -> SqlError {
    SqlError::new(SqlState::DATA_CORRUPTED, "a stored key is damaged")
}

//! Reading arguments. The binder has matched types with the row's signature, so a mismatch is a broken invariant, not a user's mistake.

use crate::jsonb::Jsonb;
use crate::numeric::Numeric;
use crate::{ArrayValue, Datum, Interval, Oid, Result, SqlError, SqlState};

#[cold]
fn mismatch(wanted: &str, found: Option<&Datum>) -> SqlError {
    SqlError::internal(format!("function argument: expected {wanted}, found {found:?}"))
}

macro_rules! accessors {
    ($($name:ident -> $type:ty, $variant:ident, $wanted:literal;)*) => {
        $(#[inline]
        pub(crate) fn $name(args: &[Datum], index: usize) -> Result<$type> {
            match args.get(index) {
                Some(Datum::$variant(value)) => Ok(*value),
                other => Err(mismatch($wanted, other)),
            }
        })*
    };
}

accessors! {
    boolean -> bool, Bool, "boolean";
    int2 -> i16, Int2, "smallint";
    int4 -> i32, Int4, "integer";
    int8 -> i64, Int8, "bigint";
    float4 -> f32, Float4, "real";
    float8 -> f64, Float8, "double precision";
    uuid -> [u8; 16], Uuid, "uuid";
    oid -> Oid, Oid, "oid";
    char -> u8, Char, "\"char\"";
    interval -> Interval, Interval, "interval";
}

#[inline]
pub(crate) fn text(args: &[Datum], index: usize) -> Result<&str> {
    match args.get(index) {
        Some(Datum::Text(value) | Datum::Json(value)) => Ok(value),
        other => Err(mismatch("text", other)),
    }
}

#[inline]
pub(crate) fn bytea(args: &[Datum], index: usize) -> Result<&[u8]> {
    match args.get(index) {
        Some(Datum::Bytea(value)) => Ok(value),
        other => Err(mismatch("bytea", other)),
    }
}

#[inline]
pub(crate) fn numeric(args: &[Datum], index: usize) -> Result<&Numeric> {
    match args.get(index) {
        Some(Datum::Numeric(value)) => Ok(value),
        other => Err(mismatch("numeric", other)),
    }
}

#[inline]
pub(crate) fn jsonb(args: &[Datum], index: usize) -> Result<&Jsonb> {
    match args.get(index) {
        Some(Datum::Jsonb(value)) => Ok(value),
        other => Err(mismatch("jsonb", other)),
    }
}

#[inline]
pub(crate) fn array(args: &[Datum], index: usize) -> Result<&ArrayValue> {
    match args.get(index) {
        Some(Datum::Array(value)) => Ok(value),
        other => Err(mismatch("array", other)),
    }
}

/// `Some` unless the argument is NULL.
#[inline]
pub(crate) fn optional<'a, T>(args: &'a [Datum], index: usize, read: fn(&'a [Datum], usize) -> Result<T>) -> Result<Option<T>> {
    if args.get(index).is_none_or(Datum::is_null) { Ok(None) } else { read(args, index).map(Some) }
}

/// Elements of a `text[]`, NULLs as `None`.
pub(crate) fn text_elements(args: &[Datum], index: usize) -> Result<Vec<Option<&str>>> {
    array(args, index)?
        .elements
        .iter()
        .map(|element| match element {
            Datum::Null => Ok(None),
            Datum::Text(text) => Ok(Some(&**text)),
            other => Err(mismatch("text", Some(other))),
        })
        .collect()
}

/// `Ok(Datum::Text)`
pub(crate) fn give_text(text: &str) -> Result<Datum> {
    Ok(Datum::text(text))
}

/// `Ok(Datum::Numeric)`
pub(crate) fn give_numeric(value: Numeric) -> Result<Datum> {
    Ok(Datum::Numeric(std::sync::Arc::new(value)))
}

/// `22003` `<type> out of range`
#[cold]
pub(crate) fn out_of_range(type_name: &str) -> SqlError {
    SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, format!("{type_name} out of range"))
}

/// `22012`
#[cold]
pub(crate) fn division_by_zero() -> SqlError {
    SqlError::new(SqlState::DIVISION_BY_ZERO, "division by zero")
}

/// `22023`
#[cold]
pub(crate) fn invalid_parameter(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message)
}

/// The length of something PostgreSQL counts in `integer`.
pub(crate) fn count(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

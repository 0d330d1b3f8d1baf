//! Casts: which there are, and what a type modifier does to a value.

mod table;

use std::sync::Arc;

use crate::datetime::round_micros;
use crate::typmod::{self, interval_field as field};
use crate::{Cast, Datum, Interval, Oid, Result, SqlError, SqlState, Type, datetime, types};

/// All casts between types that have values, ordered by `(source, target)`.
pub static CASTS: &[Cast] = table::ROWS;

/// The cast from one type to another, when there is one.
#[must_use]
pub fn find(source: Oid, target: Oid) -> Option<&'static Cast> {
    CASTS.binary_search_by_key(&(source, target), |cast| (cast.source, cast.target)).ok().map(|index| &CASTS[index])
}

/// Makes a value of a type fit the type's modifier. `explicit` is whether a cast was written, which is what cuts a string that is too long.
///
/// # Errors
/// `22001` for a string that is too long, `22003` for a number that does not fit, `22008` for a time that leaves its range.
pub fn coerce_typmod(datum: Datum, ty: Type, explicit: bool) -> Result<Datum> {
    if ty.typmod < 0 || datum.is_null() {
        return Ok(datum);
    }
    match (ty.oid, datum) {
        (Oid::VARCHAR, Datum::Text(text)) => varchar(text, ty.typmod, explicit).map(Datum::Text),
        (Oid::BPCHAR, Datum::Text(text)) => bpchar(text, ty.typmod, explicit).map(Datum::Text),
        (Oid::NUMERIC, Datum::Numeric(value)) => Ok(Datum::Numeric(Arc::new(value.apply_typmod(ty.typmod)?))),
        (Oid::TIME, Datum::Time(micros)) => Ok(Datum::Time(round_micros(micros, ty.typmod))),
        (Oid::TIMETZ, Datum::TimeTz { micros, zone }) => Ok(Datum::TimeTz { micros: round_micros(micros, ty.typmod), zone }),
        (Oid::TIMESTAMP, Datum::Timestamp(stamp)) => Ok(Datum::Timestamp(round_stamp(stamp, ty.typmod))),
        (Oid::TIMESTAMPTZ, Datum::TimestampTz(stamp)) => Ok(Datum::TimestampTz(round_stamp(stamp, ty.typmod))),
        (Oid::INTERVAL, Datum::Interval(value)) => interval(value, ty.typmod).map(Datum::Interval),
        (_, Datum::Array(array)) => elements(array, ty, explicit),
        (_, other) => Ok(other),
    }
}

fn elements(array: Arc<crate::ArrayValue>, ty: Type, explicit: bool) -> Result<Datum> {
    let Some(element) = types::element_of(ty.oid) else { return Ok(Datum::Array(array)) };
    let element = Type::new(element, ty.typmod);
    let mut array = Arc::unwrap_or_clone(array);
    for value in &mut array.elements {
        *value = coerce_typmod(std::mem::take(value), element, explicit)?;
    }
    Ok(Datum::Array(Arc::new(array)))
}

/// Byte offset of the end of the first `length` characters; `None` when the text is not longer.
fn cut_at(text: &str, length: usize) -> Option<usize> {
    if text.len() <= length {
        return None;
    }
    text.char_indices().nth(length).map(|(at, _)| at)
}

fn too_long(type_name: &str, length: usize) -> SqlError {
    SqlError::new(SqlState::STRING_DATA_RIGHT_TRUNCATION, format!("value too long for type {type_name}({length})"))
}

fn varchar(text: Arc<str>, modifier: i32, explicit: bool) -> Result<Arc<str>> {
    let Some(length) = typmod::character_length(modifier) else { return Ok(text) };
    let Some(at) = cut_at(&text, length) else { return Ok(text) };
    // Blanks beyond the length are dropped silently, whoever asks.
    if !explicit && text[at..].bytes().any(|byte| byte != b' ') {
        return Err(too_long("character varying", length));
    }
    Ok(Arc::from(&text[..at]))
}

fn bpchar(text: Arc<str>, modifier: i32, explicit: bool) -> Result<Arc<str>> {
    let Some(length) = typmod::character_length(modifier) else { return Ok(text) };
    if let Some(at) = cut_at(&text, length) {
        if !explicit && text[at..].bytes().any(|byte| byte != b' ') {
            return Err(too_long("character", length));
        }
        return Ok(Arc::from(&text[..at]));
    }
    let missing = length - text.chars().count();
    if missing == 0 {
        return Ok(text);
    }
    let mut padded = String::with_capacity(text.len() + missing);
    padded.push_str(&text);
    padded.extend(std::iter::repeat_n(' ', missing));
    Ok(Arc::from(padded))
}

/// The last moment of the range may round to the first one beyond it, as in PostgreSQL.
fn round_stamp(stamp: i64, modifier: i32) -> i64 {
    if datetime::timestamp_is_finite(stamp) { round_micros(stamp, modifier) } else { stamp }
}

/// Drops the fields below the restricted ones, then rounds the seconds.
pub(crate) fn interval(mut value: Interval, modifier: i32) -> Result<Interval> {
    let fields = typmod::interval_fields(modifier);
    let unit = match fields {
        field::FULL => None,
        _ if fields & field::SECOND != 0 => None,
        _ if fields & field::MINUTE != 0 => Some(datetime::USECS_PER_MINUTE),
        _ if fields & field::HOUR != 0 => Some(datetime::USECS_PER_HOUR),
        _ => {
            value.micros = 0;
            None
        }
    };
    if fields == field::YEAR {
        value.months -= value.months % 12;
    }
    if fields & (field::DAY | field::HOUR | field::MINUTE | field::SECOND) == 0 {
        value.days = 0;
    }
    if let Some(unit) = unit {
        value.micros -= value.micros % unit;
    }
    let precision = typmod::interval_precision(modifier);
    if precision < typmod::TIME_PRECISION_MAX {
        value.micros = rounded(value.micros, precision).ok_or_else(datetime::interval_out_of_range)?;
    }
    Ok(value)
}

fn rounded(micros: i64, precision: i32) -> Option<i64> {
    let unit = 10_i64.pow(u32::try_from(typmod::TIME_PRECISION_MAX - precision).ok()?);
    let half = if micros < 0 { -(unit / 2) } else { unit / 2 };
    Some(micros.checked_add(half)? / unit * unit)
}

/// A value of a type with the same representation in PostgreSQL, in the storage class of `target`: `integer` and the oid types share four bytes
/// there but not here. `None`: the value is already what it has to be.
#[must_use]
pub fn relabel(value: &Datum, target: Oid) -> Option<Datum> {
    match value {
        Datum::Int4(number) if is_oid(target) => Some(Datum::Oid(Oid(number.cast_unsigned()))),
        Datum::Oid(oid) if target == Oid::INT4 => Some(Datum::Int4(oid.0.cast_signed())),
        _ => None,
    }
}

/// Whether values of the type are [`Datum::Oid`].
#[must_use]
pub fn is_oid(oid: Oid) -> bool {
    oid == Oid::OID || crate::text::is_registered(oid)
}

//! The order and equality of values: those of PostgreSQL's default B-tree operator classes, in the C collation.
//!
//! NULL sorts after everything here, as the default of `ORDER BY` has it; a caller that wants it first handles it. Integers of different widths,
//! floats of different widths and dates against timestamps compare by value, so that one comparison serves a whole operator family. [`hash`] agrees with
//! [`equal`] within these families.

#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use crate::datetime::USECS_PER_DAY;
use crate::{ArrayValue, Datum, Interval, Oid, RecordValue};

/// Compares two values of one type family.
#[must_use]
pub fn compare(a: &Datum, b: &Datum) -> Ordering {
    match (a, b) {
        (Datum::Int4(a), Datum::Int4(b)) => a.cmp(b),
        (Datum::Int8(a), Datum::Int8(b)) => a.cmp(b),
        (Datum::Text(a), Datum::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Datum::Uuid(a), Datum::Uuid(b)) => a.cmp(b),
        (Datum::Null, Datum::Null) => Ordering::Equal,
        (Datum::Null, _) => Ordering::Greater,
        (_, Datum::Null) => Ordering::Less,
        _ => families(a, b),
    }
}

fn families(a: &Datum, b: &Datum) -> Ordering {
    if let (Some(a), Some(b)) = (integer(a), integer(b)) {
        return a.cmp(&b);
    }
    match (a, b) {
        (Datum::Bool(a), Datum::Bool(b)) => a.cmp(b),
        (Datum::Float4(a), Datum::Float4(b)) => float(f64::from(*a), f64::from(*b)),
        (Datum::Float8(a), Datum::Float8(b)) => float(*a, *b),
        (Datum::Float4(a), Datum::Float8(b)) => float(f64::from(*a), *b),
        (Datum::Float8(a), Datum::Float4(b)) => float(*a, f64::from(*b)),
        (Datum::Numeric(a), Datum::Numeric(b)) => a.cmp(b),
        (Datum::Bytea(a), Datum::Bytea(b)) => a.cmp(b),
        (Datum::Date(a), Datum::Date(b)) => a.cmp(b),
        (Datum::Time(a), Datum::Time(b)) => a.cmp(b),
        (Datum::TimeTz { micros: a, zone: a_zone }, Datum::TimeTz { micros: b, zone: b_zone }) => timetz((*a, *a_zone), (*b, *b_zone)),
        (Datum::Timestamp(a), Datum::Timestamp(b)) | (Datum::TimestampTz(a), Datum::TimestampTz(b)) => a.cmp(b),
        (Datum::Date(a), Datum::Timestamp(b)) => date_stamp(*a).cmp(&wide_stamp(*b)),
        (Datum::Timestamp(a), Datum::Date(b)) => wide_stamp(*a).cmp(&date_stamp(*b)),
        (Datum::Interval(a), Datum::Interval(b)) => interval_span(*a).cmp(&interval_span(*b)),
        (Datum::Json(a), Datum::Json(b)) => a.cmp(b),
        (Datum::Jsonb(a), Datum::Jsonb(b)) => a.cmp(b),
        (Datum::Char(a), Datum::Char(b)) => a.cmp(b),
        (Datum::Array(a), Datum::Array(b)) => array(a, b),
        (Datum::Record(a), Datum::Record(b)) => record(a, b),
        (Datum::Inet(a), Datum::Inet(b)) => a.cmp(b),
        // Two families never meet: the binder saw to it. A fixed order keeps a sort of such values sound.
        _ => rank(a).cmp(&rank(b)),
    }
}

/// Compares two values whose type is known: `char(n)` without its trailing blanks, everything else as [`compare`].
#[must_use]
pub fn compare_typed(a: &Datum, b: &Datum, oid: Oid) -> Ordering {
    match (a, b) {
        (Datum::Text(a), Datum::Text(b)) if oid == Oid::BPCHAR => trim_blanks(a).as_bytes().cmp(trim_blanks(b).as_bytes()),
        _ => compare(a, b),
    }
}

/// A `char(n)` without its padding, which is not part of its value.
#[must_use]
pub fn trim_blanks(text: &str) -> &str {
    text.trim_end_matches(' ')
}

/// Whether two values are equal in the sense of `=`; NULLs are equal to each other, as in `IS NOT DISTINCT FROM`.
#[must_use]
pub fn equal(a: &Datum, b: &Datum) -> bool {
    match (a, b) {
        (Datum::Int4(a), Datum::Int4(b)) => a == b,
        (Datum::Int8(a), Datum::Int8(b)) => a == b,
        (Datum::Text(a), Datum::Text(b)) => a == b,
        (Datum::Uuid(a), Datum::Uuid(b)) => a == b,
        _ => compare(a, b).is_eq(),
    }
}

fn integer(datum: &Datum) -> Option<i64> {
    Some(match datum {
        Datum::Int2(value) => i64::from(*value),
        Datum::Int4(value) => i64::from(*value),
        Datum::Int8(value) => *value,
        Datum::Oid(value) => i64::from(value.0),
        _ => return None,
    })
}

/// NaN is equal to itself and greater than everything; the zeros are equal.
#[must_use]
pub fn float(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// A date as a timestamp that cannot overflow: dates reach further than timestamps do, and infinity is beyond both.
pub(crate) fn date_stamp(days: i32) -> i128 {
    match days {
        i32::MIN => i128::MIN,
        i32::MAX => i128::MAX,
        _ => i128::from(days) * i128::from(USECS_PER_DAY),
    }
}

/// A timestamp on the same scale.
pub(crate) fn wide_stamp(stamp: i64) -> i128 {
    match stamp {
        i64::MIN => i128::MIN,
        i64::MAX => i128::MAX,
        _ => i128::from(stamp),
    }
}

/// By the instant, then by the zone from east to west as PostgreSQL's sign has it.
fn timetz(a: (i64, i32), b: (i64, i32)) -> Ordering {
    let instant = |(micros, zone): (i64, i32)| micros + i64::from(zone) * 1_000_000;
    instant(a).cmp(&instant(b)).then(a.1.cmp(&b.1))
}

/// An interval in microseconds, months counted as 30 days and days as 24 hours.
#[must_use]
pub fn interval_span(interval: Interval) -> i128 {
    let days = i64::from(interval.months) * 30 + i64::from(interval.days);
    i128::from(days) * i128::from(USECS_PER_DAY) + i128::from(interval.micros)
}

/// Element by element, then by length, then by shape.
fn array(a: &ArrayValue, b: &ArrayValue) -> Ordering {
    let elements =
        a.elements.iter().zip(&b.elements).map(|(left, right)| compare_typed(left, right, a.element)).find(|order| order.is_ne());
    elements
        .unwrap_or_else(|| a.elements.len().cmp(&b.elements.len()))
        .then_with(|| a.dimensions.len().cmp(&b.dimensions.len()))
        .then_with(|| a.dimensions.iter().map(|dimension| dimension.0).cmp(b.dimensions.iter().map(|dimension| dimension.0)))
        .then_with(|| a.dimensions.iter().map(|dimension| dimension.1).cmp(b.dimensions.iter().map(|dimension| dimension.1)))
}

/// Field by field.
fn record(a: &RecordValue, b: &RecordValue) -> Ordering {
    let fields = a.values.iter().zip(&b.values).enumerate().map(|(index, (left, right))| {
        let oid = a.fields.get(index).map_or(Oid::INVALID, |field| field.1);
        compare_typed(left, right, oid)
    });
    fields.into_iter().find(|order| order.is_ne()).unwrap_or_else(|| a.values.len().cmp(&b.values.len()))
}

fn rank(datum: &Datum) -> u8 {
    match datum {
        Datum::Bool(_) => 1,
        Datum::Int2(_) | Datum::Int4(_) | Datum::Int8(_) | Datum::Oid(_) => 2,
        Datum::Float4(_) | Datum::Float8(_) => 3,
        Datum::Numeric(_) => 4,
        Datum::Text(_) => 5,
        Datum::Bytea(_) => 6,
        Datum::Uuid(_) => 7,
        Datum::Date(_) => 8,
        Datum::Time(_) => 9,
        Datum::TimeTz { .. } => 10,
        Datum::Timestamp(_) => 11,
        Datum::TimestampTz(_) => 12,
        Datum::Interval(_) => 13,
        Datum::Json(_) => 14,
        Datum::Jsonb(_) => 15,
        Datum::Char(_) => 16,
        Datum::Array(_) => 17,
        Datum::Record(_) => 18,
        Datum::Inet(_) => 19,
        Datum::JsonPath(_) => 20,
        Datum::Null => 21,
    }
}

/// Feeds a value to a hasher; equal values of a family feed the same.
pub fn hash<H: Hasher>(datum: &Datum, state: &mut H) {
    match datum {
        Datum::Int2(value) => i64::from(*value).hash(state),
        Datum::Int4(value) => i64::from(*value).hash(state),
        Datum::Int8(value) => value.hash(state),
        Datum::Oid(value) => i64::from(value.0).hash(state),
        Datum::Text(text) | Datum::Json(text) => state.write(text.as_bytes()),
        Datum::Uuid(bytes) => state.write(bytes),
        Datum::Null => state.write_u8(0),
        Datum::Bool(value) => value.hash(state),
        Datum::Float4(value) => hash_float(f64::from(*value), state),
        Datum::Float8(value) => hash_float(*value, state),
        Datum::Numeric(value) => value.hash(state),
        Datum::Bytea(bytes) => state.write(bytes),
        Datum::Date(days) => date_stamp(*days).hash(state),
        Datum::Timestamp(stamp) => wide_stamp(*stamp).hash(state),
        Datum::TimestampTz(value) | Datum::Time(value) => value.hash(state),
        Datum::TimeTz { micros, zone } => (micros, zone).hash(state),
        Datum::Interval(interval) => interval_span(*interval).hash(state),
        Datum::Jsonb(value) => value.hash(state),
        Datum::Char(byte) => byte.hash(state),
        Datum::Array(array) => hash_all(&array.elements, |_| array.element, state),
        Datum::Record(record) => hash_all(&record.values, |index| record.fields.get(index).map_or(Oid::INVALID, |field| field.1), state),
        Datum::Inet(inet) => inet.hash(state),
        // No operator compares paths.
        Datum::JsonPath(_) => {}
    }
}

/// [`hash`] for a value whose type is known: agrees with [`compare_typed`].
pub fn hash_typed<H: Hasher>(datum: &Datum, oid: Oid, state: &mut H) {
    match datum {
        Datum::Text(text) if oid == Oid::BPCHAR => state.write(trim_blanks(text).as_bytes()),
        _ => hash(datum, state),
    }
}

fn hash_all<H: Hasher>(values: &[Datum], oid: impl Fn(usize) -> Oid, state: &mut H) {
    state.write_usize(values.len());
    for (index, value) in values.iter().enumerate() {
        hash_typed(value, oid(index), state);
    }
}

/// The zeros hash alike, and so do all NaNs.
fn hash_float<H: Hasher>(value: f64, state: &mut H) {
    let canonical = if value == 0.0 {
        0.0
    } else if value.is_nan() {
        f64::NAN
    } else {
        value
    };
    state.write_u64(canonical.to_bits());
}

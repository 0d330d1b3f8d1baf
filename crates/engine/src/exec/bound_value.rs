//! Values of bounds that have another type than the key they bound.

use borealis_pgtypes::datetime::USECS_PER_DAY;
use borealis_pgtypes::datetime::arithmetic::date_to_timestamp;
use borealis_pgtypes::{Datum, Oid, Result};

use super::access::KeyColumn;
use crate::key;

/// Where a value stands among those that a key can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is one of them.
    Among,
    Below,
    Above,
}

/// Appends a value to a key when it is among those of the column. The planner lets no other pairs of types come here.
#[inline]
pub(super) fn encode(key: &mut Vec<u8>, column: KeyColumn, value: &Datum) -> Result<Place> {
    let fitting = match (value, column.oid) {
        (Datum::Int8(value), Oid::INT4 | Oid::INT2) => return integer(key, column, *value),
        (Datum::Int4(value), Oid::INT2) => return integer(key, column, i64::from(*value)),
        (Datum::Date(days), Oid::TIMESTAMP) => &Datum::Timestamp(midnight(*days)),
        _ => value,
    };
    key::encode(key, column.oid, fitting, column.nulls_first)?;
    Ok(Place::Among)
}

fn integer(key: &mut Vec<u8>, column: KeyColumn, value: i64) -> Result<Place> {
    let fitting = match column.oid {
        Oid::INT2 => i16::try_from(value).ok().map(Datum::Int2),
        _ => i32::try_from(value).ok().map(Datum::Int4),
    };
    match fitting {
        Some(value) => key::encode(key, column.oid, &value, column.nulls_first).map(|()| Place::Among),
        None if value < 0 => Ok(Place::Below),
        None => Ok(Place::Above),
    }
}

/// The first moment of a day, as timestamps order it: days beyond the last timestamp are above all of them, and below infinity.
fn midnight(days: i32) -> i64 {
    date_to_timestamp(days).unwrap_or(i64::MAX - 1)
}

/// A day or an instant moved a day outwards: down below a range, up above it. Infinities stay.
pub(super) fn outwards(value: Datum, down: bool) -> Datum {
    let step: i32 = if down { -1 } else { 1 };
    let moved = |micros: i64| match micros {
        i64::MIN | i64::MAX => micros,
        micros => micros.saturating_add(i64::from(step) * USECS_PER_DAY),
    };
    match value {
        Datum::Date(days @ (i32::MIN | i32::MAX)) => Datum::Date(days),
        Datum::Date(days) => Datum::Date(days.saturating_add(step)),
        Datum::Timestamp(micros) => Datum::Timestamp(moved(micros)),
        Datum::TimestampTz(micros) => Datum::TimestampTz(moved(micros)),
        other => other,
    }
}

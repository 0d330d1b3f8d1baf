//! Values of bounds that have another type than the key they bound.

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

const DAY_MICROS: i64 = 86_400_000_000;

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
    match days {
        i32::MIN => i64::MIN,
        i32::MAX => i64::MAX,
        days => i64::from(days).saturating_mul(DAY_MICROS).clamp(i64::MIN + 1, i64::MAX - 1),
    }
}

/// A day or an instant moved a day outwards: down below a range, up above it. Infinities stay.
pub(super) fn outwards(value: Datum, down: bool) -> Datum {
    let step = if down { -1 } else { 1 };
    let moved = |micros: i64| match micros {
        i64::MIN | i64::MAX => micros,
        micros => micros.saturating_add(step * DAY_MICROS),
    };
    match value {
        Datum::Date(days @ (i32::MIN | i32::MAX)) => Datum::Date(days),
        Datum::Date(days) => Datum::Date(days.saturating_add(if down { -1 } else { 1 })),
        Datum::Timestamp(micros) => Datum::Timestamp(moved(micros)),
        Datum::TimestampTz(micros) => Datum::TimestampTz(moved(micros)),
        other => other,
    }
}

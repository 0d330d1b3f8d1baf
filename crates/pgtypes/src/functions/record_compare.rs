//! Comparison of rows, alone and in arrays. What the fields are is known only here, so here it is found out that two rows cannot be compared. After
//! `record_eq` and `record_cmp`.

use std::cmp::Ordering;

use crate::compare::{compare, compare_typed};
use crate::{ArrayValue, Datum, Oid, RecordValue, Result, SqlError, SqlState, types};

/// What a comparison asks of the types of fields.
#[derive(Clone, Copy)]
pub(super) enum Asked {
    Equality,
    Order,
}

/// Compares two values of one type; only rows make it fail.
#[inline]
pub(super) fn order(left: &Datum, right: &Datum, asked: Asked) -> Result<Ordering> {
    match (left, right) {
        (Datum::Record(left), Datum::Record(right)) => rows(left, right, asked),
        // Arrays of other dimensions are never equal, whatever they hold.
        (Datum::Array(a), Datum::Array(b))
            if a.element == Oid::RECORD && (matches!(asked, Asked::Order) || a.dimensions == b.dimensions) =>
        {
            arrays(a, b, asked).map(|order| order.then_with(|| compare(left, right)))
        }
        _ => Ok(compare(left, right)),
    }
}

/// The first elements that differ.
fn arrays(left: &ArrayValue, right: &ArrayValue, asked: Asked) -> Result<Ordering> {
    for (left, right) in left.elements.iter().zip(&right.elements) {
        let order = order(left, right, asked)?;
        if order.is_ne() {
            return Ok(order);
        }
    }
    Ok(Ordering::Equal)
}

/// Field by field: what stands behind the first difference is not looked at.
fn rows(left: &RecordValue, right: &RecordValue, asked: Asked) -> Result<Ordering> {
    let fields = left.fields.iter().zip(right.fields.iter());
    for (index, ((a, b), types)) in left.values.iter().zip(&right.values).zip(fields).enumerate() {
        let (left_type, right_type) = (types.0.1, types.1.1);
        if left_type != right_type {
            return Err(dissimilar(left_type, right_type, index + 1));
        }
        check_comparable(left_type, asked)?;
        let order = match a {
            Datum::Record(_) => order(a, b, asked)?,
            Datum::Array(array) if array.element == Oid::RECORD => order(a, b, asked)?,
            _ => compare_typed(a, b, left_type),
        };
        if order.is_ne() {
            return Ok(order);
        }
    }
    if left.values.len() != right.values.len() {
        return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, "cannot compare record types with different numbers of columns"));
    }
    Ok(Ordering::Equal)
}

fn dissimilar(left: Oid, right: Oid, column: usize) -> SqlError {
    let (left, right) = (display(left), display(right));
    let message = format!("cannot compare dissimilar column types {left} and {right} at record column {column}");
    SqlError::new(SqlState::DATATYPE_MISMATCH, message)
}

fn check_comparable(ty: Oid, asked: Asked) -> Result<()> {
    if !matches!(types::element_of(ty).unwrap_or(ty), Oid::JSON | Oid::JSONPATH) {
        return Ok(());
    }
    let what = match asked {
        Asked::Equality => "an equality operator",
        Asked::Order => "a comparison function",
    };
    Err(SqlError::new(SqlState::UNDEFINED_FUNCTION, format!("could not identify {what} for type {}", display(ty))))
}

fn display(ty: Oid) -> String {
    types::format_type(crate::Type::plain(ty))
}

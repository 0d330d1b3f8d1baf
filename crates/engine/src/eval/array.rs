//! Arrays: construction, subscripts, element-wise casts.

use std::sync::Arc;

use borealis_pgtypes::{ArrayValue, Datum, Oid, Result, SqlError, SqlState};

use super::run::with_case_arg;
use super::{Code, Runtime, SubscriptCode};

/// PostgreSQL's `MAXDIM`.
const DIMENSIONS_MAX: usize = 6;

/// `ARRAY[..]`.
pub(super) fn build(rt: &mut Runtime<'_>, element: Oid, items: &[Code], nested: bool, row: &[Datum]) -> Result<Datum> {
    let values = items.iter().map(|item| item.eval(rt, row)).collect::<Result<Vec<_>>>()?;
    if nested { stack(element, &values) } else { Ok(Datum::Array(Arc::new(ArrayValue::one_dimensional(element, values)))) }
}

/// An array with one more dimension than its parts.
pub(crate) fn stack(element: Oid, parts: &[Datum]) -> Result<Datum> {
    let mut inner: Option<Vec<(i32, i32)>> = None;
    let mut elements = Vec::new();
    let mut count = 0;
    let mut gap = false;
    for part in parts {
        let part = match part {
            Datum::Array(part) if !part.elements.is_empty() => part,
            Datum::Array(_) | Datum::Null => {
                gap = true;
                continue;
            }
            _ => return Err(SqlError::internal("an array of arrays with a part that is no array")),
        };
        if inner.as_ref().is_some_and(|inner| *inner != part.dimensions) {
            return Err(mismatched());
        }
        inner.get_or_insert_with(|| part.dimensions.clone());
        elements.extend_from_slice(&part.elements);
        count += 1;
    }
    let Some(inner) = inner else { return Ok(Datum::Array(Arc::new(ArrayValue { element, dimensions: Vec::new(), elements }))) };
    if gap {
        return Err(mismatched());
    }
    if inner.len() >= DIMENSIONS_MAX {
        let message = format!("number of array dimensions ({}) exceeds the maximum allowed ({DIMENSIONS_MAX})", inner.len() + 1);
        return Err(SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message));
    }
    let mut dimensions = vec![(count, 1)];
    dimensions.extend(inner);
    Ok(Datum::Array(Arc::new(ArrayValue { element, dimensions, elements })))
}

fn mismatched() -> SqlError {
    SqlError::new(SqlState::ARRAY_SUBSCRIPT_ERROR, "multidimensional arrays must have array expressions with matching dimensions")
}

/// Casts every element; each is the CASE argument while `element` runs.
pub(super) fn map_elements(rt: &mut Runtime<'_>, value: &Datum, element: &Code, to: Oid, row: &[Datum]) -> Result<Datum> {
    let array = match value {
        Datum::Null => return Ok(Datum::Null),
        Datum::Array(array) => array,
        _ => return Err(SqlError::internal("an element-wise cast of a value that is no array")),
    };
    let mut elements = Vec::with_capacity(array.elements.len());
    for value in &array.elements {
        elements.push(with_case_arg(rt, value.clone(), |rt| element.eval(rt, row))?);
    }
    Ok(Datum::Array(Arc::new(ArrayValue { element: to, dimensions: array.dimensions.clone(), elements })))
}

/// `base[..]...`: an element when all subscripts are indexes, an array when one is a slice; NULL outside of the array.
pub(super) fn subscript(rt: &mut Runtime<'_>, base: &Datum, subscripts: &[SubscriptCode], row: &[Datum]) -> Result<Datum> {
    let array = match base {
        Datum::Null => return Ok(Datum::Null),
        Datum::Array(array) => array,
        _ => return Err(SqlError::unsupported("subscripts of values that are no arrays are not supported")),
    };
    let sliced = subscripts.iter().any(|subscript| matches!(subscript, SubscriptCode::Slice(..)));
    let mut ranges = Vec::with_capacity(subscripts.len());
    for (dimension, subscript) in subscripts.iter().enumerate() {
        match range(rt, array, dimension, subscript, sliced, row)? {
            Some(range) => ranges.push(range),
            None => return Ok(Datum::Null),
        }
    }
    if sliced { Ok(slice(array, &ranges)) } else { Ok(element(array, &ranges)) }
}

/// The bounds a subscript asks for, both included; `None` when one is NULL. In a slice, a plain index `n` means `1:n`.
fn range(
    rt: &mut Runtime<'_>,
    array: &ArrayValue,
    dimension: usize,
    subscript: &SubscriptCode,
    sliced: bool,
    row: &[Datum],
) -> Result<Option<(i32, i32)>> {
    let (length, first) = array.dimensions.get(dimension).copied().unwrap_or((0, 1));
    match subscript {
        SubscriptCode::Index(index) => {
            let Some(index) = bound(rt, index, row)? else { return Ok(None) };
            Ok(Some(if sliced { (1, index) } else { (index, index) }))
        }
        SubscriptCode::Slice(lower, upper) => {
            let lower = match lower {
                Some(lower) => bound(rt, lower, row)?,
                None => Some(first),
            };
            let upper = match upper {
                Some(upper) => bound(rt, upper, row)?,
                None => Some(first.saturating_add(length).saturating_sub(1)),
            };
            Ok(lower.zip(upper))
        }
    }
}

fn bound(rt: &mut Runtime<'_>, code: &Code, row: &[Datum]) -> Result<Option<i32>> {
    match code.eval(rt, row)? {
        Datum::Int4(index) => Ok(Some(index)),
        Datum::Null => Ok(None),
        _ => Err(SqlError::internal("an array subscript that is no integer")),
    }
}

fn element(array: &ArrayValue, ranges: &[(i32, i32)]) -> Datum {
    if ranges.len() != array.dimensions.len() {
        return Datum::Null;
    }
    let mut offset = 0usize;
    for (&(length, first), &(index, _)) in array.dimensions.iter().zip(ranges) {
        let place = i64::from(index) - i64::from(first);
        match usize::try_from(place) {
            Ok(place) if place < usize::try_from(length).unwrap_or(0) => offset = offset * usize::try_from(length).unwrap_or(0) + place,
            _ => return Datum::Null,
        }
    }
    array.elements.get(offset).cloned().unwrap_or_default()
}

fn slice(array: &ArrayValue, ranges: &[(i32, i32)]) -> Datum {
    let empty = || Datum::Array(Arc::new(ArrayValue { element: array.element, dimensions: Vec::new(), elements: Vec::new() }));
    if array.dimensions.is_empty() || ranges.len() > array.dimensions.len() {
        return empty();
    }
    // Per dimension: first place taken, number taken.
    let mut taken = Vec::with_capacity(array.dimensions.len());
    for (dimension, &(length, first)) in array.dimensions.iter().enumerate() {
        let last = first.saturating_add(length).saturating_sub(1);
        let (lower, upper) = ranges.get(dimension).copied().unwrap_or((first, last));
        let (lower, upper) = (lower.max(first), upper.min(last));
        if lower > upper {
            return empty();
        }
        let places = (i64::from(lower) - i64::from(first), i64::from(upper) - i64::from(lower) + 1);
        taken.push((usize::try_from(places.0).unwrap_or(0), usize::try_from(places.1).unwrap_or(0)));
    }
    let mut elements = Vec::new();
    copy_slice(array, &taken, 0, 0, &mut elements);
    let dimensions = taken.iter().map(|(_, count)| (i32::try_from(*count).unwrap_or(i32::MAX), 1)).collect();
    Datum::Array(Arc::new(ArrayValue { element: array.element, dimensions, elements }))
}

fn copy_slice(array: &ArrayValue, taken: &[(usize, usize)], dimension: usize, offset: usize, into: &mut Vec<Datum>) {
    let Some(&(from, count)) = taken.get(dimension) else {
        into.extend(array.elements.get(offset).cloned());
        return;
    };
    let length = usize::try_from(array.dimensions[dimension].0).unwrap_or(0);
    for place in from..from + count {
        copy_slice(array, taken, dimension + 1, offset * length + place, into);
    }
}

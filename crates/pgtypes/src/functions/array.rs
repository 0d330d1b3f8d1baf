//! Arrays: shape, search, change, containment, expansion.

use std::sync::Arc;

use super::args::{array, boolean, count, give_text, int4, invalid_parameter, optional};
use crate::compare::{compare, equal};
use crate::{ArrayValue, CallContext, Datum, Oid, Result, SqlError, SqlState, types};

type Rows = crate::RowSet;

/// Elements an array may have.
const ELEMENTS_MAX: i64 = 0x7ff_ffff;

fn give(array: ArrayValue) -> Result<Datum> {
    Ok(Datum::Array(Arc::new(array)))
}

fn subscript_error(message: impl Into<String>) -> SqlError {
    SqlError::new(SqlState::ARRAY_SUBSCRIPT_ERROR, message)
}

fn size_error() -> SqlError {
    SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, format!("array size exceeds the maximum allowed ({ELEMENTS_MAX})"))
}

fn unsupported_dimensions(message: &str) -> SqlError {
    SqlError::unsupported(message)
}

/// `(length, lower bound)` of a 1-based dimension.
fn dimension(args: &[Datum]) -> Result<Option<(i32, i32)>> {
    let value = array(args, 0)?;
    Ok(usize::try_from(int4(args, 1)? - 1).ok().and_then(|index| value.dimensions.get(index).copied()))
}

fn optional_int(value: Option<i32>) -> Datum {
    value.map_or(Datum::Null, Datum::Int4)
}

pub(super) fn array_ndims(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let dimensions = array(args, 0)?.dimensions.len();
    Ok(if dimensions == 0 { Datum::Null } else { Datum::Int4(count(dimensions)) })
}

pub(super) fn array_dims(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let value = array(args, 0)?;
    if value.dimensions.is_empty() {
        return Ok(Datum::Null);
    }
    give_text(&value.dimensions.iter().map(|(length, lower)| format!("[{lower}:{}]", lower + length - 1)).collect::<String>())
}

pub(super) fn array_length(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(optional_int(dimension(args)?.map(|(length, _)| length)))
}

pub(super) fn array_lower(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(optional_int(dimension(args)?.map(|(_, lower)| lower)))
}

pub(super) fn array_upper(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(optional_int(dimension(args)?.map(|(length, lower)| lower + length - 1)))
}

pub(super) fn array_cardinality(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(count(array(args, 0)?.elements.len())))
}

/// The element type of the call's result.
fn result_element(call: &CallContext<'_>) -> Oid {
    types::element_of(call.result_type).unwrap_or(Oid::TEXT)
}

/// The array argument, NULL standing for an empty array of the result's element type.
fn array_or_empty(call: &CallContext<'_>, args: &[Datum], index: usize) -> Result<ArrayValue> {
    Ok(match optional(args, index, array)? {
        Some(value) => value.clone(),
        None => ArrayValue { element: result_element(call), dimensions: Vec::new(), elements: Vec::new() },
    })
}

fn check_one_dimension(value: &ArrayValue) -> Result<()> {
    if value.dimensions.len() > 1 {
        return Err(SqlError::new(
            SqlState::from_text("22000").unwrap_or(SqlState::INTERNAL_ERROR),
            "argument must be empty or one-dimensional array",
        ));
    }
    Ok(())
}

pub(super) fn array_append(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut value = array_or_empty(call, args, 0)?;
    check_one_dimension(&value)?;
    match value.dimensions.first_mut() {
        Some((length, lower)) => {
            lower.checked_add(*length).ok_or_else(|| super::args::out_of_range("integer"))?;
            *length += 1;
        }
        None => value.dimensions.push((1, 1)),
    }
    value.elements.push(args[1].clone());
    give(value)
}

/// The lower bound stays, so that the first element keeps its subscript.
pub(super) fn array_prepend(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut value = array_or_empty(call, args, 1)?;
    check_one_dimension(&value)?;
    match value.dimensions.first_mut() {
        Some((length, _)) => *length += 1,
        None => value.dimensions.push((1, 1)),
    }
    value.elements.insert(0, args[0].clone());
    give(value)
}

fn incompatible(detail: &str) -> SqlError {
    subscript_error("cannot concatenate incompatible arrays").detail(detail.to_owned())
}

/// `||` of two arrays: equal shapes join along the first dimension; an array one dimension smaller counts as one element.
pub(super) fn array_cat(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (left, right) = match (optional(args, 0, array)?, optional(args, 1, array)?) {
        (None, None) => return Ok(Datum::Null),
        (Some(_), None) => return Ok(args[0].clone()),
        (None, Some(_)) => return Ok(args[1].clone()),
        (Some(left), Some(right)) => (left, right),
    };
    if left.dimensions.is_empty() {
        return Ok(args[1].clone());
    }
    if right.dimensions.is_empty() {
        return Ok(args[0].clone());
    }
    let dimensions = joined_dimensions(&left.dimensions, &right.dimensions)?;
    let elements = left.elements.iter().chain(&right.elements).cloned().collect();
    give(ArrayValue { element: left.element, dimensions, elements })
}

fn joined_dimensions(left: &[(i32, i32)], right: &[(i32, i32)]) -> Result<Vec<(i32, i32)>> {
    if left.len() == right.len() {
        if left[1..] != right[1..] {
            return Err(incompatible("Arrays with differing element dimensions are not compatible for concatenation."));
        }
        let mut dimensions = left.to_vec();
        dimensions[0].0 += right[0].0;
        return Ok(dimensions);
    }
    let (outer, inner) = if left.len() > right.len() { (left, right) } else { (right, left) };
    if outer.len() != inner.len() + 1 {
        return Err(incompatible(&format!(
            "Arrays of {} and {} dimensions are not compatible for concatenation.",
            left.len(),
            right.len()
        )));
    }
    if outer[1..] != *inner {
        return Err(incompatible("Arrays with differing dimensions are not compatible for concatenation."));
    }
    let mut dimensions = outer.to_vec();
    dimensions[0].0 += 1;
    Ok(dimensions)
}

/// NULL equals NULL here.
fn same(left: &Datum, right: &Datum) -> bool {
    match (left.is_null(), right.is_null()) {
        (true, true) => true,
        (false, false) => equal(left, right),
        _ => false,
    }
}

pub(super) fn array_remove(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(value) = optional(args, 0, array)? else { return Ok(Datum::Null) };
    if value.dimensions.len() > 1 {
        return Err(unsupported_dimensions("removing elements from multidimensional arrays is not supported"));
    }
    let elements: Vec<Datum> = value.elements.iter().filter(|element| !same(element, &args[1])).cloned().collect();
    if elements.len() == value.elements.len() {
        return Ok(args[0].clone());
    }
    let dimensions = if elements.is_empty() { Vec::new() } else { vec![(count(elements.len()), value.dimensions[0].1)] };
    give(ArrayValue { element: value.element, dimensions, elements })
}

pub(super) fn array_replace(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(value) = optional(args, 0, array)? else { return Ok(Datum::Null) };
    let elements = value.elements.iter().map(|element| if same(element, &args[1]) { args[2].clone() } else { element.clone() }).collect();
    give(ArrayValue { element: value.element, dimensions: value.dimensions.clone(), elements })
}

/// Subscripts of equal elements, from `start` on.
fn positions<'a>(value: &'a ArrayValue, wanted: &'a Datum, start: i32) -> impl Iterator<Item = i32> + 'a {
    let lower = value.dimensions.first().map_or(1, |(_, lower)| *lower);
    value
        .elements
        .iter()
        .zip(lower..)
        .filter(move |(element, subscript)| *subscript >= start && same(element, wanted))
        .map(|(_, subscript)| subscript)
}

fn searchable(args: &[Datum]) -> Result<Option<&ArrayValue>> {
    let Some(value) = optional(args, 0, array)? else { return Ok(None) };
    if value.dimensions.len() > 1 {
        return Err(unsupported_dimensions("searching for elements in multidimensional arrays is not supported"));
    }
    Ok(Some(value))
}

pub(super) fn array_position(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(value) = searchable(args)? else { return Ok(Datum::Null) };
    if value.elements.is_empty() || (args[1].is_null() && !value.elements.iter().any(Datum::is_null)) {
        return Ok(Datum::Null);
    }
    let start = match args.get(2) {
        None => i32::MIN,
        Some(Datum::Null) => return Err(SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, "initial position must not be null")),
        Some(_) => int4(args, 2)?,
    };
    Ok(optional_int(positions(value, &args[1], start).next()))
}

pub(super) fn array_position_start(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    array_position(call, args)
}

pub(super) fn array_positions(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let Some(value) = searchable(args)? else { return Ok(Datum::Null) };
    let found = positions(value, &args[1], i32::MIN).map(Datum::Int4).collect();
    give(ArrayValue::one_dimensional(Oid::INT4, found))
}

fn int_elements(value: &ArrayValue) -> Result<Vec<i32>> {
    if value.elements.iter().any(Datum::is_null) {
        return Err(SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, "dimension values cannot be null"));
    }
    (0..value.elements.len()).map(|index| int4(&value.elements, index)).collect()
}

fn fill(call: &CallContext<'_>, value: &Datum, lengths: &ArrayValue, lowers: Option<&ArrayValue>) -> Result<Datum> {
    if lengths.dimensions.len() > 1 || lowers.is_some_and(|lowers| lowers.dimensions.len() > 1) {
        return Err(subscript_error("wrong number of array subscripts").detail("Dimension array must be one dimensional."));
    }
    let lengths = int_elements(lengths)?;
    let lowers = lowers.map_or_else(|| Ok(vec![1; lengths.len()]), int_elements)?;
    if lengths.len() > 6 {
        return Err(SqlError::new(
            SqlState::PROGRAM_LIMIT_EXCEEDED,
            format!("number of array dimensions ({}) exceeds the maximum allowed (6)", lengths.len()),
        ));
    }
    if lowers.len() != lengths.len() {
        return Err(subscript_error("wrong number of array subscripts").detail("Low bound array has different size than dimensions array."));
    }
    let total = lengths.iter().try_fold(1i64, |total, length| {
        if *length < 0 { None } else { total.checked_mul(i64::from(*length)).filter(|total| *total <= ELEMENTS_MAX) }
    });
    let total = usize::try_from(total.ok_or_else(size_error)?).map_err(|_| size_error())?;
    let element = result_element(call);
    if lengths.is_empty() || total == 0 {
        return give(ArrayValue { element, dimensions: Vec::new(), elements: Vec::new() });
    }
    give(ArrayValue { element, dimensions: lengths.into_iter().zip(lowers).collect(), elements: vec![value.clone(); total] })
}

fn null_dimensions() -> SqlError {
    SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, "dimension array or low bound array cannot be null")
}

pub(super) fn array_fill(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let lengths = optional(args, 1, array)?.ok_or_else(null_dimensions)?;
    fill(call, &args[0], lengths, None)
}

pub(super) fn array_fill_with_lower_bounds(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let lengths = optional(args, 1, array)?.ok_or_else(null_dimensions)?;
    let lowers = optional(args, 2, array)?.ok_or_else(null_dimensions)?;
    fill(call, &args[0], lengths, Some(lowers))
}

/// Drops elements from the end of the first dimension.
pub(super) fn trim_array(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (value, drop) = (array(args, 0)?, int4(args, 1)?);
    let length = value.dimensions.first().map_or(0, |(length, _)| *length);
    if drop < 0 || drop > length {
        return Err(subscript_error(format!("number of elements to trim must be between 0 and {length}")));
    }
    if length == drop {
        return give(ArrayValue { element: value.element, dimensions: Vec::new(), elements: Vec::new() });
    }
    let kept = length - drop;
    let row = value.elements.len() / usize::try_from(length).unwrap_or(1);
    let mut dimensions: Vec<(i32, i32)> = value.dimensions.iter().map(|(length, _)| (*length, 1)).collect();
    dimensions[0] = (kept, 1);
    give(ArrayValue { element: value.element, dimensions, elements: value.elements[..usize::try_from(kept).unwrap_or(0) * row].to_vec() })
}

/// Whether every non-NULL element of `part` is in `whole`; NULLs match nothing.
fn contains(whole: &ArrayValue, part: &ArrayValue) -> bool {
    /// Below this many comparisons a nested loop beats sorting.
    const NESTED_LOOP_MAX: usize = 256;
    if part.elements.iter().any(Datum::is_null) {
        return false;
    }
    if whole.elements.len() * part.elements.len() <= NESTED_LOOP_MAX {
        return part.elements.iter().all(|wanted| whole.elements.iter().any(|element| !element.is_null() && equal(element, wanted)));
    }
    let sorted = sorted_elements(whole);
    part.elements.iter().all(|wanted| sorted.binary_search_by(|element| compare(element, wanted)).is_ok())
}

fn sorted_elements(value: &ArrayValue) -> Vec<&Datum> {
    let mut elements: Vec<&Datum> = value.elements.iter().filter(|element| !element.is_null()).collect();
    elements.sort_unstable_by(|left, right| compare(left, right));
    elements
}

pub(super) fn arraycontains(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(contains(array(args, 0)?, array(args, 1)?)))
}

pub(super) fn arraycontained(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(contains(array(args, 1)?, array(args, 0)?)))
}

pub(super) fn arrayoverlap(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (left, right) = (array(args, 0)?, sorted_elements(array(args, 1)?));
    let common = |element: &Datum| !element.is_null() && right.binary_search_by(|other| compare(other, element)).is_ok();
    Ok(Datum::Bool(left.elements.iter().any(common)))
}

struct Elements {
    array: Arc<ArrayValue>,
    next: usize,
}

impl Iterator for Elements {
    type Item = Result<Vec<Datum>>;

    fn next(&mut self) -> Option<Self::Item> {
        let element = self.array.elements.get(self.next)?.clone();
        self.next += 1;
        Some(Ok(vec![element]))
    }
}

/// `unnest(anyarray)`
pub(super) fn array_unnest(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    match args.first() {
        Some(Datum::Array(array)) => Ok(Box::new(Elements { array: Arc::clone(array), next: 0 })),
        _ => Err(invalid_parameter("unnest needs an array")),
    }
}

pub(super) fn generate_subscripts(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    let Some((length, lower)) = dimension(args)? else { return Ok(Box::new(std::iter::empty())) };
    let reverse = args.len() > 2 && boolean(args, 2)?;
    let subscripts = (0..length).map(move |index| Ok(vec![Datum::Int4(lower + if reverse { length - 1 - index } else { index })]));
    Ok(Box::new(subscripts))
}

pub(super) fn generate_subscripts_nodir(call: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    generate_subscripts(call, args)
}

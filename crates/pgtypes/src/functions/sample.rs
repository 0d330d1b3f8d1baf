//! `array_shuffle` and `array_sample`.

use std::sync::Arc;

use super::args::{array, count, int4, invalid_parameter};
use crate::{ArrayValue, CallContext, Datum, Result};

/// `wanted` of the first `length` numbers, each at most once, in random order.
fn permutation(call: &CallContext<'_>, length: usize, wanted: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    for place in 0..wanted.min(length) {
        let mut bytes = [0; 8];
        call.eval.host.random_bytes(&mut bytes);
        let left = u64::try_from(length - place).unwrap_or(1);
        // The bias of the remainder is below 2^-32 for every array that fits the memory.
        let offset = usize::try_from(u64::from_le_bytes(bytes) % left).unwrap_or(0);
        order.swap(place, place + offset);
    }
    order.truncate(wanted);
    order
}

/// The first dimension of an array taken apart, `wanted` of its parts in random order.
fn sample(call: &CallContext<'_>, array: &ArrayValue, wanted: usize, lower: i32) -> Datum {
    let Some(((length, _), rest)) = array.dimensions.split_first() else {
        return Datum::Array(Arc::new(array.clone()));
    };
    let length = usize::try_from(*length).unwrap_or(0);
    let part = array.elements.len() / length.max(1);
    let order = permutation(call, length, wanted);
    let elements: Vec<Datum> = order.iter().flat_map(|index| array.elements[index * part..(index + 1) * part].iter().cloned()).collect();
    let mut dimensions = vec![(count(order.len()), lower)];
    dimensions.extend_from_slice(rest);
    if elements.is_empty() {
        dimensions.clear();
    }
    Datum::Array(Arc::new(ArrayValue { element: array.element, dimensions, elements }))
}

pub(super) fn array_shuffle(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let array = array(args, 0)?;
    let (length, lower) = array.dimensions.first().copied().unwrap_or((0, 1));
    Ok(sample(call, array, usize::try_from(length).unwrap_or(0), lower))
}

pub(super) fn array_sample(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let array = array(args, 0)?;
    let length = array.dimensions.first().map_or(0, |(length, _)| *length);
    let wanted = int4(args, 1)?;
    if wanted < 0 || wanted > length {
        return Err(invalid_parameter(format!("sample size must be between 0 and {length}")));
    }
    Ok(sample(call, array, usize::try_from(wanted).unwrap_or(0), 1))
}

//! Arrays and records in binary: the parts' types travel with them.

use std::sync::Arc;

use super::receive::{Reader, invalid, receive};
use super::send;
use crate::array::{DIMENSIONS_MAX, ELEMENTS_MAX};
use crate::{ArrayValue, Datum, EvalContext, Oid, RecordValue, Result, SqlError, SqlState, Type, types};

/// Length that stands for NULL.
const NULL_LENGTH: i32 = -1;

pub(super) fn send_array(array: &ArrayValue, _oid: Oid, out: &mut Vec<u8>) -> Result<()> {
    let int = |value: usize| i32::try_from(value).unwrap_or(i32::MAX).to_be_bytes();
    out.extend_from_slice(&int(array.dimensions.len()));
    out.extend_from_slice(&i32::from(array.elements.iter().any(Datum::is_null)).to_be_bytes());
    out.extend_from_slice(&array.element.0.to_be_bytes());
    for (length, lower) in &array.dimensions {
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(&lower.to_be_bytes());
    }
    array.elements.iter().try_for_each(|element| send_part(element, array.element, out))
}

pub(super) fn send_record(record: &RecordValue, out: &mut Vec<u8>) -> Result<()> {
    out.extend_from_slice(&i32::try_from(record.values.len()).unwrap_or(i32::MAX).to_be_bytes());
    for ((_, oid), value) in record.fields.iter().zip(&record.values) {
        out.extend_from_slice(&oid.0.to_be_bytes());
        send_part(value, *oid, out)?;
    }
    Ok(())
}

/// A length and as many bytes.
fn send_part(value: &Datum, oid: Oid, out: &mut Vec<u8>) -> Result<()> {
    if value.is_null() {
        out.extend_from_slice(&NULL_LENGTH.to_be_bytes());
        return Ok(());
    }
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    send(value, oid, out)?;
    let length = i32::try_from(out.len() - at - 4).unwrap_or(i32::MAX);
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}

pub(super) fn receive_array(bytes: &[u8], element: Type, ctx: &EvalContext<'_>) -> Result<Datum> {
    let mut reader = Reader::new(bytes);
    let count = reader.i32()?;
    let dimension_count = usize::try_from(count).map_err(|_| invalid(format!("invalid number of dimensions: {count}")))?;
    if dimension_count > DIMENSIONS_MAX {
        return Err(SqlError::new(
            SqlState::PROGRAM_LIMIT_EXCEEDED,
            format!("number of array dimensions ({count}) exceeds the maximum allowed ({DIMENSIONS_MAX})"),
        ));
    }
    let flags = reader.i32()?;
    if flags != 0 && flags != 1 {
        return Err(invalid("invalid array flags"));
    }
    let sent = Oid(u32::from_be_bytes(reader.array()?));
    if sent != element.oid {
        return Err(wrong_element(sent, element.oid));
    }
    let dimensions = (0..dimension_count).map(|_| Ok((reader.i32()?, reader.i32()?))).collect::<Result<Vec<_>>>()?;
    let total = elements_of(&dimensions)?;
    let mut elements = Vec::with_capacity(total.min(reader.remaining() / 4));
    for _ in 0..total {
        elements.push(receive_part(&mut reader, element, ctx)?);
    }
    let dimensions = if elements.is_empty() { Vec::new() } else { dimensions };
    reader.end(Datum::Array(Arc::new(ArrayValue { element: element.oid, dimensions, elements })))
}

fn wrong_element(sent: Oid, expected: Oid) -> SqlError {
    let name = |oid| types::format_type(Type::plain(oid));
    SqlError::new(
        SqlState::DATATYPE_MISMATCH,
        format!("binary data has array element type {sent} ({}) instead of expected {expected} ({})", name(sent), name(expected)),
    )
}

fn elements_of(dimensions: &[(i32, i32)]) -> Result<usize> {
    if dimensions.is_empty() {
        return Ok(0);
    }
    let too_many = || SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, format!("array size exceeds the maximum allowed ({ELEMENTS_MAX})"));
    dimensions.iter().try_fold(1_usize, |total, (length, lower)| {
        lower
            .checked_add(*length)
            .ok_or_else(|| SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, format!("array lower bound is too large: {lower}")))?;
        usize::try_from(*length)
            .ok()
            .and_then(|length| total.checked_mul(length))
            .filter(|total| *total <= ELEMENTS_MAX)
            .ok_or_else(too_many)
    })
}

fn receive_part(reader: &mut Reader<'_>, ty: Type, ctx: &EvalContext<'_>) -> Result<Datum> {
    let length = reader.i32()?;
    if length == NULL_LENGTH {
        return Ok(Datum::Null);
    }
    let length = usize::try_from(length).map_err(|_| invalid("insufficient data left in message"))?;
    receive(ty, reader.bytes(length)?, ctx)
}

pub(super) fn receive_record(bytes: &[u8], ctx: &EvalContext<'_>) -> Result<Datum> {
    let mut reader = Reader::new(bytes);
    let count = reader.i32()?;
    let count = usize::try_from(count).map_err(|_| invalid(format!("wrong number of columns: {count}, expected 0")))?;
    let mut fields = Vec::with_capacity(count.min(reader.remaining() / 8));
    let mut values = Vec::with_capacity(fields.capacity());
    for index in 0..count {
        let oid = Oid(u32::from_be_bytes(reader.array()?));
        values.push(receive_part(&mut reader, Type::plain(oid), ctx)?);
        fields.push((Arc::from(format!("f{}", index + 1)), oid));
    }
    reader.end(Datum::Record(Arc::new(RecordValue { fields: fields.into(), values })))
}

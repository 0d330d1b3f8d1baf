//! Subscripts of `jsonb`, read and assigned. After `jsonbsubs.c`. A step is an `int4` or a `text`.

use std::borrow::Cow;
use std::sync::Arc;

use super::args::{int4, jsonb};
use crate::jsonb::Jsonb;
use crate::{CallContext, Datum, Result, SqlError, SqlState};

pub(super) fn element(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut value = jsonb(args, 0)?;
    for step in &args[1..] {
        match value.step(&spelled(step)?) {
            Some(found) => value = found,
            None => return Ok(Datum::Null),
        }
    }
    Ok(Datum::Jsonb(Arc::new(value.clone())))
}

pub(super) fn assigned(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut rest = &args[1..];
    let mut document = match &args[0] {
        Datum::Null => missing(rest.get(1)),
        _ => jsonb(args, 0)?.clone(),
    };
    while !rest.is_empty() {
        let steps = usize::try_from(int4(rest, 0)?).unwrap_or_default();
        let Some((path, after)) = rest[1..].split_at_checked(steps) else { return Err(SqlError::internal("an assignment cut short")) };
        let path = path.iter().map(spelled).collect::<Result<Vec<_>>>()?;
        let value = match after.first() {
            Some(Datum::Null) => Jsonb::Null,
            _ => jsonb(after, 0)?.clone(),
        };
        document.assign(&path, value)?;
        rest = &after[1..];
    }
    Ok(Datum::Jsonb(Arc::new(document)))
}

/// What stands for a document that is NULL: an array for an integer, an object for anything else.
fn missing(first_step: Option<&Datum>) -> Jsonb {
    match first_step {
        Some(Datum::Int4(_)) => Jsonb::Array(Vec::new()),
        _ => Jsonb::Object(Vec::new()),
    }
}

/// A step as a path spells it.
fn spelled(step: &Datum) -> Result<Cow<'_, str>> {
    match step {
        Datum::Int4(index) => Ok(Cow::Owned(index.to_string())),
        Datum::Text(name) => Ok(Cow::Borrowed(name)),
        Datum::Null => Err(SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, "jsonb subscript in assignment must not be null")),
        _ => Err(SqlError::internal("a subscript that is neither integer nor text")),
    }
}

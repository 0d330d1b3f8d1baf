//! Functions and operators over `jsonb`.

use std::sync::Arc;

use super::args::{array, boolean, count, give_text, int4, invalid_parameter, jsonb, optional, text, text_elements};
use crate::jsonb::{Insert, Jsonb, PathEdit};
use crate::numeric::Numeric;
use crate::{CallContext, Datum, Result, SqlError, SqlState};

type Rows = crate::RowSet;

#[derive(Clone, Copy)]
enum Form {
    Json,
    Text,
}

fn give(value: Jsonb) -> Result<Datum> {
    Ok(Datum::Jsonb(Arc::new(value)))
}

fn part(value: Option<&Jsonb>, form: Form) -> Datum {
    match (value, form) {
        (None, _) | (Some(Jsonb::Null), Form::Text) => Datum::Null,
        (Some(value), Form::Json) => Datum::Jsonb(Arc::new(value.clone())),
        (Some(Jsonb::String(text)), Form::Text) => Datum::Text(Arc::clone(text)),
        (Some(value), Form::Text) => Datum::text(&value.to_string()),
    }
}

fn field(args: &[Datum], form: Form) -> Result<Datum> {
    Ok(part(jsonb(args, 0)?.field(text(args, 1)?), form))
}

fn element(args: &[Datum], form: Form) -> Result<Datum> {
    let (value, index) = (jsonb(args, 0)?, int4(args, 1)?);
    // A scalar document is stored as an array of one, and here it shows.
    let found = if value.is_scalar() { matches!(index, 0 | -1).then_some(value) } else { value.element(index.into()) };
    Ok(part(found, form))
}

fn path(args: &[Datum], form: Form) -> Result<Datum> {
    let mut value = Some(jsonb(args, 0)?);
    for step in text_elements(args, 1)? {
        let Some(step) = step else { return Ok(Datum::Null) };
        value = value.and_then(|value| value.step(step));
    }
    Ok(part(value, form))
}

macro_rules! both_forms {
    ($($target:ident: fn $json:ident fn $text:ident;)*) => {
        $(pub(super) fn $json(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            $target(args, Form::Json)
        }
        pub(super) fn $text(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
            $target(args, Form::Text)
        })*
    };
}

both_forms! {
    field: fn jsonb_object_field fn jsonb_object_field_text;
    element: fn jsonb_array_element fn jsonb_array_element_text;
    path: fn jsonb_extract_path fn jsonb_extract_path_text;
}

pub(super) fn jsonb_typeof(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(jsonb(args, 0)?.type_name())
}

pub(super) fn jsonb_array_length(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    match jsonb(args, 0)? {
        Jsonb::Array(items) => Ok(Datum::Int4(count(items.len()))),
        Jsonb::Object(_) => Err(invalid_parameter("cannot get array length of a non-array")),
        _ => Err(invalid_parameter("cannot get array length of a scalar")),
    }
}

pub(super) fn jsonb_pretty(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let mut out = String::new();
    jsonb(args, 0)?.write_pretty(&mut out, 0);
    give_text(&out)
}

pub(super) fn jsonb_strip_nulls(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give(jsonb(args, 0)?.strip_nulls())
}

pub(super) fn jsonb_contains(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(jsonb(args, 0)?.contains(jsonb(args, 1)?)))
}

pub(super) fn jsonb_contained(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(jsonb(args, 1)?.contains(jsonb(args, 0)?)))
}

pub(super) fn jsonb_exists(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Bool(jsonb(args, 0)?.exists(text(args, 1)?)))
}

pub(super) fn jsonb_exists_any(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let value = jsonb(args, 0)?;
    Ok(Datum::Bool(text_elements(args, 1)?.into_iter().flatten().any(|key| value.exists(key))))
}

pub(super) fn jsonb_exists_all(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let value = jsonb(args, 0)?;
    Ok(Datum::Bool(text_elements(args, 1)?.into_iter().flatten().all(|key| value.exists(key))))
}

pub(super) fn jsonb_concat(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give(jsonb(args, 0)?.concat(jsonb(args, 1)?))
}

pub(super) fn jsonb_delete(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give(jsonb(args, 0)?.delete_keys(&[text(args, 1)?])?)
}

pub(super) fn jsonb_delete_array(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    one_dimensional(args, 1)?;
    let keys: Vec<&str> = text_elements(args, 1)?.into_iter().flatten().collect();
    give(jsonb(args, 0)?.delete_keys(&keys)?)
}

pub(super) fn jsonb_delete_idx(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give(jsonb(args, 0)?.delete_index(int4(args, 1)?)?)
}

fn one_dimensional(args: &[Datum], index: usize) -> Result<()> {
    if array(args, index)?.dimensions.len() > 1 {
        return Err(SqlError::new(SqlState::ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts"));
    }
    Ok(())
}

/// Changes a document along the path in argument 1.
fn edit(args: &[Datum], edit: PathEdit<'_>, on_scalar: &str) -> Result<Datum> {
    let value = jsonb(args, 0)?;
    one_dimensional(args, 1)?;
    if value.is_scalar() {
        return Err(invalid_parameter(on_scalar));
    }
    let path = text_elements(args, 1)?;
    if path.is_empty() {
        return Ok(args[0].clone());
    }
    give(value.edit_path(&path, edit)?)
}

fn is_empty(value: &Jsonb) -> bool {
    match value {
        Jsonb::Array(items) => items.is_empty(),
        Jsonb::Object(members) => members.is_empty(),
        _ => false,
    }
}

pub(super) fn jsonb_delete_path(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    if is_empty(jsonb(args, 0)?) {
        return Ok(args[0].clone());
    }
    edit(args, PathEdit::Delete, "cannot delete path in scalar")
}

pub(super) fn jsonb_set(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let (new, create) = (jsonb(args, 2)?, boolean(args, 3)?);
    if is_empty(jsonb(args, 0)?) && !create {
        return Ok(args[0].clone());
    }
    edit(args, if create { PathEdit::Create(new) } else { PathEdit::Replace(new) }, "cannot set path in scalar")
}

pub(super) fn jsonb_insert(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let place = if boolean(args, 3)? { Insert::After } else { Insert::Before };
    edit(args, PathEdit::Insert(jsonb(args, 2)?, place), "cannot set path in scalar")
}

/// `jsonb_set` that says what a NULL new value means.
pub(super) fn jsonb_set_lax(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    if args[0].is_null() || args[1].is_null() || args[3].is_null() {
        return Ok(Datum::Null);
    }
    let treatment_error = "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"";
    let treatment = optional(args, 4, text)?.ok_or_else(|| invalid_parameter(treatment_error))?;
    if !args[2].is_null() {
        return jsonb_set(call, &args[..4]);
    }
    match treatment {
        "raise_exception" => Err(SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, "JSON value must not be null")
            .detail("Exception was raised because null_value_treatment is \"raise_exception\".")
            .hint("To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.")),
        "use_json_null" => {
            let null = Datum::Jsonb(Arc::new(Jsonb::Null));
            jsonb_set(call, &[args[0].clone(), args[1].clone(), null, args[3].clone()])
        }
        "delete_key" => jsonb_delete_path(call, &args[..2]),
        "return_target" => Ok(args[0].clone()),
        _ => Err(invalid_parameter(treatment_error)),
    }
}

fn array_elements(args: &[Datum], form: Form) -> Result<Rows> {
    match jsonb(args, 0)? {
        Jsonb::Array(items) => {
            let rows: Vec<Datum> = items.iter().map(|item| part(Some(item), form)).collect();
            Ok(Box::new(rows.into_iter().map(|value| Ok(vec![value]))))
        }
        Jsonb::Object(_) => Err(invalid_parameter("cannot extract elements from an object")),
        _ => Err(invalid_parameter("cannot extract elements from a scalar")),
    }
}

pub(super) fn jsonb_array_elements(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    array_elements(args, Form::Json)
}

pub(super) fn jsonb_array_elements_text(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    array_elements(args, Form::Text)
}

fn each(args: &[Datum], form: Form, function: &str) -> Result<Rows> {
    match jsonb(args, 0)? {
        Jsonb::Object(members) => {
            let rows: Vec<Vec<Datum>> =
                members.iter().map(|(key, value)| vec![Datum::Text(Arc::clone(key)), part(Some(value), form)]).collect();
            Ok(Box::new(rows.into_iter().map(Ok)))
        }
        _ => Err(invalid_parameter(format!("cannot call {function} on a non-object"))),
    }
}

pub(super) fn jsonb_each(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    each(args, Form::Json, "jsonb_each")
}

pub(super) fn jsonb_each_text(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    each(args, Form::Text, "jsonb_each_text")
}

pub(super) fn jsonb_object_keys(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    match jsonb(args, 0)? {
        Jsonb::Object(members) => {
            let keys: Vec<Datum> = members.iter().map(|(key, _)| Datum::Text(Arc::clone(key))).collect();
            Ok(Box::new(keys.into_iter().map(|key| Ok(vec![key]))))
        }
        Jsonb::Array(_) => Err(invalid_parameter("cannot call jsonb_object_keys on an array")),
        _ => Err(invalid_parameter("cannot call jsonb_object_keys on a scalar")),
    }
}

fn cannot_cast(value: &Jsonb, target: &str) -> SqlError {
    let article = match value {
        Jsonb::Null => "null",
        Jsonb::Bool(_) => "boolean",
        Jsonb::Number(_) => "numeric",
        Jsonb::String(_) => "string",
        Jsonb::Array(_) => "array",
        Jsonb::Object(_) => "object",
    };
    invalid_parameter(format!("cannot cast jsonb {article} to type {target}"))
}

fn number<'a>(args: &'a [Datum], target: &str) -> Result<&'a Numeric> {
    match jsonb(args, 0)? {
        Jsonb::Number(number) => Ok(number),
        other => Err(cannot_cast(other, target)),
    }
}

pub(super) fn jsonb_bool(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    match jsonb(args, 0)? {
        Jsonb::Bool(value) => Ok(Datum::Bool(*value)),
        other => Err(cannot_cast(other, "boolean")),
    }
}

pub(super) fn jsonb_numeric(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    Ok(Datum::Numeric(Arc::new(number(args, "numeric")?.clone())))
}

pub(super) fn jsonb_int2(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    number(args, "smallint")?.to_i16().map(Datum::Int2)
}

pub(super) fn jsonb_int4(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    number(args, "integer")?.to_i32().map(Datum::Int4)
}

pub(super) fn jsonb_int8(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    number(args, "bigint")?.to_i64().map(Datum::Int8)
}

pub(super) fn jsonb_float4(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    number(args, "real")?.to_f32().map(Datum::Float4)
}

pub(super) fn jsonb_float8(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    number(args, "double precision")?.to_f64().map(Datum::Float8)
}

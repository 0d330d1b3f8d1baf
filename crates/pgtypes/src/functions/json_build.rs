//! Making `json` and `jsonb` from SQL values.

use std::sync::Arc;

use super::args::{array, boolean, invalid_parameter, text_elements};
use super::sql_json::{self, ObjectRules};
use crate::json::write_string;
use crate::jsonb::Jsonb;
use crate::numeric::Numeric;
use crate::text::{output, output_in};
use crate::{ArrayValue, CallContext, DateStyle, Datum, EvalContext, Oid, RecordValue, Result, Settings, SqlError, SqlState};

pub(super) fn type_of(call: &CallContext<'_>, index: usize) -> Oid {
    call.arg_types.get(index).copied().unwrap_or(Oid::TEXT)
}

/// `JsonEncodeDateTime`: ISO 8601 with a `T` and a full zone, whatever `DateStyle` says.
fn date_time_text(value: &Datum, value_type: Oid, ctx: &EvalContext<'_>) -> Result<String> {
    let settings = Settings { date_style: DateStyle::Iso, ..ctx.settings.clone() };
    let mut text = String::new();
    output(value, value_type, &settings, &mut text)?;
    let era = text.strip_suffix(" BC").map(str::len);
    let body = &text[..era.unwrap_or(text.len())];
    let mut iso = body.replacen(' ', "T", 1);
    if let Datum::TimestampTz(_) = value
        && matches!(iso.as_bytes(), [.., b'+' | b'-', b'0'..=b'9', b'0'..=b'9'])
    {
        iso.push_str(":00");
    }
    iso.push_str(if era.is_some() { " BC" } else { "" });
    Ok(iso)
}

/// The text a value has inside a JSON string; numbers, booleans and the like print as in SQL.
fn plain_text(value: &Datum, value_type: Oid, ctx: &EvalContext<'_>) -> Result<String> {
    match value {
        Datum::Bool(value) => Ok(if *value { "true" } else { "false" }.to_owned()),
        Datum::Date(_) | Datum::Timestamp(_) | Datum::TimestampTz(_) => date_time_text(value, value_type, ctx),
        _ => {
            let mut text = String::new();
            output_in(value, value_type, ctx, &mut text)?;
            Ok(text)
        }
    }
}

fn is_number(value: &Datum) -> bool {
    match value {
        Datum::Int2(_) | Datum::Int4(_) | Datum::Int8(_) => true,
        Datum::Float4(value) => value.is_finite(),
        Datum::Float8(value) => value.is_finite(),
        Datum::Numeric(value) => !value.is_nan() && !value.is_infinite(),
        _ => false,
    }
}

/// Appends a value as JSON. `pretty`: a line break between the parts of the outermost array or record.
pub(super) fn write_json(value: &Datum, value_type: Oid, ctx: &EvalContext<'_>, pretty: bool, out: &mut String) -> Result<()> {
    match value {
        Datum::Null => out.push_str("null"),
        Datum::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Datum::Json(text) => out.push_str(text),
        Datum::Jsonb(value) => value.write(out),
        Datum::Array(array) => return write_array(array, ctx, pretty, out),
        Datum::Record(record) => return write_record(record, ctx, pretty, out),
        Datum::Text(text) => write_string(out, text),
        number if is_number(number) => return output(number, value_type, ctx.settings, out),
        other => write_string(out, &plain_text(other, value_type, ctx)?),
    }
    Ok(())
}

const fn separator(pretty: bool) -> &'static str {
    if pretty { ",\n " } else { "," }
}

fn write_array(array: &ArrayValue, ctx: &EvalContext<'_>, pretty: bool, out: &mut String) -> Result<()> {
    if array.elements.is_empty() {
        out.push_str("[]");
        return Ok(());
    }
    let lengths: Vec<usize> = array.dimensions.iter().map(|(length, _)| usize::try_from(*length).unwrap_or(0)).collect();
    write_dimension(&array.elements, array.element, &lengths, ctx, pretty, out)
}

fn write_dimension(
    elements: &[Datum],
    element: Oid,
    lengths: &[usize],
    ctx: &EvalContext<'_>,
    pretty: bool,
    out: &mut String,
) -> Result<()> {
    let step = elements.len() / lengths.first().copied().unwrap_or(1).max(1);
    out.push('[');
    for (index, chunk) in elements.chunks(step.max(1)).enumerate() {
        out.push_str(if index > 0 { separator(pretty) } else { "" });
        if lengths.len() > 1 {
            write_dimension(chunk, element, &lengths[1..], ctx, false, out)?;
        } else {
            write_json(&chunk[0], element, ctx, false, out)?;
        }
    }
    out.push(']');
    Ok(())
}

fn write_record(record: &RecordValue, ctx: &EvalContext<'_>, pretty: bool, out: &mut String) -> Result<()> {
    out.push('{');
    for (index, ((name, field_type), value)) in record.fields.iter().zip(&record.values).enumerate() {
        out.push_str(if index > 0 { separator(pretty) } else { "" });
        write_string(out, name);
        out.push(':');
        write_json(value, *field_type, ctx, false, out)?;
    }
    out.push('}');
    Ok(())
}

/// A value as a `jsonb` tree.
pub(super) fn build_jsonb(value: &Datum, value_type: Oid, ctx: &EvalContext<'_>) -> Result<Jsonb> {
    Ok(match value {
        Datum::Null => Jsonb::Null,
        Datum::Bool(value) => Jsonb::Bool(*value),
        Datum::Json(text) => Jsonb::parse(text)?,
        Datum::Jsonb(value) => (**value).clone(),
        Datum::Array(array) => {
            let lengths: Vec<usize> = array.dimensions.iter().map(|(length, _)| usize::try_from(*length).unwrap_or(0)).collect();
            build_dimension(&array.elements, array.element, &lengths, ctx)?
        }
        Datum::Record(record) => {
            let members = record.fields.iter().zip(&record.values);
            let members: Result<Vec<_>> =
                members.map(|((name, oid), value)| Ok((Arc::clone(name), build_jsonb(value, *oid, ctx)?))).collect();
            Jsonb::object(members?)
        }
        Datum::Text(text) => Jsonb::String(Arc::clone(text)),
        Datum::Numeric(number) if is_number(value) => Jsonb::Number((**number).clone()),
        number if is_number(number) => Jsonb::Number(Numeric::parse(&plain_text(number, value_type, ctx)?)?),
        other => Jsonb::string(&plain_text(other, value_type, ctx)?),
    })
}

fn build_dimension(elements: &[Datum], element: Oid, lengths: &[usize], ctx: &EvalContext<'_>) -> Result<Jsonb> {
    if elements.is_empty() {
        return Ok(Jsonb::Array(Vec::new()));
    }
    let step = (elements.len() / lengths.first().copied().unwrap_or(1).max(1)).max(1);
    let items: Result<Vec<Jsonb>> = elements
        .chunks(step)
        .map(
            |chunk| {
                if lengths.len() > 1 { build_dimension(chunk, element, &lengths[1..], ctx) } else { build_jsonb(&chunk[0], element, ctx) }
            },
        )
        .collect();
    Ok(Jsonb::Array(items?))
}

fn give_json(out: String) -> Result<Datum> {
    Ok(Datum::Json(out.into()))
}

fn give_jsonb(value: Jsonb) -> Result<Datum> {
    Ok(Datum::Jsonb(Arc::new(value)))
}

fn convert(call: &CallContext<'_>, args: &[Datum], pretty: bool) -> Result<Datum> {
    let mut out = String::new();
    write_json(&args[0], type_of(call, 0), call.eval, pretty, &mut out)?;
    give_json(out)
}

pub(super) fn to_json(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    convert(call, args, false)
}

pub(super) fn row_to_json(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    convert(call, args, false)
}

pub(super) fn row_to_json_pretty(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    convert(call, args, boolean(args, 1)?)
}

pub(super) fn array_to_json(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    convert(call, args, false)
}

pub(super) fn array_to_json_pretty(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    convert(call, args, boolean(args, 1)?)
}

pub(super) fn to_jsonb(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_jsonb(build_jsonb(&args[0], type_of(call, 0), call.eval)?)
}

pub(super) fn json_build_array(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    sql_json::array(call, args, false, false)
}

pub(super) fn json_build_array_noargs(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    json_build_array(call, args)
}

pub(super) fn jsonb_build_array(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    sql_json::array(call, args, true, false)
}

pub(super) fn jsonb_build_array_noargs(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    jsonb_build_array(call, args)
}

fn check_pairs(args: &[Datum], function: &str) -> Result<()> {
    if args.len().is_multiple_of(2) {
        return Ok(());
    }
    Err(invalid_parameter("argument list must have even number of elements")
        .hint(format!("The arguments of {function}() must consist of alternating keys and values.")))
}

/// The text of an object key.
pub(super) fn key_text(key: &Datum, key_type: Oid, ctx: &EvalContext<'_>) -> Result<String> {
    match key {
        Datum::Array(_) | Datum::Record(_) | Datum::Json(_) | Datum::Jsonb(_) => {
            Err(invalid_parameter("key value must be scalar, not array, composite, or json"))
        }
        other => plain_text(other, key_type, ctx),
    }
}

pub(super) fn json_build_object(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    check_pairs(args, "json_build_object")?;
    sql_json::object(call, args, ObjectRules::default())
}

pub(super) fn json_build_object_noargs(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    json_build_object(call, args)
}

pub(super) fn jsonb_build_object(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    check_pairs(args, "jsonb_build_object")?;
    sql_json::object(call, args, ObjectRules { binary: true, ..ObjectRules::default() })
}

pub(super) fn jsonb_build_object_noargs(call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    jsonb_build_object(call, args)
}

type Pairs<'a> = Vec<(&'a str, Option<&'a str>)>;

pub(super) fn key_error() -> SqlError {
    SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key")
}

fn subscripts(message: &str) -> SqlError {
    SqlError::new(SqlState::ARRAY_SUBSCRIPT_ERROR, message)
}

/// Keys and values of `json_object(text[])`: alternating, or an array of pairs.
fn pairs_of_array(args: &[Datum]) -> Result<Pairs<'_>> {
    match array(args, 0)?.dimensions.as_slice() {
        [] => return Ok(Vec::new()),
        [(length, _)] if length % 2 != 0 => return Err(subscripts("array must have even number of elements")),
        [_] | [_, (2, _)] => {}
        [_, _] => return Err(subscripts("array must have two columns")),
        _ => return Err(subscripts("wrong number of array subscripts")),
    }
    let elements = text_elements(args, 0)?;
    elements.chunks(2).map(|pair| Ok((pair[0].ok_or_else(key_error)?, pair[1]))).collect()
}

fn pairs_of_arrays(args: &[Datum]) -> Result<Pairs<'_>> {
    if array(args, 0)?.dimensions.len() > 1 || array(args, 0)?.dimensions.len() != array(args, 1)?.dimensions.len() {
        return Err(subscripts("wrong number of array subscripts"));
    }
    let (keys, values) = (text_elements(args, 0)?, text_elements(args, 1)?);
    if keys.len() != values.len() {
        return Err(subscripts("mismatched array dimensions"));
    }
    keys.into_iter().zip(values).map(|(key, value)| Ok((key.ok_or_else(key_error)?, value))).collect()
}

fn write_pairs(pairs: &Pairs<'_>) -> Result<Datum> {
    let mut out = String::from("{");
    for (index, (key, value)) in pairs.iter().enumerate() {
        out.push_str(if index > 0 { ", " } else { "" });
        write_string(&mut out, key);
        out.push_str(" : ");
        match value {
            Some(value) => write_string(&mut out, value),
            None => out.push_str("null"),
        }
    }
    out.push('}');
    give_json(out)
}

fn build_pairs(pairs: Pairs<'_>) -> Result<Datum> {
    let members = pairs.into_iter().map(|(key, value)| (Arc::from(key), value.map_or(Jsonb::Null, Jsonb::string)));
    give_jsonb(Jsonb::object(members.collect()))
}

pub(super) fn json_object(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    write_pairs(&pairs_of_array(args)?)
}

pub(super) fn json_object_two_arg(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    write_pairs(&pairs_of_arrays(args)?)
}

pub(super) fn jsonb_object(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    build_pairs(pairs_of_array(args)?)
}

pub(super) fn jsonb_object_two_arg(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    build_pairs(pairs_of_arrays(args)?)
}

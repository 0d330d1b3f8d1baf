//! Functions that read `json`. Parts are given back as they were written.

use super::args::{count, give_text, int4, invalid_parameter, text, text_elements};
use crate::json::{Node, NodeKind, parse_nodes, write_string};
use crate::{CallContext, Datum, Result, SqlError};

type Rows = crate::RowSet;

/// Whether a part is wanted as JSON or as text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Text,
}

fn give(node: Option<&Node>, source: &str, form: Form) -> Datum {
    match (node, form) {
        (None, _) => Datum::Null,
        (Some(node), Form::Json) => Datum::Json(source[node.span.clone()].into()),
        (Some(node), Form::Text) => node.text(source).map_or(Datum::Null, Datum::text),
    }
}

fn field(args: &[Datum], form: Form) -> Result<Datum> {
    let source = text(args, 0)?;
    Ok(give(parse_nodes(source)?.field(text(args, 1)?), source, form))
}

fn element(args: &[Datum], form: Form) -> Result<Datum> {
    let source = text(args, 0)?;
    Ok(give(parse_nodes(source)?.element(int4(args, 1)?.into()), source, form))
}

/// Follows a path; a NULL step leads nowhere.
fn path(args: &[Datum], form: Form) -> Result<Datum> {
    let source = text(args, 0)?;
    let root = parse_nodes(source)?;
    let mut node = Some(&root);
    for step in text_elements(args, 1)? {
        node = match (node, step) {
            (Some(current), Some(step)) => match &current.kind {
                NodeKind::Object(_) => current.field(step),
                NodeKind::Array(_) => crate::jsonb::parse_index(step).and_then(|index| current.element(index.into())),
                _ => None,
            },
            _ => return Ok(Datum::Null),
        };
    }
    Ok(give(node, source, form))
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
    field: fn json_object_field fn json_object_field_text;
    element: fn json_array_element fn json_array_element_text;
    path: fn json_extract_path fn json_extract_path_text;
}

pub(super) fn json_typeof(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    give_text(match parse_nodes(text(args, 0)?)?.kind {
        NodeKind::Null => "null",
        NodeKind::Bool => "boolean",
        NodeKind::Number => "number",
        NodeKind::String(_) => "string",
        NodeKind::Array(_) => "array",
        NodeKind::Object(_) => "object",
    })
}

pub(super) fn json_array_length(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    match parse_nodes(text(args, 0)?)?.kind {
        NodeKind::Array(items) => Ok(Datum::Int4(count(items.len()))),
        NodeKind::Object(_) => Err(invalid_parameter("cannot get array length of a non-array")),
        _ => Err(invalid_parameter("cannot get array length of a scalar")),
    }
}

fn array_elements(args: &[Datum], form: Form, function: &str) -> Result<Rows> {
    let source = text(args, 0)?;
    match parse_nodes(source)?.kind {
        NodeKind::Array(items) => {
            let rows: Vec<Datum> = items.iter().map(|item| give(Some(item), source, form)).collect();
            Ok(Box::new(rows.into_iter().map(|value| Ok(vec![value]))))
        }
        NodeKind::Object(_) => Err(invalid_parameter(format!("cannot call {function} on a non-array"))),
        _ => Err(invalid_parameter(format!("cannot call {function} on a scalar"))),
    }
}

pub(super) fn json_array_elements(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    array_elements(args, Form::Json, "json_array_elements")
}

pub(super) fn json_array_elements_text(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    array_elements(args, Form::Text, "json_array_elements_text")
}

fn members(source: &str, on_array: SqlError, on_scalar: SqlError) -> Result<Vec<(String, Node)>> {
    match parse_nodes(source)?.kind {
        NodeKind::Object(members) => Ok(members),
        NodeKind::Array(_) => Err(on_array),
        _ => Err(on_scalar),
    }
}

fn each(args: &[Datum], form: Form) -> Result<Rows> {
    let source = text(args, 0)?;
    let on_array = invalid_parameter("cannot deconstruct an array as an object");
    let on_scalar = invalid_parameter("cannot deconstruct a scalar");
    let rows: Vec<Vec<Datum>> =
        members(source, on_array, on_scalar)?.iter().map(|(key, value)| vec![Datum::text(key), give(Some(value), source, form)]).collect();
    Ok(Box::new(rows.into_iter().map(Ok)))
}

pub(super) fn json_each(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    each(args, Form::Json)
}

pub(super) fn json_each_text(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    each(args, Form::Text)
}

pub(super) fn json_object_keys(_: &CallContext<'_>, args: &[Datum]) -> Result<Rows> {
    let on_array = invalid_parameter("cannot call json_object_keys on an array");
    let on_scalar = invalid_parameter("cannot call json_object_keys on a scalar");
    let members = members(text(args, 0)?, on_array, on_scalar)?;
    Ok(Box::new(members.into_iter().map(|(key, _)| Ok(vec![Datum::text(&key)]))))
}

/// Drops null members of objects; white space between tokens goes, scalars stay as written.
pub(super) fn json_strip_nulls(_: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
    let source = text(args, 0)?;
    let mut out = String::with_capacity(source.len());
    strip(&parse_nodes(source)?, source, &mut out);
    Ok(Datum::Json(out.into()))
}

fn strip(node: &Node, source: &str, out: &mut String) {
    match &node.kind {
        NodeKind::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                strip(item, source, out);
            }
            out.push(']');
        }
        NodeKind::Object(members) => {
            out.push('{');
            let kept = members.iter().filter(|(_, value)| !matches!(value.kind, NodeKind::Null));
            for (index, (key, value)) in kept.enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                write_string(out, key);
                out.push(':');
                strip(value, source, out);
            }
            out.push('}');
        }
        NodeKind::String(text) => write_string(out, text),
        _ => out.push_str(&source[node.span.clone()]),
    }
}

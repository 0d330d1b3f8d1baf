//! Definitions as SQL.

use borealis_pgtypes::{Datum, Result};

use super::{Call, text_or_null};
use crate::describe;

/// `pg_get_expr(node, relation [, pretty])`: the node trees of this catalog are SQL text already, but for the names of
/// relations.
pub(super) fn expression(call: &Call<'_>) -> Result<Datum> {
    let text = call.text(0)?;
    let text = if call.flag(2) { describe::pretty(text) } else { text };
    Ok(Datum::text(&call.with_names(|names| describe::stored_expression(names, text).into_owned())))
}

/// `pg_get_indexdef(index [, column, pretty])`
pub(super) fn index(call: &Call<'_>) -> Result<Datum> {
    let oid = call.oid(0)?;
    let column = if call.args.len() > 1 { call.integer(1)? } else { 0 };
    Ok(text_or_null(call.with_names(|names| describe::index_definition(names, oid, column, call.flag(2)))))
}

/// `pg_get_constraintdef(constraint [, pretty])`
pub(super) fn constraint(call: &Call<'_>) -> Result<Datum> {
    let oid = call.oid(0)?;
    Ok(text_or_null(call.with_names(|names| describe::constraint_definition(names, oid, call.flag(1)))))
}

/// `pg_get_viewdef(view [, pretty])`, by oid or name, and `(view, wrap column)`, which is always pretty. The system's own views have no text.
pub(super) fn view(call: &Call<'_>) -> Result<Datum> {
    let oid = match call.arg(0) {
        Datum::Text(name) => call.with_names(|names| describe::resolve_relation(names, name))?,
        _ => call.oid(0)?,
    };
    let pretty = call.flag(1) || matches!(call.arg(1), Datum::Int4(_));
    Ok(text_or_null(call.facts.view_definition(oid, pretty)?))
}

/// `pg_get_functiondef`
pub(super) fn function(call: &Call<'_>) -> Result<Datum> {
    let oid = call.oid(0)?;
    call.with_names(|names| describe::function_definition(names, oid)).map(text_or_null)
}

/// `pg_get_function_arguments`
pub(super) fn function_arguments(call: &Call<'_>) -> Result<Datum> {
    let oid = call.oid(0)?;
    Ok(text_or_null(call.with_names(|names| describe::function_arguments(names, oid))))
}

/// `pg_get_function_result`
pub(super) fn function_result(call: &Call<'_>) -> Result<Datum> {
    let oid = call.oid(0)?;
    Ok(text_or_null(call.with_names(|names| describe::function_result(names, oid))))
}

/// `pg_get_function_identity_arguments`: what tells overloads apart.
pub(super) fn function_identity_arguments(call: &Call<'_>) -> Result<Datum> {
    let oid = call.oid(0)?;
    Ok(text_or_null(call.with_names(|names| describe::function_identity_arguments(names, oid))))
}

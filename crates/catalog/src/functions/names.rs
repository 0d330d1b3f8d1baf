//! Names of objects and back.

use borealis_pgtypes::{Datum, Oid, Result, SessionFunction, SqlError, SqlState, operators};

use super::Call;
use crate::describe::{self, Names};
use crate::system::cluster;
use crate::system::data::btree;

/// `format_type(oid, typmod)`; without an oid there is nothing to say.
pub(super) fn format_type(call: &Call<'_>) -> Result<Datum> {
    if call.arg(0).is_null() {
        return Ok(Datum::Null);
    }
    let oid = call.oid(0)?;
    let typmod = if call.arg(1).is_null() { None } else { Some(call.integer(1)?) };
    Ok(Datum::text(&call.with_names(|names| describe::format_type(names, oid, typmod))))
}

/// Text to a `reg*` type, told by the result's.
pub(super) fn registered_in(call: &Call<'_>) -> Result<Datum> {
    let text = call.text(0)?;
    call.with_names(|names| resolve(names, call.context.result_type, text)).map(Datum::Oid)
}

fn resolve(names: &Names<'_>, registered: Oid, text: &str) -> Result<Oid> {
    match registered {
        Oid::REGCLASS => describe::resolve_relation(names, text),
        Oid::REGTYPE => describe::resolve_type(names, text),
        Oid::REGNAMESPACE => describe::resolve_schema(names, text),
        Oid::REGROLE => describe::resolve_role(names, text),
        Oid::REGCONFIG => describe::resolve_text_search_configuration(text),
        Oid::REGPROC => describe::resolve_procedure(names, text),
        Oid::REGPROCEDURE => describe::resolve_procedure_signature(names, text),
        Oid::REGOPER => describe::resolve_operator(text),
        Oid::REGOPERATOR => describe::resolve_operator_signature(names, text),
        other => Err(SqlError::internal(format!("type {other} is no alias of oid"))),
    }
}

/// A `reg*` value, told by the argument's type, to text: the object's name, its number when there is none, `-` for no object.
pub(super) fn registered_out(call: &Call<'_>) -> Result<Datum> {
    let oid = call.oid(0)?;
    let registered = call.context.arg_types.first().copied().unwrap_or_default();
    if oid == Oid::INVALID {
        let operator = matches!(registered, Oid::REGOPER | Oid::REGOPERATOR);
        return Ok(Datum::text(if operator { "0" } else { "-" }));
    }
    let name = call.with_names(|names| name(names, registered, oid));
    Ok(Datum::text(&name.unwrap_or_else(|| oid.to_string())))
}

fn name(names: &Names<'_>, registered: Oid, oid: Oid) -> Option<String> {
    use borealis_pgtypes::functions::compose::quote_identifier;
    match registered {
        Oid::REGCLASS => describe::relation_name(names, oid),
        Oid::REGTYPE => describe::type_by_oid(names.catalog, oid).map(|_| describe::format_type(names, oid, None)),
        Oid::REGNAMESPACE => describe::schema_name(names.catalog, oid).map(quote_identifier),
        Oid::REGROLE => describe::role_name(names.catalog, oid).map(quote_identifier),
        Oid::REGCONFIG => describe::text_search_configuration_name(oid).map(str::to_owned),
        Oid::REGPROC => describe::procedure_name(names, oid),
        Oid::REGPROCEDURE => describe::procedure_signature(names, oid),
        Oid::REGOPER => describe::operator_name(oid),
        Oid::REGOPERATOR => describe::operator_signature(names, oid),
        _ => None,
    }
}

/// `to_regclass` and its kin: NULL instead of "does not exist", other errors as they are.
pub(super) fn to_registered(call: &Call<'_>, function: SessionFunction) -> Result<Datum> {
    let registered = match function {
        SessionFunction::ToRegtype => Oid::REGTYPE,
        SessionFunction::ToRegnamespace => Oid::REGNAMESPACE,
        SessionFunction::ToRegproc => Oid::REGPROC,
        SessionFunction::ToRegprocedure => Oid::REGPROCEDURE,
        SessionFunction::ToRegrole => Oid::REGROLE,
        _ => Oid::REGCLASS,
    };
    let text = call.text(0)?;
    match call.with_names(|names| resolve(names, registered, text)) {
        Ok(oid) => Ok(Datum::Oid(oid)),
        Err(error) if is_missing(&error) => Ok(Datum::Null),
        Err(error) => Err(error),
    }
}

fn is_missing(error: &SqlError) -> bool {
    let states = [
        SqlState::UNDEFINED_TABLE,
        SqlState::UNDEFINED_OBJECT,
        SqlState::UNDEFINED_FUNCTION,
        SqlState::AMBIGUOUS_FUNCTION,
        SqlState::INVALID_SCHEMA_NAME,
        SqlState::INVALID_NAME,
    ];
    states.contains(&error.sqlstate())
}

/// `pg_table_is_visible` and its kin; NULL for an object that does not exist.
pub(super) fn is_visible(call: &Call<'_>, function: SessionFunction) -> Result<Datum> {
    let oid = call.oid(0)?;
    let visible = call.with_names(|names| match function {
        SessionFunction::PgTypeIsVisible => describe::type_is_visible(names, oid),
        SessionFunction::PgFunctionIsVisible => describe::procedure_is_visible(names, oid),
        _ => describe::relation_is_visible(names, oid),
    });
    Ok(visible.map_or(Datum::Null, Datum::Bool))
}

/// `pg_get_userbyid`
pub(super) fn user_by_id(call: &Call<'_>) -> Result<Datum> {
    let oid = call.oid(0)?;
    let name = describe::role_name(call.facts.catalog(), oid);
    Ok(name.map_or_else(|| Datum::text(&format!("unknown (OID={oid})")), Datum::text))
}

/// `pg_collation_is_visible` and its kin: all there are live in `pg_catalog`, which every path has; NULL for one that does not exist.
pub(super) fn is_visible_builtin(call: &Call<'_>, function: SessionFunction) -> Result<Datum> {
    let oid = call.oid(0)?;
    let exists = match function {
        SessionFunction::PgOpclassIsVisible => btree::CLASSES.iter().any(|class| class.0 == oid.0),
        SessionFunction::PgOpfamilyIsVisible => btree::FAMILIES.iter().any(|family| family.0 == oid.0),
        SessionFunction::PgOperatorIsVisible => operators::by_oid(oid).is_some(),
        _ => cluster::collation_name(oid).is_some(),
    };
    Ok(if exists { Datum::Bool(true) } else { Datum::Null })
}

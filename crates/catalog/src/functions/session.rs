//! Who and where: users, schemas, parameters, the server itself.

use std::sync::Arc;

use borealis_pgtypes::{ArrayValue, Datum, Oid, Result, SqlError, SqlState};

use super::Call;
use crate::describe;

/// What `version()` answers, as Aurora DSQL does.
pub(super) const VERSION: &str = "PostgreSQL 16";
/// `pg_enc` of UTF8.
const UTF8: i32 = 6;

pub(super) fn user(call: &Call<'_>, role: Oid) -> Result<Datum> {
    let name = describe::role_name(call.facts.catalog(), role);
    name.map(Datum::text).ok_or_else(|| SqlError::new(SqlState::UNDEFINED_OBJECT, format!("role with OID {role} does not exist")))
}

fn schema_name(call: &Call<'_>, schema: Oid) -> Option<Datum> {
    describe::schema_name(call.facts.catalog(), schema).map(Datum::text)
}

pub(super) fn current_schema(call: &Call<'_>) -> Datum {
    call.facts.explicit_search_path().into_iter().find_map(|schema| schema_name(call, schema)).unwrap_or_default()
}

/// `current_schemas(include_implicit)`
pub(super) fn current_schemas(call: &Call<'_>) -> Datum {
    let path = if call.flag(0) { call.facts.search_path() } else { call.facts.explicit_search_path() };
    let schemas = path.into_iter().filter_map(|schema| schema_name(call, schema)).collect();
    Datum::Array(Arc::new(ArrayValue::one_dimensional(Oid::NAME, schemas)))
}

/// `current_setting(name [, missing_ok])`
pub(super) fn current_setting(call: &Call<'_>) -> Result<Datum> {
    let name = call.text(0)?;
    match call.facts.show(name) {
        Some(value) => Ok(Datum::text(&value)),
        None if call.flag(1) => Ok(Datum::Null),
        None => Err(SqlError::new(SqlState::UNDEFINED_OBJECT, format!("unrecognized configuration parameter \"{name}\""))),
    }
}

/// `set_config(name, value, is_local)`
pub(super) fn set_config(call: &Call<'_>) -> Result<Datum> {
    if call.arg(0).is_null() {
        return Err(SqlError::new(SqlState::NULL_VALUE_NOT_ALLOWED, "SET requires parameter name"));
    }
    let (name, local) = (call.text(0)?, call.flag(2));
    let value =
        if call.arg(1).is_null() { call.facts.reset_config(name, local)? } else { call.facts.set_config(name, call.text(1)?, local)? };
    Ok(Datum::text(&value))
}

/// `pg_encoding_to_char`: there is one encoding; the number of any other names none here.
pub(super) fn encoding_name(call: &Call<'_>) -> Result<Datum> {
    Ok(Datum::text(if call.integer(0)? == UTF8 { "UTF8" } else { "" }))
}

/// `pg_sleep(seconds)`: a negative time or NaN is none.
pub(super) fn sleep(call: &Call<'_>) -> Result<Datum> {
    let Datum::Float8(seconds) = call.arg(0) else { return Err(super::wrong(0, call.arg(0))) };
    // The cast saturates, and NaN becomes zero.
    #[allow(clippy::cast_possible_truncation)]
    let micros = (seconds * 1e6) as i64;
    if micros > 0 {
        call.facts.sleep(micros)?;
    }
    Ok(Datum::text(""))
}

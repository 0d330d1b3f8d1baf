//! The `jsonb_path_` functions and operators.

use std::sync::Arc;

use super::args::{boolean, jsonb};
use crate::jsonb::Jsonb;
use crate::jsonpath::{Fault, JsonPath, Run, Wanted};
use crate::{CallContext, Datum, Result, SqlError, SqlState};

type Rows = crate::RowSet;

/// Whether dates and times may be compared across time zones.
#[derive(Clone, Copy)]
enum Zones {
    Refused,
    Used,
}

fn path(args: &[Datum]) -> Result<&JsonPath> {
    match args.get(1) {
        Some(Datum::JsonPath(path)) => Ok(path),
        other => Err(SqlError::internal(format!("function argument: expected jsonpath, found {other:?}"))),
    }
}

/// The items of a call; `None` where the document is not as the path wants it and the call is a silent one.
fn items(call: &CallContext<'_>, args: &[Datum], zones: Zones, wanted: Wanted) -> Result<Option<Vec<Jsonb>>> {
    static NO_VARIABLES: Jsonb = Jsonb::Object(Vec::new());
    // The operators have neither variables nor a choice: they are silent.
    let (vars, silent) = if args.len() > 2 { (jsonb(args, 2)?, boolean(args, 3)?) } else { (&NO_VARIABLES, true) };
    if !matches!(vars, Jsonb::Object(_)) {
        let error = SqlError::new(SqlState::INVALID_PARAMETER_VALUE, "\"vars\" argument is not an object");
        return Err(error.detail("Jsonpath parameters should be encoded as key-value pairs of \"vars\" object."));
    }
    match Run::new(path(args)?, jsonb(args, 0)?, vars, call.eval, matches!(zones, Zones::Used)).items(wanted) {
        Ok(items) => Ok(Some(items)),
        Err(Fault::Soft(_)) if silent => Ok(None),
        Err(fault) => Err(fault.into_error()),
    }
}

fn give(value: Jsonb) -> Datum {
    Datum::Jsonb(Arc::new(value))
}

fn exists(call: &CallContext<'_>, args: &[Datum], zones: Zones) -> Result<Datum> {
    Ok(items(call, args, zones, Wanted::Any)?.map_or(Datum::Null, |items| Datum::Bool(!items.is_empty())))
}

fn matches_path(call: &CallContext<'_>, args: &[Datum], zones: Zones) -> Result<Datum> {
    let silent = args.len() <= 2 || boolean(args, 3)?;
    match items(call, args, zones, Wanted::All)?.as_deref() {
        Some([Jsonb::Bool(value)]) => Ok(Datum::Bool(*value)),
        Some([Jsonb::Null]) | None => Ok(Datum::Null),
        Some(_) if silent => Ok(Datum::Null),
        Some(_) => Err(SqlError::new(SqlState(*b"22038"), "single boolean result is expected")),
    }
}

fn query(call: &CallContext<'_>, args: &[Datum], zones: Zones) -> Result<Rows> {
    let items = items(call, args, zones, Wanted::All)?.unwrap_or_default();
    Ok(Box::new(items.into_iter().map(|item| Ok(vec![give(item)]))))
}

fn query_array(call: &CallContext<'_>, args: &[Datum], zones: Zones) -> Result<Datum> {
    Ok(give(Jsonb::Array(items(call, args, zones, Wanted::All)?.unwrap_or_default())))
}

fn query_first(call: &CallContext<'_>, args: &[Datum], zones: Zones) -> Result<Datum> {
    let first = items(call, args, zones, Wanted::All)?.and_then(|items| items.into_iter().next());
    Ok(first.map_or(Datum::Null, give))
}

macro_rules! with_and_without_zones {
    ($($name:ident, $name_tz:ident: $body:ident -> $result:ty;)*) => {
        $(pub(super) fn $name(call: &CallContext<'_>, args: &[Datum]) -> Result<$result> {
            $body(call, args, Zones::Refused)
        }
        pub(super) fn $name_tz(call: &CallContext<'_>, args: &[Datum]) -> Result<$result> {
            $body(call, args, Zones::Used)
        })*
    };
}

with_and_without_zones! {
    jsonb_path_exists, jsonb_path_exists_tz: exists -> Datum;
    jsonb_path_match, jsonb_path_match_tz: matches_path -> Datum;
    jsonb_path_query, jsonb_path_query_tz: query -> Rows;
    jsonb_path_query_array, jsonb_path_query_array_tz: query_array -> Datum;
    jsonb_path_query_first, jsonb_path_query_first_tz: query_first -> Datum;
}

//! Functions whose answer only the session and its catalog know: their rows name a [`crate::SessionFunction`], this module has the few that
//! need no session after all.

use super::args::give_text;
use crate::{CallContext, Datum, Result};

/// `pg_typeof`: the actual type of the argument, as a `regtype`.
pub(super) fn pg_typeof(call: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::Oid(call.arg_types.first().copied().unwrap_or_default()))
}

/// UTF8 is the only encoding there is.
pub(super) fn getdatabaseencoding(_: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    give_text("UTF8")
}

pub(super) fn pg_client_encoding(_: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    give_text("UTF8")
}

/// `sys.dsql_major_version`
pub(super) fn dsql_major_version(_: &CallContext<'_>, _: &[Datum]) -> Result<Datum> {
    Ok(Datum::Int4(1))
}

//! Text search.

use crate::{CallContext, Datum, Result, SqlError};

/// A configuration that does not exist has been refused by its input function.
pub(super) fn not_yet(_call: &CallContext<'_>, _args: &[Datum]) -> Result<Datum> {
    Err(SqlError::unsupported("text search is not supported by this version of Borealis"))
}

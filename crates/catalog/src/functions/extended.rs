//! Functions about statistics objects.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};

use super::{Call, text_or_null};
use crate::ExtendedStatistics;
use crate::describe;

impl Call<'_> {
    fn statistics_object(&self) -> Result<Option<&Arc<ExtendedStatistics>>> {
        Ok(self.facts.catalog().statistics_object_by_oid(self.oid(0)?))
    }
}

/// `pg_get_statisticsobjdef(oid)`
pub(super) fn definition(call: &Call<'_>) -> Result<Datum> {
    let found = call.statistics_object()?;
    Ok(text_or_null(found.map(|found| call.with_names(|names| describe::statistics_definition(names, found)))))
}

/// `pg_get_statisticsobjdef_columns(oid)`
pub(super) fn columns(call: &Call<'_>) -> Result<Datum> {
    let found = call.statistics_object()?;
    Ok(text_or_null(found.map(|found| call.with_names(|names| describe::statistics_columns(names, found)))))
}

/// `pg_statistics_obj_is_visible(oid)`
pub(super) fn is_visible(call: &Call<'_>) -> Result<Datum> {
    let Some(object) = call.statistics_object()? else { return Ok(Datum::Null) };
    let first = describe::find_statistics(call.facts.catalog(), &call.facts.search_path(), &object.name);
    Ok(Datum::Bool(first.is_some_and(|first| first.oid == object.oid)))
}

//! `pg_statistic_ext`. What its objects are found to say is not computed, so `pg_statistic_ext_data` and `pg_stats_ext` are empty.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Oid, Result};

use super::value::{NULL, array, int2_vector, letter, text};
use super::{Family, SystemContext};
use crate::ExtendedStatistics;
use crate::snapshot::PG_CATALOG_SCHEMA;

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_statistic_ext", pg_statistic_ext)];

fn pg_statistic_ext(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |object: &Arc<ExtendedStatistics>| {
        let kinds = array(Oid::CHAR, object.kinds.chars().map(letter).collect());
        let expressions = if object.expressions.is_empty() { NULL } else { text(&object.expressions.join(", ")) };
        let names =
            [Datum::Oid(object.oid), Datum::Oid(object.table), text(&object.name), Datum::Oid(object.schema), Datum::Oid(object.owner)];
        let what = [Datum::Int4(object.target), int2_vector(object.columns.iter().copied()), kinds, expressions];
        names.into_iter().chain(what).collect()
    };
    Ok(context.catalog.statistics_objects().map(row).collect())
}

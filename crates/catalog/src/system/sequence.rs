//! `pg_sequence` and `pg_sequences`.

use borealis_pgtypes::{Datum, Oid, Result};

use super::value::{NULL, maybe, text};
use super::{Family, SystemContext};
use crate::Sequence;
use crate::acl::Rights;
use crate::describe::{role_name, schema_name};
use crate::privilege::{Guarded, Standing};
use crate::snapshot::PG_CATALOG_SCHEMA;

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_sequence", pg_sequence), (PG_CATALOG_SCHEMA, "pg_sequences", pg_sequences)];

/// The columns a sequence has as a relation.
pub const COLUMNS: [(&str, Oid); 3] = [("last_value", Oid::INT8), ("log_cnt", Oid::INT8), ("is_called", Oid::BOOL)];

fn pg_sequence(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |sequence: &std::sync::Arc<Sequence>| {
        let numbers = [sequence.start, sequence.increment, sequence.max, sequence.min, sequence.cache].map(Datum::Int8);
        [Datum::Oid(sequence.oid), Datum::Oid(Oid::INT8)].into_iter().chain(numbers).chain([Datum::Bool(sequence.cycle)]).collect()
    };
    Ok(context.catalog.sequences().map(row).collect())
}

/// Like PostgreSQL's, the last value is told to those who may read or use the sequence, once there is one.
fn last_value(context: &SystemContext<'_>, sequence: &Sequence) -> Result<Datum> {
    let standing = Standing::of(context.catalog, context.server.current_user());
    if standing.held(&Guarded::sequence(sequence), Rights::USAGE | Rights::SELECT).is_empty() {
        return Ok(NULL);
    }
    let state = context.server.sequence_state(sequence)?;
    Ok(if state.is_called { Datum::Int8(state.last_value) } else { NULL })
}

fn pg_sequences(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |sequence: &std::sync::Arc<Sequence>| {
        let names =
            [maybe(schema_name(context.catalog, sequence.schema)), text(&sequence.name), maybe(role_name(context.catalog, sequence.owner))];
        let bounds = [sequence.start, sequence.min, sequence.max, sequence.increment].map(Datum::Int8);
        let ends = [Datum::Bool(sequence.cycle), Datum::Int8(sequence.cache), last_value(context, sequence)?];
        Ok(names.into_iter().chain([Datum::Oid(Oid::INT8)]).chain(bounds).chain(ends).collect())
    };
    context.catalog.sequences().map(row).collect()
}

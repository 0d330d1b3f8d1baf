//! Sequence functions, as far as they can be answered where no sequence exists.

use borealis_pgtypes::{Datum, Result, SqlError, SqlState};

use super::Call;
use crate::describe::{self, Relation};

/// `nextval`, `currval`, `setval`: their argument was resolved to a relation before, which is none of the right kind.
pub(super) fn access(call: &Call<'_>) -> Result<Datum> {
    let oid = call.oid(0)?;
    Err(match describe::relation_by_oid(call.facts.catalog(), oid) {
        Some(relation) => SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a sequence", relation.name())),
        None => SqlError::new(SqlState::UNDEFINED_TABLE, format!("could not open relation with OID {oid}")),
    })
}

/// `lastval`
pub(super) fn last_value() -> Result<Datum> {
    Err(SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, "lastval is not yet defined in this session"))
}

/// `pg_get_serial_sequence(table, column)`: the column's identity sequence; the column must exist.
pub(super) fn serial_sequence(call: &Call<'_>) -> Result<Datum> {
    let (text, column) = (call.text(0)?, call.text(1)?);
    call.with_names(|names| {
        let oid = describe::resolve_relation(names, text)?;
        let Some(Relation::Table(table)) = describe::relation_by_oid(names.catalog, oid) else { return Ok(Datum::Null) };
        let Some(column) = table.column(column) else {
            let message = format!("column \"{column}\" of relation \"{}\" does not exist", table.name);
            return Err(SqlError::new(SqlState::UNDEFINED_COLUMN, message));
        };
        let sequence = column.identity.as_ref().map(|identity| identity.sequence);
        Ok(super::text_or_null(sequence.and_then(|oid| describe::relation_name(names, oid))))
    })
}

//! Sequence functions. Who may call them, and what they say, is decided here; taking values is the session's.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Oid, RecordValue, Result, SqlError, SqlState};

use super::Call;
use crate::acl::{Class, Rights};
use crate::describe::{self, Relation};
use crate::privilege::{Guarded, Standing};
use crate::system::SEQUENCE_COLUMNS;
use crate::{Sequence, SequenceState};

impl Call<'_> {
    /// The sequence that the first argument names: `init_sequence`.
    fn sequence(&self) -> Result<&Arc<Sequence>> {
        let oid = self.oid(0)?;
        match describe::relation_by_oid(self.facts.catalog(), oid) {
            Some(Relation::Sequence(sequence)) => Ok(sequence),
            Some(relation) => Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a sequence", relation.name()))),
            None => Err(SqlError::internal(format!("could not open relation with OID {oid}"))),
        }
    }

    /// The sequence, if the current role has one of the rights on it.
    fn sequence_with(&self, rights: Rights) -> Result<&Arc<Sequence>> {
        let sequence = self.sequence()?;
        check_rights(self, sequence, rights)?;
        Ok(sequence)
    }
}

fn check_rights(call: &Call<'_>, sequence: &Sequence, rights: Rights) -> Result<()> {
    let standing = Standing::of(call.facts.catalog(), call.facts.current_role());
    if !standing.held(&Guarded::sequence(sequence), rights).is_empty() {
        return Ok(());
    }
    Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, format!("permission denied for sequence {}", sequence.name)))
}

/// `nextval(sequence)`
pub(super) fn next(call: &Call<'_>) -> Result<Datum> {
    call.facts.next_value(call.sequence_with(Rights::USAGE | Rights::UPDATE)?).map(Datum::Int8)
}

/// The next value of an identity column: who may insert needs no right on its sequence.
pub(super) fn next_identity(call: &Call<'_>) -> Result<Datum> {
    call.facts.next_value(call.sequence()?).map(Datum::Int8)
}

/// `currval(sequence)`
pub(super) fn current(call: &Call<'_>) -> Result<Datum> {
    let sequence = call.sequence_with(Rights::USAGE | Rights::SELECT)?;
    call.facts.current_value(sequence.oid).map(Datum::Int8).ok_or_else(|| {
        let message = format!("currval of sequence \"{}\" is not yet defined in this session", sequence.name);
        SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, message)
    })
}

/// `lastval()`
pub(super) fn last(call: &Call<'_>) -> Result<Datum> {
    let sequence = call.facts.last_sequence().and_then(|oid| call.facts.catalog().sequence_by_oid(oid));
    let value = sequence.and_then(|sequence| Some((sequence, call.facts.current_value(sequence.oid)?)));
    match value {
        Some((sequence, value)) => {
            check_rights(call, sequence, Rights::USAGE | Rights::SELECT)?;
            Ok(Datum::Int8(value))
        }
        None => Err(SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, "lastval is not yet defined in this session")),
    }
}

/// `setval(sequence, value [, is_called])`
pub(super) fn set(call: &Call<'_>) -> Result<Datum> {
    let sequence = call.sequence_with(Rights::UPDATE)?;
    let last_value = call.bigint(1)?;
    if !(sequence.min..=sequence.max).contains(&last_value) {
        let message =
            format!("setval: value {last_value} is out of bounds for sequence \"{}\" ({}..{})", sequence.name, sequence.min, sequence.max);
        return Err(SqlError::new(SqlState::NUMERIC_VALUE_OUT_OF_RANGE, message));
    }
    let is_called = call.args.len() < 3 || call.flag(2);
    call.facts.set_sequence(sequence, SequenceState { last_value, is_called })?;
    Ok(Datum::Int8(last_value))
}

fn record(columns: &[(&'static str, Oid)], values: Vec<Datum>) -> Datum {
    let fields = columns.iter().map(|(name, oid)| (Arc::from(*name), *oid)).collect();
    Datum::Record(Arc::new(RecordValue { fields, values }))
}

/// The one row a sequence has as a relation. Nothing is taken ahead of its use but what a session holds, so no count of it is kept.
pub(super) fn row(call: &Call<'_>) -> Result<Datum> {
    let state = call.facts.sequence_state(call.sequence()?)?;
    Ok(record(&SEQUENCE_COLUMNS, vec![Datum::Int8(state.last_value), Datum::Int8(0), Datum::Bool(state.is_called)]))
}

/// `pg_sequence_last_value(sequence)`: NULL before the first value.
pub(super) fn last_of(call: &Call<'_>) -> Result<Datum> {
    let state = call.facts.sequence_state(call.sequence_with(Rights::USAGE | Rights::SELECT)?)?;
    Ok(if state.is_called { Datum::Int8(state.last_value) } else { Datum::Null })
}

/// `pg_sequence_parameters(sequence)`
pub(super) fn parameters(call: &Call<'_>) -> Result<Datum> {
    const COLUMNS: [(&str, Oid); 7] = [
        ("start_value", Oid::INT8),
        ("minimum_value", Oid::INT8),
        ("maximum_value", Oid::INT8),
        ("increment", Oid::INT8),
        ("cycle_option", Oid::BOOL),
        ("cache_size", Oid::INT8),
        ("data_type", Oid::OID),
    ];
    let sequence = call.sequence_with(Class::Sequence.all())?;
    let numbers = [sequence.start, sequence.min, sequence.max, sequence.increment].map(Datum::Int8);
    let ends = [Datum::Bool(sequence.cycle), Datum::Int8(sequence.cache), Datum::Oid(Oid::INT8)];
    Ok(record(&COLUMNS, numbers.into_iter().chain(ends).collect()))
}

/// `pg_get_serial_sequence(table, column)`: the sequence that is the column's identity or owned by it; the column must exist.
pub(super) fn serial_sequence(call: &Call<'_>) -> Result<Datum> {
    let (text, column) = (call.text(0)?, call.text(1)?);
    call.with_names(|names| {
        let oid = describe::resolve_relation(names, text)?;
        let Some(Relation::Table(table)) = describe::relation_by_oid(names.catalog, oid) else { return Ok(Datum::Null) };
        let Some(column) = table.column(column) else {
            let message = format!("column \"{column}\" of relation \"{}\" does not exist", table.name);
            return Err(SqlError::new(SqlState::UNDEFINED_COLUMN, message));
        };
        let owned = |sequence: &&Arc<Sequence>| sequence.owned_by.is_some_and(|owner| owner.table == oid && owner.column == column.number);
        let sequence = names.catalog.sequences().find(owned).map(|sequence| sequence.oid);
        Ok(super::text_or_null(sequence.and_then(|oid| describe::qualified_relation_name(names, oid))))
    })
}

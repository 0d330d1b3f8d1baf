//! `borealis.follow_changes` and its family: the [change feed](crate::changes) in SQL.
//!
//! None of it belongs to a transaction: a follower begins and ends at once, and changes are told as far as they have committed when the function is
//! called, whatever the transaction's own snapshot sees.

use std::collections::VecDeque;
use std::sync::Arc;

use borealis_catalog::Catalog;
use borealis_catalog::describe::{self, Relation};
use borealis_pgtypes::datetime::UNIX_TO_POSTGRES_SECS;
use borealis_pgtypes::jsonb::Jsonb;
use borealis_pgtypes::{Datum, Oid, Result, RowSet, Settings, SqlError, SqlState, text};
use borealis_storage::{ChangesError, Position, StoreError};

use super::Session;
use crate::changes::{ChangeKind, Changes, KeyedChange, Value};
use crate::cluster::{Cluster, Interrupt};

/// Bytes of the journal read at a time.
const READ_BYTES: usize = 1 << 20;

fn unwritable(error: &StoreError) -> SqlError {
    SqlError::new(SqlState::IO_ERROR, error.to_string())
}

fn unknown(error: ChangesError) -> SqlError {
    match error {
        ChangesError::Forgotten { after } => {
            let text = format!("what was committed after position {after} is no longer known");
            SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, text)
                .hint("Changes are kept from where a follower is (borealis.follow_changes), as long as it does not stay too far behind.")
        }
        ChangesError::Ahead { after, newest } => {
            SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("position {after} is not yet reached: the newest commit is {newest}"))
        }
        ChangesError::Unreadable(detail) => SqlError::new(SqlState::IO_ERROR, detail),
    }
}

fn position(value: i64) -> Result<u64> {
    u64::try_from(value).map_err(|_| SqlError::new(SqlState::INVALID_PARAMETER_VALUE, "a position is not negative"))
}

fn bigint(position: u64) -> Result<i64> {
    i64::try_from(position).map_err(|_| SqlError::internal("a position beyond bigint"))
}

fn must_be_reached(after: u64, newest: u64) -> Result<()> {
    match after <= newest {
        true => Ok(()),
        false => Err(unknown(ChangesError::Ahead { after: Position(after), newest: Position(newest) })),
    }
}

impl Session {
    pub(super) fn follow_changes(&self, follower: [u8; 16]) -> Result<i64> {
        self.require_admin("follow_changes")?;
        bigint(self.cluster.follow(follower).map_err(|error| unwritable(&error))?)
    }

    pub(super) fn commit_position(&self) -> Result<i64> {
        self.require_admin("commit_position")?;
        bigint(self.cluster.position())
    }

    pub(super) fn advance_follower(&self, follower: [u8; 16], reached: i64) -> Result<()> {
        self.require_admin("advance_follower")?;
        let reached = position(reached)?;
        must_be_reached(reached, self.cluster.position())?;
        self.cluster.advance(&follower, reached);
        Ok(())
    }

    pub(super) fn unfollow_changes(&self, follower: [u8; 16]) -> Result<()> {
        self.require_admin("unfollow_changes")?;
        self.cluster.unfollow(&follower).map_err(|error| unwritable(&error))
    }

    pub(super) fn table_changes(&self, catalog: &Catalog, settings: &Settings, args: &[Datum]) -> Result<RowSet> {
        self.require_admin("table_changes")?;
        let [Datum::Oid(table), Datum::Int8(after)] = args else { return Err(SqlError::internal("arguments of table_changes")) };
        match describe::relation_by_oid(catalog, *table) {
            Some(Relation::Table(_)) => {}
            Some(relation) => return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a table", relation.name()))),
            None => return Err(SqlError::new(SqlState::UNDEFINED_TABLE, format!("relation with OID {table} does not exist"))),
        }
        let rows = KeyRows::open(&self.cluster, *table, position(*after)?, settings.clone(), self.interrupt.clone())?;
        Ok(Box::new(rows))
    }
}

/// The rows of `borealis.table_changes`, read from the journal as they are asked for.
struct KeyRows {
    cluster: Arc<Cluster>,
    changes: Changes,
    table: Oid,
    until: u64,
    settings: Settings,
    interrupt: Arc<Interrupt>,
    read: VecDeque<KeyedChange>,
}

impl KeyRows {
    fn open(cluster: &Arc<Cluster>, table: Oid, after: u64, settings: Settings, interrupt: Arc<Interrupt>) -> Result<Self> {
        let until = cluster.position();
        must_be_reached(after, until)?;
        let changes = cluster.changes(after).map_err(unknown)?;
        Ok(Self { cluster: Arc::clone(cluster), changes, table, until, settings, interrupt, read: VecDeque::new() })
    }
}

impl Iterator for KeyRows {
    type Item = Result<Vec<Datum>>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.read.is_empty() && self.changes.position() < self.until {
            // A table that nobody changes has no row at which the query would ask.
            if let Err(interrupted) = self.interrupt.check() {
                return Some(Err(interrupted));
            }
            match self.changes.next_keys(&self.cluster, self.table, READ_BYTES) {
                Ok(read) => self.read.extend(read.into_iter().take_while(|change| change.position <= self.until)),
                Err(error) => return Some(Err(unknown(error))),
            }
        }
        let change = self.read.pop_front()?;
        Some(row(&change, &self.settings))
    }
}

fn row(change: &KeyedChange, settings: &Settings) -> Result<Vec<Datum>> {
    let operation = match change.kind {
        ChangeKind::Insert => "insert",
        ChangeKind::Update => "update",
        ChangeKind::Delete => "delete",
    };
    let key = match &change.key {
        Some(values) => Datum::Jsonb(Arc::new(object(values, settings)?)),
        None => Datum::Null,
    };
    Ok(vec![
        Datum::Int8(bigint(change.position)?),
        Datum::TimestampTz(change.time_ns / 1_000 - UNIX_TO_POSTGRES_SECS * 1_000_000),
        Datum::text(operation),
        key,
    ])
}

/// The columns of a key, each value as text that its type reads.
fn object(values: &[Value], settings: &Settings) -> Result<Jsonb> {
    let member = |value: &Value| {
        let mut out = String::new();
        text::output(&value.datum, value.ty, settings, &mut out)?;
        Ok((Arc::clone(&value.column), Jsonb::string(&out)))
    };
    Ok(Jsonb::object(values.iter().map(member).collect::<Result<_>>()?))
}

#[cfg(test)]
mod tests;

//! The ledger: a table in the database that says which ranges of which source are loaded.
//!
//! A batch and its line in the ledger are one transaction, and the line comes first. The line's key is the load and where the range
//! begins; so of two transactions with the same batch at most one can commit, whatever became of the replies: the second fails on
//! the key, or loses to the first by a conflict and then fails on the key. That makes a repetition after a lost reply safe.
//!
//! The lines of a load go when it is complete. The table stays, for the next one.

use std::collections::BTreeMap;

use borealis_client::{ClientError, Connection, ServerError};

use super::report::Counts;
use crate::error::TransferError;
use crate::name::{identifier, literal};
use crate::source::batch::{Batch, Durable, DurableRanges};

/// The table's name, in the schema of the table that is loaded.
pub(crate) const TABLE: &str = "_borealis_load";
/// How many lines one transaction deletes.
const DELETE_ROWS: u64 = 3_000;

/// The ledger of one load.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    /// The table, quoted.
    table: String,
    /// The load.
    load: String,
}

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// The range's end and digest.
    pub(crate) durable: Durable,
    /// What became of its records.
    pub(crate) counts: Counts,
}

impl Ledger {
    pub(crate) fn new(schema: &str, load: &str) -> Self {
        Self { table: format!("{}.{}", identifier(schema), identifier(TABLE)), load: load.to_owned() }
    }

    /// Makes the table if there is none.
    pub(crate) async fn create(&self, connection: &mut Connection) -> Result<(), TransferError> {
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS {} (load text, range_start bigint, range_end bigint NOT NULL, digest text NOT NULL, \
             inserted bigint NOT NULL, updated bigint NOT NULL, skipped bigint NOT NULL, rejected bigint NOT NULL, \
             PRIMARY KEY (load, range_start))",
            self.table
        );
        // Two loads may begin together: the one that loses the race finds the table there.
        let mut attempts = 0;
        loop {
            attempts += 1;
            match connection.simple(&sql).await {
                Ok(_) => return Ok(()),
                Err(error) if attempts < 10 && is_race(&error) => {}
                Err(error) => return Err(TransferError::database(format!("creating the ledger {}", self.table))(error)),
            }
        }
    }

    /// What is loaded already.
    pub(crate) async fn lines(&self, connection: &mut Connection) -> Result<BTreeMap<u64, Line>, TransferError> {
        self.lines_where(connection, "").await
    }

    /// Whether anything of the load is in the database.
    pub(crate) async fn has_lines(&self, connection: &mut Connection) -> Result<bool, TransferError> {
        match self.lines_where(connection, "").await {
            Ok(lines) => Ok(!lines.is_empty()),
            // No load has made it yet.
            Err(TransferError::Database { error, .. }) if error.code() == Some("42P01") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The line of the range that begins here.
    pub(crate) async fn line(&self, connection: &mut Connection, start: u64) -> Result<Option<Line>, TransferError> {
        Ok(self.lines_where(connection, &format!("AND range_start = {start}")).await?.remove(&start))
    }

    async fn lines_where(&self, connection: &mut Connection, condition: &str) -> Result<BTreeMap<u64, Line>, TransferError> {
        let sql = format!(
            "SELECT range_start, range_end, digest, inserted, updated, skipped, rejected FROM {} WHERE load = $1 {condition} \
             ORDER BY range_start",
            self.table
        );
        let failed = TransferError::database(format!("reading the ledger {}", self.table));
        let outcome = connection.query(&sql, &[Some(self.load.clone())]).await.map_err(failed)?;
        let lines = outcome.rows.iter().map(|row| {
            let number = |column: usize| row.get(column).and_then(|text| text.parse().ok()).unwrap_or(0);
            let durable = Durable { end: number(1), digest: row.get(2).unwrap_or_default().to_owned() };
            let counts = Counts { inserted: number(3), updated: number(4), skipped: number(5), rejected: number(6) };
            (number(0), Line { durable, counts })
        });
        Ok(lines.collect())
    }

    /// The statement that writes a batch's line.
    pub(crate) fn insert(&self, batch: &Batch, counts: Counts) -> String {
        format!(
            "INSERT INTO {} VALUES ({}, {}, {}, {}, {}, {}, {}, {})",
            self.table,
            literal(&self.load),
            batch.range.start,
            batch.range.end,
            literal(&batch.digest()),
            counts.inserted,
            counts.updated,
            counts.skipped,
            counts.rejected
        )
    }

    /// The statement that corrects the counts once they are known.
    pub(crate) fn update(&self, batch: &Batch, counts: Counts) -> String {
        format!(
            "UPDATE {} SET inserted = {}, updated = {}, skipped = {} WHERE load = {} AND range_start = {}",
            self.table,
            counts.inserted,
            counts.updated,
            counts.skipped,
            literal(&self.load),
            batch.range.start
        )
    }

    /// The error says that the batch's line is there, and with it the batch.
    pub(crate) fn is_written(&self, error: &ServerError) -> bool {
        error.code == "23505" && error.constraint.as_deref().is_some_and(|name| name.starts_with(TABLE))
    }

    /// Removes the load's lines.
    pub(crate) async fn clear(&self, connection: &mut Connection) -> Result<(), TransferError> {
        let sql = format!(
            "DELETE FROM {0} WHERE load = {1} AND range_start IN (SELECT range_start FROM {0} WHERE load = {1} LIMIT {DELETE_ROWS})",
            self.table,
            literal(&self.load)
        );
        loop {
            let failed = TransferError::database(format!("clearing the ledger {}", self.table));
            let deleted = connection.query(&sql, &[]).await.map_err(failed)?.rows_affected().unwrap_or(0);
            if deleted < DELETE_ROWS {
                return Ok(());
            }
        }
    }
}

/// The ranges alone.
pub(crate) fn ranges(lines: &BTreeMap<u64, Line>) -> DurableRanges {
    lines.iter().map(|(start, line)| (*start, line.durable.clone())).collect()
}

/// Another session was about to create the same.
fn is_race(error: &ClientError) -> bool {
    error.server().is_some_and(|error| error.is_conflict() || matches!(error.code.as_str(), "42P07" | "23505"))
}

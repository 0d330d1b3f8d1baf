//! What a load did, in numbers that add up.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// What became of records. Every record that was read is in one of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// New rows.
    pub inserted: u64,
    /// Rows that were there and took new values.
    pub updated: u64,
    /// Rows that were there and stayed as they were.
    pub skipped: u64,
    /// Records that are no rows of the table.
    pub rejected: u64,
}

impl Counts {
    /// All records.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.inserted + self.updated + self.skipped + self.rejected
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.skipped += other.skipped;
        self.rejected += other.rejected;
    }
}

/// What became of the records of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableCounts {
    /// The table.
    pub table: String,
    /// What became of them.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A counter that was moved behind the values loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Advanced {
    /// The sequence.
    pub sequence: String,
    /// The last value that it counts as given.
    pub last_value: String,
}

/// What a load did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LoadReport {
    /// The load's identifier, as in the manifest and the ledger.
    pub load: String,
    /// The table, or that it was a whole dump.
    pub table: String,
    /// What became of the records, earlier runs of the same load included.
    pub counts: Counts,
    /// The same of each table, for this run alone.
    pub tables: Vec<TableCounts>,
    /// How many of these records earlier runs had dealt with.
    pub resumed_records: u64,
    /// Bytes read from the source, as it stands on disk.
    pub bytes: u64,
    /// Transactions that committed rows.
    pub transactions: u64,
    /// Transactions that ran again, after a conflict or a lost connection.
    pub retries: u64,
    /// Counters of identity columns that were moved.
    pub advanced: Vec<Advanced>,
    /// The file that lists the rejected records.
    pub rejects_file: Option<String>,
    /// How long it took.
    pub seconds: f64,
    /// Statements of a dump that were not run: those that make a schema.
    pub statements_left_out: u64,
    /// The manifest said that this load was complete already, and nothing was done.
    pub already_complete: bool,
}

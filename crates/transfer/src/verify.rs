//! `verify`: whether two sides hold the same rows, by values and in both directions.
//!
//! Two tables with the same primary key are compared by checksums of ranges of it, which their servers compute ([`ranges`]); only ranges that differ are
//! narrowed down, and only rows of the small ones travel. Everything else is read whole, each side once, as a stream ([`whole`]): rows are dealt out by a
//! hash of their key into partitions that spill to temporary files ([`partition`]), and pairs of partitions are compared in memory. Either way rows
//! meet in a [`comparison`].
//!
//! The values of a file are first written the way the column's type prints them ([`canonical`]), so that `1.5` in a file and `1.50` in a
//! `numeric(10,2)` are equal. Those of tables come as they are printed under the same settings everywhere ([`reader`]), and where their columns
//! differ in a form that both have ([`meaning`]). Without a key, rows are compared as
//! wholes, with how often they occur.

mod canonical;
mod comparison;
mod keys;
mod meaning;
mod partition;
mod ranges;
mod reader;
mod whole;

use borealis_client::Database;
use serde::Serialize;

use crate::error::TransferError;
use crate::source::Source;
use crate::table::Table;
use comparison::Deal;
use keys::Common;
use meaning::Meaning;
use ranges::Ranges;
use reader::Reader;

/// One of the two sides.
#[derive(Debug)]
pub enum Side<'v> {
    /// Rows of a file.
    Source(&'v Source),
    /// A table.
    Table {
        /// Where it is.
        database: &'v Database,
        /// Its name, as SQL writes it.
        table: &'v str,
    },
}

/// How to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyOptions {
    /// The columns by which rows belong together; the primary key's when not said.
    pub key: Option<Vec<String>>,
    /// How many differences are listed.
    pub differences_max: usize,
    /// How many ranges of two tables are compared at a time.
    pub jobs: usize,
    /// The most rows that a side has in a range at first.
    pub range_rows: u64,
    /// Everything of a table is read in one transaction, on one connection.
    pub one_snapshot: bool,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { key: None, differences_max: 100, jobs: 4, range_rows: RANGE_ROWS, one_snapshot: false }
    }
}

/// How two rows differ, or what is wrong with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// The first side has the row alone.
    OnlyFirst,
    /// The second side has the row alone.
    OnlySecond,
    /// Both have a row with this key, with other values.
    Values,
    /// The first side's record is no row of the table at all.
    NoRow,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is.
    pub kind: DifferenceKind,
    /// The row's line in the file that is the first side; 0 when it is not there, or a table's.
    pub line: u64,
    /// The key, or the whole row without one, as `column=value`.
    pub row: String,
    /// For other values, each column with both: `column: first, second`. For no row, why not.
    pub detail: String,
}

/// What came out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// Rows of the first side.
    pub first_rows: u64,
    /// Rows of the second.
    pub second_rows: u64,
    /// Rows that are equal.
    pub equal: u64,
    /// Rows that the first side has alone.
    pub only_first: u64,
    /// Rows that the second side has alone.
    pub only_second: u64,
    /// Rows with the same key and other values.
    pub different: u64,
    /// Records of the first side that are no rows of the table.
    pub no_rows: u64,
    /// The first differences.
    pub differences: Vec<Difference>,
    /// Why two tables were read whole instead of by checksums of ranges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_whole_because: Option<String>,
}

/// How far a comparison has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Rows of both sides that have been looked at.
    pub rows: u64,
    /// About how many there are, where the databases have counted.
    pub rows_total: Option<u64>,
}

impl VerifyReport {
    /// Both sides hold the same rows.
    #[must_use]
    pub const fn is_equal(&self) -> bool {
        self.only_first + self.only_second + self.different + self.no_rows == 0
    }
}

/// A checksum over so many rows takes a server some tens of milliseconds, against which the ways to and fro do not count.
const RANGE_ROWS: u64 = 16_384;

/// Who is told how far a comparison has come.
type Told<'p> = &'p (dyn Fn(VerifyProgress) + Send + Sync);

/// Compares a side with a table.
///
/// # Errors
/// When a side cannot be read, or the two have other columns.
pub async fn verify(
    first: &Side<'_>,
    database: &Database,
    table: &str,
    options: &VerifyOptions,
    progress: Told<'_>,
) -> Result<VerifyReport, TransferError> {
    if let Side::Source(source) = first {
        source.checked()?;
    }
    // A source is compared with the rows of one statement, which is a snapshot by itself; a transaction would age while the source is read.
    let one_snapshot = options.one_snapshot && matches!(first, Side::Table { .. });
    let second = Reader::open(database.endpoint(), table, one_snapshot).await?;
    let mut report = match first {
        Side::Source(source) => whole::source(source, &second, options, progress).await?,
        Side::Table { database, table } => {
            let first = Reader::open(database.endpoint(), table, one_snapshot).await?;
            let report = tables(&first, &second, options, progress).await?;
            first.close().await;
            report
        }
    };
    second.close().await;
    report.differences.sort_by(|one, other| (one.line, one.kind, &one.row).cmp(&(other.line, other.kind, &other.row)));
    Ok(report)
}

async fn tables(
    first: &Reader<'_>,
    second: &Reader<'_>,
    options: &VerifyOptions,
    progress: Told<'_>,
) -> Result<VerifyReport, TransferError> {
    refuse_other_columns(&first.table, &second.table)?;
    let columns: Vec<String> = second.table.columns.iter().map(|column| column.name.clone()).collect();
    let deal = Deal::new(&second.table, &columns, options.key.as_deref())?;
    let meanings = Meaning::of_columns(&first.table, &second.table, &columns);
    let values = [first.values(&columns, &meanings), second.values(&columns, &meanings)];
    match keys::common(first, second, options.key.as_deref()).await? {
        Common::Key(key) => Ranges { first, second, values, key, deal: &deal, options, progress }.compare().await,
        Common::None(why) => {
            let report = whole::tables([first, second], &values, &deal, options, progress).await?;
            Ok(VerifyReport { read_whole_because: Some(why), ..report })
        }
    }
}

fn refuse_other_columns(first: &Table, second: &Table) -> Result<(), TransferError> {
    for (here, there) in [(first, second), (second, first)] {
        if let Some(column) = here.columns.iter().find(|column| there.column(&column.name).is_none()) {
            let (here, there) = (here.plain_name(), there.plain_name());
            let name = &column.name;
            return Err(TransferError::Request(format!("{here} has a column \"{name}\" and {there} has not: they cannot be equal")));
        }
    }
    Ok(())
}

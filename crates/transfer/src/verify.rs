//! `verify`: whether two sides hold the same rows, by values and in both directions.
//!
//! A side is a source or a table. Both are read once, as a stream, and their rows are dealt out by a hash of their key into
//! partitions that spill to temporary files ([`partition`]); then each pair of partitions is compared in memory, which so holds a small
//! part of one side at a time. The values of a source are first written the way the column's type prints them ([`canonical`]), so that
//! `1.5` in a file and `1.50` in a `numeric(10,2)` are equal. Without a key, rows are compared as wholes, with how often they occur.

mod canonical;
mod partition;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use borealis_base::task;
use borealis_client::{Database, connect};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::error::TransferError;
use crate::source::batch::{Batch, BatchLimits, Batcher, DurableRanges, Item};
use crate::source::{self, Source};
use crate::table::Table;
use borealis_pgtypes::copy_text;
use canonical::Canonical;
use partition::{Deal, Partitions};

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
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { key: None, differences_max: 100 }
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
    /// The row's place on the first side: a line of a file, a number in a table; 0 when it is not there.
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
}

impl VerifyReport {
    /// Both sides hold the same rows.
    #[must_use]
    pub const fn is_equal(&self) -> bool {
        self.only_first + self.only_second + self.different + self.no_rows == 0
    }
}

/// Rows of one side at a time.
const BATCH: BatchLimits = BatchLimits { rows_max: 2_000, bytes_max: 1024 * 1024 };
/// Batches read ahead.
const BATCHES_AHEAD: usize = 4;

/// Compares a side with a table.
///
/// # Errors
/// When a side cannot be read, or the two have other columns.
pub async fn verify(
    first: &Side<'_>,
    database: &Database,
    table: &str,
    options: &VerifyOptions,
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<VerifyReport, TransferError> {
    let mut connection = connect(database.endpoint()).await.map_err(TransferError::database("connecting"))?;
    let described = Table::describe(&mut connection, table).await?;
    connection.close().await;
    let mut compared = Compared { report: VerifyReport::default(), options, progress };
    let (deal, left) = match first {
        Side::Source(source) => compared.source(source, &described).await?,
        Side::Table { database, table } => compared.other_table(database, table, &described).await?,
    };
    compared.report.first_rows = left.rows();
    let right = compared.table(database, &described, &deal).await?;
    compared.report.second_rows = right.rows();
    partition::compare(&deal, left, right, options.differences_max, &mut compared.report)?;
    compared.report.differences.sort_by(|one, other| (one.line, one.kind, &one.row).cmp(&(other.line, other.kind, &other.row)));
    Ok(compared.report)
}

struct Compared<'v> {
    report: VerifyReport,
    options: &'v VerifyOptions,
    progress: &'v (dyn Fn(u64) + Send + Sync),
}

impl Compared<'_> {
    /// Reads a source; how rows are dealt is known once its columns are.
    async fn source(&mut self, source: &Source, table: &Table) -> Result<(Deal, Partitions), TransferError> {
        let (sender, mut receiver) = mpsc::channel(BATCHES_AHEAD);
        let (source, shared) = (source.clone(), Arc::new(table.clone()));
        task::spawn_thread("borealis-source", move || {
            let mut batcher = Batcher::new(sender.clone(), BATCH, DurableRanges::new());
            let result = source::read(&source, Some(&shared), &mut batcher, &Arc::new(AtomicU64::new(0)));
            // Without a receiver the comparison has ended already.
            let _ = sender.blocking_send(Item::End(result));
        });
        let mut sides: Option<(Deal, Partitions, Canonical)> = None;
        while let Some(item) = receiver.recv().await {
            let batch = match item {
                Item::Batch(batch) => batch,
                Item::Statement(_) | Item::Barrier => continue,
                Item::End(result) => {
                    result?;
                    break;
                }
            };
            let (deal, partitions, canonical) = match sides.take() {
                Some(sides) => sides,
                None => {
                    let deal = self.deal(table, &batch.target.columns)?;
                    let canonical = Canonical::new(table, &deal.columns);
                    (deal, Partitions::new()?, canonical)
                }
            };
            let (deal, mut partitions) = (deal, partitions);
            self.batch(&batch, &deal, &mut partitions, &canonical)?;
            sides = Some((deal, partitions, canonical));
        }
        match sides {
            Some((deal, partitions, _)) => Ok((deal, partitions)),
            None => {
                let columns: Vec<String> = table.writable().iter().map(|place| table.columns[*place].name.clone()).collect();
                Ok((self.deal(table, &columns)?, Partitions::new()?))
            }
        }
    }

    fn batch(&mut self, batch: &Batch, deal: &Deal, partitions: &mut Partitions, canonical: &Canonical) -> Result<(), TransferError> {
        let mut row = Vec::new();
        for record in &batch.records {
            let refusal = match &record.refusal {
                Some(refusal) => Some(refusal.message.clone()),
                None => {
                    let data = &batch.data[record.data.clone()];
                    canonical.row(data.strip_suffix(b"\n").unwrap_or(data), &mut row).err()
                }
            };
            match refusal {
                None => partitions.add(deal, record.line, &row)?,
                Some(why) => self.no_row(record.line, &batch.raw[record.raw.clone()], why),
            }
        }
        (self.progress)(partitions.rows());
        Ok(())
    }

    fn no_row(&mut self, line: u64, raw: &[u8], why: String) {
        self.report.no_rows += 1;
        if self.report.differences.len() < self.options.differences_max {
            let row = String::from_utf8_lossy(&raw[..raw.len().min(200)]).trim_end().to_owned();
            self.report.differences.push(Difference { kind: DifferenceKind::NoRow, line, row, detail: why });
        }
    }

    /// Another table is the first side: it has to have the same columns.
    async fn other_table(&mut self, database: &Database, name: &str, table: &Table) -> Result<(Deal, Partitions), TransferError> {
        let mut connection = connect(database.endpoint()).await.map_err(TransferError::database("connecting"))?;
        let other = Table::describe(&mut connection, name).await?;
        connection.close().await;
        for (here, there) in [(&other, table), (table, &other)] {
            if let Some(column) = here.columns.iter().find(|column| there.column(&column.name).is_none()) {
                let (here, there) = (here.plain_name(), there.plain_name());
                return Err(TransferError::Request(format!(
                    "{here} has a column \"{}\" and {there} has not: they cannot be equal",
                    column.name
                )));
            }
        }
        let columns: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        let deal = self.deal(table, &columns)?;
        let partitions = self.table(database, &other, &deal).await?;
        Ok((deal, partitions))
    }

    /// Reads a table, in one statement and so in one snapshot.
    async fn table(&self, database: &Database, table: &Table, deal: &Deal) -> Result<Partitions, TransferError> {
        let doing = format!("reading the rows of {}", table.plain_name());
        let failed = |error| crate::dump::too_old(&doing, error);
        let mut connection = connect(database.endpoint()).await.map_err(TransferError::database("connecting"))?;
        let columns = crate::name::identifiers(deal.columns.iter().map(String::as_str));
        let mut partitions = Partitions::new()?;
        let mut stream =
            connection.copy_out(&format!("COPY (SELECT {columns} FROM {}) TO STDOUT", table.sql_name())).await.map_err(failed)?;
        let mut rest = Vec::new();
        while let Some(data) = stream.next().await.map_err(failed)? {
            rest.extend_from_slice(&data);
            let Some(end) = memchr::memrchr(b'\n', &rest) else { continue };
            for row in rest[..end].split(|byte| *byte == b'\n') {
                let number = partitions.rows() + 1;
                partitions.add(deal, number, row)?;
            }
            rest.drain(..=end);
            (self.progress)(partitions.rows());
        }
        connection.close().await;
        Ok(partitions)
    }

    /// How rows of these columns are told apart.
    fn deal(&self, table: &Table, columns: &[String]) -> Result<Deal, TransferError> {
        let place = |name: &str| columns.iter().position(|column| column == name);
        let key = match &self.options.key {
            Some(names) => {
                let unknown = |name: &String| TransferError::Request(format!("the key column \"{name}\" is none of those compared"));
                names.iter().map(|name| place(name).ok_or_else(|| unknown(name))).collect::<Result<Vec<usize>, _>>()?
            }
            // A key of which a part is not compared tells nothing apart.
            None => table.key.iter().map(|column| place(&table.columns[*column].name)).collect::<Option<Vec<usize>>>().unwrap_or_default(),
        };
        Ok(Deal { columns: columns.to_vec(), key })
    }
}

/// `column=value, …` of some values of a row.
fn shown(columns: &[String], row: &[u8], places: &[usize]) -> String {
    let values: Vec<Option<Vec<u8>>> = copy_text::values(row).collect();
    let one = |place: &usize| {
        let value = values.get(*place).and_then(|value| value.as_deref());
        format!("{}={}", columns[*place], shown_value(value))
    };
    places.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A value for people, cut where it gets long.
fn shown_value(value: Option<&[u8]>) -> String {
    const LETTERS_MAX: usize = 60;
    let Some(value) = value else { return "NULL".to_owned() };
    let text = String::from_utf8_lossy(value);
    let mut shown: String = text.chars().take(LETTERS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

//! Reading both sides whole: files, and tables that have no key in common.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use borealis_base::task;
use tokio::sync::mpsc;

use super::canonical::Canonical;
use super::comparison::Deal;
use super::meaning::Meaning;
use super::partition::{self, Partitions};
use super::reader::Reader;
use super::{Difference, DifferenceKind, Told, VerifyOptions, VerifyProgress, VerifyReport};
use crate::error::TransferError;
use crate::source::batch::{Batch, BatchLimits, Batcher, Item};
use crate::source::{self, Destination, Source};

/// Rows of a file at a time.
const BATCH: BatchLimits = BatchLimits { rows_max: 2_000, bytes_max: 1024 * 1024 };
/// Batches read ahead.
const BATCHES_AHEAD: usize = 4;

/// A file against a table.
pub(super) async fn source(
    first: &Source,
    second: &Reader<'_>,
    options: &VerifyOptions,
    progress: Told<'_>,
) -> Result<VerifyReport, TransferError> {
    let mut file = File { report: VerifyReport::default(), options, progress };
    let (deal, left) = file.read(first, second).await?;
    let meanings = Meaning::of_columns(&second.table, &second.table, &deal.columns);
    let right = table(second, &second.values(&deal.columns, &meanings), &deal, progress, left.rows()).await?;
    let mut report = file.report;
    (report.first_rows, report.second_rows) = (left.rows(), right.rows());
    partition::compare(&deal, left, right, options.differences_max, &mut report)?;
    Ok(report)
}

/// Two tables.
pub(super) async fn tables(
    [first, second]: [&Reader<'_>; 2],
    values: &[String; 2],
    deal: &Deal,
    options: &VerifyOptions,
    progress: Told<'_>,
) -> Result<VerifyReport, TransferError> {
    let left = table(first, &values[0], deal, progress, 0).await?;
    let right = table(second, &values[1], deal, progress, left.rows()).await?;
    let mut report = VerifyReport { first_rows: left.rows(), second_rows: right.rows(), ..VerifyReport::default() };
    partition::compare(deal, left, right, options.differences_max, &mut report)?;
    Ok(report)
}

/// Reads a table, in one statement and so in one snapshot.
async fn table(reader: &Reader<'_>, values: &str, deal: &Deal, progress: Told<'_>, rows_before: u64) -> Result<Partitions, TransferError> {
    let mut partitions = Partitions::new();
    let mut each = |rows: &[u8]| {
        rows.split(|byte| *byte == b'\n').try_for_each(|row| partitions.add(deal, 0, row))?;
        progress(VerifyProgress { rows: rows_before + partitions.rows(), rows_total: None });
        Ok(())
    };
    reader.copy(&format!("COPY (SELECT {values} FROM {}) TO STDOUT", reader.table.sql_name()), &mut each).await?;
    Ok(partitions)
}

/// The side that is a file.
struct File<'v> {
    report: VerifyReport,
    options: &'v VerifyOptions,
    progress: Told<'v>,
}

impl File<'_> {
    /// Reads it; how rows are dealt is known once its columns are.
    async fn read(&mut self, source: &Source, second: &Reader<'_>) -> Result<(Deal, Partitions), TransferError> {
        let (sender, mut receiver) = mpsc::channel(BATCHES_AHEAD);
        let (name, table) = (source.name(), &second.table);
        let (source, shared, endpoint) = (source.clone(), table.clone(), second.endpoint().clone());
        task::spawn_thread("borealis-source", move || {
            let mut batcher = Batcher::new(sender.clone(), BATCH);
            let destination = Destination { endpoint: &endpoint, table: Some(&shared) };
            let result = source::read(&source, &destination, &mut batcher, &Arc::new(AtomicU64::new(0)));
            // Without a receiver the comparison has ended already.
            let _ = sender.blocking_send(Item::End(result));
        });
        let mut sides: Option<(Deal, Partitions, Canonical)> = None;
        let mut is_read = false;
        while let Some(item) = receiver.recv().await {
            let batch = match item {
                Item::Batch(batch) => batch,
                Item::Statement(_) | Item::Barrier => continue,
                Item::End(result) => {
                    result?;
                    is_read = true;
                    break;
                }
            };
            let (deal, partitions, canonical) = match &mut sides {
                Some(sides) => sides,
                none => {
                    let deal = Deal::new(table, &batch.target.columns, self.options.key.as_deref())?;
                    let canonical = Canonical::new(table, &deal.columns);
                    none.insert((deal, Partitions::new(), canonical))
                }
            };
            self.batch(&batch, deal, partitions, canonical)?;
        }
        if !is_read {
            return Err(source::ended_early(&name));
        }
        match sides {
            Some((deal, partitions, _)) => Ok((deal, partitions)),
            None => {
                let columns: Vec<String> = table.writable().iter().map(|place| table.columns[*place].name.clone()).collect();
                Ok((Deal::new(table, &columns, self.options.key.as_deref())?, Partitions::new()))
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
        (self.progress)(VerifyProgress { rows: partitions.rows(), rows_total: None });
        Ok(())
    }

    fn no_row(&mut self, line: u64, raw: &[u8], why: String) {
        self.report.no_rows += 1;
        if self.report.differences.len() < self.options.differences_max {
            let row = String::from_utf8_lossy(&raw[..raw.len().min(200)]).trim_end().to_owned();
            self.report.differences.push(Difference { kind: DifferenceKind::NoRow, line, row, detail: why });
        }
    }
}

//! Batches: rows on their way, small enough for one transaction, each with the place that it came from.
//!
//! A batch covers a range of the source without a gap: its rows, the records refused, and what is no record at all. So ranges say
//! exactly what is loaded, and a digest of a range's bytes says whether the source is still the one that was loaded.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc::Sender;

use super::content::{Changed, Content, Following};
use crate::error::TransferError;
use crate::name::identifiers;
use crate::table::Table;

/// Why a record is no row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The SQLSTATE.
    pub(crate) code: String,
    /// What is wrong.
    pub(crate) message: String,
}

impl Refusal {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// Where rows go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The table, as SQL writes it.
    pub(crate) table: String,
    /// The columns that the values of a row are for; all of the table's when empty.
    pub(crate) columns: Vec<String>,
}

impl Target {
    pub(crate) fn of(table: &Table, columns: &[usize]) -> Self {
        let columns = columns.iter().map(|place| table.columns[*place].name.clone()).collect();
        Self { table: table.sql_name(), columns }
    }

    /// `table (columns)`.
    pub(crate) fn sql(&self) -> String {
        if self.columns.is_empty() {
            return self.table.clone();
        }
        format!("{} ({})", self.table, identifiers(self.columns.iter().map(String::as_str)))
    }

    /// Whether a column is among them.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.is_empty() || self.columns.iter().any(|name| name == column)
    }
}

/// A record of a batch.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// Where it begins in the source.
    pub(crate) place: u64,
    /// In which line, from 1; its number for sources without lines.
    pub(crate) line: u64,
    /// Its bytes in the batch's `raw`.
    pub(crate) raw: Range<usize>,
    /// Its row in the batch's `data`, with its line end.
    pub(crate) data: Range<usize>,
    /// Why it is no row.
    pub(crate) refusal: Option<Box<Refusal>>,
}

/// Rows for one transaction.
#[derive(Debug, Clone)]
pub(crate) struct Batch {
    /// Where they go.
    pub(crate) target: Arc<Target>,
    /// The range of the source.
    pub(crate) range: Range<u64>,
    /// The source's own bytes; only the beginning of a record that is too long.
    pub(crate) raw: Vec<u8>,
    /// Rows of COPY text.
    pub(crate) data: Vec<u8>,
    /// What is in it, in order.
    pub(crate) records: Vec<Record>,
    /// The digest, where `raw` is not all there was.
    digest: Option<String>,
}

impl Batch {
    fn new(target: Arc<Target>, start: u64) -> Self {
        Self { target, range: start..start, raw: Vec::new(), data: Vec::new(), records: Vec::new(), digest: None }
    }

    /// How many rows are to be written.
    pub(crate) fn rows(&self) -> usize {
        self.records.iter().filter(|record| record.refusal.is_none()).count()
    }

    /// How many records are refused.
    pub(crate) fn refused(&self) -> usize {
        self.records.len() - self.rows()
    }

    /// SHA-256 of the source's bytes.
    pub(crate) fn digest(&self) -> String {
        self.digest.clone().unwrap_or_else(|| hexadecimal(Sha256::new_with_prefix(&self.raw)))
    }

    /// The place in `records` of the row with this number, from 0.
    pub(crate) fn record_of_row(&self, row: usize) -> Option<usize> {
        let mut rows = self.records.iter().enumerate().filter(|(_, record)| record.refusal.is_none());
        rows.nth(row).map(|(index, _)| index)
    }

    /// Refuses a record after all.
    pub(crate) fn refuse(&mut self, record: usize, refusal: Refusal) {
        self.records[record].refusal = Some(Box::new(refusal));
    }

    /// The rows of some records, in pieces that are as long as refused records let them be.
    pub(crate) fn runs(&self, records: Range<usize>) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for record in self.records[records].iter().filter(|record| record.refusal.is_none()) {
            match runs.last_mut() {
                Some(run) if run.end == record.data.start => run.end = record.data.end,
                _ => runs.push(record.data.clone()),
            }
        }
        runs
    }

    /// The records before a place in `records` and those from it on, as batches of their own.
    pub(crate) fn split(&self, at: usize) -> (Self, Self) {
        (self.part(0..at), self.part(at..self.records.len()))
    }

    fn part(&self, records: Range<usize>) -> Self {
        let boundary = |index: usize, first: (u64, usize), last: (u64, usize)| match index {
            0 => first,
            _ => self.records.get(index).map_or(last, |record| (record.place, record.raw.start)),
        };
        let (first, last) = ((self.range.start, 0), (self.range.end, self.raw.len()));
        let ((start, raw_start), (end, raw_end)) = (boundary(records.start, first, last), boundary(records.end, first, last));
        let data_start = self.records.get(records.start).map_or(0, |record| record.data.start);
        let data_end = self.records[records.clone()].last().map_or(data_start, |record| record.data.end);
        let moved = |record: &Record| Record {
            raw: record.raw.start - raw_start..record.raw.end - raw_start,
            data: record.data.start - data_start..record.data.end - data_start,
            ..record.clone()
        };
        Self {
            target: Arc::clone(&self.target),
            range: start..end,
            raw: self.raw[raw_start..raw_end].to_vec(),
            data: self.data[data_start..data_end].to_vec(),
            records: self.records[records].iter().map(moved).collect(),
            digest: None,
        }
    }
}

pub(super) fn hexadecimal(digest: Sha256) -> String {
    data_encoding::HEXLOWER.encode(&digest.finalize())
}

/// A range of the source that is in the database already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Durable {
    /// Where it ends.
    pub(crate) end: u64,
    /// SHA-256 of its bytes.
    pub(crate) digest: String,
}

/// What is in the database already, by where each range begins.
pub(crate) type DurableRanges = BTreeMap<u64, Durable>;

/// How large a batch may grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BatchLimits {
    /// In rows.
    pub(crate) rows_max: usize,
    /// In bytes of COPY text, beyond which no further row is added.
    pub(crate) bytes_max: usize,
}

/// What a reader hands over.
#[derive(Debug)]
pub(crate) enum Item {
    /// Rows, in any order with other rows.
    Batch(Batch),
    /// What is behind it waits for all before it: rows of one table may refer to those of another.
    Barrier,
    /// A statement, behind all rows before it and ahead of all rows behind it.
    Statement(Statement),
    /// The source is at its end, or it cannot be read on.
    End(Result<AtEnd, TransferError>),
}

/// A statement of a dump.
#[derive(Debug)]
pub(crate) struct Statement {
    /// Where it begins in the source.
    pub(crate) place: u64,
    pub(crate) sql: String,
}

/// What is known when a source has been read to its end.
#[derive(Debug)]
pub(crate) struct AtEnd {
    /// How many statements were left out.
    pub(crate) left_out: u64,
    /// What was read, where that is followed.
    pub(crate) content: Option<Content>,
}

/// What earlier runs of the same load have done.
#[derive(Debug, Default)]
pub(crate) struct Earlier {
    /// What one that was complete has read.
    pub(crate) content: Option<Content>,
    /// What is in the database already of a run that was not.
    pub(crate) durable: DurableRanges,
    /// Where the load's manifest is, for messages.
    pub(crate) manifest: String,
}

/// Makes batches of records and hands them over.
pub(crate) struct Batcher {
    sender: Sender<Item>,
    limits: BatchLimits,
    durable: DurableRanges,
    manifest: String,
    /// What has been read, for a load that may be repeated.
    following: Option<Following>,
    content: Option<Content>,
    /// The durable range that the reader is in.
    passing: Option<(Durable, Sha256)>,
    batch: Option<Batch>,
    target: Option<Arc<Target>>,
    left_out: u64,
    /// What places are counted in.
    unit: &'static str,
}

impl Batcher {
    /// For a source that is read once.
    pub(crate) fn new(sender: Sender<Item>, limits: BatchLimits) -> Self {
        let (durable, manifest, unit) = (DurableRanges::new(), String::new(), "byte");
        let (following, content, passing, batch, target) = (None, None, None, None, None);
        Self { sender, limits, durable, manifest, following, content, passing, batch, target, left_out: 0, unit }
    }

    /// For a source that may be read again, and may have been read before.
    pub(crate) fn behind(sender: Sender<Item>, limits: BatchLimits, earlier: Earlier) -> Self {
        let Earlier { content, durable, manifest } = earlier;
        Self { durable, manifest, following: Some(Following::new(content)), ..Self::new(sender, limits) }
    }

    /// A piece of the source that gives the records behind it their meaning, or is one; true when an earlier run has done with it.
    pub(crate) fn follow(&mut self, place: &Range<u64>, bytes: &[u8]) -> Result<bool, TransferError> {
        let Some(following) = &mut self.following else { return Ok(false) };
        following.take(place, bytes).map_err(|Changed| self.another_source())
    }

    /// Rows go here from now on.
    pub(crate) fn enter(&mut self, target: &Arc<Target>) -> Result<(), TransferError> {
        if self.target.as_ref() != Some(target) {
            self.flush()?;
            if self.target.is_some() {
                self.hand_over(Item::Barrier)?;
            }
            self.target = Some(Arc::clone(target));
        }
        Ok(())
    }

    /// The next record of the source, unless it is in the database already. `encode` appends its row, or says why it is none; it
    /// appends nothing for what is no record, such as an empty line.
    pub(crate) fn record(
        &mut self,
        place: Range<u64>,
        line: u64,
        raw: &[u8],
        encode: impl FnOnce(&mut Vec<u8>) -> Result<(), Refusal>,
    ) -> Result<(), TransferError> {
        if self.follow(&place, raw)? || self.is_durable(&place, raw)? {
            return Ok(());
        }
        let limits = self.limits;
        let batch = self.batch_at(place.start)?;
        let (raw_start, data_start) = (batch.raw.len(), batch.data.len());
        batch.raw.extend_from_slice(raw);
        let refusal = encode(&mut batch.data).err().map(Box::new);
        if refusal.is_some() {
            batch.data.truncate(data_start);
        }
        let (raw, data) = (raw_start..batch.raw.len(), data_start..batch.data.len());
        batch.range.end = place.end;
        if refusal.is_some() || !data.is_empty() {
            batch.records.push(Record { place: place.start, line, raw, data, refusal });
        }
        if batch.records.len() >= limits.rows_max || batch.data.len() >= limits.bytes_max {
            self.flush()?;
        }
        Ok(())
    }

    /// A record without bytes of its own, for which its row stands: the `number`th of the source, from 1.
    pub(crate) fn row(&mut self, number: u64, line: u64, text: &[u8], verdict: Result<(), Refusal>) -> Result<(), TransferError> {
        self.record(number - 1..number, line, text, |out| {
            verdict?;
            out.extend_from_slice(text);
            Ok(())
        })
    }

    /// Places are numbers of rows, because the source has no bytes of a row.
    pub(crate) fn count_rows(&mut self) {
        self.unit = "row";
    }

    /// A statement that is to run between the rows before and behind it.
    pub(crate) fn statement(&mut self, place: Range<u64>, sql: String) -> Result<(), TransferError> {
        if self.follow(&place, sql.as_bytes())? {
            return Ok(());
        }
        self.flush()?;
        self.hand_over(Item::Statement(Statement { place: place.start, sql }))
    }

    /// Counts a statement that is not wanted.
    pub(crate) fn leave_out(&mut self) {
        self.left_out += 1;
    }

    /// What is known when the source has been read to its end.
    pub(crate) fn at_end(&mut self) -> AtEnd {
        AtEnd { left_out: self.left_out, content: self.content.take() }
    }

    /// A record of which only the beginning is kept, refused.
    pub(crate) fn refuse_long(
        &mut self,
        place: Range<u64>,
        line: u64,
        beginning: &[u8],
        digest: Sha256,
        refusal: Refusal,
    ) -> Result<(), TransferError> {
        if self.follow(&place, &digest.clone().finalize())? {
            return Ok(());
        }
        if let Some(durable) = self.durable.get(&place.start).cloned() {
            return self.compare(&durable, digest);
        }
        self.flush()?;
        let batch = self.batch_at(place.start)?;
        batch.raw = beginning.to_vec();
        batch.range.end = place.end;
        batch.digest = Some(hexadecimal(digest));
        batch.records.push(Record { place: place.start, line, raw: 0..beginning.len(), data: 0..0, refusal: Some(Box::new(refusal)) });
        self.flush()
    }

    /// Hands over what is left. A source that ends before what is known of it has changed.
    pub(crate) fn finish(&mut self, end: u64) -> Result<(), TransferError> {
        self.flush()?;
        if let Some(following) = &mut self.following {
            self.content = Some(following.finish().map_err(|Changed| self.another_source())?);
        }
        match self.durable.last_key_value() {
            Some((_, durable)) if durable.end > end => Err(self.changed(end)),
            _ => Ok(()),
        }
    }

    fn batch_at(&mut self, place: u64) -> Result<&mut Batch, TransferError> {
        let Some(target) = &self.target else { return Err(TransferError::Source("a row comes before its table".to_owned())) };
        Ok(self.batch.get_or_insert_with(|| Batch::new(Arc::clone(target), place)))
    }

    fn flush(&mut self) -> Result<(), TransferError> {
        // A range without a record needs no transaction.
        match self.batch.take() {
            Some(batch) if !batch.records.is_empty() => self.hand_over(Item::Batch(batch)),
            _ => Ok(()),
        }
    }

    fn hand_over(&mut self, item: Item) -> Result<(), TransferError> {
        // Nobody receives any more once the load has failed; its own error is the one that counts.
        self.sender.blocking_send(item).map_err(|_| TransferError::Source("the load was ended".to_owned()))
    }

    /// Whether a record is in the database already; then its bytes have to be the ones of that time.
    fn is_durable(&mut self, place: &Range<u64>, raw: &[u8]) -> Result<bool, TransferError> {
        if self.durable.is_empty() {
            return Ok(false);
        }
        if self.passing.is_none() {
            let Some(durable) = self.durable.get(&place.start).cloned() else { return Ok(false) };
            self.flush()?;
            self.passing = Some((durable, Sha256::new()));
        }
        let Some((durable, digest)) = &mut self.passing else { return Ok(false) };
        digest.update(raw);
        if place.end > durable.end {
            let start = place.start;
            return Err(self.changed(start));
        }
        if place.end == durable.end
            && let Some((durable, digest)) = self.passing.take()
        {
            self.compare(&durable, digest)?;
        }
        Ok(true)
    }

    fn compare(&self, durable: &Durable, digest: Sha256) -> Result<(), TransferError> {
        if hexadecimal(digest) == durable.digest { Ok(()) } else { Err(self.changed(durable.end)) }
    }

    fn changed(&self, place: u64) -> TransferError {
        let Self { unit, manifest, .. } = self;
        TransferError::Source(format!(
            "the source has changed since the load began, before {unit} {place}: what was loaded from it is not what it says now. \
             Bring back the old content to go on, or empty the table and delete {manifest} to begin anew"
        ))
    }

    fn another_source(&self) -> TransferError {
        TransferError::Source(format!(
            "the source has changed since it was loaded completely: it does not begin with what was loaded from it. Only what is added at its \
             end can be loaded by the same command. To load all of it anew, delete {0}, and empty the table or say --on-conflict skip or update",
            self.manifest
        ))
    }
}

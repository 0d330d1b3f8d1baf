//! Two tables by checksums of ranges of their key.
//!
//! The table is cut into ranges in which neither side has more than so many rows. Both servers compute the checksum of a range at the same time; one that
//! differs is halved until it is small. Each of these statements is a short transaction of its own, so a table may be of any size, and rows may change while it
//! is gone through. Therefore a range that differs is only remembered, and looked at again when the table is through, this time row by row: what was merely
//! under way is equal by then. In one snapshot nothing changes, and the second look finds what the first has found.

use std::pin::pin;

use borealis_client::{ClientError, Limits, Row};
use borealis_pgtypes::copy_text;
use borealis_pgtypes::key_range::{self, KeyColumn, KeyRange, KeyValues};
use futures::stream::{self, Stream, StreamExt as _, TryStreamExt as _};

use super::comparison::{Comparison, Deal};
use super::reader::Reader;
use super::{Told, VerifyOptions, VerifyProgress, VerifyReport};
use crate::error::TransferError;
use crate::table::text;

/// A range is halved down to this part of it before it is looked at row by row.
const LOOK_PART: u64 = 16;
/// What one side may have in it by then; one with more is halved.
const LOOK_LIMITS: Limits = Limits { rows_max: 2_048, bytes_max: 8 * 1024 * 1024 };
/// How many ranges are remembered until they are looked at again.
const REMEMBERED_MAX: usize = 4_096;

/// A comparison of two tables.
pub(super) struct Ranges<'v> {
    pub(super) first: &'v Reader<'v>,
    pub(super) second: &'v Reader<'v>,
    /// The values compared, as each side computes them.
    pub(super) values: [String; 2],
    pub(super) key: Vec<KeyColumn>,
    pub(super) deal: &'v Deal,
    pub(super) options: &'v VerifyOptions,
    pub(super) progress: Told<'v>,
}

/// Rows of a range, and what they come to.
#[derive(Debug, PartialEq, Eq)]
struct Sum {
    rows: u64,
    checksum: String,
}

/// What the checksums of a range and of parts of it have shown.
#[derive(Default)]
struct Narrowed {
    equal: u64,
    /// Small ranges that differ.
    different: Vec<KeyRange>,
    /// Rows on both sides.
    rows: u64,
}

impl Ranges<'_> {
    pub(super) async fn compare(&self) -> Result<VerifyReport, TransferError> {
        let rows_total = self.estimate().await?;
        let mut report = VerifyReport::default();
        let (mut rows, mut different) = (0, Vec::new());
        // A snapshot is one connection, which takes one statement at a time.
        let jobs = if self.options.one_snapshot { 1 } else { self.options.jobs.max(1) };
        let mut compared =
            pin!(self.cut(KeyRange::default(), self.options.range_rows.max(1)).map_ok(|range| self.narrowed(range)).try_buffered(jobs));
        while let Some(narrowed) = compared.try_next().await? {
            report.add_equal(narrowed.equal);
            different.extend(narrowed.different);
            rows += narrowed.rows;
            (self.progress)(VerifyProgress { rows, rows_total });
            if different.len() >= REMEMBERED_MAX {
                self.look_again(&mut different, jobs, &mut report).await?;
            }
        }
        self.look_again(&mut different, jobs, &mut report).await?;
        Ok(report)
    }

    /// About how many rows both sides have, if both have been analyzed.
    async fn estimate(&self) -> Result<Option<u64>, TransferError> {
        let mut total = 0;
        for reader in [self.first, self.second] {
            let sql = format!("SELECT reltuples::bigint FROM pg_catalog.pg_class WHERE oid = {}", reader.table.oid);
            let rows = reader.rows(&sql).await?;
            match rows.first().and_then(|row| text(row, 0).parse::<u64>().ok()) {
                None | Some(0) => return Ok(None),
                Some(rows) => total += rows,
            }
        }
        Ok(Some(total))
    }

    /// The ranges that make up a range, one behind the other, in none of which either side has more than so many rows.
    fn cut(&self, whole: KeyRange, rows: u64) -> impl Stream<Item = Result<KeyRange, TransferError>> {
        stream::try_unfold(Some(whole), move |left: Option<KeyRange>| async move {
            let Some(left) = left else { return Ok(None) };
            Ok(Some(match self.nth_key_of_both(&left, rows).await? {
                Some(end) => {
                    let (range, rest) = left.split(end);
                    (range, Some(rest))
                }
                None => (left, None),
            }))
        })
    }

    /// The first key at which a range has `count` rows on one of the sides: up to it neither has more.
    async fn nth_key_of_both(&self, range: &KeyRange, count: u64) -> Result<Option<KeyValues>, TransferError> {
        let first = self.nth_key(self.first, range, count).await?;
        let within = KeyRange { low: range.low.clone(), high: first.clone().or_else(|| range.high.clone()) };
        Ok(self.nth_key(self.second, &within, count).await?.or(first))
    }

    async fn nth_key(&self, reader: &Reader<'_>, range: &KeyRange, count: u64) -> Result<Option<KeyValues>, TransferError> {
        let rows = reader.rows(&key_range::nth_key(&reader.table.sql_name(), &self.key, range, count)).await?;
        Ok(rows.first().map(|row| (0..self.key.len()).map(|column| text(row, column).to_owned()).collect()))
    }

    async fn sums(&self, range: &KeyRange) -> Result<(Sum, Sum), TransferError> {
        tokio::try_join!(self.sum(self.first, &self.values[0], range), self.sum(self.second, &self.values[1], range))
    }

    async fn sum(&self, reader: &Reader<'_>, values: &str, range: &KeyRange) -> Result<Sum, TransferError> {
        let checksum = key_range::checksum(&key_range::row_checksum(values), &self.key);
        let condition = range.condition(&self.key, "");
        let rows = reader.rows(&format!("SELECT count(*), {checksum} FROM {} WHERE {condition}", reader.table.sql_name())).await?;
        let cell = |column| rows.first().map(|row| text(row, column)).unwrap_or_default();
        Ok(Sum { rows: cell(0).parse().unwrap_or(0), checksum: cell(1).to_owned() })
    }

    /// Compares a range, and where it differs its halves, down to what can be looked at.
    async fn narrowed(&self, range: KeyRange) -> Result<Narrowed, TransferError> {
        let look_rows = (self.options.range_rows / LOOK_PART).clamp(1, LOOK_LIMITS.rows_max as u64 / 2);
        let (mut narrowed, mut left, mut is_whole) = (Narrowed::default(), vec![range], true);
        while let Some(range) = left.pop() {
            let (first, second) = self.sums(&range).await?;
            if std::mem::take(&mut is_whole) {
                narrowed.rows = first.rows + second.rows;
            }
            if first == second {
                narrowed.equal += first.rows;
            } else if first.rows.max(second.rows) <= look_rows {
                narrowed.different.push(range);
            } else if first.rows.min(second.rows) == 0 {
                // Nothing in it is equal, which no checksum of a part has to show.
                narrowed.different.extend(self.cut(range, look_rows).try_collect::<Vec<_>>().await?);
            } else {
                left.extend(self.halves(range, &first, &second).await?);
            }
        }
        Ok(narrowed)
    }

    /// The halves of a range, the upper one first.
    async fn halves(&self, range: KeyRange, first: &Sum, second: &Sum) -> Result<Vec<KeyRange>, TransferError> {
        let (larger, rows) = if first.rows >= second.rows { (self.first, first.rows) } else { (self.second, second.rows) };
        Ok(match self.nth_key(larger, &range, rows / 2).await? {
            Some(middle) => vec![KeyRange { low: Some(middle.clone()), high: range.high }, KeyRange { low: range.low, high: Some(middle) }],
            // Its rows have gone in the meantime.
            None => vec![range],
        })
    }

    /// What of the remembered ranges still differs, row by row.
    async fn look_again(&self, ranges: &mut Vec<KeyRange>, jobs: usize, report: &mut VerifyReport) -> Result<(), TransferError> {
        let mut looked = pin!(stream::iter(std::mem::take(ranges)).map(|range| self.look(range)).buffered(jobs));
        while let Some(part) = looked.try_next().await? {
            report.add(part, self.options.differences_max);
        }
        Ok(())
    }

    async fn look(&self, range: KeyRange) -> Result<VerifyReport, TransferError> {
        let (mut report, mut left) = (VerifyReport::default(), vec![range]);
        while let Some(range) = left.pop() {
            match self.fetch(&range, LOOK_LIMITS).await {
                Ok((first, second)) => self.meet(&first, &second, &mut report),
                Err(error) if is_too_large(&error) => {
                    let (first, second) = self.sums(&range).await?;
                    if first.rows.max(second.rows) > 1 {
                        left.extend(self.halves(range, &first, &second).await?);
                    } else {
                        let (first, second) = self.fetch(&range, Limits::default()).await?;
                        self.meet(&first, &second, &mut report);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(report)
    }

    /// The rows of both sides.
    async fn fetch(&self, range: &KeyRange, limits: Limits) -> Result<(Vec<Row>, Vec<Row>), TransferError> {
        let (condition, order) = (range.condition(&self.key, ""), key_range::order(&self.key, ""));
        let query =
            |reader: &Reader<'_>, values| format!("SELECT {values} FROM {} WHERE {condition} ORDER BY {order}", reader.table.sql_name());
        let (first, second) = (query(self.first, &self.values[0]), query(self.second, &self.values[1]));
        tokio::try_join!(self.first.rows_within(&first, limits), self.second.rows_within(&second, limits))
    }

    fn meet(&self, first: &[Row], second: &[Row], report: &mut VerifyReport) {
        report.first_rows += first.len() as u64;
        report.second_rows += second.len() as u64;
        let mut comparison = Comparison::new(self.deal, self.options.differences_max, report);
        first.iter().for_each(|row| comparison.first(0, copied(row)));
        second.iter().for_each(|row| comparison.second(&copied(row)));
        comparison.finish();
    }
}

fn is_too_large(error: &TransferError) -> bool {
    matches!(error, TransferError::Database { error, .. } if matches!(**error, ClientError::TooLarge(_)))
}

/// A row as COPY writes it.
fn copied(row: &Row) -> Vec<u8> {
    let mut out = Vec::with_capacity(row.bytes() + 16);
    for (place, value) in row.iter().enumerate() {
        if place > 0 {
            out.push(b'\t');
        }
        match value {
            Some(value) => copy_text::escape(value.as_bytes(), &mut out),
            None => out.extend_from_slice(copy_text::NULL),
        }
    }
    out
}

impl VerifyReport {
    /// Rows that both sides have.
    fn add_equal(&mut self, rows: u64) {
        self.equal += rows;
        self.first_rows += rows;
        self.second_rows += rows;
    }

    /// What has come out of a part.
    fn add(&mut self, part: Self, differences_max: usize) {
        let Self { first_rows, second_rows, equal, only_first, only_second, different, no_rows, differences, read_whole_because: _ } = part;
        self.first_rows += first_rows;
        self.second_rows += second_rows;
        self.equal += equal;
        self.only_first += only_first;
        self.only_second += only_second;
        self.different += different;
        self.no_rows += no_rows;
        let room = differences_max.saturating_sub(self.differences.len());
        self.differences.extend(differences.into_iter().take(room));
    }
}

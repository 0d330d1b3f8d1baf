//! Comparing the two tables, range by range, and mending the new one.
//!
//! A range's checksum is over every copied value of every row, in key order, computed by the server on both sides in one snapshot. The new
//! table is changed by its run alone, so a checksum of it stays true until the run itself mends the range: behind the fence only the
//! original has to be read again.

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::copy::Rows;
use crate::error::{MigrateError, Result};
use crate::journal::Journal;
use crate::link::Link;
use crate::sql::{KeyValues, Range};

/// Ranges compared at the same time behind the fence.
const PARALLEL: usize = 4;
/// Rows of a compared range, in batches.
const RANGE_BATCHES: u64 = 4;

/// A range and the checksum of the new table's rows in it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    range: Range,
    sum: String,
}

/// Compares and mends on behalf of a run.
pub(crate) struct Verifier<'v> {
    pub(crate) journal: &'v Journal<'v>,
    pub(crate) rows: Rows<'v>,
    pub(crate) batch_rows: u64,
}

/// The checksums of a range: what it should be and what it is.
struct Sums {
    expected: String,
    actual: String,
}

impl Verifier<'_> {
    fn link(&self) -> &Link<'_> {
        self.journal.link
    }

    /// One comparison of the whole table, mended where it differs. Answers the ranges and how many of them had to be mended.
    /// `told` hears of each range.
    pub(crate) async fn round(&self, told: &mut (dyn FnMut(u64) + Send)) -> Result<(Vec<Known>, u64)> {
        let (mut known, mut differences, mut low) = (Vec::new(), 0, None);
        loop {
            let high = self.nth_key(Range::behind(low.clone()), self.batch_rows * RANGE_BATCHES).await?;
            let range = Range { low, high: high.clone() };
            let mut sums = self.sums(&range).await?;
            if sums.expected != sums.actual {
                differences += 1;
                self.mend(&range).await?;
                sums = self.sums(&range).await?;
            }
            known.push(Known { range, sum: sums.actual });
            told(known.len() as u64 * self.batch_rows * RANGE_BATCHES);
            if self.journal.is_asked_to_pause() {
                return Err(MigrateError::Paused);
            }
            match high {
                Some(high) => low = Some(high),
                None => return Ok((known, differences)),
            }
        }
    }

    /// Behind the fence: the original no longer changes, so what is found equal is equal for good. Answers whether all of it is.
    ///
    /// Rows are mended by updates first. Where values of a unique key have moved between rows, an update finds the value still taken by a row
    /// that is itself out of date; so then everything that is out of date goes, everywhere, before what is missing comes.
    pub(crate) async fn settle(&self, known: Vec<Known>) -> Result<bool> {
        let known = if known.is_empty() { self.all_ranges().await? } else { known };
        let mut different = self.different(known.into_iter().map(|known| (known.range, Some(known.sum))).collect()).await?;
        self.each(&different, |range| async move { self.update(&range).await }).await?;
        different = self.different(different.into_iter().map(|range| (range, None)).collect()).await?;
        if different.is_empty() {
            return Ok(true);
        }
        self.each(&different, |range| async move { self.in_batches(&range, |part| vec![self.rows.remove_stale(part)]).await }).await?;
        self.each(&different, |range| async move { self.in_batches(&range, |part| vec![self.rows.put_missing(part)]).await }).await?;
        let different = self.different(different.into_iter().map(|range| (range, None)).collect()).await?;
        Ok(different.is_empty())
    }

    async fn all_ranges(&self) -> Result<Vec<Known>> {
        let (mut known, mut low) = (Vec::new(), None);
        loop {
            let high = self.nth_key(Range::behind(low.clone()), self.batch_rows * RANGE_BATCHES).await?;
            let range = Range { low, high: high.clone() };
            let sum = self.sums(&range).await?.actual;
            known.push(Known { range, sum });
            match high {
                Some(high) => low = Some(high),
                None => return Ok(known),
            }
        }
    }

    /// The ranges that differ; with a known checksum of the new table only the original is read.
    async fn different(&self, ranges: Vec<(Range, Option<String>)>) -> Result<Vec<Range>> {
        let compared = stream::iter(ranges).map(|(range, known)| async move {
            let equal = match known {
                Some(sum) => self.expected(&range).await? == sum,
                None => {
                    let sums = self.sums(&range).await?;
                    sums.expected == sums.actual
                }
            };
            Ok::<_, MigrateError>((!equal).then_some(range))
        });
        let different: Vec<Option<Range>> = compared.buffered(PARALLEL).try_collect().await?;
        Ok(different.into_iter().flatten().collect())
    }

    async fn each<F: Future<Output = Result<()>>>(&self, ranges: &[Range], mend: impl Fn(Range) -> F) -> Result<()> {
        stream::iter(ranges.to_vec()).map(mend).buffer_unordered(PARALLEL).try_collect().await
    }

    /// What can be mended while others write: rows whose unique values are still taken wait for the next round.
    async fn mend(&self, range: &Range) -> Result<()> {
        self.update(range).await?;
        let sums = self.sums(range).await?;
        if sums.expected == sums.actual {
            return Ok(());
        }
        self.in_batches(range, |part| vec![self.rows.remove_stale(part)]).await?;
        match self.in_batches(range, |part| vec![self.rows.put_missing(part)]).await {
            Err(error) if error.code() == Some("23505") => Ok(()),
            other => other,
        }
    }

    async fn update(&self, range: &Range) -> Result<()> {
        let both = |part: &Range| vec![self.rows.remove_gone(part), self.rows.put_changed(part)];
        match self.in_batches(range, both).await {
            Err(error) if error.code() == Some("23505") => Ok(()),
            other => other,
        }
    }

    /// Runs statements over a range in transactions of a batch's size; one that is too large all the same is halved.
    async fn in_batches(&self, range: &Range, statements: impl Fn(&Range) -> Vec<String>) -> Result<()> {
        let mut open = vec![(range.clone(), self.batch_rows)];
        while let Some((range, rows)) = open.pop() {
            let part_end = self.nth_key(range.clone(), rows).await?;
            let part = Range { low: range.low.clone(), high: part_end.clone().or_else(|| range.high.clone()) };
            match self.journal.mend("mending a range", statements(&part)).await {
                Err(error) if error.is_too_large() && rows > 1 => {
                    open.push((range, rows / 2));
                    continue;
                }
                other => other?,
            }
            if let Some(end) = part_end
                && range.high.as_ref() != Some(&end)
            {
                open.push((Range { low: Some(end), high: range.high }, rows));
            }
        }
        Ok(())
    }

    async fn nth_key(&self, range: Range, count: u64) -> Result<Option<KeyValues>> {
        let found =
            crate::journal::retried(|| async { self.link().rows("reading keys", self.rows.nth_key_of_both(&range, count)).await }).await?;
        Ok(found.first().map(|row| self.rows.key_values(row)))
    }

    async fn sums(&self, range: &Range) -> Result<Sums> {
        let query = self.rows.sums(range);
        let rows = crate::journal::retried(|| async { self.link().rows("comparing a range", query.as_str()).await }).await?;
        let cell = |column: usize| rows.first().and_then(|row| row.get(column)).unwrap_or_default().to_owned();
        Ok(Sums { expected: cell(0), actual: cell(1) })
    }

    async fn expected(&self, range: &Range) -> Result<String> {
        let query = self.rows.expected_sum(range);
        let rows = crate::journal::retried(|| async { self.link().rows("comparing a range", query.as_str()).await }).await?;
        Ok(rows.first().and_then(|row| row.get(0)).unwrap_or_default().to_owned())
    }
}

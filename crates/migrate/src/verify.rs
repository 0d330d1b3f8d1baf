//! Comparing the two tables and mending the new one.
//!
//! A checksum is over every copied value of every row, in key order, computed by the server on both sides in one snapshot. The new table is
//! changed by its run alone, so a checksum of it stays true until the run itself mends the range: behind the fence only the original has to be
//! read again. Whatever mends compares in the same transaction: others may write on, what it made is what its snapshot saw.

use futures::future::{BoxFuture, FutureExt as _};
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};

use crate::copy::Rows;
use crate::error::{MigrateError, Result};
use crate::journal::{Journal, retried};
use crate::link::Link;
use crate::sql::{Extent, KeyValues, Range};

/// Extents compared or mended at the same time.
const PARALLEL: usize = 4;
/// Rows of a compared range, in batches.
const RANGE_BATCHES: u64 = 4;

/// A range and the checksum of the new table's rows in it.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    range: Range,
    sum: String,
}

impl Known {
    /// What [`Verifier::settle`] takes.
    pub(crate) fn extent(self) -> (Extent, Option<String>) {
        (Extent::Range(self.range), Some(self.sum))
    }
}

/// A comparison of the whole table.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) known: Vec<Known>,
    /// Ranges that had to be mended.
    pub(crate) differences: u64,
    /// All of them could be. Where not, unique values are in each other's way, or an expression gives another value each time.
    pub(crate) mended: bool,
}

/// Compares and mends on behalf of a run.
pub(crate) struct Verifier<'v> {
    pub(crate) journal: &'v Journal<'v>,
    pub(crate) rows: Rows<'v>,
    pub(crate) batch_rows: u64,
    /// See [`Journal::mend`].
    pub(crate) barrier: String,
}

/// The checksums of some rows: what it should be and what it is.
struct Sums {
    expected: String,
    actual: String,
}

impl Sums {
    fn of(row: Option<&borealis_client::Row>) -> Self {
        let cell = |column: usize| row.and_then(|row| row.get(column)).unwrap_or_default().to_owned();
        Self { expected: cell(0), actual: cell(1) }
    }

    fn are_equal(&self) -> bool {
        self.expected == self.actual
    }
}

impl Verifier<'_> {
    fn link(&self) -> &Link<'_> {
        self.journal.link
    }

    /// One comparison of the whole table, mended where it differs.
    pub(crate) fn round(&self) -> BoxFuture<'_, Result<Round>> {
        async move {
            let mut compared = self.ranges().map_ok(|range| self.compared(range).boxed()).try_buffered(PARALLEL).boxed();
            let mut round = Round { mended: true, ..Round::default() };
            while let Some((known, mended)) = compared.try_next().await? {
                round.known.push(known);
                round.differences += u64::from(mended.is_some());
                round.mended &= mended.unwrap_or(true);
                if self.journal.is_asked_to_pause() {
                    return Err(MigrateError::Paused);
                }
            }
            Ok(round)
        }
        .boxed()
    }

    /// The table's rows in ranges, none of which is larger than compared at once in either table.
    fn ranges(&self) -> BoxStream<'_, Result<Range>> {
        let next = move |left: Option<Range>| async move {
            let Some(left) = left else { return Ok(None) };
            Ok::<_, MigrateError>(Some(match self.nth_key(left.clone(), self.batch_rows * RANGE_BATCHES).await? {
                Some(end) => {
                    let (range, rest) = left.split(end);
                    (range, Some(rest))
                }
                None => (left, None),
            }))
        };
        stream::try_unfold(Some(Range::default()), next).boxed()
    }

    /// A range's checksum, and, where it had to be mended, whether it could be.
    async fn compared(&self, range: Range) -> Result<(Known, Option<bool>)> {
        let rows = Extent::Range(range.clone());
        let sums = self.sums(&rows).await?;
        if sums.are_equal() {
            return Ok((Known { range, sum: sums.actual }, None));
        }
        let mended = self.mend(rows.clone()).await?;
        Ok((Known { range, sum: self.sums(&rows).await?.actual }, Some(mended)))
    }

    /// Makes rows with these keys equal in both tables; false when some could not be.
    pub(crate) fn put(&self, keys: Vec<KeyValues>) -> BoxFuture<'_, Result<bool>> {
        async move {
            let parts = stream::iter(Extent::of_keys(&keys, self.batch_rows)).map(|rows| self.mend(rows).boxed());
            let mended: Vec<bool> = parts.buffer_unordered(PARALLEL).try_collect().await?;
            Ok(mended.into_iter().all(|mended| mended))
        }
        .boxed()
    }

    /// Behind the fence: the original no longer changes, so what is found equal is equal for good. Answers whether all of it is.
    ///
    /// Rows are mended by updates first. Where values of a unique key have moved between rows, an update finds the value still taken by a row
    /// that is itself out of date; so then everything that is out of date goes, everywhere, before what is missing comes.
    pub(crate) async fn settle(&self, extents: Vec<(Extent, Option<String>)>) -> Result<bool> {
        let mut different = self.different(extents).await?;
        self.each(&different, |rows| async move { self.update(rows).await }).await?;
        different = self.different(again(different)).await?;
        if different.is_empty() {
            return Ok(true);
        }
        self.each(&different, |rows| async move { self.in_batches(rows, |part| vec![self.rows.remove_stale(part)]).await }).await?;
        self.each(&different, |rows| async move { self.in_batches(rows, |part| vec![self.rows.put_missing(part)]).await }).await?;
        Ok(self.different(again(different)).await?.is_empty())
    }

    /// All rows, in ranges, with the checksums of the new table.
    pub(crate) fn all_ranges(&self) -> BoxFuture<'_, Result<Vec<Known>>> {
        async move {
            let known = |range: Range| {
                let sums = async move {
                    let sum = self.sums(&Extent::Range(range.clone())).await?.actual;
                    Ok::<_, MigrateError>(Known { range, sum })
                };
                sums.boxed()
            };
            self.ranges().map_ok(known).try_buffered(PARALLEL).try_collect().await
        }
        .boxed()
    }

    /// What differs; with a known checksum of the new table only the original is read.
    async fn different(&self, extents: Vec<(Extent, Option<String>)>) -> Result<Vec<Extent>> {
        let compared = stream::iter(extents).map(|(rows, known)| async move {
            let equal = match known {
                Some(sum) => self.expected(&rows).await? == sum,
                None => self.sums(&rows).await?.are_equal(),
            };
            Ok::<_, MigrateError>((!equal).then_some(rows))
        });
        let different: Vec<Option<Extent>> = compared.buffered(PARALLEL).try_collect().await?;
        Ok(different.into_iter().flatten().collect())
    }

    async fn each<F: Future<Output = Result<Vec<Extent>>>>(&self, extents: &[Extent], mend: impl Fn(Extent) -> F) -> Result<()> {
        stream::iter(extents.to_vec()).map(mend).buffer_unordered(PARALLEL).try_for_each(|_| async { Ok(()) }).await
    }

    /// What can be mended while others write; false when rows are left whose unique values are still taken.
    async fn mend(&self, rows: Extent) -> Result<bool> {
        let mut mended = true;
        for part in self.update(rows).await? {
            mended &= self.in_batches(part, |part| vec![self.rows.remove_stale(part), self.rows.put_missing(part)]).await?.is_empty();
        }
        Ok(mended)
    }

    async fn update(&self, rows: Extent) -> Result<Vec<Extent>> {
        self.in_batches(rows, |part| vec![self.rows.remove_gone(part), self.rows.put_changed(part)]).await
    }

    /// Runs statements over some rows in transactions of a batch's size; one that is too large all the same is halved. Answers the parts that are
    /// not equal to the original's afterwards, or could not be written for values of unique keys.
    async fn in_batches(&self, rows: Extent, statements: impl Fn(&Extent) -> Vec<String>) -> Result<Vec<Extent>> {
        let (mut open, mut unequal) = (vec![(rows, self.batch_rows.max(1))], Vec::new());
        while let Some((rows, size)) = open.pop() {
            let (part, rest) = self.cut(&rows, size).await?;
            let list = statements(&part).into_iter().chain([self.rows.sums(&part)]).collect();
            match self.journal.mend("mending rows", list, &self.barrier).await {
                Err(error) if error.is_too_large() && size > 1 => {
                    open.push((rows, size / 2));
                    continue;
                }
                Err(error) if error.code() == Some("23505") => unequal.push(part),
                Err(error) => return Err(error),
                Ok(outcomes) => {
                    if !Sums::of(outcomes.last().and_then(|outcome| outcome.rows.first())).are_equal() {
                        unequal.push(part);
                    }
                }
            }
            open.extend(rest.map(|rest| (rest, size)));
        }
        Ok(unequal)
    }

    /// The first rows of an extent, not more than `count` in either table, and the others.
    async fn cut(&self, rows: &Extent, count: u64) -> Result<(Extent, Option<Extent>)> {
        match rows {
            Extent::Keys(keys) => {
                let (first, rest) = keys.split_at(keys.len().min(usize::try_from(count).unwrap_or(usize::MAX)));
                Ok((Extent::Keys(first.to_vec()), (!rest.is_empty()).then(|| Extent::Keys(rest.to_vec()))))
            }
            Extent::Range(range) => {
                let end = self.nth_key(range.clone(), count).await?.filter(|end| range.high.as_ref() != Some(end));
                let Some(end) = end else { return Ok((rows.clone(), None)) };
                let (part, rest) = range.clone().split(end);
                Ok((Extent::Range(part), Some(Extent::Range(rest))))
            }
        }
    }

    async fn nth_key(&self, range: Range, count: u64) -> Result<Option<KeyValues>> {
        let found = retried(|| async { self.link().rows("reading keys", self.rows.nth_key_of_both(&range, count)).await }).await?;
        Ok(found.first().map(|row| self.rows.key_values(row)))
    }

    async fn sums(&self, rows: &Extent) -> Result<Sums> {
        let query = self.rows.sums(rows);
        let rows = retried(|| async { self.link().rows("comparing rows", query.as_str()).await }).await?;
        Ok(Sums::of(rows.first()))
    }

    async fn expected(&self, rows: &Extent) -> Result<String> {
        let query = self.rows.expected_sum(rows);
        let rows = retried(|| async { self.link().rows("comparing rows", query.as_str()).await }).await?;
        Ok(rows.first().and_then(|row| row.get(0)).unwrap_or_default().to_owned())
    }
}

/// What was found different, to be compared anew.
fn again(different: Vec<Extent>) -> Vec<(Extent, Option<String>)> {
    different.into_iter().map(|rows| (rows, None)).collect()
}

//! Merging the layers of a view into one ordered stream.
//!
//! A view is a stack: the transaction's own writes, the tables in memory from new to old, the base store. A key's value is that of the
//! topmost layer that has anything about it, and a deletion there hides whatever lies below. Each layer is a cursor in key order; the
//! scan repeatedly takes the first key on the way among them. There are at most four layers, so a plain loop beats a heap.

use std::cmp::Ordering;
use std::ops::Bound;

use smallvec::SmallVec;

use crate::base_store::BaseCursor;
use crate::error::StoreError;
use crate::table::TableCursor;
use crate::write_set::WriteSetCursor;
use crate::{Direction, KeyRange};

/// One layer of a scan.
pub(crate) enum Source<'a> {
    Own(WriteSetCursor<'a>),
    Table(TableCursor<'a>),
    Base(BaseCursor<'a>),
}

impl Source<'_> {
    fn key(&self) -> Option<&[u8]> {
        match self {
            Self::Own(cursor) => cursor.key(),
            Self::Table(cursor) => cursor.key(),
            Self::Base(cursor) => cursor.key(),
        }
    }

    /// `None` is a deletion.
    fn value(&self) -> Option<&[u8]> {
        match self {
            Self::Own(cursor) => cursor.value(),
            Self::Table(cursor) => cursor.value(),
            Self::Base(cursor) => cursor.value(),
        }
    }

    fn seek(&mut self, range: &KeyRange, direction: Direction) -> Result<(), StoreError> {
        match self {
            Self::Own(cursor) => cursor.seek(range, direction),
            Self::Table(cursor) => cursor.seek(range, direction),
            Self::Base(cursor) => return cursor.seek(range, direction),
        }
        Ok(())
    }

    fn advance(&mut self, range: &KeyRange, direction: Direction) -> Result<(), StoreError> {
        match self {
            Self::Own(cursor) => cursor.advance(),
            Self::Table(cursor) => cursor.advance(range, direction),
            Self::Base(cursor) => return cursor.advance(),
        }
        Ok(())
    }
}

/// A cursor over the keys of a range. Rows are lent: each is valid until the next call.
pub struct Scan<'a> {
    range: KeyRange,
    direction: Direction,
    /// Topmost layer first.
    sources: SmallVec<[Source<'a>; 4]>,
    /// Layers that stand on the key returned last, or on one that a layer above hides.
    passed: SmallVec<[bool; 4]>,
    placed: bool,
    /// Sought to where nothing of the range is left.
    ended: bool,
    failure: Option<StoreError>,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(range: KeyRange, direction: Direction) -> Self {
        Self { range, direction, sources: SmallVec::new(), passed: SmallVec::new(), placed: false, ended: false, failure: None }
    }

    /// Adds a layer below those added before.
    pub(crate) fn add(&mut self, source: Source<'a>) {
        self.sources.push(source);
        self.passed.push(false);
    }

    /// Makes every read answer this error.
    pub(crate) fn fail(&mut self, error: StoreError) {
        self.failure = Some(error);
    }

    /// The next key and value, or `None` at the end.
    ///
    /// # Errors
    /// When the base store can not be read.
    #[allow(clippy::should_implement_trait)] // rows are lent, which `Iterator` can not say
    pub fn next(&mut self) -> Result<Option<(&[u8], &[u8])>, StoreError> {
        if !self.placed {
            self.place(None)?;
        }
        if self.ended {
            return Ok(None);
        }
        loop {
            self.pass()?;
            let Some(top) = self.first() else { return Ok(None) };
            // A deletion on top: go on with the next key.
            if self.sources[top].value().is_some() {
                let source = &self.sources[top];
                return Ok(source.key().zip(source.value()));
            }
        }
    }

    /// Moves to `key`: the next call of [`Scan::next`] gives the first row at or after it on the way. Rows outside the scan's range
    /// stay outside, wherever `key` is.
    ///
    /// # Errors
    /// When the base store can not be read.
    pub fn seek(&mut self, key: &[u8]) -> Result<(), StoreError> {
        self.place(Some(key))
    }

    fn place(&mut self, key: Option<&[u8]>) -> Result<(), StoreError> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        self.placed = true;
        let rest = key.map(|key| self.rest_from(key));
        let range = rest.as_ref().unwrap_or(&self.range);
        self.ended = range.is_empty();
        if self.ended {
            return Ok(());
        }
        for (source, passed) in self.sources.iter_mut().zip(&mut self.passed) {
            source.seek(range, self.direction)?;
            *passed = false;
        }
        Ok(())
    }

    /// What is left of the range from `key` on.
    fn rest_from(&self, key: &[u8]) -> KeyRange {
        let mut rest = self.range.clone();
        match self.direction {
            Direction::Forward if !rest.starts_after(key) => rest.start = Bound::Included(key.to_vec()),
            Direction::Reverse if !rest.ends_before(key) => rest.end = Bound::Included(key.to_vec()),
            Direction::Forward | Direction::Reverse => {}
        }
        rest
    }

    /// Moves on every layer whose key is done with.
    fn pass(&mut self) -> Result<(), StoreError> {
        for (source, passed) in self.sources.iter_mut().zip(&mut self.passed) {
            if std::mem::take(passed) {
                source.advance(&self.range, self.direction)?;
            }
        }
        Ok(())
    }

    /// The topmost layer that stands on the first key on the way; marks it, and those below it on the same key, as passed.
    fn first(&mut self) -> Option<usize> {
        let mut best: Option<(usize, &[u8])> = None;
        for (index, source) in self.sources.iter().enumerate() {
            let Some(key) = source.key() else { continue };
            let order = best.map_or(Ordering::Less, |(_, first)| self.direction.compare(key, first));
            match order {
                Ordering::Less => {
                    self.passed[..index].fill(false);
                    self.passed[index] = true;
                    best = Some((index, key));
                }
                Ordering::Equal => self.passed[index] = true,
                Ordering::Greater => {}
            }
        }
        best.map(|(index, _)| index)
    }
}

impl std::fmt::Debug for Scan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("range", &self.range).field("direction", &self.direction).finish_non_exhaustive()
    }
}

//! A fixed view of the data.

use std::sync::Arc;

use crate::base_store::{BaseCursor, Reader};
use crate::error::StoreError;
use crate::scan::{Scan, Source};
use crate::table::TableCursor;
use crate::views::{Lease, View, Views};
use crate::{Direction, KeyRange, Position, Value};

/// The data as of one position. Reads never wait and never see anything later.
///
/// A snapshot costs a pooled base-store reader and keeps the versions it can see alive, so it should not outlive its use. It may be
/// sent between threads, but is read by one at a time: an LMDB read transaction is not for sharing.
pub struct Snapshot {
    views: Arc<Views>,
    view: Arc<View>,
    position: Position,
    catalog: Position,
    /// Taken out only when the snapshot is dropped.
    reader: Option<Result<Reader, StoreError>>,
}

impl Snapshot {
    pub(crate) fn take(views: &Arc<Views>) -> Self {
        let Lease { view, position, catalog, reader } = views.lease();
        Self { views: Arc::clone(views), view, position, catalog, reader: Some(reader) }
    }

    /// The last commit this snapshot sees.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The last commit at or below [`Snapshot::position`] that carried a [`CatalogClaim::Write`](crate::CatalogClaim::Write);
    /// [`Position::ZERO`] if there was none.
    #[must_use]
    pub const fn catalog_position(&self) -> Position {
        self.catalog
    }

    /// About how much the store holds, in bytes: the base store after its latest checkpoint, and the tables in memory that this snapshot has on top of it.
    /// A version that a checkpoint will replace, or has moved since the snapshot was taken, counts twice. Takes no lock.
    #[must_use]
    pub fn store_bytes(&self) -> u64 {
        self.views.base_bytes() + self.view.tables.iter().map(|table| table.bytes() as u64).sum::<u64>()
    }

    /// The value of a key.
    ///
    /// # Errors
    /// When the base store can not be read.
    pub fn get(&self, key: &[u8]) -> Result<Option<Value<'_>>, StoreError> {
        for table in &self.view.tables {
            if let Some(version) = table.get(key, self.position) {
                return Ok(version.map(Value::Shared));
            }
        }
        if !fits_base(key) {
            return Ok(None);
        }
        Ok(self.views.base.get(self.reader()?, key)?.map(Value::Borrowed))
    }

    /// The keys of a range, with their values, in order.
    #[must_use]
    pub fn scan(&self, range: KeyRange, direction: Direction) -> Scan<'_> {
        let mut scan = Scan::new(range, direction);
        self.add_sources(&mut scan);
        scan
    }

    pub(crate) fn add_sources<'a>(&'a self, scan: &mut Scan<'a>) {
        for table in self.view.tables.iter().filter(|table| !table.is_empty()) {
            scan.add(Source::Table(TableCursor::new(table, self.position)));
        }
        match self.reader() {
            Ok(reader) => scan.add(Source::Base(BaseCursor::new(&self.views.base, reader))),
            Err(error) => scan.fail(error),
        }
    }

    fn reader(&self) -> Result<&Reader, StoreError> {
        match self.reader.as_ref() {
            Some(Ok(reader)) => Ok(reader),
            Some(Err(error)) => Err(error.clone()),
            None => Err(StoreError { detail: "the snapshot has ended".to_owned() }),
        }
    }
}

/// LMDB refuses empty and over-long keys with an error; no such key was ever stored, so the answer to a reader is simply "none".
fn fits_base(key: &[u8]) -> bool {
    !key.is_empty() && key.len() <= crate::base_store::MAX_KEY_BYTES
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        let reader = self.reader.take().and_then(Result::ok);
        self.views.release(&self.view, self.position, reader);
    }
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("position", &self.position).field("catalog_position", &self.catalog).finish_non_exhaustive()
    }
}

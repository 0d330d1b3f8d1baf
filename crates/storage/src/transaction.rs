//! A transaction: a snapshot and what was written and claimed on top of it.

use std::sync::Arc;

use crate::changes::Before;
use crate::commit::{Commit, CommitQueue};
use crate::error::{CommitError, StoreError};
use crate::scan::{Scan, Source};
use crate::write_set::{Change, WriteSet, WriteSetCursor};
use crate::{CatalogClaim, ClaimKind, ClaimSet, Direction, KeyRange, Position, Snapshot, Value};

/// Reads at its snapshot, sees its own writes, waits for nobody; everything else is decided at commit. Dropped, it never happened.
#[derive(Debug)]
pub struct Transaction {
    queue: Arc<CommitQueue>,
    snapshot: Snapshot,
    writes: WriteSet,
    catalog: Vec<CatalogClaim>,
}

impl Transaction {
    pub(crate) fn new(queue: Arc<CommitQueue>, snapshot: Snapshot) -> Self {
        Self { queue, snapshot, writes: WriteSet::default(), catalog: Vec::new() }
    }

    /// The data as it was when the transaction began, without its own writes.
    #[must_use]
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The value of a key, as this transaction would leave it.
    ///
    /// # Errors
    /// When the base store can not be read.
    pub fn get(&self, key: &[u8]) -> Result<Option<Value<'_>>, StoreError> {
        match self.writes.get(key) {
            Some(own) => Ok(own),
            None => self.snapshot.get(key),
        }
    }

    /// Whether this transaction has changed the key.
    #[must_use]
    pub fn has_written(&self, key: &[u8]) -> bool {
        self.writes.get(key).is_some()
    }

    /// The keys of a range, with their values, in order, as this transaction would leave them.
    #[must_use]
    pub fn scan(&self, range: KeyRange, direction: Direction) -> Scan<'_> {
        let mut scan = Scan::new(range, direction);
        if self.writes.has_changes() {
            scan.add(Source::Own(WriteSetCursor::new(&self.writes)));
        }
        self.snapshot.add_sources(&mut scan);
        scan
    }

    /// Sets a key. Without a claim nobody can conflict over the key itself: for entries of secondary indexes, whose row is claimed.
    ///
    /// A key longer than [`Store::MAX_KEY_BYTES`](crate::Store::MAX_KEY_BYTES) makes the commit fail with
    /// [`CommitError::TooLarge`].
    ///
    /// # Panics
    /// When the key is empty: there is no such key.
    pub fn put(&mut self, key: Vec<u8>, value: Vec<u8>, claim: Option<ClaimKind>) {
        self.put_telling(key, value, claim, Before::Untold);
    }

    /// As [`Transaction::put`], and tells those who follow the commits what it replaces, which the caller has read.
    ///
    /// # Panics
    /// When the key is empty: there is no such key.
    pub fn put_telling(&mut self, key: Vec<u8>, value: Vec<u8>, claim: Option<ClaimKind>, before: Before) {
        self.writes.change(key, Change::Put(value), ClaimSet::from(claim), before);
    }

    /// Removes a key, whether it is there or not. Claims are as for [`Transaction::put`].
    ///
    /// # Panics
    /// When the key is empty: there is no such key.
    pub fn delete(&mut self, key: Vec<u8>, claim: Option<ClaimKind>) {
        self.delete_telling(key, claim, Before::Untold);
    }

    /// As [`Transaction::delete`], and tells those who follow the commits what it removes, which the caller has read.
    ///
    /// # Panics
    /// When the key is empty: there is no such key.
    pub fn delete_telling(&mut self, key: Vec<u8>, claim: Option<ClaimKind>, before: Before) {
        self.writes.change(key, Change::Delete, ClaimSet::from(claim), before);
    }

    /// Claims a key without changing it. Several claims on a key add up.
    ///
    /// # Panics
    /// When the key is empty: there is no such key.
    pub fn claim(&mut self, key: Vec<u8>, kind: ClaimKind) {
        self.writes.claim(key, ClaimSet::from(Some(kind)));
    }

    /// Claims a catalog descriptor.
    pub fn catalog_claim(&mut self, claim: CatalogClaim) {
        if !self.catalog.contains(&claim) {
            self.catalog.push(claim);
        }
    }

    /// Whether the transaction has changed nothing so far. It may still hold claims.
    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        !self.writes.has_changes()
    }

    /// Bytes of all keys and values changed, index entries among them.
    #[must_use]
    pub const fn written_bytes(&self) -> usize {
        self.writes.bytes()
    }

    /// Whether values are written: a transaction that only deletes makes room.
    #[must_use]
    pub const fn adds(&self) -> bool {
        self.writes.adds()
    }

    /// Commits, asynchronously. Nothing happens before the first poll.
    ///
    /// A transaction without changes and with no claims but [`ClaimKind::Observe`] and [`CatalogClaim::Read`] is answered at once with
    /// its snapshot's position: whatever it read was true there.
    ///
    /// Polls may block for the time of a flush, when this commit leads the batch it is in: call it where blocking is allowed. Dropping
    /// the future after the first poll leaves the outcome open.
    pub fn commit(self) -> Commit {
        Commit::new(self.queue, self.snapshot, self.catalog, self.writes)
    }

    /// Commits, and returns when the outcome is known. The same as [`Transaction::commit`] for callers that may block.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub fn commit_blocking(self) -> Result<Position, CommitError> {
        self.commit().wait()
    }
}

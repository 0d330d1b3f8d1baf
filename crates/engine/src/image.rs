//! A cluster as a whole, key by key: what a backup is made of, and what a cluster is made from again.
//!
//! Everything a cluster is lies in its store: catalog, rows, index entries, sequences, statistics, jobs. So an image is a scan of one snapshot, and
//! nobody who copies it needs to know what the keys mean. The one thing that names the cluster itself, its identifier, is written anew.

use borealis_base::Id26;
use borealis_dialect::Dialect;
use borealis_pgtypes::SqlError;
use borealis_storage::{CatalogClaim, Direction, KeyRange, Options, Scan, Snapshot, Store, Transaction};

use crate::Cluster;
use crate::cluster::catalog_cache::CatalogCache;
use crate::cluster::{OpenError, keys, own_dialect, own_id, read_property};
use crate::error::{commit_failed, read_failed};
use crate::statistics::Statistics;

/// Bytes that are written with one commit.
const COMMIT_BYTES: usize = 4 << 20;

/// Everything a cluster holds, as of one commit. Reads never wait, and nobody waits for them. While it lives the store keeps what it sees: pages that
/// checkpoints have replaced are reused only afterwards.
pub struct Image {
    snapshot: Snapshot,
    dialect: Dialect,
}

impl Cluster {
    /// Everything as of the latest commit.
    #[must_use]
    pub fn image(&self) -> Image {
        Image { snapshot: self.store.snapshot(), dialect: self.dialect }
    }
}

impl Image {
    /// The cluster's surface.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Every key and its value, by ascending key.
    #[must_use]
    pub fn entries(&self) -> Scan<'_> {
        self.snapshot.scan(KeyRange::all(), Direction::Forward)
    }
}

/// A store that is filled from an image. Dropped before [`Rebuild::finish`], what it has written is of no use.
pub struct Rebuild {
    store: Store,
    id: Id26,
    transaction: Transaction,
}

impl Rebuild {
    /// Begins with an empty store, for a cluster of this identifier.
    ///
    /// # Errors
    /// When the store cannot be made.
    pub fn begin(options: Options, id: Id26) -> Result<Self, OpenError> {
        let store = Store::open(options).map_err(OpenError::Store)?;
        Ok(Self { transaction: store.begin(), store, id })
    }

    /// Takes a key of the image over.
    ///
    /// # Errors
    /// When the store cannot be written, or no image has such a key.
    pub fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), OpenError> {
        if key.is_empty() || key.len() > Store::MAX_KEY_BYTES {
            return Err(OpenError::Content(SqlError::internal(format!("no cluster has a key of {} bytes", key.len()))));
        }
        let named = key == keys::property(crate::cluster::PROPERTY_ID);
        let value = if named { self.id.to_string().into_bytes() } else { value.to_vec() };
        self.transaction.put(key.to_vec(), value, None);
        if self.transaction.written_bytes() >= COMMIT_BYTES { self.commit() } else { Ok(()) }
    }

    fn commit(&mut self) -> Result<(), OpenError> {
        let full = std::mem::replace(&mut self.transaction, self.store.begin());
        let limits = crate::cluster::Limits::of(Dialect::default());
        full.commit_blocking().map_err(|error| OpenError::Content(commit_failed(&error, &limits)))?;
        // Its snapshot is older than that commit.
        self.transaction = self.store.begin();
        Ok(())
    }

    /// All of the image is there: makes sure that it is a cluster, and closes the store, durable and with nothing to replay.
    ///
    /// # Errors
    /// When it is none, or the store cannot be written.
    pub fn finish(mut self) -> Result<(), OpenError> {
        // From here on the catalog has a position, as one has that DDL statements made.
        self.transaction.catalog_claim(CatalogClaim::Write(keys::WHOLE_CATALOG));
        self.commit()?;
        let Self { store, id, transaction } = self;
        drop(transaction);
        check(&store.snapshot(), id)?;
        store.checkpoint_now().map_err(|error| OpenError::Content(read_failed(&error)))?;
        store.close();
        Ok(())
    }
}

/// What an opening asks of a store.
fn check(snapshot: &Snapshot, id: Id26) -> Result<(), OpenError> {
    let named = read_property(snapshot, crate::cluster::PROPERTY_ID)?;
    own_id(&named.ok_or_else(|| SqlError::internal("what was restored has no identifier, so it is no cluster"))?, Some(id))?;
    own_dialect(snapshot, None)?;
    CatalogCache::open(snapshot)?;
    Statistics::load(snapshot)?;
    Ok(())
}

#[cfg(test)]
mod tests;

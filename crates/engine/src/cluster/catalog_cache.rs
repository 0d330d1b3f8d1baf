//! Catalog snapshots by the position of the commit that made them.
//!
//! A storage snapshot says at which position the catalog it sees was last changed; the cache turns that into the [`Catalog`]. A committed DDL
//! statement puts its own result in, so that the descriptors are read from the store only after a restart.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use borealis_catalog::Catalog;
use borealis_catalog::codec::{self, Kind};
use borealis_pgtypes::{Result, SqlError};
use borealis_storage::{Direction, Snapshot};

use super::keys;
use crate::error::read_failed;

/// Versions kept for transactions that began before the latest DDL. Older ones are read again from their own snapshot.
const VERSIONS_MAX: usize = 16;

/// The cache.
pub(crate) struct CatalogCache {
    latest: ArcSwap<Catalog>,
    versions: Mutex<VecDeque<Arc<Catalog>>>,
}

impl CatalogCache {
    /// A cache that knows the catalog of `snapshot`.
    pub(crate) fn open(snapshot: &Snapshot) -> Result<Self> {
        let catalog = Arc::new(load(snapshot)?);
        Ok(Self { latest: ArcSwap::new(catalog.clone()), versions: Mutex::new(VecDeque::from([catalog])) })
    }

    /// The catalog that `snapshot` sees.
    pub(crate) fn at(&self, snapshot: &Snapshot) -> Result<Arc<Catalog>> {
        let position = snapshot.catalog_position().0;
        let latest = self.latest.load();
        if latest.position == position {
            return Ok(latest.clone());
        }
        if let Some(known) = self.find(position) {
            return Ok(known);
        }
        let catalog = Arc::new(load(snapshot)?);
        self.insert(catalog.clone());
        Ok(catalog)
    }

    /// Adds the result of a committed DDL statement.
    pub(crate) fn insert(&self, catalog: Arc<Catalog>) {
        let mut versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        if versions.iter().any(|known| known.position == catalog.position) {
            return;
        }
        if self.latest.load().position < catalog.position {
            self.latest.store(catalog.clone());
        }
        versions.push_back(catalog);
        if versions.len() > VERSIONS_MAX {
            versions.pop_front();
        }
    }

    fn find(&self, position: u64) -> Option<Arc<Catalog>> {
        let versions = self.versions.lock().unwrap_or_else(PoisonError::into_inner);
        versions.iter().find(|known| known.position == position).cloned()
    }
}

fn load(snapshot: &Snapshot) -> Result<Catalog> {
    let mut changes = Vec::new();
    for kind in Kind::ALL {
        let mut scan = snapshot.scan(keys::descriptors(kind), Direction::Forward);
        while let Some((_, stored)) = scan.next().map_err(|error| read_failed(&error))? {
            changes.push(codec::decode(kind, stored).map_err(|error| SqlError::internal(error.to_string()))?);
        }
    }
    Ok(Catalog::initial().apply(&changes, snapshot.catalog_position().0))
}

//! One cluster: its store, its catalog, its jobs and its sessions.
//!
//! A cluster holds no state that matters beyond the store: everything here is a cache or a registry and is made again at the next start.

pub(crate) mod catalog_cache;
pub(crate) mod keys;
pub(crate) mod registry;
pub(crate) mod sequences;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use borealis_base::{Clock, Id26, Random};
use borealis_catalog::{Catalog, Change, codec};
use borealis_dialect::Dialect;
use borealis_pgtypes::{Oid, Result, SqlError};
use borealis_storage::{CatalogClaim, ClaimKind, Position, Snapshot, Store, Transaction};

use crate::error::{commit_failed, read_failed};
use crate::jobs::Jobs;
use crate::statistics::Statistics;
use catalog_cache::CatalogCache;
pub use registry::Interrupt;
use registry::Registry;

/// How to open a cluster.
#[derive(Clone)]
pub struct ClusterOptions {
    /// Where its data lives.
    pub store: borealis_storage::Options,
    /// The surface a new cluster gets; an existing one keeps its own.
    pub dialect: Dialect,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Limits, lowerable for tests.
    pub limits: Limits,
}

/// Limits of sessions and transactions, from the dialect's limit rows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections.
    pub connections: usize,
    /// Bytes a transaction may write.
    pub transaction_bytes: usize,
    /// Seconds a transaction may last.
    pub transaction_age_seconds: u64,
    /// Rows a transaction may modify.
    pub transaction_rows: u64,
    /// Bytes of memory one query may use.
    pub query_memory_bytes: usize,
}

impl Limits {
    /// The limits of a dialect.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        let size = |name: &str| usize::try_from(borealis_dialect::limit(name, dialect)).unwrap_or(usize::MAX);
        Self {
            connections: size("connections"),
            transaction_bytes: size("bytes per transaction"),
            transaction_age_seconds: borealis_dialect::limit("transaction age seconds", dialect),
            transaction_rows: borealis_dialect::limit("rows per transaction", dialect),
            query_memory_bytes: size("query memory bytes"),
        }
    }
}

/// A cluster could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The store refused.
    Store(borealis_storage::OpenError),
    /// What the store holds cannot be served.
    Content(SqlError),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Content(error) => f.write_str(error.message()),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Content(error) => Some(error),
        }
    }
}

impl From<SqlError> for OpenError {
    fn from(error: SqlError) -> Self {
        Self::Content(error)
    }
}

/// A running cluster.
pub struct Cluster {
    pub(crate) id: Id26,
    pub(crate) dialect: Dialect,
    pub(crate) store: Store,
    pub(crate) catalogs: CatalogCache,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) limits: Limits,
    pub(crate) registry: Registry,
    pub(crate) jobs: Jobs,
    pub(crate) sequences: sequences::Sequences,
    pub(crate) statistics: Statistics,
    /// For threads that may not keep the cluster open.
    pub(crate) shared: Weak<Self>,
    /// Next oid to give out; the high-water mark in the store follows with every DDL commit.
    next_oid: AtomicU32,
    worker: Mutex<Option<std::thread::JoinHandle<()>>>,
}

const PROPERTY_ID: &str = "id";
const PROPERTY_DIALECT: &str = "dialect";
const PROPERTY_NEXT_OID: &str = "next_oid";

impl Cluster {
    /// Opens a cluster, making it when the store is empty, and starts its job worker.
    ///
    /// # Errors
    /// When the store cannot be opened or holds what this release cannot serve.
    pub fn open(options: ClusterOptions) -> Result<Arc<Self>, OpenError> {
        let store = Store::open(options.store).map_err(OpenError::Store)?;
        let snapshot = store.snapshot();
        let (id, dialect) = match read_property(&snapshot, PROPERTY_ID)? {
            Some(id) => (id.parse().map_err(|_| unreadable(PROPERTY_ID))?, stored_dialect(&snapshot)?),
            None => (create(&store, options.random.as_ref(), options.dialect)?, options.dialect),
        };
        let next_oid = match read_property(&snapshot, PROPERTY_NEXT_OID)? {
            Some(text) => text.parse().map_err(|_| unreadable(PROPERTY_NEXT_OID))?,
            None => Oid::FIRST_USER.0,
        };
        let catalogs = CatalogCache::open(&snapshot)?;
        let statistics = Statistics::load(&snapshot)?;
        drop(snapshot);
        let cluster = Arc::new_cyclic(|shared| Self {
            shared: shared.clone(),
            statistics,
            id,
            dialect,
            store,
            catalogs,
            clock: options.clock,
            random: options.random,
            limits: options.limits,
            registry: Registry::default(),
            jobs: Jobs::default(),
            sequences: sequences::Sequences::default(),
            next_oid: AtomicU32::new(next_oid),
            worker: Mutex::new(None),
        });
        *cluster.worker.lock().unwrap_or_else(PoisonError::into_inner) = Some(crate::jobs::start_worker(&cluster));
        Ok(cluster)
    }

    /// The cluster's identifier.
    #[must_use]
    pub fn id(&self) -> Id26 {
        self.id
    }

    /// Cancels what a session runs (protocol CancelRequest); a wrong secret is ignored.
    pub fn cancel(&self, pid: i32, secret: i32) {
        self.registry.cancel(pid, secret);
    }

    /// The latest catalog, for decisions outside any transaction: who may connect.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn catalog(&self) -> Result<Arc<Catalog>> {
        self.catalogs.at(&self.store.snapshot())
    }

    /// Ends sessions and jobs; what was committed is durable already.
    pub fn close(&self) {
        self.registry.terminate_all();
        self.jobs.stop();
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker
            && worker.join().is_err()
        {
            tracing::error!("the job worker ended by a panic");
        }
    }

    /// Microseconds since 2000-01-01 UTC, as timestamps count.
    pub(crate) fn now(&self) -> i64 {
        self.clock.unix_micros() - borealis_pgtypes::datetime::UNIX_TO_POSTGRES_SECS * 1_000_000
    }

    /// Puts catalog changes into a transaction: descriptors, claims, and the oid mark. Two such transactions never commit side by side.
    pub(crate) fn write_catalog(&self, transaction: &mut Transaction, changes: &[Change], affected: &[Oid]) {
        for change in changes {
            let (kind, oid, bytes) = codec::encode(change);
            let key = keys::descriptor(kind, oid);
            match bytes {
                Some(bytes) => transaction.put(key, bytes, Some(ClaimKind::Write)),
                None => transaction.delete(key, Some(ClaimKind::Write)),
            }
        }
        transaction.catalog_claim(CatalogClaim::Write(keys::WHOLE_CATALOG));
        for oid in affected {
            transaction.catalog_claim(CatalogClaim::Write(oid.0));
        }
        let mark = self.next_oid.load(Ordering::Relaxed).to_string();
        transaction.put(keys::property(PROPERTY_NEXT_OID), mark.into_bytes(), None);
    }

    /// Commits internal work (jobs) from a thread that may block. `base` is the catalog the changes were made from.
    pub(crate) fn commit_internal(&self, transaction: Transaction, base: &Catalog, changes: &[Change]) -> Result<Position> {
        let position = transaction.commit_blocking().map_err(|error| commit_failed(&error))?;
        if !changes.is_empty() {
            self.catalogs.insert(Arc::new(base.apply(changes, position.0)));
        }
        Ok(position)
    }
}

impl borealis_sql::bind::OidSource for Cluster {
    fn next_oid(&self) -> Oid {
        Oid(self.next_oid.fetch_add(1, Ordering::Relaxed))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.jobs.stop();
    }
}

fn create(store: &Store, random: &dyn Random, dialect: Dialect) -> Result<Id26> {
    let id = Id26::random(random);
    let mut transaction = store.begin();
    transaction.put(keys::property(PROPERTY_ID), id.to_string().into_bytes(), Some(ClaimKind::KeyWrite));
    transaction.put(keys::property(PROPERTY_DIALECT), dialect.to_string().into_bytes(), None);
    transaction.commit_blocking().map_err(|error| commit_failed(&error))?;
    Ok(id)
}

fn stored_dialect(snapshot: &Snapshot) -> Result<Dialect> {
    let text = read_property(snapshot, PROPERTY_DIALECT)?.ok_or_else(|| unreadable(PROPERTY_DIALECT))?;
    text.parse().map_err(|_| unreadable(PROPERTY_DIALECT))
}

fn read_property(snapshot: &Snapshot, name: &str) -> Result<Option<String>> {
    let stored = snapshot.get(&keys::property(name)).map_err(|error| read_failed(&error))?;
    stored.map(|value| String::from_utf8(value.to_vec()).map_err(|_| unreadable(name))).transpose()
}

fn unreadable(property: &str) -> SqlError {
    SqlError::internal(format!("the cluster's property \"{property}\" cannot be read"))
}

//! One cluster: its store, its catalog, its jobs and its sessions.
//!
//! A cluster holds no state that matters beyond the store: everything here is a cache or a registry and is made again at the next start.

mod admission;
pub(crate) mod catalog_cache;
pub(crate) mod keys;
mod limits;
pub(crate) mod registry;
pub(crate) mod sequences;
pub(crate) mod turns;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use borealis_base::{Clock, Id26, Random};
use borealis_catalog::{Catalog, Change, codec};
use borealis_dialect::{Dialect, LimitError, Lowered};
use borealis_pgtypes::{Oid, Result, SqlError};
use borealis_storage::{Before, CatalogClaim, ClaimKind, Position, Snapshot, Store, Transaction};

use crate::conflicts::{Conflicts, Trail};
use crate::error::{commit_failed, read_failed};
use crate::inject::Injections;
use crate::jobs::Jobs;
use crate::statistics::Statistics;
use admission::Admission;
use catalog_cache::CatalogCache;
pub use limits::Limits;
pub use registry::Interrupt;
use registry::Registry;
use turns::Turns;

/// How to open a cluster.
#[derive(Clone)]
pub struct ClusterOptions {
    /// Where its data lives.
    pub store: borealis_storage::Options,
    /// The identifier a new cluster gets, a random one when not said. One that exists is not opened under another.
    pub id: Option<Id26>,
    /// The surface a new cluster gets, the newest when not said. An existing one keeps its own and is not opened with another.
    pub dialect: Option<Dialect>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Limits that are lowered.
    pub limits: Lowered,
}

/// A cluster could not be opened.
#[derive(Debug)]
pub enum OpenError {
    /// The store refused.
    Store(borealis_storage::OpenError),
    /// What the store holds cannot be served.
    Content(SqlError),
    /// The cluster has another dialect than the one asked for.
    Dialect {
        /// The one it was created with.
        own: Dialect,
        /// The one asked for.
        asked: Dialect,
    },
    /// The store holds another cluster than the one asked for.
    Identity {
        /// The one it holds.
        own: Id26,
        /// The one asked for.
        asked: Id26,
    },
    /// A limit cannot be what was asked for.
    Limit(LimitError),
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Content(error) => f.write_str(error.message()),
            Self::Dialect { own, asked } => {
                write!(f, "the cluster was created with dialect {own} and keeps it; it cannot be served with dialect {asked}")
            }
            Self::Identity { own, asked } => write!(f, "the store holds cluster {own}, not {asked}"),
            Self::Limit(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Store(error) => Some(error),
            Self::Content(error) => Some(error),
            Self::Dialect { .. } | Self::Identity { .. } => None,
            Self::Limit(error) => Some(error),
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
    pub(crate) conflicts: Conflicts,
    pub(crate) injections: Injections,
    pub(crate) turns: Arc<Turns>,
    admission: Admission,
    pub(crate) jobs: Jobs,
    pub(crate) sequences: sequences::Sequences,
    pub(crate) statistics: Statistics,
    /// For threads that may not keep the cluster open.
    pub(crate) shared: Weak<Self>,
    /// Next oid to give out; the high-water mark in the store follows with every DDL commit.
    next_oid: AtomicU32,
    worker: Mutex<Option<std::thread::JoinHandle<()>>>,
}

/// What `borealis.conflicts` calls the server's own work.
const JOBS_NAME: &str = "borealis jobs";

pub(crate) const PROPERTY_ID: &str = "id";
const PROPERTY_DIALECT: &str = "dialect";
const PROPERTY_NEXT_OID: &str = "next_oid";

impl Cluster {
    /// Opens a cluster, making it when the store is empty, and starts its job worker.
    ///
    /// # Errors
    /// When the store cannot be opened or holds what this release cannot serve.
    pub fn open(options: ClusterOptions) -> Result<Arc<Self>, OpenError> {
        let mut store = options.store;
        store.clock = options.clock.clone();
        let store = Store::open(store).map_err(OpenError::Store)?;
        let snapshot = store.snapshot();
        let (id, dialect) = match read_property(&snapshot, PROPERTY_ID)? {
            Some(id) => (own_id(&id, options.id)?, own_dialect(&snapshot, options.dialect)?),
            None => {
                let dialect = options.dialect.unwrap_or_default();
                let id = options.id.unwrap_or_else(|| Id26::random(options.random.as_ref()));
                create(&store, id, dialect)?;
                (id, dialect)
            }
        };
        let limits = Limits::from(borealis_dialect::Limits::lowered(dialect, options.limits).map_err(OpenError::Limit)?);
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
            admission: Admission::new(limits.connection_burst, limits.connections_per_second, options.clock.monotonic()),
            clock: options.clock,
            random: options.random,
            limits,
            registry: Registry::default(),
            conflicts: Conflicts::default(),
            injections: Injections::default(),
            turns: Arc::default(),
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

    /// A connection asks to be taken.
    ///
    /// # Errors
    /// `53400` when they come too fast.
    pub fn admit(&self) -> Result<()> {
        if self.admission.admit(self.clock.monotonic()) { Ok(()) } else { Err(self.limits.refusal("connections per second", &[])) }
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

    /// Tells every session to end: at once where a statement runs or waits, else with its next one.
    pub fn terminate_sessions(&self) {
        self.registry.terminate_all();
    }

    /// Whether something goes on without a session: jobs that wait or run, or rules of `borealis.inject`, which end with the cluster.
    #[must_use]
    pub fn has_work(&self) -> bool {
        !self.jobs.is_idle() || !self.injections.is_empty()
    }

    /// Ends sessions and jobs, and moves what was committed out of the journal, so that the next opening is quick. What was committed is
    /// durable already: a checkpoint that fails is only logged.
    pub fn close(&self) {
        self.terminate_sessions();
        self.jobs.stop();
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker
            && worker.join().is_err()
        {
            tracing::error!("the job worker ended by a panic");
        }
        if self.store.is_durable()
            && let Err(error) = self.store.checkpoint_now()
        {
            tracing::warn!(cluster = %self.id, %error, "the cluster is closed without a checkpoint; its journal is replayed at the next opening");
        }
    }

    /// Microseconds since 2000-01-01 UTC, as timestamps count.
    pub(crate) fn now(&self) -> i64 {
        self.clock.unix_micros() - borealis_pgtypes::datetime::UNIX_TO_POSTGRES_SECS * 1_000_000
    }

    /// Puts catalog changes into a transaction: descriptors with what they replace, claims, and the oid mark. Two such transactions never commit side by
    /// side.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) fn write_catalog(&self, transaction: &mut Transaction, changes: &[Change], affected: &[Oid]) -> Result<()> {
        for change in changes {
            let (kind, oid, bytes) = codec::encode(change);
            let key = keys::descriptor(kind, oid);
            let replaced = transaction.snapshot().get(&key).map_err(|error| read_failed(&error))?;
            let before = replaced.map_or(Before::Absent, |stored| Before::Value(stored.to_vec()));
            match bytes {
                Some(bytes) => transaction.put_telling(key, bytes, Some(ClaimKind::Write), before),
                None => transaction.delete_telling(key, Some(ClaimKind::Write), before),
            }
        }
        transaction.catalog_claim(CatalogClaim::Write(keys::WHOLE_CATALOG));
        for oid in affected {
            transaction.catalog_claim(CatalogClaim::Write(oid.0));
        }
        let mark = self.next_oid.load(Ordering::Relaxed).to_string();
        transaction.put(keys::property(PROPERTY_NEXT_OID), mark.into_bytes(), None);
        Ok(())
    }

    /// Commits internal work (jobs) from a thread that may block. `base` is the catalog the changes were made from.
    pub(crate) fn commit_internal(&self, transaction: Transaction, base: &Catalog, changes: &[Change]) -> Result<Position> {
        let position = transaction.commit_blocking().map_err(|error| commit_failed(&error, &self.limits))?;
        self.conflicts.committed(position, Arc::new(Trail::new(JOBS_NAME.into())));
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

fn create(store: &Store, id: Id26, dialect: Dialect) -> Result<()> {
    let mut transaction = store.begin();
    transaction.put(keys::property(PROPERTY_ID), id.to_string().into_bytes(), Some(ClaimKind::KeyWrite));
    transaction.put(keys::property(PROPERTY_DIALECT), dialect.to_string().into_bytes(), None);
    transaction.commit_blocking().map_err(|error| commit_failed(&error, &Limits::of(dialect)))?;
    Ok(())
}

/// The identifier the cluster has, which must be the one asked for, if any is.
pub(crate) fn own_id(text: &str, asked: Option<Id26>) -> Result<Id26, OpenError> {
    let own = text.parse().map_err(|_| unreadable(PROPERTY_ID))?;
    match asked {
        Some(asked) if asked != own => Err(OpenError::Identity { own, asked }),
        _ => Ok(own),
    }
}

/// The dialect the cluster was created with, which must be the one asked for, if any is.
pub(crate) fn own_dialect(snapshot: &Snapshot, asked: Option<Dialect>) -> Result<Dialect, OpenError> {
    let text = read_property(snapshot, PROPERTY_DIALECT)?.ok_or_else(|| unreadable(PROPERTY_DIALECT))?;
    let own = text.parse().map_err(|_| unreadable(PROPERTY_DIALECT))?;
    match asked {
        Some(asked) if asked != own => Err(OpenError::Dialect { own, asked }),
        _ => Ok(own),
    }
}

pub(crate) fn read_property(snapshot: &Snapshot, name: &str) -> Result<Option<String>> {
    let stored = snapshot.get(&keys::property(name)).map_err(|error| read_failed(&error))?;
    stored.map(|value| String::from_utf8(value.to_vec()).map_err(|_| unreadable(name))).transpose()
}

fn unreadable(property: &str) -> SqlError {
    SqlError::internal(format!("the cluster's property \"{property}\" cannot be read"))
}

//! All clusters of a server: which there are, where a connection goes, who is opened and closed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::time::Duration;

use borealis_base::{Clock, Id26, Random, task};
use borealis_dialect::{Dialect, Lowered};
use borealis_engine::{Cluster, ClusterOptions};
use borealis_pgserver::{Absent, ClusterDirectory, Lease};
use borealis_storage::{Medium, Options};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use crate::FleetError;
use crate::database::{Database, Held};
use crate::endpoint::Endpoint;
use crate::layout::{Content, Layout};

/// Openings at a time: each reads a journal and waits for a disk.
const OPENINGS_MAX: usize = 16;
/// Clusters open at a time that get all the address space a store may take. The machine has 128 TiB; these take half.
const SPACIOUS_MAX: usize = 64;
/// Address space of a store opened beyond them, unless it is that large already. Two thousand take the other half.
const TIGHT_MAP_BYTES: usize = 32 << 30;
/// How long a deletion waits for the cluster's sessions to end.
const DELETION_WAIT: Duration = Duration::from_secs(10);

/// How to run clusters.
pub struct FleetOptions {
    /// Where their data lives.
    pub home: Home,
    /// The surface that new clusters get, the newest when not said. One that exists keeps its own.
    pub dialect: Option<Dialect>,
    /// Limits that are lowered, for every cluster.
    pub limits: Lowered,
    /// How long a cluster stays open when nothing needs it.
    pub idle_after: Duration,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

/// Where the data of clusters lives.
pub enum Home {
    /// In a data folder, durably.
    Folder(Layout),
    /// Nowhere durable. Clusters are never closed, for nothing would be left of them.
    Memory,
}

/// The clusters.
pub struct Fleet {
    options: FleetOptions,
    routes: Mutex<Routes>,
    /// Held while an endpoint is made: longer than `routes` may be, which every connection takes.
    making: Mutex<()>,
    /// Held while a backup is restored.
    restoring: Mutex<()>,
    openings: Arc<Semaphore>,
    open: AtomicUsize,
    /// For what goes on in the background.
    shared: Weak<Self>,
}

#[derive(Default)]
struct Routes {
    endpoints: BTreeMap<Id26, Arc<Endpoint>>,
    default_cluster: Option<Id26>,
}

impl Fleet {
    /// The clusters that are there, all at rest. A data folder from before clusters had names is brought up to date, which opens its cluster once.
    ///
    /// # Errors
    /// When the data folder cannot be read, or what it says of a cluster.
    pub fn open(options: FleetOptions) -> Result<Arc<Self>, FleetError> {
        let mut routes = Routes::default();
        if let Home::Folder(layout) = &options.home {
            if let Some(folder) = layout.unnamed() {
                layout.name(read_id(&folder, &options)?)?;
            }
            routes.endpoints = endpoints(layout.list()?);
            routes.default_cluster = layout.default_cluster()?.filter(|cluster| routes.endpoints.contains_key(cluster));
        }
        Ok(Arc::new_cyclic(|shared| Self {
            options,
            routes: Mutex::new(routes),
            making: Mutex::new(()),
            restoring: Mutex::new(()),
            openings: Arc::new(Semaphore::new(OPENINGS_MAX)),
            open: AtomicUsize::new(0),
            shared: shared.clone(),
        }))
    }

    fn routes(&self) -> MutexGuard<'_, Routes> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn layout(&self) -> Option<&Layout> {
        match &self.options.home {
            Home::Folder(layout) => Some(layout),
            Home::Memory => None,
        }
    }

    fn now(&self) -> Duration {
        self.options.clock.monotonic()
    }

    /// All endpoints.
    #[must_use]
    pub fn clusters(&self) -> Vec<Id26> {
        self.routes().endpoints.keys().copied().collect()
    }

    /// The cluster for connections that name none, which is made when there is none.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn ensure_default_cluster(&self) -> Result<Id26, FleetError> {
        if let Some(cluster) = self.routes().default_cluster {
            return Ok(cluster);
        }
        let cluster = Id26::random(self.options.random.as_ref());
        self.create(cluster, None)?;
        if let Some(layout) = self.layout() {
            layout.set_default_cluster(Some(cluster))?;
        }
        self.routes().default_cluster = Some(cluster);
        Ok(cluster)
    }

    /// Opens a cluster on this thread, as its first connection would. Where a dialect is asked for it must be the one the cluster has.
    ///
    /// # Errors
    /// What a connection is only told in outline.
    pub fn open_now(&self, cluster: Id26, dialect: Option<Dialect>) -> Result<(), FleetError> {
        let endpoint = self.endpoint(cluster).ok_or(FleetError::Unknown(cluster))?;
        self.open_here(&endpoint.database, dialect)
    }

    fn open_here(&self, database: &Arc<Database>, dialect: Option<Dialect>) -> Result<(), FleetError> {
        if !database.begin_opening() {
            return Ok(());
        }
        let opened = self.open_database(database, dialect);
        database.opened(opened.as_ref().map(Arc::clone).map_err(absent), self.now());
        opened.map(drop)
    }

    /// Opens a cluster, if need be, and keeps it open for somebody who is no client. Blocks.
    pub(crate) fn hold(&self, cluster: Id26) -> Result<Held, FleetError> {
        let endpoint = self.endpoint(cluster).ok_or(FleetError::Unknown(cluster))?;
        loop {
            match endpoint.database.hold(Some(&endpoint), &self.options.clock) {
                Ok(Some(held)) => return Ok(held),
                Ok(None) => self.open_here(&endpoint.database, None)?,
                Err(_) => return Err(FleetError::Unknown(cluster)),
            }
        }
    }

    /// The same for a database, without its counting as used.
    pub(crate) fn hold_quietly(&self, database: &Arc<Database>) -> Result<Held, FleetError> {
        loop {
            match database.hold(None, &self.options.clock) {
                Ok(Some(held)) => return Ok(held),
                Ok(None) => self.open_here(database, None)?,
                Err(_) => return Err(FleetError::Unknown(database.id)),
            }
        }
    }

    /// A database, whichever endpoints it has.
    pub(crate) fn database(&self, id: Id26) -> Option<Arc<Database>> {
        let routes = self.routes();
        let own = routes.endpoints.get(&id).filter(|endpoint| endpoint.database.id == id);
        let any = || routes.endpoints.values().find(|endpoint| endpoint.database.id == id);
        own.or_else(any).map(|endpoint| endpoint.database.clone())
    }

    /// The cluster for connections that name none.
    pub(crate) fn default(&self) -> Option<Id26> {
        self.routes().default_cluster
    }

    pub(crate) fn fresh_id(&self) -> Id26 {
        Id26::random(self.options.random.as_ref())
    }

    /// The right to restore a backup: one at a time.
    pub(crate) fn begin_restoring(&self) -> Option<MutexGuard<'_, ()>> {
        match self.restoring.try_lock() {
            Ok(alone) => Some(alone),
            Err(TryLockError::Poisoned(alone)) => Some(alone.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Puts a cluster that was made beside the others in its place; the first one becomes the default one. Durable on return.
    pub(crate) fn adopt(&self, cluster: Id26) -> Result<(), FleetError> {
        let Some(layout) = self.layout() else { return Err(FleetError::Unknown(cluster)) };
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if self.endpoint(cluster).is_some() {
            return Err(FleetError::HasData(cluster));
        }
        layout.finish(cluster)?;
        let first = self.default().is_none();
        if first {
            layout.set_default_cluster(Some(cluster))?;
        }
        let mut routes = self.routes();
        routes.endpoints.insert(cluster, Endpoint::new(cluster, Database::at_rest(cluster)));
        if first {
            routes.default_cluster = Some(cluster);
        }
        Ok(())
    }

    /// Makes a cluster, at rest; durable on return. With `shares`, it is a further endpoint of that cluster's database. Does nothing for one that is
    /// there already.
    ///
    /// # Errors
    /// When its folder cannot be made, or the cluster to share with is not there.
    pub fn create(&self, cluster: Id26, shares: Option<Id26>) -> Result<(), FleetError> {
        let other = shares.map(|other| self.endpoint(other).ok_or(FleetError::Unknown(other))).transpose()?;
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let content = match &other {
            Some(other) => Content::Shared(other.database.id),
            None => Content::Unmade(self.options.dialect.unwrap_or_default()),
        };
        match (self.endpoint(cluster), &other) {
            (Some(own), Some(other)) if own.database.id != other.database.id => self.join(&own, content)?,
            (Some(_), _) => return Ok(()),
            (None, _) => self.layout().map_or(Ok(()), |layout| layout.create(cluster, content))?,
        }
        let database = other.map_or_else(|| Database::at_rest(cluster), |other| other.database.clone());
        self.routes().endpoints.insert(cluster, Endpoint::new(cluster, database));
        Ok(())
    }

    /// An endpoint whose database was never opened becomes one of another database.
    fn join(&self, endpoint: &Endpoint, content: Content) -> Result<(), FleetError> {
        let unused = endpoint.database.is_at_rest()
            && self.layout().map_or(Ok(true), |layout| Ok(matches!(layout.content(endpoint.id)?, Content::Unmade(_))))?;
        if !unused {
            return Err(FleetError::HasData(endpoint.id));
        }
        self.layout().map_or(Ok(()), |layout| layout.mark(endpoint.id, content))
    }

    /// Ends the connections of a cluster and removes it, its storage too unless another endpoint shares it; durable on return. Does nothing for one
    /// that is not there. Blocks until its sessions have ended.
    ///
    /// # Errors
    /// When something of it is still there.
    pub fn delete(&self, cluster: Id26) -> Result<(), FleetError> {
        let Some(endpoint) = self.endpoint(cluster) else { return Ok(()) };
        endpoint.end();
        let database = &endpoint.database;
        if self.sharers(database).iter().any(|other| other.id != cluster && !other.is_ending()) {
            // The sessions of the other endpoints go on, so those of this one end behind their statements.
            if !database.wait_without(&endpoint, DELETION_WAIT) {
                return Err(FleetError::Busy(cluster));
            }
            if let Some(layout) = self.layout() {
                if cluster == database.id { layout.mark(cluster, Content::Retired) } else { layout.remove(cluster) }?;
            }
        } else {
            self.close_for_good(database, DELETION_WAIT);
            if let Some(layout) = self.layout() {
                // The endpoint last: as long as it is there, the deletion can be asked for again.
                for id in [database.id, cluster] {
                    layout.remove(id)?;
                }
            }
        }
        self.forget(cluster)
    }

    fn forget(&self, cluster: Id26) -> Result<(), FleetError> {
        let was_default = {
            let mut routes = self.routes();
            routes.endpoints.remove(&cluster);
            routes.default_cluster.take_if(|default| *default == cluster).is_some()
        };
        match self.layout().filter(|_| was_default) {
            Some(layout) => layout.set_default_cluster(None),
            None => Ok(()),
        }
    }

    /// Whether a cluster is open, or about to be.
    #[must_use]
    pub fn is_open(&self, cluster: Id26) -> bool {
        self.endpoint(cluster).is_some_and(|endpoint| endpoint.database.is_open())
    }

    /// Closes the clusters that nothing has needed for a while. Blocks while it writes their checkpoints.
    pub fn close_idle(&self) {
        if self.layout().is_none() {
            return;
        }
        for database in self.databases() {
            if let Some(cluster) = database.take_idle(self.options.idle_after, self.now()) {
                let signal = cluster.signal();
                self.close_cluster(cluster);
                database.closed(signal.newest());
            }
        }
    }

    /// How long a cluster stays open when nothing needs it.
    #[must_use]
    pub fn idle_after(&self) -> Duration {
        self.options.idle_after
    }

    /// Tells every session of every cluster to end.
    pub fn terminate_sessions(&self) {
        for database in self.databases() {
            database.with_open(Cluster::terminate_sessions);
        }
    }

    /// Ends the sessions that are left and closes all clusters; they are not opened again. Blocks while it writes their checkpoints.
    pub fn close(&self, wait: Duration) {
        // Who is no session sees it by this.
        self.routes().endpoints.values().for_each(|endpoint| endpoint.end());
        for database in self.databases() {
            self.close_for_good(&database, wait);
        }
    }

    fn close_for_good(&self, database: &Database, wait: Duration) {
        database.with_open(Cluster::terminate_sessions);
        if let Some(taken) = database.take_open(wait) {
            if taken.leases > 0 {
                tracing::error!(cluster = %database.id, sessions = taken.leases, "sessions do not end; the cluster is closed under them");
            }
            self.close_cluster(taken.cluster);
        }
        database.gone();
    }

    fn close_cluster(&self, cluster: Arc<Cluster>) {
        cluster.close();
        self.open.fetch_sub(1, Ordering::Relaxed);
        let (id, left) = (cluster.id(), Arc::downgrade(&cluster));
        drop(cluster);
        if left.strong_count() > 0 {
            tracing::error!(cluster = %id, "the cluster is still in use after its end; its store stays locked");
        }
    }

    fn endpoint(&self, id: Id26) -> Option<Arc<Endpoint>> {
        self.routes().endpoints.get(&id).cloned()
    }

    fn sharers(&self, database: &Arc<Database>) -> Vec<Arc<Endpoint>> {
        self.routes().endpoints.values().filter(|endpoint| Arc::ptr_eq(&endpoint.database, database)).cloned().collect()
    }

    /// Each database once.
    fn databases(&self) -> Vec<Arc<Database>> {
        let routes = self.routes();
        let mut databases: Vec<_> = routes.endpoints.values().map(|endpoint| endpoint.database.clone()).collect();
        databases.sort_by_key(|database| database.id);
        databases.dedup_by_key(|database| database.id);
        databases
    }

    /// Has a database opened where that may block.
    fn begin_opening(&self, database: &Arc<Database>) {
        let Some(fleet) = self.shared.upgrade() else {
            return database.opened(Err(Absent::Unavailable), self.now());
        };
        let database = database.clone();
        // A task of its own: the client that asked first may leave, the others still want it.
        task::spawn(async move {
            let turn = fleet.openings.clone().acquire_owned().await;
            let (opener, opened) = (fleet.clone(), database.clone());
            let outcome = task::spawn_blocking(move || opener.open_database(&opened, None)).await;
            let outcome = outcome.unwrap_or_else(|panic| {
                tracing::error!(cluster = %database.id, %panic, "opening the cluster failed");
                Err(FleetError::Busy(database.id))
            });
            database.opened(outcome.map_err(|error| absent(&error)), fleet.now());
            drop(turn);
        });
    }

    fn open_database(&self, database: &Database, asked: Option<Dialect>) -> Result<Arc<Cluster>, FleetError> {
        let began = self.now();
        let opened = self.try_open(database.id, asked);
        match &opened {
            Ok(_) => {
                self.open.fetch_add(1, Ordering::Relaxed);
                tracing::info!(cluster = %database.id, micros = (self.now() - began).as_micros(), "the cluster is open");
            }
            Err(error) => tracing::error!(%error, "a cluster could not be opened"),
        }
        opened
    }

    fn try_open(&self, id: Id26, asked: Option<Dialect>) -> Result<Arc<Cluster>, FleetError> {
        let Some(layout) = self.layout() else {
            return self.open_cluster(id, Medium::Memory, self.options.dialect);
        };
        let content = layout.content(id)?;
        let dialect = match content {
            Content::Unmade(dialect) => Some(dialect),
            Content::Made | Content::Retired if layout.has_store(id) => asked,
            Content::Made | Content::Retired => return Err(lost(layout, id)),
            Content::Shared(other) => return Err(FleetError::Unknown(other)),
        };
        let cluster = self.open_cluster(id, Medium::Folder(layout.folder(id)), dialect)?;
        if content != Content::Made && content != Content::Retired {
            // From here on a store that is missing is a store that was lost.
            layout.mark(id, Content::Made)?;
        }
        Ok(cluster)
    }

    fn open_cluster(&self, id: Id26, medium: Medium, dialect: Option<Dialect>) -> Result<Arc<Cluster>, FleetError> {
        let mut store = Options::new(medium);
        store.random = self.options.random.clone();
        if self.open.load(Ordering::Relaxed) >= SPACIOUS_MAX {
            store.limits.map_bytes_max = tight_map_bytes(&store.medium);
        }
        open_with(store, Some(id), dialect, &self.options)
    }
}

impl ClusterDirectory for Fleet {
    fn default_cluster(&self) -> Option<Id26> {
        self.routes().default_cluster
    }

    fn lease(&self, endpoint: Id26) -> BoxFuture<'_, Result<Lease, Absent>> {
        async move {
            let endpoint = self.endpoint(endpoint).ok_or(Absent::Unknown)?;
            let database = &endpoint.database;
            database.lease(&endpoint, &self.options.clock, || self.begin_opening(database)).await
        }
        .boxed()
    }

    fn cancel(&self, pid: i32, secret: i32) {
        for database in self.databases() {
            database.with_open(|cluster| cluster.cancel(pid, secret));
        }
    }
}

fn endpoints(listed: Vec<(Id26, Content)>) -> BTreeMap<Id26, Arc<Endpoint>> {
    let mut databases: BTreeMap<Id26, Arc<Database>> = BTreeMap::new();
    let mut endpoints = BTreeMap::new();
    for (id, content) in &listed {
        if !matches!(content, Content::Shared(_)) {
            databases.insert(*id, Database::at_rest(*id));
        }
    }
    for (id, content) in listed {
        let database = match content {
            Content::Unmade(_) | Content::Made => databases[&id].clone(),
            Content::Retired => continue,
            // One whose database is gone still has a name, so that it can be deleted; opening it is refused.
            Content::Shared(other) => databases.entry(other).or_insert_with(|| Database::at_rest(other)).clone(),
        };
        endpoints.insert(id, Endpoint::new(id, database));
    }
    endpoints
}

/// The id of the cluster in a folder that does not tell.
fn read_id(folder: &Path, options: &FleetOptions) -> Result<Id26, FleetError> {
    let cluster = open_with(Options::new(Medium::Folder(folder.to_owned())), None, None, options)?;
    cluster.close();
    Ok(cluster.id())
}

fn open_with(store: Options, id: Option<Id26>, dialect: Option<Dialect>, options: &FleetOptions) -> Result<Arc<Cluster>, FleetError> {
    let (clock, random, limits) = (options.clock.clone(), options.random.clone(), options.limits.clone());
    let opened = Cluster::open(ClusterOptions { store, id, dialect, clock, random, limits });
    opened.map_err(|source| FleetError::Open { cluster: id, source })
}

fn tight_map_bytes(medium: &Medium) -> usize {
    let Medium::Folder(folder) = medium else { return TIGHT_MAP_BYTES };
    let bytes = std::fs::metadata(folder.join("store").join("data.mdb")).map_or(0, |file| file.len());
    TIGHT_MAP_BYTES.max(usize::try_from(bytes).unwrap_or(usize::MAX).saturating_mul(4))
}

/// A store that had been made is not there: it must not be taken for a new one.
fn lost(layout: &Layout, id: Id26) -> FleetError {
    let damage = borealis_storage::Damage {
        file: layout.folder(id).join("store").display().to_string(),
        offset: 0,
        first_lost: borealis_storage::Position(1),
        last_lost: None,
        detail: "the store is not there".to_owned(),
    };
    let source = borealis_engine::OpenError::Store(borealis_storage::OpenError::Damaged(damage));
    FleetError::Open { cluster: Some(id), source }
}

/// What of a failure concerns a client that has proved nothing.
fn absent(error: &FleetError) -> Absent {
    use borealis_engine::OpenError;
    match error {
        FleetError::Open { source: OpenError::Store(borealis_storage::OpenError::Damaged(_)) | OpenError::Content(_), .. } => {
            Absent::Damaged
        }
        FleetError::Open { source: OpenError::Identity { .. }, .. } | FleetError::Unreadable { .. } => Absent::Damaged,
        FleetError::Unknown(_) => Absent::Damaged,
        FleetError::Open { .. } | FleetError::InUse { .. } | FleetError::Io { .. } | FleetError::HasData(_) | FleetError::Busy(_) => {
            Absent::Unavailable
        }
    }
}

#[cfg(test)]
mod tests;

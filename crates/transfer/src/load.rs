//! `load`: rows of a source into a table, each exactly once.
//!
//! A reader cuts the source into batches ([`crate::source`]); a few connections write them, each batch in one transaction with its
//! line in the ledger ([`ledger`]). What the ledger says is loaded is passed over when the same load runs again, after its bytes were
//! compared. Records that are no rows of the table go to a list ([`rejects`]), and every record is accounted for in the report.

mod identity;
pub(crate) mod ledger;
mod manifest;
mod rejects;
mod report;
mod resume;
mod rows;
mod worker;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use borealis_base::{Clock, OsRandom, Random, SystemClock, task};
use borealis_client::{Connection, Database, Endpoint, RetryPolicy, connect};
use futures::future::join_all;
use tokio::sync::RwLock;
use tokio::sync::mpsc::{self, Receiver};

use crate::error::TransferError;
use crate::source::batch::{AtEnd, Batch, BatchLimits, Batcher, Earlier, Item};
use crate::source::content::Content;
use crate::source::{self, Destination, Format, Source};
use crate::table::Table;
use ledger::Ledger;
use manifest::{Kept, Loaded};
use rejects::Rejects;
pub use report::{Advanced, Counts, LoadReport, TableCounts};
use resume::Resumption;
use rows::Writing;
use worker::Worker;

/// What becomes of a row whose key is in the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// It is rejected.
    #[default]
    Error,
    /// The row in the table stays.
    Skip,
    /// The row in the table takes the new values.
    Update,
}

impl OnConflict {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Skip => "skip",
            Self::Update => "update",
        }
    }
}

/// How to load.
#[derive(Debug, Clone)]
pub struct LoadOptions {
    /// The table, as SQL names it; all of them when a dump or a living database is loaded and none is named.
    pub table: Option<String>,
    /// What becomes of a row whose key is in the table.
    pub on_conflict: OnConflict,
    /// How many connections write.
    pub jobs: usize,
    /// How many rows go into one transaction, at most [`BATCH_ROWS_MAX`].
    pub batch_rows: usize,
    /// How many records may be rejected before the load ends.
    pub max_rejects: u64,
    /// Where rejected records are listed; beside the source when not said.
    pub rejects: Option<PathBuf>,
    /// Where the manifest is; beside the source when not said, and then it goes when the load is complete.
    pub manifest: Option<PathBuf>,
    /// How often and after what waits a batch is tried again.
    pub retry: RetryPolicy,
}

/// The 3,000 rows that a transaction may change, less the batch's line in the ledger.
pub const BATCH_ROWS_MAX: usize = 2_999;
/// How much COPY text goes into one transaction: index entries and what a row costs in storage count towards its 10 MiB too.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many batches wait for each connection.
const BATCHES_AHEAD: usize = 2;

impl LoadOptions {
    /// The defaults for a table.
    #[must_use]
    pub fn new(table: impl Into<String>) -> Self {
        Self { table: Some(table.into()), ..Self::default() }
    }
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            table: None,
            on_conflict: OnConflict::default(),
            jobs: 4,
            batch_rows: BATCH_ROWS_MAX,
            max_rejects: 0,
            rejects: None,
            manifest: None,
            retry: RetryPolicy { retries_max: 12, ..RetryPolicy::default() },
        }
    }
}

/// What a load of a whole dump is called where others have their table.
const ALL_TABLES: &str = "all tables";

/// How far a load has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read from the source, as it stands on disk.
    pub bytes: u64,
    /// Of how many, if that is known.
    pub bytes_total: Option<u64>,
    /// What became of the records so far.
    pub counts: Counts,
}

/// What all connections of a load share.
struct Shared<'l> {
    endpoint: &'l Endpoint,
    options: &'l LoadOptions,
    /// The table, when it is one.
    table: Option<Arc<Table>>,
    /// All tables that rows went to, by their names as statements write them.
    tables: tokio::sync::Mutex<BTreeMap<String, Arc<Table>>>,
    /// Batches hold it for reading and statements between them for writing, in the order of the source.
    order: RwLock<()>,
    ledger: Ledger,
    kept: Mutex<Kept>,
    /// A COMMIT was not answered, so nobody knows what is in the database.
    is_uncertain: AtomicBool,
    rejects: Mutex<Rejects>,
    clock: &'l dyn Clock,
    random: &'l dyn Random,
    progress: &'l (dyn Fn(Progress) + Send + Sync),
    consumed: Arc<AtomicU64>,
    bytes_total: Option<u64>,
    totals: Mutex<Totals>,
    has_copy: AtomicBool,
    failed: AtomicBool,
    /// The source was read to its end.
    is_read: AtomicBool,
}

#[derive(Default)]
struct Totals {
    counts: Counts,
    /// What became of the records of each table in this run.
    tables: BTreeMap<String, Counts>,
    transactions: u64,
    retries: u64,
    left_out: u64,
    /// What was read.
    content: Option<Content>,
}

impl Shared<'_> {
    fn writing<'t>(&self, table: &'t Table) -> Writing<'t> {
        Writing { table, on_conflict: self.options.on_conflict, copy: self.has_copy() }
    }

    fn has_copy(&self) -> bool {
        self.has_copy.load(Ordering::Relaxed)
    }

    fn give_up_copy(&self) {
        self.has_copy.store(false, Ordering::Relaxed);
    }

    fn list_rejects(&self, batch: &Batch) -> Result<(), TransferError> {
        lock(&self.rejects).list(batch, self.options.max_rejects)
    }

    fn retried(&self) {
        lock(&self.totals).retries += 1;
    }

    fn written(&self, table: &Table, counts: Counts) {
        let counts = {
            let mut totals = lock(&self.totals);
            totals.counts += counts;
            *totals.tables.entry(table.plain_name()).or_default() += counts;
            totals.transactions += 1;
            totals.counts
        };
        let bytes = self.consumed.load(Ordering::Relaxed);
        (self.progress)(Progress { bytes, bytes_total: self.bytes_total, counts });
    }

    /// Writes batches until there are none, or one of the connections has failed.
    async fn work(&self, receiver: &tokio::sync::Mutex<Receiver<Item>>) -> Result<(), TransferError> {
        let mut worker = Worker::new(self);
        let mut result = Ok(true);
        while let Ok(true) = result {
            result = self.next(&mut worker, receiver).await;
        }
        worker.close().await;
        result.map(|_| ())
    }

    /// Takes the next item and does what it says; false when there is nothing left to do.
    ///
    /// What comes behind a failure must not be written: rows would go into a table that the dump could not make. So a failure is
    /// noted before the turn ends that it happened in, and looked for as soon as the next turn has begun.
    async fn next(&self, worker: &mut Worker<'_>, receiver: &tokio::sync::Mutex<Receiver<Item>>) -> Result<bool, TransferError> {
        let mut receiver = receiver.lock().await;
        if self.has_failed() {
            return Ok(false);
        }
        match receiver.recv().await {
            Some(Item::Batch(batch)) => {
                let _turn = self.order.read().await;
                drop(receiver);
                self.noted(worker.write(batch).await)?;
            }
            // Nobody takes what is behind it before it has run.
            Some(Item::Statement(statement)) => {
                let _alone = self.order.write().await;
                if self.has_failed() {
                    return Ok(false);
                }
                self.noted(worker.statement(&statement).await)?;
            }
            Some(Item::Barrier) => drop(self.order.write().await),
            Some(Item::End(result)) => {
                let AtEnd { left_out, content } = self.noted(result)?;
                let mut totals = lock(&self.totals);
                (totals.left_out, totals.content) = (left_out, content);
                self.is_read.store(true, Ordering::Relaxed);
            }
            None => return Ok(false),
        }
        Ok(true)
    }

    fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Removes the manifest of a load that has failed before anything of it was loaded: a command that does better may be another one.
    async fn forget_a_load_of_nothing(&self) {
        if self.is_uncertain.load(Ordering::Relaxed) || !lock(&self.kept).is_only_of_the_ledger() {
            return;
        }
        let Ok(mut connection) = connect(self.endpoint).await else { return };
        if matches!(self.ledger.has_lines(&mut connection).await, Ok(false)) {
            lock(&self.kept).forget();
        }
        connection.close().await;
    }

    fn noted<T>(&self, result: Result<T, TransferError>) -> Result<T, TransferError> {
        if result.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        result
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Loads a source into a table.
///
/// # Errors
/// When the request, the source or the database is not what it should be, or too many records are rejected. What was loaded until
/// then stays loaded and is in the ledger: the same call again goes on behind it.
pub async fn load(
    database: &Database,
    source: &Source,
    options: &LoadOptions,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<LoadReport, TransferError> {
    let (clock, random) = (SystemClock::default(), OsRandom);
    let begun = clock.monotonic();
    check(source, options)?;
    let mut connection = connect(database.endpoint()).await.map_err(TransferError::database("connecting"))?;
    let table = match &options.table {
        Some(name) => Some(Arc::new(Table::describe(&mut connection, name).await?)),
        None => None,
    };
    if let Some(table) = &table {
        check_key(table, source.columns.as_deref(), options)?;
    }
    let name = table.as_ref().map_or_else(|| ALL_TABLES.to_owned(), |table| table.plain_name());
    let resumption = Resumption::find(source, options, (&name, table.as_deref()), &random, &mut connection).await?;
    let (earlier, resumed) = (resumption.earlier(), resumption.counts());
    let Resumption { kept, ledger, was_complete, .. } = resumption;
    let load = kept.manifest.load.clone();
    let rejects_path = options.rejects.clone().unwrap_or_else(|| manifest::default_rejects_path(source, &name));
    let shared = Shared {
        endpoint: database.endpoint(),
        options,
        tables: tokio::sync::Mutex::new(table.iter().map(|table| (table.sql_name(), Arc::clone(table))).collect()),
        table,
        order: RwLock::new(()),
        ledger,
        kept: Mutex::new(kept),
        is_uncertain: AtomicBool::new(false),
        rejects: Mutex::new(Rejects::open(rejects_path, &earlier, options.table.is_none())?),
        clock: &clock,
        random: &random,
        progress,
        consumed: Arc::default(),
        bytes_total: source.path().and_then(|path| path.metadata().ok()).map(|metadata| metadata.len()),
        totals: Mutex::new(Totals { counts: resumed, ..Totals::default() }),
        has_copy: AtomicBool::new(true),
        failed: AtomicBool::new(false),
        is_read: AtomicBool::new(false),
    };
    if let Err(error) = run(&shared, source, earlier).await {
        shared.forget_a_load_of_nothing().await;
        return Err(error);
    }
    let advanced = finish(database, &shared, &mut connection).await?;
    connection.close().await;
    let totals = lock(&shared.totals);
    Ok(LoadReport {
        load,
        table: name,
        statements_left_out: totals.left_out,
        counts: totals.counts,
        tables: totals.tables.iter().map(|(table, counts)| TableCounts { table: table.clone(), counts: *counts }).collect(),
        resumed_records: resumed.records(),
        bytes: shared.consumed.load(Ordering::Relaxed),
        transactions: totals.transactions,
        retries: totals.retries,
        advanced,
        rejects_file: lock(&shared.rejects).path().map(|path| path.display().to_string()),
        seconds: clock.monotonic().saturating_sub(begun).as_secs_f64(),
        already_complete: was_complete && totals.transactions == 0,
    })
}

/// Reads and writes to the end. When one connection fails, the others end the batches that they have.
async fn run(shared: &Shared<'_>, source: &Source, earlier: Earlier) -> Result<(), TransferError> {
    let jobs = shared.options.jobs;
    let (sender, receiver) = mpsc::channel(jobs * BATCHES_AHEAD);
    let limits = BatchLimits { rows_max: shared.options.batch_rows, bytes_max: BATCH_BYTES_MAX };
    let name = source.name();
    let (source, endpoint, table) = (source.clone(), shared.endpoint.clone(), shared.table.clone());
    let consumed = Arc::clone(&shared.consumed);
    // The reader may wait for standard input for ever; nobody waits for the reader.
    task::spawn_thread("borealis-source", move || {
        // A living database is another one the next time.
        let mut batcher =
            if source.is_live() { Batcher::new(sender.clone(), limits) } else { Batcher::behind(sender.clone(), limits, earlier) };
        let destination = Destination { endpoint: &endpoint, table: table.as_deref() };
        let result = source::read(&source, &destination, &mut batcher, &consumed);
        // Without a receiver the load has ended already.
        let _ = sender.blocking_send(Item::End(result));
    });
    let receiver = tokio::sync::Mutex::new(receiver);
    let results = join_all((0..jobs).map(|_| shared.work(&receiver))).await;
    results.into_iter().collect::<Result<(), _>>()?;
    // A reader that stopped without a word has not read everything, whatever became of what it read.
    if shared.is_read.load(Ordering::Relaxed) { Ok(()) } else { Err(source::ended_early(&name)) }
}

/// What comes behind the rows.
async fn finish(database: &Database, shared: &Shared<'_>, connection: &mut Connection) -> Result<Vec<Advanced>, TransferError> {
    let mut advanced = Vec::new();
    for table in shared.tables.lock().await.values() {
        advanced.extend(identity::advance(database, table).await?);
    }
    // The ledger's lines are needed until the manifest says that the load is complete: without both, it would begin anew.
    let loaded = {
        let mut totals = lock(&shared.totals);
        totals.content.take().map(|content| Loaded { content, counts: totals.counts })
    };
    lock(&shared.kept).complete(loaded)?;
    shared.ledger.clear(connection).await?;
    lock(&shared.kept).tidy_up()?;
    Ok(advanced)
}

fn check(source: &Source, options: &LoadOptions) -> Result<(), TransferError> {
    let refused = |what: &str| Err(TransferError::Request(what.to_owned()));
    let format = source.checked()?;
    if options.table.is_none() && !matches!(format, Format::Dump | Format::Live) {
        return refused("name the table that the rows are for: only a dump and a living database say it themselves");
    }
    if source.is_live() && options.manifest.is_some() {
        return refused("a living database is another one the next time: a load from it has no manifest to go on with");
    }
    if source.schema && (format != Format::Dump || options.table.is_some()) {
        return refused("only a dump has a schema, and it is made as a whole");
    }
    if options.jobs == 0 || options.jobs > JOBS_MAX {
        return refused("between 1 and 64 connections can write at a time");
    }
    if options.batch_rows == 0 || options.batch_rows > BATCH_ROWS_MAX {
        return refused("a batch has between 1 and 2999 rows: a transaction may write 3000, and one of them is the ledger's");
    }
    Ok(())
}

/// Less than the new connections that a cluster accepts in a second.
const JOBS_MAX: usize = 64;

fn check_key(table: &Table, columns: Option<&[String]>, options: &LoadOptions) -> Result<(), TransferError> {
    if options.on_conflict != OnConflict::Update {
        return Ok(());
    }
    let names: Vec<&str> = table.key.iter().map(|place| table.columns[*place].name.as_str()).collect();
    if names.is_empty() {
        return Err(TransferError::Request(format!("{} has no primary key by which rows could be updated", table.plain_name())));
    }
    let missing = |name: &&&str| columns.is_some_and(|columns| !columns.iter().any(|column| column == **name));
    match names.iter().find(missing) {
        Some(name) => Err(TransferError::Request(format!("rows are updated by their key, and its column \"{name}\" is not loaded"))),
        None => Ok(()),
    }
}

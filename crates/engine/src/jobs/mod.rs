//! Asynchronous jobs: index builds, removal of dropped storage, validation of constraints.
//!
//! A job is a row in the store, written by the transaction of the statement that started it, so it exists exactly if the statement committed. One
//! worker thread runs jobs in the order of their start, in batches that are transactions of their own; the place reached is part of each
//! batch, so that a restart goes on where the last durable batch ended.

mod analyze;
mod build_index;
mod drop_storage;
mod validate;
mod worker;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use borealis_base::Id26;
use borealis_catalog::{Catalog, Table};
use borealis_pgtypes::{Datum, Oid, Result, SqlError};
use borealis_storage::{ClaimKind, Direction, Snapshot, Transaction};
use serde::{Deserialize, Serialize};

use crate::cluster::keys;
use crate::error::read_failed;
pub(crate) use worker::start_worker;

/// `job_type` of `sys.jobs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum JobKind {
    BuildIndex,
    DropStorage,
    ValidateConstraint,
    Analyze,
}

impl JobKind {
    /// As `sys.jobs` writes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::BuildIndex => "INDEX_BUILD",
            Self::DropStorage => "DROP",
            Self::ValidateConstraint => "VALIDATE_CONSTRAINT",
            Self::Analyze => "ANALYZE",
        }
    }
}

/// `status` of `sys.jobs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum JobStatus {
    Submitted,
    Processing,
    Completed,
    Failed,
    Cancelled,
}

impl JobStatus {
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A job as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: [u8; 16],
    pub(crate) kind: JobKind,
    pub(crate) status: JobStatus,
    pub(crate) details: Option<String>,
    /// The index, relation or constraint it is about.
    pub(crate) object: Oid,
    /// The table the object belongs to; the object itself when it is one.
    pub(crate) table: Oid,
    /// Schema-qualified name when the job was started.
    pub(crate) name: String,
    /// Who owned the object then, and may see the job.
    #[serde(default)]
    pub(crate) owner: Oid,
    /// Microseconds since 2000-01-01 UTC.
    pub(crate) started: i64,
    /// Last change of status or progress.
    pub(crate) updated: Option<i64>,
    /// Where the next batch begins.
    pub(crate) resume: Option<Vec<u8>>,
}

impl Job {
    /// Writes the job. The claim makes two writers of one job conflict.
    pub(crate) fn put(&self, transaction: &mut Transaction) {
        let bytes = serde_json::to_vec(self).expect("a job holds nothing that JSON cannot");
        transaction.put(keys::job(self.id), bytes, Some(ClaimKind::Write));
    }

    /// The index the job builds, and its place in its table.
    pub(crate) fn find_index<'a>(&self, catalog: &'a Catalog) -> Option<(&'a Arc<Table>, usize)> {
        let table = catalog.table_by_oid(self.table)?;
        let index = table.indexes.iter().position(|index| index.oid == self.object)?;
        Some((table, index))
    }

    /// The row of `sys.jobs`.
    fn row(&self, catalog: &Catalog) -> Vec<Datum> {
        vec![
            Datum::text(&Id26(self.id).to_string()),
            Datum::text(self.status.text()),
            self.details.as_deref().map_or(Datum::Null, Datum::text),
            Datum::text(self.kind.name()),
            Datum::Oid(Oid(1259)),
            Datum::Oid(self.object),
            self.object_name(catalog).map_or(Datum::Null, |name| Datum::text(&name)),
            Datum::TimestampTz(self.started),
            self.updated.map_or(Datum::Null, Datum::TimestampTz),
        ]
    }

    /// The object's schema-qualified name while it lives.
    fn object_name(&self, catalog: &Catalog) -> Option<String> {
        let table = catalog.table_by_oid(self.table)?;
        let name = if self.object == table.oid || self.kind == JobKind::ValidateConstraint {
            &table.name
        } else {
            &table.all_indexes().find(|index| index.oid == self.object)?.name
        };
        Some(format!("{}.{name}", catalog.schema_by_oid(table.schema)?.name))
    }
}

/// What `CALL sys.wait_for_job` learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobState {
    Unknown,
    Running,
    Over { succeeded: bool },
}

/// The state of a job.
pub(crate) fn state(snapshot: &Snapshot, id: Id26) -> Result<JobState> {
    Ok(match read(snapshot, id.0)? {
        None => JobState::Unknown,
        Some(job) if job.status.is_over() => JobState::Over { succeeded: job.status == JobStatus::Completed },
        Some(_) => JobState::Running,
    })
}

/// The rows of `sys.jobs` about objects of owners that `may_see` lets through, oldest first.
pub(crate) fn rows(snapshot: &Snapshot, catalog: &Catalog, may_see: impl Fn(Oid) -> bool) -> Result<Vec<Vec<Datum>>> {
    Ok(all(snapshot)?.iter().filter(|job| may_see(job.owner)).map(|job| job.row(catalog)).collect())
}

fn read(snapshot: &Snapshot, id: [u8; 16]) -> Result<Option<Job>> {
    let stored = snapshot.get(&keys::job(id)).map_err(|error| read_failed(&error))?;
    stored.map(|value| decode(&value)).transpose()
}

fn all(snapshot: &Snapshot) -> Result<Vec<Job>> {
    let mut jobs = Vec::new();
    let mut scan = snapshot.scan(keys::jobs(), Direction::Forward);
    while let Some((_, stored)) = scan.next().map_err(|error| read_failed(&error))? {
        jobs.push(decode(stored)?);
    }
    jobs.sort_by_key(|job: &Job| (job.started, job.id));
    Ok(jobs)
}

fn decode(stored: &[u8]) -> Result<Job> {
    serde_json::from_slice(stored).map_err(|error| SqlError::internal(format!("a stored job cannot be read: {error}")))
}

/// What the worker's bell says.
#[derive(Debug, Default)]
struct Bell {
    submitted: bool,
    /// The worker waits.
    idle: bool,
}

/// The worker's bell and the waiters' bell.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    state: Mutex<Bell>,
    bell: Condvar,
    stopping: AtomicBool,
    /// Rung after every change of a job's status.
    pub(crate) changed: tokio::sync::Notify,
}

impl Jobs {
    /// A committed statement left work.
    pub(crate) fn submit(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).submitted = true;
        self.bell.notify_all();
    }

    /// Tells the worker to end after its current batch.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.submit();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Whether nothing was submitted that is not done.
    pub(crate) fn is_idle(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.idle && !state.submitted
    }

    /// Waits for work; false when the worker is to end.
    fn wait(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.idle = true;
        self.bell.notify_all();
        let mut state = self.bell.wait_while(state, |state| !state.submitted).unwrap_or_else(PoisonError::into_inner);
        *state = Bell::default();
        !self.is_stopping()
    }

    /// Waits until the time is over or the worker is to end.
    fn pause(&self, time: std::time::Duration) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.bell.wait_timeout_while(state, time, |_| !self.is_stopping()));
    }

    /// Waits until all that was submitted is done.
    #[cfg(test)]
    pub(crate) fn wait_idle(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.bell.wait_while(state, |state| state.submitted || !state.idle).unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests;

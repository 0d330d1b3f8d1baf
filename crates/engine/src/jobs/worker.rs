//! The thread that runs jobs.

use std::sync::{Arc, Weak};
use std::thread::JoinHandle;

use borealis_base::task::spawn_thread;
use borealis_catalog::Change;
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::{Job, JobKind, JobStatus, all, analyze, build_index, drop_storage, read, validate};
use crate::cluster::Cluster;
use crate::inject::JobFault;

/// Jobs that are over stay visible for this long after their end, then the next job's start removes them.
const RETENTION_MICROS: i64 = 30 * 60 * 1_000_000;

/// Attempts of one batch before the job gives way to the next one and starts again later.
const CONFLICTS_MAX: u32 = 1_000;

/// How a job ends.
pub(super) enum End {
    /// Completed, with the remark for `details` and the catalog changes of its last transaction.
    Completed { details: Option<String>, changes: Vec<Change> },
    /// Failed, likewise.
    Failed { details: String, changes: Vec<Change> },
    /// What it worked on was dropped on the way.
    Cancelled { details: String },
}

/// Result of one batch.
pub(super) enum Step {
    /// The batch is committed; the job goes on.
    More,
    /// All done; the end is not yet recorded.
    End(End),
}

/// Starts the worker of a cluster. It ends when the cluster stops or is dropped.
pub(crate) fn start_worker(cluster: &Arc<Cluster>) -> JoinHandle<()> {
    let weak = Arc::downgrade(cluster);
    // What an earlier process left unfinished goes on.
    cluster.jobs.submit();
    spawn_thread("borealis-jobs", move || run(&weak))
}

fn run(weak: &Weak<Cluster>) {
    loop {
        let Some(cluster) = weak.upgrade() else { return };
        if !cluster.jobs.wait() {
            return;
        }
        if let Err(error) = run_pending(&cluster) {
            tracing::error!(%error, "the job worker could not go on; it tries again with the next job");
        }
    }
}

fn run_pending(cluster: &Cluster) -> Result<()> {
    remove_expired(cluster)?;
    analyze::enqueue(cluster)?;
    loop {
        let next = all(&cluster.store.snapshot())?.into_iter().find(|job| !job.status.is_over());
        match next {
            Some(job) if !cluster.jobs.is_stopping() => run_job(cluster, job)?,
            Some(_) | None => return Ok(()),
        }
    }
}

fn run_job(cluster: &Cluster, mut job: Job) -> Result<()> {
    if job.status == JobStatus::Submitted {
        job.status = JobStatus::Processing;
        update(cluster, &mut job)?;
    }
    let mut conflicts = 0;
    while !cluster.jobs.is_stopping() {
        match step(cluster, &mut job) {
            Ok(true) => {
                cluster.jobs.changed.notify_waiters();
                return Ok(());
            }
            Ok(false) => conflicts = 0,
            // A writer was quicker: the batch is read again from a new snapshot.
            Err(error) if error.sqlstate() == SqlState::SERIALIZATION_FAILURE && conflicts < CONFLICTS_MAX => {
                conflicts += 1;
                job = read(&cluster.store.snapshot(), job.id)?.ok_or_else(vanished)?;
            }
            Err(error) => return give_up(cluster, &mut job, &error),
        }
    }
    Ok(())
}

/// One batch; tells whether the job is over.
fn step(cluster: &Cluster, job: &mut Job) -> Result<bool> {
    let catalog = cluster.catalogs.at(&cluster.store.snapshot())?;
    match cluster.injections.at_job(&catalog, job) {
        Some(JobFault::Failure) => return conclude(cluster, job, injected_failure(&catalog, job)),
        Some(JobFault::Slow(delay)) => cluster.jobs.pause(delay),
        None => {}
    }
    let step = match job.kind {
        JobKind::BuildIndex => build_index::step(cluster, job),
        JobKind::DropStorage => drop_storage::step(cluster, job),
        JobKind::ValidateConstraint => validate::step(cluster, job),
        JobKind::Analyze => analyze::step(cluster, job),
    };
    conclude(cluster, job, step?)
}

/// A rule of `borealis.inject` lets the job fail: an index that it built stays as a failed build leaves it.
fn injected_failure(catalog: &borealis_catalog::Catalog, job: &Job) -> Step {
    let details = "injected failure".to_owned();
    match (job.kind, job.find_index(catalog)) {
        (JobKind::BuildIndex, Some((table, index))) => build_index::failed(table, index, details),
        _ => Step::End(End::Failed { details, changes: Vec::new() }),
    }
}

/// One batch of a job, for tests that say when it runs.
#[cfg(test)]
pub(super) fn step_once(cluster: &Cluster, id: borealis_base::Id26) -> Result<bool> {
    let mut job = read(&cluster.store.snapshot(), id.0)?.ok_or_else(vanished)?;
    step(cluster, &mut job)
}

/// Records the end, in one transaction with the job's catalog changes; tells whether the job is over.
fn conclude(cluster: &Cluster, job: &mut Job, step: Step) -> Result<bool> {
    let (status, details, changes) = match step {
        Step::More => return Ok(false),
        Step::End(End::Completed { details, changes }) => (JobStatus::Completed, details, changes),
        Step::End(End::Failed { details, changes }) => (JobStatus::Failed, Some(details), changes),
        Step::End(End::Cancelled { details }) => (JobStatus::Cancelled, Some(details), Vec::new()),
    };
    let mut transaction = cluster.store.begin();
    let catalog = cluster.catalogs.at(transaction.snapshot())?;
    job.status = status;
    job.details = details;
    job.resume = None;
    job.updated = Some(cluster.now());
    job.put(&mut transaction);
    let changes = rebase(&catalog, changes);
    if !changes.is_empty() {
        // Writers maintain the index whatever its state, so none of them has to fail for this change.
        cluster.write_catalog(&mut transaction, &changes, &[])?;
    }
    cluster.commit_internal(transaction, &catalog, &changes)?;
    Ok(true)
}

/// Drops changes of objects that have gone since; the step made the others from the same or an older catalog, and their table is written whole
/// only if it has not changed since.
fn rebase(catalog: &borealis_catalog::Catalog, changes: Vec<Change>) -> Vec<Change> {
    changes
        .into_iter()
        .filter_map(|change| match change {
            Change::PutTable(table) => {
                let current = catalog.table_by_oid(table.oid)?;
                Some(Change::PutTable(build_index::merge_states(current, &table)))
            }
            other => Some(other),
        })
        .collect()
}

fn give_up(cluster: &Cluster, job: &mut Job, error: &SqlError) -> Result<()> {
    tracing::error!(job = %borealis_base::Id26(job.id), %error, "a job failed");
    conclude(cluster, job, Step::End(End::Failed { details: error.message().to_owned(), changes: Vec::new() }))?;
    cluster.jobs.changed.notify_waiters();
    Ok(())
}

fn update(cluster: &Cluster, job: &mut Job) -> Result<()> {
    let mut transaction = cluster.store.begin();
    job.updated = Some(cluster.now());
    job.put(&mut transaction);
    let catalog = cluster.catalogs.at(transaction.snapshot())?;
    cluster.commit_internal(transaction, &catalog, &[])?;
    cluster.jobs.changed.notify_waiters();
    Ok(())
}

fn remove_expired(cluster: &Cluster) -> Result<()> {
    let mut transaction = cluster.store.begin();
    let oldest = cluster.now() - RETENTION_MICROS;
    for job in all(transaction.snapshot())? {
        if job.status.is_over() && job.updated.unwrap_or(job.started) < oldest {
            transaction.delete(crate::cluster::keys::job(job.id), Some(borealis_storage::ClaimKind::Write));
        }
    }
    let catalog = cluster.catalogs.at(transaction.snapshot())?;
    cluster.commit_internal(transaction, &catalog, &[])?;
    Ok(())
}

fn vanished() -> SqlError {
    SqlError::internal("a running job is no longer in the store")
}

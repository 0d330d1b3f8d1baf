//! Automatic ANALYZE of tables that have changed.
//!
//! Writers count what they change and ring the bell when it is enough; the job itself is written here, so that no writer waits for it.

use borealis_base::Id26;
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::worker::{End, Step};
use super::{Job, JobKind, JobStatus};
use crate::cluster::Cluster;
use crate::statistics;

/// Writes a job for each table that is due.
pub(super) fn enqueue(cluster: &Cluster) -> Result<()> {
    let due = cluster.statistics.activity.take_due();
    if due.is_empty() {
        return Ok(());
    }
    let mut transaction = cluster.store.begin();
    let catalog = cluster.catalogs.at(transaction.snapshot())?;
    for oid in due {
        let Some(table) = catalog.table_by_oid(oid) else { continue };
        let Some(schema) = catalog.schema_by_oid(table.schema) else { continue };
        let job = Job {
            id: Id26::random(cluster.random.as_ref()).0,
            kind: JobKind::Analyze,
            status: JobStatus::Submitted,
            details: None,
            object: oid,
            table: oid,
            name: format!("{}.{}", schema.name, table.name),
            owner: table.owner,
            started: cluster.now(),
            updated: None,
            resume: None,
        };
        job.put(&mut transaction);
    }
    cluster.commit_internal(transaction, &catalog, &[])?;
    Ok(())
}

/// The whole table in one step: it is read in parts that hold nothing up, and a restart begins again.
pub(super) fn step(cluster: &Cluster, job: &Job) -> Result<Step> {
    let catalog = cluster.catalogs.at(&cluster.store.snapshot())?;
    let Some(table) = catalog.table_by_oid(job.table) else {
        let details = "Skipped job for nonexistent table.".to_owned();
        return Ok(Step::End(End::Completed { details: Some(details), changes: Vec::new() }));
    };
    let mut proceed = || match cluster.jobs.is_stopping() {
        true => Err(SqlError::new(SqlState::ADMIN_SHUTDOWN, "the cluster is closing")),
        false => Ok(()),
    };
    match statistics::analyze(cluster, table, None, &mut proceed) {
        Ok(_) => Ok(Step::End(End::Completed { details: None, changes: Vec::new() })),
        Err(_) if cluster.jobs.is_stopping() => Ok(Step::More),
        Err(error) => {
            // The job fails; the table may become due again.
            cluster.statistics.activity.forget(table.oid);
            Err(error)
        }
    }
}

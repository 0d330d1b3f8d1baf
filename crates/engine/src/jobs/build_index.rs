//! Index builds.
//!
//! The index exists as building from its statement's commit on, and every writer whose snapshot is younger maintains it; writers with an
//! older snapshot cannot commit any more (OC001 on the table). So the build only adds entries of rows that were there before: each batch reads rows at its
//! snapshot and adds their entries, and loses (and is read again) when one of the rows was changed meanwhile. Writers never lose to it.

use std::sync::Arc;

use borealis_catalog::{Change, IndexState, Table};
use borealis_pgtypes::{Result, SqlError};

use super::Job;
use super::worker::{End, Step};
use crate::cluster::Cluster;
use crate::session::internal::{self, Backfilled};

/// Rows read per transaction: small, so that a conflict with a writer costs little.
const BATCH_ROWS: usize = 500;

pub(super) fn step(cluster: &Cluster, job: &mut Job) -> Result<Step> {
    let Some((filled, catalog, mut transaction)) = internal::backfill(cluster, job, BATCH_ROWS)? else {
        return Ok(dropped(job));
    };
    let (table, index) = job.find_index(&catalog).ok_or_else(|| SqlError::internal("the index is not where it was"))?;
    let next = match filled {
        Backfilled::Duplicate => {
            return Ok(failed(table, index, "found duplicate key(s) while validating index uniqueness".to_owned()));
        }
        Backfilled::Up(next) => next,
    };
    let done = next.is_none();
    job.resume = next;
    job.updated = Some(cluster.now());
    job.put(&mut transaction.storage);
    cluster.commit_internal(transaction.storage, &catalog, &[])?;
    Ok(if done { completed(table, index) } else { Step::More })
}

/// The index is gone. A build that had not begun is skipped, as the service was recorded; one under way is cancelled.
fn dropped(job: &Job) -> Step {
    let details = format!("relation \"{}\" does not exist", job.name);
    Step::End(match job.resume {
        None => End::Completed { details: Some(details), changes: Vec::new() },
        Some(_) => End::Cancelled { details },
    })
}

fn completed(table: &Table, index: usize) -> Step {
    Step::End(End::Completed { details: None, changes: vec![with_state(table, index, IndexState::Valid)] })
}

pub(super) fn failed(table: &Table, index: usize, details: String) -> Step {
    Step::End(End::Failed { details, changes: vec![with_state(table, index, IndexState::Failed)] })
}

fn with_state(table: &Table, index: usize, state: IndexState) -> Change {
    let mut changed = table.clone();
    changed.indexes[index].state = state;
    Change::PutTable(Arc::new(changed))
}

/// The current descriptor with index states (and validated constraints) taken from `changed`: other DDL may have come between.
pub(super) fn merge_states(current: &Table, changed: &Table) -> Arc<Table> {
    let mut merged = current.clone();
    for index in &mut merged.indexes {
        if let Some(new) = changed.indexes.iter().find(|candidate| candidate.oid == index.oid) {
            index.state = new.state;
        }
    }
    for check in &mut merged.checks {
        if let Some(new) = changed.checks.iter().find(|candidate| candidate.oid == check.oid) {
            check.validated |= new.validated;
        }
    }
    for key in &mut merged.foreign_keys {
        if let Some(new) = changed.foreign_keys.iter().find(|candidate| candidate.oid == key.oid) {
            key.validated |= new.validated;
        }
    }
    Arc::new(merged)
}

//! Removal of what a dropped relation stored.
//!
//! Transactions that still see the relation read their own snapshot; those that wrote it cannot commit after the DROP (OC001). So the entries can go at
//! any time after it.

use borealis_pgtypes::Result;

use super::Job;
use super::worker::{End, Step};
use crate::cluster::Cluster;
use crate::exec;

/// Entries removed per transaction.
const BATCH_ROWS: usize = 2_000;

pub(super) fn step(cluster: &Cluster, job: &mut Job) -> Result<Step> {
    let mut transaction = exec::Txn::new(cluster.store.begin(), false);
    let catalog = cluster.catalogs.at(transaction.storage.snapshot())?;
    let more = exec::drop_storage_batch(&mut transaction, job.object, BATCH_ROWS)?;
    job.updated = Some(cluster.now());
    job.put(&mut transaction.storage);
    cluster.commit_internal(transaction.storage, &catalog, &[])?;
    if !more {
        crate::statistics::forget(cluster, job.object)?;
    }
    Ok(if more { Step::More } else { Step::End(End::Completed { details: None, changes: Vec::new() }) })
}

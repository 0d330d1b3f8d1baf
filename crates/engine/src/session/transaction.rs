//! The transaction block of a session.
//!
//! A snapshot is taken by the first statement that reads or writes. A transaction is either the session's own (BEGIN) or implicit: one statement, one
//! simple query string, or what an extended-protocol client sends up to its Sync. Nothing waits for anybody: a conflict is known at commit.

use std::sync::Arc;

use borealis_base::Id26;
use borealis_catalog::{Catalog, Change};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};
use borealis_sql::bound::Ddl;
use borealis_storage::{CatalogClaim, CommitError, ConflictKey, ConflictKind};

use crate::cluster::turns::Turn;
use crate::cluster::{Cluster, sequences};
use crate::conflicts::Trail;
use crate::error::{catalog_conflict, commit_failed, data_conflict, transaction_too_large, transaction_too_old};
use crate::exec;
use crate::inject::CommitFault;
use crate::jobs::Job;

/// The protocol's transaction status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// Not in a block.
    Idle,
    /// In a block.
    InBlock,
    /// In a block that failed: only its end is accepted.
    Failed,
}

/// Where the session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Block {
    /// No BEGIN: what runs is implicit.
    Implicit,
    /// After BEGIN.
    Explicit { read_only: bool },
    /// After an error in a block.
    Failed,
}

/// What has been changed: DDL and DML keep apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Changed {
    Nothing,
    Rows,
    Catalog,
}

/// A transaction with a snapshot.
pub(super) struct Active {
    pub(super) txn: exec::Txn,
    /// The catalog as the transaction sees it, its own change included.
    pub(super) catalog: Arc<Catalog>,
    /// The catalog of the snapshot.
    base: Arc<Catalog>,
    changes: Vec<Change>,
    has_jobs: bool,
    /// Index builds that the statement waits for once it is committed: job and index name.
    builds: Vec<(Id26, String)>,
    changed: Changed,
    /// What it did, for whoever loses to it or for its own loss.
    pub(super) trail: Trail,
    /// Its turn among those who lost over the same key. The next one's begins when it is over.
    turn: Option<Turn>,
}

/// The start of a transaction, kept from BEGIN on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    /// `now()`.
    pub(super) timestamp: i64,
    /// For the age limit.
    pub(super) monotonic: std::time::Duration,
}

impl Active {
    pub(super) fn begin(cluster: &Cluster, read_only: bool, application_name: Arc<str>, turn: Option<Turn>) -> Result<Self> {
        let transaction = cluster.store.begin();
        let base = cluster.catalogs.at(transaction.snapshot())?;
        Ok(Self {
            txn: exec::Txn::new(transaction, read_only),
            catalog: base.clone(),
            base,
            changes: Vec::new(),
            has_jobs: false,
            builds: Vec::new(),
            changed: Changed::Nothing,
            trail: Trail::new(application_name),
            turn,
        })
    }

    /// Whether plans made for the snapshot's catalog may be used or kept.
    pub(super) fn catalog_is_committed(&self) -> bool {
        self.changes.is_empty()
    }

    /// A statement is about to change rows.
    pub(super) fn enter_dml(&mut self) -> Result<()> {
        if self.changed == Changed::Catalog {
            return Err(ddl_with_dml());
        }
        self.changed = Changed::Rows;
        Ok(())
    }

    /// A statement is about to change the catalog.
    pub(super) fn enter_ddl(&mut self) -> Result<()> {
        match self.changed {
            Changed::Catalog => Err(SqlError::unsupported("multiple ddl statements not supported in a transaction")),
            Changed::Rows => Err(ddl_with_dml()),
            Changed::Nothing => {
                self.changed = Changed::Catalog;
                Ok(())
            }
        }
    }

    /// The transaction depends on these tables staying as they are.
    pub(super) fn depend_on(&mut self, tables: &[Oid]) {
        for table in tables {
            self.txn.storage.catalog_claim(CatalogClaim::Read(table.0));
        }
    }

    /// Sequences that this transaction has made or changed.
    pub(super) fn changed_sequences(&self) -> Vec<Oid> {
        let sequence = |change: &Change| match change {
            Change::PutSequence(sequence) => Some(sequence.oid),
            _ => None,
        };
        self.changes.iter().filter_map(sequence).collect()
    }

    /// Makes a DDL statement's change part of the transaction.
    pub(super) fn apply(&mut self, cluster: &Cluster, ddl: &Ddl, jobs: &[Job]) -> Result<()> {
        sequences::apply(cluster, &mut self.txn.storage, ddl)?;
        if !ddl.changes.is_empty() {
            cluster.write_catalog(&mut self.txn.storage, &ddl.changes, &ddl.affected)?;
            self.catalog = Arc::new(self.catalog.apply(&ddl.changes, self.base.position));
            self.changes.extend(ddl.changes.iter().cloned());
        }
        for job in jobs {
            job.put(&mut self.txn.storage);
            self.has_jobs = true;
        }
        Ok(())
    }

    /// The build of an index on an empty table, which its statement waits for.
    pub(super) fn wait_for(&mut self, job: &Job) {
        self.builds.push((Id26(job.id), job.name.clone()));
    }

    /// What is to be waited for after the commit.
    pub(super) fn take_builds(&mut self) -> Vec<(Id26, String)> {
        std::mem::take(&mut self.builds)
    }

    /// Commits. A conflict is `40001`, and `lost` is told over which key; the transaction is over either way.
    pub(super) async fn commit(self, cluster: &Cluster, start: Start, lost: &mut Option<ConflictKey>) -> Result<()> {
        check_age(cluster, start)?;
        let written = self.txn.storage.written_bytes();
        if written > cluster.limits.transaction_bytes {
            return Err(transaction_too_large(written, &cluster.limits));
        }
        if self.changed == Changed::Rows
            && self.txn.storage.adds()
            && self.txn.storage.snapshot().store_bytes() > cluster.limits.storage_bytes
        {
            return Err(cluster.limits.refusal("storage bytes", &[]));
        }
        let fault = self.fault(cluster);
        match fault {
            Some(CommitFault::Conflict(kind)) => return Err(self.lose(cluster, kind)),
            Some(CommitFault::DropBefore) => return Err(severed()),
            Some(CommitFault::DropAfter) | None => {}
        }
        // Dropped at the end of all this: the next one reads what has been committed.
        let _turn = self.turn;
        let modified = self.txn.modified;
        let snapshot = self.txn.storage.snapshot().position();
        let (trail, base) = (Arc::new(self.trail), self.base);
        let position = match self.txn.storage.commit().await {
            Ok(position) => position,
            Err(error) => {
                if let CommitError::Conflict(conflict) = &error {
                    *lost = (conflict.kind == ConflictKind::Data).then(|| conflict.key.clone());
                    cluster.conflicts.lost(cluster.now(), conflict, base, snapshot, trail);
                }
                return Err(commit_failed(&error, &cluster.limits));
            }
        };
        if position > snapshot && !trail.is_empty() {
            cluster.conflicts.committed(position, trail);
        }
        if !self.changes.is_empty() {
            cluster.catalogs.insert(Arc::new(base.apply(&self.changes, position.0)));
        }
        let mut has_jobs = self.has_jobs;
        for (table, rows) in modified {
            has_jobs |= cluster.statistics.changed(table, rows, cluster.clock.as_ref());
        }
        if has_jobs {
            cluster.jobs.submit();
        }
        if fault == Some(CommitFault::DropAfter) { Err(severed()) } else { Ok(()) }
    }

    /// What a rule of `borealis.inject` has in mind for this commit. One that defeats nobody and can lose to nobody is let through.
    fn fault(&self, cluster: &Cluster) -> Option<CommitFault> {
        if self.trail.is_empty() {
            return None;
        }
        cluster.injections.at_commit([self.catalog.as_ref(), self.base.as_ref()], &self.trail)
    }

    /// The answer of a conflict that did not happen; nothing is committed.
    fn lose(self, cluster: &Cluster, kind: ConflictKind) -> SqlError {
        let snapshot = self.txn.storage.snapshot().position();
        cluster.conflicts.injected(cluster.now(), kind, self.base, snapshot, Arc::new(self.trail));
        match kind {
            ConflictKind::Data => data_conflict(),
            ConflictKind::Catalog => catalog_conflict(),
        }
    }
}

/// The session ends without an answer. Never shown: whoever serves the session closes the connection instead.
fn severed() -> SqlError {
    SqlError::new(SqlState::CONNECTION_FAILURE, "the connection is closed by a rule of borealis.inject")
}

/// # Errors
/// `54000` when the transaction is older than allowed.
pub(super) fn check_age(cluster: &Cluster, start: Start) -> Result<()> {
    let age = cluster.clock.monotonic().saturating_sub(start.monotonic).as_secs();
    let limit = cluster.limits.transaction_age_seconds;
    if age >= limit { Err(transaction_too_old(age, &cluster.limits)) } else { Ok(()) }
}

pub(super) fn ddl_with_dml() -> SqlError {
    SqlError::unsupported("ddl and dml are not supported in the same transaction")
}

/// The answer to every statement in a failed block but its end.
pub(super) fn in_failed_block() -> SqlError {
    SqlError::new(SqlState::IN_FAILED_SQL_TRANSACTION, "current transaction is aborted, commands ignored until end of transaction block")
}

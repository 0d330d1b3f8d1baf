//! Moving committed data from memory into the base store.
//!
//! When the active table is large, or the journal long, the committer freezes the table and submits it here. A thread writes the newest
//! version of each key into LMDB in key order, records how far that goes, replaces the table in the views by the new state of LMDB, and
//! lets the journal forget what it needs no more.
//!
//! # Why several LMDB transactions
//! LMDB holds the pages a transaction dirties in memory until it commits, and keeps them for reuse ever after. Rows spread over a large
//! database dirty a page each, so one transaction for a whole table could pin hundreds of megabytes. Instead every few thousand rows are
//! committed on their own, and only the last transaction records the new checkpoint position.
//! That is safe because writing the rows of the table is idempotent: until the position is recorded, the table stays on top of the base
//! store in every view, and after a crash the journal is replayed from the old position, which brings back each of these rows.

use std::ops::Bound;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Position;
use crate::base_store::{BaseStore, Checkpoint};
use crate::committer::io_cause;
use crate::error::{Cause, Outcome, Unavailable};
use crate::followers::Followers;
use crate::journal::Journal;
use crate::options::Limits;
use crate::table::Table;
use crate::views::Views;

/// How long a failed checkpoint waits before it is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A table that no longer changes.
#[derive(Clone)]
pub(crate) struct Frozen {
    pub(crate) table: Arc<Table>,
    /// What the base store will reach with it.
    pub(crate) checkpoint: Checkpoint,
}

/// Where the committer and the checkpoint thread meet.
#[derive(Default)]
pub(crate) struct Checkpoints {
    pub(crate) followers: Followers,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    frozen: Option<Frozen>,
    /// Why the last try failed, while it has not succeeded since.
    failure: Option<(Cause, String)>,
    stop: bool,
}

impl Checkpoints {
    pub(crate) fn new(followers: Followers) -> Self {
        Self { followers, ..Self::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.state().frozen.is_none()
    }

    pub(crate) fn submit(&self, frozen: Frozen) {
        let mut state = self.state();
        assert!(state.frozen.is_none(), "one checkpoint at a time");
        state.frozen = Some(frozen);
        self.changed.notify_all();
    }

    #[cfg(test)]
    pub(crate) fn frozen(&self) -> Option<Frozen> {
        self.state().frozen.clone()
    }

    /// Waits until the tables in memory have room again.
    pub(crate) fn wait_for_room(&self) -> Result<(), Unavailable> {
        self.wait_idle().map_err(|(cause, detail)| {
            let detail = if cause == Cause::Closed { detail } else { format!("memory is full and the checkpoint fails: {detail}") };
            Unavailable { outcome: Outcome::NotCommitted, cause, detail }
        })
    }

    /// Waits until no checkpoint is running, or the one that is has failed.
    pub(crate) fn wait_idle(&self) -> Result<(), (Cause, String)> {
        let mut state = self.state();
        loop {
            if state.frozen.is_none() {
                return Ok(());
            }
            if let Some((cause, detail)) = &state.failure {
                return Err((*cause, detail.clone()));
            }
            if state.stop {
                return Err((Cause::Closed, "the store has been closed".to_owned()));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Asks the thread to end. A checkpoint under way is given up: the journal still has its rows.
    pub(crate) fn stop(&self) {
        self.state().stop = true;
        self.changed.notify_all();
    }

    /// The next table to write, or `None` when it is time to end.
    fn next(&self) -> Option<Frozen> {
        let mut state = self.state();
        loop {
            if state.stop {
                return None;
            }
            if let Some(frozen) = &state.frozen {
                return Some(frozen.clone());
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn finished(&self) {
        let mut state = self.state();
        state.frozen = None;
        if state.failure.take().is_some() {
            tracing::info!("checkpoints succeed again");
        }
        self.changed.notify_all();
    }

    /// Notes a failure, and waits a while, unless asked to end.
    fn failed(&self, error: &heed::Error) {
        let cause = match error {
            heed::Error::Io(error) => io_cause(error),
            heed::Error::Mdb(heed::MdbError::MapFull) => Cause::DiskFull, // the address space is the size the store may reach
            _ => Cause::Io,
        };
        let mut state = self.state();
        let before = state.failure.replace((cause, error.to_string()));
        if before != state.failure {
            // Once: a disk stays full for many tries.
            tracing::error!(%error, "a checkpoint failed; it will be tried again every second until it succeeds");
        }
        self.changed.notify_all();
        let waited = self.changed.wait_timeout_while(state, RETRY_AFTER, |state| !state.stop);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

/// The body of the checkpoint thread.
pub(crate) fn run(checkpoints: &Checkpoints, views: &Views, journal: &dyn Journal, limits: &Limits) {
    while let Some(frozen) = checkpoints.next() {
        match write(&views.base, &frozen, &checkpoints.followers, limits.checkpoint_rows_max, &|| checkpoints.state().stop) {
            Ok(true) => settle(checkpoints, views, journal, &frozen, limits.followed_bytes_max),
            Ok(false) => return,
            Err(error) => checkpoints.failed(&error),
        }
    }
}

/// The base store has the table: drop it from the views, and its records from the journal.
pub(crate) fn settle(checkpoints: &Checkpoints, views: &Views, journal: &dyn Journal, frozen: &Frozen, followed_bytes_max: u64) {
    views.thaw();
    let up_to = forgettable(&checkpoints.followers, journal, frozen.checkpoint.position, followed_bytes_max);
    if let Err(error) = journal.truncate(up_to) {
        tracing::warn!(%error, "the journal could not be truncated; the next checkpoint tries again");
    }
    checkpoints.finished();
}

/// Up to where the journal may be forgotten: the checkpoint, unless somebody follows the commits and has not come so far, within bounds.
fn forgettable(followers: &Followers, journal: &dyn Journal, checkpoint: Position, bytes_max: u64) -> Position {
    let Some(needed) = followers.oldest().filter(|needed| *needed < checkpoint) else { return checkpoint };
    let bound = journal.begins_within(bytes_max).min(checkpoint);
    if needed < bound {
        tracing::error!(%needed, forgotten = %bound, bytes_max, "a follower of the commits is too far behind; what it has not read is forgotten");
    }
    needed.max(bound)
}

/// Writes a table into the base store; `false` when told to stop before the end.
pub(crate) fn write(
    base: &BaseStore,
    frozen: &Frozen,
    followers: &Followers,
    rows_max: usize,
    stop: &dyn Fn() -> bool,
) -> heed::Result<bool> {
    let mut done: Option<Box<[u8]>> = None;
    loop {
        if stop() {
            return Ok(false);
        }
        let from = done.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let mut txn = base.write()?;
        let mut last = None;
        for (entry, value) in frozen.table.newest_from(from).take(rows_max) {
            base.put_row(&mut txn, entry.key(), value.as_deref())?;
            last = Some(entry);
        }
        let Some(last) = last else {
            base.put_checkpoint(&mut txn, frozen.checkpoint)?;
            followers.put(base, &mut txn)?;
            txn.commit()?;
            return Ok(true);
        };
        txn.commit()?;
        done = Some(last.key().clone());
    }
}

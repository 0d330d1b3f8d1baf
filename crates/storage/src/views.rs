//! Which data is current, and which snapshots are alive.
//!
//! A read view is a base-store reader, the tables in memory on top of it, and a position. Taking a snapshot is one short critical
//! section: copy the position, share the view, pop a reader, note the position as live. Everything that changes what a new snapshot
//! gets (a commit becoming visible, a table being frozen, a checkpoint replacing a table) takes the same lock, so a snapshot is
//! always of one piece.
//!
//! # Why the lock and not an atomic position
//! Pruning may drop whatever no live snapshot sees. If a snapshot read the position first and announced itself later, a pruner between
//! the two would not know of it and drop a version it needs. Under one lock, whoever collects the live snapshots knows that every
//! later one is at or above the visible position it saw. The critical section is a few tens of nanoseconds.
//!
//! # Why a reader may be newer than its view
//! A checkpoint commits the frozen table `T` (all positions up to `F`) into the base store in several transactions, before the new view is
//! published. A reader opened meanwhile sees some rows of `T` in the base store already. That is harmless: every snapshot taken then is
//! at or above `F` and still has `T` itself on top of the base store, so each key in `T` is answered from `T`, at the same version.
//! Snapshots below `F` hold readers opened before, which never change.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use smallvec::SmallVec;

use crate::Position;
use crate::base_store::{BaseStore, Checkpoint, Reader};
use crate::error::StoreError;
use crate::folder::FolderLock;
use crate::signal::CommitSignal;
use crate::table::Table;

/// What a snapshot reads besides its base-store reader.
pub(crate) struct View {
    /// Counts the checkpoints: readers are only pooled for their own generation.
    generation: u64,
    /// Newest first: the active table, then the one being checkpointed.
    pub(crate) tables: SmallVec<[Arc<Table>; 2]>,
}

/// Everything a snapshot takes with it.
pub(crate) struct Lease {
    pub(crate) view: Arc<View>,
    pub(crate) position: Position,
    pub(crate) catalog: Position,
    /// Missing only when the base store has no reader left: then reads fail, commits do not.
    pub(crate) reader: Result<Reader, StoreError>,
}

pub(crate) struct Views {
    state: Mutex<State>,
    pub(crate) base: BaseStore,
    /// Size of the base store after its latest checkpoint.
    base_bytes: AtomicU64,
    /// After the base store, so that the folder is free only when LMDB has closed its files.
    lock: Option<FolderLock>,
    /// For those who wait for commits.
    pub(crate) signal: Arc<CommitSignal>,
    idle_readers_max: usize,
}

struct State {
    view: Arc<View>,
    visible: Position,
    catalog: Position,
    live: LiveSnapshots,
    idle: Vec<Reader>,
}

/// Live snapshots by position, ascending. Positions only grow, so a new one goes to the end.
#[derive(Default)]
struct LiveSnapshots(Vec<(Position, usize)>);

impl LiveSnapshots {
    fn add(&mut self, position: Position) {
        match self.0.last_mut() {
            Some((last, count)) if *last == position => *count += 1,
            last => {
                debug_assert!(last.is_none_or(|(last, _)| *last < position), "snapshots are taken at the visible position, which grows");
                self.0.push((position, 1));
            }
        }
    }

    fn remove(&mut self, position: Position) {
        let Ok(index) = self.0.binary_search_by_key(&position, |&(at, _)| at) else {
            debug_assert!(false, "a snapshot is noted while it lives");
            return;
        };
        self.0[index].1 -= 1;
        if self.0[index].1 == 0 {
            self.0.remove(index);
        }
    }
}

impl Views {
    pub(crate) fn new(
        base: BaseStore,
        lock: Option<FolderLock>,
        checkpoint: Checkpoint,
        active: Arc<Table>,
        idle_readers_max: usize,
    ) -> Self {
        let view = Arc::new(View { generation: 0, tables: SmallVec::from_iter([active]) });
        let Checkpoint { position: visible, catalog } = checkpoint;
        let state = State { view, visible, catalog, live: LiveSnapshots::default(), idle: Vec::new() };
        let signal = Arc::<CommitSignal>::default();
        signal.tell(visible);
        let views = Self { state: Mutex::new(state), base, base_bytes: AtomicU64::new(0), lock, signal, idle_readers_max };
        views.measure();
        views
    }

    /// Looks how large the base store is. Asking LMDB costs a reader, so it is asked after each checkpoint and not for each commit.
    fn measure(&self) {
        match self.base.size_bytes() {
            Ok(bytes) => self.base_bytes.store(bytes, Ordering::Relaxed),
            Err(error) => tracing::warn!(%error, "the size of the base store is not known; the last one known holds"),
        }
    }

    /// Bytes of the base store as of its latest checkpoint.
    pub(crate) fn base_bytes(&self) -> u64 {
        self.base_bytes.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code under this lock can leave it half changed, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn lease(&self) -> Lease {
        let mut state = self.state();
        let position = state.visible;
        state.live.add(position);
        // Opened under the lock: see the module's header on readers newer than their view.
        let reader = state.idle.pop().map_or_else(|| self.base.reader(), Ok);
        Lease {
            view: Arc::clone(&state.view),
            position,
            catalog: state.catalog,
            reader: reader.map_err(|source| StoreError::new("opening a reader of the base store", &source)),
        }
    }

    /// Takes back what [`Views::lease`] gave, except the view, which the caller drops after this.
    pub(crate) fn release(&self, view: &View, position: Position, reader: Option<Reader>) {
        let surplus = {
            let mut state = self.state();
            state.live.remove(position);
            match reader {
                Some(reader) if view.generation == state.view.generation && state.idle.len() < self.idle_readers_max => {
                    state.idle.push(reader);
                    None
                }
                surplus => surplus,
            }
        };
        drop(surplus); // outside the lock: closing a reader takes LMDB's
    }

    /// Whether the data is in a folder, which is then locked.
    pub(crate) fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    pub(crate) fn position(&self) -> Position {
        self.state().visible
    }

    /// The table that takes new commits.
    pub(crate) fn active(&self) -> Arc<Table> {
        Arc::clone(&self.state().view.tables[0])
    }

    /// Makes everything up to `visible` part of new snapshots. The mutex orders the table's changes before it.
    pub(crate) fn publish(&self, visible: Position, catalog: Position) {
        let mut state = self.state();
        debug_assert!(state.visible <= visible, "visibility never goes back");
        state.visible = visible;
        state.catalog = catalog;
        drop(state);
        self.signal.tell(visible);
    }

    /// The oldest position that a live or future snapshot can be at.
    pub(crate) fn oldest(&self) -> Position {
        let state = self.state();
        state.live.0.first().map_or(state.visible, |&(oldest, _)| oldest)
    }

    /// The positions of the live snapshots, ascending, and last the visible position, at or above which all future ones are.
    pub(crate) fn live(&self) -> Vec<Position> {
        let state = self.state();
        let mut live: Vec<Position> = state.live.0.iter().map(|&(position, _)| position).collect();
        if live.last() != Some(&state.visible) {
            live.push(state.visible);
        }
        live
    }

    /// Puts a new table on top; what was active no longer changes.
    pub(crate) fn freeze(&self, active: Arc<Table>) {
        let mut state = self.state();
        let mut tables = SmallVec::from_iter([active]);
        tables.extend(state.view.tables.iter().cloned());
        state.view = Arc::new(View { generation: state.view.generation, tables });
    }

    /// Drops the oldest table, whose rows are all in the base store now.
    pub(crate) fn thaw(&self) {
        self.measure();
        let replaced = {
            let mut state = self.state();
            let mut tables = state.view.tables.clone();
            tables.pop();
            let view = Arc::new(View { generation: state.view.generation + 1, tables });
            // Idle readers see the old checkpoint: with the frozen table gone they would miss it.
            (std::mem::replace(&mut state.view, view), std::mem::take(&mut state.idle))
        };
        drop(replaced); // outside the lock: this may free a whole table
    }

    #[cfg(test)]
    pub(crate) fn live_count(&self) -> usize {
        self.state().live.0.iter().map(|&(_, count)| count).sum()
    }
}

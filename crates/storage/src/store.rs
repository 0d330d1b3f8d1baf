//! Opening and closing.

use std::sync::Arc;
use std::thread::JoinHandle;

use borealis_base::Clock;
use borealis_base::task::spawn_thread;

use crate::base_store::{self, BaseStore, Checkpoint};
use crate::changes::{self, ChangesError, Committed, Follower};
use crate::checkpoint::{self, Checkpoints};
use crate::commit::CommitQueue;
use crate::committer::Committer;
use crate::error::{OpenError, StoreError};
use crate::folder::{DataFolder, TemporaryFolder, sync_folder};
use crate::followers::Followers;
use crate::journal::Journal;
use crate::journal::backend::{Backend, Folder};
use crate::journal::local::{LocalJournal, LocalOptions};
use crate::journal::volatile::VolatileJournal;
use crate::options::{Limits, Medium, Options};
use crate::signal::CommitSignal;
use crate::transaction::Transaction;
use crate::views::Views;
use crate::{Position, Snapshot};

/// A store of bytes under ordered keys, with transactions. Cloning gives another handle on the same store; the last one dropped closes
/// it. Snapshots and transactions that outlive it keep reading, and keep the data folder locked; their commits are refused.
#[derive(Clone)]
pub struct Store {
    handle: Arc<Handle>,
}

struct Handle {
    queue: Arc<CommitQueue>,
    views: Arc<Views>,
    checkpoints: Arc<Checkpoints>,
    journal: Arc<dyn Journal>,
    checkpointer: Option<JoinHandle<()>>,
}

impl Store {
    /// The longest key that can be stored, in bytes.
    pub const MAX_KEY_BYTES: usize = base_store::MAX_KEY_BYTES;

    /// Opens a store, making it when it is not there, and replays what the last checkpoint lacks.
    ///
    /// # Errors
    /// See [`OpenError`]. A store that does not open is left as it was found, but for a torn tail, which is cut.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        match &options.medium {
            Medium::Memory => Self::open_in_memory(&options),
            Medium::Folder(root) => {
                let folder = DataFolder::open(root)?;
                let backend = Box::new(Folder(folder.journal.clone()));
                Self::open_in_folder(folder, backend, &options, Background::Threads)
            }
        }
    }

    fn open_in_memory(options: &Options) -> Result<Self, OpenError> {
        let folder = TemporaryFolder::make(&*options.random)?;
        let base = BaseStore::open(&folder.0, &options.limits, true)?;
        drop(folder); // LMDB keeps its files open; without a name they end with the process, whatever happens
        let views = Views::new(base, None, Checkpoint::default(), Arc::default(), options.limits.idle_readers_max);
        let beginning = Beginning { checkpoint: Checkpoint::default(), followers: Followers::default(), clock: Arc::clone(&options.clock) };
        Self::start(views, Arc::new(VolatileJournal::default()), &options.limits, beginning, Background::Threads)
    }

    /// Opens a durable store whose journal's files are in `backend`.
    pub(crate) fn open_in_folder(
        folder: DataFolder,
        backend: Box<dyn Backend>,
        options: &Options,
        background: Background,
    ) -> Result<Self, OpenError> {
        let base = BaseStore::open(&folder.base, &options.limits, !background.needs_flushes())?;
        let identity = base.identity(&folder.base)?;
        let checkpoint = identity.map(|(_, checkpoint)| checkpoint).unwrap_or_default();
        let followers = Followers::new(base.followers(&folder.base)?);
        let local = LocalOptions {
            store: identity.map(|(store, _)| store),
            checkpoint,
            followed_after: followers.oldest(),
            segment_bytes: options.limits.segment_bytes,
            random: Arc::clone(&options.random),
            prepare_ahead: background == Background::Threads,
        };
        let (journal, store) = LocalJournal::open(backend, local)?;
        if identity.is_none() {
            // Only now that its journal is begun: a store with a name and no journal has lost it.
            base.initialise(store)
                .and_then(|()| Ok(sync_folder(&folder.base)?))
                .map_err(|source| base_store::failed(&folder.base, source))?;
        }
        let views = Views::new(base, Some(folder.lock), checkpoint, Arc::default(), options.limits.idle_readers_max);
        let beginning = Beginning { checkpoint, followers, clock: Arc::clone(&options.clock) };
        Self::start(views, Arc::new(journal), &options.limits, beginning, background)
    }

    /// Replays the journal and starts what runs in the background.
    pub(crate) fn start(
        views: Views,
        journal: Arc<dyn Journal>,
        limits: &Limits,
        beginning: Beginning,
        background: Background,
    ) -> Result<Self, OpenError> {
        let Beginning { checkpoint: from, followers, clock } = beginning;
        let (views, checkpoints) = (Arc::new(views), Arc::new(Checkpoints::new(followers)));
        let mut committer = Committer::new(Arc::clone(&journal), Arc::clone(&views), Arc::clone(&checkpoints), limits.clone(), from, clock);
        committer.recover()?;
        let queue = Arc::new(CommitQueue::new(committer, limits.clone()));
        let checkpointer = (background == Background::Threads).then(|| {
            let (views, checkpoints, journal) = (Arc::clone(&views), Arc::clone(&checkpoints), Arc::clone(&journal));
            let limits = limits.clone();
            spawn_thread("checkpoint", move || checkpoint::run(&checkpoints, &views, &*journal, &limits))
        });
        Ok(Self { handle: Arc::new(Handle { queue, views, checkpoints, journal, checkpointer }) })
    }

    /// The data as of the latest visible commit. Well under a microsecond.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::take(&self.handle.views)
    }

    /// A transaction on a new snapshot.
    #[must_use]
    pub fn begin(&self) -> Transaction {
        Transaction::new(Arc::clone(&self.handle.queue), self.snapshot())
    }

    /// The latest visible commit.
    #[must_use]
    pub fn position(&self) -> Position {
        self.handle.views.position()
    }

    /// Whether anything is left of it when it is closed.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        self.handle.views.is_locked()
    }

    /// Moves everything committed so far into the base store and forgets its journal, so that the next opening has nothing to replay.
    /// Blocks for as long as the writing takes.
    ///
    /// # Errors
    /// When the base store cannot be written. Nothing is lost by that: the journal still has what the base store lacks.
    pub fn checkpoint_now(&self) -> Result<(), StoreError> {
        let failed = |(_, detail)| StoreError { detail: format!("writing a checkpoint: {detail}") };
        loop {
            self.handle.checkpoints.wait_idle().map_err(failed)?;
            // Between the two somebody else's checkpoint may have begun: then that one is waited for first.
            if self.handle.queue.between_batches(Committer::freeze_rest) {
                return self.handle.checkpoints.wait_idle().map_err(failed);
            }
        }
    }

    /// Begins to follow the commits: what is committed after the position returned stays known until the follower has moved on. That is the newest commit, or
    /// where a follower of this name was. Durable on return.
    ///
    /// # Errors
    /// When the base store cannot be written.
    pub fn follow(&self, follower: Follower) -> Result<Position, StoreError> {
        let handle = &self.handle;
        // Between two batches what is visible is all there is.
        handle.queue.between_batches(|_| {
            handle.journal.follow(true);
            let begun = handle.checkpoints.followers.begin(&handle.views.base, follower, handle.views.position());
            begun.map_err(|source| StoreError::new("noting a follower of the commits", &source))
        })
    }

    /// A follower needs nothing up to a position any more. Durable with the next checkpoint.
    pub fn advance(&self, follower: &Follower, position: Position) {
        self.handle.checkpoints.followers.advance(follower, position);
    }

    /// Ends a follower, known or not. Durable on return.
    ///
    /// # Errors
    /// When the base store cannot be written.
    pub fn unfollow(&self, follower: &Follower) -> Result<(), StoreError> {
        let handle = &self.handle;
        handle.queue.between_batches(|_| {
            let ended = handle.checkpoints.followers.end(&handle.views.base, follower);
            ended.map_err(|source| StoreError::new("noting that a follower of the commits is gone", &source))?;
            if handle.checkpoints.followers.is_empty() {
                handle.journal.follow(false);
            }
            Ok(())
        })
    }

    /// The commits after a position, oldest first: at least one when there is one, and no more once they take `bytes_max`. They are known as
    /// far back as a follower has not moved on.
    ///
    /// # Errors
    /// See [`ChangesError`].
    pub fn changes(&self, after: Position, bytes_max: usize) -> Result<Vec<Committed>, ChangesError> {
        changes::read(&*self.handle.journal, after, self.position(), bytes_max)
    }

    /// What tells of new commits.
    #[must_use]
    pub fn signal(&self) -> Arc<CommitSignal> {
        Arc::clone(&self.handle.views.signal)
    }

    /// Closes the store for every handle: commits queued before are finished, later ones refused, background threads ended. Nothing
    /// needs flushing, for what was acknowledged is durable.
    pub fn close(self) {
        self.handle.refuse();
    }
}

/// What a store begins with.
pub(crate) struct Beginning {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) followers: Followers,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Who runs checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Background {
    /// Threads of the store.
    Threads,
    /// Nobody, until a test does it step by step.
    #[cfg(test)]
    Stepped,
}

impl Background {
    /// Where a simulated disk loses its power, the machine does not: LMDB's files are safe without the time that flushing them takes.
    const fn needs_flushes(self) -> bool {
        matches!(self, Self::Threads)
    }
}

impl Handle {
    fn refuse(&self) {
        self.queue.close();
        self.checkpoints.stop();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.refuse();
        if let Some(checkpointer) = self.checkpointer.take() {
            let _panicked = checkpointer.join(); // its panic was reported when it happened
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("position", &self.position()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod stepped;

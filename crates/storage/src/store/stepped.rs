//! Checkpoints one step at a time, for tests that stop in between.

use super::Store;
use crate::checkpoint::{self, Frozen};
use crate::views::Views;

impl Store {
    /// Puts the active table aside, as the first step of a checkpoint.
    pub(crate) fn freeze(&self) {
        self.handle.queue.between_batches(|committer| committer.freeze());
    }

    /// Writes the frozen table into the base store; with `rounds_max`, gives up after so many LMDB transactions.
    pub(crate) fn write_checkpoint(&self, rows_max: usize, rounds_max: usize) -> bool {
        let rounds = std::cell::Cell::new(0);
        let stop = || rounds.replace(rounds.get() + 1) >= rounds_max;
        checkpoint::write(&self.handle.views.base, &self.frozen(), &self.handle.checkpoints.followers, rows_max, &stop)
            .expect("LMDB works in tests")
    }

    /// Publishes the checkpoint and truncates the journal.
    pub(crate) fn settle_checkpoint(&self) {
        let journal = self.handle.queue.between_batches(|committer| committer.journal());
        let bytes_max = crate::Limits::default().followed_bytes_max;
        checkpoint::settle(&self.handle.checkpoints, &self.handle.views, &*journal, &self.frozen(), bytes_max);
    }

    /// All three steps.
    pub(crate) fn checkpoint(&self) {
        self.freeze();
        assert!(self.write_checkpoint(3, usize::MAX));
        self.settle_checkpoint();
    }

    pub(crate) fn views(&self) -> &Views {
        &self.handle.views
    }

    fn frozen(&self) -> Frozen {
        self.handle.checkpoints.frozen().expect("a table is frozen")
    }
}

//! Tells that something was committed, to those who wait for it.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::Position;

/// The newest visible commit, to be waited for. It keeps nothing else alive: a store is closed while others wait, and they wait on for their time.
#[derive(Debug, Default)]
pub struct CommitSignal {
    newest: AtomicU64,
    /// Whoever commits takes the lock only when somebody waits.
    waiting: AtomicUsize,
    lock: Mutex<()>,
    changed: Condvar,
}

impl CommitSignal {
    /// The newest visible commit.
    #[must_use]
    pub fn newest(&self) -> Position {
        Position(self.newest.load(Ordering::SeqCst))
    }

    /// Waits until there is a commit after a position, or the time is over; whether there is one.
    pub fn wait_past(&self, after: Position, at_most: Duration) -> bool {
        // Before the first look, so that a commit that comes between look and sleep sees somebody waiting. Both sides go by one order of all
        // (SeqCst): either the committer sees the waiter, or the waiter sees the commit.
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let none = |_: &mut ()| self.newest() <= after;
        drop(self.changed.wait_timeout_while(guard, at_most, none).unwrap_or_else(PoisonError::into_inner));
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.newest() > after
    }

    pub(crate) fn tell(&self, newest: Position) {
        self.newest.store(newest.0, Ordering::SeqCst);
        if self.waiting.load(Ordering::SeqCst) > 0 {
            // Nobody is between look and sleep while this is held.
            drop(self.lock.lock().unwrap_or_else(PoisonError::into_inner));
            self.changed.notify_all();
        }
    }
}

//! Which clusters are to be looked at, and when.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use borealis_base::Id26;

/// When a cluster is due, on the clock's monotonic time, and how often its step has failed.
#[derive(Clone, Copy, Default)]
struct Due {
    at: Duration,
    failures: u32,
}

#[derive(Default)]
struct State {
    due: BTreeMap<Id26, Due>,
    /// A step is being done.
    busy: bool,
    stop: bool,
}

/// The clusters to be looked at.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

impl Queue {
    pub(super) fn new(ids: impl Iterator<Item = Id26>) -> Self {
        let due = ids.map(|id| (id, Due::default())).collect();
        Self { state: Mutex::new(State { due, ..State::default() }), changed: Condvar::new() }
    }

    pub(super) fn wake(&self, id: Id26) {
        self.lock().due.insert(id, Due::default());
        self.changed.notify_all();
    }

    pub(super) fn stop(&self) {
        self.lock().stop = true;
        self.changed.notify_all();
    }

    /// Waits for the next cluster that is due; `None` when the queue has stopped. [`Queue::done`] must follow.
    pub(super) fn next(&self, now: impl Fn() -> Duration) -> Option<(Id26, u32)> {
        let mut state = self.lock();
        loop {
            if state.stop {
                return None;
            }
            let first = state.due.iter().min_by_key(|(_, due)| due.at).map(|(id, due)| (*id, *due));
            let wait = match first {
                Some((id, due)) if due.at <= now() => {
                    state.due.remove(&id);
                    state.busy = true;
                    return Some((id, due.failures));
                }
                Some((_, due)) => due.at - now(),
                None => Duration::MAX,
            };
            state = self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The step is over; a failed one is due again at the time given, unless somebody has woken the cluster meanwhile.
    pub(super) fn done(&self, again: Option<(Id26, Duration, u32)>) {
        let mut state = self.lock();
        state.busy = false;
        if let Some((id, at, failures)) = again {
            state.due.entry(id).or_insert(Due { at, failures });
        }
        self.changed.notify_all();
    }

    /// Waits until no step is being done and only failed ones are due.
    pub(super) fn settle(&self) {
        let mut state = self.lock();
        while state.busy || (!state.stop && state.due.values().any(|due| due.failures == 0)) {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

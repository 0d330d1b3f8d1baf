//! Losers over one key take turns.
//!
//! Whoever loses a conflict runs again, and so does everybody else who lost to the same winner. Let loose together they meet again, and all of them but
//! one have worked for nothing, on cores that the one needed. So a session that has lost over a key takes its next snapshot when the loser before it has
//! committed or given up.
//!
//! This is no lock. Who has not lost waits for nobody, adjudication knows nothing of it, a turn is over by itself after [`LEASE`] whatever its holder does,
//! and nobody waits for longer than [`WAIT_MAX`].

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use borealis_storage::ConflictKey;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// A turn that lasts longer holds up nobody any more: its client thinks, or is gone. A transaction of a few round trips is over before.
const LEASE: Duration = Duration::from_millis(10);
/// Longest wait for a turn.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// The queues of a cluster, one for each key that was lost over and is wanted again.
#[derive(Default)]
pub(crate) struct Turns {
    queues: Mutex<HashMap<ConflictKey, Queue>>,
    tickets: AtomicU64,
}

#[derive(Default)]
struct Queue {
    holder: Option<Holder>,
    waiting: VecDeque<Waiting>,
}

struct Holder {
    ticket: u64,
    until: Instant,
}

struct Waiting {
    ticket: u64,
    /// Rung when its place in the queue is another one.
    bell: Arc<Notify>,
}

/// A place in a queue, given up when dropped.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    key: ConflictKey,
    ticket: u64,
    bell: Arc<Notify>,
}

/// What a look at the queue says.
enum Place {
    /// It is its turn.
    Holder,
    /// It is next, at the latest then.
    Next(Instant),
    Behind,
}

impl Turns {
    /// A place at the end of the key's queue.
    pub(crate) fn queue(self: &Arc<Self>, key: ConflictKey) -> Turn {
        let ticket = self.tickets.fetch_add(1, Ordering::Relaxed);
        let bell = Arc::new(Notify::new());
        self.locked().entry(key.clone()).or_default().waiting.push_back(Waiting { ticket, bell: bell.clone() });
        Turn { turns: self.clone(), key, ticket, bell }
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<ConflictKey, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a turn stands now. The next one becomes the holder if nobody's turn is running.
    fn place(&self, turn: &Turn, now: Instant) -> Place {
        let mut queues = self.locked();
        let Some(queue) = queues.get_mut(&turn.key) else { return Place::Behind };
        let running = queue.holder.as_ref().filter(|holder| holder.until > now || holder.ticket == turn.ticket);
        match (running, queue.waiting.front()) {
            (Some(holder), _) if holder.ticket == turn.ticket => Place::Holder,
            (Some(holder), Some(next)) if next.ticket == turn.ticket => Place::Next(holder.until),
            (None, Some(next)) if next.ticket == turn.ticket => {
                queue.waiting.pop_front();
                queue.holder = Some(Holder { ticket: turn.ticket, until: now + LEASE });
                queue.ring();
                Place::Holder
            }
            _ => Place::Behind,
        }
    }

    fn leave(&self, key: &ConflictKey, ticket: u64) {
        let mut queues = self.locked();
        let Some(queue) = queues.get_mut(key) else { return };
        if queue.holder.as_ref().is_some_and(|holder| holder.ticket == ticket) {
            queue.holder = None;
            queue.ring();
        } else if let Some(place) = queue.waiting.iter().position(|waiting| waiting.ticket == ticket) {
            queue.waiting.remove(place);
            if place == 0 {
                queue.ring();
            }
        }
        if queue.waiting.is_empty() && queue.holder.is_none() {
            queues.remove(key);
        }
    }
}

impl Queue {
    /// Tells who is next now that it is.
    fn ring(&self) {
        if let Some(next) = self.waiting.front() {
            next.bell.notify_one();
        }
    }
}

impl Turn {
    /// Returns when it is this one's turn, or when it has waited long enough.
    pub(crate) async fn come(&self) {
        let patience = Instant::now() + WAIT_MAX;
        loop {
            let now = Instant::now();
            let deadline = match self.turns.place(self, now) {
                Place::Holder => return,
                _ if now >= patience => return,
                Place::Next(until) => until.min(patience),
                Place::Behind => patience,
            };
            tokio::select! {
                biased;
                () = self.bell.notified() => {}
                () = sleep_until(deadline) => {}
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.leave(&self.key, self.ticket);
    }
}

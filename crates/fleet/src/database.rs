//! One database and its life.
//!
//! ```text
//!            first lease                 done                  idle
//!  at rest ───────────────► opening ───────────────► open ───────────────► closing ──► at rest
//!     │                        │ failed: at rest       │
//!     └────────────────────────┴── deleted ────────────┴──► gone
//! ```
//! Every change of state is under one lock, and wakes all who wait. Opening and closing take their time outside of it; whoever comes meanwhile waits
//! for their end. All who wait for one opening share its outcome, a failure too: a damaged store is not read again for each of a
//! thousand clients that wait.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use borealis_base::{Clock, Id26};
use borealis_engine::Cluster;
use borealis_pgserver::{Absent, Lease};
use borealis_storage::Position;
use tokio::sync::Notify;

use crate::endpoint::Endpoint;

pub(crate) struct Database {
    pub(crate) id: Id26,
    slot: Mutex<Slot>,
    /// For those who wait asynchronously, and for those who block.
    changed: Notify,
    changed_blocking: Condvar,
}

struct Slot {
    state: State,
    /// How many openings have failed, and how the last one did.
    failures: u64,
    failure: Absent,
    /// The newest commit when it was closed: what is at rest has no newer one.
    rest: Option<Position>,
}

enum State {
    AtRest,
    Opening,
    Open(Open),
    Closing,
    Gone,
}

struct Open {
    cluster: Arc<Cluster>,
    leases: usize,
    /// When the last lease ended, on the monotonic clock.
    idle_since: Duration,
}

/// What a client that wants a lease has to do.
pub(crate) enum Step {
    Leased(Lease),
    /// Nobody opens it yet: the caller has to see to that, and then to wait.
    Open,
    Wait,
    Refused(Absent),
}

impl Database {
    pub(crate) fn at_rest(id: Id26) -> Arc<Self> {
        let slot = Slot { state: State::AtRest, failures: 0, failure: Absent::Unavailable, rest: None };
        Arc::new(Self { id, slot: Mutex::new(slot), changed: Notify::new(), changed_blocking: Condvar::new() })
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        // No code under this lock can leave it half changed.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Slot)) {
        change(&mut self.slot());
        self.changed.notify_waiters();
        self.changed_blocking.notify_all();
    }

    /// A lease for a client of `endpoint`; `open` is called when somebody has to begin opening the database, and must not block.
    pub(crate) async fn lease(
        self: &Arc<Self>,
        endpoint: &Arc<Endpoint>,
        clock: &Arc<dyn Clock>,
        open: impl Fn() + Send,
    ) -> Result<Lease, Absent> {
        let failures = self.slot().failures;
        loop {
            // Listens before it looks, so that no change slips by in between.
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            match self.step(endpoint, clock, failures) {
                Step::Leased(lease) => return Ok(lease),
                Step::Refused(absent) => return Err(absent),
                Step::Open => open(),
                Step::Wait => {}
            }
            changed.await;
        }
    }

    /// `failures` is how many openings had failed when the client came.
    fn step(self: &Arc<Self>, endpoint: &Arc<Endpoint>, clock: &Arc<dyn Clock>, failures: u64) -> Step {
        let mut slot = self.slot();
        if endpoint.is_ending() {
            return Step::Refused(Absent::Deleting);
        }
        if slot.failures > failures {
            return Step::Refused(slot.failure);
        }
        match &mut slot.state {
            State::AtRest => {
                slot.state = State::Opening;
                Step::Open
            }
            State::Opening | State::Closing => Step::Wait,
            State::Gone => Step::Refused(Absent::Unknown),
            State::Open(open) => {
                open.leases += 1;
                endpoint.enter();
                let keeper = Keeper { database: self.clone(), endpoint: Some(endpoint.clone()), clock: clock.clone() };
                Step::Leased(Lease::new(endpoint.id, open.cluster.clone(), endpoint.ending(), Box::new(keeper)))
            }
        }
    }

    /// Keeps it open for somebody who is no client. Blocks while it is being opened or closed; `None` when it is at rest: the caller opens it. One who
    /// comes by an endpoint counts as a connection of it; one who does not leaves it as idle as it was.
    pub(crate) fn hold(self: &Arc<Self>, endpoint: Option<&Arc<Endpoint>>, clock: &Arc<dyn Clock>) -> Result<Option<Held>, Absent> {
        let mut slot = self.settled();
        if endpoint.is_some_and(|endpoint| endpoint.is_ending()) {
            return Err(Absent::Deleting);
        }
        match &mut slot.state {
            State::Open(open) => {
                open.leases += 1;
                endpoint.inspect(|endpoint| endpoint.enter());
                let keeper = Keeper { database: self.clone(), endpoint: endpoint.cloned(), clock: clock.clone() };
                Ok(Some(Held { cluster: open.cluster.clone(), keeper }))
            }
            State::AtRest => Ok(None),
            State::Opening | State::Closing | State::Gone => Err(Absent::Unknown),
        }
    }

    /// Waits while it is at rest and nothing has committed after a position, `at_most` so long; whether that is still so. Blocks too while it is being
    /// opened or closed.
    pub(crate) fn wait_at_rest(&self, after: Position, at_most: Duration) -> bool {
        let nothing = |slot: &mut Slot| matches!(slot.state, State::AtRest) && slot.rest.is_some_and(|rest| rest <= after);
        let waited = self.changed_blocking.wait_timeout_while(self.settled(), at_most, nothing);
        let (mut slot, _) = waited.unwrap_or_else(PoisonError::into_inner);
        nothing(&mut slot)
    }

    #[cfg(test)]
    pub(crate) fn rest_position(&self) -> Option<u64> {
        self.slot().rest.map(|rest| rest.0)
    }

    fn settled(&self) -> MutexGuard<'_, Slot> {
        let unsettled = |slot: &mut Slot| matches!(slot.state, State::Opening | State::Closing);
        self.changed_blocking.wait_while(self.slot(), unsettled).unwrap_or_else(PoisonError::into_inner)
    }

    /// The caller opens it, if nobody does or has; false when somebody does or has.
    pub(crate) fn begin_opening(&self) -> bool {
        let mut slot = self.slot();
        let at_rest = matches!(slot.state, State::AtRest);
        if at_rest {
            slot.state = State::Opening;
        }
        at_rest
    }

    pub(crate) fn is_at_rest(&self) -> bool {
        matches!(self.slot().state, State::AtRest)
    }

    /// The opening that [`Step::Open`] asked for is over.
    pub(crate) fn opened(&self, outcome: Result<Arc<Cluster>, Absent>, now: Duration) {
        self.change(|slot| match outcome {
            Ok(cluster) => slot.state = State::Open(Open { cluster, leases: 0, idle_since: now }),
            Err(absent) => {
                slot.state = State::AtRest;
                slot.failures += 1;
                slot.failure = absent;
            }
        });
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.slot().state, State::Opening | State::Open(_))
    }

    /// Does something with the cluster if it is open, without keeping it so: it must be quick.
    pub(crate) fn with_open(&self, act: impl FnOnce(&Cluster)) {
        if let State::Open(open) = &self.slot().state {
            act(&open.cluster);
        }
    }

    /// Begins to close it if nothing has needed it for `idle_after`. The caller closes the cluster, lets go of it, and says [`Database::closed`].
    pub(crate) fn take_idle(&self, idle_after: Duration, now: Duration) -> Option<Arc<Cluster>> {
        let mut slot = self.slot();
        let State::Open(open) = &slot.state else { return None };
        let idle = open.leases == 0 && now.saturating_sub(open.idle_since) >= idle_after && !open.cluster.has_work();
        if !idle {
            return None;
        }
        match std::mem::replace(&mut slot.state, State::Closing) {
            State::Open(open) => Some(open.cluster),
            _ => None,
        }
    }

    /// Waits until nobody opens or closes it and all leases have ended, at most `time`, and begins to close it for good. What is still leased
    /// then is taken all the same. `None` when it is not open. The caller says [`Database::gone`].
    pub(crate) fn take_open(&self, time: Duration) -> Option<Taken> {
        let unsettled = |slot: &mut Slot| match &slot.state {
            State::Opening | State::Closing => true,
            State::Open(open) => open.leases > 0,
            State::AtRest | State::Gone => false,
        };
        let waited = self.changed_blocking.wait_timeout_while(self.slot(), time, unsettled);
        let (mut slot, _) = waited.unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut slot.state, State::Closing) {
            State::Open(open) => Some(Taken { cluster: open.cluster, leases: open.leases }),
            other => {
                slot.state = other;
                None
            }
        }
    }

    /// It is at rest again, and this was its newest commit.
    pub(crate) fn closed(&self, newest: Position) {
        self.change(|slot| {
            slot.state = State::AtRest;
            slot.rest = Some(newest);
        });
    }

    /// It is no more.
    pub(crate) fn gone(&self) {
        self.change(|slot| slot.state = State::Gone);
    }

    /// Waits until an endpoint has no connections, at most `time`; whether it has none.
    pub(crate) fn wait_without(&self, endpoint: &Endpoint, time: Duration) -> bool {
        let waited = self.changed_blocking.wait_timeout_while(self.slot(), time, |_| endpoint.connections() > 0);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        endpoint.connections() == 0
    }
}

/// A database that was taken to be closed.
pub(crate) struct Taken {
    pub(crate) cluster: Arc<Cluster>,
    /// Sessions that have not ended.
    pub(crate) leases: usize,
}

/// A cluster that is kept open. Its own handle goes before the lease does: whoever then closes it is the last to have it.
pub(crate) struct Held {
    cluster: Arc<Cluster>,
    keeper: Keeper,
}

impl Held {
    pub(crate) fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }

    /// Whether the cluster is being deleted, or the server stops.
    pub(crate) fn is_ending(&self) -> bool {
        self.keeper.endpoint.as_ref().is_some_and(|endpoint| endpoint.is_ending())
    }
}

/// Counts a lease for as long as it lives.
struct Keeper {
    database: Arc<Database>,
    /// That which the lease is of; without one nobody has asked for the database.
    endpoint: Option<Arc<Endpoint>>,
    clock: Arc<dyn Clock>,
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let now = self.clock.monotonic();
        self.database.change(|slot| {
            self.endpoint.iter().for_each(|endpoint| endpoint.leave());
            // One that was taken although it was leased is never opened again, so the lease counted is one of this opening.
            if let State::Open(open) = &mut slot.state {
                open.leases -= 1;
                if self.endpoint.is_some() {
                    open.idle_since = now;
                }
            }
        });
    }
}

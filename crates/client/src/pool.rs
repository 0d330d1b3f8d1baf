//! Connections of one endpoint, each lent to one caller at a time.
//!
//! The pool is bounded: a caller that finds all of them lent waits for its turn, and not for ever. Connections that come back are kept for the next
//! caller, the last one first, so that those which a quiet time does not need grow old and go. A connection's token is looked at by the server when it
//! is made and the session may last an hour at most; so an old connection is replaced in time by one with a fresh token.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use borealis_base::Clock;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::connect::connect_with;
use crate::connection::{Connection, TransactionStatus};
use crate::endpoint::Endpoint;
use crate::error::ClientError;

/// How many connections there may be, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolLimits {
    /// The most at one time.
    pub connections_max: usize,
    /// How long a caller waits while all are lent.
    pub wait_max: Duration,
    /// After what age a connection is not used again. Aurora DSQL ends a session after an hour.
    pub age_max: Duration,
    /// How long a connection may lie idle before it is not used again.
    pub idle_max: Duration,
}

impl Default for PoolLimits {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(count * 60);
        Self { connections_max: 32, wait_max: Duration::from_secs(60), age_max: minutes(45), idle_max: minutes(10) }
    }
}

pub(crate) struct Pool {
    endpoint: Endpoint,
    limits: PoolLimits,
    clock: Arc<dyn Clock>,
    turns: Semaphore,
    idle: Mutex<Vec<Idle>>,
}

/// A connection that nobody uses.
struct Idle {
    connection: Connection,
    made: Duration,
    since: Duration,
    /// A committed transaction may have left settings behind, which the next caller must not meet.
    reset_first: bool,
}

/// A connection lent to one caller; dropping it closes the connection.
pub(crate) struct Lease<'p> {
    pub(crate) connection: Connection,
    made: Duration,
    _turn: SemaphorePermit<'p>,
}

impl Pool {
    pub(crate) fn new(endpoint: Endpoint, limits: PoolLimits, clock: Arc<dyn Clock>) -> Self {
        let turns = Semaphore::new(limits.connections_max.clamp(1, Semaphore::MAX_PERMITS));
        Self { endpoint, limits, clock, turns, idle: Mutex::new(Vec::new()) }
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// A connection in order, made anew if there is none.
    pub(crate) async fn take(&self) -> Result<Lease<'_>, ClientError> {
        let turn = self.turn().await?;
        while let Some(mut idle) = self.newest_idle() {
            if idle.connection.is_alive() && (!idle.reset_first || reset(&mut idle.connection).await) {
                return Ok(Lease { connection: idle.connection, made: idle.made, _turn: turn });
            }
        }
        let made = self.clock.monotonic();
        let connection = connect_with(&self.endpoint, &*self.clock).await?;
        Ok(Lease { connection, made, _turn: turn })
    }

    /// Keeps the connection for the next caller if it is in order, after ending what is still open on it.
    pub(crate) async fn give_back(&self, mut lease: Lease<'_>, reset_first: bool) {
        let connection = &mut lease.connection;
        if connection.is_usable() && connection.status() != TransactionStatus::Idle {
            // A ROLLBACK that fails leaves the connection unusable, and the server rolls back by itself.
            let _ = connection.simple("ROLLBACK").await;
        }
        if connection.is_usable() && connection.status() == TransactionStatus::Idle {
            let Lease { connection, made, _turn } = lease;
            let idle = Idle { connection, made, since: self.clock.monotonic(), reset_first };
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(idle);
        }
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, ClientError> {
        let refused = |what: String| ClientError::Connect {
            address: self.endpoint.address_text(),
            source: io::Error::new(io::ErrorKind::TimedOut, what),
        };
        match tokio::time::timeout(self.limits.wait_max, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            // The semaphore is never closed; a pool that could not hand out connections would be full for ever.
            Ok(Err(_)) | Err(_) => Err(refused(format!(
                "all {} connections have been in use for {} seconds; try again later",
                self.limits.connections_max,
                self.limits.wait_max.as_secs()
            ))),
        }
    }

    /// The connection given back last, once those that have grown old are gone.
    fn newest_idle(&self) -> Option<Idle> {
        let now = self.clock.monotonic();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|one| now.saturating_sub(one.made) < self.limits.age_max && now.saturating_sub(one.since) < self.limits.idle_max);
        idle.pop()
    }
}

/// RESET ALL leaves the role alone.
async fn reset(connection: &mut Connection) -> bool {
    connection.simple("RESET ALL").await.is_ok() && connection.simple("RESET ROLE").await.is_ok()
}

//! One session: sends its plan and writes down what it is told, over the server's deaths.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use borealis_client::{ClientError, Connection, Endpoint, TransactionStatus};
use tokio::sync::watch;

use super::plan::{Planned, Shape};
use super::record::{Attempt, Outcome, Tick};
use super::statement::{Asked, asked, events};
use crate::admission::connect;

/// How often a transaction is tried when it loses.
const ATTEMPTS_MAX: u32 = 4;

/// What the sessions share.
pub(super) struct World {
    pub(super) endpoint: watch::Receiver<Endpoint>,
    pub(super) done: watch::Sender<usize>,
    ticks: AtomicU64,
    attempts: AtomicU64,
}

impl World {
    pub(super) fn new(endpoint: watch::Receiver<Endpoint>) -> Self {
        Self { endpoint, done: watch::Sender::new(0), ticks: AtomicU64::new(0), attempts: AtomicU64::new(0) }
    }

    pub(super) fn tick(&self) -> Tick {
        self.ticks.fetch_add(1, Ordering::SeqCst)
    }

    pub(super) fn next_attempt(&self) -> u64 {
        self.attempts.fetch_add(1, Ordering::SeqCst)
    }
}

/// Works off a session's plan.
///
/// # Errors
/// When the server answers what no transaction of this workload may be answered.
pub(super) async fn work(world: Arc<World>, plan: Vec<Planned>) -> Result<Vec<Attempt>, String> {
    let mut session = Session { endpoint: world.endpoint.clone(), world, connection: None };
    let mut attempts = Vec::new();
    for planned in &plan {
        for _ in 0..ATTEMPTS_MAX {
            let attempt = session.attempt(planned).await?;
            let again = matches!(&attempt.outcome, Outcome::Aborted(why) if is_worth_a_retry(why));
            attempts.push(attempt);
            if !again {
                break;
            }
        }
        session.world.done.send_modify(|done| *done += 1);
    }
    if let Some(connection) = session.connection {
        connection.close().await;
    }
    Ok(attempts)
}

fn is_worth_a_retry(why: &str) -> bool {
    why == "40001" || why == LOST
}

/// What an attempt ends with whose connection breaks before its COMMIT.
const LOST: &str = "lost";
const ROLLED_BACK: &str = "rolled back";

/// SQLSTATEs that a transaction of the workload may meet: conflicts, a key or tag that is taken.
const EXPECTED: [&str; 2] = ["40001", "23505"];

struct Session {
    world: Arc<World>,
    endpoint: watch::Receiver<Endpoint>,
    connection: Option<Connection>,
}

impl Session {
    async fn attempt(&mut self, planned: &Planned) -> Result<Attempt, String> {
        let mut connection = self.connect().await?;
        let mut attempt = Attempt {
            id: self.world.next_attempt(),
            begun: self.world.tick(),
            snapshot_by: Tick::MAX,
            committing: Tick::MAX,
            ended: Tick::MAX,
            outcome: Outcome::Unknown,
            in_ledger: planned.ledger_behind.is_some(),
            lone: planned.shape == Shape::Autocommit,
            events: Vec::new(),
        };
        let run = match planned.shape {
            Shape::Autocommit => lone(&mut connection, planned, &mut attempt).await,
            Shape::Block | Shape::RolledBack => block(&self.world, &mut connection, planned, &mut attempt).await,
        };
        attempt.ended = self.world.tick();
        attempt.snapshot_by = attempt.snapshot_by.min(attempt.ended);
        attempt.committing = attempt.committing.min(attempt.ended);
        attempt.outcome = run?;
        if connection.is_usable() {
            self.connection = Some(connection);
        }
        Ok(attempt)
    }

    /// The connection that is there, or a new one to where the server is now; while it is away, its return is waited for.
    async fn connect(&mut self) -> Result<Connection, String> {
        if let Some(connection) = self.connection.take() {
            return Ok(connection);
        }
        loop {
            let endpoint = self.endpoint.borrow_and_update().clone();
            match connect(&endpoint).await {
                Ok(connection) => return Ok(connection),
                Err(ClientError::Connect { .. } | ClientError::Lost(_)) => {
                    self.endpoint.changed().await.map_err(|_| "the server did not come back".to_owned())?;
                }
                Err(ClientError::Server(error)) if error.code == "57P01" => {}
                Err(error) => return Err(format!("connect: {error}")),
            }
        }
    }
}

async fn lone(connection: &mut Connection, planned: &Planned, attempt: &mut Attempt) -> Result<Outcome, String> {
    let Some((op, extended)) = planned.ops.first() else { return Ok(Outcome::Aborted(ROLLED_BACK.to_owned())) };
    attempt.committing = attempt.begun;
    match asked(op, attempt.id, 0).send(connection, *extended).await {
        Ok(outcome) => {
            attempt.events = events(op, attempt.id, 0, &outcome)?;
            Ok(Outcome::Committed)
        }
        Err(error) => end(connection, error, Outcome::Unknown).await,
    }
}

async fn block(world: &World, connection: &mut Connection, planned: &Planned, attempt: &mut Attempt) -> Result<Outcome, String> {
    let lost = || Outcome::Aborted(LOST.to_owned());
    if let Err(error) = connection.simple("BEGIN").await {
        return end(connection, error, lost()).await;
    }
    for (index, (op, extended)) in planned.ops.iter().enumerate() {
        let statement = u8::try_from(index).map_err(|error| error.to_string())?;
        let answer = asked(op, attempt.id, statement).send(connection, *extended).await;
        attempt.snapshot_by = attempt.snapshot_by.min(world.tick());
        match answer {
            Ok(outcome) => attempt.events.extend(events(op, attempt.id, statement, &outcome)?),
            Err(error) => return end(connection, error, lost()).await,
        }
        if planned.ledger_behind == Some(index)
            && let Err(error) = Asked::ledger(attempt.id).send(connection, *extended).await
        {
            return end(connection, error, lost()).await;
        }
    }
    attempt.committing = world.tick();
    if planned.shape == Shape::RolledBack {
        return match connection.simple("ROLLBACK").await {
            Ok(_) => Ok(Outcome::Aborted(ROLLED_BACK.to_owned())),
            Err(error) => end(connection, error, lost()).await,
        };
    }
    match connection.simple("COMMIT").await {
        Ok(outcomes) if outcomes.last().is_some_and(|outcome| outcome.tag == "COMMIT") => Ok(Outcome::Committed),
        Ok(outcomes) => Err(format!("COMMIT answered {outcomes:?}")),
        Err(error) => end(connection, error, Outcome::Unknown).await,
    }
}

/// How an attempt ended that was answered with an error: a refusal has had no effect; when the connection is gone, `lost` is what is known.
async fn end(connection: &mut Connection, error: ClientError, lost: Outcome) -> Result<Outcome, String> {
    match error {
        ClientError::Server(error) if error.is_fatal() || error.is_unavailable() => Ok(lost),
        ClientError::Server(error) if EXPECTED.contains(&error.code.as_str()) => {
            if connection.status() != TransactionStatus::Idle {
                // A connection that fails here is replaced before the next attempt.
                let _ = connection.simple("ROLLBACK").await;
            }
            Ok(Outcome::Aborted(error.code))
        }
        ClientError::Lost(_) | ClientError::CommitOutcomeUnknown { .. } => Ok(lost),
        error => Err(error.to_string()),
    }
}

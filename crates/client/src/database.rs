//! Lists of statements as transactions that may be run again.
//!
//! The whole list is the unit: it is begun, run, ended and, where that is safe, repeated as one, always on a single connection.
//!
//! | what happened | what is done |
//! |---|---|
//! | 40001 on a statement or on COMMIT | ROLLBACK, wait, the whole list again on the same connection |
//! | connection lost before COMMIT was sent | wait, the whole list again on a fresh connection |
//! | connection lost, or `server unavailable`, after COMMIT was sent | reported as unknown; not repeated |
//! | the same, in a read-only or rolled-back transaction | nothing can have changed: repeated |
//! | the server silent for the endpoint's `answer_timeout` | before COMMIT reported as lost, after it as unknown; not repeated |
//! | any other error | ROLLBACK, reported |

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use borealis_base::{Clock, OsRandom, Random, SystemClock};

use crate::connect::connect_with;
use crate::connection::{Connection, Limits, TransactionStatus};
use crate::control::transaction_keyword;
use crate::endpoint::Endpoint;
use crate::error::ClientError;
use crate::outcome::Outcome;
use crate::retry::RetryPolicy;

/// One statement and its parameters, `$1` first, each as text or NULL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statement {
    /// The SQL.
    pub sql: String,
    /// The parameters.
    pub params: Vec<Option<String>>,
}

impl Statement {
    /// A statement without parameters.
    #[must_use]
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), params: Vec::new() }
    }
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Read; the server refuses everything else.
    ReadOnly,
    /// Read and write.
    ReadWrite,
}

/// How a transaction ends when all its statements have succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// COMMIT.
    Commit,
    /// ROLLBACK: for reads, and for trying out.
    Rollback,
}

/// A list of statements to run as one transaction.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// The statements, none of which may be transaction control.
    pub statements: Vec<Statement>,
    /// What they may do.
    pub mode: Mode,
    /// What comes behind them.
    pub end: End,
    /// How large each answer may be.
    pub limits: Limits,
}

/// What a transaction answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// One outcome for each statement, of the attempt that went through.
    pub outcomes: Vec<Outcome>,
    /// How many times the list was run.
    pub attempts: u32,
}

/// Why a transaction did not go through.
#[derive(Debug)]
pub struct TransactionError {
    /// The error of the last attempt.
    pub error: ClientError,
    /// How many times the list was run.
    pub attempts: u32,
    /// The place of the statement that failed, from 0; `None` for BEGIN, COMMIT and connecting.
    pub statement: Option<usize>,
}

impl fmt::Display for TransactionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        if self.attempts > 1 { write!(f, " (after {} attempts)", self.attempts) } else { Ok(()) }
    }
}

impl std::error::Error for TransactionError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// A database to run transactions on, by any number of callers at once. One idle connection is kept; a caller takes it out for
/// the time of its transaction, and a caller that finds none makes its own, so no two ever share one.
pub struct Database {
    endpoint: Endpoint,
    policy: RetryPolicy,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    idle: Mutex<Option<Idle>>,
}

struct Idle {
    connection: Connection,
    /// A committed transaction may have left settings behind, which the next caller must not meet.
    reset_first: bool,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("endpoint", &self.endpoint).field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Database {
    /// A database; nothing is connected before the first transaction.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        Self::with(endpoint, RetryPolicy::default(), Arc::new(SystemClock::default()), Arc::new(OsRandom))
    }

    /// A database with chosen waits, time and randomness.
    #[must_use]
    pub fn with(endpoint: Endpoint, policy: RetryPolicy, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { endpoint, policy, clock, random, idle: Mutex::new(None) }
    }

    /// Where this is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Runs the list, again where that is safe and useful.
    ///
    /// # Errors
    /// The error of the last attempt. [`ClientError::CommitOutcomeUnknown`] is the only one after which the list may have had an effect.
    pub async fn transact(&self, transaction: &Transaction) -> Result<Committed, TransactionError> {
        refuse_transaction_control(transaction)?;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut connection = self.take().await.map_err(|error| TransactionError { error, attempts, statement: None })?;
            let run = run_once(&mut connection, transaction).await;
            let committed = run.is_ok() && transaction.end == End::Commit && transaction.mode == Mode::ReadWrite;
            self.give_back(connection, committed).await;
            let failure = match run {
                Ok(outcomes) => return Ok(Committed { outcomes, attempts }),
                Err(failure) => failure,
            };
            if attempts > self.policy.retries_max || !may_repeat(&failure.error) {
                return Err(TransactionError { error: failure.error, attempts, statement: failure.statement });
            }
            tokio::time::sleep(self.policy.wait(attempts, &*self.random)).await;
        }
    }

    async fn take(&self) -> Result<Connection, ClientError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(mut idle) = idle
            && idle.connection.is_alive()
            && (!idle.reset_first || reset(&mut idle.connection).await)
        {
            return Ok(idle.connection);
        }
        connect_with(&self.endpoint, &*self.clock).await
    }

    /// Keeps the connection for the next caller if it is in order, after ending what is still open on it.
    async fn give_back(&self, mut connection: Connection, reset_first: bool) {
        if connection.is_usable() && connection.status() != TransactionStatus::Idle {
            // A ROLLBACK that fails leaves the connection unusable, and the server rolls back by itself.
            let _ = connection.simple("ROLLBACK").await;
        }
        if connection.is_usable() && connection.status() == TransactionStatus::Idle {
            *self.idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(Idle { connection, reset_first });
        }
    }
}

/// RESET ALL leaves the role alone.
async fn reset(connection: &mut Connection) -> bool {
    connection.simple("RESET ALL").await.is_ok() && connection.simple("RESET ROLE").await.is_ok()
}

fn refuse_transaction_control(transaction: &Transaction) -> Result<(), TransactionError> {
    for (index, statement) in transaction.statements.iter().enumerate() {
        if let Some(keyword) = transaction_keyword(&statement.sql) {
            let error = ClientError::TransactionControl { index, keyword };
            return Err(TransactionError { error, attempts: 0, statement: Some(index) });
        }
    }
    Ok(())
}

fn may_repeat(error: &ClientError) -> bool {
    match error {
        // Who has waited for the whole time limit once is not made to wait for it again.
        ClientError::Lost(error) => error.kind() != io::ErrorKind::TimedOut,
        ClientError::Server(error) => error.is_conflict() || error.is_unavailable() || is_shutdown(&error.code),
        _ => false,
    }
}

/// The server takes its leave with an error before it closes: `admin_shutdown`, `crash_shutdown`, `cannot_connect_now`.
fn is_shutdown(code: &str) -> bool {
    matches!(code, "57P01" | "57P02" | "57P03")
}

struct Failure {
    error: ClientError,
    statement: Option<usize>,
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self { error, statement: None }
    }
}

async fn run_once(connection: &mut Connection, transaction: &Transaction) -> Result<Vec<Outcome>, Failure> {
    begin(connection, transaction.mode).await?;
    let mut outcomes = Vec::with_capacity(transaction.statements.len());
    for (index, statement) in transaction.statements.iter().enumerate() {
        let at = |error| Failure { error, statement: Some(index) };
        outcomes.push(connection.query_within(&statement.sql, &statement.params, transaction.limits).await.map_err(at)?);
        if connection.status() != TransactionStatus::Open {
            return Err(at(ClientError::Protocol("a statement has ended the transaction that it ran in".to_owned())));
        }
    }
    match transaction.end {
        End::Commit => commit(connection, transaction.mode).await?,
        End::Rollback => drop(connection.simple("ROLLBACK").await?),
    }
    Ok(outcomes)
}

/// A read-only transaction takes its snapshot at once: as long as it has none, PostgreSQL would let a statement of the list make it
/// read-write again.
async fn begin(connection: &mut Connection, mode: Mode) -> Result<(), ClientError> {
    match mode {
        Mode::ReadOnly => {
            connection.simple("BEGIN TRANSACTION READ ONLY").await?;
            connection.query("SELECT 1", &[]).await?;
        }
        Mode::ReadWrite => drop(connection.simple("BEGIN").await?),
    }
    match connection.status() {
        TransactionStatus::Open => Ok(()),
        status => Err(ClientError::Protocol(format!("BEGIN left the session {status:?}"))),
    }
}

async fn commit(connection: &mut Connection, mode: Mode) -> Result<(), ClientError> {
    let answer = connection.simple("COMMIT").await;
    match answer {
        Ok(outcomes) if outcomes.last().is_some_and(|outcome| outcome.tag == "COMMIT") => Ok(()),
        Ok(_) => Err(ClientError::Protocol("COMMIT was answered by ROLLBACK without an error before it".to_owned())),
        Err(error) if mode == Mode::ReadWrite && leaves_commit_open(&error) => {
            Err(ClientError::CommitOutcomeUnknown { cause: Box::new(error) })
        }
        Err(error) => Err(error),
    }
}

/// Anything but the server's plain word that it did not commit.
fn leaves_commit_open(error: &ClientError) -> bool {
    match error {
        ClientError::Server(error) => error.is_fatal() || error.is_unavailable(),
        _ => true,
    }
}

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
//! | the caller has had enough, before COMMIT was sent | the statement is cancelled on the server, the connection closed; not repeated |

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use borealis_base::{Clock, OsRandom, Random, SystemClock};

use crate::cancel::{CancelKey, cancel};
use crate::connection::{Connection, Limits, TransactionStatus};
use crate::control::transaction_keyword;
use crate::endpoint::Endpoint;
use crate::error::{ClientError, Stopped};
use crate::outcome::Outcome;
use crate::pool::{Pool, PoolLimits};
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
    /// How large all answers together may be.
    pub limits: Limits,
}

/// What a caller is told while its transaction runs.
#[derive(Debug)]
pub enum Event<'e> {
    /// A statement is about to be sent.
    Running {
        /// The attempt, from 1.
        attempt: u32,
        /// The place of the statement, from 0.
        statement: usize,
    },
    /// The list will run again.
    Again {
        /// The attempt that has failed, from 1.
        attempt: u32,
        /// Why.
        because: &'e ClientError,
        /// When.
        after: Duration,
    },
}

/// How a caller follows its transaction and ends it early.
pub struct Watch<'w> {
    /// Called for each event.
    pub events: &'w (dyn Fn(Event<'_>) + Send + Sync),
    /// Ready when the caller has had enough. COMMIT, once sent, is waited for all the same: its outcome must not stay open.
    pub stop: Pin<&'w mut (dyn Future<Output = Stopped> + Send)>,
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
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

/// A database to run transactions on, by any number of callers at once: each has a connection to itself for the time of an attempt.
pub struct Database {
    pool: Pool,
    policy: RetryPolicy,
    random: Arc<dyn Random>,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("endpoint", self.endpoint()).field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Database {
    /// A database; nothing is connected before the first transaction.
    #[must_use]
    pub fn new(endpoint: Endpoint) -> Self {
        let (policy, limits) = (RetryPolicy::default(), PoolLimits::default());
        Self::with(endpoint, policy, limits, Arc::new(SystemClock::default()), Arc::new(OsRandom))
    }

    /// A database with chosen waits, bounds, time and randomness.
    #[must_use]
    pub fn with(endpoint: Endpoint, policy: RetryPolicy, limits: PoolLimits, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { pool: Pool::new(endpoint, limits, clock), policy, random }
    }

    /// Where this is.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        self.pool.endpoint()
    }

    /// Runs the list, again where that is safe and useful.
    ///
    /// # Errors
    /// The error of the last attempt. [`ClientError::CommitOutcomeUnknown`] is the only one after which the list may have had an effect.
    pub async fn transact(&self, transaction: &Transaction) -> Result<Committed, TransactionError> {
        let watch = Watch { events: &|_| (), stop: pin!(std::future::pending()) };
        self.transact_watched(transaction, watch).await
    }

    /// [`Database::transact`] for a caller that follows what happens and may end it.
    ///
    /// # Errors
    /// As [`Database::transact`]; [`ClientError::Stopped`] when the caller has had enough, and then nothing was committed.
    pub async fn transact_watched(&self, transaction: &Transaction, mut watch: Watch<'_>) -> Result<Committed, TransactionError> {
        refuse_transaction_control(transaction)?;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let failure = match self.attempt(transaction, attempts, &mut watch).await {
                Ok(outcomes) => return Ok(Committed { outcomes, attempts }),
                Err(failure) => failure,
            };
            if failure.unconnected || attempts > self.policy.retries_max || !failure.error.is_passing() {
                return Err(TransactionError { error: failure.error, attempts, statement: failure.statement });
            }
            let after = self.policy.wait(attempts, &*self.random);
            (watch.events)(Event::Again { attempt: attempts, because: &failure.error, after });
            tokio::select! {
                biased;
                why = watch.stop.as_mut() => {
                    return Err(TransactionError { error: ClientError::Stopped(why), attempts, statement: None });
                }
                () = tokio::time::sleep(after) => {}
            }
        }
    }

    async fn attempt(&self, transaction: &Transaction, attempt: u32, watch: &mut Watch<'_>) -> Result<Vec<Outcome>, Failure> {
        let mut lease = tokio::select! {
            biased;
            why = watch.stop.as_mut() => return Err(ClientError::Stopped(why).into()),
            lease = self.pool.take() => lease.map_err(Failure::connecting)?,
        };
        let run = Run { endpoint: self.endpoint(), transaction, attempt };
        let outcomes = run.once(&mut lease.connection, watch).await;
        if matches!(&outcomes, Err(Failure { error: ClientError::Stopped(_), .. })) {
            // The request to cancel may come late and must not meet the next caller's statement.
            if lease.connection.is_usable() {
                lease.connection.close().await;
            }
            return outcomes;
        }
        let committed = outcomes.is_ok() && transaction.end == End::Commit && transaction.mode == Mode::ReadWrite;
        self.pool.give_back(lease, committed).await;
        outcomes
    }
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

struct Failure {
    error: ClientError,
    statement: Option<usize>,
    /// There was no connection to run anything on.
    unconnected: bool,
}

impl Failure {
    fn connecting(error: ClientError) -> Self {
        Self { error, statement: None, unconnected: true }
    }

    fn at(index: usize, error: ClientError) -> Self {
        Self { error, statement: Some(index), unconnected: false }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self { error, statement: None, unconnected: false }
    }
}

/// How long a server may take over a statement that it was asked to cancel, before its connection is closed under it.
const CANCELLED_TIME_MAX: Duration = Duration::from_secs(5);

/// One attempt at a transaction.
struct Run<'r> {
    endpoint: &'r Endpoint,
    transaction: &'r Transaction,
    attempt: u32,
}

impl Run<'_> {
    async fn once(&self, connection: &mut Connection, watch: &mut Watch<'_>) -> Result<Vec<Outcome>, Failure> {
        let key = connection.cancel_key();
        self.unless_stopped(watch, key, begin(connection, self.transaction.mode)).await?;
        let mut limits = self.transaction.limits;
        let mut outcomes = Vec::with_capacity(self.transaction.statements.len());
        for (index, statement) in self.transaction.statements.iter().enumerate() {
            (watch.events)(Event::Running { attempt: self.attempt, statement: index });
            let answer = connection.query_within(&statement.sql, &statement.params, limits);
            let outcome = self.unless_stopped(watch, key, answer).await.map_err(|error| Failure::at(index, error))?;
            limits = limits.less(&outcome);
            outcomes.push(outcome);
            if connection.status() != TransactionStatus::Open {
                let what = "a statement has ended the transaction that it ran in".to_owned();
                return Err(Failure::at(index, ClientError::Protocol(what)));
            }
        }
        match self.transaction.end {
            End::Commit => commit(connection, self.transaction.mode).await?,
            End::Rollback => drop(connection.simple("ROLLBACK").await?),
        }
        Ok(outcomes)
    }

    /// The answer, or nothing of it once the caller has had enough: then the server is asked to cancel what it runs.
    async fn unless_stopped<T>(
        &self,
        watch: &mut Watch<'_>,
        key: Option<CancelKey>,
        answer: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        let mut answer = pin!(answer);
        let why = tokio::select! {
            biased;
            why = watch.stop.as_mut() => why,
            answer = &mut answer => return answer,
        };
        if let Some(key) = key
            && cancel(self.endpoint, key).await.is_ok()
        {
            // What is answered is of no interest any more, only that the statement has ended.
            let _ = tokio::time::timeout(CANCELLED_TIME_MAX, answer).await;
        }
        Err(ClientError::Stopped(why))
    }
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

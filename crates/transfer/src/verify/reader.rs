//! A table and the connections that it is read on.

use std::sync::{Mutex, MutexGuard, PoisonError};

use borealis_base::OsRandom;
use borealis_client::{ClientError, Connection, Endpoint, Limits, RetryPolicy, Row};

use super::meaning::Meaning;
use crate::error::TransferError;
use crate::source::postgres::{self, WholeRows};
use crate::table::Table;

/// A table to be read.
pub(super) struct Reader<'v> {
    pub(super) table: Table,
    endpoint: &'v Endpoint,
    connections: Connections,
}

/// What statements run on.
enum Connections {
    /// Any number, each statement a transaction of its own.
    Each(Idle),
    /// One, in a transaction that sees one moment.
    Snapshot(tokio::sync::Mutex<Connection>),
}

impl<'v> Reader<'v> {
    /// Connects and looks the table up.
    pub(super) async fn open(endpoint: &'v Endpoint, table: &str, one_snapshot: bool) -> Result<Self, TransferError> {
        let mut connection = postgres::open(endpoint).await.map_err(TransferError::database("connecting"))?;
        if one_snapshot {
            postgres::begin_snapshot(&mut connection).await?;
        }
        let table = Table::describe(&mut connection, table).await?;
        let connections = match one_snapshot {
            true => Connections::Snapshot(tokio::sync::Mutex::new(connection)),
            false => Connections::Each(Idle(Mutex::new(vec![connection]))),
        };
        Ok(Self { table, endpoint, connections })
    }

    /// The database that it is in.
    pub(super) fn endpoint(&self) -> &'v Endpoint {
        self.endpoint
    }

    /// Where it is.
    pub(super) fn address(&self) -> String {
        self.endpoint.address_text()
    }

    /// The values of these columns in the forms that they are compared in, as a list of expressions.
    pub(super) fn values(&self, columns: &[String], meanings: &[Meaning]) -> String {
        let columns = columns.iter().zip(meanings).filter_map(|(name, meaning)| Some((self.table.column(name)?, meaning)));
        columns.map(|(place, meaning)| meaning.expression(&self.table.columns[place])).collect::<Vec<_>>().join(", ")
    }

    /// The rows of a query.
    pub(super) async fn rows(&self, sql: &str) -> Result<Vec<Row>, TransferError> {
        self.rows_within(sql, Limits::default()).await
    }

    /// The rows of a query that may turn out too large. What a passing failure has ended runs again, except in a snapshot, which is gone then.
    pub(super) async fn rows_within(&self, sql: &str, limits: Limits) -> Result<Vec<Row>, TransferError> {
        let policy = RetryPolicy::default();
        let is_repeatable = matches!(self.connections, Connections::Each(_));
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.attempt(sql, limits).await {
                Err(error) if is_repeatable && attempt <= policy.retries_max && error.is_passing() => {
                    tokio::time::sleep(policy.wait(attempt, &OsRandom)).await;
                }
                other => return other.map_err(|error| self.failed(error)),
            }
        }
    }

    async fn attempt(&self, sql: &str, limits: Limits) -> Result<Vec<Row>, ClientError> {
        match &self.connections {
            Connections::Snapshot(connection) => Ok(connection.lock().await.query_within(sql, &[], limits).await?.rows),
            Connections::Each(idle) => {
                let mut connection = idle.take(self.endpoint).await?;
                let outcome = connection.query_within(sql, &[], limits).await;
                idle.give_back(connection);
                Ok(outcome?.rows)
            }
        }
    }

    /// Runs `COPY … TO STDOUT`; `each` gets whole rows, with line ends between them.
    pub(super) async fn copy(
        &self,
        sql: &str,
        each: &mut (dyn FnMut(&[u8]) -> Result<(), TransferError> + Send),
    ) -> Result<(), TransferError> {
        match &self.connections {
            Connections::Snapshot(connection) => self.copy_on(&mut *connection.lock().await, sql, each).await,
            Connections::Each(idle) => {
                let mut connection = idle.take(self.endpoint).await.map_err(TransferError::database("connecting"))?;
                self.copy_on(&mut connection, sql, each).await?;
                idle.give_back(connection);
                Ok(())
            }
        }
    }

    async fn copy_on(
        &self,
        connection: &mut Connection,
        sql: &str,
        each: &mut (dyn FnMut(&[u8]) -> Result<(), TransferError> + Send),
    ) -> Result<(), TransferError> {
        let mut stream = connection.copy_out(sql).await.map_err(|error| self.failed(error))?;
        let mut pieces = WholeRows::default();
        while let Some(data) = stream.next().await.map_err(|error| self.failed(error))? {
            pieces.take(&data, |rows| each(&rows[..rows.len() - 1]))?;
        }
        Ok(())
    }

    /// The error of a statement, with what to do when it is the transaction's age.
    fn failed(&self, error: ClientError) -> TransferError {
        let doing = format!("reading the rows of {}", self.table.plain_name());
        TransferError::aged(&doing, "a transaction lives five minutes: compare without --one-snapshot, or parts of the table", error)
    }

    /// Ends all connections.
    pub(super) async fn close(self) {
        match self.connections {
            Connections::Snapshot(connection) => connection.into_inner().close().await,
            Connections::Each(idle) => {
                for connection in idle.0.into_inner().unwrap_or_else(PoisonError::into_inner) {
                    connection.close().await;
                }
            }
        }
    }
}

/// Connections that nobody uses at the moment.
struct Idle(Mutex<Vec<Connection>>);

impl Idle {
    /// One of them, or a new one.
    async fn take(&self, endpoint: &Endpoint) -> Result<Connection, ClientError> {
        while let Some(mut connection) = self.connections().pop() {
            if connection.is_alive() {
                return Ok(connection);
            }
        }
        postgres::open(endpoint).await
    }

    fn give_back(&self, connection: Connection) {
        if connection.is_usable() {
            self.connections().push(connection);
        }
    }

    fn connections(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

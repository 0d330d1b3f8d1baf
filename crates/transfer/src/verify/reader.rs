//! A table and the connections that it is read on.

use std::sync::{Mutex, PoisonError};

use borealis_base::OsRandom;
use borealis_client::{ClientError, Connection, Endpoint, Limits, RetryPolicy, Row};

use crate::error::TransferError;
use crate::source::postgres;
use crate::table::Table;

/// A table to be read.
pub(super) struct Reader<'v> {
    pub(super) table: Table,
    endpoint: &'v Endpoint,
    connections: Connections,
}

/// What statements run on.
enum Connections {
    /// Any number, each statement a transaction of its own; these lie idle.
    Each(Mutex<Vec<Connection>>),
    /// One, in a transaction that sees one moment.
    Snapshot(tokio::sync::Mutex<Connection>),
}

impl<'v> Reader<'v> {
    /// Connects and looks the table up.
    pub(super) async fn open(endpoint: &'v Endpoint, table: &str, one_snapshot: bool) -> Result<Self, TransferError> {
        let mut connection = postgres::open(endpoint).await.map_err(TransferError::database("connecting"))?;
        if one_snapshot {
            for sql in ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SELECT 1"] {
                connection.simple(sql).await.map_err(TransferError::database("taking the snapshot"))?;
            }
        }
        let table = Table::describe(&mut connection, table).await?;
        let connections = match one_snapshot {
            true => Connections::Snapshot(tokio::sync::Mutex::new(connection)),
            false => Connections::Each(Mutex::new(vec![connection])),
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

    /// The values of these columns, as a list of expressions.
    pub(super) fn values(&self, columns: &[String]) -> String {
        let columns = columns.iter().filter_map(|name| self.table.column(name));
        columns.map(|place| postgres::value(&self.table.columns[place])).collect::<Vec<_>>().join(", ")
    }

    /// The rows of a query.
    pub(super) async fn rows(&self, sql: &str) -> Result<Vec<Row>, TransferError> {
        self.rows_within(sql, Limits::default()).await
    }

    /// The rows of a query that may turn out too large. What a passing failure has ended runs again, except in a snapshot, which is gone then.
    pub(super) async fn rows_within(&self, sql: &str, limits: Limits) -> Result<Vec<Row>, TransferError> {
        let policy = RetryPolicy::default();
        let mut attempt = 0;
        loop {
            attempt += 1;
            match self.attempt(sql, limits).await {
                Err(error) if self.is_repeatable() && attempt <= policy.retries_max && is_passing(&error) => {
                    tokio::time::sleep(policy.wait(attempt, &OsRandom)).await;
                }
                other => return other.map_err(|error| self.failed(error)),
            }
        }
    }

    async fn attempt(&self, sql: &str, limits: Limits) -> Result<Vec<Row>, ClientError> {
        match &self.connections {
            Connections::Snapshot(connection) => Ok(connection.lock().await.query_within(sql, &[], limits).await?.rows),
            Connections::Each(_) => {
                let mut connection = self.take().await?;
                let outcome = connection.query_within(sql, &[], limits).await;
                self.give_back(connection);
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
            Connections::Each(_) => {
                let mut connection = self.take().await.map_err(TransferError::database("connecting"))?;
                self.copy_on(&mut connection, sql, each).await?;
                self.give_back(connection);
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
        let mut rest = Vec::new();
        while let Some(data) = stream.next().await.map_err(|error| self.failed(error))? {
            rest.extend_from_slice(&data);
            let Some(end) = memchr::memrchr(b'\n', &rest) else { continue };
            each(&rest[..end])?;
            rest.drain(..=end);
        }
        Ok(())
    }

    /// A connection for one statement.
    async fn take(&self) -> Result<Connection, ClientError> {
        while let Some(mut connection) = self.idle().and_then(|mut idle| idle.pop()) {
            if connection.is_alive() {
                return Ok(connection);
            }
        }
        postgres::open(self.endpoint).await
    }

    fn give_back(&self, connection: Connection) {
        if connection.is_usable()
            && let Some(mut idle) = self.idle()
        {
            idle.push(connection);
        }
    }

    fn idle(&self) -> Option<std::sync::MutexGuard<'_, Vec<Connection>>> {
        match &self.connections {
            Connections::Each(idle) => Some(idle.lock().unwrap_or_else(PoisonError::into_inner)),
            Connections::Snapshot(_) => None,
        }
    }

    const fn is_repeatable(&self) -> bool {
        matches!(self.connections, Connections::Each(_))
    }

    /// The error of a statement, with what to do when it is the transaction's age.
    fn failed(&self, error: ClientError) -> TransferError {
        let is_age = error.server().is_some_and(|error| error.message.contains("transaction age limit"));
        let advice = if is_age { " (a transaction lives five minutes: compare without --one-snapshot, or parts of the table)" } else { "" };
        TransferError::database(format!("reading the rows of {}{advice}", self.table.plain_name()))(error)
    }

    /// Ends all connections.
    pub(super) async fn close(self) {
        match self.connections {
            Connections::Snapshot(connection) => connection.into_inner().close().await,
            Connections::Each(idle) => {
                for connection in idle.into_inner().unwrap_or_else(PoisonError::into_inner) {
                    connection.close().await;
                }
            }
        }
    }
}

/// The statement may succeed when it runs again, on a fresh connection if need be.
fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Lost(_) => true,
        ClientError::Server(error) => error.is_conflict() || error.is_unavailable(),
        _ => false,
    }
}

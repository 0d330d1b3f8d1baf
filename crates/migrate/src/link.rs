//! Every transaction of a migration goes through here: where it is named, and where a test can make it fail.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use borealis_client::{
    ClientError, Committed, Database, End, Limits, Mode, Outcome, Row, Statement, Stopped, Transaction, TransactionError, Watch,
};

use crate::error::{MigrateError, Result};

/// The way to the database.
pub(crate) struct Link<'d> {
    database: &'d Database,
    conflicts: AtomicU64,
    #[cfg(test)]
    faults: Option<&'d crate::tests::Faults>,
}

/// Only small answers come back: keys, counts, checksums, the catalog.
const LIMITS: Limits = Limits { rows_max: 100_000, bytes_max: 64 * 1024 * 1024 };

impl<'d> Link<'d> {
    pub(crate) fn new(database: &'d Database) -> Self {
        Self {
            database,
            conflicts: AtomicU64::new(0),
            #[cfg(test)]
            faults: None,
        }
    }

    /// A way on which transactions fail as a test wishes.
    #[cfg(test)]
    pub(crate) fn with_faults(database: &'d Database, faults: &'d crate::tests::Faults) -> Self {
        Self { faults: Some(faults), ..Self::new(database) }
    }

    /// How many attempts have been in vain since the last call.
    pub(crate) fn take_conflicts(&self) -> u64 {
        self.conflicts.swap(0, Ordering::Relaxed)
    }

    /// The rows of one query.
    pub(crate) async fn rows(&self, doing: &str, query: impl Into<String>) -> Result<Vec<Row>> {
        let mut outcomes = self.snapshot(doing, [query.into()]).await?;
        Ok(outcomes.pop().map(|outcome| outcome.rows).unwrap_or_default())
    }

    /// The rows of one query, unless it takes longer than so: then the server is asked to leave it.
    pub(crate) async fn rows_within(&self, doing: &str, query: String, time_max: Duration) -> Result<Option<Vec<Row>>> {
        let transaction = Transaction { statements: vec![Statement::new(query)], mode: Mode::ReadOnly, end: End::Commit, limits: LIMITS };
        let stop = std::pin::pin!(async move {
            tokio::time::sleep(time_max).await;
            Stopped::TimeLimit(time_max)
        });
        match self.database.transact_watched(&transaction, Watch { events: &|_| (), stop }).await {
            Ok(Committed { mut outcomes, .. }) => Ok(Some(outcomes.pop().map(|outcome| outcome.rows).unwrap_or_default())),
            Err(TransactionError { error: ClientError::Stopped(_), .. }) => Ok(None),
            Err(error) => Err(failed(doing, error)),
        }
    }

    /// Whether a query answers true.
    pub(crate) async fn holds(&self, doing: &str, query: impl Into<String>) -> Result<bool> {
        Ok(self.rows(doing, query).await?.first().and_then(|row| row.get(0)) == Some("t"))
    }

    /// Queries that all see the same moment.
    pub(crate) async fn snapshot(&self, doing: &str, queries: impl IntoIterator<Item = String>) -> Result<Vec<Outcome>> {
        self.run(doing, queries, Mode::ReadOnly, End::Commit).await
    }

    /// Statements whose effect is undone at once: to see whether the server takes them, and what comes of them.
    pub(crate) async fn rehearse(&self, doing: &str, statements: impl IntoIterator<Item = String>) -> Result<Vec<Outcome>> {
        self.run(doing, statements, Mode::ReadWrite, End::Rollback).await
    }

    /// Statements that take effect together.
    pub(crate) async fn commit(&self, doing: &str, statements: impl IntoIterator<Item = String>) -> Result<Vec<Outcome>> {
        #[cfg(test)]
        let fault = self.faults.map_or(crate::tests::Fault::None, |faults| faults.next(doing));
        #[cfg(test)]
        if let Some(error) = fault.before(doing) {
            return Err(error);
        }
        let outcomes = self.run(doing, statements, Mode::ReadWrite, End::Commit).await;
        #[cfg(test)]
        if outcomes.is_ok()
            && let Some(error) = fault.after(doing)
        {
            return Err(error);
        }
        outcomes
    }

    async fn run(&self, doing: &str, statements: impl IntoIterator<Item = String>, mode: Mode, end: End) -> Result<Vec<Outcome>> {
        let statements = statements.into_iter().map(Statement::new).collect();
        let transaction = Transaction { statements, mode, end, limits: LIMITS };
        match self.database.transact(&transaction).await {
            Ok(Committed { outcomes, attempts }) => {
                self.conflicts.fetch_add(u64::from(attempts.saturating_sub(1)), Ordering::Relaxed);
                Ok(outcomes)
            }
            Err(error) => {
                self.conflicts.fetch_add(u64::from(error.attempts), Ordering::Relaxed);
                Err(failed(doing, error))
            }
        }
    }
}

fn failed(doing: &str, error: TransactionError) -> MigrateError {
    MigrateError::Database { doing: doing.to_owned(), error }
}

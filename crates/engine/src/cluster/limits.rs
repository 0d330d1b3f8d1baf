//! The limits of a cluster, looked up once: what is asked for every statement must not be searched by name.

use std::time::Duration;

use borealis_dialect::{Dialect, Refusal};
use borealis_pgtypes::{SqlError, SqlState};

use crate::exec::ExecLimits;

/// Limits of sessions, transactions and statements, from the dialect's limit rows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// All of them by name; the rest are copies.
    pub named: borealis_dialect::Limits,
    /// Open connections.
    pub connections: usize,
    /// New connections that a second adds to what may be opened at once.
    pub connections_per_second: u64,
    /// New connections that may be opened at once.
    pub connection_burst: u64,
    /// How long a connection lives.
    pub connection_age: Duration,
    /// Length of a message of the protocol.
    pub message_bytes: usize,
    /// Bytes a cluster may hold before it takes deletions only.
    pub storage_bytes: u64,
    /// Bytes a transaction may write.
    pub transaction_bytes: usize,
    /// Seconds a transaction may last.
    pub transaction_age_seconds: u64,
    /// Bounds of a statement.
    pub exec: ExecLimits,
}

impl Limits {
    /// The limits of a dialect.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        Self::from(borealis_dialect::Limits::of(dialect))
    }

    /// What a client gets for passing a limit.
    pub(crate) fn refusal(&self, name: &str, args: &[&str]) -> SqlError {
        error(self.named.refusal(name, args))
    }
}

impl From<borealis_dialect::Limits> for Limits {
    fn from(named: borealis_dialect::Limits) -> Self {
        let size = |name: &str| usize::try_from(named.get(name)).unwrap_or(usize::MAX);
        let exec = ExecLimits {
            memory_bytes: size("query memory bytes"),
            rows_modified_max: named.get("rows per transaction"),
            value_bytes_max: size("column bytes"),
            row_bytes_max: size("row bytes"),
            key_bytes_max: size("key bytes"),
        };
        Self {
            connections: size("connections"),
            connections_per_second: named.get("connections per second"),
            connection_burst: named.get("connection burst"),
            connection_age: Duration::from_secs(named.get("connection age seconds")),
            message_bytes: size("message bytes"),
            storage_bytes: named.get("storage bytes"),
            transaction_bytes: size("bytes per transaction"),
            transaction_age_seconds: named.get("transaction age seconds"),
            exec,
            named,
        }
    }
}

fn error(refusal: Refusal) -> SqlError {
    SqlError::new(SqlState::from_text(refusal.sqlstate).unwrap_or(SqlState::PROGRAM_LIMIT_EXCEEDED), refusal.message)
}

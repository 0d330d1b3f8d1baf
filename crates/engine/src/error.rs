//! Storage's answers in PostgreSQL's words.

use borealis_pgtypes::{SqlError, SqlState};
use borealis_storage::{Cause, CommitError, ConflictKind, Outcome, StoreError, TooLarge};

/// Another transaction won; recorded text.
pub(crate) fn data_conflict() -> SqlError {
    SqlError::new(SqlState::SERIALIZATION_FAILURE, "change conflicts with another transaction (OC000)")
}

/// The catalog changed under the transaction; recorded text.
pub(crate) fn catalog_conflict() -> SqlError {
    SqlError::new(SqlState::SERIALIZATION_FAILURE, "schema has been updated by another transaction (OC001)")
}

/// A read that the store could not answer.
pub(crate) fn read_failed(error: &StoreError) -> SqlError {
    SqlError::new(SqlState::IO_ERROR, format!("could not read from the store: {error}"))
}

/// A commit that did not succeed. Whether anything was committed is always said.
pub(crate) fn commit_failed(error: &CommitError) -> SqlError {
    match error {
        CommitError::Conflict(conflict) => match conflict.kind {
            ConflictKind::Data => data_conflict(),
            ConflictKind::Catalog => catalog_conflict(),
        },
        CommitError::TooLarge { what: TooLarge::Key, .. } => SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "key size too large"),
        CommitError::TooLarge { what: TooLarge::Record, bytes, .. } => transaction_too_large(*bytes),
        CommitError::Unavailable(unavailable) => {
            let error = match unavailable.cause {
                Cause::DiskFull => SqlError::new(SqlState::DISK_FULL, "could not write to the journal: no space left on device")
                    .hint("Free space where the data folder is; the server needs no restart."),
                Cause::Closed => SqlError::new(SqlState::ADMIN_SHUTDOWN, "the cluster is shutting down"),
                Cause::Io | Cause::Stopped | Cause::Contended => SqlError::internal("server unavailable"),
            };
            error.detail(match unavailable.outcome {
                Outcome::NotCommitted => format!("The transaction was not committed: {}.", unavailable.detail),
                Outcome::Unknown => format!("Whether the transaction was committed is unknown: {}.", unavailable.detail),
            })
        }
    }
}

/// More than 10 MiB written; recorded text and DETAIL.
pub(crate) fn transaction_too_large(bytes: usize) -> SqlError {
    SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "transaction size limit 10mb exceeded")
        .detail(format!("Current transaction size {}mb > 10mb", bytes.div_ceil(1 << 20)))
}

/// Older than 300 seconds; recorded text and DETAIL.
pub(crate) fn transaction_too_old(age_seconds: u64, limit_seconds: u64) -> SqlError {
    SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, format!("transaction age limit of {limit_seconds}s exceeded"))
        .detail(format!("Current transaction age {age_seconds}s exceeds {limit_seconds}s"))
}

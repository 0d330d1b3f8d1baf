//! Storage's answers in PostgreSQL's words.

use borealis_pgtypes::{SqlError, SqlState};
use borealis_storage::{Cause, CommitError, ConflictKind, Outcome, StoreError, TooLarge};

use crate::cluster::Limits;

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
pub(crate) fn commit_failed(error: &CommitError, limits: &Limits) -> SqlError {
    match error {
        CommitError::Conflict(conflict) => match conflict.kind {
            ConflictKind::Data => data_conflict(),
            ConflictKind::Catalog => catalog_conflict(),
        },
        CommitError::TooLarge { what: TooLarge::Key, .. } => limits.refusal("key bytes", &[]),
        CommitError::TooLarge { what: TooLarge::Record, bytes, .. } => transaction_too_large(*bytes, limits),
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

/// More written than a transaction may; recorded text and DETAIL.
pub(crate) fn transaction_too_large(bytes: usize, limits: &Limits) -> SqlError {
    let (size, limit) = (bytes.div_ceil(1 << 20), limits.transaction_bytes.div_ceil(1 << 20));
    limits.refusal("bytes per transaction", &[]).detail(format!("Current transaction size {size}mb > {limit}mb"))
}

/// Older than a transaction may be; recorded text and DETAIL.
pub(crate) fn transaction_too_old(age_seconds: u64, limits: &Limits) -> SqlError {
    let limit = limits.transaction_age_seconds;
    limits.refusal("transaction age seconds", &[]).detail(format!("Current transaction age {age_seconds}s exceeds {limit}s"))
}

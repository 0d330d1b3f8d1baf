//! What stops a migration, and what to do about it.

use std::fmt;

use borealis_client::{ClientError, TransactionError};
use serde::{Deserialize, Serialize};

/// A row that the new table cannot take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offender {
    /// The values of the row's key, in the order of its columns.
    pub key: Vec<String>,
    /// The value or values at fault, as PostgreSQL prints them.
    pub value: String,
    /// Why they do not fit.
    pub reason: String,
}

/// Why nothing, or nothing more, was done.
#[derive(Debug)]
pub enum MigrateError {
    /// The change cannot be made like this; the text says what to do instead.
    Refused(String),
    /// Rows stand in the way. Nothing was copied.
    Offenders {
        /// What they break.
        rule: String,
        /// The first of them.
        rows: Vec<Offender>,
        /// There are more than these.
        more: bool,
    },
    /// The plan file was changed by hand, or was made for a database that has changed since.
    Plan(String),
    /// The journal says that this is not, or no longer, this process's run.
    Journal(String),
    /// A background job of the database has failed.
    Job(String),
    /// The run was asked to stop and has stopped, with everything so far in the journal.
    Paused,
    /// The database did not do what was asked of it.
    Database {
        /// What was being done.
        doing: String,
        /// What the database or the network said.
        error: TransactionError,
    },
    /// A file could not be read.
    File(String),
}

impl MigrateError {
    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }

    /// The SQLSTATE that the server sent.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Database { error, .. } => error.error.code(),
            _ => None,
        }
    }

    /// COMMIT was sent and not answered: the journal, or the catalog, knows.
    pub(crate) fn is_unknown_outcome(&self) -> bool {
        matches!(self, Self::Database { error: TransactionError { error: ClientError::CommitOutcomeUnknown { .. }, .. }, .. })
    }

    /// A conflict with another transaction that has outlived the client's own attempts.
    pub(crate) fn is_conflict(&self) -> bool {
        matches!(self, Self::Database { error, .. } if error.error.server().is_some_and(borealis_client::ServerError::is_conflict))
    }

    /// The server, or rows, or a job say no, and would say it again: not a conflict, not a lost connection, not a request to stop.
    pub(crate) fn is_refusal(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Offenders { .. } | Self::Job(_) => true,
            // Classes 08, 53, 57 and 58 are about the server and not about the statement.
            Self::Database { .. } => {
                let passing = |code: &str| ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class));
                !self.is_conflict() && !self.is_unknown_outcome() && self.code().is_some_and(|code| !passing(code))
            }
            Self::Plan(_) | Self::Journal(_) | Self::Paused | Self::File(_) => false,
        }
    }

    /// The transaction was larger than one may be: by rows, bytes, or time.
    pub(crate) fn is_too_large(&self) -> bool {
        self.code() == Some("54000")
    }

    /// The row values, and not the statement or the connection, are at fault: a class 22 or 23 error.
    pub(crate) fn is_about_data(&self) -> bool {
        self.code().is_some_and(|code| (code.starts_with("22") && code != "22012") || code.starts_with("23"))
    }
}

impl fmt::Display for MigrateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(why) | Self::Plan(why) | Self::Journal(why) | Self::Job(why) | Self::File(why) => f.write_str(why),
            Self::Offenders { rule, rows, more } => {
                write!(
                    f,
                    "{}{} of the table {rule}; nothing was copied. Mend them and plan again:",
                    rows.len(),
                    if *more { " or more rows" } else { " rows" }
                )?;
                rows.iter().try_for_each(|row| write!(f, "\n  key ({}): {}: {}", row.key.join(", "), row.value, row.reason))
            }
            Self::Paused => f.write_str("the run has paused as it was asked to; `borealis migrate resume` goes on where it stopped"),
            Self::Database { doing, error } => write!(f, "{doing}: {error}"),
        }
    }
}

impl std::error::Error for MigrateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// What everything here returns.
pub type Result<T> = std::result::Result<T, MigrateError>;

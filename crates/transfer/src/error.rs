//! Why a transfer ended early.

use std::fmt;
use std::io;

use borealis_client::ClientError;

/// Why a transfer ended early. What was committed before stays, and is accounted for by the ledger.
#[derive(Debug)]
pub enum TransferError {
    /// The request contradicts itself or the database: nothing was done.
    Request(String),
    /// The source is not what it should be; the text says where.
    Source(String),
    /// A file could not be read or written.
    File {
        /// Which, and what for.
        what: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The database refused or was lost.
    Database {
        /// What was being done.
        doing: String,
        /// What it answered.
        error: Box<ClientError>,
    },
    /// More records were rejected than the caller allows.
    TooManyRejects {
        /// How many are allowed.
        allowed: u64,
        /// The last one, with its place and reason.
        last: String,
        /// The file that lists them.
        file: Option<String>,
    },
}

impl TransferError {
    pub(crate) fn file(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::File { what, source }
    }

    pub(crate) fn database(doing: impl Into<String>) -> impl FnOnce(ClientError) -> Self {
        let doing = doing.into();
        move |error| Self::Database { doing, error: Box::new(error) }
    }

    /// An error in a transaction that may take long, with what to do when it is the transaction's age.
    pub(crate) fn aged(doing: &str, advice: &str, error: ClientError) -> Self {
        let is_age = error.server().is_some_and(|error| error.message.contains("transaction age limit"));
        let advice = if is_age { format!(" ({advice})") } else { String::new() };
        Self::database(format!("{doing}{advice}"))(error)
    }
}

impl fmt::Display for TransferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(what) | Self::Source(what) => f.write_str(what),
            Self::File { what, source } => write!(f, "{what}: {source}"),
            Self::Database { doing, error } => write!(f, "{doing}: {error}"),
            Self::TooManyRejects { allowed, last, file } => {
                write!(f, "more than {allowed} records were rejected; the last: {last}")?;
                match file {
                    Some(file) => write!(f, "\n{file} lists them. Mend the source, or allow more with --max-rejects"),
                    None => f.write_str("\nMend the source, or allow more with --max-rejects"),
                }
            }
        }
    }
}

impl std::error::Error for TransferError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File { source, .. } => Some(source),
            Self::Database { error, .. } => Some(error),
            Self::Request(_) | Self::Source(_) | Self::TooManyRejects { .. } => None,
        }
    }
}

//! What goes wrong between a client and a server.

use std::fmt;
use std::io;
use std::time::Duration;

use borealis_auth::TokenError;
use fallible_iterator::FallibleIterator as _;
use postgres_protocol::message::backend::ErrorFields;

use crate::credentials::CredentialsError;

/// An error as the server reported it, with every field that it sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServerError {
    /// `ERROR`, `FATAL` or `PANIC`.
    pub severity: String,
    /// The SQLSTATE.
    pub code: String,
    /// The primary message.
    pub message: String,
    /// More about the case at hand.
    pub detail: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Where in the statement, in characters from 1.
    pub position: Option<u32>,
    /// The call stack inside the server.
    pub context: Option<String>,
    /// The schema that the error is about.
    pub schema: Option<String>,
    /// The table that the error is about.
    pub table: Option<String>,
    /// The column that the error is about.
    pub column: Option<String>,
    /// The constraint that was violated.
    pub constraint: Option<String>,
}

impl ServerError {
    pub(crate) fn read(mut fields: ErrorFields<'_>) -> io::Result<Self> {
        let mut error = Self::default();
        while let Some(field) = fields.next()? {
            let text = String::from_utf8_lossy(field.value_bytes()).into_owned();
            error.set(field.type_(), text);
        }
        Ok(error)
    }

    fn set(&mut self, field: u8, text: String) {
        match field {
            // V is S without translation; it comes later and replaces it.
            b'S' | b'V' => self.severity = text,
            b'C' => self.code = text,
            b'M' => self.message = text,
            b'D' => self.detail = Some(text),
            b'H' => self.hint = Some(text),
            b'P' => self.position = text.parse().ok(),
            b'W' => self.context = Some(text),
            b's' => self.schema = Some(text),
            b't' => self.table = Some(text),
            b'c' => self.column = Some(text),
            b'n' => self.constraint = Some(text),
            // Internal query and position, data type, file, line and routine of the server's source: of no use to a tool's user. The
            // protocol tells clients to pass over types that they do not know.
            _ => {}
        }
    }

    /// A conflict with another transaction: the transaction has had no effect and may run again from its start.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self.code.as_str(), "40001" | "OC000" | "OC001") || self.message.contains("OC000") || self.message.contains("OC001")
    }

    /// The service's passing failure, after which the connection stays usable. Behind a COMMIT it leaves the outcome open.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.code == "XX000" && self.message.contains("server unavailable")
    }

    /// The server takes its leave with an error before it closes: `admin_shutdown`, `crash_shutdown`, `cannot_connect_now`.
    #[must_use]
    pub fn is_shutdown(&self) -> bool {
        matches!(self.code.as_str(), "57P01" | "57P02" | "57P03")
    }

    /// The server ends the connection with this error.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self.severity.as_str(), "FATAL" | "PANIC")
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (SQLSTATE {})", self.severity, self.message, self.code)?;
        if let Some(position) = self.position {
            write!(f, " at character {position}")?;
        }
        for (name, text) in [("DETAIL", &self.detail), ("HINT", &self.hint)] {
            if let Some(text) = text {
                write!(f, "\n{name}: {text}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ServerError {}

/// Why a caller ended its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It was asked to.
    Cancelled,
    /// It had given the transaction so much time.
    TimeLimit(Duration),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("cancelled on request"),
            Self::TimeLimit(limit) => write!(f, "cancelled at the time limit of {} seconds", limit.as_secs_f64()),
        }
    }
}

/// Why a request was not answered with a result.
#[derive(Debug)]
pub enum ClientError {
    /// The caller ended it; nothing was committed.
    Stopped(Stopped),
    /// The endpoint is not complete or contradicts itself.
    Endpoint(String),
    /// No access key could be found or read.
    Credentials(CredentialsError),
    /// No token can be made for this endpoint.
    Token(TokenError),
    /// There was no connection to begin with.
    Connect {
        /// The address that was tried.
        address: String,
        /// What the operating system or the time limit said.
        source: io::Error,
    },
    /// The connection could not be encrypted, or the server is not who it should be.
    Tls {
        /// The name that the certificate had to carry.
        host: String,
        /// What is wrong.
        source: io::Error,
    },
    /// The server refused; what it refused had no effect.
    Server(Box<ServerError>),
    /// The connection was lost while no COMMIT was in flight: what was open has been rolled back.
    Lost(io::Error),
    /// COMMIT was sent and its answer never came. The transaction has either been committed whole or not at all.
    CommitOutcomeUnknown {
        /// What came instead of the answer.
        cause: Box<ClientError>,
    },
    /// The server sent what the protocol does not allow here, or what this client does not do.
    Protocol(String),
    /// The statement needs a stream of COPY data, which has no place here. The connection is given up.
    Copy,
    /// The request cannot be written as a message: a text holds a zero byte. Nothing was sent.
    Request(String),
    /// The statement begins or ends a transaction, which is the caller's transaction to do.
    TransactionControl {
        /// The place in the list, from 0.
        index: usize,
        /// The keyword.
        keyword: &'static str,
    },
    /// The answer is larger than the caller wanted to hold.
    TooLarge(String),
}

impl ClientError {
    /// The server's own error, when that is what this is about.
    #[must_use]
    pub fn server(&self) -> Option<&ServerError> {
        match self {
            Self::Server(error) => Some(error),
            Self::CommitOutcomeUnknown { cause } => cause.server(),
            _ => None,
        }
    }

    /// The SQLSTATE that the server sent.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.server().map(|error| error.code.as_str())
    }

    /// What has failed may succeed when it runs again from its start, on a new connection if need be.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            // Who has waited for the whole time limit once is not made to wait for it again.
            Self::Lost(error) => error.kind() != io::ErrorKind::TimedOut,
            Self::Server(error) => error.is_conflict() || error.is_unavailable() || error.is_shutdown(),
            _ => false,
        }
    }

    /// The connection is gone or can no longer be trusted to be in step.
    #[must_use]
    pub fn ends_connection(&self) -> bool {
        match self {
            Self::Lost(_) | Self::Protocol(_) | Self::Copy => true,
            Self::Server(error) => error.is_fatal(),
            _ => false,
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoint(what) | Self::TooLarge(what) => f.write_str(what),
            Self::Credentials(error) => write!(f, "{error}"),
            Self::Token(error) => write!(f, "{error}"),
            Self::Connect { address, source } => write!(f, "could not connect to {address}: {source}"),
            Self::Tls { host, source } => write!(f, "TLS with {host} failed: {source}"),
            Self::Server(error) => write!(f, "{error}"),
            Self::Lost(source) => write!(f, "the connection was lost: {source}; what was not committed has been rolled back"),
            Self::CommitOutcomeUnknown { cause } => write!(
                f,
                "the outcome of COMMIT is unknown: the transaction was sent to commit, but the answer did not arrive ({cause}). \
                 It was committed either whole or not at all; read the rows that it was to write before running it again"
            ),
            Self::Stopped(why) => write!(f, "{why}: the transaction was rolled back, nothing was changed"),
            Self::Copy => f.write_str("COPY FROM STDIN and COPY TO STDOUT need a data stream, which cannot be given here"),
            Self::Request(what) => write!(f, "the request cannot be sent: {what}"),
            Self::Protocol(what) => write!(f, "the server broke the protocol: {what}"),
            Self::TransactionControl { index, keyword } => write!(
                f,
                "statement {} is {keyword}: transaction control statements are not accepted here, the statements already run in one transaction",
                index + 1
            ),
        }
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connect { source, .. } | Self::Tls { source, .. } | Self::Lost(source) => Some(source),
            Self::Credentials(error) => Some(error),
            Self::Token(error) => Some(error),
            Self::Server(error) => Some(error),
            Self::CommitOutcomeUnknown { cause } => Some(cause),
            Self::Endpoint(_)
            | Self::Stopped(_)
            | Self::Protocol(_)
            | Self::Copy
            | Self::Request(_)
            | Self::TransactionControl { .. }
            | Self::TooLarge(_) => None,
        }
    }
}

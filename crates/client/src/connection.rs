//! One session: statements in, outcomes out.

use std::io;

use bytes::BytesMut;
use postgres_protocol::IsNull;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend::{self, BindError};

use crate::cancel::{CancelKey, Canceller};
use crate::endpoint::Endpoint;
use crate::error::{ClientError, ServerError};
use crate::outcome::{Outcome, Row};
use crate::transport::Transport;

/// How many notices of one request are kept.
const NOTICES_MAX: usize = 1_000;

/// Where a session stands between two requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionStatus {
    /// No transaction is open.
    Idle,
    /// A transaction is open.
    Open,
    /// A transaction is open and has failed: only its end is accepted.
    Failed,
}

/// How much of an answer is kept. An answer beyond it is an error, not a shorter answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most rows of one request.
    pub rows_max: usize,
    /// The most bytes in all values of one request.
    pub bytes_max: usize,
}

impl Limits {
    /// What these leave after an answer.
    pub(crate) fn less(self, outcome: &Outcome) -> Self {
        let bytes: usize = outcome.rows.iter().map(Row::bytes).sum();
        Self { rows_max: self.rows_max.saturating_sub(outcome.rows.len()), bytes_max: self.bytes_max.saturating_sub(bytes) }
    }

    /// How many rows the server is asked for: one more than fit, by which it shows that they do not. 0 is all.
    fn rows_asked(self) -> i32 {
        i32::try_from(self.rows_max).ok().and_then(|rows| rows.checked_add(1)).unwrap_or(0)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows_max: usize::MAX, bytes_max: 256 * 1024 * 1024 }
    }
}

/// A connection to a database.
///
/// Requests take `&mut self`: a connection serves one caller at a time. When the future of a request is dropped before it is done, the
/// rest of its answer would be taken for the answer to the next one; such a connection refuses further work ([`Connection::is_usable`]).
pub struct Connection {
    pub(crate) transport: Transport,
    status: TransactionStatus,
    /// The last request has been answered to its end.
    in_step: bool,
    server_version: String,
    cancel_key: Option<CancelKey>,
}

/// The answer to a text of statements: what succeeded before the error, and what the server had to say besides.
#[derive(Debug, Default)]
pub struct Answered {
    /// One for each statement that succeeded.
    pub outcomes: Vec<Outcome>,
    /// Notices and warnings, in order.
    pub notices: Vec<ServerError>,
    /// Why there is no more.
    pub error: Option<ClientError>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("status", &self.status).field("in_step", &self.in_step).finish_non_exhaustive()
    }
}

impl Connection {
    /// A session whose start-up is over.
    pub(crate) fn new(transport: Transport, server_version: String, cancel_key: Option<CancelKey>) -> Self {
        Self { transport, status: TransactionStatus::Idle, in_step: true, server_version, cancel_key }
    }

    /// By what the statement that runs here can be cancelled, if the server has told.
    pub(crate) fn cancel_key(&self) -> Option<CancelKey> {
        self.cancel_key
    }

    /// What cancels the statement that this session is running, from anywhere; `None` when the server did not say how.
    #[must_use]
    pub fn canceller(&self, endpoint: &Endpoint) -> Option<Canceller> {
        Some(Canceller::new(endpoint.clone(), self.cancel_key?))
    }

    /// Whether a transaction is open.
    #[must_use]
    pub fn status(&self) -> TransactionStatus {
        self.status
    }

    /// `server_version` as the server announced it.
    #[must_use]
    pub fn server_version(&self) -> &str {
        &self.server_version
    }

    /// Whether the connection can take another request, as far as can be seen without asking the server.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.in_step
    }

    /// Whether the connection is usable and the server has not closed it in the meantime.
    pub fn is_alive(&mut self) -> bool {
        self.in_step && self.transport.is_quiet()
    }

    /// Runs one statement. Parameters stand in it as `$1`, `$2`, …, are given as text, and get the types that the server infers.
    ///
    /// # Errors
    /// When the server refuses, the connection fails, or the answer is too large.
    pub async fn query(&mut self, sql: &str, params: &[Option<String>]) -> Result<Outcome, ClientError> {
        self.query_within(sql, params, Limits::default()).await
    }

    /// [`Connection::query`] with an answer of limited size.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub async fn query_within(&mut self, sql: &str, params: &[Option<String>], limits: Limits) -> Result<Outcome, ClientError> {
        self.start(|out| write_extended(sql, params, limits, out))?;
        let mut outcomes = self.finish(limits).await?;
        Ok(outcomes.pop().unwrap_or_default())
    }

    /// Runs a text of any number of statements, which is one implicit transaction.
    ///
    /// # Errors
    /// As [`Connection::query`].
    pub async fn simple(&mut self, sql: &str) -> Result<Vec<Outcome>, ClientError> {
        self.start(|out| frontend::query(sql, out))?;
        self.finish(Limits::default()).await
    }

    /// [`Connection::simple`] for those who show an answer as far as it goes.
    pub async fn run(&mut self, sql: &str) -> Answered {
        let mut answer = Answer::new(Limits::default());
        let error = match self.start(|out| frontend::query(sql, out)) {
            Ok(()) => self.take_answer(&mut answer).await.err(),
            Err(error) => Some(error),
        };
        Answered { outcomes: answer.outcomes, notices: answer.notices, error: error.or(answer.error) }
    }

    /// Says good-bye. Dropping a connection without it is noticed by the server as well, only later.
    pub async fn close(mut self) {
        frontend::terminate(&mut self.transport.outgoing);
        // Whoever closes has no more use for the connection's troubles.
        let _ = self.transport.flush().await;
    }

    /// Writes a request, to be sent by the first read; one that cannot be written leaves the connection as it was.
    pub(crate) fn start(&mut self, write: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> Result<(), ClientError> {
        if !self.in_step {
            return Err(ClientError::Lost(io::Error::new(
                io::ErrorKind::NotConnected,
                "the connection was given up after an earlier failure",
            )));
        }
        if let Err(error) = write(&mut self.transport.outgoing) {
            self.transport.outgoing.clear();
            return Err(ClientError::Request(error.to_string()));
        }
        self.in_step = false;
        Ok(())
    }

    /// Sends what is written and takes answers up to the server's readiness.
    pub(crate) async fn finish(&mut self, limits: Limits) -> Result<Vec<Outcome>, ClientError> {
        let mut answer = Answer::new(limits);
        self.take_answer(&mut answer).await?;
        answer.finish()
    }

    async fn take_answer(&mut self, answer: &mut Answer) -> Result<(), ClientError> {
        self.transport.flush().await.map_err(ClientError::Lost)?;
        loop {
            match self.transport.read().await.map_err(lost)? {
                Message::ReadyForQuery(body) => return self.set_ready(body.status()),
                message => answer.take(message)?,
            }
        }
    }

    pub(crate) fn set_ready(&mut self, status: u8) -> Result<(), ClientError> {
        self.status = match status {
            b'I' => TransactionStatus::Idle,
            b'T' => TransactionStatus::Open,
            b'E' => TransactionStatus::Failed,
            other => return Err(ClientError::Protocol(format!("transaction status {other}"))),
        };
        self.in_step = true;
        Ok(())
    }
}

/// What could not be read: bytes that are no message are the server's fault, all else is the network's.
pub(crate) fn lost(error: io::Error) -> ClientError {
    if error.kind() == io::ErrorKind::InvalidData { ClientError::Protocol(error.to_string()) } else { ClientError::Lost(error) }
}

fn write_extended(sql: &str, params: &[Option<String>], limits: Limits, out: &mut BytesMut) -> io::Result<()> {
    frontend::parse("", sql, std::iter::empty(), out)?;
    let text_formats = std::iter::empty();
    let bound = frontend::bind(
        "",
        "",
        text_formats,
        params,
        |param: &Option<String>, out: &mut BytesMut| {
            let Some(text) = param else { return Ok(IsNull::Yes) };
            out.extend_from_slice(text.as_bytes());
            Ok(IsNull::No)
        },
        std::iter::empty(),
        out,
    );
    bound.map_err(|error| match error {
        BindError::Serialization(error) => error,
        BindError::Conversion(error) => io::Error::new(io::ErrorKind::InvalidInput, error),
    })?;
    frontend::describe(b'P', "", out)?;
    frontend::execute("", limits.rows_asked(), out)?;
    frontend::sync(out);
    Ok(())
}

/// How much of an answer that is too large is read for the sake of keeping the connection, in bytes.
const EXCESS_BYTES_MAX: usize = 16 * 1024 * 1024;

/// An answer as it comes in. After an error it still takes messages up to the server's readiness, so that the connection stays in step.
struct Answer {
    limits: Limits,
    outcomes: Vec<Outcome>,
    notices: Vec<ServerError>,
    current: Outcome,
    rows: usize,
    bytes: usize,
    error: Option<ClientError>,
}

impl Answer {
    fn new(limits: Limits) -> Self {
        Self { limits, outcomes: Vec::new(), notices: Vec::new(), current: Outcome::default(), rows: 0, bytes: 0, error: None }
    }

    /// An error from here ends the connection; one that does not is kept for [`Answer::finish`].
    fn take(&mut self, message: Message) -> Result<(), ClientError> {
        match message {
            Message::RowDescription(body) => self.current.columns = Outcome::read_columns(&body).map_err(lost)?,
            Message::DataRow(body) => return self.take_row(Row::read(&body).map_err(lost)?),
            Message::CommandComplete(body) => {
                body.tag().map_err(lost)?.clone_into(&mut self.current.tag);
                self.outcomes.push(std::mem::take(&mut self.current));
            }
            // More rows than were asked for; that they do not fit is known by then.
            Message::PortalSuspended => self.outcomes.push(std::mem::take(&mut self.current)),
            Message::EmptyQueryResponse => self.outcomes.push(std::mem::take(&mut self.current)),
            Message::ErrorResponse(body) => return self.take_error(ServerError::read(body.fields()).map_err(lost)?),
            Message::NoticeResponse(body) => self.take_notice(ServerError::read(body.fields()).map_err(lost)?),
            Message::CopyInResponse(_) | Message::CopyOutResponse(_) => return Err(ClientError::Copy),
            Message::ParseComplete
            | Message::BindComplete
            | Message::NoData
            | Message::ParameterStatus(_)
            | Message::NotificationResponse(_) => {}
            _ => return Err(ClientError::Protocol("an unexpected message while a statement runs".to_owned())),
        }
        Ok(())
    }

    fn take_row(&mut self, row: Row) -> Result<(), ClientError> {
        self.rows += 1;
        self.bytes += row.bytes();
        let Limits { rows_max, bytes_max } = self.limits;
        let exceeded = if self.rows > rows_max {
            Some(format!("the result has more than {rows_max} rows; select fewer, for example with LIMIT"))
        } else if self.bytes > bytes_max {
            Some(format!("the result has more than {bytes_max} bytes; select fewer rows or columns"))
        } else {
            None
        };
        match exceeded {
            None => self.current.rows.push(row),
            // Reading on costs time for nothing; beyond some of it a new connection is cheaper.
            Some(what) if self.bytes.saturating_sub(bytes_max) > EXCESS_BYTES_MAX => return Err(ClientError::TooLarge(what)),
            Some(what) => {
                self.current.rows.clear();
                self.error.get_or_insert(ClientError::TooLarge(what));
            }
        }
        Ok(())
    }

    /// Notices are beside the point: what is too much of them is dropped.
    fn take_notice(&mut self, notice: ServerError) {
        if self.notices.len() < NOTICES_MAX {
            self.notices.push(notice);
        }
    }

    fn take_error(&mut self, error: ServerError) -> Result<(), ClientError> {
        if error.is_fatal() {
            return Err(ClientError::Server(Box::new(error)));
        }
        // The server's own error says more than that its answer was too large.
        self.error = Some(ClientError::Server(Box::new(error)));
        Ok(())
    }

    fn finish(self) -> Result<Vec<Outcome>, ClientError> {
        self.error.map_or(Ok(self.outcomes), Err)
    }
}

//! The life of a connection after its startup: messages in, answers out.

use std::collections::HashMap;
use std::pin::Pin;
use std::time::Duration;

use borealis_engine::{Session, TransactionStatus};
use borealis_pgtypes::{Severity, SqlError, SqlState};
use bytes::{Buf, BytesMut};
use pgwire::messages::{DecodeContext, PgWireFrontendMessage, ProtocolVersion};
use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::time::{Sleep, sleep};

use crate::encode::{Formats, Scratch};
use crate::ending::Ending;
use crate::layout;
use crate::outgoing::Outgoing;
use crate::startup::fatal;
use crate::stream::Stream;

/// Room made for each read.
const READ_BYTES: usize = 16 << 10;
/// An input buffer that grew beyond this for one message is given back.
const KEPT_BYTES_MAX: usize = 256 << 10;

/// A connection with a session.
pub(crate) struct Connection {
    stream: Stream,
    input: BytesMut,
    decoding: DecodeContext,
    pub(crate) out: Outgoing,
    pub(crate) session: Session,
    pub(crate) scratch: Scratch,
    /// Result formats of the open portals.
    pub(crate) formats: HashMap<String, Formats>,
    /// Type of the message decoded last.
    pub(crate) kind: u8,
    /// After an error in the extended protocol everything up to Sync is skipped.
    pub(crate) skipping: bool,
    /// Rings before any open transaction is too old, so that none has to set an alarm of its own. Never set further ahead than a transaction may live.
    alarm: Pin<Box<Sleep>>,
}

/// What to do after a message.
pub(crate) enum Next {
    Continue,
    Close,
}

impl Connection {
    pub(crate) fn new(stream: Stream, session: Session, out: Outgoing) -> Self {
        let mut decoding = DecodeContext::new(ProtocolVersion::PROTOCOL3_0);
        decoding.awaiting_frontend_ssl = false;
        decoding.awaiting_frontend_startup = false;
        let alarm = Box::pin(sleep(session.transaction_age_max()));
        Self {
            stream,
            input: BytesMut::with_capacity(READ_BYTES),
            decoding,
            out,
            session,
            scratch: Scratch::default(),
            formats: HashMap::new(),
            kind: 0,
            skipping: false,
            alarm,
        }
    }

    /// Serves until the client leaves, is told to, or breaks the protocol.
    pub(crate) async fn run(mut self, mut ending: Ending) -> io::Result<()> {
        self.ready();
        let age = tokio::time::sleep(self.session.time_to_close());
        tokio::pin!(age);
        loop {
            let in_transaction = self.session.in_transaction();
            let message = tokio::select! {
                biased;
                () = ending.due(in_transaction) => Err(terminated()),
                // What has arrived is answered first: an age that is reached between Execute and Sync does not cut the answer in two.
                () = &mut age, if self.input.is_empty() => Err(aged(&self.session)),
                message = self.next_message() => message?,
            };
            let next = match message {
                Ok(Some(message)) => self.handle(message).await?,
                Ok(None) => return Ok(()),
                Err(error) => self.malformed(&error).await,
            };
            if self.session.is_severed() {
                // As a network that breaks: nothing of what is buffered is sent any more.
                return Ok(());
            }
            if matches!(next, Next::Close) {
                self.flush().await?;
                return self.stream.shutdown().await;
            }
        }
    }

    /// A message that cannot be taken: a fatal error ends the connection, any other is that message's answer.
    async fn malformed(&mut self, error: &SqlError) -> Next {
        if self.skipping && self.kind != b'Q' {
            return if error.fields().severity == Severity::Fatal { self.fail(error) } else { Next::Continue };
        }
        self.session.fail();
        let next = self.fail(error);
        if matches!(next, Next::Close) {
            return next;
        }
        if self.kind == b'Q' {
            self.skipping = false;
            self.sync().await;
        } else {
            self.skipping = true;
        }
        next
    }

    /// ReadyForQuery.
    pub(crate) fn ready(&mut self) {
        use bytes::BufMut;
        let status = match self.session.status() {
            TransactionStatus::Idle => b'I',
            TransactionStatus::InBlock => b'T',
            TransactionStatus::Failed => b'E',
        };
        self.out.buffer.put_slice(&[b'Z', 0, 0, 0, 5, status]);
    }

    /// The next message, all answers so far being written when it has to be waited for. `None` when the client has gone; the inner error is
    /// told to the client and ends the connection.
    pub(crate) async fn next_message(&mut self) -> io::Result<Result<Option<PgWireFrontendMessage>, SqlError>> {
        loop {
            match self.decode() {
                Ok(None) => {}
                decoded => return Ok(decoded),
            }
            self.flush().await?;
            if !self.read().await? {
                return Ok(Ok(None));
            }
        }
    }

    fn decode(&mut self) -> Result<Option<PgWireFrontendMessage>, SqlError> {
        if self.input.len() < 5 {
            return Ok(None);
        }
        let length = usize::try_from((&self.input[1..5]).get_u32()).unwrap_or(usize::MAX);
        if !(4..=self.session.message_bytes_max()).contains(&length) {
            return Err(fatal(SqlState::PROTOCOL_VIOLATION, "invalid message length"));
        }
        if self.input.len() < length + 1 {
            self.input.reserve(length + 1 - self.input.len());
            return Ok(None);
        }
        let kind = self.input[0];
        self.kind = kind;
        let mut message = self.input.split_to(length + 1);
        layout::check(kind, &message[5..])?;
        PgWireFrontendMessage::decode(&mut message, &self.decoding).map_err(|error| match error {
            pgwire::error::PgWireError::InvalidMessageType(kind) => {
                fatal(SqlState::PROTOCOL_VIOLATION, &format!("invalid frontend message type {kind}"))
            }
            error => fatal(SqlState::PROTOCOL_VIOLATION, &format!("invalid message format of type {kind}: {error}")),
        })
    }

    /// Whether the next message is a Sync that has arrived already.
    pub(crate) fn sync_follows(&self) -> bool {
        self.input.starts_with(&[b'S', 0, 0, 0, 4])
    }

    /// Reads what is there; false at the end of the stream. A transaction that becomes too old meanwhile lets go of its snapshot.
    async fn read(&mut self) -> io::Result<bool> {
        if self.input.is_empty() && self.input.capacity() > KEPT_BYTES_MAX {
            self.input = BytesMut::with_capacity(READ_BYTES);
        }
        self.input.reserve(READ_BYTES);
        loop {
            tokio::select! {
                biased;
                read = self.stream.read_buf(&mut self.input) => return Ok(read? > 0),
                () = &mut self.alarm => self.expire(),
            }
        }
    }

    fn expire(&mut self) {
        self.session.expire();
        let ahead = self.session.time_to_expiry().unwrap_or_else(|| self.session.transaction_age_max());
        self.alarm.set(sleep(ahead.max(Duration::from_millis(1))));
    }

    /// Writes all answers.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        if self.out.buffer.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&self.out.buffer).await?;
        self.stream.flush().await?;
        self.out.buffer.clear();
        Ok(())
    }

    async fn handle(&mut self, message: PgWireFrontendMessage) -> io::Result<Next> {
        use PgWireFrontendMessage as Message;
        match message {
            Message::Query(query) => {
                self.skipping = false;
                return self.simple_query(&query.query).await;
            }
            Message::Sync(_) => {
                self.skipping = false;
                self.sync().await;
            }
            Message::Terminate(_) => return Ok(Next::Close),
            _ if self.skipping => {}
            Message::Parse(parse) => self.parse(&parse).await,
            Message::Bind(bind) => self.bind(&bind).await,
            Message::Describe(describe) => self.describe(&describe),
            Message::Execute(execute) => return self.execute(&execute).await,
            Message::Close(close) => self.close(&close),
            Message::Flush(_) => self.flush().await?,
            // What a client still sends of a COPY that has failed.
            Message::CopyData(_) | Message::CopyDone(_) | Message::CopyFail(_) => {}
            other => {
                let text = format!("unexpected message {other:?}").chars().take(80).collect::<String>();
                self.out.error(&fatal(SqlState::PROTOCOL_VIOLATION, &text), None);
                return Ok(Next::Close);
            }
        }
        Ok(Next::Continue)
    }

    /// Tells the client of an error of a statement; a fatal one ends the connection.
    pub(crate) fn fail(&mut self, error: &SqlError) -> Next {
        self.out.error(error, Some(self.session.text()));
        if matches!(error.fields().severity, Severity::Fatal | Severity::Panic) || error.sqlstate() == SqlState::ADMIN_SHUTDOWN {
            Next::Close
        } else {
            Next::Continue
        }
    }
}

/// A statement that runs is not disturbed: the connection is closed behind its answer.
fn aged(session: &Session) -> SqlError {
    let mut error = session.too_old();
    error.fields_mut().severity = Severity::Fatal;
    error
}

fn terminated() -> SqlError {
    fatal(SqlState::ADMIN_SHUTDOWN, "terminating connection due to administrator command")
}

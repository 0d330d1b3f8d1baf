//! COPY: rows as a stream of bytes, in either direction.

use std::io;

use bytes::Bytes;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend::{self, CopyData};

use crate::connection::{Connection, Limits, lost};
use crate::error::{ClientError, ServerError};
use crate::outcome::Outcome;

/// How much COPY data is gathered before it is sent, in bytes.
const SEND_BYTES: usize = 256 * 1024;

/// A running `COPY … FROM STDIN`. Dropped before its end, it makes the connection unusable, and the server rolls the statement back.
#[derive(Debug)]
pub struct CopyIn<'a> {
    connection: &'a mut Connection,
}

/// A running `COPY … TO STDOUT`. Dropped before its end, it makes the connection unusable.
#[derive(Debug)]
pub struct CopyOut<'a> {
    connection: &'a mut Connection,
    /// Known at the end.
    outcome: Option<Outcome>,
}

impl Connection {
    /// Starts a `COPY … FROM STDIN`.
    ///
    /// # Errors
    /// When the server refuses, the connection fails, or the statement is another one.
    pub async fn copy_in(&mut self, sql: &str) -> Result<CopyIn<'_>, ClientError> {
        self.start_copy(sql, |message| matches!(message, Message::CopyInResponse(_))).await?;
        Ok(CopyIn { connection: self })
    }

    /// Starts a `COPY … TO STDOUT`.
    ///
    /// # Errors
    /// When the server refuses, the connection fails, or the statement is another one.
    pub async fn copy_out(&mut self, sql: &str) -> Result<CopyOut<'_>, ClientError> {
        self.start_copy(sql, |message| matches!(message, Message::CopyOutResponse(_))).await?;
        Ok(CopyOut { connection: self, outcome: None })
    }

    async fn start_copy(&mut self, sql: &str, is_start: impl Fn(&Message) -> bool) -> Result<(), ClientError> {
        self.start(|out| frontend::query(sql, out))?;
        self.transport.flush().await.map_err(ClientError::Lost)?;
        let mut refusal = None;
        loop {
            match self.transport.read().await.map_err(lost)? {
                message if is_start(&message) => return Ok(()),
                Message::NoticeResponse(_) | Message::ParameterStatus(_) => {}
                Message::ErrorResponse(body) => refusal = Some(ServerError::read(body.fields()).map_err(lost)?),
                Message::ReadyForQuery(body) => {
                    self.set_ready(body.status())?;
                    let other = || ClientError::Request("the statement is not a COPY in this direction".to_owned());
                    return Err(refusal.map_or_else(other, |error| ClientError::Server(Box::new(error))));
                }
                Message::CopyInResponse(_) | Message::CopyOutResponse(_) => return Err(ClientError::Copy),
                _ => {}
            }
        }
    }
}

impl CopyIn<'_> {
    /// Gives the server the next bytes, cut anywhere.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn send(&mut self, data: &[u8]) -> Result<(), ClientError> {
        let transport = &mut self.connection.transport;
        CopyData::new(data).map_err(|error| ClientError::Request(error.to_string()))?.write(&mut transport.outgoing);
        if transport.outgoing.len() >= SEND_BYTES { transport.flush().await.map_err(ClientError::Lost) } else { Ok(()) }
    }

    /// Ends the data.
    ///
    /// # Errors
    /// When the server refuses the data or the connection fails.
    pub async fn finish(self) -> Result<Outcome, ClientError> {
        frontend::copy_done(&mut self.connection.transport.outgoing);
        Ok(self.connection.finish(Limits::default()).await?.pop().unwrap_or_default())
    }

    /// Has the server forget the data; its error is the answer to the statement.
    ///
    /// # Errors
    /// When the connection fails.
    pub async fn abandon(self, reason: &str) -> Result<(), ClientError> {
        let reason: String = reason.chars().filter(|letter| *letter != '\0').collect();
        frontend::copy_fail(&reason, &mut self.connection.transport.outgoing).map_err(|error| ClientError::Request(error.to_string()))?;
        match self.connection.finish(Limits::default()).await {
            Err(error) if error.ends_connection() => Err(error),
            _ => Ok(()),
        }
    }
}

impl CopyOut<'_> {
    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// When the server fails the statement or the connection fails.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ClientError> {
        while self.outcome.is_none() {
            match self.connection.transport.read().await.map_err(lost)? {
                Message::CopyData(body) => return Ok(Some(body.into_bytes())),
                Message::CopyDone => self.finish().await?,
                Message::ErrorResponse(body) => {
                    let error = ClientError::Server(Box::new(ServerError::read(body.fields()).map_err(lost)?));
                    if !error.ends_connection() {
                        self.finish().await?;
                    }
                    return Err(error);
                }
                Message::NoticeResponse(_) | Message::ParameterStatus(_) => {}
                _ => return Err(ClientError::Lost(io::Error::new(io::ErrorKind::InvalidData, "an unexpected message in COPY data"))),
            }
        }
        Ok(None)
    }

    /// The statement's tag; without one before [`CopyOut::next`] has given `None`.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome.clone().unwrap_or_default()
    }

    async fn finish(&mut self) -> Result<(), ClientError> {
        self.outcome = Some(Outcome::default());
        self.outcome = self.connection.finish(Limits::default()).await?.pop();
        Ok(())
    }
}

//! The simple query protocol.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use borealis_engine::{CopyInfo, Executed};
use borealis_pgtypes::{SqlError, SqlState};
use borealis_sql::bound::OutputColumn;
use futures::FutureExt;
use pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage, copy};
use tokio::io;

use crate::encode::{Formats, row_description};
use crate::rows::RowSink;
use crate::session_loop::{Connection, Next};

/// What is known of a statement before it runs: its columns, if it has any.
type Opened = Result<Option<Arc<[OutputColumn]>>, SqlError>;

/// How a portal's execution ended.
pub(crate) enum Ran {
    /// Answered, CommandComplete and the like included.
    Done,
    /// Answered with an error; the client has been told.
    Failed(Next),
}

impl Connection {
    pub(crate) async fn simple_query(&mut self, text: &str) -> io::Result<Next> {
        let mut next = self.run_script(text).await?;
        if matches!(next, Next::Continue) {
            if let Err(error) = self.session.sync().await {
                next = self.fail(&error);
            }
            self.ready();
        }
        self.formats.clear();
        Ok(next)
    }

    async fn run_script(&mut self, text: &str) -> io::Result<Next> {
        if let Some(opened) = self.session.open_recent(text).await {
            return self.run_opened(opened, true).await.map(|ran| ran.err().unwrap_or(Next::Continue));
        }
        let statements = match self.session.parse_script(text) {
            Ok(statements) => statements,
            Err(error) => return Ok(self.fail(&error)),
        };
        if statements.is_empty() {
            self.out.bare(b'I');
        }
        let last = statements.len().saturating_sub(1);
        for (index, parsed) in statements.into_iter().enumerate() {
            if let Err(error) = self.session.take_turn(&text[parsed.text.clone()]).await {
                return Ok(self.fail(&error));
            }
            let opened = self.guarded(|session| session.open_statement(text, parsed));
            if let Err(next) = self.run_opened(opened, index == last).await? {
                return Ok(next);
            }
        }
        Ok(Next::Continue)
    }

    /// Runs a statement in the unnamed portal to its end. The error is what to do after one that failed; the client has been told.
    async fn run_opened(&mut self, opened: Opened, ends: bool) -> io::Result<Result<(), Next>> {
        let columns = match opened {
            Ok(columns) => columns,
            Err(error) => return Ok(Err(self.fail(&error))),
        };
        if let Some(columns) = &columns {
            row_description(&mut self.out.buffer, columns, &Formats::Text);
        }
        let columns = columns.unwrap_or_default();
        match self.run_portal("", 0, ends, &columns, &Formats::Text).await? {
            Ran::Done => Ok(Ok(())),
            Ran::Failed(next) => Ok(Err(next)),
        }
    }

    /// Runs a portal to its end or its row limit, writing as the buffer fills.
    pub(crate) async fn run_portal(
        &mut self,
        portal: &str,
        max_rows: usize,
        ends: bool,
        columns: &Arc<[OutputColumn]>,
        formats: &Formats,
    ) -> io::Result<Ran> {
        loop {
            match self.execute_once(portal, max_rows, ends, columns, formats).await {
                Ok(Executed::Complete(tag)) => self.out.command_complete(&tag),
                Ok(Executed::Empty) => self.out.bare(b'I'),
                Ok(Executed::Suspended) => self.out.bare(b's'),
                Ok(Executed::Full) => {
                    self.flush().await?;
                    continue;
                }
                Ok(Executed::CopyOut(info)) => {
                    if let Err(error) = self.copy_out(portal, ends, columns, &info).await? {
                        return Ok(Ran::Failed(self.fail(&error)));
                    }
                }
                Ok(Executed::CopyIn(info)) => return self.copy_in(ends, &info).await,
                Err(error) => return Ok(Ran::Failed(self.fail(&error))),
            }
            return Ok(Ran::Done);
        }
    }

    /// One step of a portal. A panic is a broken invariant of this statement only: it fails and the connection lives.
    async fn execute_once(
        &mut self,
        portal: &str,
        max_rows: usize,
        ends: bool,
        columns: &Arc<[OutputColumn]>,
        formats: &Formats,
    ) -> Result<Executed, SqlError> {
        let settings = self.session.types();
        let mut sink =
            RowSink { out: &mut self.out, columns: columns.clone(), formats: formats.clone(), settings, scratch: &mut self.scratch };
        let executed = AssertUnwindSafe(self.session.execute(portal, max_rows, ends, &mut sink)).catch_unwind().await;
        executed.unwrap_or_else(|panic| {
            self.session.fail();
            Err(broken(panic.as_ref()))
        })
    }

    /// A call of the session that may panic.
    pub(crate) fn guarded<T>(&mut self, call: impl FnOnce(&mut borealis_engine::Session) -> Result<T, SqlError>) -> Result<T, SqlError> {
        let called = std::panic::catch_unwind(AssertUnwindSafe(|| call(&mut self.session)));
        called.unwrap_or_else(|panic| {
            self.session.fail();
            Err(broken(panic.as_ref()))
        })
    }

    async fn copy_out(
        &mut self,
        portal: &str,
        ends: bool,
        columns: &Arc<[OutputColumn]>,
        info: &CopyInfo,
    ) -> io::Result<Result<(), SqlError>> {
        let count = i16::try_from(info.columns).unwrap_or(i16::MAX);
        self.out.message(&PgWireBackendMessage::CopyOutResponse(copy::CopyOutResponse::new(
            i8::from(info.binary),
            count,
            vec![i16::from(info.binary); info.columns],
        )));
        loop {
            match self.execute_once(portal, 0, ends, columns, &Formats::Text).await {
                Ok(Executed::Complete(tag)) => {
                    self.out.bare(b'c');
                    self.out.command_complete(&tag);
                    return Ok(Ok(()));
                }
                Ok(_) => self.flush().await?,
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    async fn copy_in(&mut self, ends: bool, info: &CopyInfo) -> io::Result<Ran> {
        let count = i16::try_from(info.columns).unwrap_or(i16::MAX);
        self.out.message(&PgWireBackendMessage::CopyInResponse(copy::CopyInResponse::new(
            i8::from(info.binary),
            count,
            vec![i16::from(info.binary); info.columns],
        )));
        loop {
            let message = match self.next_message().await? {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(Ran::Failed(Next::Close)),
                Err(error) => return Ok(Ran::Failed(self.fail(&error))),
            };
            let taken = match message {
                PgWireFrontendMessage::CopyData(data) => self.guarded(|session| session.copy_data(&data.data)),
                PgWireFrontendMessage::CopyDone(_) => {
                    return Ok(match self.session.copy_done(ends).await {
                        Ok(Executed::Complete(tag)) => {
                            self.out.command_complete(&tag);
                            Ran::Done
                        }
                        Ok(_) => Ran::Done,
                        Err(error) => Ran::Failed(self.fail(&error)),
                    });
                }
                PgWireFrontendMessage::CopyFail(fail) => Err(self.session.copy_fail(&fail.message)),
                PgWireFrontendMessage::Flush(_) | PgWireFrontendMessage::Sync(_) => Ok(()),
                PgWireFrontendMessage::Terminate(_) => return Ok(Ran::Failed(Next::Close)),
                _ => {
                    self.session.fail();
                    let text = format!("unexpected message type 0x{:02X} during COPY from stdin", self.kind);
                    Err(SqlError::new(SqlState::PROTOCOL_VIOLATION, text))
                }
            };
            if let Err(error) = taken {
                return Ok(Ran::Failed(self.fail(&error)));
            }
        }
    }
}

fn broken(panic: &(dyn std::any::Any + Send)) -> SqlError {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned()).or_else(|| panic.downcast_ref::<String>().cloned());
    tracing::error!(panic = text.as_deref().unwrap_or("unknown"), "a statement broke an invariant");
    SqlError::internal("internal error").detail(text.unwrap_or_default())
}

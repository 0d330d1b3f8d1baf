//! The buffer of answers on their way to the client.

use borealis_pgtypes::{Severity, SqlError};
use bytes::{BufMut, BytesMut};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::response::{ErrorResponse, NoticeResponse};

/// Above this much the buffer is written before more is made.
pub(crate) const FLUSH_BYTES: usize = 64 << 10;

/// Answers not yet written.
#[derive(Default)]
pub(crate) struct Outgoing {
    pub(crate) buffer: BytesMut,
}

impl Outgoing {
    /// Appends a message. Ours are all well within the protocol's sizes.
    pub(crate) fn message(&mut self, message: &PgWireBackendMessage) {
        let start = self.buffer.len();
        if let Err(error) = message.encode(&mut self.buffer) {
            tracing::error!(%error, "a message could not be encoded");
            self.buffer.truncate(start);
        }
    }

    /// A message without a body.
    pub(crate) fn bare(&mut self, kind: u8) {
        self.buffer.put_u8(kind);
        self.buffer.put_i32(4);
    }

    /// CommandComplete.
    pub(crate) fn command_complete(&mut self, tag: &str) {
        self.buffer.put_u8(b'C');
        self.buffer.put_i32(i32::try_from(tag.len() + 5).unwrap_or(i32::MAX));
        self.buffer.put_slice(tag.as_bytes());
        self.buffer.put_u8(0);
    }

    /// ErrorResponse; `text` is the statement string that positions count in.
    pub(crate) fn error(&mut self, error: &SqlError, text: Option<&str>) {
        self.message(&PgWireBackendMessage::ErrorResponse(ErrorResponse::new(fields(error, text))));
    }

    /// NoticeResponse.
    pub(crate) fn notice(&mut self, notice: &SqlError) {
        self.message(&PgWireBackendMessage::NoticeResponse(NoticeResponse::new(fields(notice, None))));
    }

    /// ParameterStatus.
    pub(crate) fn parameter(&mut self, name: &str, value: &str) {
        self.buffer.put_u8(b'S');
        self.buffer.put_i32(i32::try_from(name.len() + value.len() + 6).unwrap_or(i32::MAX));
        for part in [name, value] {
            self.buffer.put_slice(part.as_bytes());
            self.buffer.put_u8(0);
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.buffer.len() >= FLUSH_BYTES
    }
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "ERROR",
        Severity::Fatal => "FATAL",
        Severity::Panic => "PANIC",
        Severity::Warning => "WARNING",
        Severity::Notice => "NOTICE",
        Severity::Debug => "DEBUG",
        Severity::Info => "INFO",
        Severity::Log => "LOG",
    }
}

/// The error as protocol fields. Positions are turned from byte offsets into 1-based characters.
fn fields(error: &SqlError, text: Option<&str>) -> Vec<(u8, String)> {
    let error = error.fields();
    let mut fields = vec![
        (b'S', severity(error.severity).to_owned()),
        (b'V', severity(error.severity).to_owned()),
        (b'C', error.sqlstate.to_string()),
        (b'M', error.message.clone()),
    ];
    let position = error.position.zip(text).and_then(|(byte, text)| Some(text.get(..byte)?.chars().count() + 1));
    let optional = [
        (b'D', error.detail.clone()),
        (b'H', error.hint.clone()),
        (b'P', position.map(|position| position.to_string())),
        (b'W', error.context.clone()),
        (b's', error.schema.clone()),
        (b't', error.table.clone()),
        (b'c', error.column.clone()),
        (b'd', error.datatype.clone()),
        (b'n', error.constraint.clone()),
        (b'R', error.routine.map(str::to_owned)),
    ];
    fields.extend(optional.into_iter().filter_map(|(kind, value)| Some((kind, value?))));
    fields
}

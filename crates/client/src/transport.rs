//! Messages in and out of a byte stream.

use std::io;
use std::time::Duration;

use bytes::{BufMut as _, BytesMut};
use postgres_protocol::message::backend::{Header, Message};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// What messages travel on: a TCP connection, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + Sync {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + Sync> Stream for T {}

/// The largest message taken from a server, in bytes. PostgreSQL sends none beyond 1 GiB, Aurora DSQL's rows end at 2 MiB.
const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;
const READ_BYTES: usize = 16 * 1024;

/// A connection as a sequence of messages.
pub(crate) struct Transport {
    stream: Box<dyn Stream>,
    incoming: BytesMut,
    /// What has been written but not sent yet.
    pub(crate) outgoing: BytesMut,
    /// How long the server may be silent while it owes an answer.
    answer_timeout: Option<Duration>,
}

impl Transport {
    pub(crate) fn new(stream: Box<dyn Stream>, answer_timeout: Option<Duration>) -> Self {
        Self { stream, incoming: BytesMut::with_capacity(READ_BYTES), outgoing: BytesMut::new(), answer_timeout }
    }

    /// Sends everything written so far.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&self.outgoing).await?;
        self.outgoing.clear();
        self.stream.flush().await
    }

    /// The next message.
    pub(crate) async fn read(&mut self) -> io::Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.incoming)? {
                return Ok(message);
            }
            self.check_size()?;
            self.incoming.reserve(READ_BYTES);
            if self.receive().await? == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed the connection"));
            }
        }
    }

    async fn receive(&mut self) -> io::Result<usize> {
        let read = self.stream.read_buf(&mut self.incoming);
        let Some(limit) = self.answer_timeout else { return read.await };
        let silent = |_| io::Error::new(io::ErrorKind::TimedOut, format!("the server has been silent for {} seconds", limit.as_secs()));
        tokio::time::timeout(limit, read).await.map_err(silent)?
    }

    /// Takes what has arrived without waiting: `true` while the connection is open and nobody has said anything.
    pub(crate) fn is_quiet(&mut self) -> bool {
        use std::pin::Pin;
        use std::task::{Context, Poll, Waker};
        if !self.incoming.is_empty() {
            return false;
        }
        let mut spare = [0; 1];
        let mut spare = tokio::io::ReadBuf::new(&mut spare);
        let mut context = Context::from_waker(Waker::noop());
        match Pin::new(&mut self.stream).poll_read(&mut context, &mut spare) {
            Poll::Pending => true,
            Poll::Ready(read) => {
                if read.is_ok() {
                    self.incoming.put_slice(spare.filled());
                }
                false
            }
        }
    }

    fn check_size(&self) -> io::Result<()> {
        match Header::parse(&self.incoming)? {
            Some(header) if usize::try_from(header.len()).is_ok_and(|length| length > MESSAGE_BYTES_MAX) => {
                Err(io::Error::new(io::ErrorKind::InvalidData, format!("a message of {} bytes", header.len())))
            }
            _ => Ok(()),
        }
    }
}

//! The protocol inside a WebSocket, for clients that can open nothing else: `wss://<endpoint>`, path empty, binary frames that carry the very bytes of
//! the protocol, cut anywhere. Encryption is the outer TLS, so nothing inside asks for any.
//!
//! A client that speaks TLS from the first byte, has not agreed on `postgresql`, and then says `GET ` wants this: no startup packet is that long.

#![allow(clippy::result_large_err)] // the refusal's type is the handshake's own

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use futures::{Sink, Stream as _};
use tokio::io::{self, AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};

/// What a request for a WebSocket begins with.
const GET: [u8; 4] = *b"GET ";
/// Largest frame a client may send: a message of the protocol has at most 10 MiB.
const FRAME_BYTES_MAX: usize = 16 << 20;
/// Most bytes of answers in one frame.
const ANSWER_BYTES_MAX: usize = 64 << 10;

/// Whether a client that names the page it comes from is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pages {
    /// It proves who it is inside, as everybody does.
    Welcome,
    /// Nobody proves anything: any page a browser shows could connect to a server of the same machine.
    Refused,
}

/// What a client with TLS turned out to be.
pub(crate) enum Accepted {
    WebSocket(Box<WebSocket>),
    /// Something else; the first four bytes it sent are lost.
    Other(Box<TlsStream<TcpStream>>),
}

/// Takes a client that has just agreed on TLS, or gives it back when it wants something else. One whose request is refused has been told, and is an
/// error here.
pub(crate) async fn accept(mut tls: Box<TlsStream<TcpStream>>, pages: Pages) -> io::Result<Accepted> {
    let mut head = [0; 4];
    // Whoever sends less says nothing that could be answered.
    tls.read_exact(&mut head).await?;
    if head != GET {
        return Ok(Accepted::Other(tls));
    }
    let stream = Prefixed { head: Bytes::copy_from_slice(&head), tls };
    let config = WebSocketConfig::default().max_message_size(Some(FRAME_BYTES_MAX)).max_frame_size(Some(FRAME_BYTES_MAX));
    let check = |request: &Request, response| check(request, response, pages);
    let socket = accept_hdr_async_with_config(stream, check, Some(config)).await.map_err(broken)?;
    Ok(Accepted::WebSocket(Box::new(WebSocket { socket, unread: Bytes::new() })))
}

fn check(request: &Request, response: Response, pages: Pages) -> Result<Response, ErrorResponse> {
    let refuse = |status, text: &str| {
        let mut refusal = ErrorResponse::new(Some(text.to_owned()));
        *refusal.status_mut() = status;
        Err(refusal)
    };
    if !matches!(request.uri().path(), "" | "/") {
        return refuse(StatusCode::NOT_FOUND, "the WebSocket of the database is at the path /\n");
    }
    if pages == Pages::Refused && request.headers().contains_key(header::ORIGIN) {
        return refuse(
            StatusCode::FORBIDDEN,
            "this server trusts everybody, so it takes no connections from web pages; serve with --auth iam\n",
        );
    }
    Ok(response)
}

/// The stream of bytes inside a WebSocket.
pub(crate) struct WebSocket {
    socket: WebSocketStream<Prefixed>,
    /// What of the last frame has not been read yet.
    unread: Bytes,
}

impl WebSocket {
    pub(crate) fn tls(&self) -> &TlsStream<TcpStream> {
        &self.socket.get_ref().tls
    }
}

impl AsyncRead for WebSocket {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            match ready!(Pin::new(&mut self.socket).poll_next(context)) {
                Some(Ok(Message::Binary(bytes))) => self.unread = bytes,
                Some(Ok(Message::Text(_))) => return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "a text frame"))),
                // Pings are answered where they are read; after a Close comes the end.
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_))) => {}
                Some(Err(Error::ConnectionClosed | Error::AlreadyClosed)) | None => return Poll::Ready(Ok(())),
                Some(Err(error)) => return Poll::Ready(Err(broken(error))),
            }
        }
        let length = self.unread.len().min(buffer.remaining());
        buffer.put_slice(&self.unread.split_to(length));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for WebSocket {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let data = &data[..data.len().min(ANSWER_BYTES_MAX)];
        let mut socket = Pin::new(&mut self.socket);
        ready!(socket.as_mut().poll_ready(context)).map_err(broken)?;
        socket.start_send(Message::Binary(Bytes::copy_from_slice(data))).map_err(broken)?;
        Poll::Ready(Ok(data.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context).map_err(broken)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match ready!(Pin::new(&mut self.socket).poll_close(context)) {
            Ok(()) | Err(Error::ConnectionClosed | Error::AlreadyClosed) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(broken(error))),
        }
    }
}

fn broken(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        other => io::Error::other(other),
    }
}

/// The encrypted stream, and what was read of it to see what the client wants.
struct Prefixed {
    head: Bytes,
    tls: Box<TlsStream<TcpStream>>,
}

impl AsyncRead for Prefixed {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.head.is_empty() {
            return Pin::new(&mut self.tls).poll_read(context, buffer);
        }
        let length = self.head.len().min(buffer.remaining());
        buffer.put_slice(&self.head[..length]);
        self.head.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Prefixed {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tls).poll_write(context, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_shutdown(context)
    }
}

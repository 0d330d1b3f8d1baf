//! From an accepted socket to a startup packet: encryption requests, cancel requests, options.

use std::sync::Arc;

use borealis_pgtypes::{Severity, SqlError, SqlState};
use bytes::{Buf, BytesMut};
use pgwire::messages::startup::Startup;
use pgwire::messages::{DecodeContext, Message};
use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::layout;
use crate::outgoing::Outgoing;
use crate::stream::Stream;
use crate::tls::ALPN;
use crate::websocket::{self, Accepted, Pages};
use crate::{Authentication, Plaintext, ServerOptions};

/// Longest startup packet, as in PostgreSQL.
const STARTUP_BYTES_MAX: usize = 10_000;
/// Encryption requests one connection may make: GSS, then SSL, then a startup packet.
const REQUESTS_MAX: usize = 4;
/// First byte of a TLS record with a handshake message.
const TLS_HANDSHAKE: u8 = 0x16;

const NO_ALPN: &str = "received direct SSL connection request without ALPN protocol negotiation extension";

const CANCEL_REQUEST: u32 = 80_877_102;
const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;

/// What a connection turned out to want.
pub(crate) enum Opened {
    /// A session.
    Session { stream: Stream, request: Request },
    /// To cancel what another one runs.
    Cancel { pid: i32, secret: i32 },
    /// Nothing: closed, or refused with a message already sent.
    Closed,
}

/// A startup packet, understood.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) user: String,
    pub(crate) database: Option<String>,
    /// Parameters and `-c` options in order.
    pub(crate) parameters: Vec<(String, String)>,
    /// `amzn-cluster-id`.
    pub(crate) cluster: Option<String>,
    /// Protocol extensions (`_pq_.*`) and whether a minor version above 0 was asked for: both are negotiated away.
    pub(crate) unsupported: Vec<String>,
    pub(crate) minor: u16,
}

/// Reads up to the startup packet.
pub(crate) async fn open(socket: TcpStream, options: &ServerOptions) -> io::Result<Opened> {
    let ServerOptions { tls, plaintext, authentication, .. } = options;
    let mut first = [0];
    if socket.peek(&mut first).await? == 0 {
        return Ok(Opened::Closed);
    }
    let mut stream = Stream::Plain(socket);
    if first[0] == TLS_HANDSHAKE {
        stream = encrypt(stream, tls).await?;
        if stream.alpn() != Some(ALPN) {
            let pages = if matches!(authentication, Authentication::Trust) { Pages::Refused } else { Pages::Welcome };
            stream = match upgrade(stream, pages).await? {
                Ok(stream) => stream,
                Err(stream) => return refuse(stream, &fatal(SqlState::PROTOCOL_VIOLATION, NO_ALPN)).await,
            };
        }
    }
    for _ in 0..REQUESTS_MAX {
        let Some(mut packet) = read_packet(&mut stream).await? else { return Ok(Opened::Closed) };
        match (&packet[4..]).get_u32() {
            SSL_REQUEST if matches!(stream, Stream::Plain(_)) => {
                stream.write_all(b"S").await?;
                stream = encrypt(stream, tls).await?;
            }
            SSL_REQUEST | GSS_REQUEST => stream.write_all(b"N").await?,
            CANCEL_REQUEST if packet.len() == 16 => {
                let mut body = &packet[8..];
                return Ok(Opened::Cancel { pid: body.get_i32(), secret: body.get_i32() });
            }
            _ => return startup(stream, &mut packet, *plaintext).await,
        }
    }
    Ok(Opened::Closed)
}

async fn encrypt(stream: Stream, tls: &Arc<rustls::ServerConfig>) -> io::Result<Stream> {
    match stream {
        Stream::Plain(socket) => Ok(Stream::Tls(Box::new(TlsAcceptor::from(tls.clone()).accept(socket).await?))),
        Stream::Tls(_) | Stream::WebSocket(_) => Ok(stream),
    }
}

/// The WebSocket that a client with TLS asks for, or the stream again when it does not.
async fn upgrade(stream: Stream, pages: Pages) -> io::Result<Result<Stream, Stream>> {
    let Stream::Tls(tls) = stream else { return Ok(Err(stream)) };
    Ok(match websocket::accept(tls, pages).await? {
        Accepted::WebSocket(socket) => Ok(Stream::WebSocket(socket)),
        Accepted::Other(tls) => Err(Stream::Tls(tls)),
    })
}

/// A packet without a type byte, its length included; `None` at the end of the stream.
async fn read_packet(stream: &mut Stream) -> io::Result<Option<BytesMut>> {
    let mut length = [0; 4];
    match stream.read_exact(&mut length).await {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let size = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if !(8..=STARTUP_BYTES_MAX).contains(&size) {
        let mut out = Outgoing::default();
        out.error(&fatal(SqlState::PROTOCOL_VIOLATION, "invalid length of startup packet"), None);
        stream.write_all(&out.buffer).await?;
        stream.shutdown().await?;
        return Ok(None);
    }
    let mut packet = BytesMut::zeroed(size);
    packet[..4].copy_from_slice(&length);
    stream.read_exact(&mut packet[4..]).await?;
    Ok(Some(packet))
}

async fn startup(stream: Stream, packet: &mut BytesMut, plaintext: Plaintext) -> io::Result<Opened> {
    let major = (&packet[4..]).get_u16();
    if major != 3 {
        let minor = (&packet[6..]).get_u16();
        let text = format!("unsupported frontend protocol {major}.{minor}: server supports 3.0 to 3.0");
        return refuse(stream, &fatal(SqlState::FEATURE_NOT_SUPPORTED, &text)).await;
    }
    if matches!(stream, Stream::Plain(_)) && plaintext == Plaintext::Refused {
        // 28000 would make libpq with sslmode=prefer, and asyncpg, try again without TLS.
        let error = fatal(SqlState::PROTOCOL_VIOLATION, "unable to accept connection, SSL is mandatory")
            .hint("Connect with sslmode=require or stronger.");
        return refuse(stream, &error).await;
    }
    let layout = "invalid startup packet layout: expected terminator as last byte";
    if !layout::startup_is_terminated(&packet[8..]) {
        return refuse(stream, &fatal(SqlState::PROTOCOL_VIOLATION, layout)).await;
    }
    match Startup::decode(packet, &DecodeContext::default()) {
        Ok(Some(startup)) => match understand(startup) {
            Ok(request) => Ok(Opened::Session { stream, request }),
            Err(error) => refuse(stream, &error).await,
        },
        Ok(None) | Err(_) => refuse(stream, &fatal(SqlState::PROTOCOL_VIOLATION, layout)).await,
    }
}

fn understand(startup: Startup) -> Result<Request, SqlError> {
    let mut request = Request { minor: startup.protocol_number_minor, ..Request::default() };
    let mut options = Vec::new();
    for (name, value) in startup.parameters {
        match name.as_str() {
            "user" => request.user = value,
            "database" => request.database = Some(value),
            "options" => options = parse_options(&value)?,
            "amzn-cluster-id" => request.cluster = Some(value),
            "replication" if matches!(value.as_str(), "false" | "off" | "no" | "0") => {}
            "replication" => return Err(fatal(SqlState::FEATURE_NOT_SUPPORTED, "replication connections are not supported")),
            extension if extension.starts_with("_pq_.") => request.unsupported.push(name),
            _ => request.parameters.push((name, value)),
        }
    }
    for (name, value) in options {
        if name == "amzn-cluster-id" {
            request.cluster = Some(value);
        } else {
            request.parameters.push((name, value));
        }
    }
    if request.user.is_empty() {
        let text = "no PostgreSQL user name specified in startup packet";
        return Err(fatal(SqlState::INVALID_AUTHORIZATION_SPECIFICATION, text));
    }
    Ok(request)
}

/// `-c name=value`, `-cname=value` and `--name=value`; a backslash takes the next character as it is.
fn parse_options(text: &str) -> Result<Vec<(String, String)>, SqlError> {
    let mut words = split_words(text).into_iter();
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        let setting = if word == "-c" {
            words.next().ok_or_else(|| fatal(SqlState::SYNTAX_ERROR, "-c requires a value"))?
        } else if let Some(setting) = word.strip_prefix("--").or_else(|| word.strip_prefix("-c")) {
            setting.to_owned()
        } else {
            let text = format!("invalid command-line argument for server process: {word}");
            return Err(fatal(SqlState::SYNTAX_ERROR, &text));
        };
        let Some((name, value)) = setting.split_once('=') else {
            return Err(fatal(SqlState::SYNTAX_ERROR, &format!("-c {setting} requires a value")));
        };
        // PostgreSQL reads dashes as underscores here; the cluster id keeps its spelling.
        let name = if name == "amzn-cluster-id" { name.to_owned() } else { name.replace('-', "_") };
        options.push((name, value.to_owned()));
    }
    Ok(options)
}

fn split_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => word.get_or_insert_default().extend(characters.next()),
            blank if blank.is_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

pub(crate) async fn refuse(mut stream: Stream, error: &SqlError) -> io::Result<Opened> {
    let mut out = Outgoing::default();
    out.error(error, None);
    stream.write_all(&out.buffer).await?;
    stream.shutdown().await?;
    Ok(Opened::Closed)
}

pub(crate) fn fatal(state: SqlState, text: &str) -> SqlError {
    SqlError::with_severity(Severity::Fatal, state, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let options = parse_options(text).expect("well-formed");
        let expected: Vec<_> = expected.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(options, expected, "{text}");
    }

    #[test]
    fn options_in_all_spellings() {
        check("", &[]);
        check("-c search_path=a,b", &[("search_path", "a,b")]);
        check("  -csearch_path=a --time-zone=UTC ", &[("search_path", "a"), ("time_zone", "UTC")]);
        check("-c application_name=two\\ words", &[("application_name", "two words")]);
        check("-c amzn-cluster-id=abc", &[("amzn-cluster-id", "abc")]);
    }

    #[test]
    fn malformed_options_are_refused() {
        for text in ["-c", "-c x", "--x", "-d 1", "x=1"] {
            assert_eq!(parse_options(text).expect_err(text).sqlstate(), SqlState::SYNTAX_ERROR);
        }
    }
}

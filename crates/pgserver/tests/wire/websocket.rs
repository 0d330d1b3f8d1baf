//! The protocol inside a WebSocket.

use std::sync::Arc;

use futures::{SinkExt, StreamExt};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use crate::messages::{line, query, startup};
use crate::peer::Rig;

type Socket = WebSocketStream<TlsStream<TcpStream>>;

async fn encrypted(rig: &Rig, host: &str, protocols: &[&[u8]]) -> TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(rig.certificate.as_bytes()).expect("PEM")).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let socket = TcpStream::connect(rig.address).await.expect("connected");
    let name = ServerName::try_from(host.to_owned()).expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, socket).await.expect("TLS")
}

/// The answer to a request for a WebSocket: the socket, or the status of the refusal.
async fn ask(rig: &Rig, host: &str, path: &str, headers: &[(&'static str, &'static str)]) -> Result<Socket, u16> {
    let stream = encrypted(rig, host, &[b"http/1.1"]).await;
    let mut request = format!("wss://{host}{path}").into_client_request().expect("a request");
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().expect("a value"));
    }
    match client_async(request, stream).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Http(response)) => Err(response.status().as_u16()),
        Err(error) => panic!("{error}"),
    }
}

/// Sends bytes in frames cut after every `size`.
async fn send(socket: &mut Socket, bytes: &[u8], size: usize) {
    for piece in bytes.chunks(size) {
        socket.send(Message::Binary(Bytes::copy_from_slice(piece))).await.expect("sent");
    }
}

/// Answers up to ReadyForQuery or the end.
async fn answers(socket: &mut Socket) -> Vec<String> {
    let (mut bytes, mut lines) = (Vec::new(), Vec::new());
    loop {
        while bytes.len() >= 5 {
            let length = u32::from_be_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]) as usize;
            if bytes.len() < length + 1 {
                break;
            }
            let message: Vec<u8> = bytes.drain(..=length).collect();
            if !matches!(message[0], b'R' | b'S' | b'K') {
                lines.push(line(message[0], &message[5..]));
            }
            if message[0] == b'Z' {
                return lines;
            }
        }
        match socket.next().await {
            Some(Ok(Message::Binary(piece))) => bytes.extend_from_slice(&piece),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            _ => {
                lines.push("closed".to_owned());
                return lines;
            }
        }
    }
}

#[test]
fn a_session_in_binary_frames() {
    let rig = Rig::new();
    rig.runtime.block_on(async {
        for size in [1, 7, 4096] {
            let mut socket = ask(&rig, "localhost", "/", &[]).await.expect("a WebSocket");
            send(&mut socket, &startup(&["user", "admin", "database", "postgres"]), size).await;
            assert_eq!(answers(&mut socket).await, ["Z I"]);
            socket.send(Message::Ping(Bytes::from_static(b"still there"))).await.expect("sent");
            send(&mut socket, &query("SELECT 'a' AS a, repeat('x', 200000) AS long"), size.max(7)).await;
            let answer = answers(&mut socket).await;
            assert_eq!((answer[0].as_str(), answer[1].len(), answer[3].as_str()), ("T a:25 long:25", 200_004, "Z I"));
            socket.close(None).await.expect("closed");
        }
    });
    rig.check_alive();
}

#[test]
fn the_host_name_picks_the_cluster_and_a_fatal_error_ends_the_socket() {
    let rig = Rig::new();
    rig.runtime.block_on(async {
        let own = format!("{}.dsql.us-east-1.on.aws", rig.cluster.id());
        let mut socket = ask(&rig, &own, "", &[]).await.expect("a WebSocket");
        send(&mut socket, &startup(&["user", "admin"]), 100).await;
        assert_eq!(answers(&mut socket).await, ["Z I"]);
        let mut socket = ask(&rig, "aaaaaaaaaaaaaaaaaaaaaaaaaa.dsql.us-east-1.on.aws", "", &[]).await.expect("a WebSocket");
        send(&mut socket, &startup(&["user", "admin"]), 100).await;
        assert_eq!(answers(&mut socket).await, ["E FATAL 08P01 unable to accept connection, access denied", "closed"]);
    });
}

#[test]
fn other_requests_are_refused() {
    let rig = Rig::new();
    rig.runtime.block_on(async {
        assert_eq!(ask(&rig, "localhost", "/elsewhere", &[]).await.err(), Some(404));
        // The server of this test trusts everybody: a page in a browser must not get in.
        assert_eq!(ask(&rig, "localhost", "/", &[("Origin", "https://somewhere.example")]).await.err(), Some(403));
        let mut socket = ask(&rig, "localhost", "/", &[]).await.expect("a WebSocket");
        socket.send(Message::Text("hello".into())).await.expect("sent");
        assert_eq!(answers(&mut socket).await, ["closed"]);
        for request in ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "GET nonsense\r\n\r\n", "GET "] {
            let mut stream = encrypted(&rig, "localhost", &[b"http/1.1"]).await;
            stream.write_all(request.as_bytes()).await.expect("sent");
            stream.shutdown().await.expect("finished");
            let mut answer = Vec::new();
            // How the connection ends is not the point; that it ends is.
            let _ended = stream.read_to_end(&mut answer).await;
            assert!(!answer.starts_with(b"HTTP/1.1 101"), "{request:?}");
        }
    });
    rig.check_alive();
}

#[test]
fn without_http_the_protocol_must_be_agreed_on() {
    let rig = Rig::new();
    rig.runtime.block_on(async {
        for protocols in [&[][..], &[&b"http/1.1"[..]]] {
            let mut stream = encrypted(&rig, "localhost", protocols).await;
            stream.write_all(&startup(&["user", "admin"])).await.expect("sent");
            let mut answer = Vec::new();
            let _ended = stream.read_to_end(&mut answer).await;
            assert!(String::from_utf8_lossy(&answer).contains("without ALPN protocol negotiation extension"), "{answer:?}");
        }
        let mut stream = encrypted(&rig, "localhost", &[b"postgresql"]).await;
        stream.write_all(&startup(&["user", "admin"])).await.expect("sent");
        assert_eq!(stream.read_u8().await.expect("an answer"), b'R');
    });
}

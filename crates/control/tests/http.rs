//! The endpoint as a socket: TLS, kept connections, bounds on what a client sends and on how slowly, an orderly end.
//!
//! Time stands still in these tests and moves on only when everybody waits: a bound of half a minute is reached at once.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use borealis_base::{Id26, ManualClock, SeededRandom, task};
use borealis_control::{Activity, Authentication, Hosting, HostingError, Parts, Registry, Service, Settings, serve};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time;
use tokio_rustls::TlsConnector;

struct Nothing;

impl Hosting for Nothing {
    fn create(&self, _: Id26, _: Option<Id26>) -> Result<(), HostingError> {
        Ok(())
    }

    fn delete(&self, _: Id26) -> Result<(), HostingError> {
        Ok(())
    }

    fn exists(&self, _: Id26) -> bool {
        true
    }

    fn activity(&self, _: Id26) -> Activity {
        Activity::AtRest
    }
}

struct Endpoint {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<std::io::Result<()>>,
}

async fn endpoint(tls: Option<Arc<rustls::ServerConfig>>) -> Endpoint {
    serving(control_plane(), tls).await
}

fn control_plane() -> Router {
    let clock = Arc::new(ManualClock::at(1_790_000_000_000_000));
    let parts = Parts {
        registry: Arc::new(Registry::in_memory(clock.clone())),
        hosting: Arc::new(Nothing),
        authentication: Authentication::Trust { region: "us-east-1".to_owned() },
        streaming: None,
        clock,
        random: Arc::new(SeededRandom::new(5)),
    };
    Service::start(parts, Settings::default()).router()
}

async fn serving(router: Router, tls: Option<Arc<rustls::ServerConfig>>) -> Endpoint {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel();
    let served = task::spawn(serve(listener, tls, router, async {
        // A sender that is gone is as good as one that has spoken.
        let _ = stopped.await;
    }));
    Endpoint { address, stop, served }
}

impl Endpoint {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("connects")
    }
}

/// Reads one answer: its head, and as much body as that announces.
async fn answer(stream: &mut (impl AsyncRead + Unpin)) -> (String, String) {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        assert_ne!(stream.read_buf(&mut bytes).await.expect("reads"), 0, "ended after {:?}", String::from_utf8_lossy(&bytes));
    };
    let head = String::from_utf8(bytes[..end].to_vec()).expect("ASCII");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length").parse().expect("a number");
    let mut body = bytes[end..].to_vec();
    while body.len() < length {
        assert_ne!(stream.read_buf(&mut body).await.expect("reads"), 0, "ended within the body");
    }
    (head, String::from_utf8(body).expect("text"))
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), text: &str) {
    stream.write_all(text.as_bytes()).await.expect("writes");
    stream.flush().await.expect("writes");
}

/// Whether the server closes the connection without another word.
async fn closes(stream: &mut TcpStream) -> bool {
    let mut rest = Vec::new();
    // A reset is an end as well: it is what closing does to bytes that nobody has read.
    stream.read_to_end(&mut rest).await.map_or(true, |_| rest.is_empty())
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_for_the_next_request() {
    let endpoint = endpoint(None).await;
    let mut stream = endpoint.connect().await;
    for _ in 0..3 {
        send(&mut stream, "GET /cluster HTTP/1.1\r\nhost: x\r\n\r\n").await;
        let (head, body) = answer(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-amzn-requestid: "), "{head}");
        assert_eq!(body, r#"{"clusters":[]}"#);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_has_a_bound() {
    let endpoint = endpoint(None).await;
    let mut announced = endpoint.connect().await;
    send(&mut announced, "POST /cluster HTTP/1.1\r\nhost: x\r\ncontent-length: 104857600\r\nexpect: 100-continue\r\n\r\n").await;
    let (head, body) = answer(&mut announced).await;
    assert!(head.starts_with("HTTP/1.1 413 ") && head.contains("x-amzn-errortype: RequestEntityTooLargeException\r\n"), "{head}");
    assert_eq!(body, r#"{"message":"The request body is too large."}"#);
    assert!(closes(&mut announced).await);

    let mut chunked = endpoint.connect().await;
    send(&mut chunked, "POST /cluster HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").await;
    for _ in 0..5 {
        send(&mut chunked, &format!("40000\r\n{}\r\n", "x".repeat(0x40000))).await;
    }
    assert!(answer(&mut chunked).await.0.starts_with("HTTP/1.1 413 "));
}

/// As the agents' server refuses an unknown token: by the head alone.
async fn refusing() -> Endpoint {
    serving(Router::new().route("/", post(|| async { (StatusCode::UNAUTHORIZED, "no\n") })), None).await
}

const HEAD: &str = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ";

#[tokio::test(start_paused = true)]
async fn a_refusal_keeps_the_connection_whenever_the_body_comes() {
    let endpoint = refusing().await;
    let mut stream = endpoint.connect().await;
    send(&mut stream, &format!("{HEAD}4\r\n\r\nbody")).await;
    assert!(answer(&mut stream).await.0.starts_with("HTTP/1.1 401 "));
    send(&mut stream, &format!("{HEAD}4\r\n\r\nbo")).await;
    let early = time::timeout(Duration::from_secs(1), stream.readable()).await;
    assert!(early.is_err(), "a client that is still sending does not listen");
    send(&mut stream, "dy").await;
    assert!(answer(&mut stream).await.0.starts_with("HTTP/1.1 401 "));
}

/// Time goes on here: bytes that the kernel is still carrying are nobody's waiting.
#[tokio::test]
async fn a_long_body_that_was_refused_is_taken_in() {
    let endpoint = refusing().await;
    let mut stream = endpoint.connect().await;
    let mut large = format!("{HEAD}5000000\r\n\r\n");
    large.extend(std::iter::repeat_n('x', 5_000_000));
    send(&mut stream, &large).await;
    let (head, _) = answer(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 401 ") && !head.contains("connection"), "{head}");
    send(&mut stream, &format!("{HEAD}0\r\n\r\n")).await;
    assert!(answer(&mut stream).await.0.starts_with("HTTP/1.1 401 "));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_whose_body_does_not_come_says_that_the_connection_ends() {
    let endpoint = refusing().await;
    for rest in ["4\r\n\r\nbo", "100000000\r\n\r\n", "4\r\nexpect: 100-continue\r\n\r\n"] {
        let mut stream = endpoint.connect().await;
        send(&mut stream, &format!("{HEAD}{rest}")).await;
        let (head, _) = answer(&mut stream).await;
        assert!(head.starts_with("HTTP/1.1 401 ") && head.contains("connection: close\r\n"), "{head}");
        assert!(closes(&mut stream).await);
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_slow_is_not_waited_for() {
    let endpoint = endpoint(None).await;
    let mut body = endpoint.connect().await;
    send(&mut body, "POST /cluster HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{\"a").await;
    let (head, _) = answer(&mut body).await;
    assert!(head.starts_with("HTTP/1.1 408 ") && head.contains("RequestTimeoutException"), "{head}");
    let mut head = endpoint.connect().await;
    send(&mut head, "GET /cluster HTTP/1.1\r\nho").await;
    assert!(closes(&mut head).await);
    let mut silent = endpoint.connect().await;
    assert!(closes(&mut silent).await);
}

#[tokio::test(start_paused = true)]
async fn a_page_in_a_browser_is_not_trusted() {
    let endpoint = endpoint(None).await;
    let mut stream = endpoint.connect().await;
    send(&mut stream, "POST /cluster HTTP/1.1\r\nhost: x\r\norigin: http://elsewhere\r\ncontent-length: 2\r\n\r\n{}").await;
    let (head, _) = answer(&mut stream).await;
    assert!(head.starts_with("HTTP/1.1 403 ") && head.contains("MissingAuthenticationTokenException"), "{head}");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_http_is_refused() {
    let endpoint = endpoint(None).await;
    let mut stream = endpoint.connect().await;
    send(&mut stream, "\u{16}\u{3}\u{1} no HTTP\r\n\r\n").await;
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect("an end");
    assert!(rest.starts_with(b"HTTP/1.1 400 "), "{}", String::from_utf8_lossy(&rest));
    let mut long = endpoint.connect().await;
    send(&mut long, &format!("GET /cluster HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "y".repeat(300_000))).await;
    let (head, _) = answer(&mut long).await;
    assert!(head.starts_with("HTTP/1.1 431 "), "{head}");
}

#[tokio::test(start_paused = true)]
async fn it_ends_in_order() {
    let endpoint = endpoint(None).await;
    let mut under_way = endpoint.connect().await;
    send(&mut under_way, "POST /cluster HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{").await;
    let mut idle = endpoint.connect().await;
    send(&mut idle, "GET /cluster HTTP/1.1\r\nhost: x\r\n\r\n").await;
    answer(&mut idle).await;
    endpoint.stop.send(()).expect("serves");
    assert!(closes(&mut idle).await, "nobody waits for the next request");
    send(&mut under_way, "}").await;
    assert!(answer(&mut under_way).await.0.starts_with("HTTP/1.1 200 "), "what has begun is answered");
    endpoint.served.await.expect("no panic").expect("an orderly end");
    assert!(TcpStream::connect(endpoint.address).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn tls_with_a_certificate_that_also_speaks_postgresql() {
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(["localhost".to_owned()]).expect("a name").self_signed(&key).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
    let mut server = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("fits the key");
    server.alpn_protocols = vec![b"postgresql".to_vec()];
    let endpoint = endpoint(Some(Arc::new(server))).await;

    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.der().clone()).expect("a root");
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("protocols");
    let mut client = builder.with_root_certificates(roots).with_no_client_auth();
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").expect("a name");
    let mut stream = TlsConnector::from(Arc::new(client)).connect(name, endpoint.connect().await).await.expect("agrees");
    send(&mut stream, "GET /cluster HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert_eq!(answer(&mut stream).await.1, r#"{"clusters":[]}"#);

    let mut plain = endpoint.connect().await;
    send(&mut plain, "GET /cluster HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let mut rest = Vec::new();
    // The end may be a reset; what counts is that no answer came in the clear.
    let _ = plain.read_to_end(&mut rest).await;
    assert!(!rest.starts_with(b"HTTP/"), "{}", String::from_utf8_lossy(&rest));
}

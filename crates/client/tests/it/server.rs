//! A scripted server: speaks as much of the protocol as a client needs, and answers, fails or hangs up as a test tells it.

use std::sync::{Arc, Mutex};

use borealis_base::task;
use borealis_client::{CredentialsSource, Endpoint, Tls};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// One statement as it reached the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    /// Which connection, counted from 0.
    pub(crate) connection: usize,
    pub(crate) sql: String,
    pub(crate) params: Vec<Option<String>>,
}

/// What the server does about a statement.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// Success without rows.
    Done(&'static str),
    /// Success with rows: (name, type OID) for each column, then the rows.
    Rows(Vec<(&'static str, u32)>, Vec<Vec<Option<String>>>),
    /// An error: SQLSTATE and message.
    Error(&'static str, &'static str),
    /// An error with further fields, by their type bytes.
    ErrorWith(&'static str, &'static str, Vec<(u8, &'static str)>),
    /// An error that ends the connection.
    Fatal(&'static str, &'static str),
    /// Success, and a transaction status that does not follow from the statement.
    DoneWithStatus(&'static str, u8),
    /// The connection closes instead of an answer.
    HangUp,
    /// No answer, ever.
    Silence,
    /// No answer before a request to cancel comes, then the error that PostgreSQL gives.
    UntilCancelled,
    /// COPY FROM STDIN: what came is recorded as a statement `copied: …`.
    CopyIn,
    /// COPY TO STDOUT with these pieces.
    CopyOut(Vec<&'static str>),
}

/// What all connections have for their secret.
const SECRET: u32 = 4711;

type Script = dyn Fn(&Received, usize) -> Reply + Send + Sync;

/// How a connection begins.
#[derive(Clone, Default)]
pub(crate) struct Manners {
    /// Encrypts with this; otherwise TLS is declined.
    pub(crate) tls: Option<TlsAcceptor>,
    /// Asks for a clear-text password.
    pub(crate) asks_password: bool,
    /// Refuses after the password, with this SQLSTATE, message and hint.
    pub(crate) refuses: Option<(&'static str, &'static str, &'static str)>,
}

struct State {
    manners: Manners,
    script: Box<Script>,
    log: Mutex<Vec<Received>>,
    startups: Mutex<Vec<Vec<String>>>,
    passwords: Mutex<Vec<String>>,
    /// Process ids of the requests to cancel, which are the connections' numbers.
    cancelled: watch::Sender<Vec<usize>>,
}

/// The server; it runs as long as the test's runtime.
#[derive(Clone)]
pub(crate) struct Server {
    port: u16,
    state: Arc<State>,
}

impl Server {
    /// A server that asks nothing. The script gets each statement and how often this text has come before.
    pub(crate) async fn start(script: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(Manners::default(), script).await
    }

    pub(crate) async fn start_with(manners: Manners, script: impl Fn(&Received, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State {
            manners,
            script: Box::new(script),
            log: Mutex::default(),
            startups: Mutex::default(),
            passwords: Mutex::default(),
            cancelled: watch::Sender::new(Vec::new()),
        });
        let shared = Arc::clone(&state);
        task::spawn(async move {
            let mut connection = 0;
            while let Ok((stream, _)) = listener.accept().await {
                task::spawn(serve(stream, connection, Arc::clone(&shared)));
                connection += 1;
            }
        });
        Self { port, state }
    }

    /// How to reach it in the clear.
    pub(crate) fn endpoint(&self) -> Endpoint {
        let mut endpoint = Endpoint::resolve("127.0.0.1", Some("us-east-1"), "admin").expect("resolved");
        endpoint.port = self.port;
        endpoint.tls = Tls::DisabledForLoopback;
        endpoint.credentials = CredentialsSource::Profile { path: Some("/nonexistent".into()), profile: "none".to_owned() };
        endpoint
    }

    /// Every statement so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.log.lock().expect("not poisoned").clone()
    }

    /// Every statement so far as `connection: sql`.
    pub(crate) fn log(&self) -> Vec<String> {
        self.received().iter().map(|one| format!("{}: {}", one.connection, one.sql)).collect()
    }

    /// The start-up parameters of every connection, names and values in turn.
    pub(crate) fn startups(&self) -> Vec<Vec<String>> {
        self.state.startups.lock().expect("not poisoned").clone()
    }

    /// The connections whose statements were to be cancelled.
    pub(crate) fn cancelled(&self) -> Vec<usize> {
        self.state.cancelled.borrow().clone()
    }

    /// Every password so far.
    pub(crate) fn passwords(&self) -> Vec<String> {
        self.state.passwords.lock().expect("not poisoned").clone()
    }
}

/// Ends with the client's connection: every read failure is that.
async fn serve(mut stream: TcpStream, connection: usize, state: Arc<State>) {
    let mut code = read_startup(&mut stream).await.unwrap_or_default();
    if let [request, process] = code.as_slice()
        && request == "CancelRequest"
    {
        let process = process.parse().expect("a number");
        state.cancelled.send_modify(|cancelled| cancelled.push(process));
        return;
    }
    if code.first() == Some(&"SSLRequest".to_owned()) {
        let Some(acceptor) = &state.manners.tls else {
            let _ = stream.write_all(b"N").await;
            return;
        };
        if stream.write_all(b"S").await.is_err() {
            return;
        }
        let Ok(mut encrypted) = acceptor.accept(stream).await else { return };
        code = read_startup(&mut encrypted).await.unwrap_or_default();
        let _ = Session { stream: encrypted, connection, state, status: b'I' }.run(code).await;
    } else {
        let _ = Session { stream, connection, state, status: b'I' }.run(code).await;
    }
}

async fn read_startup(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<String>> {
    let length = stream.read_u32().await? as usize;
    let mut body = vec![0; length - 4];
    stream.read_exact(&mut body).await?;
    if body[..4] == 80_877_103u32.to_be_bytes() {
        return Ok(vec!["SSLRequest".to_owned()]);
    }
    if body[..4] == 80_877_102u32.to_be_bytes() {
        assert_eq!(body[8..], SECRET.to_be_bytes(), "the secret of the connection");
        return Ok(vec!["CancelRequest".to_owned(), u32::from_be_bytes([body[4], body[5], body[6], body[7]]).to_string()]);
    }
    Ok(body[4..].split(|byte| *byte == 0).map(|part| String::from_utf8_lossy(part).into_owned()).collect())
}

struct Session<S> {
    stream: S,
    connection: usize,
    state: Arc<State>,
    status: u8,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    async fn run(mut self, startup: Vec<String>) -> std::io::Result<()> {
        self.state.startups.lock().expect("not poisoned").push(startup);
        if !self.greet().await? {
            return Ok(());
        }
        let (mut sql, mut params) = (String::new(), Vec::new());
        loop {
            let (tag, body) = self.read_message().await?;
            let going = match tag {
                b'Q' => self.answer(text(&body), Vec::new(), false).await?,
                b'P' => {
                    sql = text(&body[1..]);
                    true
                }
                b'B' => {
                    params = read_params(&body);
                    true
                }
                b'S' => self.answer(std::mem::take(&mut sql), std::mem::take(&mut params), true).await?,
                b'X' => false,
                _ => true,
            };
            if !going {
                return Ok(());
            }
        }
    }

    async fn greet(&mut self) -> std::io::Result<bool> {
        if self.state.manners.asks_password {
            self.write(&message(b'R', &3u32.to_be_bytes())).await?;
            let (_, password) = self.read_message().await?;
            self.state.passwords.lock().expect("not poisoned").push(text(&password));
        }
        if let Some((code, message, hint)) = self.state.manners.refuses {
            self.write(&error(b"FATAL", code, message, &[(b'H', hint)])).await?;
            return Ok(false);
        }
        let mut out = message(b'R', &0u32.to_be_bytes());
        out.extend(message(b'S', b"server_version\x0016.15\0"));
        let process = u32::try_from(self.connection).expect("small");
        out.extend(message(b'K', &[process.to_be_bytes(), SECRET.to_be_bytes()].concat()));
        out.extend(message(b'Z', b"I"));
        self.write(&out).await?;
        Ok(true)
    }

    /// `false` when the connection is to end.
    async fn answer(&mut self, sql: String, params: Vec<Option<String>>, extended: bool) -> std::io::Result<bool> {
        let received = Received { connection: self.connection, sql, params };
        let before = self.record(&received);
        let reply = (self.state.script)(&received, before);
        let mut out = if extended { [message(b'1', b""), message(b'2', b"")].concat() } else { Vec::new() };
        match reply {
            Reply::HangUp => return Ok(false),
            Reply::Silence => return std::future::pending().await,
            Reply::UntilCancelled => {
                let mut cancelled = self.state.cancelled.subscribe();
                cancelled.wait_for(|all| all.contains(&self.connection)).await.expect("the sender lives");
                out = self.fail(&received.sql, "57014", "canceling statement due to user request", &[]);
            }
            Reply::Fatal(code, text) => {
                self.write(&error(b"FATAL", code, text, &[])).await?;
                return Ok(false);
            }
            Reply::Error(code, text) => out = self.fail(&received.sql, code, text, &[]),
            Reply::ErrorWith(code, text, fields) => out = self.fail(&received.sql, code, text, &fields),
            Reply::Done(tag) => {
                self.follow(&received.sql);
                out.extend(complete(tag, extended));
            }
            Reply::DoneWithStatus(tag, status) => {
                self.status = status;
                out.extend(complete(tag, extended));
            }
            Reply::Rows(columns, rows) => out.extend(result(&columns, &rows)),
            Reply::CopyIn => out.extend(self.copy_in().await?),
            Reply::CopyOut(pieces) => out.extend(copy_out(&pieces)),
        }
        out.extend(message(b'Z', &[self.status]));
        self.write(&out).await?;
        Ok(true)
    }

    fn record(&self, received: &Received) -> usize {
        let mut log = self.state.log.lock().expect("not poisoned");
        let before = log.iter().filter(|one| one.sql == received.sql).count();
        log.push(received.clone());
        before
    }

    fn follow(&mut self, sql: &str) {
        match sql.split([' ', ';']).next() {
            Some("BEGIN") => self.status = b'T',
            Some("COMMIT" | "ROLLBACK") => self.status = b'I',
            _ => {}
        }
    }

    /// A failed COMMIT ends its transaction, another failed statement leaves it open and failed.
    fn fail(&mut self, sql: &str, code: &str, text: &str, fields: &[(u8, &str)]) -> Vec<u8> {
        self.status = match self.status {
            b'T' if sql == "COMMIT" => b'I',
            b'T' => b'E',
            status => status,
        };
        error(b"ERROR", code, text, fields)
    }

    async fn copy_in(&mut self) -> std::io::Result<Vec<u8>> {
        self.write(&message(b'G', &[0, 0, 0])).await?;
        let mut copied = Vec::new();
        loop {
            let (tag, body) = self.read_message().await?;
            match tag {
                b'd' => copied.extend(body),
                b'f' => return Ok(error(b"ERROR", "57014", "COPY from stdin failed", &[])),
                _ => break,
            }
        }
        let sql = format!("copied: {}", String::from_utf8_lossy(&copied));
        self.record(&Received { connection: self.connection, sql, params: Vec::new() });
        Ok(complete("COPY 1", false))
    }

    async fn read_message(&mut self) -> std::io::Result<(u8, Vec<u8>)> {
        let tag = self.stream.read_u8().await?;
        let length = self.stream.read_u32().await? as usize;
        let mut body = vec![0; length - 4];
        self.stream.read_exact(&mut body).await?;
        Ok((tag, body))
    }

    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }
}

fn text(body: &[u8]) -> String {
    let end = body.iter().position(|byte| *byte == 0).unwrap_or(body.len());
    String::from_utf8_lossy(&body[..end]).into_owned()
}

/// Bind with unnamed portal and statement and no format codes: count, then length and bytes of each.
fn read_params(body: &[u8]) -> Vec<Option<String>> {
    let mut rest = &body[4..];
    let count = u16::from_be_bytes([rest[0], rest[1]]);
    rest = &rest[2..];
    let mut params = Vec::new();
    for _ in 0..count {
        let length = i32::from_be_bytes([rest[0], rest[1], rest[2], rest[3]]);
        rest = &rest[4..];
        params.push(usize::try_from(length).ok().map(|length| {
            let (value, tail) = rest.split_at(length);
            rest = tail;
            String::from_utf8_lossy(value).into_owned()
        }));
    }
    params
}

fn message(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    out.extend(u32::try_from(body.len() + 4).expect("short").to_be_bytes());
    out.extend(body);
    out
}

fn error(severity: &[u8], code: &str, text: &str, fields: &[(u8, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    let severity = std::str::from_utf8(severity).expect("ASCII");
    for (field, value) in [(b'S', severity), (b'V', severity), (b'C', code), (b'M', text)].iter().chain(fields) {
        body.push(*field);
        body.extend(value.as_bytes());
        body.push(0);
    }
    body.push(0);
    message(b'E', &body)
}

fn complete(tag: &str, extended: bool) -> Vec<u8> {
    let mut out = if extended { message(b'n', b"") } else { Vec::new() };
    out.extend(message(b'C', format!("{tag}\0").as_bytes()));
    out
}

fn result(columns: &[(&str, u32)], rows: &[Vec<Option<String>>]) -> Vec<u8> {
    let mut body = u16::try_from(columns.len()).expect("few").to_be_bytes().to_vec();
    for (name, oid) in columns {
        body.extend(name.as_bytes());
        body.extend([0; 7]);
        body.extend(oid.to_be_bytes());
        body.extend([0; 8]);
    }
    let mut out = message(b'T', &body);
    for row in rows {
        let mut body = u16::try_from(row.len()).expect("few").to_be_bytes().to_vec();
        for value in row {
            let length = value.as_ref().map_or(-1, |value| i32::try_from(value.len()).expect("short"));
            body.extend(length.to_be_bytes());
            body.extend(value.as_deref().unwrap_or_default().as_bytes());
        }
        out.extend(message(b'D', &body));
    }
    out.extend(message(b'C', format!("SELECT {}\0", rows.len()).as_bytes()));
    out
}

fn copy_out(pieces: &[&str]) -> Vec<u8> {
    let mut out = message(b'H', &[0, 0, 0]);
    for piece in pieces {
        out.extend(message(b'd', piece.as_bytes()));
    }
    out.extend(message(b'c', b""));
    out.extend(complete("COPY 1", false));
    out
}

/// What a server in good health answers.
pub(crate) fn healthy(received: &Received) -> Reply {
    match received.sql.split(' ').next() {
        Some("BEGIN") => Reply::Done("BEGIN"),
        Some("COMMIT") => Reply::Done("COMMIT"),
        Some("ROLLBACK") => Reply::Done("ROLLBACK"),
        Some("SELECT") => Reply::Rows(vec![("?column?", 23)], vec![vec![Some("1".to_owned())]]),
        _ => Reply::Done("INSERT 0 1"),
    }
}

//! A server on a free port, and a client that counts what it may expect.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use borealis_base::{Clock, Id26, OsRandom, SystemClock, task};
use borealis_dialect::{Dialect, Lowered};
use borealis_engine::{Cluster, ClusterOptions};
use borealis_pgserver::tls::Authority;
use borealis_pgserver::{Absent, Authentication, ClusterDirectory, Lease, Plaintext, Server, ServerOptions, Stop};
use borealis_storage::{Medium, Options};
use futures::FutureExt;
use futures::future::{BoxFuture, ready};
use tokio::runtime::Runtime;

use crate::messages::{line, query, startup};

/// A test that waits longer than this has failed.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);

/// One cluster, and how often it was leased.
struct OneCluster(Arc<Cluster>, Arc<AtomicUsize>);

impl ClusterDirectory for OneCluster {
    fn default_cluster(&self) -> Option<Id26> {
        Some(self.0.id())
    }

    fn lease(&self, endpoint: Id26) -> BoxFuture<'_, Result<Lease, Absent>> {
        self.1.fetch_add(1, Ordering::Relaxed);
        let lease = Lease::unending(endpoint, self.0.clone());
        ready(if endpoint == self.0.id() { Ok(lease) } else { Err(Absent::Unknown) }).boxed()
    }

    fn cancel(&self, pid: i32, secret: i32) {
        self.0.cancel(pid, secret);
    }
}

/// A server with an empty cluster in memory.
pub(crate) struct Rig {
    pub(crate) address: SocketAddr,
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) stop: Stop,
    pub(crate) leases: Arc<AtomicUsize>,
    /// The CA's, in PEM form.
    pub(crate) certificate: String,
    // Dropped last: it runs the server.
    pub(crate) runtime: Runtime,
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.cluster.close();
    }
}

impl Rig {
    pub(crate) fn new() -> Self {
        Self::with(Plaintext::Allowed)
    }

    pub(crate) fn with(plaintext: Plaintext) -> Self {
        Self::open(plaintext, None, Lowered::default(), |_| Authentication::Trust)
    }

    /// A server that wants proof, of its own kind for its cluster.
    pub(crate) fn guarded(authentication: impl FnOnce(Id26) -> Authentication) -> Self {
        Self::open(Plaintext::Allowed, None, Lowered::default(), authentication)
    }

    /// A cluster of a dialect.
    pub(crate) fn speaking(dialect: Dialect) -> Self {
        Self::open(Plaintext::Allowed, Some(dialect), Lowered::default(), |_| Authentication::Trust)
    }

    /// A cluster with limits lowered.
    pub(crate) fn limited(limits: &[&str]) -> Self {
        let mut lowered = Lowered::default();
        limits.iter().try_for_each(|limit| lowered.add(limit)).expect("limits");
        Self::open(Plaintext::Allowed, None, lowered, |_| Authentication::Trust)
    }

    fn open(plaintext: Plaintext, dialect: Option<Dialect>, limits: Lowered, authentication: impl FnOnce(Id26) -> Authentication) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let store = Options::new(Medium::Memory);
        let cluster = Cluster::open(ClusterOptions { store, id: None, dialect, clock: clock.clone(), random: Arc::new(OsRandom), limits })
            .expect("a cluster");
        let authority = Arc::new(Authority::new().expect("an authority"));
        let names = ["localhost".to_owned(), "*.dsql.us-east-1.on.aws".to_owned()];
        let tls = authority.server_config(&names, &[], Arc::new(|_| None)).expect("a certificate");
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let options = ServerOptions { listen, tls, plaintext, authentication: authentication(cluster.id()), clock };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let leases = Arc::new(AtomicUsize::new(0));
        let directory = Arc::new(OneCluster(cluster.clone(), leases.clone()));
        let (address, stop) = runtime.block_on(async {
            let server = Server::bind(options, directory).await.expect("a listener");
            let bound = (server.local_address().expect("an address"), server.stopper());
            task::spawn(server.run());
            bound
        });
        Self { address, cluster, stop, leases, certificate: authority.certificate_pem().to_owned(), runtime }
    }

    /// A connection that has said nothing yet.
    pub(crate) fn knock(&self) -> Peer {
        let stream = TcpStream::connect(self.address).expect("connected");
        stream.set_read_timeout(Some(ANSWER_TIME_MAX)).expect("a deadline");
        Peer { stream, key: [0; 8], _rig: None }
    }

    /// The only session of this server, which lives as long.
    pub(crate) fn connect_owned(self) -> Peer {
        let mut peer = self.connect();
        peer._rig = Some(self);
        peer
    }

    /// A session of the role admin.
    pub(crate) fn connect(&self) -> Peer {
        let mut peer = self.knock();
        peer.send(&[startup(&["user", "admin", "database", "postgres"])]);
        let greeting = peer.until_ready(1);
        assert!(greeting.ends_with("Z I"), "{greeting}");
        peer
    }

    /// Another client is served as if nothing had happened.
    pub(crate) fn check_alive(&self) {
        self.connect().check_alive();
    }
}

/// A client.
pub(crate) struct Peer {
    stream: TcpStream,
    /// Process id and secret, as BackendKeyData gave them.
    pub(crate) key: [u8; 8],
    _rig: Option<Rig>,
}

impl Peer {
    pub(crate) fn send(&mut self, messages: &[Vec<u8>]) {
        self.stream.write_all(&messages.concat()).expect("written");
    }

    /// No more will be written.
    pub(crate) fn finish(&mut self) {
        self.stream.shutdown(std::net::Shutdown::Write).expect("shut down");
    }

    /// Sends messages and gives the answers up to as many ReadyForQuery as they ask for.
    pub(crate) fn ask(&mut self, messages: &[Vec<u8>]) -> String {
        self.send(messages);
        self.until_ready(messages.iter().filter(|message| matches!(message[0], b'Q' | b'S')).count())
    }

    /// Answers up to the given number of ReadyForQuery, or the end of the connection.
    pub(crate) fn until_ready(&mut self, ready: usize) -> String {
        self.until(|lines| lines.iter().filter(|line| line.starts_with("Z ")).count() == ready)
    }

    /// Bytes as they come.
    pub(crate) fn raw(&mut self, bytes: usize) -> Vec<u8> {
        let mut taken = vec![0; bytes];
        self.stream.read_exact(&mut taken).expect("so many bytes");
        taken
    }

    /// The given number of answers.
    pub(crate) fn take(&mut self, answers: usize) -> String {
        self.until(|lines| lines.len() == answers)
    }

    fn until(&mut self, done: impl Fn(&[String]) -> bool) -> String {
        let mut lines = Vec::new();
        while !done(&lines) {
            let Some((kind, body)) = self.receive() else {
                lines.push("closed".to_owned());
                break;
            };
            if kind == b'K' {
                self.key.copy_from_slice(&body);
            }
            // What the server tells of itself at the start is no answer.
            if !matches!(kind, b'R' | b'S' | b'K') {
                lines.push(line(kind, &body));
            }
        }
        lines.join("\n")
    }

    /// A message as it is; `None` at the end of the connection.
    pub(crate) fn receive(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        match self.stream.read_exact(&mut head) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => return None,
            Err(error) => panic!("no answer: {error}"),
        }
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; usize::try_from(length).expect("a length") - 4];
        self.stream.read_exact(&mut body).expect("a whole message");
        Some((head[0], body))
    }

    pub(crate) fn check(&mut self, messages: &[Vec<u8>], expected: &[&str]) {
        assert_eq!(self.ask(messages), expected.join("\n"));
    }

    /// The session answers.
    pub(crate) fn check_alive(&mut self) {
        self.check(&[query("SELECT 7 AS alive")], &["T alive:23", "D 7", "C SELECT 1", "Z I"]);
    }
}

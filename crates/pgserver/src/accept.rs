//! The listener: one task per connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use borealis_base::{Id26, task};
use borealis_engine::{Session, SessionOptions};
use borealis_pgtypes::{Severity, SqlError, SqlState};
use tokio::io;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use crate::ServerOptions;
use crate::authenticate::{authenticate, denied, greet};
use crate::directory::{Absent, ClusterDirectory, Lease};
use crate::ending::{Ending, Phase, Stop};
use crate::outgoing::Outgoing;
use crate::session_loop::Connection;
use crate::startup::{Opened, Request, fatal, open, refuse};
use crate::stream::Stream;

/// Time a client has from connecting to its session, as PostgreSQL's `authentication_timeout`.
const STARTUP_TIME_MAX: Duration = Duration::from_secs(60);
/// Pause after the operating system refused to accept (no file descriptors left), so that the listener does not spin.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);
/// The one database.
const DATABASE: &str = "postgres";

/// A bound listener.
pub struct Server {
    listener: TcpListener,
    shared: Arc<Shared>,
    stop: watch::Sender<Phase>,
}

struct Shared {
    options: ServerOptions,
    clusters: Arc<dyn ClusterDirectory>,
    phase: watch::Receiver<Phase>,
}

impl Server {
    /// Binds the address.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(options: ServerOptions, clusters: Arc<dyn ClusterDirectory>) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let (stop, phase) = watch::channel(Phase::Serving);
        Ok(Self { listener, shared: Arc::new(Shared { options, clusters, phase }), stop })
    }

    /// The address bound, with the real port.
    ///
    /// # Errors
    /// When the socket has no address any more.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// A handle that stops the server.
    #[must_use]
    pub fn stopper(&self) -> Stop {
        Stop(self.stop.clone())
    }

    /// Accepts connections until stopped, then waits until the last of them has ended.
    pub async fn run(self) {
        // Nothing is ever sent: every connection holds an end, and when the last one is gone the waiting is over.
        let (connected, mut gone) = mpsc::channel::<()>(1);
        self.accept(&connected).await;
        drop((self.listener, connected));
        gone.recv().await;
    }

    async fn accept(&self, connected: &mpsc::Sender<()>) {
        let mut phase = self.shared.phase.clone();
        loop {
            tokio::select! {
                // What it answers holds a lock: dropped here, so that this future may move between threads.
                () = async { drop(phase.wait_for(|phase| *phase != Phase::Serving).await) } => return,
                accepted = self.listener.accept() => match accepted {
                    Ok((socket, peer)) => {
                        let (shared, connected) = (self.shared.clone(), connected.clone());
                        task::spawn(async move {
                            serve(socket, peer, &shared).await;
                            drop(connected);
                        });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(ACCEPT_RETRY).await;
                    }
                },
            }
        }
    }
}

async fn serve(socket: TcpStream, peer: SocketAddr, shared: &Shared) {
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%peer, %error, "the connection ended at once");
        return;
    }
    // A server that stops does not wait for those who have no session yet.
    let mut ending = Ending { server: shared.phase.clone(), cluster: watch::channel(false).1 };
    let started = tokio::select! {
        started = tokio::time::timeout(STARTUP_TIME_MAX, start(socket, shared)) => started,
        () = ending.due(false) => return,
    };
    match started {
        Err(_) => tracing::debug!(%peer, "no session within the time allowed"),
        Ok(Err(error)) => tracing::debug!(%peer, %error, "the connection ended before its session"),
        Ok(Ok(None)) => {}
        Ok(Ok(Some((connection, lease)))) => {
            ending.cluster = lease.ending.clone();
            if let Err(error) = connection.run(ending).await {
                tracing::debug!(%peer, %error, "the connection ended");
            }
            // Only now, when the session is gone, may the cluster be closed.
            drop(lease);
        }
    }
}

/// From a socket to a session, or to nothing when the client wanted something else or was refused.
async fn start(socket: TcpStream, shared: &Shared) -> io::Result<Option<(Connection, Lease)>> {
    match open(socket, &shared.options).await? {
        Opened::Closed => Ok(None),
        Opened::Cancel { pid, secret } => {
            shared.clusters.cancel(pid, secret);
            Ok(None)
        }
        Opened::Session { mut stream, request } => match open_session(&mut stream, &request, shared).await? {
            Ok((lease, session, out)) => Ok(Some((Connection::new(stream, session, out), lease))),
            Err(mut error) => {
                error.fields_mut().severity = Severity::Fatal;
                refuse(stream, &error).await?;
                Ok(None)
            }
        },
    }
}

async fn open_session(stream: &mut Stream, request: &Request, shared: &Shared) -> io::Result<Result<(Lease, Session, Outgoing), SqlError>> {
    let lease = match lease(stream, request, shared.clusters.as_ref()).await {
        Ok(lease) => lease,
        Err(error) => return Ok(Err(error)),
    };
    if let Err(error) = lease.cluster.admit() {
        return Ok(Err(error));
    }
    let mut out = Outgoing::default();
    negotiate(&mut out, request);
    if let Err(error) = authenticate(stream, request, &lease, &shared.options).await? {
        return Ok(Err(error));
    }
    let database = request.database.as_ref().unwrap_or(&request.user);
    if database != DATABASE && request.database.is_some() {
        return Ok(Err(fatal(SqlState::INVALID_CATALOG_NAME, &format!("database \"{database}\" does not exist"))));
    }
    let options = SessionOptions { user: request.user.clone(), parameters: request.parameters.clone() };
    let opened = Session::open(&lease.cluster, &options);
    Ok(opened
        .map_err(|error| if error.sqlstate() == SqlState::INVALID_AUTHORIZATION_SPECIFICATION { denied(error.message()) } else { error })
        .map(|session| {
            greet(&mut out, &session);
            (lease, session, out)
        }))
}

/// Offers protocol 3.0 to a client that asked for more.
fn negotiate(out: &mut Outgoing, request: &Request) {
    use bytes::BufMut;
    if request.minor == 0 && request.unsupported.is_empty() {
        return;
    }
    let body: usize = request.unsupported.iter().map(|option| option.len() + 1).sum();
    out.buffer.put_u8(b'v');
    out.buffer.put_i32(i32::try_from(12 + body).unwrap_or(i32::MAX));
    out.buffer.put_i32(3 << 16);
    out.buffer.put_i32(i32::try_from(request.unsupported.len()).unwrap_or(0));
    for option in &request.unsupported {
        out.buffer.put_slice(option.as_bytes());
        out.buffer.put_u8(0);
    }
}

/// The cluster named by the option or by the TLS host name, else the default one.
async fn lease(stream: &Stream, request: &Request, clusters: &dyn ClusterDirectory) -> Result<Lease, SqlError> {
    let label = stream.server_name().and_then(|name| name.split('.').next());
    let (named, by) = match &request.cluster {
        Some(name) => (Some(name.parse::<Id26>().map_err(|_| Absent::Unknown)), "amzn-cluster-id"),
        // A host name of another form, `localhost` say, names no cluster.
        None => (label.and_then(|label| label.parse().ok()).map(Ok), "the host name"),
    };
    let endpoint = match named {
        Some(Ok(endpoint)) => endpoint,
        Some(Err(absent)) => return Err(absent.refusal(by)),
        None => clusters.default_cluster().ok_or_else(no_name)?,
    };
    clusters.lease(endpoint).await.map_err(|absent| absent.refusal(by))
}

/// Nothing says which cluster is meant, and the listener has no default.
fn no_name() -> SqlError {
    fatal(SqlState::PROTOCOL_VIOLATION, "unable to accept connection, sni was not received")
        .hint("Connect to the host name of a cluster, or name it with the option amzn-cluster-id.")
}

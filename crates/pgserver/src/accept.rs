//! The listener: one task per connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use borealis_base::task;
use borealis_engine::{Session, SessionOptions};
use borealis_pgtypes::{Severity, SqlError, SqlState};
use tokio::io;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use crate::ServerOptions;
use crate::authenticate::{Caller, authenticate, denied, greet};
use crate::directory::{ClusterDirectory, Lease};
use crate::ending::{Ending, Phase, Stop};
use crate::outgoing::Outgoing;
use crate::route::Route;
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
    let mut out = Outgoing::default();
    negotiate(&mut out, request);
    let route = match Route::find(stream, request, shared.clusters.as_ref()) {
        Ok(route) => route,
        Err(error) => return Ok(Err(error)),
    };
    let caller = match authenticate(stream, request, route, &shared.options).await? {
        Ok(caller) => caller,
        Err(error) => return Ok(Err(error)),
    };
    Ok(enter(&caller, request, route, shared.clusters.as_ref()).await.map(|(lease, session)| {
        greet(&mut out, &session);
        (lease, session, out)
    }))
}

/// Into the cluster, which is opened if it is at rest: whoever comes this far has proved to be let in.
async fn enter(caller: &Caller, request: &Request, route: Route, clusters: &dyn ClusterDirectory) -> Result<(Lease, Session), SqlError> {
    let lease = clusters.lease(route.endpoint).await.map_err(|absent| route.refusal(absent))?;
    lease.cluster.admit()?;
    caller.check_mapping(&request.user, &lease.cluster)?;
    if let Some(database) = request.database.as_ref().filter(|database| *database != DATABASE) {
        return Err(fatal(SqlState::INVALID_CATALOG_NAME, &format!("database \"{database}\" does not exist")));
    }
    let options = SessionOptions { user: request.user.clone(), parameters: request.parameters.clone() };
    match Session::open(&lease.cluster, &options) {
        Ok(session) => Ok((lease, session)),
        Err(error) if error.sqlstate() == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => Err(denied(error.message())),
        Err(error) => Err(error),
    }
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

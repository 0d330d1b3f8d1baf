//! The listener: one task per connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use borealis_base::{Id26, task};
use borealis_engine::{Cluster, Session, SessionOptions};
use borealis_pgtypes::{Severity, SqlError, SqlState};
use tokio::io;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::authenticate::{authenticate, denied, greet};
use crate::outgoing::Outgoing;
use crate::session_loop::Connection;
use crate::startup::{Opened, Request, fatal, open, refuse};
use crate::stream::Stream;
use crate::{ClusterDirectory, ServerOptions};

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
    stop: watch::Sender<bool>,
}

/// Stops a running server.
#[derive(Clone)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// No more connections; those open end after their current statement.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

struct Shared {
    options: ServerOptions,
    clusters: Arc<dyn ClusterDirectory>,
    stopping: watch::Receiver<bool>,
}

impl Server {
    /// Binds the address.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(options: ServerOptions, clusters: Arc<dyn ClusterDirectory>) -> io::Result<Self> {
        let listener = TcpListener::bind(options.listen).await?;
        let (stop, stopping) = watch::channel(false);
        Ok(Self { listener, shared: Arc::new(Shared { options, clusters, stopping }), stop })
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

    /// Accepts connections until stopped.
    pub async fn run(self) {
        let mut stopping = self.shared.stopping.clone();
        loop {
            tokio::select! {
                // What it answers holds a lock: dropped here, so that this future may move between threads.
                () = async { drop(stopping.wait_for(|stop| *stop).await) } => return,
                accepted = self.listener.accept() => match accepted {
                    Ok((socket, peer)) => {
                        let shared = self.shared.clone();
                        task::spawn(async move { serve(socket, peer, &shared).await });
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
    match tokio::time::timeout(STARTUP_TIME_MAX, start(socket, shared)).await {
        Err(_) => tracing::debug!(%peer, "no session within the time allowed"),
        Ok(Err(error)) => tracing::debug!(%peer, %error, "the connection ended before its session"),
        Ok(Ok(None)) => {}
        Ok(Ok(Some(connection))) => {
            if let Err(error) = connection.run(shared.stopping.clone()).await {
                tracing::debug!(%peer, %error, "the connection ended");
            }
        }
    }
}

/// From a socket to a session, or to nothing when the client wanted something else or was refused.
async fn start(socket: TcpStream, shared: &Shared) -> io::Result<Option<Connection>> {
    match open(socket, &shared.options.tls, shared.options.plaintext).await? {
        Opened::Closed => Ok(None),
        Opened::Cancel { pid, secret } => {
            if let Some(cluster) = shared.clusters.default_cluster() {
                cluster.cancel(pid, secret);
            }
            Ok(None)
        }
        Opened::Session { mut stream, request } => match open_session(&mut stream, &request, shared).await? {
            Ok((session, out)) => Ok(Some(Connection::new(stream, session, out))),
            Err(mut error) => {
                error.fields_mut().severity = Severity::Fatal;
                refuse(stream, &error).await?;
                Ok(None)
            }
        },
    }
}

async fn open_session(stream: &mut Stream, request: &Request, shared: &Shared) -> io::Result<Result<(Session, Outgoing), SqlError>> {
    let cluster = match find_cluster(stream, request, shared.clusters.as_ref()) {
        Ok(cluster) => cluster,
        Err(error) => return Ok(Err(error)),
    };
    if let Err(error) = cluster.admit() {
        return Ok(Err(error));
    }
    let mut out = Outgoing::default();
    negotiate(&mut out, request);
    if let Err(error) = authenticate(stream, request, &cluster, &shared.options).await? {
        return Ok(Err(error));
    }
    let database = request.database.as_ref().unwrap_or(&request.user);
    if database != DATABASE && request.database.is_some() {
        return Ok(Err(fatal(SqlState::INVALID_CATALOG_NAME, &format!("database \"{database}\" does not exist"))));
    }
    let options = SessionOptions { user: request.user.clone(), parameters: request.parameters.clone() };
    let opened = Session::open(&cluster, &options);
    Ok(opened
        .map_err(|error| if error.sqlstate() == SqlState::INVALID_AUTHORIZATION_SPECIFICATION { denied(error.message()) } else { error })
        .map(|session| {
            greet(&mut out, &session);
            (session, out)
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
fn find_cluster(stream: &Stream, request: &Request, clusters: &dyn ClusterDirectory) -> Result<Arc<Cluster>, SqlError> {
    if let Some(name) = &request.cluster {
        let found = name.parse::<Id26>().ok().and_then(|id| clusters.find(id));
        return found.ok_or_else(|| denied("The cluster named by amzn-cluster-id does not exist."));
    }
    let label = stream.server_name().and_then(|name| name.split('.').next());
    if let Some(id) = label.and_then(|label| label.parse::<Id26>().ok()) {
        return clusters.find(id).ok_or_else(|| denied("The cluster named by the host name does not exist."));
    }
    clusters.default_cluster().ok_or_else(|| fatal(SqlState::CANNOT_CONNECT_NOW, "unable to accept connection, no cluster is running"))
}

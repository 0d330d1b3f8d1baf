//! A real cluster inside a test: what the tools above `client` are tried against.
//!
//! Tools reach a database over the wire only, so their tests do too: the server listens on a free loopback port, in the test's process, and lets everybody in.
//! Nothing but tests may depend on this crate.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use borealis_base::{OsRandom, SystemClock, task};
use borealis_client::{Endpoint, Tls};
use borealis_dialect::{Dialect, Lowered};
use borealis_fleet::{Fleet, FleetOptions, Home, Layout};
use borealis_pgserver::tls::Authority;
use borealis_pgserver::{Authentication, Plaintext, ServerOptions, Stop};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

/// Longer than any session takes to notice that its server ends.
const CLOSING_WAIT: Duration = Duration::from_secs(30);

/// What a future comes to on `runtime`. The calling thread may belong to another runtime, where `block_on` would refuse.
fn wait_for<T: Send + 'static>(runtime: &Runtime, future: impl Future<Output = T> + Send + 'static) -> T {
    let (done, result) = std::sync::mpsc::channel();
    runtime.spawn(async move { done.send(future.await) });
    result.recv().expect("the future does not panic")
}

fn fleet(setup: &Setup<'_>) -> Arc<Fleet> {
    let mut limits = Lowered::default();
    for limit in setup.limits {
        limits.add(limit).expect("a limit and its value");
    }
    let home = setup.folder.map_or(Home::Memory, |folder| Home::Folder(Layout::open(folder).expect("a data folder")));
    let options = FleetOptions {
        home,
        dialect: setup.dialect,
        limits,
        idle_after: Duration::from_hours(1),
        clock: Arc::new(SystemClock::default()),
        random: Arc::new(OsRandom),
    };
    let fleet = Fleet::open(options).expect("the fleet opens");
    fleet.ensure_default_cluster().expect("the cluster is made");
    fleet
}

/// How the cluster is to be.
#[derive(Debug, Clone, Default)]
pub struct Setup<'a> {
    /// Its surface, the newest when not said.
    pub dialect: Option<Dialect>,
    /// Limits lowered for it, as `serve --limit` takes them: `rows-per-transaction=10`.
    pub limits: &'a [&'a str],
    /// Where its data lives, to be opened again; in memory when not said.
    pub folder: Option<&'a Path>,
}

/// A running server of one cluster. It ends, and its connections with it, when it is dropped.
pub struct Server {
    // Its own, so that a test may block or run on one thread: the engine's statements need several.
    runtime: Option<Runtime>,
    fleet: Arc<Fleet>,
    stop: Stop,
    running: Option<JoinHandle<()>>,
    address: SocketAddr,
}

impl Server {
    /// A new cluster in memory.
    ///
    /// # Panics
    /// When it cannot be served.
    #[must_use]
    pub fn start() -> Self {
        Self::with(&Setup::default())
    }

    /// A cluster to order.
    ///
    /// # Panics
    /// When it cannot be served, or a limit is none.
    #[must_use]
    pub fn with(setup: &Setup<'_>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime starts");
        let fleet = fleet(setup);
        let options = ServerOptions {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            tls: Authority::new()
                .and_then(|authority| Arc::new(authority).server_config(&["localhost".to_owned()], &[], Arc::new(|_| None)))
                .expect("a certificate is made"),
            plaintext: Plaintext::Allowed,
            authentication: Authentication::Trust,
            clock: Arc::new(SystemClock::default()),
        };
        let server = wait_for(&runtime, borealis_pgserver::Server::bind(options, fleet.clone())).expect("a free port is there");
        let address = server.local_address().expect("the socket has an address");
        let stop = server.stopper();
        let running = runtime.spawn(server.run());
        Self { runtime: Some(runtime), fleet, stop, running: Some(running), address }
    }

    /// How `admin` reaches it.
    #[must_use]
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint_as("admin")
    }

    /// How another role reaches it.
    ///
    /// # Panics
    /// Never: the host is a name.
    #[must_use]
    pub fn endpoint_as(&self, role: &str) -> Endpoint {
        let host = format!("localhost:{}", self.address.port());
        Endpoint { tls: Tls::DisabledForLoopback, ..Endpoint::resolve(&host, None, role).expect("a host and a port") }
    }

    /// The address it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    /// Ends the sessions behind their statements and closes the cluster, so that its folder can be opened again.
    fn drop(&mut self) {
        let (Some(runtime), Some(running)) = (self.runtime.take(), self.running.take()) else { return };
        self.stop.stop();
        let fleet = self.fleet.clone();
        // On a thread of its own, for a runtime must not be dropped on a thread of another.
        let closing = task::spawn_thread("closing", move || {
            runtime.block_on(async {
                // What has not ended by then is a bug that the test is about to show; the cluster is closed under it.
                let _ = tokio::time::timeout(CLOSING_WAIT, running).await;
            });
            fleet.close(CLOSING_WAIT);
            runtime.shutdown_timeout(CLOSING_WAIT);
        });
        // A panic in there must not hide the test's own.
        let _ = closing.join();
    }
}

#[cfg(test)]
mod tests;

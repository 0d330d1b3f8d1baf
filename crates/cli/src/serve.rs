//! `borealis serve`.

use std::io::{IsTerminal, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use borealis_auth::{KeyStore, LiveKeyStore};
use borealis_base::{Clock, Id26, OsRandom, Random, SystemClock};
use borealis_dialect::{Dialect, Lowered};
use borealis_engine::{Cluster, ClusterOptions};
use borealis_pgserver::tls::Authority;
use borealis_pgserver::{Authentication, ClusterDirectory, Plaintext, Server, ServerOptions};
use borealis_storage::Medium;
use clap::{Args, ValueEnum};

use crate::Failure;
use crate::data_folder::{DataFolder, ServerFile};

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Data folder [default: the platform's data folder]
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    data: Option<PathBuf>,
    /// Keep nothing: all data is gone when the server ends
    #[arg(long, conflicts_with = "data")]
    memory: bool,
    /// Address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:5432")]
    listen: SocketAddr,
    /// Region of the cluster's endpoint name and of tokens
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// Surface of a new cluster: 2026-09 or 2026-02 [default: 2026-09]; one that exists keeps its own
    #[arg(long)]
    dialect: Option<Dialect>,
    /// Lower a limit for this run, to see what happens at it: `--limit rows-per-transaction=10`; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    limit: Vec<String>,
    /// How clients prove who they are; trust lets everybody in and is for throw-away use
    #[arg(long, value_enum, default_value_t = Auth::Iam)]
    auth: Auth,
    /// Let clients connect without TLS (loopback addresses only)
    #[arg(long)]
    allow_plaintext: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Auth {
    Iam,
    Trust,
}

/// One cluster behind one listener.
struct OneCluster(Arc<Cluster>);

impl ClusterDirectory for OneCluster {
    fn default_cluster(&self) -> Option<Arc<Cluster>> {
        Some(self.0.clone())
    }

    fn find(&self, id: Id26) -> Option<Arc<Cluster>> {
        (self.0.id() == id).then(|| self.0.clone())
    }
}

/// A folder for keys and certificates of a server that keeps no data, removed at its end.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // Nothing in it is of use any more; what cannot be removed is the temporary folder's business.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn run(arguments: &Serve) -> Result<(), Failure> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("BOREALIS_LOG").unwrap_or_else(|_| "warn".into()))
        .init();
    check(arguments)?;
    let (folder, _temporary) = folder(arguments)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let random: Arc<dyn Random> = Arc::new(OsRandom);
    let cluster = open_cluster(arguments, &folder, clock.clone(), random.clone())?;
    // A committing thread waits for its flush, so there are more threads than cores: the others go on meanwhile.
    let threads = std::thread::available_parallelism().map_or(2, usize::from) * 2;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    let served = runtime.block_on(serve(arguments, &folder, &cluster, clock, random.as_ref()));
    cluster.close();
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    if !arguments.memory {
        folder.remove_server();
    }
    served
}

/// Settings that must not meet.
fn check(arguments: &Serve) -> Result<(), Failure> {
    let loopback = arguments.listen.ip().is_loopback();
    if arguments.auth == Auth::Trust && !loopback {
        return Err(
            format!("--auth trust lets everybody in, so it is refused on {}; listen on a loopback address", arguments.listen).into()
        );
    }
    if arguments.allow_plaintext && !loopback {
        return Err(format!("--allow-plaintext is refused on {}; listen on a loopback address", arguments.listen).into());
    }
    Ok(())
}

fn folder(arguments: &Serve) -> Result<(DataFolder, Option<Temporary>), Failure> {
    if arguments.memory {
        let path = std::env::temp_dir().join(format!("borealis-{}", Id26::random(&OsRandom)));
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        return Ok((DataFolder::resolve(Some(&path))?, Some(Temporary(path))));
    }
    let folder = DataFolder::resolve(arguments.data.as_deref())?;
    std::fs::create_dir_all(folder.path()).map_err(|error| format!("{}: {error}", folder.path().display()))?;
    eprintln!("data folder: {}", folder.path().display());
    Ok((folder, None))
}

fn open_cluster(arguments: &Serve, folder: &DataFolder, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Arc<Cluster>, Failure> {
    let mut limits = Lowered::default();
    for limit in &arguments.limit {
        limits.add(limit).map_err(|error| format!("--limit {limit}: {error}"))?;
    }
    let medium = if arguments.memory { Medium::Memory } else { Medium::Folder(folder.store()) };
    if let Medium::Folder(path) = &medium {
        std::fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    let store = borealis_storage::Options::new(medium);
    Ok(Cluster::open(ClusterOptions { store, dialect: arguments.dialect, clock, random, limits })?)
}

async fn serve(
    arguments: &Serve,
    folder: &DataFolder,
    cluster: &Arc<Cluster>,
    clock: Arc<dyn Clock>,
    random: &dyn Random,
) -> Result<(), Failure> {
    let authority = Authority::open(&folder.tls())?;
    let names = ["localhost".to_owned(), format!("*.dsql.{}.on.aws", arguments.region)];
    let tls = authority.server_config(&names, &addresses(arguments.listen))?;
    let authentication = authentication(arguments, folder, random)?;
    let plaintext = if arguments.allow_plaintext { Plaintext::Allowed } else { Plaintext::Refused };
    let options = ServerOptions { listen: arguments.listen, tls, plaintext, authentication, clock };
    let server = Server::bind(options, Arc::new(OneCluster(cluster.clone())))
        .await
        .map_err(|error| format!("cannot listen on {}: {error}; choose another address with --listen", arguments.listen))?;
    let address = server.local_address()?;
    folder.write_server(&ServerFile {
        host: reachable(address).to_string(),
        port: address.port(),
        cluster: cluster.id().to_string(),
        region: arguments.region.clone(),
        auth: if arguments.auth == Auth::Iam { "iam" } else { "trust" }.to_owned(),
    })?;
    announce(address, cluster.id())?;
    let stop = server.stopper();
    let running = server.run();
    tokio::pin!(running);
    tokio::select! {
        () = &mut running => {}
        signal = stop_signal() => {
            eprintln!("stopping: {}", signal?);
            stop.stop();
            running.await;
        }
    }
    Ok(())
}

fn authentication(arguments: &Serve, folder: &DataFolder, random: &dyn Random) -> Result<Authentication, Failure> {
    if arguments.auth == Auth::Trust {
        return Ok(Authentication::Trust);
    }
    KeyStore::create_default(&folder.credentials(), random)?;
    let mut hosts = vec!["localhost".to_owned()];
    hosts.extend(addresses(arguments.listen).iter().map(ToString::to_string));
    let keys = Arc::new(LiveKeyStore::load(&folder.credentials())?);
    Ok(Authentication::Iam { keys, region: arguments.region.clone(), hosts, policies: Arc::new(|_| None) })
}

/// The line that scripts wait for.
fn announce(address: SocketAddr, cluster: Id26) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready postgres={address} control=none cluster={cluster}")?;
    out.flush()
}

/// Addresses the certificate is good for.
fn addresses(listen: SocketAddr) -> Vec<IpAddr> {
    let mut addresses = vec![IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
    if !listen.ip().is_unspecified() && !addresses.contains(&listen.ip()) {
        addresses.push(listen.ip());
    }
    addresses
}

/// Where a client on this machine connects.
fn reachable(address: SocketAddr) -> IpAddr {
    match address.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(_) => IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]),
    }
}

async fn stop_signal() -> std::io::Result<&'static str> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted.map(|()| "interrupted"),
        _ = terminate.recv() => Ok("told to terminate"),
    }
}

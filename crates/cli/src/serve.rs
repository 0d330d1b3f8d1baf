//! `borealis serve`.

mod control;
mod life;

use std::io::{IsTerminal, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use borealis_auth::{KeyStore, LiveKeyStore, LivePasswords};
use borealis_base::{Clock, Id26, OsRandom, Random, SystemClock};
use borealis_control::Registry;
use borealis_dialect::{Dialect, Lowered};
use borealis_fleet::{Fleet, FleetOptions, Home, Layout};
use borealis_pgserver::tls::Authority;
use borealis_pgserver::{Authentication, Plaintext, Server, ServerOptions, Sites};
use clap::{Args, ValueEnum};

use crate::Failure;
use crate::data_folder::{DataFolder, ServerFile};
use crate::owner::Listener;

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Data folder [default: the one in BOREALIS_DATA, or the platform's data folder]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Keep nothing: all data is gone when the server ends, and so is the folder, printed at the start, that other commands find it by
    #[arg(long, conflicts_with = "data")]
    memory: bool,
    /// Address to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:5432")]
    listen: SocketAddr,
    /// Address of the cluster API, for the AWS CLI and SDKs [default: 127.0.0.1:3775, or a free port when --listen picks one]
    #[arg(long, value_name = "ADDR:PORT")]
    control: Option<SocketAddr>,
    /// Serve no cluster API
    #[arg(long, conflicts_with = "control")]
    no_control: bool,
    /// How many single-Region clusters there may be
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    cluster_quota: usize,
    /// Where change streams deliver whose target is not in DATA/control/targets.json: a folder, one file of JSON lines for each target, or an http:// address
    #[arg(long, value_name = "DIR|URL", conflicts_with = "no_control")]
    stream_sink: Option<String>,
    /// Region of the cluster's endpoint name and of tokens
    #[arg(long, default_value = "us-east-1")]
    region: String,
    /// Surface of new clusters: 2026-09 or 2026-02 [default: 2026-09]; one that exists keeps its own
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
    /// How long a cluster stays open when nothing needs it; its next connection opens it again
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    idle_after: u64,
    /// How long transactions have to finish when the server is told to stop; a second signal stops it at once
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    drain: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Auth {
    Iam,
    Trust,
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
        // It would say on stderr that stderr is gone, and panic over it.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("BOREALIS_LOG").unwrap_or_else(|_| "warn".into()))
        .init();
    check(arguments)?;
    let (folder, _temporary) = folder(arguments)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
    let random: Arc<dyn Random> = Arc::new(OsRandom);
    life::raise_descriptor_limit();
    let fleet = fleet(arguments, &folder, clock.clone(), random.clone())?;
    let cluster = default_cluster(arguments, &fleet)?;
    // A committing thread waits for its flush, so there are more threads than cores: the others go on meanwhile.
    let threads = std::thread::available_parallelism().map_or(2, usize::from) * 2;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    let served = runtime.block_on(serve(arguments, &folder, &fleet, cluster, clock, random));
    // Also after an error: what is open is closed properly.
    fleet.close(life::CLOSING_WAIT);
    runtime.shutdown_timeout(life::CLOSING_WAIT);
    if !arguments.memory {
        folder.remove_server();
    }
    served
}

/// Settings that must not meet.
fn check(arguments: &Serve) -> Result<(), Failure> {
    let listeners = [Some(arguments.listen), control::address(arguments)];
    let Some(open) = listeners.into_iter().flatten().find(|address| !address.ip().is_loopback()) else { return Ok(()) };
    if arguments.auth == Auth::Trust {
        return Err(format!("--auth trust lets everybody in, so it is refused on {open}; listen on a loopback address").into());
    }
    if arguments.allow_plaintext {
        return Err(format!("--allow-plaintext is refused on {open}; listen on a loopback address").into());
    }
    Ok(())
}

fn folder(arguments: &Serve) -> Result<(DataFolder, Option<Temporary>), Failure> {
    if arguments.memory {
        let path = std::env::temp_dir().join(format!("borealis-{}", Id26::random(&OsRandom)));
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        note(format_args!("data folder, for this run: {}", path.display()));
        return Ok((DataFolder::resolve(Some(&path))?, Some(Temporary(path))));
    }
    // Not by the argument itself: whoever has the variable set may still serve without a folder.
    let given = arguments.data.clone().or_else(|| std::env::var_os("BOREALIS_DATA").map(PathBuf::from));
    let folder = DataFolder::resolve(given.as_deref())?;
    std::fs::create_dir_all(folder.path()).map_err(|error| format!("{}: {error}", folder.path().display()))?;
    note(format_args!("data folder: {}", folder.path().display()));
    Ok((folder, None))
}

fn fleet(arguments: &Serve, folder: &DataFolder, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Arc<Fleet>, Failure> {
    let mut limits = Lowered::default();
    for limit in &arguments.limit {
        limits.add(limit).map_err(|error| format!("--limit {limit}: {error}"))?;
    }
    let home = if arguments.memory { Home::Memory } else { Home::Folder(Layout::open(folder.path())?) };
    let idle_after = Duration::from_secs(arguments.idle_after);
    Ok(Fleet::open(FleetOptions { home, dialect: arguments.dialect, limits, idle_after, clock, random })?)
}

/// The cluster for connections that name none, opened already: what keeps it from opening is said at the start. Where it is one of many it does not keep
/// the others from being served.
fn default_cluster(arguments: &Serve, fleet: &Fleet) -> Result<Id26, Failure> {
    let cluster = fleet.ensure_default_cluster()?;
    match fleet.open_now(cluster, arguments.dialect) {
        Err(error) if fleet.clusters().len() > 1 => note(format_args!("the default cluster cannot be served, the others are: {error}")),
        opened => opened?,
    }
    Ok(cluster)
}

async fn serve(
    arguments: &Serve,
    folder: &DataFolder,
    fleet: &Arc<Fleet>,
    cluster: Id26,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<(), Failure> {
    let registry = control::registry(arguments, folder, cluster, clock.clone())?;
    let authority = Arc::new(Authority::open(&folder.tls())?);
    let names = ["localhost".to_owned(), format!("*.dsql.{}.on.aws", arguments.region)];
    let tls = authority.server_config(&names, &addresses(arguments.listen), control::wildcards(&registry))?;
    let authentication = authentication(arguments, folder, random.as_ref(), control::sites(&registry))?;
    let plaintext = if arguments.allow_plaintext { Plaintext::Allowed } else { Plaintext::Refused };
    let options = ServerOptions { listen: arguments.listen, tls: tls.clone(), plaintext, authentication, clock: clock.clone() };
    let server = Server::bind(options, fleet.clone())
        .await
        .map_err(|error| format!("cannot listen on {}: {error}; choose another address with --listen", arguments.listen))?;
    let address = server.local_address()?;
    let control = control::start(arguments, folder, fleet, &registry, tls, clock, random).await?;
    let url = control.as_ref().map(|control| control.url.clone());
    folder.write_server(&ServerFile {
        host: reachable(address).to_string(),
        port: address.port(),
        cluster: cluster.to_string(),
        region: arguments.region.clone(),
        auth: if arguments.auth == Auth::Iam { "iam" } else { "trust" }.to_owned(),
        control: url.clone(),
    })?;
    let signals = life::Signals::listen(folder.clone())?;
    let _owner = owner(folder, fleet, &registry);
    announce(address, url.as_deref(), cluster)?;
    life::close_idle_clusters(fleet);
    life::run_until_stopped(server, fleet, signals, Duration::from_secs(arguments.drain)).await;
    if let Some(control) = control {
        control.stop().await;
    }
    Ok(())
}

/// Where backups are asked for. A server without it serves all the same.
fn owner(folder: &DataFolder, fleet: &Arc<Fleet>, registry: &Arc<Registry>) -> Option<Listener> {
    let started = Listener::start(folder, fleet, registry);
    let warn =
        |error: &std::io::Error| tracing::warn!(%error, folder = %folder.path().display(), "no backups can be made while this server runs");
    started.inspect_err(warn).ok()
}

fn authentication(arguments: &Serve, folder: &DataFolder, random: &dyn Random, sites: Sites) -> Result<Authentication, Failure> {
    if arguments.auth == Auth::Trust {
        return Ok(Authentication::Trust);
    }
    let key = KeyStore::create_default(&folder.credentials(), random, crate::principals::now())?;
    let mut hosts = vec!["localhost".to_owned()];
    hosts.extend(addresses(arguments.listen).iter().map(ToString::to_string));
    let keys = Arc::new(LiveKeyStore::load(&folder.credentials())?);
    if !arguments.no_control {
        control::tell_of_missing_permissions(keys.as_ref(), &key.id);
    }
    let passwords = Arc::new(LivePasswords::load(&folder.passwords())?);
    Ok(Authentication::Iam { keys, sites, hosts, passwords })
}

/// A line for people. Whoever listened on stderr may have gone, which is no reason to end.
fn note(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The line that scripts wait for.
fn announce(address: SocketAddr, control: Option<&str>, cluster: Id26) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready postgres={address} control={} cluster={cluster}", control.unwrap_or("none"))?;
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

//! The control endpoint beside the database's.

use std::net::SocketAddr;
use std::sync::Arc;

use borealis_auth::{ACTIONS, DEFAULT_PROFILE, KeyLookup, LOCAL_ACCOUNT, LiveKeyStore, ResourcePolicy};
use borealis_base::{Clock, Id26, Random, task};
use borealis_control::streaming::{Otherwise, Streaming, Targets};
use borealis_control::{Authentication, Home, Parts, Registry, Service, Settings};
use borealis_fleet::{Feed, Fleet};
use borealis_pgserver::tls::Wildcards;
use borealis_pgserver::{Site, Sites};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Auth, Serve, note, reachable};
use crate::data_folder::DataFolder;
use crate::{Failure, Usage};

/// The port of the cluster API, when none is named.
const PORT: u16 = 3775;
/// What holds for a cluster whose policy cannot be read: nobody gets in by mistake.
const NOBODY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}]}"#;

/// What is known of the clusters, the default one among them.
pub(super) fn registry(arguments: &Serve, folder: &DataFolder, default: Id26, clock: Arc<dyn Clock>) -> Result<Arc<Registry>, Failure> {
    let registry = if arguments.memory { Registry::in_memory(clock) } else { Registry::open(&folder.control(), clock)? };
    registry.adopt(default, Home { account: LOCAL_ACCOUNT.to_owned(), region: arguments.region.clone() })?;
    Ok(Arc::new(registry))
}

/// What is recorded of a cluster, for its connections.
pub(super) fn sites(registry: &Arc<Registry>) -> Sites {
    let registry = registry.clone();
    Arc::new(move |id| {
        let cluster = registry.cluster(id)?;
        let policy = cluster.policy.as_ref().map(|policy| policy_of(id, &policy.document));
        Some(Site { arn: cluster.arn(), policy })
    })
}

fn policy_of(cluster: Id26, document: &str) -> Arc<ResourcePolicy> {
    let policy = ResourcePolicy::parse(document).or_else(|error| {
        tracing::error!(%cluster, %error, "the policy of the cluster cannot be read, so nobody is let in; put it again");
        ResourcePolicy::parse(NOBODY)
    });
    Arc::new(policy.expect("the policy that lets nobody in is a policy"))
}

/// A cluster's endpoint name wants the certificate of its Region.
pub(super) fn wildcards(registry: &Arc<Registry>) -> Wildcards {
    let registry = registry.clone();
    Arc::new(move |name| {
        let (id, domain) = name.split_once('.')?;
        let cluster = registry.cluster(id.parse().ok()?)?;
        cluster.endpoint().eq_ignore_ascii_case(name).then(|| format!("*.{}", domain.to_ascii_lowercase()))
    })
}

/// The key of the local commands may connect and nothing else when its data folder is older than the cluster API. What mends it is said, not done: nobody
/// is given rights unasked.
pub(super) fn tell_of_missing_permissions(keys: &dyn KeyLookup, key_id: &str) {
    let Some(stored) = keys.find(key_id) else { return };
    let mut of_the_api = ACTIONS.iter().filter(|action| !action.starts_with("DbConnect"));
    if !of_the_api.any(|action| stored.permissions.speaks_for(&format!("dsql:{action}"))) {
        note(format_args!(
            "the user {DEFAULT_PROFILE} may not call the cluster API, which this data folder is older than; to allow it: borealis key grant {DEFAULT_PROFILE} 'dsql:*'"
        ));
    }
}

/// A running control endpoint.
pub(super) struct Control {
    pub(super) url: String,
    stop: watch::Sender<bool>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Control {
    /// Lets requests under way end, and no more in.
    pub(super) async fn stop(self) {
        self.stop.send_replace(true);
        match self.serving.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the control endpoint ended badly"),
            Err(panic) => tracing::error!(%panic, "the control endpoint ended badly"),
        }
    }
}

/// Where the control endpoint listens: beside a database on a port that was picked it picks one too. `None` when there is to be none.
pub(super) fn address(arguments: &Serve) -> Option<SocketAddr> {
    let port = if arguments.listen.port() == 0 { 0 } else { PORT };
    (!arguments.no_control).then(|| arguments.control.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], port))))
}

/// Opens the endpoint, if there is to be one.
pub(super) async fn start(
    arguments: &Serve,
    folder: &DataFolder,
    fleet: &Arc<Fleet>,
    registry: &Arc<Registry>,
    tls: Arc<rustls::ServerConfig>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> Result<Option<Control>, Failure> {
    let Some(address) = address(arguments) else { return Ok(None) };
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address} for the cluster API: {error}; choose another address with --control, or --no-control")
    })?;
    let address = listener.local_addr()?;
    let authentication = match arguments.auth {
        Auth::Iam => Authentication::Iam(Arc::new(LiveKeyStore::load(&folder.credentials())?)),
        Auth::Trust => Authentication::Trust { region: arguments.region.clone() },
    };
    let streaming = Some(streaming(arguments, folder, fleet, clock.clone())?);
    let parts = Parts { registry: registry.clone(), hosting: fleet.clone(), authentication, streaming, clock, random };
    let settings = Settings { single_region_clusters_max: arguments.cluster_quota, ..Settings::default() };
    let router = Service::start(parts, settings).router();
    let (scheme, tls) = if arguments.allow_plaintext { ("http", None) } else { ("https", Some(tls)) };
    let (stop, mut stopped) = watch::channel(false);
    let serving = task::spawn(async move {
        // Who can no longer tell it to stop has gone, which says the same.
        let stop = async move { drop(stopped.wait_for(|stop| *stop).await) };
        borealis_control::serve(listener, tls, router, stop).await
    });
    let url = format!("{scheme}://{}", SocketAddr::new(reachable(address), address.port()));
    Ok(Some(Control { url, stop, serving }))
}

/// Where streams read, and where they may write.
fn streaming(arguments: &Serve, folder: &DataFolder, fleet: &Arc<Fleet>, clock: Arc<dyn Clock>) -> Result<Streaming, Failure> {
    let otherwise = arguments.stream_sink.as_deref().map(otherwise).transpose()?;
    let targets = Targets::at(&folder.control().join("targets.json")).or(otherwise);
    let cursors = (!arguments.memory).then(|| folder.control().join("streams"));
    Ok(Streaming { feed: Arc::new(Feed::new(fleet)), targets, cursors, clock })
}

fn otherwise(sink: &str) -> Result<Otherwise, Failure> {
    if sink.starts_with("http://") {
        return Ok(Otherwise::Address(sink.to_owned()));
    }
    if sink.contains("://") {
        return Err(Usage::because(format!("--stream-sink {sink}: it is neither a folder nor http://host:port/path")));
    }
    let folder = std::path::absolute(sink)?;
    std::fs::create_dir_all(&folder).map_err(|error| format!("--stream-sink {}: {error}", folder.display()))?;
    Ok(Otherwise::Folder(folder))
}

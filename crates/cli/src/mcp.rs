//! `borealis mcp`.
//!
//! What an agent may reach is said here, on the command line or in a file of targets, by the operator. Nothing that a call says adds to it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use borealis_client::CredentialsSource;
use borealis_mcp::{Options, Target, Tenancy};
use clap::Args;
use serde::Deserialize;

use crate::Failure;
use crate::cluster::place::Place;
use crate::connection;
use crate::mcp_http::Http;

#[derive(Debug, Args)]
pub(crate) struct Mcp {
    /// Endpoint: a host name, `host:port` or a cluster id [default: the local cluster]
    #[arg(long, alias = "cluster_endpoint", value_name = "HOST[:PORT]", env = "CLUSTER")]
    endpoint: Option<String>,
    /// Database role
    #[arg(long, alias = "database_user", default_value = "admin")]
    user: String,
    /// Region to sign tokens for
    #[arg(long, env = "REGION")]
    region: Option<String>,
    /// Profile of the credentials file to sign tokens with [default: the environment's]
    #[arg(long)]
    profile: Option<String>,
    /// Data folder of the local cluster
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    data: Option<PathBuf>,
    /// No database: the tools of the documentation only
    #[arg(long, conflicts_with_all = ["endpoint", "targets", "allow_writes", "tenant_column"])]
    docs_only: bool,
    /// Let `transact` write
    #[arg(long)]
    allow_writes: bool,
    /// Several databases, for calls to choose from: a JSON file {"targets": [{"name", "endpoint", "user", "region", "profile", "allow_writes"}]}
    #[arg(long, value_name = "FILE", conflicts_with_all = ["endpoint", "region", "profile", "allow_writes"])]
    targets: Option<PathBuf>,
    /// Seconds after which a call's transaction is cancelled
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=300))]
    time_limit: u64,
    /// The most rows of a result; a larger one is an error with advice
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    max_result_rows: u32,
    /// The most connections to each database at one time
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1000))]
    connections: u32,
    /// Offer load_data, which loads files of this folder into tables
    #[arg(long, value_name = "DIR", requires = "allow_writes", conflicts_with = "tenant_column")]
    load_from: Option<PathBuf>,
    /// Offer list_clusters and cluster_info, which ask the cluster API: the local server's, or the real service's in the region
    #[arg(long)]
    cluster_api: bool,
    /// Hold every statement to one tenant's rows: the column that tells tenants apart, in every table
    #[arg(long, value_name = "COLUMN")]
    tenant_column: Option<String>,
    /// The tenant [default: the one that each client's token is for]
    #[arg(long, value_name = "VALUE", requires = "tenant_column")]
    tenant: Option<String>,
    /// A table without the tenant column that may be read all the same, `name` or `schema.name`; may be repeated
    #[arg(long, value_name = "TABLE", requires = "tenant_column")]
    shared_table: Vec<String>,
    #[command(flatten)]
    http: Http,
}

pub(crate) fn run(arguments: &Mcp) -> Result<(), Failure> {
    let mut options = Options::new(targets(arguments)?);
    options.time_limit = Duration::from_secs(arguments.time_limit);
    options.limits.rows_max = usize::try_from(arguments.max_result_rows)?;
    options.pool.connections_max = usize::try_from(arguments.connections)?;
    options.tenancy = tenancy(arguments)?;
    options.data_folder.clone_from(&arguments.load_from);
    if arguments.cluster_api {
        let place = Place::near(arguments.data.clone(), arguments.region.clone(), false);
        options.clusters = Some(place.control_plane()?);
    }
    match arguments.http.address() {
        Some(listen) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(arguments.http.serve(listen, options, arguments.data.as_deref(), warn))
        }
        None => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            Ok(runtime.block_on(borealis_mcp::serve_stdio(options, warn))?)
        }
    }
}

fn tenancy(arguments: &Mcp) -> Result<Option<Tenancy>, Failure> {
    let Some(column) = arguments.tenant_column.clone() else { return Ok(None) };
    if arguments.tenant.is_none() && arguments.http.address().is_none() {
        return Err("--tenant-column without --tenant: on stdin and stdout there is one client, and its tenant has to be said".into());
    }
    Ok(Some(Tenancy { column, value: arguments.tenant.clone(), shared: arguments.shared_table.clone() }))
}

/// Stdout belongs to the protocol.
fn warn(problem: &str) {
    eprintln!("borealis mcp: {problem}");
}

fn targets(arguments: &Mcp) -> Result<Vec<Target>, Failure> {
    if arguments.docs_only {
        return Ok(Vec::new());
    }
    if let Some(path) = &arguments.targets {
        return read_targets(path, arguments.data.as_deref());
    }
    let registered = Registered {
        name: "default".to_owned(),
        endpoint: arguments.endpoint.clone(),
        user: arguments.user.clone(),
        region: arguments.region.clone(),
        profile: arguments.profile.clone(),
        allow_writes: arguments.allow_writes,
    };
    match registered.target(arguments.data.as_deref()) {
        Ok(target) => Ok(vec![target]),
        // Nothing was asked for by name, and there is no local cluster: tools that need no database still work.
        Err(failure) if arguments.endpoint.is_none() => {
            warn(&failure.to_string());
            Ok(Vec::new())
        }
        Err(failure) => Err(failure),
    }
}

/// The file of targets.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetsFile {
    targets: Vec<Registered>,
}

/// One database as the operator registers it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Registered {
    name: String,
    #[serde(default)]
    endpoint: Option<String>,
    #[serde(default = "admin")]
    user: String,
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    profile: Option<String>,
    #[serde(default)]
    allow_writes: bool,
}

fn admin() -> String {
    "admin".to_owned()
}

impl Registered {
    fn target(self, data: Option<&Path>) -> Result<Target, Failure> {
        let Self { name, endpoint, user, region, profile, allow_writes } = self;
        let reached = connection::Target { endpoint, user, region, data: data.map(Path::to_owned) };
        let mut endpoint = connection::endpoint(&reached)?;
        if let Some(profile) = profile {
            endpoint.credentials = CredentialsSource::Profile { path: None, profile };
        }
        Ok(Target { name, endpoint, allow_writes })
    }
}

fn read_targets(path: &Path, data: Option<&Path>) -> Result<Vec<Target>, Failure> {
    let bad = |what: String| format!("{}: {what}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    let file: TargetsFile = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    if file.targets.is_empty() {
        return Err(bad("there is no target in it".to_owned()).into());
    }
    let mut names = HashSet::new();
    let mut targets = Vec::new();
    for registered in file.targets {
        let name = registered.name.clone();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
            return Err(bad(format!("\"{name}\" is not a name for a target: letters, digits, - and _ make one")).into());
        }
        if !names.insert(name.clone()) {
            return Err(bad(format!("there are two targets called \"{name}\"")).into());
        }
        targets.push(registered.target(data).map_err(|failure| bad(format!("target \"{name}\": {failure}")))?);
    }
    Ok(targets)
}

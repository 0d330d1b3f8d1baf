//! From a command's target to an endpoint.

use std::path::PathBuf;

use borealis_client::{Endpoint, Roots};
use clap::Args;

use crate::Failure;
use crate::data_folder::{DataFolder, ServerFile};
use crate::local_key;

/// Which database a command works on.
#[derive(Debug, Args)]
pub(crate) struct Target {
    /// Endpoint: a host name, `host:port` or a cluster id [default: the local cluster]
    #[arg(long, value_name = "HOST[:PORT]", env = "CLUSTER")]
    pub(crate) endpoint: Option<String>,
    /// Database role
    #[arg(long, env = "DB_USER", default_value = "admin")]
    pub(crate) user: String,
    /// Region to sign tokens for
    #[arg(long, env = "REGION")]
    pub(crate) region: Option<String>,
    /// Data folder of the local cluster
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    pub(crate) data: Option<PathBuf>,
}

/// The endpoint a command works on: the one named, or the local server's default cluster.
pub(crate) fn endpoint(target: &Target) -> Result<Endpoint, Failure> {
    match (on_local_server(target)?, &target.endpoint) {
        (Some((folder, server, host)), _) => local(&folder, &server, &host, &target.user),
        (None, Some(named)) => Ok(Endpoint::resolve(named, target.region.as_deref(), &target.user)?),
        (None, None) => Err("no endpoint was named, and there is no local server".into()),
    }
}

/// Whether the server lets everybody in, so that there may be no key to prove oneself with.
pub(crate) fn is_trusting(target: &Target) -> bool {
    matches!(on_local_server(target), Ok(Some((_, server, _))) if server.auth == "trust")
}

/// The local server and the cluster's name there, when that is what is meant.
fn on_local_server(target: &Target) -> Result<Option<(DataFolder, ServerFile, String)>, Failure> {
    let folder = DataFolder::resolve(target.data.as_deref());
    let Some(named) = &target.endpoint else {
        let folder = folder?;
        let server = folder.server()?;
        let host = server.endpoint();
        return Ok(Some((folder, server, host)));
    };
    let Ok(folder) = folder else { return Ok(None) };
    let Ok(server) = folder.server() else { return Ok(None) };
    let own = || server.listens_on(named).then(|| server.endpoint());
    let host = local_host(&folder, &server, named).or_else(own);
    Ok(host.map(|host| (folder, server, host)))
}

/// The name of a cluster that the local server has, if that is what was named: its address and keys are known.
pub(crate) fn local_host(folder: &DataFolder, server: &ServerFile, named: &str) -> Option<String> {
    let id = named.split('.').next()?;
    let region = if id == server.cluster { server.region.clone() } else { folder.cluster_region(id.parse().ok()?)? };
    if named == id {
        return Some(format!("{id}.dsql.{region}.on.aws"));
    }
    let is_name = named.strip_prefix(id).is_some_and(|rest| rest.starts_with(".dsql.") && rest.ends_with(".on.aws"));
    is_name.then(|| named.to_owned())
}

/// A cluster of the local server, with the keys and the certificate authority of its data folder.
pub(crate) fn local(folder: &DataFolder, server: &ServerFile, host: &str, user: &str) -> Result<Endpoint, Failure> {
    let mut endpoint = Endpoint::resolve(host, None, user)?;
    endpoint.port = server.port;
    endpoint.address = Some(server.host.clone());
    endpoint.roots = Roots::File(borealis_pgserver::tls::Authority::certificate_path(&folder.tls()));
    endpoint.credentials = local_key::source(folder, None);
    Ok(endpoint)
}

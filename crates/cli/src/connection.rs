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

/// The endpoint a command works on: the one named, or the local cluster.
pub(crate) fn endpoint(target: &Target) -> Result<Endpoint, Failure> {
    if let Some(named) = &target.endpoint
        && !is_local(target, named)
    {
        return Ok(Endpoint::resolve(named, target.region.as_deref(), &target.user)?);
    }
    let folder = DataFolder::resolve(target.data.as_deref())?;
    let server = folder.server()?;
    local(&folder, &server, &target.user)
}

/// Whether a named endpoint is the local cluster's own name: then its address and keys are known.
fn is_local(target: &Target, named: &str) -> bool {
    let server = DataFolder::resolve(target.data.as_deref()).and_then(|folder| folder.server());
    server.is_ok_and(|server| named == server.cluster || named == server.endpoint())
}

/// The local cluster, with the keys and the certificate authority of its data folder.
pub(crate) fn local(folder: &DataFolder, server: &ServerFile, user: &str) -> Result<Endpoint, Failure> {
    let mut endpoint = Endpoint::resolve(&server.endpoint(), Some(&server.region), user)?;
    endpoint.port = server.port;
    endpoint.address = Some(server.host.clone());
    endpoint.roots = Roots::File(borealis_pgserver::tls::Authority::certificate_path(&folder.tls()));
    endpoint.credentials = local_key::source(folder, None);
    Ok(endpoint)
}

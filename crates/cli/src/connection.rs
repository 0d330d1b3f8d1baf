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
    let folder = DataFolder::resolve(target.data.as_deref());
    let Some(named) = &target.endpoint else {
        let folder = folder?;
        let server = folder.server()?;
        return local(&folder, &server, &server.endpoint(), &target.user);
    };
    if let Ok(folder) = folder
        && let Ok(server) = folder.server()
    {
        if let Some(host) = local_host(&folder, &server, named) {
            return local(&folder, &server, &host, &target.user);
        }
        if server.listens_on(named) {
            return local(&folder, &server, &server.endpoint(), &target.user);
        }
    }
    Ok(Endpoint::resolve(named, target.region.as_deref(), &target.user)?)
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

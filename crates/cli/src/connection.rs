//! From a command's target to an endpoint.

use borealis_client::{CredentialsSource, Endpoint, Roots};

use crate::Failure;
use crate::args::Target;
use crate::data_folder::{DataFolder, ServerFile};

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

fn local(folder: &DataFolder, server: &ServerFile, user: &str) -> Result<Endpoint, Failure> {
    let mut endpoint = Endpoint::resolve(&server.endpoint(), Some(&server.region), user)?;
    endpoint.port = server.port;
    endpoint.address = Some(server.host.clone());
    endpoint.roots = Roots::File(borealis_pgserver::tls::Authority::certificate_path(&folder.tls()));
    endpoint.credentials =
        CredentialsSource::Profile { path: Some(folder.credentials()), profile: borealis_auth::DEFAULT_PROFILE.to_owned() };
    Ok(endpoint)
}

//! `borealis token`.

use std::path::PathBuf;

use borealis_auth::{Action, TokenRequest, make_token};
use borealis_base::{Clock, SystemClock};
use borealis_client::CredentialsSource;
use clap::Args;

use crate::Failure;
use crate::data_folder::DataFolder;
use crate::{connection, local_key};

#[derive(Debug, Args)]
pub(crate) struct Token {
    /// A token for role admin (action DbConnectAdmin)
    #[arg(long)]
    admin: bool,
    /// Host name the token is for, or the id of a local cluster [default: the local server's default cluster]
    #[arg(long)]
    hostname: Option<String>,
    /// Region to sign for
    #[arg(long, env = "AWS_REGION")]
    region: Option<String>,
    /// Seconds the token is good for, at most a week
    #[arg(long, default_value_t = 900)]
    expires_in: u32,
    /// Profile to sign with [default: AWS_PROFILE, else the local server's own]
    #[arg(long)]
    profile: Option<String>,
    /// Data folder of the local cluster
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    data: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Token) -> Result<(), Failure> {
    let folder = DataFolder::resolve(arguments.data.as_deref())?;
    // A host that is named may be the real service's, whose keys come from the usual places.
    let server = if arguments.hostname.is_none() { Some(folder.server()?) } else { folder.server().ok() };
    let host = match (&arguments.hostname, &server) {
        (Some(host), _) => host.clone(),
        (None, Some(server)) => server.endpoint(),
        (None, None) => return Err("no host to make a token for; give --hostname".into()),
    };
    let own_name = server.as_ref().and_then(|server| connection::local_host(&folder, server, &host));
    let is_address = server.as_ref().is_some_and(|server| host == server.host || host == "localhost");
    let is_local = own_name.is_some() || is_address;
    let host = own_name.unwrap_or(host);
    let region = match (&arguments.region, &server) {
        (_, Some(server)) if is_address => server.region.clone(),
        (Some(region), _) if !is_local => region.clone(),
        _ => region_of(&host).ok_or("the region is not known from the host name; give --region")?,
    };
    let source = match &arguments.profile {
        profile if is_local => local_key::source(&folder, profile.as_deref()),
        Some(profile) => CredentialsSource::Profile { path: None, profile: profile.clone() },
        None => CredentialsSource::Chain,
    };
    let key = source.resolve_blocking()?;
    let action = if arguments.admin { Action::DbConnectAdmin } else { Action::DbConnect };
    let at = SystemClock::default().unix_micros().div_euclid(1_000_000);
    let request = TokenRequest { host: &host, region: &region, action, expires_in_seconds: arguments.expires_in, at };
    println!("{}", make_token(&key, &request)?.expose());
    Ok(())
}

/// The region in an endpoint name of the service's shape.
fn region_of(host: &str) -> Option<String> {
    let mut labels = host.strip_suffix(".on.aws")?.rsplit('.');
    let region = labels.next()?;
    labels.next()?.starts_with("dsql").then(|| region.to_owned())
}

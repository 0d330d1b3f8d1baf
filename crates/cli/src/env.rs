//! `borealis env`.

use std::path::PathBuf;

use clap::Args;

use crate::Failure;
use crate::data_folder::DataFolder;

#[derive(Debug, Args)]
pub(crate) struct Env {
    /// Data folder of the local cluster
    #[arg(long, value_name = "DIR", env = "BOREALIS_DATA")]
    data: Option<PathBuf>,
    /// Print a JSON object instead of shell lines
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &Env) -> Result<(), Failure> {
    let folder = DataFolder::resolve(arguments.data.as_deref())?;
    let folder = DataFolder::resolve(Some(&std::path::absolute(folder.path())?))?;
    let variables = variables(&folder)?;
    if arguments.json {
        let object: serde_json::Map<String, serde_json::Value> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        println!("{}", serde_json::to_string_pretty(&object)?);
    } else {
        for (name, value) in variables {
            println!("export {name}={}", quoted(&value));
        }
    }
    Ok(())
}

/// What psql (any libpq), the AWS CLI and SDKs and the other commands read.
pub(crate) fn variables(folder: &DataFolder) -> Result<Vec<(&'static str, String)>, Failure> {
    let server = folder.server()?;
    let ca = borealis_pgserver::tls::Authority::certificate_path(&folder.tls());
    let credentials = folder.credentials();
    Ok(vec![
        ("PGHOST", server.endpoint()),
        ("PGHOSTADDR", server.host.clone()),
        ("PGPORT", server.port.to_string()),
        ("PGDATABASE", "postgres".to_owned()),
        ("PGUSER", "admin".to_owned()),
        ("PGSSLMODE", "verify-full".to_owned()),
        ("PGSSLROOTCERT", ca.display().to_string()),
        ("CLUSTER", server.cluster.clone()),
        ("REGION", server.region.clone()),
        ("AWS_REGION", server.region),
        ("AWS_SHARED_CREDENTIALS_FILE", credentials.display().to_string()),
        ("AWS_PROFILE", borealis_auth::DEFAULT_PROFILE.to_owned()),
        ("BOREALIS_DATA", folder.path().display().to_string()),
    ])
}

/// A word for a POSIX shell.
fn quoted(value: &str) -> String {
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:@%+=,".contains(&byte));
    if plain && !value.is_empty() { value.to_owned() } else { format!("'{}'", value.replace('\'', "'\\''")) }
}

//! `borealis cluster update`.

use borealis_client::ApiError;
use clap::{ArgGroup, Args, ValueEnum};

use super::create::multi_region;
use super::place::{Api, Place, Which};
use super::wait::{Until, wait_for};
use crate::Failure;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("change").required(true).multiple(true))]
#[command(after_help = "Example: borealis cluster update $CLUSTER --deletion-protection off")]
pub(crate) struct Update {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// Refuse to delete the cluster before this is switched off
    #[arg(long, value_enum, value_name = "on|off", group = "change")]
    deletion_protection: Option<Switch>,
    /// KMS key that encrypts the data; AWS_OWNED_KMS_KEY goes back to the service's own
    #[arg(long, value_name = "KEY", group = "change")]
    kms_key: Option<String>,
    /// Witness Region of a multi-Region cluster
    #[arg(long, value_name = "REGION", group = "change")]
    witness_region: Option<String>,
    /// ARN of a multi-Region peer; may be repeated, and replaces the peers there are
    #[arg(long, value_name = "ARN", requires = "witness_region")]
    peer: Vec<String>,
    /// Makes a repeated call change nothing more
    #[arg(long, value_name = "TOKEN")]
    client_token: Option<String>,
    /// Return when the cluster can be used
    #[arg(long)]
    wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
}

impl From<Switch> for bool {
    fn from(switch: Switch) -> Self {
        switch == Switch::On
    }
}

pub(crate) async fn run(arguments: &Update) -> Result<(), Failure> {
    let identifier = arguments.which.identifier()?;
    let api = Api::open(&arguments.place).await?;
    let request = api
        .client
        .update_cluster()
        .identifier(identifier)
        .set_deletion_protection_enabled(arguments.deletion_protection.map(bool::from))
        .set_kms_encryption_key(arguments.kms_key.clone())
        .set_multi_region_properties(multi_region(arguments.witness_region.as_deref(), &arguments.peer))
        .set_client_token(arguments.client_token.clone());
    request.send().await.map_err(|error| api.failure(ApiError::read(error)))?;
    let view = if arguments.wait {
        wait_for(&api, identifier, Until::Active, super::wait::LIMIT_DEFAULT).await?
    } else {
        Some(api.get(identifier).await.map_err(|error| api.failure(error))?)
    };
    view.map_or(Ok(()), |view| view.print(arguments.json))
}

//! `borealis cluster create`.

use std::collections::BTreeMap;

use aws_sdk_dsql::types::MultiRegionProperties;
use borealis_client::ApiError;
use clap::Args;

use super::place::{Api, Place};
use super::view::View;
use super::wait::{Until, wait_for};
use super::{policy, tags};
use crate::{Failure, Usage};

/// Tag that says who has created a cluster.
const CREATED_BY: &str = "created_by";

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster create --tags env=dev,team=web --wait")]
pub(crate) struct Create {
    #[command(flatten)]
    place: Place,
    /// Tags of the cluster
    #[arg(long, value_name = "KEY=VALUE,…", value_delimiter = ',')]
    tags: Vec<String>,
    /// Who creates it, kept as tag created_by
    #[arg(long, value_name = "ID")]
    created_by: Option<String>,
    /// Refuse to delete the cluster before this is switched off
    #[arg(long, value_enum, value_name = "on|off")]
    deletion_protection: Option<super::update::Switch>,
    /// KMS key that encrypts the data
    #[arg(long, value_name = "KEY")]
    kms_key: Option<String>,
    /// Resource-based policy: a file, or - for stdin
    #[arg(long, value_name = "FILE")]
    policy: Option<String>,
    /// Witness Region of a multi-Region cluster
    #[arg(long, value_name = "REGION")]
    witness_region: Option<String>,
    /// ARN of a multi-Region peer; may be repeated
    #[arg(long, value_name = "ARN", requires = "witness_region")]
    peer: Vec<String>,
    /// Makes a repeated call return the first one's cluster
    #[arg(long, value_name = "TOKEN")]
    client_token: Option<String>,
    /// Return when the cluster can be used
    #[arg(long)]
    wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: &Create) -> Result<(), Failure> {
    let tags = arguments.tags()?;
    let policy = arguments.policy.as_deref().map(policy::read).transpose()?;
    let api = Api::open(&arguments.place).await?;
    eprintln!("Creating Aurora DSQL cluster in {}...", api.region);
    let request = api
        .client
        .create_cluster()
        .set_deletion_protection_enabled(arguments.deletion_protection.map(bool::from))
        .set_kms_encryption_key(arguments.kms_key.clone())
        .set_tags((!tags.is_empty()).then(|| tags.clone().into_iter().collect()))
        .set_multi_region_properties(multi_region(arguments.witness_region.as_deref(), &arguments.peer))
        .set_policy(policy)
        .set_client_token(arguments.client_token.clone());
    let created = request.send().await.map_err(|error| api.failure(ApiError::read(error)))?;
    let mut view = View::created(created, tags, &api.region);
    if arguments.wait {
        view = wait_for(&api, &view.identifier, Until::Active, super::wait::LIMIT_DEFAULT).await?.unwrap_or(view);
    }
    view.print(arguments.json)?;
    eprintln!("\nTo use it:\n  export CLUSTER={}\n  export REGION={}\n  borealis sql", view.identifier, view.region());
    Ok(())
}

impl Create {
    fn tags(&self) -> Result<BTreeMap<String, String>, Failure> {
        let mut tags = tags::parse(&self.tags)?;
        if let Some(creator) = &self.created_by {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
            if creator.is_empty() || !creator.bytes().all(plain) {
                return Err(Usage::because("--created-by must contain only alphanumeric characters, hyphens, underscores, and dots."));
            }
            tags.insert(CREATED_BY.to_owned(), creator.clone());
        }
        Ok(tags)
    }
}

pub(crate) fn multi_region(witness: Option<&str>, peers: &[String]) -> Option<MultiRegionProperties> {
    let witness = witness?;
    let clusters = (!peers.is_empty()).then(|| peers.to_vec());
    Some(MultiRegionProperties::builder().witness_region(witness).set_clusters(clusters).build())
}

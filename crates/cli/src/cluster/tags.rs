//! `borealis cluster tag` and `untag`.

use std::collections::BTreeMap;

use borealis_client::ApiError;
use clap::Args;

use super::place::{Api, Place, Which};
use crate::{Failure, Usage};

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster tag $CLUSTER env=prod team=web")]
pub(crate) struct Tag {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// Tags to put; one that exists gets the new value
    #[arg(value_name = "KEY=VALUE", required = true)]
    tags: Vec<String>,
    /// Print the cluster as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster untag $CLUSTER team")]
pub(crate) struct Untag {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// Keys of the tags to take off
    #[arg(value_name = "KEY", required = true)]
    keys: Vec<String>,
    /// Print the cluster as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn add(arguments: &Tag) -> Result<(), Failure> {
    let identifier = arguments.which.identifier()?;
    let tags = parse(&arguments.tags)?;
    let api = Api::open(&arguments.place).await?;
    let arn = api.get(identifier).await.map_err(|error| api.failure(error))?.arn;
    put(&api, &arn, tags).await.map_err(|error| api.failure(error))?;
    api.get(identifier).await.map_err(|error| api.failure(error))?.print(arguments.json)
}

pub(crate) async fn remove(arguments: &Untag) -> Result<(), Failure> {
    let identifier = arguments.which.identifier()?;
    let api = Api::open(&arguments.place).await?;
    let arn = api.get(identifier).await.map_err(|error| api.failure(error))?.arn;
    take(&api, &arn, arguments.keys.clone()).await.map_err(|error| api.failure(error))?;
    api.get(identifier).await.map_err(|error| api.failure(error))?.print(arguments.json)
}

pub(crate) async fn put(api: &Api, arn: &str, tags: BTreeMap<String, String>) -> Result<(), ApiError> {
    let request = api.client.tag_resource().resource_arn(arn).set_tags(Some(tags.into_iter().collect()));
    request.send().await.map(|_| ()).map_err(ApiError::read)
}

pub(crate) async fn take(api: &Api, arn: &str, keys: Vec<String>) -> Result<(), ApiError> {
    let request = api.client.untag_resource().resource_arn(arn).set_tag_keys(Some(keys));
    request.send().await.map(|_| ()).map_err(ApiError::read)
}

/// `KEY=VALUE` each; the first `=` separates, so a value may hold more of them.
pub(crate) fn parse(given: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let mut tags = BTreeMap::new();
    for tag in given {
        let pair = tag.split_once('=').filter(|(key, _)| !key.is_empty());
        let (key, value) = pair.ok_or_else(|| Usage::because(format!("'{tag}' is not a tag: expected KEY=VALUE")))?;
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(Usage::because(format!("tag '{key}' is given twice")));
        }
    }
    Ok(tags)
}

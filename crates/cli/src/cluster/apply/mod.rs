//! `borealis cluster apply`: a cluster becomes what an `AWS::DSQL::Cluster` resource says.
//!
//! CloudFormation remembers in a stack which cluster a resource stands for; here the cluster itself remembers, in a tag
//! ([`RESOURCE_TAG`]) with the resource's name. So applying twice finds the cluster of the first time and has nothing left to do.
//!
//! What the resource does not mention is left alone. Tags are the exception within themselves: a resource that lists tags lists all of
//! them. Nothing is ever deleted or replaced.

mod difference;
mod document;
mod resource;

use std::collections::BTreeMap;

use borealis_client::ApiError;
use clap::Args;
use serde_json::json;

use super::create::multi_region;
use super::place::{Api, Place};
use super::view::{View, print_json};
use super::wait::{LIMIT_DEFAULT, Until, wait_for};
use super::{list, policy, tags};
use crate::Failure;
use difference::{Change, Current};
use resource::Resource;

/// Tag with the name of the resource that a cluster was made from.
const RESOURCE_TAG: &str = "borealis:resource";

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster apply -f cluster.yaml --dry-run")]
pub(crate) struct Apply {
    #[command(flatten)]
    place: Place,
    /// CloudFormation template, or its one resource, in YAML or JSON; - for stdin
    #[arg(short, long, value_name = "FILE")]
    file: String,
    /// Which resource, when the template has several clusters
    #[arg(long, value_name = "LOGICAL-ID")]
    resource: Option<String>,
    /// The cluster to change [default: the one that was made from this resource]
    #[arg(long, value_name = "ID")]
    cluster: Option<String>,
    /// Print the difference and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: &Apply) -> Result<(), Failure> {
    let text = policy::read(&arguments.file)?;
    let resource = document::parse(&text)
        .and_then(|document| Resource::read(&document, arguments.resource.as_deref()))
        .map_err(|error| format!("{}: {error}", arguments.file))?;
    let api = Api::open(&arguments.place).await?;
    let current = find(&api, arguments.cluster.as_deref(), &resource.name).await?;
    let changes = match &current {
        Some(current) => difference::changes(&resource, current)?,
        None => vec![Change::Create],
    };
    if arguments.dry_run {
        return report(arguments.json, &resource, current.as_ref().map(|current| &current.view), &changes);
    }
    let view = match current {
        Some(current) => carry_out(&api, &resource, current, &changes).await?,
        None => create(&api, &resource).await?,
    };
    report(arguments.json, &resource, Some(&view), &changes)
}

/// The cluster that the resource stands for, with its policy.
async fn find(api: &Api, identifier: Option<&str>, name: &str) -> Result<Option<Current>, Failure> {
    let view = match identifier {
        Some(identifier) => Some(api.get(identifier).await.map_err(|error| api.failure(error))?),
        None => find_by_tag(api, name).await?,
    };
    let Some(view) = view else { return Ok(None) };
    let policy = match api.client.get_cluster_policy().identifier(&view.identifier).send().await.map_err(ApiError::read) {
        Ok(answer) => Some(answer.policy),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(api.failure(error)),
    };
    Ok(Some(Current { view, policy }))
}

async fn find_by_tag(api: &Api, name: &str) -> Result<Option<View>, Failure> {
    let clusters = list::all(api).await.map_err(|error| api.failure(error))?;
    let mut made_from_it =
        clusters.into_iter().filter(|view| view.tags.get(RESOURCE_TAG).is_some_and(|tag| tag == name) && !view.is_going());
    match (made_from_it.next(), made_from_it.next()) {
        (Some(first), Some(second)) => Err(format!(
            "clusters {} and {} were both made from resource '{name}'; name the one that is meant with --cluster",
            first.identifier, second.identifier
        )
        .into()),
        (found, _) => Ok(found),
    }
}

async fn create(api: &Api, resource: &Resource) -> Result<View, Failure> {
    let mut tags = resource.tags.clone().unwrap_or_default();
    tags.insert(RESOURCE_TAG.to_owned(), resource.name.clone());
    let witness = resource.multi_region.as_ref().and_then(|multi| multi.witness_region.as_deref());
    let peers = resource.multi_region.as_ref().map(|multi| multi.clusters.clone()).unwrap_or_default();
    eprintln!("Creating Aurora DSQL cluster in {}...", api.region);
    let request = api
        .client
        .create_cluster()
        .set_deletion_protection_enabled(resource.deletion_protection)
        .set_kms_encryption_key(resource.kms_key.clone())
        .set_tags(Some(tags.clone().into_iter().collect()))
        .set_multi_region_properties(multi_region(witness, &peers))
        .set_policy(resource.policy.as_ref().map(ToString::to_string));
    let created = request.send().await.map_err(|error| api.failure(ApiError::read(error)))?;
    let view = View::created(created, tags, &api.region);
    if resource.multi_region.is_some() && !view.has_peers() {
        return Ok(view);
    }
    Ok(wait_for(api, &view.identifier, Until::Active, LIMIT_DEFAULT).await?.unwrap_or(view))
}

/// The properties of UpdateCluster in one call; then tags and policy, which have their own.
async fn carry_out(api: &Api, resource: &Resource, current: Current, changes: &[Change]) -> Result<View, Failure> {
    let view = current.view;
    let failed = |error: ApiError| api.failure(error);
    let mut update = None;
    for change in changes {
        let request = || api.client.update_cluster().identifier(&view.identifier);
        match change {
            Change::DeletionProtection { to, .. } => update = Some(update.unwrap_or_else(request).deletion_protection_enabled(*to)),
            Change::KmsKey { to, .. } => update = Some(update.unwrap_or_else(request).kms_encryption_key(to)),
            Change::MultiRegion { witness, peers, .. } => {
                update = Some(update.unwrap_or_else(request).set_multi_region_properties(multi_region(Some(witness), peers)));
            }
            Change::Create | Change::SetTag { .. } | Change::RemoveTag { .. } | Change::Policy { .. } => {}
        }
    }
    if let Some(update) = update {
        update.send().await.map_err(|error| failed(ApiError::read(error)))?;
    }
    apply_tags(api, &view.arn, changes).await.map_err(failed)?;
    if let Some(document) = resource.policy.as_ref().filter(|_| changes.iter().any(|change| matches!(change, Change::Policy { .. }))) {
        let request = api.client.put_cluster_policy().identifier(&view.identifier).policy(document.to_string());
        request.send().await.map_err(|error| failed(ApiError::read(error)))?;
    }
    api.get(&view.identifier).await.map_err(failed)
}

async fn apply_tags(api: &Api, arn: &str, changes: &[Change]) -> Result<(), ApiError> {
    let mut set = BTreeMap::new();
    let mut remove = Vec::new();
    for change in changes {
        match change {
            Change::SetTag { key, to, .. } => drop(set.insert(key.clone(), to.clone())),
            Change::RemoveTag { key, .. } => remove.push(key.clone()),
            _ => {}
        }
    }
    if !set.is_empty() {
        tags::put(api, arn, set).await?;
    }
    if remove.is_empty() { Ok(()) } else { tags::take(api, arn, remove).await }
}

fn report(json: bool, resource: &Resource, view: Option<&View>, changes: &[Change]) -> Result<(), Failure> {
    if json {
        return print_json(&json!({ "resource": resource.name, "cluster": view, "changes": changes }));
    }
    let identifier = view.map_or("(new)", |view| view.identifier.as_str());
    if changes.is_empty() {
        println!("{} {identifier}: no difference", resource.name);
    }
    for change in changes {
        println!("{} {identifier}: {change}", resource.name);
    }
    Ok(())
}

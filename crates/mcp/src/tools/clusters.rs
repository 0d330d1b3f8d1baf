//! `list_clusters` and `cluster_info`: which clusters there are, from the cluster API. They are looked at only: which databases calls reach is the operator's to say.

use std::collections::BTreeMap;

use aws_sdk_dsql::Client;
use aws_sdk_dsql::operation::get_cluster::GetClusterOutput;
use aws_sdk_dsql::primitives::DateTimeFormat;
use borealis_client::{ApiError, ControlPlane};
use rmcp::model::ToolAnnotations;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::Origin;
use crate::call::Call;
use crate::failure::Failure;
use crate::registry::{Tool, reading};
use crate::service::Service;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListClusters {}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClusterInfo {
    #[schemars(description = "Identifier of the cluster, as list_clusters tells it")]
    cluster: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Clusters {
    region: String,
    clusters: Vec<Summary>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    identifier: String,
    arn: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Cluster {
    identifier: String,
    arn: String,
    #[schemars(description = "CREATING, ACTIVE, IDLE, INACTIVE, UPDATING, DELETING, DELETED, FAILED, PENDING_SETUP or PENDING_DELETE")]
    status: String,
    #[schemars(description = "The host that clients connect to")]
    endpoint: Option<String>,
    creation_time: String,
    deletion_protection_enabled: bool,
    #[schemars(description = "ARNs of the clusters of a multi-Region cluster, this one among them")]
    peers: Vec<String>,
    witness_region: Option<String>,
    tags: BTreeMap<String, String>,
}

impl Tool for ListClusters {
    type Output = Clusters;
    const NAME: &'static str = "list_clusters";
    const TITLE: &'static str = "List clusters";
    const DESCRIPTION: &'static str =
        "List the clusters of the region that the operator has configured, by the cluster API; cluster_info tells more of each.";
    const ORIGIN: Origin = Origin::ClusterApi;

    fn annotations(_: &Service) -> ToolAnnotations {
        reading(Self::TITLE)
    }

    async fn run(self, call: &Call) -> Result<Clusters, Failure> {
        let (plane, client) = open(call).await?;
        let mut pages = client.list_clusters().into_paginator().items().send();
        let mut clusters = Vec::new();
        while let Some(summary) = pages.next().await {
            let summary = summary.map_err(|error| failure(plane, &ApiError::read(error)))?;
            clusters.push(Summary { identifier: summary.identifier, arn: summary.arn });
        }
        Ok(Clusters { region: plane.region.clone(), clusters })
    }
}

impl Tool for ClusterInfo {
    type Output = Cluster;
    const NAME: &'static str = "cluster_info";
    const TITLE: &'static str = "Show a cluster";
    const DESCRIPTION: &'static str = "Show one cluster by the cluster API: status, endpoint, deletion protection, peers and tags.";
    const ORIGIN: Origin = Origin::ClusterApi;

    fn annotations(_: &Service) -> ToolAnnotations {
        reading(Self::TITLE)
    }

    async fn run(self, call: &Call) -> Result<Cluster, Failure> {
        let (plane, client) = open(call).await?;
        let found = client.get_cluster().identifier(self.cluster).send().await;
        found.map(Cluster::of).map_err(|error| failure(plane, &ApiError::read(error)))
    }
}

async fn open(call: &Call) -> Result<(&ControlPlane, Client), Failure> {
    let plane = call.service.options.clusters.as_ref().ok_or_else(|| Failure::call("no cluster API is configured"))?;
    let client = plane.client().await.map_err(|error| Failure::call(error.to_string()))?;
    Ok((plane, client))
}

fn failure(plane: &ControlPlane, error: &ApiError) -> Failure {
    match error {
        ApiError::Refused(refusal) => Failure::call(error.to_string()).with("code", Some(refusal.code.clone())),
        ApiError::Failed(what) => Failure::call(format!("no answer from the cluster API at {}: {what}", plane.address_text())),
    }
}

impl Cluster {
    fn of(cluster: GetClusterOutput) -> Self {
        let (witness_region, peers) = cluster.multi_region_properties.map_or((None, None), |multi| (multi.witness_region, multi.clusters));
        Self {
            identifier: cluster.identifier,
            arn: cluster.arn,
            status: cluster.status.as_str().to_owned(),
            endpoint: cluster.endpoint,
            // A time that the API has given can be written: the format has all years that fit.
            creation_time: cluster.creation_time.fmt(DateTimeFormat::DateTime).unwrap_or_default(),
            deletion_protection_enabled: cluster.deletion_protection_enabled,
            peers: peers.unwrap_or_default(),
            witness_region,
            tags: cluster.tags.unwrap_or_default().into_iter().collect(),
        }
    }
}

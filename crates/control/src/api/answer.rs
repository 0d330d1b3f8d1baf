//! What the API says of clusters and streams: the shapes of its answers.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Inner;
use crate::cluster::{Cluster, Phase};
use crate::hosting::Activity;
use crate::stream::{FailureCode, Stream, StreamPhase};

/// The one way in which a stream can be ordered.
pub(crate) const ORDERING: &str = "UNORDERED";
/// The one form of a stream's records.
pub(crate) const FORMAT: &str = "JSON";

/// The four fields of every answer about a cluster.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClusterState {
    identifier: String,
    arn: String,
    status: &'static str,
    creation_time: f64,
}

impl ClusterState {
    pub(crate) fn of(inner: &Inner, cluster: &Cluster) -> Self {
        Self {
            identifier: cluster.id.to_string(),
            arn: cluster.arn().to_string(),
            status: status(inner, cluster),
            creation_time: seconds(cluster.created_ms),
        }
    }
}

/// Answer of CreateCluster, and with `tags` of GetCluster.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ClusterDetails<'a> {
    #[serde(flatten)]
    state: ClusterState,
    deletion_protection_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_region_properties: Option<MultiRegionProperties<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a BTreeMap<String, String>>,
    encryption_details: EncryptionDetails,
    endpoint: String,
    metric_groups: Vec<MetricGroup<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MultiRegionProperties<'a> {
    witness_region: &'a str,
    clusters: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EncryptionDetails {
    encryption_type: &'static str,
    encryption_status: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MetricGroup<'a> {
    metric_group: &'a str,
}

impl<'a> ClusterDetails<'a> {
    pub(crate) fn of(inner: &Inner, cluster: &'a Cluster) -> Self {
        let members = || cluster.members();
        let multi_region = cluster.multi_region.as_ref();
        Self {
            state: ClusterState::of(inner, cluster),
            deletion_protection_enabled: cluster.deletion_protection,
            multi_region_properties: multi_region
                .map(|configured| MultiRegionProperties { witness_region: &configured.witness, clusters: members() }),
            tags: None,
            // Keys of one's own are refused, so this is what there is.
            encryption_details: EncryptionDetails { encryption_type: super::clusters::AWS_OWNED_KEY, encryption_status: "ENABLED" },
            endpoint: cluster.endpoint(),
            metric_groups: cluster.metric_groups.iter().map(|metric_group| MetricGroup { metric_group }).collect(),
        }
    }

    pub(crate) fn with_tags(inner: &Inner, cluster: &'a Cluster) -> Self {
        Self { tags: Some(&cluster.tags), ..Self::of(inner, cluster) }
    }
}

/// Where a cluster is in its life, in the API's words.
pub(crate) fn status(inner: &Inner, cluster: &Cluster) -> &'static str {
    match cluster.phase {
        Phase::Creating | Phase::Restoring => "CREATING",
        Phase::PendingSetup => "PENDING_SETUP",
        Phase::Ready if is_idle(inner, cluster) => "IDLE",
        Phase::Ready => "ACTIVE",
        Phase::Updating => "UPDATING",
        Phase::PendingDelete => "PENDING_DELETE",
        Phase::Deleting => "DELETING",
        Phase::Failed(_) => "FAILED",
    }
}

/// Nobody has connected lately, nor has it become usable lately: whoever waits for a cluster that he has made or changed waits for ACTIVE.
fn is_idle(inner: &Inner, cluster: &Cluster) -> bool {
    let usable_for_ms = inner.registry.now_ms() - cluster.ready_ms;
    let idle_after_ms = i64::try_from(inner.settings.idle_after.as_millis()).unwrap_or(i64::MAX);
    usable_for_ms > idle_after_ms && inner.hosting.activity(cluster.id) == Activity::AtRest
}

/// A timestamp as the protocol writes it: seconds since 1970, with a fraction.
#[allow(clippy::cast_precision_loss)] // milliseconds have 53 bits until the year 287396
fn seconds(unix_ms: i64) -> f64 {
    unix_ms as f64 / 1000.0
}

/// The five fields of every answer about a stream.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StreamState {
    cluster_identifier: String,
    stream_identifier: String,
    arn: String,
    status: &'static str,
    creation_time: f64,
}

impl StreamState {
    pub(crate) fn of(cluster: &Cluster, stream: &Stream) -> Self {
        Self {
            cluster_identifier: cluster.id.to_string(),
            stream_identifier: stream.id.to_string(),
            arn: stream.arn(cluster).to_string(),
            status: match stream.phase {
                StreamPhase::Creating => "CREATING",
                StreamPhase::Active => "ACTIVE",
                StreamPhase::Impaired(_) => "IMPAIRED",
                StreamPhase::Failed(_) => "FAILED",
                StreamPhase::Deleting => "DELETING",
            },
            creation_time: seconds(stream.created_ms),
        }
    }
}

/// Answer of CreateStream, and with the rest of GetStream.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StreamDetails<'a> {
    #[serde(flatten)]
    state: StreamState,
    ordering: &'static str,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_definition: Option<TargetDefinition<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<StatusReason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tags: Option<&'a BTreeMap<String, String>>,
}

#[derive(Serialize)]
struct TargetDefinition<'a> {
    kinesis: Kinesis<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Kinesis<'a> {
    stream_arn: &'a str,
    role_arn: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusReason {
    error: FailureCode,
    updated_at: f64,
}

impl<'a> StreamDetails<'a> {
    pub(crate) fn of(cluster: &Cluster, stream: &Stream) -> Self {
        let state = StreamState::of(cluster, stream);
        Self { state, ordering: ORDERING, format: FORMAT, target_definition: None, status_reason: None, tags: None }
    }

    pub(crate) fn whole(cluster: &Cluster, stream: &'a Stream) -> Self {
        let target = &stream.target;
        let reason = stream.failure().map(|failure| StatusReason { error: failure.code, updated_at: seconds(failure.since_ms) });
        Self {
            target_definition: Some(TargetDefinition { kinesis: Kinesis { stream_arn: &target.stream_arn, role_arn: &target.role_arn } }),
            status_reason: reason,
            tags: Some(&stream.tags),
            ..Self::of(cluster, stream)
        }
    }
}

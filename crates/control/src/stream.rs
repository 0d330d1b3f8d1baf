//! Change streams: what is recorded of one.

use std::collections::BTreeMap;

use borealis_auth::Arn;
use borealis_base::Id26;
use serde::{Deserialize, Serialize};

use crate::cluster::{Cluster, id_text};

/// Where the records of a stream go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// ARN of the Kinesis stream; which file or address that is here, the operator's list of targets says.
    pub stream_arn: String,
    /// ARN of the role that may write to it.
    pub role_arn: String,
}

/// Why a stream does not deliver, in the API's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FailureCode {
    /// The target takes no more for now.
    KinesisThroughputExceeded,
    /// The target does not exist.
    KinesisStreamNotFound,
    /// The role may not be taken.
    RoleAccessDenied,
    /// The target does not let us write.
    KinesisAccessDenied,
    /// The target's key does not let us write.
    KinesisKmsAccessDenied,
    /// The target refuses a record for its size.
    KinesisOversizeRecord,
    /// The cluster's own key cannot be used.
    ClusterCmkInaccessible,
    /// Anything else.
    InternalError,
}

/// Where a stream is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamPhase {
    /// Its target is to be opened.
    Creating,
    /// Delivers.
    Active,
    /// The target does not take the records at present; they wait.
    Impaired(Failure),
    /// The target cannot take records; nothing more is tried.
    Failed(Failure),
    /// To be removed.
    Deleting,
}

/// Why and since when a stream does not deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// Why.
    pub code: FailureCode,
    /// Since when, milliseconds since 1970-01-01 UTC.
    pub since_ms: i64,
}

/// What is recorded of one stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Its identifier.
    #[serde(with = "id_text")]
    pub id: Id26,
    /// When it was created, milliseconds since 1970-01-01 UTC.
    pub created_ms: i64,
    /// Where it is in its life.
    pub phase: StreamPhase,
    /// Where its records go.
    pub target: Target,
    /// Tags by key.
    pub tags: BTreeMap<String, String>,
    /// The commit after which it begins, once its target is open: what was committed up to it is not delivered.
    pub begins_after: Option<u64>,
}

impl Stream {
    /// `arn:aws:dsql:REGION:ACCOUNT:cluster/ID/stream/ID`.
    #[must_use]
    pub fn arn(&self, cluster: &Cluster) -> Arn {
        Arn::cluster(&cluster.home.region, &cluster.home.account, &format!("{}/stream/{}", cluster.id, self.id))
    }

    /// Why it does not deliver.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        match self.phase {
            StreamPhase::Impaired(failure) | StreamPhase::Failed(failure) => Some(failure),
            StreamPhase::Creating | StreamPhase::Active | StreamPhase::Deleting => None,
        }
    }
}

//! What is recorded of one cluster.

use std::collections::BTreeMap;

use borealis_auth::Arn;
use borealis_base::Id26;
use serde::{Deserialize, Serialize};

use crate::stream::Stream;

/// Whose clusters they are and where: the two parts of an ARN that do not name the cluster itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Home {
    /// Twelve digits.
    pub account: String,
    /// `us-east-1`.
    pub region: String,
}

/// How far a cluster is in its life. Every step is recorded before it is carried out, so that it is taken up again after a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Its storage is to be made.
    Creating,
    /// A multi-Region cluster that its peers do not all name yet; it has no storage.
    PendingSetup,
    /// Its storage is being put in its place from a backup, whole or not at all.
    Restoring,
    /// Usable.
    Ready,
    /// Usable; a change of configuration is on its way.
    Updating,
    /// A multi-Region cluster that goes as soon as its peers go too.
    PendingDelete,
    /// Its storage is to be removed, and then this record.
    Deleting,
    /// It could not be made, for the reason given.
    Failed(String),
}

/// A resource-based policy: the document as it was put, and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// JSON text.
    pub document: String,
    /// Counts up with every change, over removals too.
    pub version: u64,
}

/// The multi-Region side of a cluster as it states it itself. Two clusters are peers when each names the other and both the same witness.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultiRegion {
    /// The Region that only votes.
    pub witness: String,
    /// ARNs of the other clusters, sorted.
    pub peers: Vec<String>,
}

/// An answer that was given to a request with a client token, for the same request when it comes again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// `CreateCluster`.
    pub operation: String,
    /// The client's token.
    pub token: String,
    /// SHA-256 of the request's parameters, in hexadecimal digits.
    pub request: String,
    /// The answer's body.
    pub answer: String,
}

/// What a backup keeps of a cluster besides its data. What concerns its surroundings, streams and peers, is not among it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Properties {
    /// Owner and Region.
    pub home: Home,
    /// Whether DeleteCluster is refused.
    pub deletion_protection: bool,
    /// Tags by key.
    pub tags: BTreeMap<String, String>,
    /// The resource policy.
    pub policy: Option<Policy>,
    /// The last policy version given out.
    pub policy_versions: u64,
    /// Metric groups switched on.
    pub metric_groups: Vec<String>,
}

/// What is recorded of one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Its identifier.
    #[serde(with = "id_text")]
    pub id: Id26,
    /// Owner and Region.
    pub home: Home,
    /// When it was created, milliseconds since 1970-01-01 UTC.
    pub created_ms: i64,
    /// When it last became usable with its present configuration, milliseconds since 1970-01-01 UTC.
    pub ready_ms: i64,
    /// Where it is in its life.
    pub phase: Phase,
    /// The cluster whose database it is an endpoint of: itself, or a multi-Region peer.
    #[serde(with = "id_text")]
    pub database: Id26,
    /// Whether this is where a connection goes that names no cluster.
    pub default: bool,
    /// Whether DeleteCluster is refused.
    pub deletion_protection: bool,
    /// Tags by key.
    pub tags: BTreeMap<String, String>,
    /// The resource policy.
    pub policy: Option<Policy>,
    /// The last policy version given out.
    pub policy_versions: u64,
    /// Set for a multi-Region cluster.
    pub multi_region: Option<MultiRegion>,
    /// Metric groups switched on.
    pub metric_groups: Vec<String>,
    /// Its change streams, oldest first.
    pub streams: Vec<Stream>,
    /// Its latest answers to requests with a client token, oldest first.
    pub receipts: Vec<Receipt>,
}

impl Cluster {
    /// A single-Region cluster with its own database and every setting at its default, about to be made.
    #[must_use]
    pub(crate) fn new(id: Id26, home: Home, now_ms: i64) -> Self {
        Self {
            id,
            home,
            created_ms: now_ms,
            ready_ms: now_ms,
            phase: Phase::Creating,
            database: id,
            default: false,
            deletion_protection: true,
            tags: BTreeMap::new(),
            policy: None,
            policy_versions: 0,
            multi_region: None,
            metric_groups: Vec::new(),
            streams: Vec::new(),
            receipts: Vec::new(),
        }
    }

    /// What a backup keeps of it.
    #[must_use]
    pub fn properties(&self) -> Properties {
        Properties {
            home: self.home.clone(),
            deletion_protection: self.deletion_protection,
            tags: self.tags.clone(),
            policy: self.policy.clone(),
            policy_versions: self.policy_versions,
            metric_groups: self.metric_groups.clone(),
        }
    }

    /// The record of a cluster that is made from a backup.
    pub(crate) fn restored(id: Id26, properties: Properties, default: bool, now_ms: i64) -> Self {
        let Properties { home, deletion_protection, tags, policy, policy_versions, metric_groups } = properties;
        let phase = Phase::Restoring;
        Self { phase, default, deletion_protection, tags, policy, policy_versions, metric_groups, ..Self::new(id, home, now_ms) }
    }

    /// `arn:aws:dsql:REGION:ACCOUNT:cluster/ID`.
    #[must_use]
    pub fn arn(&self) -> Arn {
        Arn::cluster(&self.home.region, &self.home.account, &self.id.to_string())
    }

    /// The host name that its certificate carries and its tokens are for.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("{}.dsql.{}.on.aws", self.id, self.home.region)
    }

    /// Whether it takes connections.
    #[must_use]
    pub fn usable(&self) -> bool {
        matches!(self.phase, Phase::Ready | Phase::Updating)
    }

    /// ARNs of every cluster of its multi-Region configuration, its own among them, sorted.
    #[must_use]
    pub(crate) fn members(&self) -> Vec<String> {
        let peers = self.multi_region.iter().flat_map(|multi_region| multi_region.peers.iter().cloned());
        let mut members: Vec<String> = peers.chain([self.arn().to_string()]).collect();
        members.sort();
        members
    }
}

/// An identifier as its 26 characters.
pub(crate) mod id_text {
    use borealis_base::Id26;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(id: &Id26, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Id26, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

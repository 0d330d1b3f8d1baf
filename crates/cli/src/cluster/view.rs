//! A cluster as commands show it: the API's own field names in JSON, lines for people otherwise.

use std::collections::BTreeMap;
use std::io::Write;

use aws_sdk_dsql::operation::create_cluster::CreateClusterOutput;
use aws_sdk_dsql::operation::get_cluster::GetClusterOutput;
use aws_sdk_dsql::primitives::{DateTime, DateTimeFormat};
use aws_sdk_dsql::types::{ClusterStatus, EncryptionDetails, MultiRegionProperties};
use serde::Serialize;

use crate::Failure;

/// A cluster.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct View {
    pub(crate) identifier: String,
    pub(crate) endpoint: String,
    pub(crate) arn: String,
    #[serde(serialize_with = "status_text")]
    pub(crate) status: ClusterStatus,
    pub(crate) creation_time: String,
    pub(crate) deletion_protection_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) multi_region_properties: Option<MultiRegion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) encryption_details: Option<Encryption>,
    pub(crate) tags: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MultiRegion {
    pub(crate) witness_region: Option<String>,
    pub(crate) clusters: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Encryption {
    pub(crate) encryption_type: String,
    pub(crate) encryption_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kms_key_arn: Option<String>,
}

fn status_text<S: serde::Serializer>(status: &ClusterStatus, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(status.as_str())
}

impl View {
    pub(crate) fn of(cluster: GetClusterOutput, region: &str) -> Self {
        Self {
            endpoint: endpoint(cluster.endpoint, &cluster.identifier, &cluster.arn, region),
            identifier: cluster.identifier,
            arn: cluster.arn,
            status: cluster.status,
            creation_time: iso8601(&cluster.creation_time),
            deletion_protection_enabled: cluster.deletion_protection_enabled,
            multi_region_properties: cluster.multi_region_properties.map(MultiRegion::of),
            encryption_details: cluster.encryption_details.map(Encryption::of),
            tags: cluster.tags.unwrap_or_default().into_iter().collect(),
        }
    }

    /// What was created; the answer does not repeat the tags.
    pub(crate) fn created(cluster: CreateClusterOutput, tags: BTreeMap<String, String>, region: &str) -> Self {
        Self {
            endpoint: endpoint(cluster.endpoint, &cluster.identifier, &cluster.arn, region),
            identifier: cluster.identifier,
            arn: cluster.arn,
            status: cluster.status,
            creation_time: iso8601(&cluster.creation_time),
            deletion_protection_enabled: cluster.deletion_protection_enabled,
            multi_region_properties: cluster.multi_region_properties.map(MultiRegion::of),
            encryption_details: cluster.encryption_details.map(Encryption::of),
            tags,
        }
    }

    /// The region that the cluster is in.
    pub(crate) fn region(&self) -> &str {
        region_of(&self.arn).unwrap_or_default()
    }

    /// Whether it is being deleted or is gone.
    pub(crate) fn is_going(&self) -> bool {
        matches!(self.status, ClusterStatus::Deleting | ClusterStatus::Deleted | ClusterStatus::PendingDelete)
    }

    /// Whether it names clusters besides itself.
    pub(crate) fn has_peers(&self) -> bool {
        self.peers().next().is_some()
    }

    /// The other clusters of a multi-Region cluster, which lists itself as well.
    pub(crate) fn peers(&self) -> impl Iterator<Item = &String> {
        self.multi_region_properties.iter().flat_map(|multi| &multi.clusters).filter(|arn| **arn != self.arn)
    }

    /// On stdout: JSON, or a line for each property.
    pub(crate) fn print(&self, json: bool) -> Result<(), Failure> {
        if json {
            return print_json(self);
        }
        let mut out = std::io::stdout().lock();
        for (name, value) in self.lines() {
            writeln!(out, "{:<21}{value}", format!("{name}:"))?;
        }
        Ok(())
    }

    fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![
            ("Cluster Identifier", self.identifier.clone()),
            ("Cluster Endpoint", self.endpoint.clone()),
            ("Cluster ARN", self.arn.clone()),
            ("Status", self.status.as_str().to_owned()),
            ("Region", self.region().to_owned()),
            ("Created", self.creation_time.clone()),
            ("Deletion Protection", if self.deletion_protection_enabled { "on" } else { "off" }.to_owned()),
        ];
        if let Some(encryption) = &self.encryption_details {
            let key = encryption.kms_key_arn.as_deref().unwrap_or(&encryption.encryption_type);
            lines.push(("Encryption", format!("{key} ({})", encryption.encryption_status)));
        }
        if let Some(multi) = &self.multi_region_properties {
            lines.push(("Witness Region", multi.witness_region.clone().unwrap_or_default()));
            lines.extend(multi.clusters.iter().map(|arn| ("Peer", arn.clone())));
        }
        lines.extend(self.tags.iter().map(|(key, value)| ("Tag", format!("{key}={value}"))));
        lines
    }
}

impl MultiRegion {
    fn of(properties: MultiRegionProperties) -> Self {
        Self { witness_region: properties.witness_region, clusters: properties.clusters.unwrap_or_default() }
    }
}

impl Encryption {
    fn of(details: EncryptionDetails) -> Self {
        Self {
            encryption_type: details.encryption_type.as_str().to_owned(),
            encryption_status: details.encryption_status.as_str().to_owned(),
            kms_key_arn: details.kms_key_arn,
        }
    }
}

/// Older control planes do not tell the endpoint; it follows from the identifier.
fn endpoint(told: Option<String>, identifier: &str, arn: &str, region: &str) -> String {
    told.unwrap_or_else(|| format!("{identifier}.dsql.{}.on.aws", region_of(arn).unwrap_or(region)))
}

fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3)
}

pub(crate) fn iso8601(time: &DateTime) -> String {
    time.fmt(DateTimeFormat::DateTime).unwrap_or_else(|_| time.secs().to_string())
}

/// A value as JSON on stdout.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, value)?;
    writeln!(out)?;
    Ok(())
}

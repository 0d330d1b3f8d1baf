//! What is to change for a cluster to be what a resource says.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::RESOURCE_TAG;
use super::resource::Resource;
use crate::Failure;
use crate::cluster::view::View;

/// The key's name for the service's own key.
const AWS_OWNED: &str = "AWS_OWNED_KMS_KEY";

/// A cluster as it is.
pub(super) struct Current {
    pub(super) view: View,
    pub(super) policy: Option<String>,
}

/// One property that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "camelCase")]
pub(super) enum Change {
    Create,
    DeletionProtection { from: bool, to: bool },
    KmsKey { from: String, to: String },
    MultiRegion { from: Vec<String>, witness: String, peers: Vec<String> },
    SetTag { key: String, from: Option<String>, to: String },
    RemoveTag { key: String, from: String },
    Policy { from: Option<Value>, to: Value },
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |on: bool| if on { "on" } else { "off" };
        match self {
            Self::Create => f.write_str("create"),
            Self::DeletionProtection { from, to } => write!(f, "deletion protection: {} -> {}", word(*from), word(*to)),
            Self::KmsKey { from, to } => write!(f, "KMS key: {from} -> {to}"),
            Self::MultiRegion { from, witness, peers } => {
                write!(f, "multi-Region: [{}] -> witness {witness}, peers [{}]", from.join(", "), peers.join(", "))
            }
            Self::SetTag { key, from: None, to } => write!(f, "tag {key}: -> {to}"),
            Self::SetTag { key, from: Some(from), to } => write!(f, "tag {key}: {from} -> {to}"),
            Self::RemoveTag { key, from } => write!(f, "tag {key}: {from} -> (removed)"),
            Self::Policy { from, to } => {
                let from = from.as_ref().map_or_else(|| "(none)".to_owned(), ToString::to_string);
                write!(f, "policy: {from} -> {to}")
            }
        }
    }
}

/// Everything that differs; nothing when the cluster already is what the resource says.
pub(super) fn changes(resource: &Resource, current: &Current) -> Result<Vec<Change>, Failure> {
    let view = &current.view;
    let mut changes = Vec::new();
    if let Some(to) = resource.deletion_protection.filter(|to| *to != view.deletion_protection_enabled) {
        changes.push(Change::DeletionProtection { from: view.deletion_protection_enabled, to });
    }
    changes.extend(resource.kms_key.as_deref().and_then(|to| kms_key(to, view)));
    changes.extend(multi_region(resource, view)?);
    changes.extend(tags(resource, view));
    if let Some(to) = &resource.policy {
        let from = current.policy.as_deref().map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)));
        if from.as_ref() != Some(to) {
            changes.push(Change::Policy { from, to: to.clone() });
        }
    }
    Ok(changes)
}

/// The cluster tells its key by ARN; a resource may name it by ARN or by identifier.
fn kms_key(to: &str, view: &View) -> Option<Change> {
    let from = view.encryption_details.as_ref().and_then(|details| details.kms_key_arn.as_deref()).unwrap_or(AWS_OWNED);
    let same = from == to || from.rsplit_once('/').is_some_and(|(_, id)| id == to);
    (!same).then(|| Change::KmsKey { from: from.to_owned(), to: to.to_owned() })
}

fn multi_region(resource: &Resource, view: &View) -> Result<Option<Change>, Failure> {
    let Some(wanted) = &resource.multi_region else { return Ok(None) };
    let sorted = |mut arns: Vec<String>| {
        arns.sort();
        arns
    };
    let from = sorted(view.peers().cloned().collect());
    let peers = sorted(wanted.clusters.iter().filter(|arn| **arn != view.arn).cloned().collect());
    let told = view.multi_region_properties.as_ref().and_then(|multi| multi.witness_region.clone());
    let Some(witness) = wanted.witness_region.clone().or_else(|| told.clone()) else {
        return Err("MultiRegionProperties need a WitnessRegion".into());
    };
    let differs = from != peers || told.as_ref() != Some(&witness);
    Ok(differs.then_some(Change::MultiRegion { from, witness, peers }))
}

/// The resource's tags are all tags, but for the one that finds the cluster again and the service's own.
fn tags(resource: &Resource, view: &View) -> Vec<Change> {
    let Some(wanted) = &resource.tags else { return Vec::new() };
    let set = wanted.iter().filter(|(key, to)| view.tags.get(*key) != Some(to)).map(|(key, to)| Change::SetTag {
        key: key.clone(),
        from: view.tags.get(key).cloned(),
        to: to.clone(),
    });
    let others = view.tags.iter().filter(|(key, _)| !wanted.contains_key(*key) && *key != RESOURCE_TAG && !key.starts_with("aws:"));
    set.chain(others.map(|(key, from)| Change::RemoveTag { key: key.clone(), from: from.clone() })).collect()
}

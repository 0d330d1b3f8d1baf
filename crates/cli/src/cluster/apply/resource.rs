//! An `AWS::DSQL::Cluster` resource. Every property is read or refused; none is passed over.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::{Kind, Node, Problem};
use crate::cluster::view::MultiRegion;

const TYPE: &str = "AWS::DSQL::Cluster";
/// The name of a resource that stands by itself.
const NAME_DEFAULT: &str = "Cluster";

/// What a cluster is to be. `None` is not mentioned, and left alone.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    /// The logical identifier.
    pub(super) name: String,
    pub(super) deletion_protection: Option<bool>,
    pub(super) kms_key: Option<String>,
    pub(super) multi_region: Option<MultiRegion>,
    pub(super) policy: Option<Value>,
    pub(super) tags: Option<BTreeMap<String, String>>,
}

impl Resource {
    /// The resource in a template, or the resource that the document is.
    pub(super) fn read(document: &Node, name: Option<&str>) -> Result<Self, Problem> {
        let Some(resources) = document.get("Resources") else {
            return Self::of(name.unwrap_or(NAME_DEFAULT), document);
        };
        let is_cluster = |node: &Node| node.get("Type").is_some_and(|kind| kind.kind == Kind::Scalar(Value::from(TYPE)));
        let clusters: Vec<&(String, Node)> = resources.map("Resources")?.iter().filter(|(_, node)| is_cluster(node)).collect();
        let names = || clusters.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        match (name, clusters.as_slice()) {
            (_, []) => Err(resources.problem(format!("the template has no resource of type {TYPE}"))),
            (None, [(name, node)]) => Self::of(name, node),
            (None, _) => Err(resources.problem(format!("the template has several clusters; choose one with --resource: {}", names()))),
            (Some(wanted), _) => match clusters.iter().find(|(name, _)| name == wanted) {
                Some((name, node)) => Self::of(name, node),
                None => Err(resources.problem(format!("the template has no cluster '{wanted}', but {}", names()))),
            },
        }
    }

    fn of(name: &str, node: &Node) -> Result<Self, Problem> {
        let mut resource =
            Self { name: name.to_owned(), deletion_protection: None, kms_key: None, multi_region: None, policy: None, tags: None };
        let mut typed = false;
        for (attribute, value) in node.map("a resource")? {
            match attribute.as_str() {
                "Type" => typed = text(value, "Type")? == TYPE,
                "Properties" => resource.read_properties(value)?,
                // They say what CloudFormation does when it deletes or replaces a resource, in which order it works, or what a designer
                // keeps: none of which happens here.
                "DeletionPolicy" | "UpdateReplacePolicy" | "DependsOn" | "Metadata" => {}
                other => return Err(value.problem(format!("resource attribute {other} cannot be carried out here"))),
            }
        }
        if typed { Ok(resource) } else { Err(node.problem(format!("this is neither a template nor a resource of type {TYPE}"))) }
    }

    fn read_properties(&mut self, node: &Node) -> Result<(), Problem> {
        if node.kind == Kind::Scalar(Value::Null) {
            return Ok(());
        }
        for (property, value) in node.map("Properties")? {
            match property.as_str() {
                "DeletionProtectionEnabled" => self.deletion_protection = Some(boolean(value, property)?),
                "KmsEncryptionKey" => self.kms_key = Some(kms_key(value)?),
                "MultiRegionProperties" => self.multi_region = Some(multi_region(value)?),
                "PolicyDocument" => self.policy = Some(policy(value)?),
                "Tags" => self.tags = Some(tags(value)?),
                other => {
                    return Err(value.problem(format!(
                        "unknown property {other}; {TYPE} has DeletionProtectionEnabled, KmsEncryptionKey, MultiRegionProperties, PolicyDocument and Tags"
                    )));
                }
            }
        }
        Ok(())
    }
}

fn text(node: &Node, what: &str) -> Result<String, Problem> {
    match &node.kind {
        Kind::Scalar(Value::String(text)) => Ok(text.clone()),
        // CloudFormation takes numbers and booleans where it wants strings.
        Kind::Scalar(value @ (Value::Number(_) | Value::Bool(_))) => Ok(value.to_string()),
        other => Err(node.problem(format!("{what} must be a string, not {}", other.word()))),
    }
}

/// CloudFormation takes the words as well, in quotes.
fn boolean(node: &Node, what: &str) -> Result<bool, Problem> {
    match &node.kind {
        Kind::Scalar(Value::Bool(value)) => Ok(*value),
        Kind::Scalar(Value::String(text)) if text == "true" => Ok(true),
        Kind::Scalar(Value::String(text)) if text == "false" => Ok(false),
        other => Err(node.problem(format!("{what} must be true or false, not {}", other.word()))),
    }
}

/// A cluster tells its key by ARN, so an alias could not be compared with it.
fn kms_key(node: &Node) -> Result<String, Problem> {
    let key = text(node, "KmsEncryptionKey")?;
    if key.starts_with("alias/") || key.contains(":alias/") {
        return Err(
            node.problem("KmsEncryptionKey by alias cannot be compared with what the cluster has: give the key's ARN or identifier")
        );
    }
    Ok(key)
}

fn multi_region(node: &Node) -> Result<MultiRegion, Problem> {
    let mut properties = MultiRegion { witness_region: None, clusters: Vec::new() };
    for (property, value) in node.map("MultiRegionProperties")? {
        match property.as_str() {
            "WitnessRegion" => properties.witness_region = Some(text(value, property)?),
            "Clusters" => {
                properties.clusters = value.list(property)?.iter().map(|arn| text(arn, "an ARN in Clusters")).collect::<Result<_, _>>()?;
            }
            other => return Err(value.problem(format!("unknown property {other}; MultiRegionProperties has WitnessRegion and Clusters"))),
        }
    }
    Ok(properties)
}

/// A JSON text, or the document itself.
fn policy(node: &Node) -> Result<Value, Problem> {
    match &node.kind {
        Kind::Scalar(Value::String(text)) => {
            serde_json::from_str(text).map_err(|error| node.problem(format!("PolicyDocument is not JSON: {error}")))
        }
        Kind::Map(_) => node.to_json(),
        other => Err(node.problem(format!("PolicyDocument must be a JSON document, not {}", other.word()))),
    }
}

fn tags(node: &Node) -> Result<BTreeMap<String, String>, Problem> {
    let mut tags = BTreeMap::new();
    for item in node.list("Tags")? {
        let (mut key, mut tag_value) = (None, None);
        for (name, value) in item.map("a tag")? {
            match name.as_str() {
                "Key" => key = Some(text(value, "Key")?),
                "Value" => tag_value = Some(text(value, "Value")?),
                other => return Err(value.problem(format!("unknown property {other}; a tag has Key and Value"))),
            }
        }
        let (Some(key), Some(value)) = (key, tag_value) else { return Err(item.problem("a tag needs Key and Value")) };
        if tags.insert(key.clone(), value).is_some() {
            return Err(item.problem(format!("tag '{key}' stands here twice")));
        }
    }
    Ok(tags)
}

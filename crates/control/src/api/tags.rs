//! The operations on tags, of clusters and of streams.

use std::collections::BTreeMap;
use std::sync::Arc;

use borealis_auth::{Arn, Context};
use borealis_base::Id26;
use serde_json::{Value, json};

use super::access::{Call, request_tags};
use super::error::{ApiError, Kind};
use super::input::{Input, TAGS_MAX};
use super::route::Operation;
use super::{Inner, shape};
use crate::cluster::Cluster;

/// What an ARN names.
enum Tagged {
    Cluster,
    Stream(Id26),
}

impl Tagged {
    /// The tags of it, when it is there.
    fn tags<'a>(&self, cluster: &'a Cluster) -> Option<&'a BTreeMap<String, String>> {
        match self {
            Self::Cluster => Some(&cluster.tags),
            Self::Stream(id) => cluster.streams.iter().find(|stream| stream.id == *id).map(|stream| &stream.tags),
        }
    }

    fn tags_mut<'a>(&self, cluster: &'a mut Cluster) -> Option<&'a mut BTreeMap<String, String>> {
        match self {
            Self::Cluster => Some(&mut cluster.tags),
            Self::Stream(id) => cluster.streams.iter_mut().find(|stream| stream.id == *id).map(|stream| &mut stream.tags),
        }
    }
}

/// Takes the resource's ARN apart: `cluster/ID` or `cluster/ID/stream/ID`.
fn parse(arn: &Arn) -> Option<(Id26, Tagged)> {
    let parts: Vec<&str> = arn.resource.split('/').collect();
    match parts.as_slice() {
        ["cluster", cluster] => Some((cluster.parse().ok()?, Tagged::Cluster)),
        ["cluster", cluster, "stream", stream] => Some((cluster.parse().ok()?, Tagged::Stream(stream.parse().ok()?))),
        _ => None,
    }
}

fn resource_arn(input: &mut Input) -> String {
    input.label(0, "resourceArn", &shape::ARN)
}

/// The resource of an ARN and its cluster, once the caller may do this to it.
fn authorized(
    call: &Call,
    text: &str,
    operation: Operation,
    find: impl FnOnce(Id26) -> Option<Arc<Cluster>>,
    extra: impl FnOnce(Context) -> Context,
) -> Result<(Arc<Cluster>, Tagged), ApiError> {
    let not_found = || ApiError::NotFound { kind: Kind::Resource, id: text.to_owned() };
    let arn: Arn = text.parse().map_err(|error: borealis_auth::InvalidArn| ApiError::field("resourceArn", error.to_string()))?;
    // What belongs to another service, account or Region is not here, whatever it is called.
    let here = arn.service == "dsql" && arn.region == call.home.region && arn.account == call.home.account;
    let found = parse(&arn).filter(|_| here).and_then(|(id, tagged)| Some((find(id)?, tagged)));
    let found = found.filter(|(cluster, tagged)| cluster.home == call.home && tagged.tags(cluster).is_some());
    call.authorize(operation.action(), &arn, found.as_ref().map(|(cluster, _)| &**cluster), extra)?;
    found.ok_or_else(not_found)
}

pub(crate) fn tag(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let arn = resource_arn(&mut input);
    let tags = input.tags();
    let tags = input.required("tags", tags);
    input.finish()?;
    let registry = inner.registry.write();
    let find = |id: Id26| registry.get(id);
    let (cluster, tagged) = authorized(call, &arn, Operation::TagResource, find, |context| request_tags(context, &tags))?;
    let mut next = Cluster::clone(&cluster);
    let of = tagged.tags_mut(&mut next).ok_or_else(|| ApiError::NotFound { kind: Kind::Resource, id: arn.clone() })?;
    of.extend(tags);
    if of.len() > TAGS_MAX {
        return Err(ApiError::QuotaExceeded {
            message: "You have reached the tag limit of the resource.",
            id: arn,
            kind: Kind::Resource,
            quota: "tags-per-resource",
        });
    }
    registry.put(next)?;
    Ok(json!({}))
}

pub(crate) fn untag(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let arn = resource_arn(&mut input);
    let keys = input.query_list("tagKeys", &shape::TAG_KEY);
    input.finish()?;
    let registry = inner.registry.write();
    let find = |id: Id26| registry.get(id);
    let named = |context: Context| context.with_all("aws:TagKeys", keys.iter().cloned());
    let (cluster, tagged) = authorized(call, &arn, Operation::UntagResource, find, named)?;
    let mut next = Cluster::clone(&cluster);
    if let Some(of) = tagged.tags_mut(&mut next) {
        of.retain(|key, _| !keys.contains(key));
    }
    if next != *cluster {
        registry.put(next)?;
    }
    Ok(json!({}))
}

pub(crate) fn list(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let arn = resource_arn(&mut input);
    input.finish()?;
    let find = |id: Id26| inner.registry.cluster(id);
    let (cluster, tagged) = authorized(call, &arn, Operation::ListTagsForResource, find, |context| context)?;
    Ok(json!({"tags": tagged.tags(&cluster)}))
}

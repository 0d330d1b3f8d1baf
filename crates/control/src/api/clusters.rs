//! The operations on clusters.

use std::collections::BTreeMap;
use std::sync::Arc;

use borealis_auth::Context;
use borealis_base::Id26;
use data_encoding::BASE32_NOPAD;
use serde::Serialize;
use serde_json::{Value, json};

use super::access::{Call, request_tags};
use super::answer::{ClusterDetails, ClusterState, status};
use super::error::{ApiError, Kind, Reason};
use super::input::{Input, fingerprint};
use super::peering::{self, Wanted};
use super::receipts::Ticket;
use super::route::Operation;
use super::{Inner, page, policies, shape, value};
use crate::cluster::{Cluster, Phase, Policy};

/// The value of kmsEncryptionKey that asks for no key of one's own, and the name of that kind of encryption.
pub(crate) const AWS_OWNED_KEY: &str = "AWS_OWNED_KMS_KEY";
const METRIC_GROUPS: [&str; 1] = ["STATEMENT_STATISTICS"];
const METRIC_GROUPS_MAX: usize = 20;
/// Clusters on a page when nobody asks for another size.
const PAGE: usize = 100;

/// The label of a cluster.
pub(crate) fn identifier(input: &mut Input) -> String {
    input.label(0, "identifier", &shape::CLUSTER_ID)
}

/// A cluster of the caller's, once the caller may do this to it. Who may not, does not learn whether it exists.
pub(crate) fn authorized(call: &Call, found: Option<Arc<Cluster>>, id: &str, action: &str) -> Result<Arc<Cluster>, ApiError> {
    let found = found.filter(|cluster| cluster.home == call.home);
    call.authorize(action, &call.cluster_arn(id), found.as_deref(), |context| context)?;
    found.ok_or_else(|| ApiError::NotFound { kind: Kind::Cluster, id: id.to_owned() })
}

/// A cluster that a reading operation is about.
pub(crate) fn look_up(inner: &Inner, call: &Call, id: &str, action: &str) -> Result<Arc<Cluster>, ApiError> {
    let found = id.parse().ok().and_then(|id| inner.registry.cluster(id));
    authorized(call, found, id, action)
}

#[derive(Serialize)]
struct Creation {
    deletion_protection: Option<bool>,
    kms_key: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    wanted: Option<Wanted>,
    policy: Option<String>,
    metric_groups: Option<Vec<String>>,
    bypass_lockout_check: bool,
}

impl Creation {
    fn parse(mut input: Input) -> Result<(Self, Option<String>), ApiError> {
        let creation = Self {
            deletion_protection: input.flag("deletionProtectionEnabled"),
            kms_key: input.text("kmsEncryptionKey", &shape::KMS_ENCRYPTION_KEY),
            tags: input.tags(),
            wanted: Wanted::parse(&mut input),
            policy: input.text("policy", &shape::POLICY_DOCUMENT),
            metric_groups: metric_groups(&mut input),
            bypass_lockout_check: input.flag("bypassPolicyLockoutSafetyCheck").unwrap_or_default(),
        };
        let token = input.client_token();
        input.finish()?;
        Ok((creation, token))
    }

    fn authorize(&self, call: &Call) -> Result<(), ApiError> {
        let tags = self.tags.clone().unwrap_or_default();
        let tagged = |context: Context| if self.tags.is_some() { request_tags(context, &tags) } else { context };
        call.authorize_any(Operation::CreateCluster.action(), tagged)?;
        if self.tags.is_some() {
            call.authorize_any(Operation::TagResource.action(), tagged)?;
        }
        if self.policy.is_some() {
            call.authorize_any(Operation::PutClusterPolicy.action(), |context| context)?;
        }
        self.wanted.as_ref().map_or(Ok(()), |wanted| wanted.authorize(call, "*", None))
    }
}

pub(crate) fn create(inner: &Inner, call: &Call, input: Input) -> Result<Value, ApiError> {
    let (creation, token) = Creation::parse(input)?;
    check_key(creation.kms_key.as_deref())?;
    creation.authorize(call)?;
    let ticket = Ticket { operation: Operation::CreateCluster, token, fingerprint: fingerprint(Operation::CreateCluster, &creation) };
    let id = Id26::random(inner.random.as_ref());
    let mut cluster = Cluster::new(id, call.home.clone(), inner.registry.now_ms());
    cluster.deletion_protection = creation.deletion_protection.unwrap_or(true);
    cluster.tags = creation.tags.unwrap_or_default();
    cluster.metric_groups = creation.metric_groups.unwrap_or_default();
    if let Some(document) = creation.policy {
        policies::check(call, &document, &cluster, creation.bypass_lockout_check)?;
        cluster.policy = Some(Policy { document, version: 1 });
        cluster.policy_versions = 1;
    }

    let registry = inner.registry.write();
    let mine: Vec<Arc<Cluster>> = registry.all().into_iter().filter(|cluster| cluster.home == call.home).collect();
    for known in &mine {
        if let Some(answer) = ticket.replay(known)? {
            return Ok(answer);
        }
    }
    if let Some(wanted) = creation.wanted {
        cluster.multi_region = Some(peering::for_new(wanted, &cluster, &inner.registry)?);
        cluster.phase = Phase::PendingSetup;
    }
    check_quota(inner, &cluster, &mine)?;
    let answer = value(&ClusterDetails::of(inner, &cluster));
    ticket.keep(&mut cluster, &answer);
    registry.put(cluster)?;
    inner.steward.wake(id);
    Ok(answer)
}

/// A key of one's own would promise an encryption that nothing here performs.
fn check_key(key: Option<&str>) -> Result<(), ApiError> {
    match key {
        None | Some(AWS_OWNED_KEY) => Ok(()),
        Some(_) => Err(ApiError::field(
            "kmsEncryptionKey",
            "Customer managed keys are not supported: there is no key service here. Omit kmsEncryptionKey, and encrypt the volume \
             under the data folder.",
        )),
    }
}

fn check_quota(inner: &Inner, cluster: &Cluster, mine: &[Arc<Cluster>]) -> Result<(), ApiError> {
    let multi_region = cluster.multi_region.is_some();
    let (max, quota) = if multi_region {
        (inner.settings.multi_region_clusters_max, "multi-region-clusters")
    } else {
        (inner.settings.single_region_clusters_max, "single-region-clusters")
    };
    let same = mine.iter().filter(|known| known.multi_region.is_some() == multi_region).count();
    if same < max {
        return Ok(());
    }
    Err(ApiError::QuotaExceeded {
        message: "You have reached the cluster limit.",
        id: cluster.home.account.clone(),
        kind: Kind::Cluster,
        quota,
    })
}

/// `metricGroups`, each group once.
fn metric_groups(input: &mut Input) -> Option<Vec<String>> {
    let list = input.take("metricGroups");
    let list = input.list_at(list, "metricGroups")?;
    if list.len() > METRIC_GROUPS_MAX {
        input.length_problem("metricGroups", list.len(), 0, METRIC_GROUPS_MAX);
    }
    let mut groups = Vec::new();
    for (index, member) in list.into_iter().enumerate() {
        let path = format!("metricGroups/{index}");
        let mut member = input.object_at(member, &path)?;
        let group = input.string_at(member.shift_remove("metricGroup"), &path);
        let group = input.required(&format!("{path}/metricGroup"), group);
        if !group.is_empty() {
            input.check_choice(&format!("{path}/metricGroup"), &group, &METRIC_GROUPS);
        }
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    Some(groups)
}

pub(crate) fn get(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let id = identifier(&mut input);
    input.finish()?;
    let cluster = look_up(inner, call, &id, Operation::GetCluster.action())?;
    Ok(value(&ClusterDetails::with_tags(inner, &cluster)))
}

#[derive(Serialize)]
struct Update {
    id: String,
    deletion_protection: Option<bool>,
    kms_key: Option<String>,
    wanted: Option<Wanted>,
    metric_groups: Option<Vec<String>>,
}

impl Update {
    fn parse(mut input: Input) -> Result<(Self, Option<String>), ApiError> {
        let update = Self {
            id: identifier(&mut input),
            deletion_protection: input.flag("deletionProtectionEnabled"),
            kms_key: input.text("kmsEncryptionKey", &shape::KMS_ENCRYPTION_KEY),
            wanted: Wanted::parse(&mut input),
            metric_groups: metric_groups(&mut input),
        };
        let token = input.client_token();
        input.finish()?;
        Ok((update, token))
    }
}

pub(crate) fn update(inner: &Inner, call: &Call, input: Input) -> Result<Value, ApiError> {
    let (update, token) = Update::parse(input)?;
    check_key(update.kms_key.as_deref())?;
    let ticket = Ticket { operation: Operation::UpdateCluster, token, fingerprint: fingerprint(Operation::UpdateCluster, &update) };
    let registry = inner.registry.write();
    let cluster = authorized(call, registry.find(&update.id), &update.id, ticket.operation.action())?;
    if let Some(wanted) = &update.wanted {
        wanted.authorize(call, &update.id, Some(&cluster))?;
    }
    if let Some(answer) = ticket.replay(&cluster)? {
        return Ok(answer);
    }
    let mut next = Cluster::clone(&cluster);
    next.phase = match &cluster.phase {
        Phase::Ready | Phase::Updating => Phase::Updating,
        Phase::PendingSetup => Phase::PendingSetup,
        _ => return Err(in_state(inner, &cluster, "updated")),
    };
    if let Some(wanted) = update.wanted {
        next.multi_region = Some(peering::for_known(wanted, &cluster, &inner.registry)?);
    }
    next.deletion_protection = update.deletion_protection.unwrap_or(cluster.deletion_protection);
    next.metric_groups = update.metric_groups.unwrap_or(next.metric_groups);
    let answer = value(&ClusterState::of(inner, &next));
    ticket.keep(&mut next, &answer);
    let id = registry.put(next)?.id;
    inner.steward.wake(id);
    Ok(answer)
}

pub(crate) fn delete(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let id = identifier(&mut input);
    let token = input.client_token();
    input.finish()?;
    let ticket = Ticket { operation: Operation::DeleteCluster, token, fingerprint: fingerprint(Operation::DeleteCluster, &id) };
    let registry = inner.registry.write();
    let cluster = authorized(call, registry.find(&id), &id, ticket.operation.action())?;
    if let Some(answer) = ticket.replay(&cluster)? {
        return Ok(answer);
    }
    let mut next = Cluster::clone(&cluster);
    next.phase = match &cluster.phase {
        // The operation is idempotent: what is on its way stays on its way.
        Phase::Deleting | Phase::PendingDelete => return Ok(value(&ClusterState::of(inner, &cluster))),
        _ if cluster.deletion_protection => return Err(protected(&id)),
        Phase::Ready | Phase::Updating if cluster.multi_region.is_some() => Phase::PendingDelete,
        Phase::Creating | Phase::Restoring | Phase::PendingSetup | Phase::Ready | Phase::Updating | Phase::Failed(_) => Phase::Deleting,
    };
    let answer = value(&ClusterState::of(inner, &next));
    ticket.keep(&mut next, &answer);
    let id = registry.put(next)?.id;
    inner.steward.wake(id);
    Ok(answer)
}

fn protected(id: &str) -> ApiError {
    ApiError::Validation {
        reason: Reason::DeletionProtectionEnabled,
        message: format!("Cluster '{id}' cannot be deleted because deletion protection is enabled. Disable it with UpdateCluster first."),
        fields: Vec::new(),
    }
}

/// A change that a cluster's state does not allow.
pub(crate) fn in_state(inner: &Inner, cluster: &Cluster, what: &str) -> ApiError {
    let (id, state) = (cluster.id.to_string(), status(inner, cluster));
    ApiError::Conflict { message: format!("Cluster '{id}' is in state '{state}' and can't be {what}."), kind: Kind::Cluster, id }
}

pub(crate) fn list(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let size = input.max_results().unwrap_or(PAGE);
    let token = input.query("next-token", "nextToken", &shape::NEXT_TOKEN);
    input.finish()?;
    let after = page::after(token.as_deref())?;
    call.authorize_any(Operation::ListClusters.action(), |context| context)?;
    let (clusters, next) = inner
        .registry
        .after(after, |clusters| page::page(clusters.filter(|cluster| cluster.home == call.home).cloned(), size, |cluster| cluster.id));
    let clusters: Vec<Value> =
        clusters.iter().map(|cluster| json!({"identifier": cluster.id.to_string(), "arn": cluster.arn().to_string()})).collect();
    Ok(next.map_or_else(|| json!({"clusters": clusters}), |next| json!({"clusters": clusters, "nextToken": next})))
}

pub(crate) fn vpc_endpoint_service_name(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let id = identifier(&mut input);
    input.finish()?;
    let cluster = look_up(inner, call, &id, Operation::GetVpcEndpointServiceName.action())?;
    let region = &cluster.home.region;
    let cell = cell(&cluster);
    Ok(json!({
        "serviceName": format!("com.amazonaws.{region}.dsql-{cell}"),
        "clusterVpcEndpoint": format!("{}.dsql-{cell}.{region}.on.aws", cluster.id),
    }))
}

/// The part of the service that a cluster lives in: four letters and digits that stay the same for all clusters of an account in a Region.
fn cell(cluster: &Cluster) -> String {
    let sum = crc32c::crc32c(format!("{}:{}", cluster.home.region, cluster.home.account).as_bytes());
    BASE32_NOPAD.encode(&sum.to_be_bytes())[..4].to_ascii_lowercase()
}

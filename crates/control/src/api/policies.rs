//! The operations on resource-based policies.

use borealis_auth::ResourcePolicy;
use serde::Serialize;
use serde_json::{Value, json};

use super::access::Call;
use super::clusters::{authorized, identifier, in_state, look_up};
use super::error::{ApiError, Kind};
use super::input::{Input, fingerprint};
use super::receipts::Ticket;
use super::route::Operation;
use super::{Inner, shape};
use crate::cluster::{Cluster, Phase, Policy};

/// Whether a document may become the policy of a cluster of the caller's.
pub(crate) fn check(call: &Call, document: &str, cluster: &Cluster, bypass_lockout_check: bool) -> Result<(), ApiError> {
    let refuse = |message: String| Err(ApiError::field("policy", message));
    let policy = match ResourcePolicy::parse(document) {
        Ok(policy) => policy,
        Err(error) => return refuse(error.to_string()),
    };
    if policy.is_public() {
        return refuse("The policy grants public access, which Block Public Access does not allow.".to_owned());
    }
    if let Some(principal) = policy.foreign_principal(&cluster.home.account) {
        return refuse(format!("Invalid principal in policy: {principal} is not of account {}.", cluster.home.account));
    }
    if !bypass_lockout_check && !call.could_change(&policy, cluster) {
        return refuse(
            "The new policy would not allow you to change it again. Set bypassPolicyLockoutSafetyCheck to put it all the same.".to_owned(),
        );
    }
    Ok(())
}

#[derive(Serialize)]
struct Put {
    id: String,
    document: String,
    bypass_lockout_check: bool,
    expected_version: Option<String>,
}

pub(crate) fn put(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let put = Put {
        id: identifier(&mut input),
        document: input.required_text("policy", &shape::POLICY_DOCUMENT),
        bypass_lockout_check: input.flag("bypassPolicyLockoutSafetyCheck").unwrap_or_default(),
        expected_version: input.text("expectedPolicyVersion", &shape::POLICY_VERSION),
    };
    let token = input.client_token();
    input.finish()?;
    let ticket = Ticket { operation: Operation::PutClusterPolicy, token, fingerprint: fingerprint(Operation::PutClusterPolicy, &put) };
    let registry = inner.registry.write();
    let cluster = authorized(call, registry.find(&put.id), &put.id, ticket.operation.action())?;
    if let Some(answer) = ticket.replay(&cluster)? {
        return Ok(answer);
    }
    check_state(inner, &cluster)?;
    check(call, &put.document, &cluster, put.bypass_lockout_check)?;
    check_version(&cluster, put.expected_version.as_deref())?;
    let mut next = Cluster::clone(&cluster);
    next.policy_versions += 1;
    let answer = json!({"policyVersion": next.policy_versions.to_string()});
    next.policy = Some(Policy { document: put.document, version: next.policy_versions });
    ticket.keep(&mut next, &answer);
    registry.put(next)?;
    Ok(answer)
}

pub(crate) fn get(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let id = identifier(&mut input);
    input.finish()?;
    let cluster = look_up(inner, call, &id, Operation::GetClusterPolicy.action())?;
    let policy = cluster.policy.as_ref().ok_or(ApiError::NotFound { kind: Kind::ClusterPolicy, id })?;
    Ok(json!({"policy": policy.document, "policyVersion": policy.version.to_string()}))
}

pub(crate) fn delete(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let id = identifier(&mut input);
    let expected = input.query("expected-policy-version", "expectedPolicyVersion", &shape::POLICY_VERSION);
    let token = input.client_token();
    input.finish()?;
    let operation = Operation::DeleteClusterPolicy;
    let ticket = Ticket { operation, token, fingerprint: fingerprint(operation, &(&id, &expected)) };
    let registry = inner.registry.write();
    let cluster = authorized(call, registry.find(&id), &id, operation.action())?;
    if let Some(answer) = ticket.replay(&cluster)? {
        return Ok(answer);
    }
    let Some(policy) = &cluster.policy else { return Err(ApiError::NotFound { kind: Kind::ClusterPolicy, id }) };
    check_state(inner, &cluster)?;
    check_version(&cluster, expected.as_deref())?;
    let answer = json!({"policyVersion": policy.version.to_string()});
    let mut next = Cluster::clone(&cluster);
    next.policy = None;
    ticket.keep(&mut next, &answer);
    registry.put(next)?;
    Ok(answer)
}

fn check_state(inner: &Inner, cluster: &Cluster) -> Result<(), ApiError> {
    match cluster.phase {
        Phase::Deleting => Err(in_state(inner, cluster, "changed")),
        _ => Ok(()),
    }
}

/// A policy that is not the one the caller has seen stays as it is.
fn check_version(cluster: &Cluster, expected: Option<&str>) -> Result<(), ApiError> {
    let Some(expected) = expected else { return Ok(()) };
    let present = cluster.policy.as_ref().map(|policy| policy.version.to_string());
    if present.as_deref() == Some(expected) {
        return Ok(());
    }
    let present = present.map_or_else(|| "there is no policy".to_owned(), |version| format!("its version is {version}"));
    let message = format!("The policy is not of the expected version {expected}: {present}.");
    Err(ApiError::Conflict { message, kind: Kind::ClusterPolicy, id: cluster.id.to_string() })
}

//! Who calls, and what they may do.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use axum::http::header;
use axum::http::request::Parts;
use borealis_auth::{
    Arn, AuthError, Context, ExpectedRequest, IdentityPolicy, KeyLookup, LOCAL_ACCOUNT, Principal, RequestParts, ResourcePolicy,
    body_sha256, verify_request,
};

use super::error::ApiError;
use super::shape;
use crate::cluster::{Cluster, Home};

/// How callers prove who they are.
#[derive(Clone)]
pub enum Authentication {
    /// By Signature Version 4 with a key of the store. The signature also names the Region that a request is for: one endpoint serves every
    /// Region, as if it were each Region's own.
    Iam(Arc<dyn KeyLookup + Send + Sync>),
    /// Not at all: everybody may do everything. For throw-away use; an unsigned request is for the Region given.
    Trust {
        /// `us-east-1`.
        region: String,
    },
}

/// Where a request came from; [`crate::serve`] puts it into the request's extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    pub(crate) address: IpAddr,
    pub(crate) tls: bool,
}

/// The caller of a test's request.
#[cfg(test)]
#[derive(Clone)]
pub(crate) struct Caller(pub(crate) Principal);

/// One authenticated call.
pub(crate) struct Call {
    pub(crate) principal: Principal,
    /// Account and Region that the call speaks of: the caller's and the signature's.
    pub(crate) home: Home,
    context: Context,
}

impl Authentication {
    /// Checks the signature of a request.
    pub(crate) fn authenticate(&self, head: &Parts, body: &[u8], now_unix: i64) -> Result<Call, ApiError> {
        let principal = match self {
            #[cfg(test)]
            _ if head.extensions.get::<Caller>().is_some() => head.extensions.get::<Caller>().expect("is there").0.clone(),
            Self::Iam(keys) => verified(head, body, keys.as_ref(), now_unix)?,
            // A page in a browser on this machine can send requests here, and says so; no tool does.
            Self::Trust { .. } if head.headers.contains_key(header::ORIGIN) => return Err(ApiError::Refused(AuthError::NotSigned)),
            Self::Trust { region } => trusted(claimed_region(head).unwrap_or(region)),
        };
        let home = Home { account: principal.arn.account.clone(), region: principal.region.clone() };
        if let Some(problem) = shape::CLUSTER_ARN.problem("region", &Arn::cluster(&home.region, &home.account, ANY_ID).to_string()) {
            return Err(ApiError::field("region", problem));
        }
        Ok(Call { principal, home, context: context(head, now_unix) })
    }
}

/// A well-formed identifier, to see whether Region and account make an ARN.
const ANY_ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Who has signed a request that came through [`crate::serve`], and what a policy's conditions may ask about it.
///
/// # Errors
/// When nobody has whose key is known, or not this request, or not now.
pub fn signer(head: &Parts, body: &[u8], keys: &dyn KeyLookup, now_unix: i64) -> Result<(Principal, Context), AuthError> {
    Ok((verified(head, body, keys, now_unix)?, context(head, now_unix)))
}

fn verified(head: &Parts, body: &[u8], keys: &dyn KeyLookup, now_unix: i64) -> Result<Principal, AuthError> {
    // A header that is no text cannot be among the signed ones: then it is missing from them.
    let headers: Vec<(&str, &str)> =
        head.headers.iter().filter_map(|(name, value)| Some((name.as_str(), std::str::from_utf8(value.as_bytes()).ok()?))).collect();
    let request = RequestParts {
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        headers: &headers,
    };
    verify_request(&request, &body_sha256(body), &ExpectedRequest { region: None }, keys, now_unix)
}

fn trusted(region: &str) -> Principal {
    Principal {
        access_key_id: "trust".to_owned(),
        arn: Arn::user(LOCAL_ACCOUNT, "trust"),
        session_name: None,
        region: region.to_owned(),
        permissions: Arc::new(IdentityPolicy::allowing(["dsql:*"])),
    }
}

/// The Region in the credential scope of a signature that nobody checks.
fn claimed_region(head: &Parts) -> Option<&str> {
    let authorization = head.headers.get("authorization")?.to_str().ok()?;
    authorization.split_once("Credential=")?.1.split('/').nth(2)
}

/// What a policy's conditions may ask about any request.
fn context(head: &Parts, now_unix: i64) -> Context {
    // Conditions on dates read seconds since 1970 as well as they read ISO 8601.
    let context = Context::new().with("aws:CurrentTime", now_unix.to_string()).with("aws:EpochTime", now_unix.to_string());
    match head.extensions.get::<Peer>() {
        Some(peer) => {
            context.with("aws:SourceIp", peer.address.to_canonical().to_string()).with("aws:SecureTransport", peer.tls.to_string())
        }
        None => context,
    }
}

impl Call {
    /// The ARN of a cluster of the caller's, whether there is one or not.
    pub(crate) fn cluster_arn(&self, id: &str) -> Arn {
        Arn::cluster(&self.home.region, &self.home.account, id)
    }

    /// Whether the caller may perform an action on clusters to come, or on all.
    pub(crate) fn authorize_any(&self, action: &str, extra: impl FnOnce(Context) -> Context) -> Result<(), ApiError> {
        let context = extra(self.context.clone());
        Ok(self.principal.authorize(action, &self.cluster_arn("*"), None, &context)?)
    }

    /// Whether the caller may perform an action on a resource, which belongs to a cluster or does not exist.
    pub(crate) fn authorize(
        &self,
        action: &str,
        resource: &Arn,
        cluster: Option<&Cluster>,
        extra: impl FnOnce(Context) -> Context,
    ) -> Result<(), ApiError> {
        let policy = cluster.and_then(|cluster| cluster.policy.as_ref()).map(|policy| parse_stored(&policy.document)).transpose()?;
        let context = extra(self.context.clone());
        let context = cluster.map_or(context.clone(), |cluster| resource_tags(context, &cluster.tags));
        Ok(self.principal.authorize(action, resource, policy.as_ref(), &context)?)
    }

    /// Whether the caller could still change a policy if it were this one.
    pub(crate) fn could_change(&self, policy: &ResourcePolicy, cluster: &Cluster) -> bool {
        let context = resource_tags(self.context.clone(), &cluster.tags);
        self.principal.authorize("dsql:PutClusterPolicy", &cluster.arn(), Some(policy), &context).is_ok()
    }
}

/// A document that was good when it was put. If this version reads it otherwise, nobody gets in by that.
fn parse_stored(document: &str) -> Result<ResourcePolicy, ApiError> {
    ResourcePolicy::parse(document).map_err(|error| ApiError::Internal(format!("a stored resource policy cannot be read: {error}")))
}

/// `aws:ResourceTag/<key>`.
fn resource_tags(context: Context, tags: &BTreeMap<String, String>) -> Context {
    tags.iter().fold(context, |context, (key, value)| context.with(&format!("aws:ResourceTag/{key}"), value.clone()))
}

/// `aws:RequestTag/<key>` and `aws:TagKeys`.
pub(crate) fn request_tags(context: Context, tags: &BTreeMap<String, String>) -> Context {
    let context = context.with_all("aws:TagKeys", tags.keys().cloned());
    tags.iter().fold(context, |context, (key, value)| context.with(&format!("aws:RequestTag/{key}"), value.clone()))
}

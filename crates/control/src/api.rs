//! The cluster API as AWS's tools speak it: REST with JSON bodies, every request signed.
//!
//! A request passes the same gates in the same order whatever it asks for: its body is read (bounded in bytes and time), its signature is
//! checked, the operation is found, its fields are held against their shapes, the caller's permission is checked, and only then is anything
//! looked up for it or changed. Each operation is a function from a [`Call`] and an [`Input`] to a JSON value, in the file of its family.

mod access;
mod answer;
mod clusters;
mod error;
mod input;
mod page;
mod peering;
mod policies;
mod receipts;
mod route;
mod shape;
mod streams;
mod tags;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts as Head;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use borealis_base::{Clock, Random, task};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde_json::Value;
use tokio::time;

pub(crate) use access::Peer;
pub use access::{Authentication, signer};
pub(crate) use peering::{agreed, find as find_by_arn};

use crate::hosting::Hosting;
use crate::registry::Registry;
use crate::steward::Steward;
use crate::streaming::Streaming;
use access::Call;
use error::ApiError;
use input::Input;
use route::Operation;

/// The longest request body. A policy and 200 tags, written with escapes throughout, are half of it.
const BODY_BYTES_MAX: usize = 1 << 20;
/// A body must have arrived in this time.
const BODY_WAIT_MAX: Duration = Duration::from_secs(20);

/// What a [`Service`] is made of.
pub struct Parts {
    /// The clusters there are.
    pub registry: Arc<Registry>,
    /// What runs them.
    pub hosting: Arc<dyn Hosting>,
    /// How callers prove who they are.
    pub authentication: Authentication,
    /// Where changes come from and where they can go; without it CreateStream is refused.
    pub streaming: Option<Streaming>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For identifiers.
    pub random: Arc<dyn Random>,
}

/// Quotas and times that an operator may set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Single-Region clusters of an account in a Region.
    pub single_region_clusters_max: usize,
    /// Multi-Region clusters of an account in a Region.
    pub multi_region_clusters_max: usize,
    /// Streams of a cluster.
    pub streams_max: usize,
    /// A cluster that is at rest is ACTIVE still for this long after it became usable, and IDLE then.
    pub idle_after: Duration,
}

impl Default for Settings {
    /// The service's own quotas.
    fn default() -> Self {
        Self { single_region_clusters_max: 20, multi_region_clusters_max: 5, streams_max: 5, idle_after: Duration::from_secs(600) }
    }
}

/// The API over one registry.
pub struct Service {
    inner: Arc<Inner>,
}

/// What every request can reach.
pub(crate) struct Inner {
    pub(crate) registry: Arc<Registry>,
    pub(crate) hosting: Arc<dyn Hosting>,
    pub(crate) authentication: Authentication,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) settings: Settings,
    pub(crate) steward: Steward,
    /// Whether anything tells of changes.
    pub(crate) streams_connected: bool,
}

impl Service {
    /// Starts the service: what a former process left half done is taken up again at once.
    #[must_use]
    pub fn start(parts: Parts, settings: Settings) -> Self {
        let Parts { registry, hosting, authentication, streaming, clock, random } = parts;
        let streams_connected = streaming.is_some();
        let steward = Steward::start(registry.clone(), hosting.clone(), streaming, clock.clone());
        Self { inner: Arc::new(Inner { registry, hosting, authentication, clock, random, settings, steward, streams_connected }) }
    }

    /// The service as a router, for [`crate::serve`].
    pub fn router(self) -> axum::Router {
        // One handler for every path: the table of operations decides, and a path that is in it with another method is not unknown.
        axum::Router::new().fallback(handle).with_state(self.inner)
    }

    /// Waits until nothing is left to do but what a failure has put off.
    pub fn settle(&self) {
        self.inner.steward.settle();
    }
}

async fn handle(State(inner): State<Arc<Inner>>, request: Request) -> Response {
    let request_id = borealis_base::Id26::random(inner.random.as_ref()).to_string();
    let (head, body) = request.into_parts();
    let answered = match read_body(&head, body).await {
        Ok(body) => answer(inner, head, body).await,
        Err(error) => Err(error),
    };
    let mut response = answered.map_or_else(IntoResponse::into_response, |value| json_body(&value).into_response());
    response.headers_mut().insert("x-amzn-requestid", HeaderValue::try_from(request_id).expect("an identifier is ASCII"));
    response
}

/// A JSON body with its type.
pub(crate) fn json_body(value: &Value) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], value.to_string())
}

async fn read_body(head: &Head, body: Body) -> Result<Bytes, ApiError> {
    let announced = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| bytes > BODY_BYTES_MAX as u64) {
        return Err(ApiError::TooLarge);
    }
    match time::timeout(BODY_WAIT_MAX, Limited::new(body, BODY_BYTES_MAX).collect()).await {
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(ApiError::TooLarge),
        Ok(Err(error)) => Err(ApiError::cannot_parse(format!("The request body did not arrive whole: {error}."))),
        Err(_) => Err(ApiError::TooSlow),
    }
}

async fn answer(inner: Arc<Inner>, head: Head, body: Bytes) -> Result<Value, ApiError> {
    let now_unix = inner.clock.unix_micros().div_euclid(1_000_000);
    let call = inner.authentication.authenticate(&head, &body, now_unix)?;
    let (operation, labels) = route::route(&head.method, head.uri.path())?;
    // Only a POST has a body that means something.
    let body = if head.method == Method::POST { body } else { Bytes::new() };
    let input = Input::new(labels, head.uri.query().unwrap_or_default(), &body)?;
    tracing::info!(operation = operation.name(), principal = %call.principal.arn, region = call.home.region, path = head.uri.path());
    if operation.reads_only() {
        return perform(&inner, operation, &call, input);
    }
    // A change waits for the disk: not on a thread that others need to be read from.
    let performed = task::spawn_blocking(move || perform(&inner, operation, &call, input)).await;
    performed.unwrap_or_else(|panic| Err(ApiError::Internal(format!("{}: {panic}", operation.name()))))
}

fn perform(inner: &Inner, operation: Operation, call: &Call, input: Input) -> Result<Value, ApiError> {
    match operation {
        Operation::CreateCluster => clusters::create(inner, call, input),
        Operation::GetCluster => clusters::get(inner, call, input),
        Operation::UpdateCluster => clusters::update(inner, call, input),
        Operation::DeleteCluster => clusters::delete(inner, call, input),
        Operation::ListClusters => clusters::list(inner, call, input),
        Operation::GetVpcEndpointServiceName => clusters::vpc_endpoint_service_name(inner, call, input),
        Operation::PutClusterPolicy => policies::put(inner, call, input),
        Operation::GetClusterPolicy => policies::get(inner, call, input),
        Operation::DeleteClusterPolicy => policies::delete(inner, call, input),
        Operation::CreateStream => streams::create(inner, call, input),
        Operation::GetStream => streams::get(inner, call, input),
        Operation::ListStreams => streams::list(inner, call, input),
        Operation::DeleteStream => streams::delete(inner, call, input),
        Operation::TagResource => tags::tag(inner, call, input),
        Operation::UntagResource => tags::untag(inner, call, input),
        Operation::ListTagsForResource => tags::list(inner, call, input),
    }
}

/// An answer's body.
fn value(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).expect("an answer has text keys only")
}

#[cfg(test)]
pub(crate) mod tests;

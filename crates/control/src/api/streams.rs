//! The operations on change streams.

use std::collections::BTreeMap;

use borealis_auth::Arn;
use borealis_base::Id26;
use serde::Serialize;
use serde_json::{Value, json};

use super::access::{Call, request_tags};
use super::answer::{FORMAT, ORDERING, StreamDetails, StreamState};
use super::clusters::{authorized, in_state, look_up};
use super::error::{ApiError, Kind};
use super::input::{Input, fingerprint};
use super::receipts::Ticket;
use super::route::Operation;
use super::{Inner, page, shape, value};
use crate::cluster::Cluster;
use crate::stream::{Stream, StreamPhase, Target};

/// Streams on a page when nobody asks for another size.
const PAGE: usize = 10;

#[derive(Serialize)]
struct Creation {
    cluster: String,
    target: Target,
    tags: Option<BTreeMap<String, String>>,
}

impl Creation {
    fn parse(mut input: Input) -> Result<(Self, Option<String>), ApiError> {
        let cluster = cluster_identifier(&mut input);
        let target = target(&mut input);
        input.required_choice("ordering", &[ORDERING]);
        input.required_choice("format", &[FORMAT]);
        let tags = input.tags();
        let token = input.client_token();
        input.finish()?;
        Ok((Self { cluster, target, tags }, token))
    }
}

/// `targetDefinition`, a union of one.
fn target(input: &mut Input) -> Target {
    let definition = input.object("targetDefinition");
    let mut definition = input.required("targetDefinition", definition);
    let kinesis = definition.shift_remove("kinesis").filter(|kinesis| !kinesis.is_null());
    let kinesis = kinesis.and_then(|kinesis| input.object_at(kinesis, "targetDefinition/kinesis"));
    let mut kinesis = input.required("targetDefinition/kinesis", kinesis);
    let stream_path = "targetDefinition/kinesis/streamArn";
    let stream_arn = input.text_at(kinesis.shift_remove("streamArn"), stream_path, &shape::KINESIS_STREAM_ARN);
    let role_path = "targetDefinition/kinesis/roleArn";
    let role_arn = input.text_at(kinesis.shift_remove("roleArn"), role_path, &shape::ROLE_ARN);
    Target { stream_arn: input.required(stream_path, stream_arn), role_arn: input.required(role_path, role_arn) }
}

fn cluster_identifier(input: &mut Input) -> String {
    input.label(0, "clusterIdentifier", &shape::CLUSTER_ID)
}

fn stream_identifier(input: &mut Input) -> String {
    input.label(1, "streamIdentifier", &shape::STREAM_ID)
}

pub(crate) fn create(inner: &Inner, call: &Call, input: Input) -> Result<Value, ApiError> {
    let (creation, token) = Creation::parse(input)?;
    let operation = Operation::CreateStream;
    let ticket = Ticket { operation, token, fingerprint: fingerprint(operation, &creation) };
    let registry = inner.registry.write();
    let cluster = authorized(call, registry.find(&creation.cluster), &creation.cluster, operation.action())?;
    if let Some(tags) = &creation.tags {
        let tagged = |context| request_tags(context, tags);
        call.authorize(Operation::TagResource.action(), &cluster.arn(), Some(&cluster), tagged)?;
    }
    if let Some(answer) = ticket.replay(&cluster)? {
        return Ok(answer);
    }
    check(inner, &creation, &cluster)?;
    let stream = Stream {
        id: Id26::random(inner.random.as_ref()),
        created_ms: inner.registry.now_ms(),
        phase: StreamPhase::Creating,
        target: creation.target,
        tags: creation.tags.unwrap_or_default(),
        begins_after: None,
    };
    let mut next = Cluster::clone(&cluster);
    let answer = value(&StreamDetails::of(&cluster, &stream));
    next.streams.push(stream);
    ticket.keep(&mut next, &answer);
    let id = registry.put(next)?.id;
    inner.steward.wake(id);
    Ok(answer)
}

/// What a stream needs: somebody who tells of changes, a cluster that can have any, a target beside it, and room.
fn check(inner: &Inner, creation: &Creation, cluster: &Cluster) -> Result<(), ApiError> {
    if !inner.streams_connected {
        return Err(ApiError::invalid(
            "Change streams are not connected: this control plane has no feed of committed changes, so a stream would deliver nothing.",
        ));
    }
    if !cluster.usable() {
        return Err(in_state(inner, cluster, "streamed"));
    }
    let beside = |arn: &str| arn.parse::<Arn>().is_ok_and(|arn| arn.region == cluster.home.region && arn.account == cluster.home.account);
    if !beside(&creation.target.stream_arn) {
        let message = "The Kinesis stream must be in the same account and Region as the cluster.";
        return Err(ApiError::field("targetDefinition.kinesis.streamArn", message));
    }
    if cluster.streams.len() >= inner.settings.streams_max {
        let id = cluster.id.to_string();
        let message = "You have reached the stream limit.";
        return Err(ApiError::QuotaExceeded { message, id, kind: Kind::Cluster, quota: "streams-per-cluster" });
    }
    Ok(())
}

/// The ARN of a stream of the caller's, whether there is one or not.
fn stream_arn(call: &Call, cluster: &str, stream: &str) -> Arn {
    call.cluster_arn(&format!("{cluster}/stream/{stream}"))
}

fn position(cluster: &Cluster, stream: &str) -> Result<usize, ApiError> {
    let place = cluster.streams.iter().position(|known| known.id.to_string() == stream);
    place.ok_or_else(|| ApiError::NotFound { kind: Kind::Stream, id: stream.to_owned() })
}

pub(crate) fn get(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let (cluster_id, stream_id) = (cluster_identifier(&mut input), stream_identifier(&mut input));
    input.finish()?;
    let cluster = cluster_id.parse().ok().and_then(|id| inner.registry.cluster(id)).filter(|cluster| cluster.home == call.home);
    let arn = stream_arn(call, &cluster_id, &stream_id);
    call.authorize(Operation::GetStream.action(), &arn, cluster.as_deref(), |context| context)?;
    let cluster = cluster.ok_or(ApiError::NotFound { kind: Kind::Cluster, id: cluster_id })?;
    let place = position(&cluster, &stream_id)?;
    Ok(value(&StreamDetails::whole(&cluster, &cluster.streams[place])))
}

pub(crate) fn list(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let cluster_id = cluster_identifier(&mut input);
    let size = input.max_results().unwrap_or(PAGE);
    let token = input.query("next-token", "nextToken", &shape::NEXT_TOKEN);
    input.finish()?;
    let after = page::after(token.as_deref())?;
    let cluster = look_up(inner, call, &cluster_id, Operation::ListStreams.action())?;
    let mut streams: Vec<&Stream> = cluster.streams.iter().filter(|stream| after.is_none_or(|after| stream.id > after)).collect();
    streams.sort_by_key(|stream| stream.id);
    let (streams, next) = page::page(streams.into_iter(), size, |stream| stream.id);
    let streams: Vec<StreamState> = streams.into_iter().map(|stream| StreamState::of(&cluster, stream)).collect();
    Ok(next.map_or_else(|| json!({"streams": streams}), |next| json!({"streams": streams, "nextToken": next})))
}

pub(crate) fn delete(inner: &Inner, call: &Call, mut input: Input) -> Result<Value, ApiError> {
    let (cluster_id, stream_id) = (cluster_identifier(&mut input), stream_identifier(&mut input));
    let token = input.client_token();
    input.finish()?;
    let operation = Operation::DeleteStream;
    let ticket = Ticket { operation, token, fingerprint: fingerprint(operation, &(&cluster_id, &stream_id)) };
    let registry = inner.registry.write();
    let cluster = registry.find(&cluster_id).filter(|cluster| cluster.home == call.home);
    let arn = stream_arn(call, &cluster_id, &stream_id);
    call.authorize(operation.action(), &arn, cluster.as_deref(), |context| context)?;
    let cluster = cluster.ok_or(ApiError::NotFound { kind: Kind::Cluster, id: cluster_id })?;
    if let Some(answer) = ticket.replay(&cluster)? {
        return Ok(answer);
    }
    let place = position(&cluster, &stream_id)?;
    let mut next = Cluster::clone(&cluster);
    next.streams[place].phase = StreamPhase::Deleting;
    let answer = value(&StreamState::of(&next, &next.streams[place]));
    ticket.keep(&mut next, &answer);
    let id = registry.put(next)?.id;
    inner.steward.wake(id);
    Ok(answer)
}

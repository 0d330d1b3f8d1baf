//! `borealis cluster stream`: change streams.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use aws_sdk_dsql::error::SdkError;
use aws_sdk_dsql::types::{KinesisTargetDefinition, StreamFormat, StreamOrdering, StreamStatus, TargetDefinition};
use borealis_auth::LOCAL_ACCOUNT;
use borealis_client::ApiError;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::place::{Api, Place, Which};
use super::tags;
use super::view::{iso8601, print_json};
use crate::{Failure, Usage};

/// How long `--wait` waits, and how often it asks.
const WAIT_MAX: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Debug, Subcommand)]
pub(crate) enum Stream {
    /// Have every committed change of a row sent to a target
    Create(Create),
    /// List a cluster's streams
    List(List),
    /// Show one stream, and why it is impaired when it is
    Get(Get),
    /// End a stream
    Delete(Delete),
}

#[derive(Debug, Args)]
#[command(
    after_help = "A local server delivers where its operator says: a file or address for each target in DATA/control/targets.json, or \
                        `borealis serve --stream-sink`.\nExample: borealis cluster stream create $CLUSTER --target orders --wait"
)]
pub(crate) struct Create {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// Target: ARN of a Kinesis stream, or the name of one beside the cluster
    #[arg(long, value_name = "ARN|NAME")]
    target: String,
    /// Role that may write to the target; a local server needs none
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// Tags of the stream
    #[arg(long, value_name = "KEY=VALUE,…", value_delimiter = ',')]
    tags: Vec<String>,
    /// Makes a repeated call return the first one's stream
    #[arg(long, value_name = "TOKEN")]
    client_token: Option<String>,
    /// Return when the stream delivers
    #[arg(long)]
    wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster stream list $CLUSTER --json | jq -r '.[].streamIdentifier'")]
pub(crate) struct List {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster stream get $CLUSTER $STREAM --json | jq -r .status")]
pub(crate) struct Get {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// The stream's identifier
    #[arg(value_name = "STREAM")]
    stream: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "What the target has not taken yet is not sent any more.\nExample: borealis cluster stream delete $CLUSTER $STREAM --wait"
)]
pub(crate) struct Delete {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// The stream's identifier
    #[arg(value_name = "STREAM")]
    stream: String,
    /// Return when the stream is gone
    #[arg(long)]
    wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: &Stream) -> Result<(), Failure> {
    match arguments {
        Stream::Create(create) => self::create(create).await,
        Stream::List(list) => self::list(list).await,
        Stream::Get(get) => self::get(get).await,
        Stream::Delete(delete) => self::delete(delete).await,
    }
}

async fn create(arguments: &Create) -> Result<(), Failure> {
    let cluster = arguments.which.identifier()?;
    let tags = tags::parse(&arguments.tags)?;
    let api = Api::open(&arguments.place).await?;
    let target = target(arguments, &api, cluster).await?;
    let request = api
        .client
        .create_stream()
        .cluster_identifier(cluster)
        .target_definition(TargetDefinition::Kinesis(target))
        .ordering(StreamOrdering::Unordered)
        .format(StreamFormat::Json)
        .set_tags((!tags.is_empty()).then(|| tags.into_iter().collect()))
        .set_client_token(arguments.client_token.clone());
    let created = request.send().await.map_err(|error| api.failure(ApiError::read(error)))?;
    let stream = &created.stream_identifier;
    let seen = if arguments.wait { wait(&api, cluster, stream, &StreamStatus::Active).await? } else { look(&api, cluster, stream).await? };
    let seen = seen.ok_or_else(|| format!("stream {stream} is gone"))?;
    print(&seen, arguments.json)
}

/// The Kinesis stream and the role that are meant.
async fn target(arguments: &Create, api: &Api, cluster: &str) -> Result<KinesisTargetDefinition, Failure> {
    let arn = api.get(cluster).await.map_err(|error| api.failure(error))?.arn;
    let mut parts = arn.split(':').skip(3);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let target = match arguments.target.as_str() {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        name => format!("arn:aws:kinesis:{region}:{account}:stream/{name}"),
    };
    let role = match &arguments.role_arn {
        Some(role) => role.clone(),
        // The API wants one; here the operator's list says who may be written to.
        None if account == LOCAL_ACCOUNT => format!("arn:aws:iam::{account}:role/streams"),
        None => return Err(Usage::because("name the role that may write to the target with --role-arn")),
    };
    Ok(KinesisTargetDefinition::builder().stream_arn(target).role_arn(role).build()?)
}

async fn list(arguments: &List) -> Result<(), Failure> {
    let cluster = arguments.which.identifier()?;
    let api = Api::open(&arguments.place).await?;
    let mut pages = api.client.list_streams().cluster_identifier(cluster).into_paginator().items().send();
    let mut streams = Vec::new();
    while let Some(summary) = pages.next().await {
        let summary = summary.map_err(|error| api.failure(ApiError::read(error)))?;
        streams.push(json!({
            "streamIdentifier": summary.stream_identifier, "arn": summary.arn, "status": summary.status.as_str(),
            "creationTime": iso8601(&summary.creation_time),
        }));
    }
    if arguments.json {
        return print_json(&streams);
    }
    if streams.is_empty() {
        eprintln!("No streams. Create one with `borealis cluster stream create`.");
        return Ok(());
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:<26}  {:<8}  CREATED", "IDENTIFIER", "STATUS")?;
    for stream in &streams {
        let text = |name: &str| stream[name].as_str().unwrap_or_default();
        writeln!(out, "{:<26}  {:<8}  {}", text("streamIdentifier"), text("status"), text("creationTime"))?;
    }
    Ok(())
}

async fn get(arguments: &Get) -> Result<(), Failure> {
    let cluster = arguments.which.identifier()?;
    let api = Api::open(&arguments.place).await?;
    let seen = look(&api, cluster, &arguments.stream).await?;
    let seen = seen.ok_or_else(|| format!("cluster {cluster} has no stream {}", arguments.stream))?;
    print(&seen, arguments.json)
}

async fn delete(arguments: &Delete) -> Result<(), Failure> {
    let cluster = arguments.which.identifier()?;
    let api = Api::open(&arguments.place).await?;
    let deleted = api.client.delete_stream().cluster_identifier(cluster).stream_identifier(&arguments.stream).send().await;
    let deleted = deleted.map_err(|error| api.failure(ApiError::read(error)))?;
    let mut status = deleted.status;
    if arguments.wait {
        wait(&api, cluster, &arguments.stream, &StreamStatus::Deleted).await?;
        status = StreamStatus::Deleted;
    }
    if arguments.json {
        return print_json(&json!({"streamIdentifier": deleted.stream_identifier, "arn": deleted.arn, "status": status.as_str()}));
    }
    println!("Stream {}: {}", arguments.stream, status.as_str());
    Ok(())
}

/// A stream as the API tells it, by its own field names; none when there is none.
async fn look(api: &Api, cluster: &str, stream: &str) -> Result<Option<Value>, Failure> {
    let asked = api.client.get_stream().cluster_identifier(cluster).stream_identifier(stream).send().await;
    let seen = match asked {
        Err(SdkError::ServiceError(error)) if error.err().is_resource_not_found_exception() => return Ok(None),
        asked => asked.map_err(|error| api.failure(ApiError::read(error)))?,
    };
    let mut view = json!({
        "clusterIdentifier": seen.cluster_identifier, "streamIdentifier": seen.stream_identifier, "arn": seen.arn,
        "status": seen.status.as_str(), "creationTime": iso8601(&seen.creation_time),
        "ordering": seen.ordering.as_str(), "format": seen.format.as_str(),
    });
    if let Some(TargetDefinition::Kinesis(kinesis)) = &seen.target_definition {
        view["targetDefinition"] = json!({"kinesis": {"streamArn": kinesis.stream_arn, "roleArn": kinesis.role_arn}});
    }
    if let Some(reason) = &seen.status_reason {
        view["statusReason"] = json!({"error": reason.error.as_str(), "updatedAt": iso8601(&reason.updated_at)});
    }
    view["tags"] = json!(seen.tags.unwrap_or_default().into_iter().collect::<BTreeMap<_, _>>());
    Ok(Some(view))
}

/// Waits for a status, or for the stream to be gone; gives up where it can no longer come.
async fn wait(api: &Api, cluster: &str, stream: &str, wanted: &StreamStatus) -> Result<Option<Value>, Failure> {
    let arrives = async {
        loop {
            let Some(seen) = look(api, cluster, stream).await? else { return Ok::<_, Failure>(None) };
            let status = seen["status"].as_str().unwrap_or_default();
            if status == wanted.as_str() {
                return Ok(Some(seen));
            }
            if status == StreamStatus::Failed.as_str() && *wanted == StreamStatus::Active {
                let reason = seen["statusReason"]["error"].as_str().unwrap_or("no reason is told");
                return Err(format!("stream {stream} is FAILED: {reason}; delete it and create another one").into());
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    let waited = tokio::time::timeout(WAIT_MAX, arrives).await;
    waited.map_err(|_| format!("stream {stream} is not {} after {} s", wanted.as_str(), WAIT_MAX.as_secs()))?
}

fn print(stream: &Value, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return print_json(stream);
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut lines = vec![
        ("Stream Identifier", text(&stream["streamIdentifier"])),
        ("Stream ARN", text(&stream["arn"])),
        ("Status", text(&stream["status"])),
        ("Target", text(&stream["targetDefinition"]["kinesis"]["streamArn"])),
        ("Created", text(&stream["creationTime"])),
    ];
    if let Some(reason) = stream["statusReason"].as_object() {
        lines.push(("Reason", format!("{} since {}", text(&reason["error"]), text(&reason["updatedAt"]))));
    }
    let tags = stream["tags"].as_object().into_iter().flatten();
    lines.extend(tags.map(|(key, value)| ("Tag", format!("{key}={}", text(value)))));
    let mut out = std::io::stdout().lock();
    for (name, value) in lines {
        writeln!(out, "{:<21}{value}", format!("{name}:"))?;
    }
    Ok(())
}

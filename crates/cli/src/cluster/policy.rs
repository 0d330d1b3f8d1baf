//! `borealis cluster policy`.

use std::io::Read;

use borealis_client::ApiError;
use clap::{Args, Subcommand};
use serde_json::Value;

use super::place::{Api, Place, Which};
use super::view::print_json;
use crate::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Print the policy
    Get(Get),
    /// Put a policy, in place of the one there is
    Put(Put),
    /// Delete the policy
    Delete(Delete),
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster policy get $CLUSTER > policy.json")]
pub(crate) struct Get {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// Print the document and its version as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster policy put $CLUSTER policy.json")]
pub(crate) struct Put {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// The policy document: a file, or - for stdin
    #[arg(value_name = "FILE")]
    file: String,
    /// Only if the policy there is has this version
    #[arg(long, value_name = "VERSION")]
    expected_version: Option<String>,
    /// Put it even if it shuts out whoever puts it
    #[arg(long)]
    bypass_lockout_check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster policy delete $CLUSTER")]
pub(crate) struct Delete {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// Only if the policy there is has this version
    #[arg(long, value_name = "VERSION")]
    expected_version: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: &Policy) -> Result<(), Failure> {
    match arguments {
        Policy::Get(get) => print(get).await,
        Policy::Put(put) => replace(put).await,
        Policy::Delete(delete) => remove(delete).await,
    }
}

async fn print(arguments: &Get) -> Result<(), Failure> {
    let identifier = arguments.which.identifier()?;
    let api = Api::open(&arguments.place).await?;
    let answer = api.client.get_cluster_policy().identifier(identifier).send().await;
    let answer = answer.map_err(|error| api.failure(ApiError::read(error)))?;
    if arguments.json {
        return print_json(&serde_json::json!({ "policy": answer.policy, "policyVersion": answer.policy_version }));
    }
    eprintln!("version {}", answer.policy_version);
    match serde_json::from_str::<Value>(&answer.policy) {
        Ok(document) => print_json(&document),
        Err(_) => {
            println!("{}", answer.policy);
            Ok(())
        }
    }
}

async fn replace(arguments: &Put) -> Result<(), Failure> {
    let identifier = arguments.which.identifier()?;
    let document = read(&arguments.file)?;
    let api = Api::open(&arguments.place).await?;
    let request = api
        .client
        .put_cluster_policy()
        .identifier(identifier)
        .policy(document)
        .set_expected_policy_version(arguments.expected_version.clone())
        .set_bypass_policy_lockout_safety_check(arguments.bypass_lockout_check.then_some(true));
    let answer = request.send().await.map_err(|error| api.failure(ApiError::read(error)))?;
    print_version(&answer.policy_version, arguments.json)
}

async fn remove(arguments: &Delete) -> Result<(), Failure> {
    let identifier = arguments.which.identifier()?;
    let api = Api::open(&arguments.place).await?;
    let request = api.client.delete_cluster_policy().identifier(identifier);
    let request = request.set_expected_policy_version(arguments.expected_version.clone());
    let answer = request.send().await.map_err(|error| api.failure(ApiError::read(error)))?;
    print_version(&answer.policy_version, arguments.json)
}

fn print_version(version: &str, json: bool) -> Result<(), Failure> {
    if json {
        return print_json(&serde_json::json!({ "policyVersion": version }));
    }
    println!("policy version {version}");
    Ok(())
}

/// A document out of a file, or out of stdin for `-`.
pub(crate) fn read(file: &str) -> Result<String, Failure> {
    if file != "-" {
        return std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}").into());
    }
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text).map_err(|error| format!("stdin: {error}"))?;
    Ok(text)
}

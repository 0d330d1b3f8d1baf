//! `borealis cluster delete`.

use std::io::{BufRead, IsTerminal, Write};

use aws_sdk_dsql::types::ClusterStatus;
use borealis_client::ApiError;
use clap::Args;

use super::place::{Api, Place, Which};
use super::view::print_json;
use super::wait::{Until, wait_for};
use crate::{Failure, Usage};

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster delete $CLUSTER --yes --wait")]
pub(crate) struct Delete {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// Do not ask
    #[arg(long, visible_alias = "force")]
    yes: bool,
    /// Return when the cluster is gone
    #[arg(long)]
    wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: &Delete) -> Result<(), Failure> {
    let identifier = arguments.which.identifier()?;
    let api = Api::open(&arguments.place).await?;
    if !arguments.yes {
        confirm(identifier, &api.region)?;
    }
    let deleted = api.client.delete_cluster().identifier(identifier).send().await;
    let deleted = deleted.map_err(|error| protected(identifier, ApiError::read(error), &api))?;
    let mut status = deleted.status;
    if arguments.wait {
        status =
            wait_for(&api, identifier, Until::Gone, super::wait::LIMIT_DEFAULT).await?.map_or(ClusterStatus::Deleted, |view| view.status);
    }
    if arguments.json {
        return print_json(&serde_json::json!({ "identifier": deleted.identifier, "arn": deleted.arn, "status": status.as_str() }));
    }
    println!("Cluster {identifier}: {}", status.as_str());
    Ok(())
}

/// The cluster's identifier, typed: the answer to a habit is "yes", not 26 letters.
fn confirm(identifier: &str, region: &str) -> Result<(), Failure> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Usage::because("deleting a cluster needs a confirmation, and nobody can be asked here: give --yes"));
    }
    let mut out = std::io::stderr().lock();
    writeln!(out, "This deletes cluster {identifier} in {region} and all its data. It cannot be undone.")?;
    write!(out, "Type the cluster's identifier to confirm: ")?;
    out.flush()?;
    let mut answer = String::new();
    stdin.lock().read_line(&mut answer)?;
    if answer.trim() == identifier { Ok(()) } else { Err("deletion cancelled: that is not the cluster's identifier".into()) }
}

fn protected(identifier: &str, error: ApiError, api: &Api) -> Failure {
    match &error {
        ApiError::Refused(refusal) if refusal.reason.as_deref() == Some("deletionProtectionEnabled") => {
            format!("{error}\nSwitch it off first: borealis cluster update {identifier} --deletion-protection off").into()
        }
        _ => api.failure(error),
    }
}

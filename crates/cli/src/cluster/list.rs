//! `borealis cluster list`. The API's list has identifiers only; status and endpoint are asked for each.

use std::io::Write;

use borealis_client::ApiError;
use clap::Args;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::place::{Api, Place};
use super::view::{View, print_json};
use crate::Failure;

/// Clusters that are asked for at a time.
const CONCURRENT_MAX: usize = 8;

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster list --json | jq -r '.[].endpoint'")]
pub(crate) struct List {
    #[command(flatten)]
    place: Place,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: &List) -> Result<(), Failure> {
    let api = Api::open(&arguments.place).await?;
    let clusters = all(&api).await.map_err(|error| api.failure(error))?;
    if arguments.json {
        return print_json(&clusters);
    }
    if clusters.is_empty() {
        eprintln!("No clusters in {}. Create one with `borealis cluster create`.", api.region);
        return Ok(());
    }
    print_table(&clusters)
}

/// Every cluster of the region, in the order of the API.
pub(crate) async fn all(api: &Api) -> Result<Vec<View>, ApiError> {
    let mut pages = api.client.list_clusters().into_paginator().items().send();
    let mut identifiers = Vec::new();
    while let Some(summary) = pages.next().await {
        identifiers.push(summary.map_err(ApiError::read)?.identifier);
    }
    let asked = stream::iter(identifiers).map(|identifier| async move { still_there(api.get(&identifier).await) });
    let clusters: Vec<Option<View>> = asked.buffered(CONCURRENT_MAX).try_collect().await?;
    Ok(clusters.into_iter().flatten().collect())
}

/// A cluster may go between the list and the question.
fn still_there(answer: Result<View, ApiError>) -> Result<Option<View>, ApiError> {
    match answer {
        Err(error) if error.is_not_found() => Ok(None),
        answer => answer.map(Some),
    }
}

fn print_table(clusters: &[View]) -> Result<(), Failure> {
    let header = ["IDENTIFIER", "STATUS", "ENDPOINT", "CREATED"].map(str::to_owned);
    let rows = clusters
        .iter()
        .map(|view| [view.identifier.clone(), view.status.as_str().to_owned(), view.endpoint.clone(), view.creation_time.clone()]);
    let rows: Vec<[String; 4]> = std::iter::once(header).chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or_default();
    let (first, second, third) = (width(0), width(1), width(2));
    let mut out = std::io::stdout().lock();
    for [identifier, status, endpoint, created] in &rows {
        writeln!(out, "{identifier:<first$}  {status:<second$}  {endpoint:<third$}  {created}")?;
    }
    Ok(())
}

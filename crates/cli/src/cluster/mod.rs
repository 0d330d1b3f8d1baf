//! `borealis cluster`: the cluster API, the local server's or the real service's.

mod apply;
mod create;
mod delete;
mod info;
mod list;
pub(crate) mod place;
mod policy;
mod stream;
mod tags;
mod update;
mod view;
mod wait;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::Failure;

#[derive(Debug, Args)]
pub(crate) struct Cluster {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a cluster
    Create(create::Create),
    /// List the clusters with their status and endpoint
    List(list::List),
    /// Show one cluster
    Info(info::Info),
    /// Change a cluster's protection, key or peers
    Update(update::Update),
    /// Delete a cluster and all its data
    Delete(delete::Delete),
    /// Put tags on a cluster
    Tag(tags::Tag),
    /// Take tags off a cluster
    Untag(tags::Untag),
    /// Read, put or delete a cluster's resource-based policy
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Send committed changes to a target: create, list, get and delete streams
    #[command(subcommand)]
    Stream(stream::Stream),
    /// Wait until a cluster can be used, or is gone
    Wait(wait::Wait),
    /// Make a cluster what a CloudFormation resource says
    Apply(apply::Apply),
}

pub(crate) fn run(arguments: &Cluster) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match &arguments.command {
            Command::Create(create) => create::run(create).await,
            Command::List(list) => list::run(list).await,
            Command::Info(info) => info::run(info).await,
            Command::Update(update) => update::run(update).await,
            Command::Delete(delete) => delete::run(delete).await,
            Command::Tag(tag) => tags::add(tag).await,
            Command::Untag(untag) => tags::remove(untag).await,
            Command::Policy(policy) => policy::run(policy).await,
            Command::Stream(stream) => stream::run(stream).await,
            Command::Wait(wait) => wait::run(wait).await,
            Command::Apply(apply) => apply::run(apply).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

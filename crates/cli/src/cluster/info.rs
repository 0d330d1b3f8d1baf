//! `borealis cluster info`.

use clap::Args;

use super::place::{Api, Place, Which};
use crate::Failure;

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis cluster info $CLUSTER --json | jq -r .status")]
pub(crate) struct Info {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    which: Which,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: &Info) -> Result<(), Failure> {
    let identifier = arguments.which.identifier()?;
    let api = Api::open(&arguments.place).await?;
    let view = api.get(identifier).await.map_err(|error| api.failure(error))?;
    view.print(arguments.json)
}

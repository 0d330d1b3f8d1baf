//! `borealis mcp`.

use clap::Args;

use crate::Failure;
use crate::connection::{self, Target};

#[derive(Debug, Args)]
pub(crate) struct Mcp {
    #[command(flatten)]
    target: Target,
    /// Let `transact` write
    #[arg(long)]
    allow_writes: bool,
}

pub(crate) fn run(arguments: &Mcp) -> Result<(), Failure> {
    // Without a database the tools are listed and each call says what to configure.
    let endpoint = match connection::endpoint(&arguments.target) {
        Ok(endpoint) => Some(endpoint),
        Err(failure) if arguments.target.endpoint.is_none() => {
            eprintln!("borealis mcp: {failure}");
            None
        }
        Err(failure) => return Err(failure),
    };
    let mut options = borealis_mcp::Options::new(endpoint);
    options.allow_writes = arguments.allow_writes;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(borealis_mcp::serve_stdio(options))?;
    Ok(())
}

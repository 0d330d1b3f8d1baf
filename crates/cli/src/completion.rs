//! `borealis completion`: scripts out of the same definitions that the arguments are parsed by.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::Failure;
use crate::args::Arguments;

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis completion bash > /etc/bash_completion.d/borealis")]
pub(crate) struct Completion {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Completion) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "borealis", &mut script);
    std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?;
    Ok(())
}

//! `borealis lsp`: the linter as a language server, on stdin and stdout.

mod document;
mod server;

use std::process::ExitCode;

use clap::Args;
use lsp_server::Connection;

use crate::Failure;
use crate::lint::Choice;

#[derive(Debug, Args)]
#[command(after_help = "The server is started by an editor: diagnostics while you type, fixes as code actions, explanations on hover. \
Configuration is looked for beside each file, as `borealis lint` does.\n\nExample: borealis lsp --dialect 2026-02")]
pub(crate) struct Lsp {
    #[command(flatten)]
    choice: Choice,
}

pub(crate) fn run(arguments: &Lsp) -> Result<ExitCode, Failure> {
    let (connection, threads) = Connection::stdio();
    let (id, _parameters) = connection.initialize_start()?;
    connection.initialize_finish(id, server::greeting())?;
    server::Server::new(&connection, &arguments.choice).run()?;
    drop(connection);
    threads.join()?;
    Ok(ExitCode::SUCCESS)
}

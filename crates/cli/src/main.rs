//! `borealis`: the one binary, and the only place that knows all the parts.

mod args;
mod connection;
mod data_folder;
mod docs;
mod env;
mod key;
mod local_key;
mod mcp;
mod principals;
mod role;
mod serve;
mod shell;
mod skill;
mod sql;
mod token;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

/// What went wrong, where, and what to do about it: one line for people on stderr.
pub(crate) type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Serve(serve) => serve::run(&serve),
        Command::Env(env) => env::run(&env),
        Command::Token(token) => token::run(&token),
        Command::Key(key) => key::run(&key),
        Command::Role(role) => role::run(&role),
        Command::Sql(sql) => return report(sql::run(&sql)),
        Command::Mcp(mcp) => mcp::run(&mcp),
        Command::Docs(docs) => docs::run(&docs),
        Command::Skill(skill) => skill::run(&skill),
    };
    report(result.map(|()| ExitCode::SUCCESS))
}

/// Exit code 1 and one line on stderr for a failure; usage errors are clap's, with code 2.
fn report(result: Result<ExitCode, Failure>) -> ExitCode {
    result.unwrap_or_else(|failure| {
        eprintln!("borealis: {failure}");
        ExitCode::FAILURE
    })
}

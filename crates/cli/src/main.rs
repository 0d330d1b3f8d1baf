//! `borealis`: the one binary, and the only place that knows all the parts.

mod args;
mod backup;
mod broken_pipe;
mod cluster;
mod completion;
mod connection;
mod convert;
mod data_folder;
mod docs;
mod doctor;
mod dump;
mod env;
mod file_order;
mod jobs;
mod key;
mod lint;
mod load;
mod local_key;
mod lsp;
mod man;
mod mcp;
mod mcp_http;
mod meter;
mod migrate;
mod owner;
mod principals;
mod role;
mod role_password;
mod serve;
mod shell;
mod skill;
mod sql;
mod token;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use args::{Arguments, Command};

/// What went wrong, where, and what to do about it: one line for people on stderr.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// A command line that cannot be meant: exit code 2, as for what the parser of arguments refuses itself.
#[derive(Debug)]
pub(crate) struct Usage(String);

impl Usage {
    pub(crate) fn because(why: impl Into<String>) -> Failure {
        Box::new(Self(why.into()))
    }
}

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Usage {}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if !matches!(arguments.command, Command::Serve(_)) {
        broken_pipe::end_quietly();
    }
    let result = match arguments.command {
        Command::Serve(serve) => serve::run(&serve),
        Command::Env(env) => env::run(&env),
        Command::Token(token) => token::run(&token),
        Command::Key(key) => key::run(&key),
        Command::Role(role) => role::run(&role),
        Command::Sql(sql) => return report(sql::run(&sql)),
        Command::Cluster(cluster) => return report(cluster::run(&cluster)),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Restore(arguments) => backup::restore(&arguments),
        Command::Jobs(jobs) => return report(jobs::run(&jobs)),
        Command::Load(load) => return report(load::run(&load)),
        Command::Dump(dump) => return report(dump::run(&dump)),
        Command::Verify(verify) => return report(verify::run(&verify)),
        Command::Migrate(migrate) => return report(migrate::run(&migrate)),
        Command::Lint(lint) => return report(lint::run(&lint)),
        Command::Lsp(lsp) => return report(lsp::run(&lsp)),
        Command::Mcp(mcp) => mcp::run(&mcp),
        Command::Convert(convert) => return report(convert::run(&convert)),
        Command::Docs(docs) => docs::run(&docs),
        Command::Skill(skill) => skill::run(&skill),
        Command::Doctor(doctor) => return report(doctor::run(&doctor)),
        Command::Completion(completion) => completion::run(&completion),
        Command::Man(man) => man::run(&man),
    };
    report(result.map(|()| ExitCode::SUCCESS))
}

/// What went wrong on stderr, and exit code 1; 2 when it is the command line itself.
fn report(result: Result<ExitCode, Failure>) -> ExitCode {
    result.unwrap_or_else(|failure| {
        if broken_pipe::is_cause_of(&failure) {
            return ExitCode::from(broken_pipe::EXIT_CODE);
        }
        eprintln!("borealis: {failure}");
        if failure.is::<Usage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
    })
}

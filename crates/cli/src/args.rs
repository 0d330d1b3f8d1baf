//! The command line: the families of commands. Each family's file holds its arguments and what it does with them.

use clap::{Parser, Subcommand};

use crate::{
    backup, cluster, completion, convert, docs, doctor, dump, env, jobs, key, lint, load, lsp, man, mcp, migrate, role, serve, skill, sql,
    token, verify,
};

/// An open, self-hosted Aurora DSQL: the database and its tools in one binary.
#[derive(Debug, Parser)]
#[command(name = "borealis", version, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a cluster and serve it on the PostgreSQL protocol
    Serve(serve::Serve),
    /// Print shell lines that let psql and the AWS tools reach the local cluster
    Env(env::Env),
    /// Print a fresh authentication token, to be used as the password
    Token(token::Token),
    /// Manage users of the local server and their access keys
    Key(key::Key),
    /// Manage IAM roles of the local server and their temporary credentials
    Role(role::Role),
    /// Run SQL: with psql when it is installed, else with a built-in shell
    Sql(sql::Sql),
    /// Create, list, change and delete clusters, here or in AWS
    Cluster(cluster::Cluster),
    /// Copy a cluster into one file, while it is served or not
    Backup(backup::Backup),
    /// Make a cluster from a backup
    Restore(backup::Restore),
    /// Show background jobs, or wait for one
    Jobs(jobs::Jobs),
    /// Load rows from files into a table, each exactly once
    Load(load::Load),
    /// Write the database, or some of its tables, as SQL
    Dump(dump::Dump),
    /// Compare the rows of a table with a file or another table, by values
    Verify(verify::Verify),
    /// Change tables safely: plan, apply, watch, resume, take back
    Migrate(migrate::Migrate),
    /// Say what Aurora DSQL refuses of SQL files, and mend it
    Lint(lint::Lint),
    /// Serve an editor as a language server: the linter while you type
    Lsp(lsp::Lsp),
    /// Serve an agent over the Model Context Protocol on stdin and stdout
    Mcp(mcp::Mcp),
    /// Convert schemas and dumps of MySQL and PostgreSQL into statements that Aurora DSQL accepts
    Convert(convert::Convert),
    /// Read the user guide: search it, open a page, ask what to read about an error or a statement
    Docs(docs::Docs),
    /// Give a coding agent the guide, configuration and scripts as a skill
    Skill(skill::Skill),
    /// Look for what is wrong with an installation, and say how to mend it
    Doctor(doctor::Doctor),
    /// Print a completion script for a shell
    Completion(completion::Completion),
    /// Print a manual page, or write them all into a folder
    Man(man::Man),
}

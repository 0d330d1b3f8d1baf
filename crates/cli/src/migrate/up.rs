//! `borealis migrate up`: numbered files.

use std::io::Write as _;
use std::path::PathBuf;

use borealis_dialect::Dialect;
use borealis_migrate::files::{self, FileStatus};
use clap::Args;

use crate::Failure;
use crate::connection::Target;

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis migrate up --dir migrations")]
pub(super) struct Up {
    #[command(flatten)]
    target: Target,
    /// Folder of files named 0001_name.sql, 0002_name.sql, …
    #[arg(long, value_name = "DIR", default_value = "migrations")]
    dir: PathBuf,
    /// Surface of the database, by which the files are read
    #[arg(long, value_name = "DATE", default_value_t = Dialect::default())]
    dialect: Dialect,
    /// Take the files from a process that is dead, although it has given a sign of life within the last minute
    #[arg(long)]
    take_over: bool,
    /// Numbers may be left out, such as where they are dates
    #[arg(long)]
    gaps: bool,
    /// Print the files and how much of each has been run as JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(arguments: &Up) -> Result<(), Failure> {
    let told = |statement: &str| eprintln!("{statement}");
    let how = files::Up { dialect: arguments.dialect, take_over: arguments.take_over, gaps: arguments.gaps, told: &told };
    let database = super::database(&arguments.target)?;
    let files = files::up(&database, &arguments.dir, &how).await?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&files)?)?;
        return Ok(());
    }
    match files.last() {
        Some(last) => writeln!(out, "{} files have been run, up to {}", files.len(), last.name)?,
        None => writeln!(out, "there are no files in {}", arguments.dir.display())?,
    }
    Ok(())
}

/// The files for people.
pub(super) fn list(files: &[FileStatus]) -> Vec<String> {
    let state = |file: &FileStatus| match file.done {
        _ if file.error.is_some() => "refused".to_owned(),
        done if done == file.statements => "run".to_owned(),
        0 => "to be run".to_owned(),
        done => format!("{done} of {} statements run", file.statements),
    };
    files.iter().map(|file| format!("{}  {}", file.name, state(file))).collect()
}

//! `borealis man`: manual pages out of the same definitions that the arguments are parsed by.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};

use crate::args::Arguments;
use crate::{Failure, Usage};

#[derive(Debug, Args)]
#[command(after_help = "Example: borealis man cluster create | man -l -")]
pub(crate) struct Man {
    /// The command the page is about [default: borealis itself]
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    dir: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Man) -> Result<(), Failure> {
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    match &arguments.dir {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
            write_all(&root, "borealis", folder)
        }
        None => {
            std::io::stdout().lock().write_all(&page(find(&root, &arguments.command)?)?)?;
            Ok(())
        }
    }
}

/// The command that the words name.
fn find<'a>(root: &'a Command, words: &[String]) -> Result<&'a Command, Failure> {
    words.iter().try_fold(root, |command, word| {
        command.find_subcommand(word).ok_or_else(|| Usage::because(format!("there is no command '{word}'")))
    })
}

/// A page for the command and, below it, for each of its own.
fn write_all(command: &Command, name: &str, folder: &Path) -> Result<(), Failure> {
    let path = folder.join(format!("{name}.1"));
    std::fs::write(&path, page(command)?).map_err(|error| format!("{}: {error}", path.display()))?;
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write_all(below, &format!("{name}-{}", below.get_name()), folder)?;
    }
    Ok(())
}

fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}

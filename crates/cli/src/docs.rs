//! `borealis docs`: the user guide on the command line.

use std::io::{self, Write as _};
use std::time::Duration;

use borealis_guide::online::{KnowledgeServer, TIMEOUT_DEFAULT};
use borealis_guide::{Extract, Guide, Hit, LENGTH_DEFAULT, Recommendation};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::Failure;

/// Width of text for people.
const WIDTH: usize = 100;

/// Read the documentation: search it, open a page, ask what to read about an error or a statement
#[derive(Debug, Args)]
pub(crate) struct Docs {
    #[command(subcommand)]
    command: Command,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    /// Ask this server (https) instead of the built-in guide
    #[arg(long, value_name = "URL", global = true)]
    knowledge_server: Option<String>,
    /// Seconds that the knowledge server has for an answer
    #[arg(long, value_name = "SECONDS", global = true, default_value_t = TIMEOUT_DEFAULT.as_secs(), value_parser = clap::value_parser!(u64).range(1..))]
    knowledge_timeout: u64,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find the sections that speak of some words
    Search {
        /// What to look for; small misspellings are forgiven
        #[arg(required = true)]
        words: Vec<String>,
        /// At most so many sections
        #[arg(long, default_value_t = 8)]
        limit: usize,
    },
    /// Print a page, or a part of one
    Read {
        /// A page or a section: `transactions`, `errors#oc000`, or the address that a search gave
        page: String,
        /// Begin at this character of the page or the section
        #[arg(long, value_name = "N")]
        start: Option<usize>,
        /// At most so many characters [default: all; with --json 10,000]
        #[arg(long, value_name = "N")]
        max_length: Option<usize>,
    },
    /// Say what to read about a page, an SQLSTATE, an error message or a statement
    Recommend {
        /// A page, a code, a message or a statement
        #[arg(required = true)]
        input: Vec<String>,
    },
    /// Name all pages
    List,
}

pub(crate) fn run(arguments: &Docs) -> Result<(), Failure> {
    match &arguments.knowledge_server {
        Some(url) => {
            let server = KnowledgeServer::new(url, Duration::from_secs(arguments.knowledge_timeout))?;
            print(&format!("{:#}\n", online(&server, &arguments.command)?))
        }
        None => print(&offline(&Guide::open(), &arguments.command, arguments.json)?),
    }
}

fn offline(guide: &Guide, command: &Command, as_json: bool) -> Result<String, Failure> {
    Ok(match command {
        Command::Search { words, limit } => {
            let hits = guide.search(&words.join(" "), *limit);
            if as_json { pretty(&json!({ "results": hits })) } else { show_hits(&hits) }
        }
        Command::Read { page, start, max_length } => {
            let length = max_length.unwrap_or(if as_json { LENGTH_DEFAULT } else { usize::MAX });
            let extract = guide.read(page, start.unwrap_or(0), length)?;
            if as_json { pretty(&json!(extract)) } else { show_extract(&extract) }
        }
        Command::Recommend { input } => {
            let found = guide.recommend(&input.join(" "));
            if as_json { pretty(&json!({ "recommendations": found })) } else { show_recommendations(&found) }
        }
        Command::List => {
            let pages = guide.pages().iter();
            if as_json {
                let pages: Vec<Value> = pages
                    .map(|page| json!({ "page": page.id, "title": page.title, "summary": page.summary, "url": page.address() }))
                    .collect();
                pretty(&json!({ "pages": pages }))
            } else {
                pages.map(|page| format!("{:<24}{}\n", page.id, page.title)).collect()
            }
        }
    })
}

/// A knowledge server's answer is of its own shape: always JSON.
fn online(server: &KnowledgeServer, command: &Command) -> Result<Value, Failure> {
    Ok(match command {
        Command::Search { words, limit } => server.search(&words.join(" "), Some(*limit))?,
        Command::Read { page, start, max_length } => server.read(page, *start, *max_length)?,
        Command::Recommend { input } => server.recommend(&input.join(" "))?,
        Command::List => return Err("a knowledge server has no list of pages; search it".into()),
    })
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn show_hits(hits: &[Hit]) -> String {
    if hits.is_empty() {
        return "nothing found; `borealis docs list` names all pages\n".to_owned();
    }
    hits.iter().map(|hit| format!("{}\n  {}\n{}\n", hit.title, place(&hit.page, &hit.section), wrapped(&hit.snippet))).collect()
}

fn show_extract(extract: &Extract) -> String {
    let mut text = extract.content.clone();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    if let Some(next) = extract.next_index {
        eprintln!("borealis docs: {} of {} characters; the rest begins at --start {next} of {}", next, extract.total_length, extract.page);
    }
    text
}

fn show_recommendations(found: &[Recommendation]) -> String {
    if found.is_empty() {
        return "nothing to recommend; `borealis docs list` names all pages\n".to_owned();
    }
    found.iter().map(|one| format!("{}\n  {}\n{}\n", one.title, place(&one.page, &one.section), wrapped(&one.reason))).collect()
}

/// What `borealis docs read` takes.
fn place(page: &str, section: &str) -> String {
    if section.is_empty() { page.to_owned() } else { format!("{page}#{section}") }
}

/// Lines of at most [`WIDTH`] characters, indented.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].chars().count() + word.chars().count() >= WIDTH {
            lines.push(String::new());
        }
        let last = lines.len() - 1;
        if !lines[last].is_empty() {
            lines[last].push(' ');
        }
        lines[last].push_str(word);
    }
    lines.iter().map(|line| format!("    {line}\n")).collect()
}

/// A reader that has seen enough, as `head` has, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => Ok(done?),
    }
}

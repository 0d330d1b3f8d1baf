//! `borealis role password`: passwords of database roles, for tools that cannot make tokens.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use borealis_auth::Passwords;
use borealis_base::{Id26, OsRandom, Redacted};
use clap::{Args, Subcommand};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use serde_json::json;

use crate::Failure;
use crate::principals::{Store, print_table};

/// Longest password taken, in bytes.
const PASSWORD_BYTES_MAX: usize = 1_024;
/// What Ctrl-C sends.
const INTERRUPT: u8 = 3;

#[derive(Debug, Args)]
pub(crate) struct Password {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set a role's password, read from the terminal or from standard input; the role connects with it and not with tokens
    Set(Of),
    /// Take a role's password away; the role connects with tokens again
    Clear(Of),
    /// List the roles that have a password
    List(List),
}

#[derive(Debug, Args)]
struct Of {
    /// The database role. `admin` can use its password on the server's machine only
    #[arg(value_name = "ROLE")]
    role: String,
    /// The cluster [default: the local server's default cluster]
    #[arg(long, value_name = "ID")]
    cluster: Option<Id26>,
    #[command(flatten)]
    store: Store,
}

#[derive(Debug, Args)]
struct List {
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

pub(crate) fn run(arguments: &Password) -> Result<(), Failure> {
    match &arguments.command {
        Command::Set(of) => {
            let cluster = of.cluster()?;
            let password = read()?;
            Passwords::set(&of.store.folder()?.passwords(), cluster, &of.role, Some(&password), &OsRandom)?;
            Ok(())
        }
        Command::Clear(of) => {
            if Passwords::set(&of.store.folder()?.passwords(), of.cluster()?, &of.role, None, &OsRandom)? {
                return Ok(());
            }
            Err(format!("role {} has no password", of.role).into())
        }
        Command::List(arguments) => list(arguments),
    }
}

impl Of {
    fn cluster(&self) -> Result<Id26, Failure> {
        match self.cluster {
            Some(cluster) => Ok(cluster),
            None => Ok(self.store.folder()?.server()?.cluster.parse()?),
        }
    }
}

fn list(arguments: &List) -> Result<(), Failure> {
    let passwords = Passwords::load(&arguments.store.folder()?.passwords())?;
    if arguments.json {
        let roles: Vec<_> = passwords.entries().map(|(cluster, role)| json!({"Cluster": cluster.to_string(), "Role": role})).collect();
        println!("{}", serde_json::to_string_pretty(&json!({ "Passwords": roles }))?);
        return Ok(());
    }
    let rows: Vec<[String; 2]> = passwords.entries().map(|(cluster, role)| [cluster.to_string(), role.to_owned()]).collect();
    print_table(["CLUSTER", "ROLE"], &rows);
    Ok(())
}

/// Never from the command line, where everybody on the machine could read it.
fn read() -> Result<Redacted<String>, Failure> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        let mut text = Vec::new();
        stdin.take(PASSWORD_BYTES_MAX as u64 + 2).read_to_end(&mut text)?;
        return taken(&text);
    }
    let password = ask("Password: ")?;
    if ask("Again: ")? != password {
        return Err("the two are not the same".into());
    }
    Ok(password)
}

/// A line typed unseen.
fn ask(prompt: &str) -> Result<Redacted<String>, Failure> {
    let _unseen = Unseen::begin()?;
    eprint!("{prompt}");
    let mut input = io::stdin().lock();
    // A terminal gives one line at a time, at its end or when Ctrl-C is pressed.
    let line = input.fill_buf()?.to_vec();
    input.consume(line.len());
    eprintln!();
    if line.last() == Some(&b'\n') { taken(&line) } else { Err("no password given".into()) }
}

/// What was given, without its line end.
fn taken(given: &[u8]) -> Result<Redacted<String>, Failure> {
    let text = std::str::from_utf8(given).map_err(|_| "the password is not UTF-8 text")?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(format!("the password is longer than {PASSWORD_BYTES_MAX} bytes").into());
    }
    Ok(Redacted::new(password.to_owned()))
}

/// The terminal without echo. Ctrl-C must not end the process meanwhile, since the terminal would stay so: it ends the line instead.
struct Unseen(Termios);

impl Unseen {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut unseen = before.clone();
        unseen.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        unseen.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
        tcsetattr(io::stdin(), OptionalActions::Flush, &unseen)?;
        Ok(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // The terminal has gone, or it takes what it had.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

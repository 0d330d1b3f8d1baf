//! The built-in shell: for machines without psql. What it reads, prints and exits with is psql's, as far as it goes.
//!
//! Each statement is sent by itself, as psql does, so that outside of BEGIN each is its own transaction; only the text of `-c` goes as one.

mod command;
mod copy;
mod describe;
mod edit;
mod error;
mod help;
mod input;
pub(crate) mod print;
mod split;
mod variables;

use std::fs::File;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use borealis_base::{Clock, SystemClock};
use borealis_client::{Answered, ClientError, Connection, Endpoint, Outcome, TransactionStatus, connect};

use crate::Failure;
use input::{Input, Interrupted};
use print::Format;
use split::{Item, Splitter, Within};
use variables::{ON_ERROR_STOP, Variables};

/// psql's exit codes: a statement of `-c` failed; the connection was lost; a script stopped at an error.
const FAILED: u8 = 1;
const CONNECTION_LOST: u8 = 2;
const SCRIPT_STOPPED: u8 = 3;

const NOT_CONNECTED: &str = "You are currently not connected to a database.";
/// Files that include each other.
const INCLUDES_MAX: usize = 32;

/// What a shell is started with.
#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) commands: Vec<String>,
    pub(crate) file: Option<String>,
    pub(crate) format: Format,
    pub(crate) quiet: bool,
    /// `NAME=VALUE`.
    pub(crate) variables: Vec<(String, String)>,
}

/// What a statement or command leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Done,
    /// It failed; a script goes on or stops, as it was told to.
    Failed,
    Quit,
    /// The connection is gone, and nobody is there to wait for another.
    Lost,
}

/// The file that is run, for messages.
struct Source {
    name: String,
    line: usize,
}

struct Shell {
    endpoint: Endpoint,
    connection: Option<Connection>,
    format: Format,
    variables: Variables,
    timing: bool,
    quiet: bool,
    interactive: bool,
    input: Input,
    source: Option<Source>,
    includes: usize,
    /// The last statement, for `\g`, `\p` and `\e`.
    previous: String,
    clock: SystemClock,
}

pub(crate) fn run(endpoint: Endpoint, options: Options) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let interactive = options.commands.is_empty() && options.file.is_none() && std::io::stdin().is_terminal();
        let connection = match connect(&endpoint).await {
            Ok(connection) => connection,
            Err(error) => {
                eprintln!("borealis: {error}");
                return Ok(ExitCode::from(CONNECTION_LOST));
            }
        };
        let mut shell = Shell::new(endpoint, connection, &options, interactive)?;
        let code = shell.start(&options).await?;
        if let Some(connection) = shell.connection.take() {
            connection.close().await;
        }
        Ok(ExitCode::from(code))
    })
}

impl Shell {
    fn new(endpoint: Endpoint, connection: Connection, options: &Options, interactive: bool) -> Result<Self, Failure> {
        let mut variables = Variables::default();
        options.variables.iter().for_each(|(name, value)| variables.set(name, value));
        Ok(Self {
            endpoint,
            connection: Some(connection),
            format: options.format.clone(),
            variables,
            timing: false,
            quiet: options.quiet,
            interactive,
            input: if interactive { Input::terminal()? } else { Input::stream(std::io::stdin()) },
            source: None,
            includes: 0,
            previous: String::new(),
            clock: SystemClock::default(),
        })
    }

    async fn start(&mut self, options: &Options) -> Result<u8, Failure> {
        if !options.commands.is_empty() {
            return self.run_commands(&options.commands).await;
        }
        let flow = match options.file.as_deref() {
            None | Some("-") => {
                self.greet();
                self.run_input().await?
            }
            Some(file) => {
                if !Path::new(file).exists() {
                    eprintln!("{file}: No such file or directory");
                    return Ok(FAILED);
                }
                self.run_file(Path::new(file)).await?
            }
        };
        Ok(match flow {
            Flow::Done | Flow::Quit => 0,
            Flow::Failed => SCRIPT_STOPPED,
            Flow::Lost => CONNECTION_LOST,
        })
    }

    fn greet(&self) {
        if let Some(connection) = self.connection.as_ref().filter(|_| self.interactive && !self.quiet) {
            println!("borealis {} (server {})\nType \\? for help.\n", env!("CARGO_PKG_VERSION"), connection.server_version());
        }
    }

    /// `-c`: each text goes as one, and the last one's success is the shell's.
    async fn run_commands(&mut self, commands: &[String]) -> Result<u8, Failure> {
        let mut code = 0;
        for command in commands {
            let flow = match command.trim_start().strip_prefix('\\') {
                Some(text) => self.command(text, &mut String::new()).await?.0,
                None => self.execute(command).await?,
            };
            code = match flow {
                Flow::Done => 0,
                Flow::Failed => FAILED,
                Flow::Quit => return Ok(0),
                Flow::Lost => return Ok(CONNECTION_LOST),
            };
            if code != 0 && self.variables.is_on(ON_ERROR_STOP) {
                break;
            }
        }
        Ok(code)
    }

    /// Runs a file in the place of the input. Boxed, since a file may include another.
    async fn run_file(&mut self, path: &Path) -> Result<Flow, Failure> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) => return Ok(command::complain(&format!("{}: {error}", path.display()))),
        };
        if self.includes == INCLUDES_MAX {
            return Ok(command::complain(&format!("{}: files include each other more than {INCLUDES_MAX} deep", path.display())));
        }
        self.includes += 1;
        let input = std::mem::replace(&mut self.input, Input::stream(file));
        let source = self.source.replace(Source { name: path.display().to_string(), line: 0 });
        let flow = Box::pin(self.run_input()).await;
        (self.input, self.source) = (input, source);
        self.includes -= 1;
        // \q ends the file only.
        Ok(match flow? {
            Flow::Quit => Flow::Done,
            flow => flow,
        })
    }

    /// Everything up to the end of the input, or the error that stops it.
    async fn run_input(&mut self) -> Result<Flow, Failure> {
        let mut splitter = Splitter::default();
        loop {
            let prompt = self.prompt(splitter.within());
            match self.input.line(&prompt) {
                Ok(Some(line)) => match self.run_line(&line, &mut splitter).await? {
                    Flow::Done => {}
                    Flow::Failed if !self.stops_at_errors() => {}
                    flow => return Ok(flow),
                },
                Ok(None) => break,
                Err(failure) if failure.is::<Interrupted>() => splitter.reset(),
                Err(failure) => return Err(failure),
            }
        }
        if self.input.is_interactive() {
            println!("\\q");
            return Ok(Flow::Quit);
        }
        // A script's last statement needs no semicolon.
        let rest = splitter.take();
        let flow = if rest.trim().is_empty() { Flow::Done } else { self.execute(&rest).await? };
        Ok(if flow == Flow::Failed && !self.stops_at_errors() { Flow::Done } else { flow })
    }

    fn stops_at_errors(&self) -> bool {
        !self.input.is_interactive() && self.variables.is_on(ON_ERROR_STOP)
    }

    async fn run_line(&mut self, line: &str, splitter: &mut Splitter) -> Result<Flow, Failure> {
        if let Some(source) = &mut self.source {
            source.line += 1;
        }
        if self.input.is_interactive() && splitter.within() == Within::Nothing && matches!(line.trim(), "exit" | "quit") {
            return Ok(Flow::Quit);
        }
        let whole = format!("{}\n{line}", splitter.pending());
        splitter.feed(line);
        let mut flow = Flow::Done;
        let mut ended = false;
        while let Some(item) = splitter.next(&self.variables) {
            ended = true;
            flow = match item {
                Item::Statement(sql) => self.execute(&sql).await?,
                Item::Command(text) => self.run_command(&text, splitter).await?,
            };
            let goes_on = flow == Flow::Done || flow == Flow::Failed && !self.stops_at_errors();
            if !goes_on {
                break;
            }
        }
        if ended {
            self.input.remember(whole.trim());
        }
        Ok(flow)
    }

    async fn run_command(&mut self, text: &str, splitter: &mut Splitter) -> Result<Flow, Failure> {
        let before = splitter.pending().to_owned();
        let mut pending = before.clone();
        let (flow, rest) = self.command(text, &mut pending).await?;
        if pending != before {
            // What was edited or forgotten is read anew; it may hold several statements.
            splitter.replace(&pending);
        } else {
            splitter.give_back(&rest);
        }
        Ok(flow)
    }

    fn prompt(&self, within: Within) -> String {
        let transaction = match self.connection.as_ref().map(Connection::status) {
            None => return "!?> ".to_owned(),
            Some(TransactionStatus::Idle) => "",
            Some(TransactionStatus::Open) => "*",
            Some(TransactionStatus::Failed) => "!",
        };
        format!("{}{}{transaction}> ", self.endpoint.database, within.prompt())
    }

    /// Sends a text and prints what it answers.
    async fn execute(&mut self, sql: &str) -> Result<Flow, Failure> {
        if borealis_client::control::is_empty(sql) {
            return Ok(Flow::Done);
        }
        sql.clone_into(&mut self.previous);
        let started = self.clock.monotonic();
        let flow = match copy::direction(sql) {
            Some(into_server) => copy::statement(self, sql, into_server).await?,
            None => match self.ask(sql).await {
                Some(answered) => self.show(answered, sql).await?,
                None => command::complain(NOT_CONNECTED),
            },
        };
        if self.timing && flow != Flow::Lost {
            println!("{}", timing(self.clock.monotonic() - started));
        }
        Ok(flow)
    }

    /// Runs a text; on a terminal Ctrl-C cancels it. `None` without a connection.
    async fn ask(&mut self, sql: &str) -> Option<Answered> {
        let interactive = self.interactive;
        let connection = self.connection.as_mut()?;
        let canceller = connection.canceller(&self.endpoint).filter(|_| interactive);
        let Some(canceller) = canceller else { return Some(connection.run(sql).await) };
        let running = connection.run(sql);
        tokio::pin!(running);
        loop {
            tokio::select! {
                answered = &mut running => return Some(answered),
                _ = tokio::signal::ctrl_c() => match canceller.cancel().await {
                    Ok(()) => eprintln!("Cancel request sent"),
                    Err(error) => eprintln!("Could not send cancel request: {error}"),
                },
            }
        }
    }

    async fn show(&mut self, answered: Answered, sql: &str) -> Result<Flow, Failure> {
        for notice in &answered.notices {
            eprint!("{}{}", self.place(), error::text(notice, sql));
        }
        let mut text = String::new();
        for outcome in &answered.outcomes {
            self.print(&mut text, outcome);
        }
        write_out(&text)?;
        match answered.error {
            None => Ok(Flow::Done),
            Some(error) => self.fail(&error, sql).await,
        }
    }

    fn print(&self, out: &mut String, outcome: &Outcome) {
        let has_rows = !outcome.columns.is_empty() || !outcome.rows.is_empty();
        if has_rows {
            print::outcome(out, outcome, &self.format, None);
        }
        let writes = ["INSERT", "UPDATE", "DELETE", "MERGE"].iter().any(|verb| outcome.tag.starts_with(verb));
        if !self.quiet && !outcome.tag.is_empty() && (!has_rows || writes) {
            out.push_str(&outcome.tag);
            out.push('\n');
        }
    }

    /// Reports an error, and connects anew when it was the connection's end.
    async fn fail(&mut self, error: &ClientError, sql: &str) -> Result<Flow, Failure> {
        match error.server() {
            Some(server) => eprint!("{}{}", self.place(), error::text(server, sql)),
            None => eprintln!("{}{error}", self.place()),
        }
        let usable = self.connection.as_ref().is_some_and(Connection::is_usable);
        if usable && !error.ends_connection() {
            return Ok(Flow::Failed);
        }
        self.connection = None;
        if !self.interactive {
            eprintln!("connection to server was lost");
            return Ok(Flow::Lost);
        }
        eprint!("The connection to the server was lost. Attempting reset: ");
        match connect(&self.endpoint).await {
            Ok(connection) => {
                self.connection = Some(connection);
                eprintln!("Succeeded.");
            }
            Err(error) => eprintln!("Failed: {error}"),
        }
        Ok(Flow::Failed)
    }

    /// The end of a COPY; with the data on stdout, the tag would be taken for a part of them.
    async fn copied(&mut self, done: Result<Outcome, ClientError>, sql: &str, data_on_stdout: bool) -> Result<Flow, Failure> {
        match done {
            Ok(outcome) => {
                if !self.quiet && !data_on_stdout {
                    println!("{}", outcome.tag);
                }
                Ok(Flow::Done)
            }
            Err(error) => self.fail(&error, sql).await,
        }
    }

    /// `borealis:FILE:LINE: ` before the errors of a file.
    fn place(&self) -> String {
        self.source.as_ref().map(|source| format!("borealis:{}:{}: ", source.name, source.line)).unwrap_or_default()
    }
}

fn write_out(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}

/// As psql: milliseconds, and from a second on also minutes and so on.
fn timing(took: Duration) -> String {
    let ms = took.as_secs_f64() * 1000.0;
    if ms < 1000.0 {
        return format!("Time: {ms:.3} ms");
    }
    let seconds = ms / 1000.0;
    let minutes = (seconds / 60.0).floor();
    let rest = seconds - minutes * 60.0;
    if minutes < 60.0 {
        return format!("Time: {ms:.3} ms ({minutes:02}:{rest:06.3})");
    }
    let hours = (minutes / 60.0).floor();
    format!("Time: {ms:.3} ms ({hours:02}:{:02}:{rest:06.3})", minutes - hours * 60.0)
}

#[cfg(test)]
mod tests {
    use super::timing;
    use std::time::Duration;

    #[test]
    fn times_are_written_as_psql_writes_them() {
        assert_eq!(timing(Duration::from_micros(1234)), "Time: 1.234 ms");
        assert_eq!(timing(Duration::from_millis(61_500)), "Time: 61500.000 ms (01:01.500)");
        assert_eq!(timing(Duration::from_secs(3_725)), "Time: 3725000.000 ms (01:02:05.000)");
    }
}

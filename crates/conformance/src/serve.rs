//! A server of our own for the time of a run.

use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use borealis_base::task::spawn_thread;
use rustix::process::{Pid, Signal, kill_process};

/// How long the server may take to be ready.
const READY_SECONDS_MAX: u64 = 60;
/// How long it may take to stop when it is asked to.
const STOP_SECONDS_MAX: u64 = 15;

/// `borealis serve` on a free port, stopped when this is dropped.
pub struct Server {
    child: Child,
    /// Lines of the server's stdout; closed when the server is gone.
    lines: Receiver<String>,
    address: String,
}

/// Why there is no server.
#[derive(Debug)]
pub enum ServeError {
    /// The binary cannot be started.
    Start(io::Error),
    /// The server ended, or took too long, before it said where it is.
    NotReady,
    /// The server said something else than where it is.
    Announcement(String),
}

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(source) => write!(f, "cannot be started: {source}"),
            Self::NotReady => {
                write!(f, "ended, or took more than {READY_SECONDS_MAX} seconds, before it was ready; what it said about that is above")
            }
            Self::Announcement(line) => write!(f, "does not say where it can be reached: '{line}'"),
        }
    }
}

impl std::error::Error for ServeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Start(source) => Some(source),
            Self::NotReady | Self::Announcement(_) => None,
        }
    }
}

impl Server {
    /// Starts `binary` with some limits lowered and waits until it can be connected to.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(binary: &Path, dialect: &str, limits: &[String]) -> Result<Self, ServeError> {
        let mut command = Command::new(binary);
        command.args(["serve", "--memory", "--dialect", dialect]);
        for limit in limits {
            command.args(["--limit", limit]);
        }
        Self::spawn(&mut command)
    }

    /// Starts `binary` on a data folder and waits until it can be connected to.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_on(binary: &Path, folder: &Path) -> Result<Self, ServeError> {
        Self::spawn(Command::new(binary).args(["serve", "--data"]).arg(folder))
    }

    /// Starts `binary` on a data folder, for clients that bring tokens.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_iam(binary: &Path, folder: &Path, arguments: &[String]) -> Result<Self, ServeError> {
        let mut command = Command::new(binary);
        Self::announced(command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder).args(arguments))
    }

    fn spawn(command: &mut Command) -> Result<Self, ServeError> {
        Self::announced(command.args(["--listen", "127.0.0.1:0", "--auth", "trust", "--allow-plaintext"]))
    }

    fn announced(command: &mut Command) -> Result<Self, ServeError> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(ServeError::Start)?;
        let lines = child.stdout.take().map(lines_of).ok_or(ServeError::NotReady)?;
        // Dropped, and with it the child stopped, on every way out.
        let mut server = Self { child, lines, address: String::new() };
        let line = server.lines.recv_timeout(Duration::from_secs(READY_SECONDS_MAX)).map_err(|_| ServeError::NotReady)?;
        server.address = address(&line).ok_or(ServeError::Announcement(line))?;
        Ok(server)
    }

    /// Ends the process at once, without a chance to write anything more.
    pub fn kill(&mut self) {
        // A process that has ended already is as dead.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, so that it removes its temporary folder. A server that is already gone gets no signal: its number may be another's.
        let alive = matches!(self.child.try_wait(), Ok(None));
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).filter(|_| alive);
        let asked = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
        let stopped = asked && self.lines_end_within(Duration::from_secs(STOP_SECONDS_MAX));
        if !stopped {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

impl Server {
    fn lines_end_within(&self, limit: Duration) -> bool {
        use std::sync::mpsc::RecvTimeoutError;
        loop {
            match self.lines.recv_timeout(limit) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }
}

/// Reading goes on until the server ends, so that it never stands before a full pipe.
fn lines_of(stdout: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    spawn_thread("server-stdout", move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody listens any more once the server is being dropped, but the pipe must still be emptied.
            let _ = sender.send(line);
        }
    });
    receiver
}

/// The address in `ready postgres=HOST:PORT control=… cluster=…`.
fn address(line: &str) -> Option<String> {
    let mut words = line.split(' ');
    (words.next()? == "ready").then_some(())?;
    words.find_map(|word| word.strip_prefix("postgres=")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn the_announcement_tells_the_address() {
        assert_eq!(address("ready postgres=127.0.0.1:4711 control=none cluster=x"), Some("127.0.0.1:4711".to_owned()));
        assert_eq!(address("ready cluster=x"), None);
        assert_eq!(address("postgres=127.0.0.1:4711"), None);
    }
}

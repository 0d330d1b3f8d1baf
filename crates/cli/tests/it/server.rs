//! A `borealis serve` of its own for a test, and commands that are run against it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A running server with its data folder; the process is gone at the end, and the folder when it is the test's own.
pub(crate) struct Server {
    process: Child,
    data: Data,
    cluster: String,
}

/// A data folder.
pub(crate) enum Data {
    Own(tempfile::TempDir),
    Given(PathBuf),
}

impl Data {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Own(folder) => folder.path(),
            Self::Given(folder) => folder,
        }
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(Data::Own(tempfile::tempdir().expect("a folder")))
    }

    /// A server on a folder that outlives it.
    pub(crate) fn on(data: &Path) -> Self {
        Self::with(Data::Given(data.to_owned()))
    }

    fn with(data: Data) -> Self {
        let mut process = borealis(data.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let mut ready = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut ready).expect("a line");
        assert!(ready.starts_with("ready "), "{ready}");
        let cluster = ready.trim().rsplit_once("cluster=").expect("a cluster").1.to_owned();
        Self { process, data, cluster }
    }

    /// Ends it where it stands; its folder stays.
    pub(crate) fn kill(mut self) -> Data {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
        std::mem::replace(&mut self.data, Data::Given(PathBuf::new()))
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// The default cluster.
    pub(crate) fn cluster(&self) -> &str {
        &self.cluster
    }

    /// Runs a command and gives it `input`.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Output {
        run(borealis(self.data()).args(arguments), input)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that is gone already is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The binary with nothing of the caller's environment that it reads.
pub(crate) fn borealis(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borealis"));
    for (name, _) in std::env::vars() {
        if ["AWS_", "PG", "BOREALIS_"].iter().any(|start| name.starts_with(start))
            || matches!(name.as_str(), "CLUSTER" | "REGION" | "DB_USER")
        {
            command.env_remove(name);
        }
    }
    command.env("BOREALIS_DATA", data).env("HOME", data);
    command
}

pub(crate) fn run(command: &mut Command, input: &str) -> Output {
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command starts");
    // A command that ends without reading its input is its own business.
    let _ = process.stdin.take().expect("piped").write_all(input.as_bytes());
    process.wait_with_output().expect("the command ends")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

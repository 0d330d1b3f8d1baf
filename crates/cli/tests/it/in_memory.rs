//! A server that keeps nothing is reached as any other: by its folder, and by its address.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::server::{borealis, run, stderr, stdout};

struct InMemory {
    process: Child,
    folder: PathBuf,
    address: String,
}

impl InMemory {
    /// `BOREALIS_DATA` names another folder, as it does for who works with a kept cluster too.
    fn start(elsewhere: &Path, auth: &str) -> Self {
        let mut process = borealis(elsewhere)
            .args(["serve", "--memory", "--listen", "127.0.0.1:0", "--auth", auth])
            .env("TMPDIR", elsewhere)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut note = String::new();
        BufReader::new(process.stderr.take().expect("piped")).read_line(&mut note).expect("a line");
        let folder = note.trim().strip_prefix("data folder, for this run: ").unwrap_or_else(|| panic!("{note}")).into();
        let mut ready = String::new();
        BufReader::new(process.stdout.take().expect("piped")).read_line(&mut ready).expect("a line");
        let address = ready.split_whitespace().find_map(|word| word.strip_prefix("postgres=")).unwrap_or_else(|| panic!("{ready}"));
        Self { process, folder, address: address.to_owned() }
    }
}

impl Drop for InMemory {
    fn drop(&mut self) {
        // A server that is gone already is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn its_folder_and_its_address_lead_to_it() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let server = InMemory::start(elsewhere.path(), "iam");
    let by_folder = ["sql", "--builtin", "-A", "-t", "-c", "SELECT 'found'"];
    let port = server.address.rsplit_once(':').expect("a port").1;
    let by_name = format!("localhost:{port}");
    for endpoint in [None, Some(server.address.as_str()), Some(by_name.as_str())] {
        let mut command = borealis(&server.folder);
        command.args(by_folder).args(endpoint.iter().flat_map(|endpoint| ["--endpoint", endpoint]));
        let output = run(&mut command, "");
        assert_eq!(stdout(&output), "found\n", "{endpoint:?}: {}", stderr(&output));
    }
}

/// Nobody is asked for a key there, and there is none.
#[test]
fn one_that_trusts_everybody_is_reached_without_a_key() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let server = InMemory::start(elsewhere.path(), "trust");
    assert!(!server.folder.join("credentials").exists());
    // With psql where it is installed, and with the shell of our own.
    for shell in [&["sql"] as &[&str], &["sql", "--builtin"]] {
        let output = run(borealis(&server.folder).args(shell).args(["-A", "-t", "-c", "SELECT 'found'"]), "");
        assert_eq!(stdout(&output), "found\n", "{}", stderr(&output));
    }
}

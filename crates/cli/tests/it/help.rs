//! Every command's help, and that each has an example.

use std::path::Path;
use std::process::Command;

use crate::server::{borealis, run, stderr, stdout};

const SNAPSHOT: &str = "tests/it/snapshots/help.txt";

/// With `BLESS=1` the snapshot is written anew; read the difference before committing it.
#[test]
fn help_of_every_command_is_as_recorded() {
    let mut text = String::new();
    describe(&[], &mut text);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(SNAPSHOT, &text).expect("writable");
        return;
    }
    let recorded = std::fs::read_to_string(SNAPSHOT).expect("a snapshot");
    assert!(text == recorded, "the help has changed; see the difference with BLESS=1 and git diff {SNAPSHOT}\n{text}");
}

fn help(words: &[&str]) -> String {
    // The folder does not exist, and it is not read: help does not depend on the machine.
    let mut command = borealis(Path::new("/nonexistent"));
    command.env_remove("BOREALIS_DATA").args(words).arg("--help");
    let output = run(&mut command, "");
    assert!(output.status.success(), "{words:?}: {}", stderr(&output));
    stdout(&output)
}

/// A command and everything below it.
fn describe(words: &[&str], text: &mut String) {
    let help = help(words);
    text.push_str(&format!("$ borealis {}\n{help}\n", [words, &["--help"]].concat().join(" ")));
    for name in commands(&help) {
        describe(&[words, &[&name]].concat(), text);
    }
}

/// The names under `Commands:`.
fn commands(help: &str) -> Vec<String> {
    let listed = help.split("\nCommands:\n").nth(1).unwrap_or_default();
    let names = listed.lines().take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn usage_errors_have_code_2_and_failures_1() {
    let folder = tempfile::tempdir().expect("a folder");
    for (arguments, code) in [
        (vec!["--no-such-flag"], 2),
        (vec!["cluster", "tag", "nonsense", "a=b"], 2),
        (vec!["cluster", "list"], 1),
        (vec!["env"], 1),
        (vec!["sql", "-v", "novalue", "-c", "x"], 2),
    ] {
        let output = run(borealis(folder.path()).args(&arguments), "");
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert!(stdout(&output).is_empty(), "{arguments:?}");
    }
}

#[test]
fn completion_and_manual_pages_know_the_commands() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "zsh", "fish"] {
        let output = run(borealis(folder.path()).args(["completion", shell]), "");
        let script = stdout(&output);
        assert!(script.contains("cluster") && script.contains("deletion-protection"), "{shell}: {script}");
    }
    if Command::new("bash").arg("--version").output().is_ok() {
        let script = stdout(&run(borealis(folder.path()).args(["completion", "bash"]), ""));
        let checked = run(Command::new("bash").arg("-n"), &script);
        assert!(checked.status.success(), "{}", stderr(&checked));
    }
    let pages = folder.path().join("man");
    let written = run(borealis(folder.path()).args(["man", "--dir"]).arg(&pages), "");
    assert!(written.status.success(), "{}", stderr(&written));
    for page in ["borealis.1", "borealis-cluster.1", "borealis-cluster-create.1", "borealis-sql.1"] {
        let text = std::fs::read_to_string(pages.join(page)).expect("a page");
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    let one = stdout(&run(borealis(folder.path()).args(["man", "cluster", "create"]), ""));
    assert_eq!(one, std::fs::read_to_string(pages.join("borealis-cluster-create.1")).expect("a page"));
}

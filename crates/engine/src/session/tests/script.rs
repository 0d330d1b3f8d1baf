//! Scripts: statements with the answers they get from a session, DDL and several sessions included.
//!
//! A statement begins with `> `, or with a session's letter before it (`b> `; plain is `a`), and ends with its line; the lines up to the next statement are
//! the answer. Answers are PostgreSQL 16's unless a comment (`# `, before a statement) says why not. `> kill` goes on with what a killed process leaves.
//! `b> connect reader` begins session `b` as that role; sessions are admin's otherwise.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::testing::{TestCluster, TestSession};

/// One statement of a script.
struct Step<'s> {
    session: char,
    statement: &'s str,
    expected: String,
}

fn steps(script: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for line in script.lines().filter(|line| !line.starts_with("# ")) {
        let bytes = line.as_bytes();
        let named = bytes.len() > 3 && bytes[0].is_ascii_lowercase() && &bytes[1..3] == b"> ";
        match (line.strip_prefix("> "), named) {
            (Some(statement), _) => steps.push(Step { session: 'a', statement, expected: String::new() }),
            (None, true) => steps.push(Step { session: char::from(bytes[0]), statement: &line[3..], expected: String::new() }),
            (None, false) => {
                let step = steps.last_mut().expect("an answer follows a statement");
                step.expected.push_str(line);
                step.expected.push('\n');
            }
        }
    }
    steps
}

fn check(script: &str) {
    let mut folder = tempfile::tempdir().expect("a folder");
    let mut cluster = TestCluster::folder(folder.path());
    let mut sessions: BTreeMap<char, TestSession> = BTreeMap::new();
    let mut wrong = String::new();
    for step in steps(script) {
        if step.statement == "kill" {
            let killed = std::mem::replace(&mut folder, tempfile::tempdir().expect("a folder"));
            copy_files(killed.path(), folder.path());
            sessions.clear();
            cluster.cluster.close();
            cluster = TestCluster::folder(folder.path());
            continue;
        }
        if let Some(role) = step.statement.strip_prefix("connect ") {
            sessions.insert(step.session, cluster.session_of(role));
            continue;
        }
        let session = sessions.entry(step.session).or_insert_with(|| cluster.session());
        let got = session.run_in_full(step.statement);
        if got.trim_end() != step.expected.trim_end() {
            let _ = write!(wrong, "\n{}> {}\nexpected:\n{}here:\n{got}\n", step.session, step.statement, step.expected);
        }
    }
    cluster.cluster.close();
    assert!(wrong.is_empty(), "{wrong}");
}

/// The files as they are while the cluster is open and at rest: what would be found if its process ended now.
fn copy_files(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder of files") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir_all(&target).expect("a folder");
            copy_files(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file");
        }
    }
}

#[test]
fn elements() {
    check(include_str!("elements.script"));
}

#[test]
fn generated_columns() {
    check(include_str!("generated_columns.script"));
}

#[test]
fn sequences() {
    check(include_str!("sequences.script"));
}

#[test]
fn identity() {
    check(include_str!("identity.script"));
}

#[test]
fn sequences_shared() {
    check(include_str!("sequences_shared.script"));
}

#[test]
fn foreign_keys() {
    check(include_str!("foreign_keys.script"));
}

#[test]
fn foreign_keys_dropped() {
    check(include_str!("foreign_keys_dropped.script"));
}

#[test]
fn rename_index() {
    check(include_str!("rename_index.script"));
}

#[test]
fn statistics_objects() {
    check(include_str!("statistics_objects.script"));
}

#[test]
fn privileges() {
    check(include_str!("privileges.script"));
}

#[test]
fn roles() {
    check(include_str!("roles.script"));
}

#[test]
fn privileges_of_definitions() {
    check(include_str!("privileges_of_definitions.script"));
}

#[test]
fn tenant_guard() {
    check(include_str!("tenant_guard.script"));
}

#[test]
fn tenant_guard_keys() {
    check(include_str!("tenant_guard_keys.script"));
}

#[test]
fn comments() {
    check(include_str!("comments.script"));
}

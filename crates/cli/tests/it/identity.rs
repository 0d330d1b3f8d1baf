//! Keys, passwords and what the commands say of them.

use std::io::{BufRead, BufReader, Read, pipe};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::server::{Server, borealis, run, stderr, stdout};

/// What a server says on stderr from its start to its end.
fn notes(data: &std::path::Path) -> String {
    let mut command = borealis(data);
    command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("the server starts");
    let mut ready = String::new();
    BufReader::new(process.stdout.take().expect("piped")).read_line(&mut ready).expect("a line");
    assert!(ready.starts_with("ready "), "{ready}");
    process.kill().expect("killed");
    process.wait().expect("gone");
    let mut notes = String::new();
    process.stderr.take().expect("piped").read_to_string(&mut notes).expect("text");
    notes
}

#[test]
fn a_key_from_before_the_cluster_api_is_told_its_remedy() {
    let data = tempfile::tempdir().expect("a folder");
    let remedy = "to allow it: borealis key grant borealis 'dsql:*'";
    assert!(!notes(data.path()).contains(remedy), "a new key may do everything");
    let file = data.path().join("credentials");
    let all = std::fs::read_to_string(&file).expect("credentials");
    let of_old: String = all.lines().filter(|line| !line.starts_with("x_")).map(|line| format!("{line}\n")).collect();
    std::fs::write(&file, of_old).expect("written");
    assert_eq!(notes(data.path()).matches(remedy).count(), 1);
    let granted = run(borealis(data.path()).args(["key", "grant", "borealis", "dsql:*"]), "");
    assert!(granted.status.success(), "{}", stderr(&granted));
    assert!(!notes(data.path()).contains(remedy), "it is a remedy");
}

#[test]
fn nobody_who_reads_is_no_failure() {
    let server = Server::start();
    for arguments in [["env"].as_slice(), &["cluster", "info", "--json"], &["key", "list"], &["completion", "bash"], &["--help"]] {
        let (reader, writer) = pipe().expect("a pipe");
        drop(reader);
        let mut command = borealis(server.data());
        if arguments[0] == "cluster" {
            command.env("CLUSTER", server.cluster());
        }
        let output = command.args(arguments).stdout(writer).stderr(Stdio::piped()).output().expect("it ends");
        assert_eq!(stderr(&output), "", "{arguments:?}");
        assert!(matches!(output.status.code(), Some(0 | 141)), "{arguments:?}: {}", output.status);
    }
    // The same for messages.
    let (reader, writer) = pipe().expect("a pipe");
    drop(reader);
    let status = borealis(server.data()).args(["key", "delete", "nobody"]).stderr(writer).status().expect("it ends");
    assert_eq!(status.code(), Some(141));
}

#[test]
fn a_password_comes_from_standard_input_and_is_kept_as_a_verifier() {
    let data = tempfile::tempdir().expect("a folder");
    let cluster = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    let command = |arguments: &[&str], input: &str| run(borealis(data.path()).args(["role", "password"]).args(arguments), input);
    let set = command(&["set", "reader", "--cluster", cluster], "correct horse battery\n");
    assert!(set.status.success() && set.stdout.is_empty() && set.stderr.is_empty(), "{}", stderr(&set));
    let file = data.path().join("passwords.json");
    let kept = std::fs::read_to_string(&file).expect("a file");
    assert!(kept.contains("SCRAM-SHA-256$4096:") && !kept.contains("horse"), "{kept}");
    assert_eq!(std::fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(stdout(&command(&["list"], "")), format!("CLUSTER                     ROLE\n{cluster}  reader\n"));
    assert!(stdout(&command(&["list", "--json"], "")).contains("\"Role\": \"reader\""));

    let short = command(&["set", "reader", "--cluster", cluster], "short\n");
    assert_eq!(stderr(&short), "borealis: the password is too short; the least are 12 characters\n");
    let long = command(&["set", "reader", "--cluster", cluster], &"x".repeat(1_100));
    assert_eq!(stderr(&long), "borealis: the password is longer than 1024 bytes\n");
    let argument = command(&["set", "reader", "correct horse battery", "--cluster", cluster], "");
    assert_eq!(argument.status.code(), Some(2), "never on the command line");
    let nowhere = command(&["set", "reader"], "correct horse battery\n");
    assert!(stderr(&nowhere).contains("no local cluster is running"), "{}", stderr(&nowhere));

    assert!(command(&["clear", "reader", "--cluster", cluster], "").status.success());
    let none = command(&["clear", "reader", "--cluster", cluster], "");
    assert_eq!((none.status.code(), stderr(&none).as_str()), (Some(1), "borealis: role reader has no password\n"));
    assert_eq!(stdout(&command(&["list"], "")), "CLUSTER  ROLE\n");
}

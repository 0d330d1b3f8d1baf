//! `borealis doctor` on sound and on broken installations.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use crate::server::{Server, borealis, run, stderr, stdout};

fn doctor(data: &Path) -> (Output, Vec<Value>) {
    let output = run(borealis(data).args(["doctor", "--json"]), "");
    let findings = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}{}", stdout(&output), stderr(&output)));
    (output, findings)
}

fn of<'a>(findings: &'a [Value], check: &str) -> Vec<&'a Value> {
    findings.iter().filter(|finding| finding["check"] == check).collect()
}

#[test]
fn a_running_server_is_sound() {
    let server = Server::start();
    let (output, findings) = doctor(server.data());
    assert!(output.status.success(), "{findings:?}");
    for check in ["version", "open files", "data folder", "key file", "certificate", "disk space", "disk flush", "server", "clock"] {
        assert!(!of(&findings, check).is_empty(), "{check}: {findings:?}");
    }
    assert_eq!(of(&findings, "clock")[0]["what"], "0 s apart from the server");
    let left: Vec<_> = std::fs::read_dir(server.data()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("doctor-")), "{left:?}");
}

#[test]
fn each_fault_is_named_with_what_mends_it() {
    let server = Server::start();
    let data = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(data.path().join("tls")).expect("a folder");
    for file in ["tls/ca.pem", "tls/ca.key", "credentials", "server.json"] {
        std::fs::copy(server.data().join(file), data.path().join(file)).expect("copied");
    }
    drop(server);
    std::fs::set_permissions(data.path().join("credentials"), PermissionsExt::from_mode(0o644)).expect("changed");
    std::fs::write(data.path().join("tls/ca.pem"), "nonsense").expect("written");
    let (output, findings) = doctor(data.path());
    assert_eq!(output.status.code(), Some(1));
    for (check, mend) in [("key file", "chmod 600 "), ("certificate", "rm -r "), ("server", "start")] {
        let found = of(&findings, check);
        let problem = found.iter().find(|finding| finding["state"] == "problem").unwrap_or_else(|| panic!("{check}: {findings:?}"));
        assert!(problem["mend"].as_str().is_some_and(|text| text.contains(mend)), "{problem}");
    }
    let text = stdout(&run(borealis(data.path()).arg("doctor"), ""));
    assert!(text.contains("PROBLEM  key file") && text.contains("-> chmod 600 "), "{text}");
    std::fs::write(data.path().join("server.json"), "{").expect("written");
    assert_eq!(of(&doctor(data.path()).1, "server")[0]["state"], "problem");
    std::fs::set_permissions(data.path(), PermissionsExt::from_mode(0o777)).expect("changed");
    assert_eq!(of(&doctor(data.path()).1, "data folder")[0]["state"], "problem");
}

#[test]
fn before_the_first_start_nothing_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let (output, findings) = doctor(&folder.path().join("not-yet"));
    assert!(output.status.success(), "{findings:?}");
    assert_eq!(of(&findings, "data folder")[0]["state"], "warning");
    assert_eq!(of(&findings, "server")[0]["what"], "none is running");
}

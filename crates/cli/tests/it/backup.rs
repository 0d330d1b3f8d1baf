//! Backups of a cluster that is served, and clusters made from them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;

use crate::server::{Server, borealis, run, stderr, stdout};

fn sql(server: &Server, cluster: Option<&str>, statement: &str) -> String {
    let mut arguments = vec!["sql", "--builtin", "-A", "-t", "-q", "-c", statement];
    if let Some(cluster) = cluster {
        arguments.extend(["--endpoint", cluster]);
    }
    let output = server.run(&arguments, "");
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

fn backup(data: &Path, file: &Path) -> Output {
    run(borealis(data).args(["backup", "--json", "-o"]).arg(file), "")
}

fn restore(data: &Path, file: &Path, more: &[&str]) -> Output {
    run(borealis(data).args(["restore", "--json"]).arg(file).args(more), "")
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}{}", stdout(output), stderr(output)))
}

#[test]
fn a_served_cluster_is_copied_and_comes_back_in_another_folder() {
    let server = Server::start();
    sql(&server, None, "CREATE TABLE note (id int PRIMARY KEY, text text)");
    sql(&server, None, "INSERT INTO note SELECT g, 'n' || g FROM generate_series(1, 1000) g");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("one.bak");
    let made = json(&backup(server.data(), &file));
    assert_eq!(made["backup"]["bytes"], fs::metadata(&file).expect("a file").len());
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    let again = backup(server.data(), &file);
    assert_eq!((again.status.code(), stderr(&again).contains("exists")), (Some(1), true));
    let socket = server.data().join("owner");
    assert_eq!(fs::metadata(&socket).expect("a folder").permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(socket.join("socket")).expect("a socket").permissions().mode() & 0o777, 0o600);

    let taken = restore(server.data(), &file, &[]);
    assert_eq!(taken.status.code(), Some(1));
    assert!(stderr(&taken).contains("already"), "{}", stderr(&taken));
    sql(&server, None, "DELETE FROM note WHERE id > 10");
    let copy = json(&restore(server.data(), &file, &["--as", "new"]))["restored"]["cluster"].as_str().expect("an id").to_owned();
    assert_eq!(sql(&server, Some(&copy), "SELECT count(*), max(text) FROM note"), "1000|n999\n");
    assert_eq!(sql(&server, None, "SELECT count(*) FROM note"), "10\n");

    // Without a server: from its folder, and into one that was never served.
    let data = server.kill();
    let offline = folder.path().join("two.bak");
    json(&backup(data.path(), &offline));
    let fresh = folder.path().join("fresh");
    json(&restore(&fresh, &offline, &[]));
    let restored = Server::on(&fresh);
    assert_eq!(sql(&restored, None, "SELECT count(*) FROM note"), "10\n");
}

#[test]
fn what_cannot_be_a_backup_changes_nothing() {
    let server = Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("one.bak");
    json(&backup(server.data(), &file));
    let whole = fs::read(&file).expect("reads");
    let before = fs::read_dir(server.data().join("clusters")).expect("reads").count();
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    for (bytes, word) in [(&whole[..whole.len() - 1], "not complete"), (&changed[..], "damaged"), (&b"nonsense"[..], "")] {
        fs::write(&file, bytes).expect("writes");
        let refused = restore(server.data(), &file, &["--as", "new"]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr(&refused).contains(word) && stderr(&refused).contains("nothing was changed"), "{}", stderr(&refused));
    }
    assert_eq!(fs::read_dir(server.data().join("clusters")).expect("reads").count(), before);
    let usage = restore(server.data(), &file, &["--as", "old"]);
    assert_eq!(usage.status.code(), Some(1), "the file comes first");
    let none = run(borealis(&folder.path().join("none")).args(["backup", "-o", "x.bak"]), "");
    assert!(stderr(&none).contains("there is no data folder"), "{}", stderr(&none));
}

#[test]
fn a_restore_that_is_killed_leaves_nothing() {
    let server = Server::start();
    sql(&server, None, "CREATE TABLE big (id int PRIMARY KEY, text text)");
    for part in 0..4 {
        let rows = format!(
            "INSERT INTO big SELECT g, repeat(md5(g::text), 60) FROM generate_series({}, {}) g",
            part * 2500 + 1,
            (part + 1) * 2500
        );
        sql(&server, None, &rows);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("one.bak");
    json(&backup(server.data(), &file));
    let fresh = folder.path().join("fresh");
    let mut restoring = borealis(&fresh).arg("restore").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    // In the middle: the new cluster's folder is there, and not in its place.
    let clusters = fresh.join("clusters");
    let is_new = |entry: fs::DirEntry| entry.file_name().to_string_lossy().starts_with(".new-");
    let begun = || fs::read_dir(&clusters).is_ok_and(|entries| entries.flatten().any(is_new));
    while !begun() && restoring.try_wait().expect("a process").is_none() {
        std::thread::yield_now();
    }
    restoring.kill().expect("killed");
    restoring.wait().expect("gone");
    assert!(begun(), "it was killed too late");
    json(&restore(&fresh, &file, &[]));
    assert!(!begun());
    let restored = Server::on(&fresh);
    assert_eq!(sql(&restored, None, "SELECT count(*), sum(length(text)) FROM big"), "10000|19200000\n");
}

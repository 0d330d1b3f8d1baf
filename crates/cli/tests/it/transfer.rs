//! load, dump and verify through the binary, with a token and TLS.

use std::path::Path;

use crate::server::{Server, stderr, stdout};

/// Runs a command that has to succeed; its output.
fn done(server: &Server, arguments: &[&str], input: &str) -> String {
    let output = server.run(arguments, input);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a temporary folder's name is text")
}

#[test]
fn rows_go_in_are_compared_and_come_out() {
    let server = Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = folder.path().join("m.json");
    done(&server, &["sql", "-q", "-c", "CREATE TABLE t (id int PRIMARY KEY, v text)"], "");
    let load = ["load", "-", "--format", "csv", "--table", "t", "--header", "--manifest", text(&manifest)];
    let report = done(&server, &load, "v,id\na,1\nb,2\n");
    assert!(report.starts_with("public.t: 2 inserted, 0 updated, 0 skipped, 0 rejected in "), "{report}");
    assert_eq!(done(&server, &load, "v,id\na,1\nb,2\n"), "public.t: loaded completely before, nothing was done\n");
    assert_eq!(done(&server, &["dump", "--table", "t", "--format", "csv"], ""), "id,v\n1,a\n2,b\n");

    let dump = folder.path().join("d.sql");
    done(&server, &["dump", "-o", text(&dump)], "");
    let other = Server::start();
    let restored = done(&other, &["load", text(&dump), "--with-schema", "--json"], "");
    let restored: serde_json::Value = serde_json::from_str(&restored).expect("JSON");
    assert_eq!(restored["counts"]["inserted"], 2);

    let file = folder.path().join("t.csv");
    std::fs::write(&file, "1,a\n2,B\n").expect("a file");
    let differ = other.run(&["verify", text(&file), "--table", "t"], "");
    assert_eq!(differ.status.code(), Some(1), "{}", stderr(&differ));
    assert_eq!(stdout(&differ), "2: id=2: v: B, b\n2 rows against 2: 1 equal, 1 differences\n");
    let usage = other.run(&["load", text(&file), "--table", "nope"], "");
    assert_eq!((usage.status.code(), stdout(&usage)), (Some(2), String::new()), "{}", stderr(&usage));
}

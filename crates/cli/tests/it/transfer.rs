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

#[test]
fn two_tables_are_compared() {
    let server = Server::start();
    let tables =
        "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE u (id int PRIMARY KEY, v text); CREATE TABLE w (id int, v text)";
    for statement in tables.split("; ") {
        done(&server, &["sql", "-q", "-c", statement], "");
    }
    let insert = ["INSERT INTO t VALUES (1, 'a'), (2, 'b')", "INSERT INTO u VALUES (1, 'a'), (3, 'c')", "INSERT INTO w VALUES (1, 'a')"];
    done(&server, &["sql", "-q", "-c", insert[0], "-c", insert[1], "-c", insert[2]], "");
    let differ = server.run(&["verify", "--table", "t", "--other-table", "u", "--jobs", "2"], "");
    assert_eq!(differ.status.code(), Some(1), "{}", stderr(&differ));
    let want = "not in the table: id=3\nonly in the table: id=2\n2 rows against 2: 1 equal, 2 differences\n";
    assert_eq!((stdout(&differ), stderr(&differ)), (want.to_owned(), String::new()));
    let snapshot = server.run(&["verify", "--table", "t", "--other-table", "u", "--one-snapshot"], "");
    assert_eq!((snapshot.status.code(), stdout(&snapshot)), (Some(1), want.to_owned()));
    let whole = server.run(&["verify", "--table", "t", "--other-table", "w"], "");
    assert_eq!(whole.status.code(), Some(1));
    assert_eq!(stderr(&whole), "both tables were read whole: public.w has no primary key\n");
    let itself = server.run(&["verify", "--table", "t", "--other-table", "t"], "");
    assert_eq!(itself.status.code(), Some(2), "{}", stderr(&itself));
}

#[test]
fn a_dump_may_be_compressed_and_begin_with_roles() {
    let server = Server::start();
    let folder = tempfile::tempdir().expect("a folder");
    let create = ["CREATE ROLE clerk WITH LOGIN", "CREATE TABLE t (id int PRIMARY KEY)"];
    done(&server, &["sql", "-q", "-c", create[0], "-c", create[1], "-c", "INSERT INTO t VALUES (7)"], "");
    let dump = folder.path().join("d.sql.gz");
    done(&server, &["dump", "--roles", "-o", text(&dump)], "");
    let plain = done(&server, &["dump", "--roles"], "");
    assert!(plain.contains("CREATE ROLE clerk WITH LOGIN;\n") && plain.ends_with("-- End of the dump.\n"), "{plain}");
    assert_eq!(std::fs::read(&dump).expect("there")[..2], [0x1f, 0x8b]);
    let other = Server::start();
    done(&other, &["load", text(&dump), "--with-schema"], "");
    assert_eq!(done(&other, &["dump", "--roles"], ""), plain);
    let only = done(&other, &["dump", "--roles-only"], "");
    assert!(only.contains("CREATE ROLE clerk") && !only.contains("CREATE TABLE"), "{only}");
    for (refused, why) in [
        (&["dump", "-o", "d.sql.zst"][..], "a dump is compressed by gzip"),
        (&["dump", "--compress", "zstd"], "gzip is the one method there is"),
        (&["dump", "--compress", "gzip:0"], "a level is a number from 1 to 9"),
        (&["dump", "--roles-only", "--table", "t"], "cannot be used with"),
    ] {
        let output = server.run(refused, "");
        assert_eq!(output.status.code(), Some(2), "{refused:?}");
        assert!(stderr(&output).contains(why), "{}", stderr(&output));
    }
}

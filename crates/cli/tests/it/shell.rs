//! The built-in shell beside psql: the same scripts, the same output.

use std::process::Command;

use crate::server::{Server, stderr, stdout};

/// Objects that the scripts read.
const SETUP: &str = include_str!("shell/setup.sql");
const SCRIPTS: [(&str, &str); 4] = [
    ("results", include_str!("shell/results.sql")),
    ("errors", include_str!("shell/errors.sql")),
    ("catalog", include_str!("shell/catalog.sql")),
    ("data", include_str!("shell/data.sql")),
];

fn set_up() -> Server {
    let server = Server::start();
    let done = server.run(&["sql", "--builtin", "-v", "ON_ERROR_STOP=1"], SETUP);
    assert!(done.status.success(), "{}", stderr(&done));
    server
}

/// psql names itself in the messages about files.
fn as_ours(text: &str) -> String {
    text.replace("psql:", "borealis:").replace("borealis: error: ", "")
}

/// Names the first line that differs.
fn assert_same(ours: &str, theirs: &str, what: &str) {
    let differs = ours.lines().zip(theirs.lines()).position(|(one, other)| one != other);
    let at = differs.unwrap_or_else(|| ours.lines().count().min(theirs.lines().count()));
    let around = |text: &str| text.lines().skip(at.saturating_sub(3)).take(6).collect::<Vec<_>>().join("\n");
    assert!(ours == theirs, "{what}, line {}:\n--- ours\n{}\n--- psql's\n{}", at + 1, around(ours), around(theirs));
}

fn has_psql() -> bool {
    Command::new("psql").arg("--version").output().is_ok_and(|output| stdout(&output).contains(" 15."))
}

#[test]
fn scripts_print_what_psql_prints() {
    if !has_psql() {
        eprintln!("psql 15 is not installed: nothing to compare with");
        return;
    }
    let server = set_up();
    for (name, script) in SCRIPTS {
        let theirs = server.run(&["sql"], script);
        let ours = server.run(&["sql", "--builtin"], script);
        assert_same(&stdout(&ours), &stdout(&theirs), name);
        assert_same(&stderr(&ours), &as_ours(&stderr(&theirs)), name);
        assert_eq!(ours.status.code(), theirs.status.code(), "{name}");
    }
}

#[test]
fn options_and_exit_codes_are_those_of_psql() {
    if !has_psql() {
        eprintln!("psql 15 is not installed: nothing to compare with");
        return;
    }
    let server = set_up();
    let script = server.data().join("script.sql");
    std::fs::write(&script, "SELECT 1 AS a;\nSELECT\n  nothing;\nSELECT 2 AS b;\n").expect("writable");
    let script = script.to_str().expect("UTF-8");
    for arguments in [
        vec!["-c", "SELECT 1 AS a; SELECT 2 AS b"],
        vec!["-c", "SELECT 1; SELECT nothing; SELECT 2"],
        vec!["-c", "SELECT nothing", "-c", "SELECT 2"],
        vec!["-c", "SELECT 2", "-c", "SELECT nothing"],
        vec!["-v", "ON_ERROR_STOP=1", "-c", "SELECT nothing", "-c", "SELECT 2"],
        vec!["-f", script],
        vec!["-f", script, "-v", "ON_ERROR_STOP=0"],
        vec!["-f", "/nonexistent.sql"],
        vec!["-c", "\\dt"],
        vec!["-A", "-c", "SELECT * FROM item ORDER BY id"],
        vec!["-At", "-c", "SELECT * FROM item ORDER BY id"],
        vec!["-A", "-F", ";", "-c", "SELECT * FROM item ORDER BY id"],
        vec!["-t", "-c", "SELECT * FROM item ORDER BY id"],
        vec!["-x", "-c", "SELECT * FROM item ORDER BY id"],
        vec!["-xt", "-c", "SELECT * FROM item ORDER BY id"],
        vec!["-xA", "-c", "SELECT * FROM item ORDER BY id"],
        vec!["--csv", "-c", "SELECT * FROM item ORDER BY id"],
        vec!["--csv", "-t", "-c", "SELECT * FROM item ORDER BY id"],
        vec!["--csv", "-x", "-c", "SELECT * FROM item ORDER BY id"],
        vec!["-q", "-c", "INSERT INTO scratch VALUES (100)", "-c", "DELETE FROM scratch"],
    ] {
        let theirs = server.run(&[&["sql"], arguments.as_slice()].concat(), "");
        let ours = server.run(&[&["sql", "--builtin"], arguments.as_slice()].concat(), "");
        assert_eq!(stdout(&ours), stdout(&theirs), "{arguments:?}");
        assert_eq!(stderr(&ours), as_ours(&stderr(&theirs)), "{arguments:?}");
        assert_eq!(ours.status.code(), theirs.status.code(), "{arguments:?}");
    }
}

#[test]
fn copy_carries_rows_to_a_file_and_back() {
    let server = set_up();
    let file = server.data().join("items.csv");
    let file = file.to_str().expect("UTF-8");
    let out = server.run(&["sql", "--builtin"], &format!("\\copy (SELECT id, name FROM item ORDER BY id) TO '{file}' CSV HEADER\n"));
    assert_eq!(stdout(&out), "COPY 4\n", "{}", stderr(&out));
    assert!(std::fs::read_to_string(file).expect("written").starts_with("id,name\n1,one\n"));
    let script =
        format!("\\copy copied FROM '{file}' WITH (FORMAT csv, HEADER)\nSELECT count(*), sum(id) FROM copied;\nDELETE FROM copied;\n");
    let back = server.run(&["sql", "--builtin", "-At"], &script);
    assert_eq!(stdout(&back), "COPY 4\n4|10\nDELETE 4\n", "{}", stderr(&back));
    let missing = server.run(&["sql", "--builtin", "-v", "ON_ERROR_STOP=1"], "\\copy copied FROM '/nonexistent'\nSELECT 1;\n");
    assert_eq!(stderr(&missing), "/nonexistent: No such file or directory\n");
    assert_eq!((missing.status.code(), stdout(&missing).as_str()), (Some(3), ""));
}

#[test]
fn files_include_files_and_a_lost_server_ends_the_shell() {
    let server = set_up();
    std::fs::write(server.data().join("inner.sql"), "SELECT 'inner';\n\\q\nSELECT 'never';\n").expect("writable");
    let outer = server.data().join("outer.sql");
    std::fs::write(&outer, "\\ir inner.sql\nSELECT 'outer';\n").expect("writable");
    let output = server.run(&["sql", "--builtin", "-At", "-f", outer.to_str().expect("UTF-8")], "");
    assert_eq!(stdout(&output), "inner\nouter\n", "{}", stderr(&output));
    let data = server.data().to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("server.json");
    std::fs::copy(data.join("server.json"), &copy).expect("copied");
    std::fs::create_dir(folder.path().join("tls")).expect("a folder");
    for file in ["tls/ca.pem", "credentials"] {
        std::fs::copy(data.join(file), folder.path().join(file)).expect("copied");
    }
    drop(server);
    let refused = crate::server::run(crate::server::borealis(folder.path()).args(["sql", "--builtin", "-c", "SELECT 1"]), "");
    assert_eq!(refused.status.code(), Some(2), "{}", stderr(&refused));
}

#[test]
fn jobs_are_listed_and_waited_for() {
    let server = set_up();
    let made = server.run(&["sql", "--builtin", "-At", "-c", "CREATE INDEX ASYNC item_qty ON item (qty)"], "");
    let id = stdout(&made).lines().next().unwrap_or_default().to_owned();
    let waited = server.run(&["jobs", "wait", &id], "");
    assert!(waited.status.success(), "{}", stderr(&waited));
    assert!(stdout(&waited).starts_with(&format!("job {id}: completed")), "{}", stdout(&waited));
    let listed: serde_json::Value = serde_json::from_slice(&server.run(&["jobs", "--json"], "").stdout).expect("JSON");
    let job = listed.as_array().expect("a list").iter().find(|job| job["job_id"] == id.as_str()).expect("listed");
    assert_eq!(job["status"], "completed");
    let unknown = server.run(&["jobs", "wait", "no'such"], "");
    assert_eq!(unknown.status.code(), Some(2));
}

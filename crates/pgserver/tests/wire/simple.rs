use crate::messages::{message, query};
use crate::peer::Rig;

#[test]
fn garbage_sql() {
    let mut peer = Rig::new().connect_owned();
    peer.check(&[query("SELEC 1")], &["E ERROR 42601 syntax error at or near \"SELEC\" @1", "Z I"]);
    peer.check(&[query("SELECT é, nosuch")], &["E ERROR 42703 column \"é\" does not exist @8", "Z I"]);
    for garbage in ["\u{1}\u{2}", "'", "/*", "\"", "$a$", ";;'", "SELECT (((((", "\\x", "%s"] {
        let answer = peer.ask(&[query(garbage)]);
        assert!(answer.starts_with("E ERROR 42601") && answer.ends_with("Z I"), "{garbage}: {answer}");
    }
    peer.check_alive();
}

#[test]
fn empty_queries() {
    let mut peer = Rig::new().connect_owned();
    for empty in ["", "  ", ";", ";;", "-- nothing", "/* nothing */"] {
        assert_eq!(peer.ask(&[query(empty)]), "I\nZ I", "{empty:?}");
    }
}

#[test]
fn several_statements() {
    let mut peer = Rig::new().connect_owned();
    peer.check(&[query("SELECT 1 AS a; SELECT NULL AS b")], &["T a:23", "D 1", "C SELECT 1", "T b:25", "D NULL", "C SELECT 1", "Z I"]);
    // What follows an error is not run.
    peer.check(
        &[query("SELECT 1 AS a; SELECT 1/g AS q FROM generate_series(0, 1) g; SELECT 2")],
        &["T a:23", "D 1", "C SELECT 1", "T q:23", "E ERROR 22012 division by zero", "Z I"],
    );
}

#[test]
fn several_statements_are_one_transaction() {
    let mut peer = Rig::new().connect_owned();
    peer.check(&[query("CREATE TABLE t (id int PRIMARY KEY)")], &["C CREATE TABLE", "Z I"]);
    peer.check(
        &[query("INSERT INTO t VALUES (1); INSERT INTO t VALUES (1/0)")],
        &["C INSERT 0 1", "E ERROR 22012 division by zero", "Z I"],
    );
    peer.check(&[query("SELECT * FROM t")], &["T id:23", "C SELECT 0", "Z I"]);
    peer.check(
        &[query("INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (1/0)")],
        &["C INSERT 0 1", "N WARNING 25P01 there is no transaction in progress", "C COMMIT", "E ERROR 22012 division by zero", "Z I"],
    );
    peer.check(&[query("SELECT * FROM t")], &["T id:23", "D 1", "C SELECT 1", "Z I"]);
    peer.check(&[query("BEGIN; INSERT INTO t VALUES (2)")], &["C BEGIN", "C INSERT 0 1", "Z T"]);
    peer.check(&[query("SELECT 1/g AS q FROM generate_series(0, 1) g")], &["T q:23", "E ERROR 22012 division by zero", "Z E"]);
    let aborted = "E ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block";
    peer.check(&[query("SELECT 1; COMMIT")], &[aborted, "Z E"]);
    peer.check(&[query("COMMIT")], &["C ROLLBACK", "Z I"]);
}

#[test]
fn messages_of_copy_outside_copy_are_ignored() {
    let mut peer = Rig::new().connect_owned();
    peer.send(&[message(b'd', b"1\n"), message(b'c', &[]), message(b'f', b"no\0")]);
    peer.check_alive();
}

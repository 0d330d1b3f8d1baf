use crate::testing::{TestCluster, TestSession};

/// A session that has asked `sql` so often that it keeps it.
fn asked(setup: &[&str], sql: &str) -> (TestCluster, TestSession) {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    for statement in setup {
        assert!(!session.run(statement).contains("ERROR"), "{statement}");
    }
    for _ in 0..3 {
        session.run(sql);
    }
    assert!(session.0.recent.find(sql).is_some(), "{sql}");
    (cluster, session)
}

#[test]
fn a_kept_query_reads_what_is_there_now() {
    let (_cluster, mut session) = asked(&["CREATE TABLE t (a int)"], "SELECT a FROM t");
    session.run("INSERT INTO t VALUES (7)");
    assert_eq!(session.run("SELECT a FROM t"), "7\nSELECT 1");
}

#[test]
fn a_changed_table_is_seen() {
    let (cluster, mut session) = asked(&["CREATE TABLE t (a int)", "INSERT INTO t VALUES (7)"], "SELECT * FROM t");
    assert_eq!(cluster.session().run("ALTER TABLE t ADD COLUMN b int"), "ALTER TABLE");
    // A string is parsed again where a prepared statement would have to be given up.
    assert_eq!(session.run("SELECT * FROM t"), "7|\nSELECT 1");
    cluster.session().run("DROP TABLE t");
    assert_eq!(session.run("SELECT * FROM t"), "ERROR 42P01 relation \"t\" does not exist");
}

#[test]
fn a_changed_setting_is_seen() {
    let setup = ["CREATE TABLE t (a int)", "CREATE SCHEMA s", "CREATE TABLE s.t (a text)"];
    let (_cluster, mut session) = asked(&setup, "SELECT pg_typeof(max(a)) FROM t");
    session.run("SET search_path = s");
    assert_eq!(session.run("SELECT pg_typeof(max(a)) FROM t"), "text\nSELECT 1");
}

#[test]
fn a_catalog_change_of_the_own_transaction_is_seen() {
    let (_cluster, mut session) = asked(&["CREATE TABLE t (a int)"], "SELECT * FROM t");
    session.run("BEGIN");
    session.run("DROP TABLE t");
    assert_eq!(session.run("SELECT * FROM t"), "ERROR 42P01 relation \"t\" does not exist");
    assert_eq!(session.run("ROLLBACK"), "ROLLBACK");
    assert_eq!(session.run("SELECT * FROM t"), "SELECT 0");
}

#[test]
fn a_failed_block_refuses_what_is_kept() {
    let (_cluster, mut session) = asked(&[], "SELECT 1");
    session.run("BEGIN");
    session.run("SELECT 1/0");
    assert!(session.run("SELECT 1").starts_with("ERROR 25P02"));
    assert_eq!(session.run("COMMIT"), "ROLLBACK");
    assert_eq!(session.run("SELECT 1"), "1\nSELECT 1");
}

#[test]
fn what_is_more_or_less_than_a_query_is_not_kept() {
    for sql in ["SELECT 1; SELECT 2", "SET extra_float_digits = 1", "SHOW search_path", "", "SELECT $1"] {
        let cluster = TestCluster::memory();
        let mut session = cluster.session();
        for _ in 0..3 {
            session.run(sql);
        }
        assert!(session.0.recent.find(sql).is_none(), "{sql}");
    }
}

#[test]
fn what_comes_once_displaces_nothing() {
    let (_cluster, mut session) = asked(&[], "BEGIN");
    for number in 0..100 {
        session.run(&format!("SELECT {number}"));
    }
    assert!(session.0.recent.find("BEGIN").is_some());
    assert_eq!(session.0.recent.kept.len(), 1);
}

mod conflicts;
mod script;
mod validation;

use std::time::Duration;

use borealis_dialect::Dialect;
use borealis_storage::Medium;

use crate::testing::TestCluster;

pub(super) const CONFLICT: &str = "ERROR 40001 change conflicts with another transaction (OC000)";
const SCHEMA_CONFLICT: &str = "ERROR 40001 schema has been updated by another transaction (OC001)";
const ABORTED: &str = "ERROR 25P02 current transaction is aborted, commands ignored until end of transaction block";

/// Two sessions over a table with three rows.
fn pair() -> (TestCluster, crate::testing::TestSession, crate::testing::TestSession) {
    let cluster = TestCluster::memory();
    let (mut first, second) = (cluster.session(), cluster.session());
    first.run("CREATE TABLE t (id int PRIMARY KEY, a int)");
    first.run("INSERT INTO t VALUES (1, 0), (2, 0), (3, 0)");
    (cluster, first, second)
}

#[test]
fn conflict_update_same_row() {
    let (cluster, mut first, mut second) = pair();
    for session in [&mut first, &mut second] {
        session.check(&[("BEGIN", "BEGIN"), ("UPDATE t SET a = a + 1 WHERE id = 1", "UPDATE 1")]);
    }
    first.check(&[("COMMIT", "COMMIT")]);
    second.check(&[("COMMIT", CONFLICT), ("SELECT a FROM t WHERE id = 1", "1\nSELECT 1")]);
    cluster.cluster.close();
}

#[test]
fn no_conflict_different_rows() {
    let (cluster, mut first, mut second) = pair();
    first.check(&[("BEGIN", "BEGIN"), ("UPDATE t SET a = 1 WHERE id = 1", "UPDATE 1")]);
    second.check(&[("BEGIN", "BEGIN"), ("UPDATE t SET a = 2 WHERE id = 2", "UPDATE 1")]);
    first.check(&[("COMMIT", "COMMIT")]);
    second.check(&[("COMMIT", "COMMIT"), ("SELECT id, a FROM t ORDER BY id", "1|1\n2|2\n3|0\nSELECT 3")]);
    cluster.cluster.close();
}

#[test]
fn conflict_insert_same_key_and_committed_before() {
    let (cluster, mut first, mut second) = pair();
    first.check(&[("BEGIN", "BEGIN"), ("INSERT INTO t VALUES (9, 1)", "INSERT 0 1")]);
    second.check(&[("BEGIN", "BEGIN"), ("INSERT INTO t VALUES (9, 2)", "INSERT 0 1")]);
    first.check(&[("COMMIT", "COMMIT")]);
    second.check(&[
        ("COMMIT", CONFLICT),
        ("INSERT INTO t VALUES (9, 3)", "ERROR 23505 duplicate key value violates unique constraint \"t_pkey\""),
    ]);
    cluster.cluster.close();
}

#[test]
fn conflict_for_update_defeats_a_later_writer() {
    let (cluster, mut first, mut second) = pair();
    first.check(&[("BEGIN", "BEGIN"), ("SELECT a FROM t WHERE id = 1 FOR UPDATE", "0\nSELECT 1")]);
    second.check(&[("BEGIN", "BEGIN"), ("UPDATE t SET a = 5 WHERE id = 1", "UPDATE 1")]);
    first.check(&[("COMMIT", "COMMIT")]);
    second.check(&[("COMMIT", CONFLICT)]);
    cluster.cluster.close();
}

#[test]
fn anomaly_write_skew_is_possible_without_for_update() {
    let (cluster, mut first, mut second) = pair();
    first.check(&[("BEGIN", "BEGIN"), ("SELECT sum(a) FROM t", "0\nSELECT 1"), ("UPDATE t SET a = 1 WHERE id = 1", "UPDATE 1")]);
    second.check(&[("BEGIN", "BEGIN"), ("SELECT sum(a) FROM t", "0\nSELECT 1"), ("UPDATE t SET a = 1 WHERE id = 2", "UPDATE 1")]);
    first.check(&[("COMMIT", "COMMIT")]);
    second.check(&[("COMMIT", "COMMIT")]);
    cluster.cluster.close();
}

#[test]
fn conflict_schema_changed_under_a_writer() {
    let (cluster, mut first, mut second) = pair();
    second.check(&[("BEGIN", "BEGIN"), ("UPDATE t SET a = 1 WHERE id = 1", "UPDATE 1")]);
    first.check(&[("ALTER TABLE t ADD COLUMN b text", "ALTER TABLE")]);
    second.check(&[("COMMIT", SCHEMA_CONFLICT), ("SELECT * FROM t WHERE id = 1", "1|0|\nSELECT 1")]);
    cluster.cluster.close();
}

#[test]
fn ddl_and_dml_keep_apart() {
    let (cluster, mut session, _) = pair();
    session.check(&[
        ("BEGIN", "BEGIN"),
        ("CREATE TABLE b (id int)", "CREATE TABLE"),
        ("INSERT INTO b VALUES (1)", "ERROR 0A000 ddl and dml are not supported in the same transaction"),
        ("SELECT 1", ABORTED),
        ("TRUNCATE t", ABORTED),
        ("COMMIT", "ROLLBACK"),
        (
            "CREATE TABLE b (id int); CREATE TABLE c (id int)",
            "CREATE TABLE\nERROR 0A000 multiple ddl statements not supported in a transaction",
        ),
        ("SELECT count(*) FROM pg_class WHERE relname IN ('b', 'c')", "0\nSELECT 1"),
    ]);
    cluster.cluster.close();
}

#[test]
fn rows_and_age_are_limited() {
    let (cluster, mut session, _) = pair();
    session.check(&[
        ("INSERT INTO t SELECT g, 0 FROM generate_series(10, 3010) g", "ERROR 54000 transaction row limit exceeded"),
        ("INSERT INTO t SELECT g, 0 FROM generate_series(10, 3009) g", "INSERT 0 3000"),
        ("BEGIN", "BEGIN"),
        ("UPDATE t SET a = 1 WHERE id = 1", "UPDATE 1"),
    ]);
    cluster.clock.advance(Duration::from_secs(301));
    session.check(&[("COMMIT", "ERROR 54000 transaction age limit of 300s exceeded"), ("SELECT a FROM t WHERE id = 1", "0\nSELECT 1")]);
    cluster.cluster.close();
}

#[test]
fn read_only_blocks_refuse_writers() {
    let (cluster, mut session, _) = pair();
    session.check(&[
        ("BEGIN READ ONLY", "BEGIN"),
        ("SELECT count(*) FROM t", "3\nSELECT 1"),
        ("DELETE FROM t", "ERROR 25006 cannot execute DELETE in a read-only transaction"),
        ("ROLLBACK", "ROLLBACK"),
        ("BEGIN READ ONLY", "BEGIN"),
        ("CREATE TABLE x (id int)", "ERROR 25006 cannot execute CREATE TABLE in a read-only transaction"),
        ("ROLLBACK", "ROLLBACK"),
    ]);
    cluster.cluster.close();
}

#[test]
fn blocks_that_are_none_are_warned_of() {
    let (cluster, mut session, _) = pair();
    session.check(&[
        ("COMMIT", "Warning: there is no transaction in progress\nCOMMIT"),
        ("ROLLBACK", "Warning: there is no transaction in progress\nROLLBACK"),
        ("BEGIN", "BEGIN"),
        ("BEGIN", "Warning: there is already a transaction in progress\nBEGIN"),
        ("ROLLBACK", "ROLLBACK"),
    ]);
    cluster.cluster.close();
}

#[test]
fn settings_follow_the_transaction() {
    let (cluster, mut session, _) = pair();
    session.check(&[
        ("SHOW timezone", "UTC\nSHOW"),
        (
            "BEGIN; SET TIME ZONE 'Asia/Tokyo'; ROLLBACK; SHOW timezone",
            "BEGIN\nTimeZone = Asia/Tokyo\nSET\nTimeZone = UTC\nROLLBACK\nUTC\nSHOW",
        ),
        ("SELECT set_config('application_name', 'test', false)", "test\napplication_name = test\nSELECT 1"),
        ("SHOW application_name", "test\nSHOW"),
        ("SET work_mem = '1MB'", "ERROR 0A000 setting configuration parameter \"work_mem\" not supported"),
    ]);
    cluster.cluster.close();
}

#[test]
fn copy_out_gives_lines() {
    let (cluster, mut session, _) = pair();
    session.check(&[
        ("COPY t TO STDOUT (FORMAT csv, HEADER)", "id,a\n1,0\n2,0\n3,0\nCOPY 3"),
        ("COPY (SELECT id FROM t WHERE id < 3) TO STDOUT", "1\n2\nCOPY 2"),
    ]);
    cluster.cluster.close();
}

#[test]
fn explain_prints_the_recorded_line() {
    let (cluster, mut session, _) = pair();
    session.check(&[("EXPLAIN SELECT 1", "Result  (cost=0.00..0.01 rows=1 width=4)\nEXPLAIN")]);
    cluster.cluster.close();
}

#[test]
fn a_simple_query_has_no_parameters() {
    let (cluster, mut session, _) = pair();
    session.check(&[("SELECT $1::int", "ERROR 42P02 there is no parameter $1")]);
    cluster.cluster.close();
}

#[test]
fn a_cluster_keeps_its_dialect() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = |dialect| TestCluster::open(Medium::Folder(folder.path().to_owned()), dialect);
    let shows = |cluster: TestCluster| {
        let shown = cluster.session().run("SHOW borealis.dialect");
        cluster.cluster.close();
        shown
    };
    assert_eq!(shows(open(Some(Dialect::D2026_02)).expect("a new cluster")), "2026-02\nSHOW");
    assert_eq!(shows(open(None).expect("the same")), "2026-02\nSHOW");
    let refused = open(Some(Dialect::D2026_09)).map(|_| ()).expect_err("another dialect");
    let wanted = "the cluster was created with dialect 2026-02 and keeps it; it cannot be served with dialect 2026-09";
    assert_eq!(refused.to_string(), wanted);
    assert_eq!(shows(open(Some(Dialect::D2026_02)).expect("the same")), "2026-02\nSHOW");
}

#[test]
fn an_index_without_async_on_an_empty_table_is_valid_at_once() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, a int)");
    const REFUSED: &str = "ERROR 0A000 unsupported mode. please use CREATE INDEX ASYNC.";
    session.check(&[
        ("CREATE INDEX t_a ON t (a)", REFUSED),
        ("SET disable_sync_create_index = off", "SET"),
        ("CREATE INDEX t_a ON t (a)", "CREATE INDEX"),
        ("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_a'::regclass", "t\nSELECT 1"),
        ("BEGIN; CREATE UNIQUE INDEX t_u ON t (a) WHERE a > 1; COMMIT", "BEGIN\nCREATE INDEX\nCOMMIT"),
        ("SELECT indisvalid FROM pg_index WHERE indexrelid = 't_u'::regclass", "t\nSELECT 1"),
        ("INSERT INTO t VALUES (1, 2)", "INSERT 0 1"),
        ("INSERT INTO t VALUES (2, 2)", "ERROR 23505 duplicate key value violates unique constraint \"t_u\""),
        ("CREATE INDEX t_b ON t (a, id)", REFUSED),
        ("RESET disable_sync_create_index", "RESET"),
        ("CREATE INDEX t_b ON t (a, id)", REFUSED),
    ]);
    cluster.cluster.close();
}

//! What a function's statements see, claim and count.

use crate::testing::{TestCluster, TestSession};

fn one() -> (TestCluster, TestSession) {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, a int)");
    session.run("INSERT INTO t VALUES (1, 10), (2, 20), (3, 30)");
    (cluster, session)
}

#[test]
fn a_statement_does_not_see_what_its_calls_write() {
    let (cluster, mut session) = one();
    session.check(&[
        (
            "CREATE FUNCTION add(x int) RETURNS bigint LANGUAGE sql AS 'INSERT INTO t VALUES (x, 0); SELECT count(*) FROM t'",
            "CREATE FUNCTION",
        ),
        // The scan that calls it gives the three rows there were; each call sees what the calls before it wrote.
        ("SELECT id, add(id + 10) FROM t ORDER BY id", "1|4\n2|5\n3|6\nSELECT 3"),
        ("SELECT count(*) FROM t", "6\nSELECT 1"),
        ("UPDATE t SET a = add(id + 100) WHERE id < 3", "UPDATE 2"),
        ("SELECT id, a FROM t WHERE id < 3 OR id > 100 ORDER BY id", "1|7\n2|8\n101|0\n102|0\nSELECT 4"),
    ]);
    cluster.cluster.close();
}

#[test]
fn a_stable_function_sees_what_its_caller_sees() {
    let (cluster, mut session) = one();
    session.check(&[
        ("CREATE FUNCTION size() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM t'", "CREATE FUNCTION"),
        ("INSERT INTO t SELECT id + 10, size() FROM t RETURNING a", "3\n3\n3\nINSERT 0 3"),
    ]);
    cluster.cluster.close();
}

#[test]
fn rows_written_by_functions_count() {
    let (cluster, mut session) = one();
    session.check(&[
        (
            "CREATE FUNCTION fill(n int) RETURNS void LANGUAGE sql AS 'INSERT INTO t SELECT x, x FROM generate_series(10, 9 + n) x'",
            "CREATE FUNCTION",
        ),
        ("SELECT fill(3001)", "ERROR 54000 transaction row limit exceeded"),
        ("SELECT fill(3000)", "\nSELECT 1"),
        ("SELECT count(*) FROM t", "3003\nSELECT 1"),
    ]);
    cluster.cluster.close();
}

#[test]
fn a_function_that_writes_is_refused_where_writing_is() {
    let (cluster, mut session) = one();
    session.check(&[
        ("CREATE FUNCTION wipe() RETURNS void LANGUAGE sql AS 'DELETE FROM t'", "CREATE FUNCTION"),
        ("CREATE FUNCTION outer_() RETURNS void LANGUAGE sql AS 'SELECT wipe()'", "CREATE FUNCTION"),
        ("BEGIN READ ONLY", "BEGIN"),
        ("SELECT outer_()", "ERROR 25006 cannot execute SELECT in a read-only transaction"),
        ("ROLLBACK", "ROLLBACK"),
        ("SELECT outer_()", "\nSELECT 1"),
        ("SELECT count(*) FROM t", "0\nSELECT 1"),
    ]);
    cluster.cluster.close();
}

#[test]
fn a_change_of_the_function_defeats_its_caller() {
    let (cluster, mut first) = one();
    let mut second = cluster.session();
    first.check(&[
        ("CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql AS 'SELECT x + 1'", "CREATE FUNCTION"),
        ("CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT a FROM t WHERE id = 1'", "CREATE FUNCTION"),
    ]);
    for (call, definition) in [
        ("SELECT f(1)", "CREATE OR REPLACE FUNCTION f(x int) RETURNS int LANGUAGE sql AS 'SELECT x + 2'"),
        ("SELECT g()", "CREATE OR REPLACE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 5'"),
    ] {
        first.run("BEGIN");
        first.run(call);
        first.run("UPDATE t SET a = 11 WHERE id = 2");
        second.check(&[(definition, "CREATE FUNCTION")]);
        first.check(&[("COMMIT", "ERROR 40001 schema has been updated by another transaction (OC001)")]);
    }
    first.check(&[("SELECT f(1), g()", "3|5\nSELECT 1")]);
    cluster.cluster.close();
}

#[test]
fn recursion_is_bounded() {
    let (cluster, mut session) = one();
    session.check(&[
        ("CREATE FUNCTION down(n int) RETURNS int LANGUAGE sql AS 'SELECT 0'", "CREATE FUNCTION"),
        (
            "CREATE OR REPLACE FUNCTION down(n int) RETURNS int LANGUAGE sql AS 'SELECT CASE WHEN n > 0 THEN 1 + down(n - 1) ELSE 0 END'",
            "CREATE FUNCTION",
        ),
        ("SELECT down(8)", "8\nSELECT 1"),
        ("SELECT down(100000)", "ERROR 54001 stack depth limit exceeded"),
        ("SELECT down(3)", "3\nSELECT 1"),
    ]);
    cluster.cluster.close();
}

#[test]
fn conditions_pass_into_a_set_that_is_inlined() {
    let (cluster, mut session) = one();
    session.run("CREATE FUNCTION above(x int) RETURNS SETOF t LANGUAGE sql STABLE AS 'SELECT * FROM t WHERE a > x'");
    session.run("CREATE FUNCTION twice(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT x * 2'");
    let plan = session.run("EXPLAIN SELECT a FROM above(5) WHERE id = 2");
    assert!(plan.contains("Index Cond: (id = 2)") && !plan.contains("Function Scan"), "{plan}");
    let plan = session.run("EXPLAIN SELECT a FROM t WHERE id = twice(1)");
    assert!(plan.contains("Index Cond: (id = 2)"), "{plan}");
    session.check(&[("SELECT t.id, s.a FROM t, above(t.a) s ORDER BY 1, 2", "1|20\n1|30\n2|30\nSELECT 3")]);
    cluster.cluster.close();
}

#[test]
fn a_body_is_read_anew_when_what_it_names_changes() {
    let (cluster, mut session) = one();
    session.check(&[
        ("CREATE FUNCTION first_a() RETURNS int LANGUAGE sql AS 'SELECT a FROM t ORDER BY id LIMIT 1'", "CREATE FUNCTION"),
        ("SELECT first_a()", "10\nSELECT 1"),
        ("ALTER TABLE t RENAME COLUMN a TO b", "ALTER TABLE"),
        ("SELECT first_a()", "ERROR 42703 column \"a\" does not exist"),
        ("ALTER TABLE t RENAME COLUMN b TO a", "ALTER TABLE"),
        ("SELECT first_a()", "10\nSELECT 1"),
    ]);
    cluster.cluster.close();
}

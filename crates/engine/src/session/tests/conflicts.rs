//! The conflict matrix end to end: two sessions, each BEGIN, statement, COMMIT; whichever commits second loses, or neither does.

use super::CONFLICT;
use crate::testing::TestCluster;

/// What two transactions mean to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Conflict,
    Both,
}
use Outcome::{Both, Conflict};

/// Runs both statements side by side and commits in both orders.
fn check(setup: &[&str], cases: &[(&str, &str, Outcome)]) {
    for (first, second, wanted) in cases {
        for (first, second) in [(first, second), (second, first)] {
            let cluster = TestCluster::memory();
            let (mut left, mut right) = (cluster.session(), cluster.session());
            for statement in setup {
                let answer = left.run(statement);
                assert!(!answer.contains("ERROR"), "{statement}: {answer}");
                wait_for_job(&mut left, &answer);
            }
            for (session, statement) in [(&mut left, first), (&mut right, second)] {
                session.run("BEGIN");
                let answer = session.run(statement);
                assert!(!answer.contains("ERROR"), "{statement}: {answer}");
            }
            assert_eq!(left.run("COMMIT"), "COMMIT", "{first}");
            let lost = if *wanted == Conflict { CONFLICT } else { "COMMIT" };
            assert_eq!(right.run("COMMIT"), lost, "{first} | {second}");
            cluster.cluster.close();
        }
    }
}

fn wait_for_job(session: &mut crate::testing::TestSession, answer: &str) {
    if let Some(job) = answer.lines().next().filter(|line| line.len() == 26) {
        assert_eq!(session.run(&format!("CALL sys.wait_for_job('{job}')")), "t\nCALL");
    }
}

#[test]
fn rows_and_keys() {
    let setup = ["CREATE TABLE t (id int PRIMARY KEY, u int UNIQUE, v int)", "INSERT INTO t VALUES (1, 10, 0), (2, 20, 0), (3, 30, 0)"];
    check(
        &setup,
        &[
            ("UPDATE t SET v = 1 WHERE id = 1", "UPDATE t SET v = 2 WHERE id = 1", Conflict),
            ("UPDATE t SET v = 1 WHERE id = 1", "UPDATE t SET v = 2 WHERE id = 2", Both),
            ("UPDATE t SET v = 1 WHERE id = 1", "DELETE FROM t WHERE id = 1", Conflict),
            ("DELETE FROM t WHERE id = 1", "DELETE FROM t WHERE id = 1", Conflict),
            ("INSERT INTO t VALUES (9)", "INSERT INTO t VALUES (9)", Conflict),
            ("INSERT INTO t VALUES (8, 99)", "INSERT INTO t VALUES (9, 99)", Conflict),
            ("INSERT INTO t VALUES (8, NULL)", "INSERT INTO t VALUES (9, NULL)", Both),
            ("UPDATE t SET u = 99 WHERE id = 1", "UPDATE t SET u = 99 WHERE id = 2", Conflict),
            ("UPDATE t SET id = 99 WHERE id = 1", "INSERT INTO t VALUES (99)", Conflict),
            ("SELECT * FROM t WHERE id = 1", "UPDATE t SET v = 1 WHERE id = 1", Both),
            ("SELECT * FROM t WHERE id = 1 FOR UPDATE", "UPDATE t SET v = 1 WHERE id = 1", Conflict),
            ("SELECT * FROM t WHERE id = 1 FOR UPDATE", "SELECT * FROM t WHERE id = 1 FOR UPDATE", Conflict),
            ("SELECT * FROM t WHERE id = 1 FOR UPDATE", "SELECT * FROM t WHERE id = 1 FOR KEY SHARE", Conflict),
            ("SELECT * FROM t WHERE id = 1 FOR UPDATE", "DELETE FROM t WHERE id = 1", Conflict),
            ("SELECT * FROM t WHERE id = 1 FOR UPDATE", "SELECT * FROM t WHERE id = 1", Both),
            ("SELECT * FROM t WHERE id = 1 FOR KEY SHARE", "SELECT * FROM t WHERE id = 1 FOR KEY SHARE", Both),
            ("SELECT * FROM t WHERE id = 1 FOR KEY SHARE", "UPDATE t SET v = 1 WHERE id = 1", Both),
            ("SELECT * FROM t WHERE id = 1 FOR KEY SHARE", "UPDATE t SET u = 11 WHERE id = 1", Conflict),
            ("SELECT * FROM t WHERE id = 1 FOR KEY SHARE", "UPDATE t SET id = 9 WHERE id = 1", Conflict),
            ("SELECT * FROM t WHERE id = 1 FOR KEY SHARE", "DELETE FROM t WHERE id = 1", Conflict),
            // By anything but the key, all that the statement gives is marked, and nothing else.
            ("SELECT * FROM t WHERE v = 0 AND u < 25 FOR UPDATE", "UPDATE t SET v = 1 WHERE id = 2", Conflict),
            ("SELECT * FROM t WHERE v = 0 AND u < 25 FOR UPDATE", "UPDATE t SET v = 1 WHERE id = 3", Both),
            ("SELECT * FROM t ORDER BY u DESC LIMIT 1 FOR UPDATE", "UPDATE t SET v = 1 WHERE id = 3", Conflict),
            ("SELECT * FROM t ORDER BY u DESC LIMIT 1 FOR UPDATE", "UPDATE t SET v = 1 WHERE id = 1", Both),
            ("SELECT * FROM t WHERE id = 1 FOR UPDATE NOWAIT", "UPDATE t SET v = 1 WHERE id = 1", Conflict),
            ("SELECT * FROM t WHERE id = 1 FOR UPDATE SKIP LOCKED", "UPDATE t SET v = 1 WHERE id = 1", Conflict),
            ("SELECT * FROM (SELECT * FROM t WHERE id = 1 FOR UPDATE) s", "UPDATE t SET v = 1 WHERE id = 1", Conflict),
        ],
    );
}

#[test]
fn rows_of_joins() {
    let setup = [
        "CREATE TABLE a (id int PRIMARY KEY, v int)",
        "CREATE TABLE b (id int PRIMARY KEY, a int, v int)",
        "INSERT INTO a VALUES (1, 0), (2, 0)",
        "INSERT INTO b VALUES (1, 1, 0), (2, 2, 0)",
    ];
    check(
        &setup,
        &[
            ("SELECT * FROM a JOIN b ON b.a = a.id WHERE a.id = 1 FOR UPDATE", "UPDATE a SET v = 1 WHERE id = 1", Conflict),
            ("SELECT * FROM a JOIN b ON b.a = a.id WHERE a.id = 1 FOR UPDATE", "UPDATE b SET v = 1 WHERE id = 1", Conflict),
            ("SELECT * FROM a JOIN b ON b.a = a.id WHERE a.id = 1 FOR UPDATE", "UPDATE b SET v = 1 WHERE id = 2", Both),
            ("SELECT * FROM a JOIN b ON b.a = a.id WHERE a.id = 1 FOR UPDATE OF a", "UPDATE b SET v = 1 WHERE id = 1", Both),
            ("SELECT * FROM a JOIN b ON b.a = a.id WHERE a.id = 1 FOR UPDATE OF b", "UPDATE b SET v = 1 WHERE id = 1", Conflict),
            ("SELECT * FROM a, b WHERE b.a = a.id FOR UPDATE OF a FOR KEY SHARE OF b", "UPDATE b SET v = 1", Both),
            ("SELECT * FROM a, b WHERE b.a = a.id FOR UPDATE OF a FOR KEY SHARE OF b", "DELETE FROM b WHERE id = 2", Conflict),
            ("SELECT * FROM a WHERE EXISTS (SELECT FROM b WHERE b.a = a.id AND b.id = 1) FOR UPDATE", "UPDATE b SET v = 1", Both),
        ],
    );
}

#[test]
fn entries_of_partial_and_expression_indexes() {
    let setup = [
        "CREATE TABLE t (id int PRIMARY KEY, v text, live bool)",
        "INSERT INTO t VALUES (1, 'one', true), (2, 'two', false)",
        "CREATE UNIQUE INDEX ASYNC t_live ON t (v) WHERE live",
        "CREATE UNIQUE INDEX ASYNC t_lower ON t (lower(v), live)",
        "CREATE UNIQUE INDEX ASYNC t_nulls ON t (live, v) NULLS NOT DISTINCT",
    ];
    check(
        &setup,
        &[
            ("INSERT INTO t VALUES (3, 'x', true)", "INSERT INTO t VALUES (4, 'x', true)", Conflict),
            ("INSERT INTO t VALUES (3, 'x', true)", "INSERT INTO t VALUES (4, 'x', false)", Both),
            ("INSERT INTO t VALUES (3, 'x', false)", "INSERT INTO t VALUES (4, 'X', false)", Conflict),
            ("INSERT INTO t VALUES (3, NULL, true)", "INSERT INTO t VALUES (4, NULL, true)", Conflict),
            ("INSERT INTO t VALUES (3, NULL, true)", "INSERT INTO t VALUES (4, NULL, false)", Both),
            ("UPDATE t SET live = true WHERE id = 2", "INSERT INTO t VALUES (4, 'two', true)", Conflict),
            // They are no key of the row: to reference it one does not depend on them.
            ("UPDATE t SET v = 'y' WHERE id = 1", "SELECT * FROM t WHERE id = 1 FOR KEY SHARE", Conflict),
        ],
    );
}

#[test]
fn partial_and_expression_indexes_are_no_keys() {
    let setup = [
        "CREATE TABLE t (id int PRIMARY KEY, v text, w text)",
        "INSERT INTO t VALUES (1, 'one', 'x')",
        "CREATE UNIQUE INDEX ASYNC t_v ON t (v) WHERE v > ''",
        "CREATE UNIQUE INDEX ASYNC t_w ON t (lower(w))",
    ];
    check(
        &setup,
        &[
            ("UPDATE t SET v = 'y' WHERE id = 1", "SELECT * FROM t WHERE id = 1 FOR KEY SHARE", Both),
            ("UPDATE t SET w = 'y' WHERE id = 1", "SELECT * FROM t WHERE id = 1 FOR KEY SHARE", Both),
            ("UPDATE t SET v = 'y' WHERE id = 1", "INSERT INTO t VALUES (2, 'y')", Conflict),
            ("UPDATE t SET w = 'Y' WHERE id = 1", "INSERT INTO t VALUES (2, NULL, 'y')", Conflict),
        ],
    );
}

#[test]
fn foreign_keys() {
    let setup = [
        "CREATE TABLE parent (id int PRIMARY KEY, code text UNIQUE, v int)",
        "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent, v int)",
        "CREATE TABLE coded (id int PRIMARY KEY, code text REFERENCES parent (code))",
        "INSERT INTO parent VALUES (1, 'a', 0), (2, 'b', 0), (3, 'c', 0)",
        "INSERT INTO child VALUES (1, 3, 0), (2, NULL, 0)",
    ];
    check(
        &setup,
        &[
            ("DELETE FROM parent WHERE id = 1", "INSERT INTO child VALUES (9, 1)", Conflict),
            ("DELETE FROM parent WHERE id = 1", "INSERT INTO child VALUES (9, 2)", Both),
            ("DELETE FROM parent WHERE id = 1", "UPDATE child SET parent = 1 WHERE id = 2", Conflict),
            ("UPDATE parent SET id = 7 WHERE id = 1", "INSERT INTO child VALUES (9, 1)", Conflict),
            ("UPDATE parent SET v = 7 WHERE id = 1", "INSERT INTO child VALUES (9, 1)", Both),
            ("SELECT * FROM parent WHERE id = 1 FOR UPDATE", "INSERT INTO child VALUES (9, 1)", Conflict),
            ("SELECT * FROM parent WHERE id = 1 FOR KEY SHARE", "INSERT INTO child VALUES (9, 1)", Both),
            ("INSERT INTO child VALUES (8, 1)", "INSERT INTO child VALUES (9, 1)", Both),
            ("DELETE FROM parent WHERE id = 1", "INSERT INTO coded VALUES (9, 'a')", Conflict),
            ("UPDATE parent SET code = 'z' WHERE id = 1", "INSERT INTO coded VALUES (9, 'a')", Conflict),
            ("UPDATE parent SET v = 7 WHERE id = 1", "INSERT INTO coded VALUES (9, 'a')", Both),
            ("UPDATE child SET v = 1 WHERE id = 1", "UPDATE parent SET v = 1 WHERE id = 3", Both),
            ("DELETE FROM child WHERE id = 1", "UPDATE parent SET v = 1 WHERE id = 3", Both),
        ],
    );
}

#[test]
fn actions_of_foreign_keys() {
    for action in ["CASCADE", "SET NULL", "SET DEFAULT"] {
        let child = format!(
            "CREATE TABLE child (id int PRIMARY KEY, parent int DEFAULT 2 REFERENCES parent ON DELETE {action} ON UPDATE {action}, v int)"
        );
        let setup = [
            "CREATE TABLE parent (id int PRIMARY KEY)",
            child.as_str(),
            "INSERT INTO parent VALUES (1), (2)",
            "INSERT INTO child VALUES (1, 1, 0), (2, 2, 0)",
        ];
        check(
            &setup,
            &[
                ("DELETE FROM parent WHERE id = 1", "UPDATE child SET v = 1 WHERE id = 1", Conflict),
                ("DELETE FROM parent WHERE id = 1", "DELETE FROM child WHERE id = 1", Conflict),
                ("UPDATE parent SET id = 9 WHERE id = 1", "UPDATE child SET v = 1 WHERE id = 1", Conflict),
                ("DELETE FROM parent WHERE id = 1", "UPDATE child SET v = 1 WHERE id = 2", Both),
                ("DELETE FROM parent WHERE id = 1", "INSERT INTO child VALUES (3, 1, 0)", Conflict),
            ],
        );
    }
}

#[test]
fn deferred_checks_claim_at_commit() {
    let setup = [
        "CREATE TABLE parent (id int PRIMARY KEY)",
        "CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO parent VALUES (1), (2)",
    ];
    check(
        &setup,
        &[
            ("DELETE FROM parent WHERE id = 1", "INSERT INTO child VALUES (1, 1)", Conflict),
            ("DELETE FROM parent WHERE id = 1", "INSERT INTO child VALUES (1, 2)", Both),
        ],
    );
}

#[test]
fn the_loser_of_two_inserts_learns_of_a_duplicate_only_when_it_is_later() {
    let cluster = TestCluster::memory();
    let (mut left, mut right) = (cluster.session(), cluster.session());
    left.check(&[("CREATE TABLE t (id int PRIMARY KEY)", "CREATE TABLE"), ("BEGIN", "BEGIN"), ("INSERT INTO t VALUES (1)", "INSERT 0 1")]);
    // A statement of its own is a transaction of its own.
    right.check(&[("INSERT INTO t VALUES (1)", "INSERT 0 1")]);
    left.check(&[("COMMIT", CONFLICT)]);
    left.check(&[("INSERT INTO t VALUES (1)", "ERROR 23505 duplicate key value violates unique constraint \"t_pkey\"")]);
    cluster.cluster.close();
}

#[test]
fn cascaded_rows_count() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.check(&[
        ("CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE"),
        ("CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE)", "CREATE TABLE"),
        ("INSERT INTO parent VALUES (1), (2)", "INSERT 0 2"),
        ("INSERT INTO child SELECT g, 1 FROM generate_series(1, 3000) g", "INSERT 0 3000"),
        ("INSERT INTO child SELECT g, 2 FROM generate_series(3001, 5999) g", "INSERT 0 2999"),
        ("DELETE FROM parent WHERE id = 1", "ERROR 54000 transaction row limit exceeded"),
        ("DELETE FROM parent WHERE id = 2", "DELETE 1"),
        ("SELECT count(*) FROM child", "3000\nSELECT 1"),
    ]);
    cluster.cluster.close();
}

#[test]
fn a_new_foreign_key_binds_who_was_there_before() {
    let cluster = TestCluster::memory();
    let (mut left, mut right) = (cluster.session(), cluster.session());
    left.check(&[
        ("CREATE TABLE parent (id int PRIMARY KEY)", "CREATE TABLE"),
        ("CREATE TABLE child (id int PRIMARY KEY, parent int)", "CREATE TABLE"),
        ("INSERT INTO parent VALUES (1)", "INSERT 0 1"),
    ]);
    for statement in ["DELETE FROM parent", "INSERT INTO child VALUES (1, 1)"] {
        right.run("BEGIN");
        right.run(statement);
        left.check(&[("ALTER TABLE child ADD CONSTRAINT fk FOREIGN KEY (parent) REFERENCES parent NOT VALID", "ALTER TABLE")]);
        right.check(&[("COMMIT", super::SCHEMA_CONFLICT)]);
        left.check(&[("ALTER TABLE child DROP CONSTRAINT fk", "ALTER TABLE")]);
    }
    cluster.cluster.close();
}

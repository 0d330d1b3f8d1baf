use std::collections::BTreeMap;
use std::sync::Barrier;
use std::time::Duration;

use borealis_pgtypes::{Settings, text};

use super::*;
use crate::testing::{TestCluster, TestSession};

const FOLLOWER: Follower = *b"one that follows";

fn shown(values: &[Value]) -> String {
    let value = |value: &Value| {
        let mut out = format!("{}=", value.column);
        if value.datum.is_null() {
            out.push_str("NULL");
        } else {
            text::output(&value.datum, value.ty, &Settings::default(), &mut out).expect("printable");
        }
        out
    };
    values.iter().map(value).collect::<Vec<_>>().join(" ")
}

fn line(change: &RowChange) -> String {
    let TableName { schema, name, .. } = &*change.table;
    match &change.op {
        Op::Insert(row) => format!("{schema}.{name} + {}", shown(row)),
        Op::Update(row) => format!("{schema}.{name} ~ {}", shown(row)),
        Op::Delete(key) => format!("{schema}.{name} - {}", key.as_deref().map(shown).unwrap_or_default()),
    }
}

/// What has committed since, a line for each row.
fn told(changes: &mut Changes, cluster: &Cluster) -> Vec<String> {
    let mut lines = Vec::new();
    while changes.position() < cluster.signal().newest().0 {
        let transactions = changes.next(cluster, 1).expect("known");
        lines.extend(transactions.iter().flat_map(|transaction| &transaction.rows).map(line));
    }
    lines
}

fn run(session: &mut TestSession, statements: &[&str]) {
    for statement in statements {
        let answer = session.run(statement);
        assert!(!answer.contains("ERROR"), "{statement}: {answer}");
    }
}

#[test]
fn each_row_is_told_once_by_its_net_change() {
    let test = TestCluster::memory();
    let mut session = test.session();
    run(&mut session, &["CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')"]);
    let from = test.cluster.follow(FOLLOWER).expect("noted");
    let mut changes = test.cluster.changes(from).expect("known");
    let mut check = |statements: &[&str], expected: &[&str]| {
        run(&mut session, statements);
        assert_eq!(told(&mut changes, &test.cluster), expected, "{statements:?}");
    };
    check(&["INSERT INTO t VALUES (4, NULL)"], &["public.t + id=4 v=NULL"]);
    check(&["UPDATE t SET v = 'd' WHERE id = 4"], &["public.t ~ id=4 v=d"]);
    check(&["DELETE FROM t WHERE id = 4"], &["public.t - id=4"]);
    check(&["BEGIN", "INSERT INTO t VALUES (5, 'e')", "DELETE FROM t WHERE id = 5", "COMMIT"], &[]);
    check(&["BEGIN", "INSERT INTO t VALUES (5, 'e')", "UPDATE t SET v = 'f' WHERE id = 5", "COMMIT"], &["public.t + id=5 v=f"]);
    check(&["BEGIN", "DELETE FROM t WHERE id = 5", "INSERT INTO t VALUES (5, 'g')", "COMMIT"], &["public.t ~ id=5 v=g"]);
    check(&["BEGIN", "UPDATE t SET v = 'h' WHERE id = 5", "DELETE FROM t WHERE id = 5", "COMMIT"], &["public.t - id=5"]);
    check(&["UPDATE t SET id = id + 10 WHERE id = 3"], &["public.t - id=3", "public.t + id=13 v=c"]);
    check(&["INSERT INTO t VALUES (1, 'z') ON CONFLICT (id) DO UPDATE SET v = excluded.v"], &["public.t ~ id=1 v=z"]);
    check(&["BEGIN", "INSERT INTO t VALUES (6, 'x')", "ROLLBACK"], &[]);
    check(&["SELECT * FROM t", "CREATE INDEX ASYNC ON t (v)"], &[]);
    check(&["BEGIN", "UPDATE t SET v = v WHERE id < 3", "COMMIT"], &["public.t ~ id=1 v=z", "public.t ~ id=2 v=b"]);
}

#[test]
fn a_removed_row_tells_its_key_whatever_its_types() {
    let test = TestCluster::memory();
    let mut session = test.session();
    run(
        &mut session,
        &[
            "CREATE TABLE n (v int, b numeric, a text, PRIMARY KEY (a, b))",
            "CREATE TABLE hidden (v int)",
            "CREATE TABLE p (code char(4) PRIMARY KEY)",
            "INSERT INTO n VALUES (1, 1.50, 'x')",
            "INSERT INTO hidden VALUES (1)",
            "INSERT INTO p VALUES ('ab')",
        ],
    );
    let mut changes = test.cluster.changes(test.cluster.follow(FOLLOWER).expect("noted")).expect("known");
    run(&mut session, &["DELETE FROM n", "DELETE FROM hidden", "DELETE FROM p"]);
    let expected = ["public.n - b=1.50 a=x", "public.hidden - ", "public.p - code=ab  "];
    assert_eq!(told(&mut changes, &test.cluster), expected);
    run(&mut session, &["INSERT INTO n VALUES (2, 1.5, 'y')", "BEGIN", "UPDATE n SET v = 3", "DELETE FROM n", "COMMIT"]);
    assert_eq!(told(&mut changes, &test.cluster), ["public.n + v=2 b=1.5 a=y", "public.n - b=1.5 a=y"]);
}

/// Statements that change the catalog, with rows between them, and what is told of them.
const DDL: [(&str, &[&str]); 16] = [
    ("CREATE TABLE d (id int PRIMARY KEY)", &[]),
    ("INSERT INTO d VALUES (1)", &["public.d + id=1"]),
    ("ALTER TABLE d ADD COLUMN extra text", &[]),
    ("INSERT INTO d VALUES (2, 'x')", &["public.d + id=2 extra=x"]),
    ("UPDATE d SET extra = 'y' WHERE id = 1", &["public.d ~ id=1 extra=y"]),
    ("ALTER TABLE d RENAME COLUMN extra TO more", &[]),
    ("UPDATE d SET more = 'z' WHERE id = 1", &["public.d ~ id=1 more=z"]),
    ("ALTER TABLE d RENAME TO e", &[]),
    ("DELETE FROM e WHERE id = 2", &["public.e - id=2"]),
    ("CREATE SCHEMA s", &[]),
    ("CREATE TABLE s.f (a int, b int)", &[]),
    ("INSERT INTO s.f VALUES (1, 2)", &["s.f + a=1 b=2"]),
    ("ALTER TABLE e DROP COLUMN more", &[]),
    ("INSERT INTO e VALUES (3)", &["public.e + id=3"]),
    ("DROP TABLE s.f", &[]),
    ("DROP TABLE e", &[]),
];

#[test]
fn rows_are_read_as_the_catalog_of_their_moment_has_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let test = TestCluster::folder(folder.path());
    let from = test.cluster.follow(FOLLOWER).expect("noted");
    let mut session = test.session();
    let mut along = test.cluster.changes(from).expect("known");
    let mut places = Vec::new();
    for (statement, expected) in DDL {
        places.push(test.cluster.signal().newest().0);
        run(&mut session, &[statement]);
        assert_eq!(told(&mut along, &test.cluster), expected, "{statement}");
    }
    session.wait_for_jobs();
    assert_eq!(told(&mut along, &test.cluster), [""; 0], "what a dropped table's rows go through is nobody's change");
    drop(session);
    test.cluster.close();
    drop(test);
    // After a restart, from every place in between: the shapes are found by going back.
    let test = TestCluster::folder(folder.path());
    assert_eq!(test.cluster.follow(FOLLOWER), Ok(from), "nothing was forgotten");
    for (index, place) in places.into_iter().enumerate() {
        let mut changes = test.cluster.changes(place).expect("known");
        let expected: Vec<&str> = DDL[index..].iter().flat_map(|(_, expected)| *expected).copied().collect();
        assert_eq!(told(&mut changes, &test.cluster), expected, "from {}", DDL[index].0);
    }
}

#[test]
fn who_applies_the_changes_has_the_table() {
    const WRITERS: usize = 3;
    let test = TestCluster::memory();
    let mut session = test.session();
    run(&mut session, &["CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL)"]);
    let from = test.cluster.follow(FOLLOWER).expect("noted");
    let mut changes = test.cluster.changes(from).expect("known");
    let started = Barrier::new(WRITERS);
    let (mut copy, mut last_ns) = (BTreeMap::<String, String>::new(), 0);
    let mut apply = |changes: &mut Changes| {
        for transaction in changes.next(&test.cluster, 1 << 10).expect("known") {
            assert!(transaction.time_ns > last_ns, "each commit has its own time");
            last_ns = transaction.time_ns;
            for row in transaction.rows {
                let known = match &row.op {
                    Op::Insert(values) => copy.insert(shown(&values[..1]), shown(values)).is_none(),
                    Op::Update(values) => copy.insert(shown(&values[..1]), shown(values)).is_some(),
                    Op::Delete(key) => copy.remove(&shown(key.as_deref().expect("a key"))).is_some(),
                };
                assert!(known, "an insert is of a new row, everything else of one that is there: {}", line(&row));
            }
        }
    };
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (test, started) = (&test, &started);
                scope.spawn(move || {
                    let mut session = test.session();
                    started.wait();
                    for turn in 0..60 {
                        let (id, other) = ((turn * 7 + writer) % 9, (turn * 5 + writer * 2) % 9);
                        // Many of these collide; who loses has changed nothing.
                        session.run("BEGIN");
                        session.run(&format!("INSERT INTO t VALUES ({id}, {turn}) ON CONFLICT (id) DO UPDATE SET v = excluded.v"));
                        session.run(&format!("DELETE FROM t WHERE id = {other}"));
                        session.run("COMMIT");
                    }
                })
            })
            .collect();
        let signal = test.cluster.signal();
        while !writers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
            signal.wait_past(Position(changes.position()), Duration::from_millis(20));
            apply(&mut changes);
        }
    });
    while changes.position() < test.cluster.signal().newest().0 {
        apply(&mut changes);
    }
    let rows: String = copy.values().map(|row| row.replace("id=", "").replace(" v=", "|") + "\n").collect();
    let count = copy.len();
    session.check(&[("SELECT * FROM t ORDER BY id", &format!("{rows}SELECT {count}"))]);
}

#[test]
fn a_tables_changes_can_be_asked_for_in_sql() {
    let test = TestCluster::memory();
    let mut session = test.session();
    run(
        &mut session,
        &[
            "CREATE TABLE t (v text, b int, a date, PRIMARY KEY (a, b))",
            "CREATE TABLE other (id int PRIMARY KEY)",
            "CREATE TABLE keyless (id int)",
            "SELECT borealis.follow_changes('00000000-0000-0000-0000-000000000001')",
        ],
    );
    let from = test.cluster.position();
    run(
        &mut session,
        &[
            "INSERT INTO t VALUES ('x', 1, '2026-01-31'), ('y', 2, '2026-01-31')",
            "INSERT INTO other VALUES (1)",
            "INSERT INTO keyless VALUES (1)",
            "UPDATE t SET v = 'z' WHERE b = 2",
            "ALTER TABLE t RENAME COLUMN b TO c",
            "UPDATE t SET c = 3 WHERE c = 2",
            "ALTER TABLE t RENAME TO u",
            "DELETE FROM u WHERE c = 1",
        ],
    );
    let answer = |session: &mut TestSession, sql: &str| {
        let shown = session.run(sql);
        shown.strip_suffix("\nSELECT 1").unwrap_or(&shown).to_owned()
    };
    let keys = |table: &str| {
        format!(
            "SELECT string_agg(operation || ' ' || coalesce(key::text, 'none'), ', ') || ' ' || count(DISTINCT position) || ' ' \
             || bool_and(committed_at BETWEEN now() - interval '1 hour' AND now() + interval '1 hour') FROM borealis.table_changes('{table}', {from})"
        )
    };
    assert_eq!(
        answer(&mut session, &keys("u")),
        r#"insert {"a": "2026-01-31", "b": "1"}, insert {"a": "2026-01-31", "b": "2"}, update {"a": "2026-01-31", "b": "2"}, "#.to_owned()
            + r#"delete {"a": "2026-01-31", "c": "2"}, insert {"a": "2026-01-31", "c": "3"}, delete {"a": "2026-01-31", "c": "1"} 4 t"#
    );
    assert_eq!(answer(&mut session, &keys("keyless")), "insert none 1 t");
    // It tells what is committed, not what the transaction sees.
    let mut other = test.session();
    run(&mut other, &["BEGIN", "SELECT 1 FROM other"]);
    run(&mut session, &["INSERT INTO other VALUES (2)"]);
    assert_eq!(answer(&mut other, &keys("other")), r#"insert {"id": "1"}, insert {"id": "2"} 2 t"#);
    run(&mut other, &["COMMIT"]);
    assert_eq!(answer(&mut session, &format!("SELECT key ->> 'id' FROM borealis.table_changes('other', {from}) LIMIT 1")), "1");
    assert_eq!(
        answer(&mut session, &format!("SELECT borealis.advance_follower('00000000-0000-0000-0000-000000000001', {})", from + 1)),
        ""
    );
    assert_eq!(answer(&mut session, "SELECT borealis.unfollow_changes('00000000-0000-0000-0000-000000000001')"), "");
}

#[test]
fn what_cannot_be_followed_is_refused() {
    let test = TestCluster::memory();
    let mut session = test.session();
    run(&mut session, &["CREATE TABLE t (id int PRIMARY KEY)", "CREATE VIEW v AS SELECT 1", "CREATE ROLE app WITH LOGIN"]);
    for (statement, expected) in [
        ("SELECT * FROM borealis.table_changes('t', 1000000)", "22023"),
        ("SELECT * FROM borealis.table_changes('t', -1)", "22023"),
        ("SELECT * FROM borealis.table_changes('v', 0)", "42809"),
        ("SELECT * FROM borealis.table_changes(999999::oid::regclass, 0)", "42P01"),
        ("SELECT borealis.advance_follower('00000000-0000-0000-0000-000000000001', 1000000)", "22023"),
    ] {
        let answer = session.run(statement);
        assert!(answer.contains(expected), "{statement}: {answer}");
    }
    let mut app = test.session_of("app");
    for statement in [
        "SELECT borealis.follow_changes(gen_random_uuid())",
        "SELECT borealis.advance_follower(gen_random_uuid(), 0)",
        "SELECT borealis.unfollow_changes(gen_random_uuid())",
        "SELECT borealis.commit_position()",
        "SELECT * FROM borealis.table_changes('t', 0)",
    ] {
        let answer = app.run(statement);
        assert!(answer.contains("42501"), "{statement}: {answer}");
    }
}

//! What writes leave in the store: claims and entries.

use borealis_storage::{CommitError, Store};

use super::database;
use super::fixture::Db;
use crate::exec::{Execution, Program, Txn};

fn run_in(db: &Db, txn: &mut Txn, sql: &str) {
    let program = Program::compile(&db.plan(sql, &[]).expect("a plan")).expect("a program");
    let mut execution = Execution::start(&program);
    while execution.next_batch(txn, &db.env(&[]), 100).unwrap_or_else(|error| panic!("{sql}: {error}")).is_some() {}
}

/// Whether both transactions commit, run side by side.
fn both_commit(first: &str, second: &str) -> bool {
    let mut db = database();
    db.run("INSERT INTO t VALUES (1, 10, 'one', 1), (2, 20, 'two', 2)").expect("rows");
    db.run("INSERT INTO loose VALUES (1, 'a')").expect("a row");
    let (mut left, mut right) = (Txn::new(db.store.begin(), false), Txn::new(db.store.begin(), false));
    run_in(&db, &mut left, first);
    run_in(&db, &mut right, second);
    left.storage.commit_blocking().expect("the first commit wins");
    match right.storage.commit_blocking() {
        Ok(_) => true,
        Err(CommitError::Conflict(_)) => false,
        Err(error) => panic!("{error:?}"),
    }
}

#[test]
fn conflicts_follow_the_matrix() {
    let cases = [
        ("UPDATE t SET a = 1 WHERE id = 1", "UPDATE t SET a = 2 WHERE id = 1", false),
        ("UPDATE t SET a = 1 WHERE id = 1", "UPDATE t SET a = 2 WHERE id = 2", true),
        ("UPDATE t SET a = 1 WHERE id = 1", "DELETE FROM t WHERE id = 1", false),
        ("SELECT * FROM t WHERE id = 1 FOR UPDATE", "UPDATE t SET a = 1 WHERE id = 1", false),
        ("UPDATE t SET a = 1 WHERE id = 1", "SELECT * FROM t WHERE id = 1 FOR UPDATE", false),
        ("SELECT * FROM t WHERE id = 1 FOR KEY SHARE", "UPDATE t SET a = 1 WHERE id = 1", true),
        ("SELECT * FROM t WHERE id = 1 FOR KEY SHARE", "UPDATE t SET b = 'x' WHERE id = 1", false),
        ("SELECT * FROM t WHERE id = 1 FOR KEY SHARE", "UPDATE t SET b = 'one', a = 3 WHERE id = 1", true),
        ("SELECT * FROM t WHERE id = 1 FOR KEY SHARE", "UPDATE t SET id = 9 WHERE id = 1", false),
        ("SELECT * FROM t WHERE id = 1 FOR KEY SHARE", "DELETE FROM t WHERE id = 1", false),
        ("DELETE FROM t WHERE id = 1", "SELECT * FROM t WHERE id = 1 FOR KEY SHARE", false),
        ("INSERT INTO t (id) VALUES (5)", "INSERT INTO t (id) VALUES (5)", false),
        ("INSERT INTO t (id) VALUES (5)", "INSERT INTO t (id) VALUES (6)", true),
        ("INSERT INTO t (id, b) VALUES (5, 'x')", "INSERT INTO t (id, b) VALUES (6, 'x')", false),
        ("INSERT INTO t (id, a) VALUES (5, 1)", "INSERT INTO t (id, a) VALUES (6, 1)", true),
        ("UPDATE t SET b = 'x' WHERE id = 1", "UPDATE t SET b = 'x' WHERE id = 2", false),
        ("INSERT INTO loose VALUES (7, 'x')", "INSERT INTO loose VALUES (7, 'x')", true),
        ("DELETE FROM loose", "UPDATE loose SET k = 2", false),
        ("SELECT * FROM t", "UPDATE t SET a = 1", true),
    ];
    for (first, second, wanted) in cases {
        assert_eq!(both_commit(first, second), wanted, "{first} | {second}");
    }
}

/// Number of keys under an object's prefix.
fn keys(store: &Store, object: u32) -> usize {
    let txn = Txn::new(store.begin(), false);
    let mut scan =
        txn.storage.scan(borealis_storage::KeyRange::prefix(object.to_be_bytes().to_vec()), borealis_storage::Direction::Forward);
    let mut count = 0;
    while scan.next().expect("a store in memory").is_some() {
        count += 1;
    }
    count
}

#[test]
fn every_row_has_its_entries_and_no_others() {
    let mut db = database();
    let objects = [17_000, 17_010, 17_011, 17_012];
    let counts = |db: &Db| objects.map(|object| keys(&db.store, object));
    db.run("INSERT INTO t SELECT g, g % 3, 'b' || g, g FROM generate_series(1, 50) g").expect("rows");
    assert_eq!(counts(&db), [50; 4]);
    db.run("UPDATE t SET a = a + 1, b = b || 'x', n = -n WHERE id % 2 = 0").expect("changes");
    db.run("UPDATE t SET id = id + 1000 WHERE id > 40").expect("moves");
    assert_eq!(counts(&db), [50; 4]);
    db.run("UPDATE t SET b = NULL").expect("changes");
    assert_eq!(counts(&db), [50; 4]);
    db.run("DELETE FROM t WHERE id > 10").expect("deletes");
    assert_eq!(counts(&db), [10; 4]);
    db.run("DELETE FROM t").expect("deletes");
    assert_eq!(counts(&db), [0; 4]);
}

#[test]
fn a_read_only_transaction_does_not_write() {
    let db = database();
    for (sql, wanted) in [
        ("INSERT INTO loose VALUES (1, 'x')", "cannot execute INSERT in a read-only transaction"),
        ("UPDATE loose SET k = 1", "cannot execute UPDATE in a read-only transaction"),
        ("DELETE FROM loose", "cannot execute DELETE in a read-only transaction"),
        ("SELECT * FROM loose FOR UPDATE", "cannot execute SELECT FOR UPDATE in a read-only transaction"),
    ] {
        let program = Program::compile(&db.plan(sql, &[]).expect("a plan")).expect("a program");
        let mut txn = Txn::new(db.store.begin(), true);
        let error = Execution::start(&program).next_batch(&mut txn, &db.env(&[]), 1).expect_err("a write");
        assert_eq!((error.sqlstate().as_str(), error.message()), ("25006", wanted));
    }
}

#[test]
fn rows_without_a_key_come_back_in_the_order_they_went_in() {
    let mut db = database();
    db.begin();
    db.run("INSERT INTO loose SELECT g, 'x' FROM generate_series(1, 300) g").expect("rows");
    db.run("INSERT INTO loose SELECT g, 'y' FROM generate_series(301, 400) g").expect("rows");
    db.commit();
    let rows = db.run("SELECT k FROM loose").expect("rows").rows;
    let keys: Vec<String> = rows.iter().map(|row| format!("{:?}", row[0])).collect();
    assert_eq!(keys, (1..=400).map(|key| format!("Int4({key})")).collect::<Vec<_>>());
}

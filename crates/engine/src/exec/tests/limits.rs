//! The bounds of a statement and a transaction.

use borealis_pgtypes::SqlState;

use super::database;
use super::fixture::state;

#[test]
fn exactly_three_thousand_rows_may_change() {
    let mut db = database();
    let insert = |rows| format!("INSERT INTO loose SELECT g, 'x' FROM generate_series(1, {rows}) g");
    let error = db.run(&insert(3001)).expect_err("one too many");
    assert_eq!((error.sqlstate(), error.message()), (SqlState::PROGRAM_LIMIT_EXCEEDED, "transaction row limit exceeded"));
    assert_eq!(db.count("SELECT 1 FROM loose"), 0);
    assert_eq!(db.run(&insert(3000)).expect("as many as may").affected, 3000);
    assert_eq!(db.run("UPDATE loose SET k = k + 1").expect("as many as may").affected, 3000);
    db.begin();
    db.run("DELETE FROM loose WHERE k <= 1001").expect("some");
    db.run(&insert(2000)).expect("the rest");
    assert_eq!(state(db.run("INSERT INTO loose VALUES (1, 'one more')")), SqlState::PROGRAM_LIMIT_EXCEEDED);
    db.rollback();
}

#[test]
fn rows_that_no_conflict_lets_in_do_not_count() {
    let mut db = database();
    db.run("INSERT INTO t (id) VALUES (1)").expect("a row");
    let sql = "INSERT INTO t (id) SELECT 1 FROM generate_series(1, 5000) ON CONFLICT (id) DO NOTHING";
    assert_eq!(db.run(sql).expect("nothing changes").affected, 0);
}

#[test]
fn a_query_keeps_within_its_memory() {
    let mut db = database();
    db.limits.memory_bytes = 1 << 20;
    for query in [
        "SELECT g FROM generate_series(1, 100000) g ORDER BY g DESC",
        "SELECT DISTINCT g FROM generate_series(1, 100000) g",
        "SELECT g, count(*) FROM generate_series(1, 100000) g GROUP BY g",
        "SELECT count(*) FROM generate_series(1, 100000) a JOIN generate_series(1, 100000) b ON a = b",
        "SELECT sum(g) OVER () FROM generate_series(1, 100000) g",
        "WITH c AS MATERIALIZED (SELECT g FROM generate_series(1, 100000) g) SELECT count(*) FROM c x, c y",
    ] {
        let error = db.run(query).expect_err("too much");
        let wanted = "query requires more than allowed temp space of 1024 KB to execute";
        assert_eq!((error.sqlstate(), error.message()), (SqlState::PROGRAM_LIMIT_EXCEEDED, wanted), "{query}");
    }
    for query in [
        "SELECT count(*) FROM generate_series(1, 100000)",
        "SELECT g FROM generate_series(1, 100000) g ORDER BY g DESC LIMIT 3",
        "SELECT g % 10, count(*) FROM generate_series(1, 100000) g GROUP BY 1",
    ] {
        db.run(query).unwrap_or_else(|error| panic!("{query}: {error}"));
    }
}

#[test]
fn values_rows_and_keys_have_a_largest_size() {
    let mut db = database();
    db.run("INSERT INTO loose SELECT 1, repeat('x', 1048576)").expect("the largest value");
    let error = db.run("INSERT INTO loose SELECT 1, repeat('x', 1048577)").expect_err("one byte more");
    let wanted = "datatype limit greater than 1048576 bytes not supported for text";
    assert_eq!((error.sqlstate(), error.message()), (SqlState::PROGRAM_LIMIT_EXCEEDED, wanted));
    db.limits.row_bytes_max = 1000;
    let error = db.run("INSERT INTO loose SELECT 1, repeat('x', 1001)").expect_err("a large row");
    assert_eq!((error.sqlstate(), error.message()), (SqlState::PROGRAM_LIMIT_EXCEEDED, "maximum row size exceeded"));
    db.limits.row_bytes_max = 2 << 20;
    db.run("INSERT INTO t (id, b) SELECT 1, repeat('x', 1800)").expect("a long key");
    let error = db.run("INSERT INTO t (id, b) SELECT 2, repeat('x', 2000)").expect_err("a longer one");
    assert_eq!((error.sqlstate(), error.message()), (SqlState::PROGRAM_LIMIT_EXCEEDED, "key size too large"));
    assert_eq!(db.count("SELECT 1 FROM t"), 1);
}

//! What the rows of `borealis.table_changes` are read from, and how far.

use borealis_pgtypes::{Datum, Settings, SqlState};

use super::KeyRows;
use crate::testing::TestCluster;

fn opened(test: &TestCluster, after: u64) -> KeyRows {
    let catalog = test.cluster.catalog().expect("a catalog");
    let table = catalog.tables().find(|table| table.name == "t").map(|table| table.oid).expect("the table");
    KeyRows::open(&test.cluster, table, after, Settings::default(), Default::default()).expect("known")
}

#[test]
fn they_end_with_what_was_committed_when_they_were_asked_for() {
    let test = TestCluster::memory();
    let mut session = test.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY)");
    session.run("SELECT borealis.follow_changes('00000000-0000-0000-0000-000000000001')");
    let from = test.cluster.position();
    session.run("INSERT INTO t VALUES (1), (2)");
    let rows = opened(&test, from);
    session.run("INSERT INTO t VALUES (3)");
    let positions: Vec<Datum> = rows.map(|row| row.expect("read").swap_remove(0)).collect();
    assert_eq!(positions.len(), 2);
    assert_eq!(opened(&test, from).count(), 3);
}

#[test]
fn no_more_is_read_than_is_asked_for_and_a_cancelled_query_reads_nothing() {
    let test = TestCluster::memory();
    let mut session = test.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, v text)");
    session.run("SELECT borealis.follow_changes('00000000-0000-0000-0000-000000000001')");
    let from = test.cluster.position();
    for id in 1..=3 {
        session.run(&format!("INSERT INTO t VALUES ({id}, repeat('x', 1000000))"));
    }
    let mut rows = opened(&test, from);
    rows.next().expect("a row").expect("read");
    assert!(rows.changes.position() < rows.until, "a piece of the journal holds about one of the rows");
    let mut rows = opened(&test, from);
    rows.interrupt.cancel();
    assert_eq!(rows.next().expect("an answer").expect_err("cancelled").sqlstate(), SqlState::QUERY_CANCELED);
}

//! Executions that rest and go on.

use borealis_pgtypes::{Datum, Oid};

use super::database;
use super::fixture::{Db, rows_of};
use crate::exec::{Batch, Execution, Program, Txn};

fn filled() -> Db {
    let mut db = database();
    db.run("INSERT INTO t SELECT g, g % 7, 'b' || g, g FROM generate_series(1, 1000) g").expect("rows go in");
    db
}

/// Runs a query in steps of `step` rows; the rows of each step.
fn steps(db: &Db, sql: &str, step: usize) -> Vec<Vec<Vec<Datum>>> {
    let program = Program::compile(&db.plan(sql, &[]).expect("a plan")).expect("a program");
    let mut execution = Execution::start(&program);
    let mut txn = Txn::new(db.store.begin(), false);
    let mut all = Vec::new();
    while let Some(batch) = execution.next_batch(&mut txn, &db.env(&[]), step).expect("rows") {
        all.push(rows_of(&batch));
    }
    assert!(execution.is_done());
    all
}

#[test]
fn any_step_gives_the_same_rows() {
    let db = filled();
    let queries = [
        "SELECT id FROM t",
        "SELECT id FROM t WHERE a = 3",
        "SELECT id FROM t WHERE n > 500 AND a < 4",
        "SELECT id FROM t WHERE id IN (5, 900, 77) ",
        "SELECT id FROM t ORDER BY id DESC",
        "SELECT x.id FROM t x JOIN t y ON y.id = x.id + x.a",
        "SELECT a, count(*) FROM t GROUP BY a",
        "SELECT generate_series(1, a) FROM t WHERE id < 50",
        "SELECT id, sum(id) OVER (PARTITION BY a ORDER BY id) FROM t",
        "SELECT id FROM t EXCEPT SELECT id + 1 FROM t WHERE a = 1",
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 300) SELECT n FROM r",
    ];
    for query in queries {
        let whole: Vec<String> = steps(&db, query, 100_000).concat().iter().map(|row| format!("{row:?}")).collect();
        for step in [1, 7, 255, 256, 257] {
            let parts = steps(&db, query, step);
            assert!(parts.iter().all(|part| !part.is_empty() && part.len() <= step), "{query} in steps of {step}");
            let parts: Vec<String> = parts.concat().iter().map(|row| format!("{row:?}")).collect();
            assert_eq!(parts, whole, "{query} in steps of {step}");
        }
    }
}

#[test]
fn a_statement_that_writes_is_done_with_its_first_row() {
    let db = filled();
    let program = Program::compile(&db.plan("UPDATE t SET a = 0 RETURNING id", &[]).expect("a plan")).expect("a program");
    let mut execution = Execution::start(&program);
    let mut txn = Txn::new(db.store.begin(), false);
    let first = execution.next_batch(&mut txn, &db.env(&[]), 1).expect("rows").expect("a row");
    assert_eq!((first.len(), execution.affected_rows(), txn.rows_modified), (1, 1000, 1000));
    let mut left = 0;
    while let Some(batch) = execution.next_batch(&mut txn, &db.env(&[]), 300).expect("rows") {
        left += batch.len();
    }
    assert_eq!(left, 999);
}

#[test]
fn a_portal_that_was_materialized_does_not_see_later_writes() {
    let db = filled();
    let query = Program::compile(&db.plan("SELECT a FROM t ORDER BY id", &[]).expect("a plan")).expect("a program");
    let update = Program::compile(&db.plan("UPDATE t SET a = 99", &[]).expect("a plan")).expect("a program");
    let mut txn = Txn::new(db.store.begin(), false);
    let mut portal = Execution::start(&query);
    portal.next_batch(&mut txn, &db.env(&[]), 10).expect("rows");
    portal.materialize(&mut txn, &db.env(&[])).expect("memory");
    Execution::start(&update).next_batch(&mut txn, &db.env(&[]), 1).expect("an update");
    let mut rows = 10;
    while let Some(batch) = portal.next_batch(&mut txn, &db.env(&[]), 400).expect("rows") {
        assert!(batch.rows().all(|row| matches!(row, [Datum::Int4(a)] if *a < 7)));
        rows += batch.len();
    }
    assert_eq!(rows, 1000);
}

#[test]
fn one_program_serves_many_executions_and_parameters() {
    let db = filled();
    let planned = db.plan("SELECT b, a FROM t WHERE id = $1", &[Oid::INT4]).expect("a plan");
    let program = Program::compile(&planned).expect("a program");
    assert!(program.point.is_some(), "a look-up by the primary key takes the short way");
    let mut txn = Txn::new(db.store.begin(), false);
    let mut batch = Batch::default();
    for id in [1, 500, 1000] {
        let params = [Datum::Int4(id)];
        let mut execution = Execution::start(&program);
        assert!(execution.next_into(&mut txn, &db.env(&params), 10, &mut batch).expect("a row"));
        assert!(matches!(batch.row(0), [Datum::Text(b), Datum::Int4(a)] if **b == format!("b{id}") && *a == id % 7));
        assert!(!execution.next_into(&mut txn, &db.env(&params), 10, &mut batch).expect("the end"));
    }
    for missing in [Datum::Int4(0), Datum::Null] {
        let params = [missing];
        assert!(!Execution::start(&program).next_into(&mut txn, &db.env(&params), 10, &mut batch).expect("no row"));
    }
}

//! What is refused, and with which words.

use super::world::{World, small};
use crate::operations::Operation;
use crate::plan::Plan;
use crate::{MigrateError, Status, apply};

fn retype(column: &str, ty: &str) -> Operation {
    Operation::RetypeColumn { column: column.to_owned(), ty: ty.to_owned(), using: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_that_do_not_fit_are_named_before_anything_is_copied() {
    let world = World::new();
    world.run("CREATE TABLE t (id int PRIMARY KEY, v text);\nINSERT INTO t SELECT g, CASE WHEN g % 100 = 7 THEN 'x' || g ELSE g::text END FROM generate_series(1, 2500) AS g").await;
    let Err(MigrateError::Offenders { rows, more, .. }) = world.migrate("t", retype("v", "integer")).await else {
        panic!("it was not refused")
    };
    let keys: Vec<String> = rows.iter().map(|row| row.key.join(",")).collect();
    let expected: Vec<String> = (0..25).map(|hundred| (hundred * 100 + 7).to_string()).collect();
    assert_eq!(keys, expected);
    assert_eq!(rows[0].value, "(7,x7)");
    assert_eq!(rows[0].reason, "invalid input syntax for type integer: \"x7\"");
    assert!(!more);
    assert_eq!(world.value("SELECT count(*) FROM pg_class WHERE relname LIKE 'new\\_%'").await, "0");
    // The run stays in the journal until it is resumed, with the rows mended, or aborted.
    world.run("DELETE FROM t WHERE v LIKE 'x%'").await;
    let done = crate::resume(&world.database, None, &small()).await.unwrap();
    assert_eq!((done.status, done.done), (Status::Done, 2475));
    assert_eq!(world.value("SELECT sum(v) FROM t").await, world.value("SELECT sum(id) FROM t").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_are_refused_and_not_cut() {
    let world = World::new();
    world.run("CREATE TABLE t (id int PRIMARY KEY, v text);\nINSERT INTO t VALUES (1, 'abc'), (2, 'abcd'), (3, NULL), (4, 'ab  ')").await;
    let Err(error) = world.migrate("t", retype("v", "varchar(3)")).await else { panic!("it was not refused") };
    assert_eq!(
        error.to_string(),
        "2 rows of the table are longer than 3 characters in column v; nothing was copied. Mend them and plan again:\n  \
         key (2): abcd: must have at most 3 characters\n  key (4): ab  : must have at most 3 characters"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_break_a_new_rule_are_named() {
    let world = World::new();
    world.run("CREATE TABLE t (id int PRIMARY KEY, a int, b int);\nINSERT INTO t VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, 3)").await;
    for (operation, expected) in [
        (Operation::SetNotNull { column: "a".into(), fill: None }, "1 rows of the table are NULL in column a"),
        (Operation::PrimaryKey { columns: vec!["a".into()] }, "1 rows of the table are NULL in column a"),
        (Operation::PrimaryKey { columns: vec!["b".into()] }, "1 rows of the table are NULL in column b"),
        (Operation::AddConstraint { name: "u".into(), definition: "UNIQUE (a)".into() }, "1 rows of the table share a value of (a)"),
        (Operation::AddConstraint { name: "c".into(), definition: "CHECK (b < 3)".into() }, "1 rows of the table break check constraint c"),
    ] {
        let is_direct = matches!(operation, Operation::AddConstraint { .. });
        let error = world.migrate("t", operation).await.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
        if is_direct {
            // It is over: nothing is left to take back, and nothing is held.
            assert_eq!(crate::status(&world.database).await.unwrap()[0].status, Status::Aborted);
            assert_eq!(world.value("SELECT count(*) FROM borealis_migrate.lock").await, "0");
        } else {
            crate::abort(&world.database, None, true).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plans_that_were_edited_or_outdated_or_used_are_refused() {
    let world = World::new();
    world.run("CREATE TABLE t (id int PRIMARY KEY, v text)").await;
    let plan = world.plan("t", retype("v", "integer")).await.unwrap();
    let edited = plan.to_json().replace("integer", "bigint");
    assert!(Plan::from_json(&edited).unwrap_err().to_string().starts_with("the plan was edited by hand"));
    let read = Plan::from_json(&plan.to_json()).unwrap();
    assert_eq!(read, plan);
    world.run("ALTER TABLE t ADD COLUMN w int").await;
    let error = apply(&world.database, &plan, &small()).await.unwrap_err().to_string();
    assert_eq!(error, "the plan is out of date: table public.t was changed since it was made. Plan again");
    let plan = world.plan("t", retype("v", "integer")).await.unwrap();
    apply(&world.database, &plan, &small()).await.unwrap();
    assert!(apply(&world.database, &plan, &small()).await.unwrap_err().to_string().starts_with("the plan is out of date"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_whose_rows_cannot_be_told_apart_are_refused_with_the_way_out() {
    let world = World::new();
    world.run("CREATE TABLE t (id int, v text)").await;
    let refused = world.plan("t", retype("v", "integer")).await.unwrap_err().to_string();
    assert!(refused.starts_with("table public.t has no key that every row has"), "{refused}");
    world.run("INSERT INTO t SELECT g, g::text FROM generate_series(1, 30) AS g").await;
    for operation in [
        Operation::AddConstraint { name: "set".into(), definition: "CHECK (id IS NOT NULL)".into() },
        Operation::AddConstraint { name: "u".into(), definition: "UNIQUE (id)".into() },
        Operation::PrimaryKey { columns: vec!["id".into()] },
        retype("v", "integer"),
    ] {
        let what = operation.describe();
        world.migrate("t", operation).await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
    assert_eq!(world.value("SELECT sum(v) FROM t").await, "465");
    assert_eq!(
        world.value("SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint WHERE conrelid = 't'::regclass").await,
        "set t_pkey u"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_run_has_a_table_and_one_process_a_run() {
    let world = World::new();
    world.run("CREATE TABLE t (id int PRIMARY KEY, v text);\nINSERT INTO t VALUES (1, 'x')").await;
    let first = world.plan("t", retype("v", "integer")).await.unwrap();
    let second = world.plan("t", retype("v", "bigint")).await.unwrap();
    assert!(matches!(apply(&world.database, &first, &small()).await, Err(MigrateError::Offenders { .. })));
    let refused = apply(&world.database, &second, &small()).await.unwrap_err().to_string();
    assert_eq!(refused, format!("table public.t is being migrated by run {}: finish that with `resume`, or `abort` it", first.id));
    crate::abort(&world.database, None, false).await.unwrap();
    assert!(matches!(apply(&world.database, &second, &small()).await, Err(MigrateError::Offenders { .. })));
    assert_eq!(
        crate::status(&world.database).await.unwrap().iter().map(|run| run.status).collect::<Vec<_>>(),
        [Status::Stopped, Status::Aborted]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_hangs_on_a_column_stops_its_change() {
    let world = World::new();
    world
        .run(
            "CREATE TABLE p (id int PRIMARY KEY, u text UNIQUE);
         CREATE TABLE t (id uuid PRIMARY KEY, p int REFERENCES p, v text, u text);
         CREATE VIEW seen AS SELECT v FROM t",
        )
        .await;
    for (table, operation, expected) in [
        ("t", retype("id", "text"), "column id is part of the key that rows are told apart by, and would sort differently"),
        ("t", retype("p", "text"), "column p is part of foreign key t_p_fkey of public.t: drop that first"),
        ("t", Operation::DropColumn { column: "id".into() }, "column id is part of the key"),
        ("t", Operation::DropColumn { column: "v".into() }, "view public.seen uses column v: replace or drop the view first"),
        ("t", Operation::DropColumn { column: "x".into() }, "table public.t has no column x"),
        ("t", Operation::DropConstraint { name: "t_pkey".into() }, "a primary key cannot be dropped"),
        ("t", Operation::AddConstraint { name: "c".into(), definition: "CHEK (v > 1)".into() }, "constraint c: syntax error"),
        ("nosuch", Operation::DropColumn { column: "v".into() }, "there is no table nosuch"),
        ("seen", Operation::DropColumn { column: "v".into() }, "seen is not a table"),
        ("t", retype("v", "nosuch"), "trying the new definition: ERROR: type \"nosuch\" does not exist"),
    ] {
        let error = world.plan(table, operation).await.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}

//! What a plan says before anything is begun: what the server has against it, what it loses, and that nothing is to be done.

use std::time::Duration;

use super::world::{World, small};
use crate::operations::Operation;
use crate::plan::{Basis, count_within};
use crate::{MigrateError, Status, apply, status};

fn set_default(column: &str, default: &str) -> Operation {
    Operation::SetDefault { column: column.into(), default: default.into() }
}

fn add_column(ty: &str) -> Operation {
    Operation::AddColumn { name: "z".into(), ty: ty.into(), default: None, not_null: false }
}

fn add_constraint(definition: &str) -> Operation {
    Operation::AddConstraint { name: "c".into(), definition: definition.into() }
}

fn retype(column: &str, ty: &str) -> Operation {
    Operation::RetypeColumn { column: column.into(), ty: ty.into(), using: None }
}

const OPS: &str =
    "CREATE TABLE ops (id int PRIMARY KEY, n int, d timestamp, s text DEFAULT 'x', k bigint GENERATED ALWAYS AS IDENTITY (CACHE 1))";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_has_against_a_statement_is_said_by_the_plan() {
    let world = World::new();
    world.run(OPS).await;
    for (operation, expected) in [
        (
            set_default("n", "'foo'"),
            "trying ALTER TABLE public.ops ALTER COLUMN n SET DEFAULT 'foo': ERROR: invalid input syntax for type integer: \"foo\"",
        ),
        (
            set_default("n", "now()"),
            "trying ALTER TABLE public.ops ALTER COLUMN n SET DEFAULT now(): ERROR: column \"n\" is of type integer",
        ),
        (
            set_default("k", "7"),
            "trying ALTER TABLE public.ops ALTER COLUMN k SET DEFAULT 7: ERROR: column \"k\" of relation \"ops\" is an identity column",
        ),
        (set_default("n", "1; DROP TABLE ops"), "the default of column n, `1; DROP TABLE ops`: that is 2 statements"),
        (
            Operation::DropNotNull { column: "id".into() },
            "trying ALTER TABLE public.ops ALTER COLUMN id DROP NOT NULL: ERROR: column \"id\" is in a primary key",
        ),
        (add_column("int not null default 7"), "the type of column z, `int not null default 7`: a rule stands behind the type"),
        (add_column("int; drop table ops"), "the type of column z, `int; drop table ops`: syntax error at or near \";\""),
        (add_column("nosuch"), "trying ALTER TABLE public.ops ADD COLUMN z nosuch: ERROR: type \"nosuch\" does not exist"),
        (
            add_constraint("FOREIGN KEY (n) REFERENCES nope (id)"),
            "trying ALTER TABLE public.ops ADD CONSTRAINT c FOREIGN KEY (n) REFERENCES nope (id) NOT VALID: ERROR: relation \"nope\" does not exist",
        ),
        (
            add_constraint("CHECK (nope > 1)"),
            "trying ALTER TABLE public.ops ADD CONSTRAINT c CHECK (nope > 1) NOT VALID: ERROR: column \"nope\" does not exist",
        ),
        (add_constraint("CHECK (n > 1)); DROP TABLE ops; --"), "constraint c: that is 2 statements"),
        (
            Operation::SetNotNull { column: "n".into(), fill: Some("0), (1".into()) },
            "what takes the place of NULL in column n, `0), (1`: syntax error",
        ),
        (
            Operation::RetypeColumn { column: "n".into(), ty: "text".into(), using: Some("n FROM ops".into()) },
            "the new value of column n, `n FROM ops`: that is more than a value",
        ),
    ] {
        let what = operation.describe();
        let Err(error) = world.plan("ops", operation).await else { panic!("{what} was planned") };
        assert!(error.to_string().starts_with(expected), "{what}: {error}");
    }
    assert_eq!(
        world.value("SELECT count(*) FROM pg_attribute WHERE attrelid = 'ops'::regclass AND attnum > 0").await,
        "5",
        "nothing was done"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_that_fail_all_the_same_leave_the_table_as_it_was_and_free() {
    let world = World::new();
    world.run(OPS).await;
    world.run("CREATE TABLE other (id int PRIMARY KEY)").await;
    let plan = world.plan("ops", add_constraint("FOREIGN KEY (n) REFERENCES other (id)")).await.unwrap();
    let unique = world.plan("ops", Operation::AddConstraint { name: "u".into(), definition: "UNIQUE (n)".into() }).await.unwrap();
    world.run("DROP TABLE other").await;
    let error = apply(&world.database, &plan, &small()).await.unwrap_err();
    assert_eq!(error.code(), Some("42P01"), "{error}");
    let [run] = status(&world.database).await.unwrap().try_into().unwrap();
    assert_eq!((run.status, run.error.as_deref()), (Status::Aborted, Some(error.to_string().as_str())));
    assert!(
        matches!(crate::resume(&world.database, None, &small()).await, Err(MigrateError::Journal(_))),
        "there is nothing to go on with"
    );
    world.run("INSERT INTO ops (id, n) VALUES (1, -1)").await;
    let check = world.plan("ops", add_constraint("CHECK (n > 0)")).await.unwrap();
    let error = apply(&world.database, &check, &small()).await.unwrap_err();
    assert!(matches!(error, MigrateError::Offenders { .. }), "{error}");
    assert_eq!(world.value("SELECT count(*) FROM borealis_migrate.lock").await, "0");
    apply(&world.database, &unique, &small()).await.unwrap();
    assert_eq!(
        world.value("SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint WHERE conrelid = 'ops'::regclass").await,
        "ops_pkey u"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_failed_run_has_done_is_taken_back_or_stays_without_holding_the_table() {
    const CONSTRAINTS: &str = "SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint WHERE conrelid = 'ops'::regclass";
    const LOCKS: &str = "SELECT count(*) FROM borealis_migrate.lock";
    let world = World::new();
    world.run(OPS).await;
    world.run("CREATE TABLE other (id int PRIMARY KEY);\nINSERT INTO ops (id, n) VALUES (1, 7)").await;
    // Without columns the check asks nothing, so the constraint is there when its validation fails.
    let refers = add_constraint("FOREIGN KEY (n) REFERENCES other");
    let error = world.migrate("ops", refers.clone()).await.unwrap_err();
    assert!(matches!(error, MigrateError::Job(_)), "{error}");
    assert_eq!((world.value(CONSTRAINTS).await, world.value(LOCKS).await), ("ops_pkey".to_owned(), "0".to_owned()));

    let operations = vec![Operation::DropColumn { column: "s".into() }, refers];
    let goal = crate::Goal { table: "ops".into(), operations };
    let plan = crate::plan(&world.database, &goal, borealis_dialect::Dialect::default()).await.unwrap();
    assert!(matches!(apply(&world.database, &plan, &small()).await, Err(MigrateError::Job(_))));
    assert_eq!(status(&world.database).await.unwrap()[0].status, Status::Stopped, "a column that is dropped does not come back");
    assert_eq!(world.value(LOCKS).await, "0");
    // The table is free for another run; the one that has stopped takes it again.
    world.migrate("ops", set_default("n", "7")).await.unwrap();
    world.run("INSERT INTO other VALUES (7)").await;
    assert_eq!(crate::resume(&world.database, None, &small()).await.unwrap().status, Status::Done);
    assert_eq!((world.value(CONSTRAINTS).await, world.value(LOCKS).await), ("c ops_pkey".to_owned(), "0".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_as_wished_already_is_left_alone() {
    let world = World::new();
    world.run(OPS).await;
    world.run("CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b))").await;
    for (table, operation, expected) in [
        ("ops", Operation::SetNotNull { column: "id".into(), fill: None }, "column id is NOT NULL already"),
        ("ops", Operation::DropNotNull { column: "n".into() }, "column n may be NULL already"),
        ("ops", retype("n", "int4"), "column n is of type integer already"),
        ("ops", retype("d", "timestamp without time zone"), "column d is of type timestamp without time zone already"),
        ("ops", set_default("s", "'x'"), "the default of column s is 'x'::text already"),
        ("ops", Operation::DropDefault { column: "n".into() }, "column n has no default already"),
        ("ops", Operation::RenameColumn { column: "n".into(), to: "n".into() }, "column n has that name already"),
        (
            "ops",
            Operation::AddColumn { name: "n".into(), ty: "int".into(), default: None, not_null: false },
            "there is a column n integer already",
        ),
        ("pair", Operation::PrimaryKey { columns: vec!["a".into(), "b".into()] }, "(a, b) is the primary key already"),
    ] {
        let plan = world.plan(table, operation).await.unwrap();
        assert_eq!(plan.already, [expected]);
        assert_eq!(plan.describe(), format!("table public.{table}: nothing is to be done: {expected}\n"));
        for _ in 0..2 {
            assert_eq!(apply(&world.database, &plan, &small()).await.unwrap().status, Status::Done);
        }
    }
    assert_eq!(world.value("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace").await, "2");
    for (table, operation) in [("pair", Operation::PrimaryKey { columns: vec!["b".into(), "a".into()] }), ("ops", set_default("s", "'y'"))]
    {
        assert_eq!(world.plan(table, operation).await.unwrap().already, Vec::<String>::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_names_what_the_values_lose() {
    let world = World::new();
    world.run("CREATE TABLE t (id int PRIMARY KEY, d timestamp, n numeric, s text, i int)").await;
    for (operation, expected) in [
        (
            retype("d", "date"),
            "of the values of column d, by the cast from timestamp without time zone to date: the time of day is cut off",
        ),
        (retype("n", "int"), "of the values of column n, by the cast from numeric to int: fractions are rounded"),
        (
            retype("s", "int"),
            "of the values of column s, by the cast from text to int: how a number is written, such as leading zeros, is not kept",
        ),
        (
            Operation::RetypeColumn { column: "s".into(), ty: "int".into(), using: Some("length(s)".into()) },
            "what length(s) does not keep of the values of column s",
        ),
        (Operation::SetNotNull { column: "i".into(), fill: Some("0".into()) }, "which rows were NULL in column i: they have 0 then"),
    ] {
        let plan = world.plan("t", operation).await.unwrap();
        assert_eq!(plan.losses, [expected]);
        assert!(plan.describe().contains(&format!("Lost by it:\n  - {expected}\n")), "{}", plan.describe());
        assert!(plan.to_json().contains(expected), "{}", plan.to_json());
    }
    assert_eq!(world.plan("t", retype("i", "bigint")).await.unwrap().losses, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_estimate_is_counted_or_says_that_it_is_not() {
    let world = World::new();
    world.run("CREATE TABLE t (id int PRIMARY KEY, v text)").await;
    for thousand in 0..4 {
        world.run(&format!("INSERT INTO t SELECT g, g::text FROM generate_series({thousand} * 1000, {thousand} * 1000 + 999) AS g")).await;
        if thousand == 1 {
            // The statistics are from the middle of the load.
            world.analyze("t").await;
        }
    }
    let plan = world.plan("t", retype("v", "integer")).await.unwrap();
    assert_eq!((plan.estimate.rows, plan.estimate.basis), (4000, Basis::Counted));
    assert!(plan.describe().contains("4000 rows of"), "{}", plan.describe());
    // Without time to count.
    let link = crate::link::Link::new(&world.database);
    let table = crate::table::read(&link, crate::table::find(&link, "t").await.unwrap()).await.unwrap();
    let (rows, basis) = count_within(&link, &table, Duration::ZERO).await.unwrap();
    assert!(rows >= 2000 && basis == Basis::Statistics, "{rows} {basis:?}");

    // The total is from before the copy and stays what it is; more than it is said to be more.
    let seen = std::sync::Mutex::new(Vec::new());
    let told = |progress: &crate::Progress| seen.lock().unwrap().push((progress.phase, progress.done, progress.total, progress.line()));
    world.run("DELETE FROM t WHERE id >= 1000 AND id < 2500;\nDELETE FROM t WHERE id >= 2500").await;
    let options = crate::Options { batch_rows: Some(300), progress: &told, ..crate::Options::default() };
    let run = apply(&world.database, &plan, &options).await.unwrap().run;
    let copied: Vec<_> =
        seen.lock().unwrap().iter().filter(|(phase, ..)| *phase == crate::Phase::Copy).map(|(_, done, total, _)| (*done, *total)).collect();
    assert_eq!(copied, [(0, 1000), (300, 1000), (600, 1000), (900, 1000), (1000, 1000)]);

    seen.lock().unwrap().clear();
    let back = crate::plan_revert(&world.database, &run).await.unwrap();
    apply(&world.database, &back, &options).await.unwrap();
    assert!(
        seen.lock().unwrap().iter().all(|(_, done, total, _)| (*done, *total) == (0, 0)),
        "nothing is copied: {:?}",
        seen.lock().unwrap()
    );
}

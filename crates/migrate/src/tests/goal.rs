//! Declared goals.

use borealis_dialect::Dialect;

use super::world::{World, small};
use crate::{MigrateError, apply, plan_goal};

const THERE: &str = "CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT 'x', b varchar(10), c int, gone int, parent int REFERENCES t, CONSTRAINT c_set CHECK (c > 0));
    INSERT INTO t SELECT g, g::text, 'b', g, g FROM generate_series(1, 30) AS g";

const GOAL: &str = "
    CREATE TABLE t (
        id int PRIMARY KEY, a int DEFAULT 7, b character varying(10) NOT NULL, c int,
        parent int REFERENCES t, d text NOT NULL DEFAULT 'new', UNIQUE (c)
    );
    CREATE UNIQUE INDEX ASYNC t_a ON t (a) WHERE c > 3;
    CREATE TABLE other (id uuid PRIMARY KEY, t int REFERENCES t (id));
    CREATE INDEX ASYNC other_t ON other (t);";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_goal_is_reached_and_then_nothing_is_left_to_do() {
    let world = World::new();
    world.run(THERE).await;
    let plans = plan_goal(&world.database, GOAL, Dialect::default()).await.unwrap();
    assert_eq!(
        plans.iter().map(|plan| plan.goal.as_str()).collect::<Vec<_>>(),
        [
            "drop constraint c_set, change the type of column a to integer, set the default of column a to 7, make column b NOT NULL, \
             add column d text, add constraint t_c_key UNIQUE (c), drop column gone, create index t_a on (a) WHERE c > 3",
            "create the table"
        ]
    );
    for plan in &plans {
        apply(&world.database, plan, &small()).await.unwrap_or_else(|error| panic!("{}: {error}", plan.goal));
    }
    assert_eq!(world.value("SELECT sum(a) || ' ' || string_agg(DISTINCT d, ',') FROM t").await, "465 new");
    assert_eq!(world.value("SELECT count(*) FROM pg_index WHERE indrelid IN ('t'::regclass, 'other'::regclass) AND indisvalid").await, "5");
    assert_eq!(plan_goal(&world.database, GOAL, Dialect::default()).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_goal_that_needs_no_other_table_is_made_of_statements() {
    let world = World::new();
    world.run("CREATE TABLE t (id int PRIMARY KEY, a text)").await;
    let goal = "CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT 'x', b int, CHECK (b > 0))";
    let plans = plan_goal(&world.database, goal, Dialect::default()).await.unwrap();
    let [plan] = plans.as_slice() else { panic!("{plans:?}") };
    assert!(matches!(plan.way, crate::Way::Direct { .. }), "{}", plan.describe());
    apply(&world.database, plan, &small()).await.unwrap();
    assert_eq!(plan_goal(&world.database, goal, Dialect::default()).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_goal_is_refused_with_its_line() {
    let world = World::new();
    for (text, expected) in [
        ("CREATE TABLE a (id int);\nDROP TABLE b", "line 2 of the goal: a goal is made of CREATE TABLE and CREATE INDEX ASYNC"),
        ("\nCREATE TABEL a", "line 2 of the goal: syntax error at or near \"TABEL\""),
        ("CREATE INDEX ASYNC i ON a (b)", "line 1 of the goal: the index is on a table that is not in the file before it"),
    ] {
        let Err(error @ MigrateError::File(_)) = plan_goal(&world.database, text, Dialect::default()).await else { panic!("{text}") };
        assert_eq!(error.to_string(), expected);
    }
}

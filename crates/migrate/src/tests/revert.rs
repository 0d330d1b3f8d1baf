//! The way back after the end.

use super::world::{World, belongings, contents, item, small};
use crate::operations::Operation;
use crate::{Status, apply, plan_revert};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_done_can_be_reverted_with_what_was_written_since() {
    let world = World::new();
    world.run(&item(0)).await;
    let before = world.table(&belongings(0)).await;
    let run =
        world.migrate("item0", Operation::RetypeColumn { column: "amount".into(), ty: "integer".into(), using: None }).await.unwrap().run;
    world
        .run(
            "INSERT INTO item0 (id, code, amount, parent) VALUES (26, 'new', 7, 1);
             UPDATE item0 SET amount = amount + 1 WHERE id = 3;
             UPDATE item0 SET code = 'swapped' WHERE id = 4;
             UPDATE item0 SET code = 'c4' WHERE id = 25;
             UPDATE item0 SET code = 'c25' WHERE id = 4;
             DELETE FROM item0 WHERE id = 20",
        )
        .await;
    let rows = world.table(&contents(0)).await;
    let plan = plan_revert(&world.database, &run).await.unwrap();
    let revert = apply(&world.database, &plan, &small()).await.unwrap();
    assert_eq!(revert.status, Status::Done);
    assert_eq!(world.table(&contents(0)).await, rows);
    assert_eq!(world.table(&belongings(0)).await, before);
    assert_eq!(
        world
            .value("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attname = 'amount' AND attrelid = 'item0'::regclass")
            .await,
        "text"
    );
    world.run("INSERT INTO item0 (id, code) VALUES (100, 'next')").await;
    assert_eq!(world.value("SELECT serial FROM item0 WHERE id = 100").await, "27", "the counter goes on");
    let refused = plan_revert(&world.database, &run).await.unwrap_err().to_string();
    assert_eq!(refused, format!("run {run} is not done: `abort` takes back what is under way"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_column_comes_back_with_its_values() {
    let world = World::new();
    world.run("CREATE TABLE t (id int PRIMARY KEY, a text, b text);\nINSERT INTO t SELECT g, 'a' || g, 'b' || g FROM generate_series(1, 12) AS g").await;
    let merge = Operation::MergeColumns {
        columns: vec!["a".into(), "b".into()],
        into: crate::Derived { name: "ab".into(), ty: "text".into(), expression: "a || b".into() },
        keep: false,
    };
    let run = world.migrate("t", merge).await.unwrap().run;
    assert_eq!(world.value("SELECT string_agg(ab, ' ' ORDER BY id) FROM t WHERE id < 3").await, "a1b1 a2b2");
    let plan = plan_revert(&world.database, &run).await.unwrap();
    assert_eq!(plan.losses.len(), 3, "{:?}", plan.losses);
    apply(&world.database, &plan, &small()).await.unwrap();
    assert_eq!(world.value("SELECT string_agg(a || b, ' ' ORDER BY id) FROM t WHERE id < 3").await, "a1b1 a2b2");
}

//! The process dies between every two writes, and every write's answer is lost once: the table is right whatever follows.

use super::world::{World, belongings, contents, item, small};
use super::{Fault, Faults};
use crate::journal::Phase;
use crate::link::Link;
use crate::operations::Operation;
use crate::runner::{abort_over, apply_over, resume_over};
use crate::{MigrateError, Options, Status};

fn retype() -> Operation {
    Operation::RetypeColumn { column: "amount".to_owned(), ty: "integer".to_owned(), using: None }
}

const TYPE: &str = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attname = 'amount' AND attrelid =";

/// A migration of `item{n}` with a fault at one of its writes; how it ended and what it wrote.
async fn faulty(world: &World, n: usize, at: usize, fault: Fault) -> (Result<(), MigrateError>, Vec<String>) {
    let plan = world.plan(&format!("item{n}"), retype()).await.unwrap();
    let faults = Faults::new(at, fault);
    let link = Link::with_faults(&world.database, &faults);
    let result = apply_over(&link, &world.database, &plan, &small()).await.map(drop);
    (result, faults.seen())
}

/// No two tables are migrated at a time, so the next one can be made under the same names.
async fn clear(world: &World, n: usize) {
    let leftovers = world.table(&format!("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'item{n}_old%'")).await;
    world.run(&format!("DROP TABLE child{n};\nDROP TABLE item{n} CASCADE;\nDROP TABLE parent{n}")).await;
    for leftover in leftovers.lines() {
        world.run(&format!("DROP TABLE {leftover}")).await;
    }
}

/// The first run of a database makes the journal's own tables besides (see [`the_journals_own_tables_are_made_whatever_happens`]): the runs after
/// it have the same writes, each of them.
async fn warm_up(world: &World) {
    world.run(&item(0)).await;
    let (result, _) = faulty(world, 0, usize::MAX, Fault::None).await;
    result.unwrap();
    clear(world, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_dies_between_any_two_writes_leaves_a_run_that_resumes_or_aborts() {
    let world = World::new();
    warm_up(&world).await;
    world.run(&item(0)).await;
    let (whole, before) = (world.table(&contents(0)).await, world.table(&belongings(0)).await);
    let (result, writes) = faulty(&world, 0, usize::MAX, Fault::None).await;
    result.unwrap();
    assert_eq!(world.table(&contents(0)).await, whole);
    assert_eq!(world.table(&belongings(0)).await, before);
    assert_eq!(world.value(&format!("{TYPE} 'item0'::regclass")).await, "integer");
    clear(&world, 0).await;
    let copies = writes.iter().filter(|doing| *doing == "copying a batch").count();
    assert_eq!(copies, 3, "25 rows in batches of 10: {writes:?}");

    let taking_over = Options { take_over: true, ..small() };
    for (at, write) in writes.iter().enumerate() {
        for resumes in [true, false] {
            let what = format!("died at write {at} ({write}), then {}", if resumes { "resume" } else { "abort" });
            world.run(&item(0)).await;
            let (result, _) = faulty(&world, 0, at, Fault::DieBefore).await;
            assert!(result.is_err(), "{what}");
            let link = Link::new(&world.database);
            // Before the run has its row there is nothing to resume and nothing made.
            let begun = crate::runner::find(&link, None).await.ok();
            let mut new = false;
            if let Some(run) = &begun {
                let aborted = if resumes { false } else { abort_over(&link, None, true).await.is_ok() };
                assert_eq!(aborted, !resumes && run.state.phase < Phase::Switch, "{what}: only the last phases refuse to be taken back");
                if !aborted {
                    let progress =
                        resume_over(&link, &world.database, None, &taking_over).await.unwrap_or_else(|error| panic!("{what}: {error}"));
                    assert_eq!(progress.status, Status::Done);
                    new = true;
                }
            }
            assert_eq!(world.table(&contents(0)).await, whole, "{what}");
            assert_eq!(world.table(&belongings(0)).await, before, "{what}");
            assert_eq!(world.value(&format!("{TYPE} 'item0'::regclass")).await, if new { "integer" } else { "text" }, "{what}");
            assert_eq!(world.value("SELECT count(*) FROM pg_class WHERE relname LIKE 'new\\_%'").await, "0", "{what}");
            assert_eq!(world.value("SELECT count(*) FROM borealis_migrate.lock").await, "0", "{what}");
            world.run("INSERT INTO item0 (id, code) VALUES (100, 'next')").await;
            assert_eq!(world.value("SELECT serial FROM item0 WHERE id = 100").await, "26", "{what}: the counter goes on");
            clear(&world, 0).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_to_commit_that_is_lost_is_looked_up() {
    let world = World::new();
    warm_up(&world).await;
    world.run(&item(0)).await;
    let (whole, before) = (world.table(&contents(0)).await, world.table(&belongings(0)).await);
    let (result, writes) = faulty(&world, 0, usize::MAX, Fault::None).await;
    result.unwrap();
    clear(&world, 0).await;
    for (at, write) in writes.iter().enumerate() {
        for fault in [Fault::AnswerLost, Fault::CommitLost] {
            world.run(&item(0)).await;
            let (result, _) = faulty(&world, 0, at, fault).await;
            result.unwrap_or_else(|error| panic!("{fault:?} at write {at} ({write}): {error}"));
            assert_eq!(world.table(&contents(0)).await, whole, "{fault:?} at write {at} ({write})");
            assert_eq!(world.table(&belongings(0)).await, before, "{fault:?} at write {at} ({write})");
            clear(&world, 0).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_journals_own_tables_are_made_whatever_happens() {
    const BEGUN: &str = "beginning the run";
    let mut at = 0;
    loop {
        let mut reached = String::new();
        for fault in [Fault::DieBefore, Fault::AnswerLost, Fault::CommitLost] {
            let world = World::new();
            world.run("CREATE TABLE t (id int PRIMARY KEY, v text);\nINSERT INTO t VALUES (1, '1')").await;
            let operation = Operation::RetypeColumn { column: "v".to_owned(), ty: "integer".to_owned(), using: None };
            let plan = world.plan("t", operation).await.unwrap();
            let faults = Faults::new(at, fault);
            let link = Link::with_faults(&world.database, &faults);
            let first = apply_over(&link, &world.database, &plan, &small()).await;
            reached = faults.seen()[at].clone();
            assert_eq!(first.is_err(), fault == Fault::DieBefore, "{fault:?} at {reached}: {first:?}");
            if first.is_err() {
                let link = Link::new(&world.database);
                apply_over(&link, &world.database, &plan, &small()).await.unwrap_or_else(|error| panic!("{reached}: {error}"));
            }
            assert_eq!(world.value("SELECT v + 1 FROM t").await, "2", "{fault:?} at {reached}");
        }
        if reached == BEGUN {
            break;
        }
        at += 1;
    }
    assert_eq!(at, 4, "a schema and three tables");
}

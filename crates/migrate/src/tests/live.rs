//! Two processes at one run, and a server that has forgotten what it was to keep.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::world::{World, small};
use super::{Fault, Faults};
use crate::link::Link;
use crate::operations::Operation;
use crate::runner::{apply_over, resume_over};
use crate::{MigrateError, Options, Phase, Plan, Progress, Status, ThrottleLimits, pause, resume, status};

const ROWS: u64 = 500;
const EXPECTED: &str = "500|125250";
const READ: &str = "SELECT count(*), sum(v) FROM t";

/// A table, and the plan of a run that takes its time.
async fn begun() -> (World, Plan) {
    let world = World::new();
    world
        .run(&format!("CREATE TABLE t (id int PRIMARY KEY, v text);\nINSERT INTO t SELECT g, g::text FROM generate_series(1, {ROWS}) AS g"))
        .await;
    let operation = Operation::RetypeColumn { column: "v".to_owned(), ty: "integer".to_owned(), using: None };
    let plan = world.plan("t", operation).await.unwrap();
    (world, plan)
}

/// Applies the plan with a pause behind each batch that is longer than all else, and tells when the first batch is copied.
fn slowly(world: &World, plan: Plan) -> (tokio::task::JoinHandle<Result<Progress, MigrateError>>, Arc<Notify>) {
    let copied = Arc::new(Notify::new());
    let (client, told) = (world.client(), copied.clone());
    let running = borealis_base::task::spawn(async move {
        let progress = move |progress: &Progress| {
            if progress.phase == Phase::Copy && progress.done > 0 {
                told.notify_one();
            }
        };
        let throttle = ThrottleLimits { pause: Duration::from_secs(1), ..ThrottleLimits::default() };
        crate::apply(&client, &plan, &Options { throttle, progress: &progress, ..small() }).await
    });
    (running, copied)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_asked_to_pause_stops_at_its_next_checkpoint_and_goes_on_from_there() {
    let (world, plan) = begun().await;
    let (running, copied) = slowly(&world, plan);
    copied.notified().await;
    pause(&world.database, None).await.unwrap();
    let stopped = running.await.unwrap();
    assert!(matches!(stopped, Err(MigrateError::Paused)), "{stopped:?}");
    let [paused] = status(&world.database).await.unwrap().try_into().unwrap();
    assert_eq!((paused.status, paused.phase, paused.silent_seconds), (Status::Stopped, Phase::Copy, None));
    assert!((10..ROWS).contains(&paused.done), "{paused:?}");
    let done = resume(&world.database, None, &small()).await.unwrap();
    assert_eq!((done.status, done.done), (Status::Done, ROWS));
    assert_eq!(world.table(READ).await, EXPECTED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_the_one_that_takes_the_run_over_goes_on_and_the_other_stops() {
    let (world, plan) = begun().await;
    let (running, copied) = slowly(&world, plan);
    copied.notified().await;
    let refused = resume(&world.database, None, &small()).await.unwrap_err().to_string();
    assert!(refused.contains("is being run by another process, which gave its last sign of life"), "{refused}");
    let done = resume(&world.database, None, &Options { take_over: true, ..small() }).await.unwrap();
    assert_eq!((done.status, done.done), (Status::Done, ROWS), "each row was copied once, by one of the two");
    let lost = running.await.unwrap().unwrap_err().to_string();
    assert!(lost.contains("was taken over by another process; this one has stopped, and changed nothing since"), "{lost}");
    assert_eq!(world.table(READ).await, EXPECTED);
    assert_eq!(world.value("SELECT count(*) FROM pg_class WHERE relname LIKE 'new\\_%'").await, "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_change_feed_has_forgotten_is_found_by_comparing() {
    let (world, plan) = begun().await;
    let counting = Faults::new(usize::MAX, Fault::None);
    apply_over(&Link::with_faults(&world.database, &counting), &world.database, &plan, &small()).await.unwrap();
    let writes = counting.seen();
    assert!(writes.iter().any(|doing| doing == "ending to follow the changes"), "{writes:?}");

    let (world, plan) = begun().await;
    // Behind the fence, before the changes are read.
    let renamed = writes.iter().position(|doing| doing == "taking the table's name").unwrap();
    let faults = Faults::new(renamed, Fault::DieBefore);
    apply_over(&Link::with_faults(&world.database, &faults), &world.database, &plan, &small()).await.unwrap_err();
    world.run("UPDATE t SET v = '1001' WHERE id = 1;\nDELETE FROM t WHERE id = 2;\nINSERT INTO t VALUES (501, '2')").await;
    // As if the run had been behind by more than the journal keeps.
    world.run("UPDATE borealis_migrate.run SET state = regexp_replace(state, '\"caught_up\":[0-9]+', '\"caught_up\":0')").await;
    assert_eq!(world.value("SELECT state::json ->> 'caught_up' FROM borealis_migrate.run").await, "0");
    let link = Link::new(&world.database);
    let read = link.rows("asking", "SELECT count(*) FROM borealis.table_changes('t', 0)").await;
    assert_eq!(read.unwrap_err().code(), Some("55000"), "the feed has forgotten it");
    resume_over(&link, &world.database, None, &Options { take_over: true, ..small() }).await.unwrap();
    assert_eq!(world.table(READ).await, "500|126250");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_that_the_other_process_had_begun_is_not_committed_after_a_take_over() {
    let (world, plan) = begun().await;
    let faults = Faults::new(6, Fault::DieBefore);
    apply_over(&Link::with_faults(&world.database, &faults), &world.database, &plan, &small()).await.unwrap_err();
    // The dead process's last transaction, which has not died with it.
    let mut stalled = borealis_client::connect(world.database.endpoint()).await.unwrap();
    stalled.simple("BEGIN").await.unwrap();
    stalled.simple(&format!("SELECT 1 / count(*) FROM borealis_migrate.run WHERE id = '{}'", plan.id)).await.unwrap();
    stalled.simple("CREATE TABLE left_over (id int)").await.unwrap();
    // Another process takes the run, and does nothing else yet.
    let link = Link::new(&world.database);
    let run = crate::runner::find(&link, None).await.unwrap();
    crate::journal::Journal::take(&link, &run, true).await.unwrap();
    let error = stalled.simple("COMMIT").await.unwrap_err();
    assert!(error.server().is_some_and(borealis_client::ServerError::is_conflict), "{error}");
    resume_over(&link, &world.database, None, &Options { take_over: true, ..small() }).await.unwrap();
    assert_eq!(world.table(READ).await, EXPECTED);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_to_the_new_table_and_is_not_committed_fails_behind_a_barrier() {
    let (world, plan) = begun().await;
    let counting = Faults::new(usize::MAX, Fault::None);
    apply_over(&Link::with_faults(&world.database, &counting), &world.database, &plan, &small()).await.unwrap();
    let writes = counting.seen();
    let converging = writes.iter().position(|doing| doing == "beginning to follow the changes").unwrap();

    let (world, plan) = begun().await;
    let faults = Faults::new(converging, Fault::DieBefore);
    apply_over(&Link::with_faults(&world.database, &faults), &world.database, &plan, &small()).await.unwrap_err();
    let mut stalled = borealis_client::connect(world.database.endpoint()).await.unwrap();
    stalled.simple("BEGIN").await.unwrap();
    stalled.simple(&format!("INSERT INTO new_{} VALUES (1000, 1000)", plan.id)).await.unwrap();
    // The next process dies behind its barrier, before it has compared anything.
    let faults = Faults::new(3, Fault::DieBefore);
    let next = Options { take_over: true, ..small() };
    resume_over(&Link::with_faults(&world.database, &faults), &world.database, None, &next).await.unwrap_err();
    assert_eq!(faults.seen()[..3].last().map(String::as_str), Some("ending what may still be under way"), "{:?}", faults.seen());
    let error = stalled.simple("COMMIT").await.unwrap_err();
    assert!(error.server().is_some_and(borealis_client::ServerError::is_conflict), "{error}");
    resume_over(&Link::new(&world.database), &world.database, None, &next).await.unwrap();
    assert_eq!(world.table(READ).await, EXPECTED);
}

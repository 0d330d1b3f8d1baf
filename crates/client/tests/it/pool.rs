//! Connections that are lent, kept, replaced; transactions that are followed and ended early.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use borealis_base::{ManualClock, SeededRandom};
use borealis_client::{ClientError, Database, End, Event, Limits, Mode, PoolLimits, RetryPolicy, Statement, Stopped, Transaction, Watch};

use crate::server::{Reply, Server, healthy};

fn reading(sql: &str) -> Transaction {
    Transaction { statements: vec![Statement::new(sql)], mode: Mode::ReadOnly, end: End::Rollback, limits: Limits::default() }
}

fn writing(statements: &[&str]) -> Transaction {
    let statements = statements.iter().map(|sql| Statement::new(*sql)).collect();
    Transaction { statements, mode: Mode::ReadWrite, end: End::Commit, limits: Limits::default() }
}

fn database(server: &Server, limits: PoolLimits, clock: &Arc<ManualClock>) -> Database {
    let policy = RetryPolicy { first_wait: Duration::from_millis(1), ..RetryPolicy::default() };
    Database::with(server.endpoint(), policy, limits, Arc::clone(clock) as _, Arc::new(SeededRandom::new(1)))
}

/// In good health, but `SELECT 'slow'` is answered only when it is cancelled.
async fn slow() -> Server {
    Server::start(|received, _| if received.sql.contains("'slow'") { Reply::UntilCancelled } else { healthy(received) }).await
}

#[tokio::test]
async fn no_more_connections_than_allowed_and_everybody_gets_a_turn() {
    let server = Server::start(|received, _| healthy(received)).await;
    let limits = PoolLimits { connections_max: 3, ..PoolLimits::default() };
    let database = Arc::new(database(&server, limits, &Arc::default()));
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let database = Arc::clone(&database);
            borealis_base::task::spawn(async move { database.transact(&reading("SELECT 2")).await.map(drop) })
        })
        .collect();
    for call in calls {
        call.await.expect("ran").expect("read");
    }
    assert_eq!(server.log().iter().filter(|line| line.ends_with("SELECT 2")).count(), 40);
    assert!(server.startups().len() <= 3, "{} connections", server.startups().len());
}

#[tokio::test]
async fn a_caller_waits_for_a_turn_only_so_long() {
    let server = slow().await;
    let limits = PoolLimits { connections_max: 1, wait_max: Duration::from_millis(20), ..PoolLimits::default() };
    let database = Arc::new(database(&server, limits, &Arc::default()));
    let busy = Arc::clone(&database);
    let slow = borealis_base::task::spawn(async move { busy.transact(&reading("SELECT 'slow'")).await.map(drop) });
    while !server.log().iter().any(|line| line.contains("'slow'")) {
        tokio::task::yield_now().await;
    }
    let error = database.transact(&reading("SELECT 2")).await.expect_err("no connection is free");
    assert!(error.to_string().contains("all 1 connections have been in use for 0 seconds"), "{error}");
    slow.abort();
}

#[tokio::test]
async fn old_and_long_idle_connections_are_replaced() {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    for (steps, connections) in [(vec![minutes(9); 4], 1), (vec![minutes(11)], 2), (vec![minutes(9); 5], 2)] {
        let server = Server::start(|received, _| healthy(received)).await;
        let clock = Arc::new(ManualClock::default());
        let database = database(&server, PoolLimits::default(), &clock);
        database.transact(&reading("SELECT 2")).await.expect("read");
        for step in &steps {
            clock.advance(*step);
            database.transact(&reading("SELECT 2")).await.expect("read");
        }
        assert_eq!(server.startups().len(), connections, "{steps:?}");
    }
}

#[tokio::test]
async fn a_stopped_statement_is_cancelled_on_the_server_and_its_connection_not_used_again() {
    for (why, what) in [
        (Stopped::Cancelled, "cancelled on request: the transaction was rolled back, nothing was changed"),
        (
            Stopped::TimeLimit(Duration::from_millis(1500)),
            "cancelled at the time limit of 1.5 seconds: the transaction was rolled back, nothing was changed",
        ),
    ] {
        let server = slow().await;
        let database = database(&server, PoolLimits::default(), &Arc::default());
        let seen = server.clone();
        let stop = async move {
            while !seen.log().iter().any(|line| line.contains("'slow'")) {
                tokio::task::yield_now().await;
            }
            why
        };
        let watch = Watch { events: &|_| (), stop: pin!(stop) };
        let error = database.transact_watched(&writing(&["INSERT 1", "SELECT 'slow'"]), watch).await.expect_err("stopped");
        assert!(matches!(error.error, ClientError::Stopped(stopped) if stopped == why), "{error:?}");
        assert_eq!((error.to_string().as_str(), error.statement, error.attempts), (what, Some(1), 1));
        assert_eq!(server.cancelled(), [0]);
        database.transact(&reading("SELECT 2")).await.expect("read");
        // The request to cancel was connection 1.
        assert!(server.log().contains(&"2: SELECT 2".to_owned()), "{:?}", server.log());
        assert!(!server.log().iter().any(|line| line.contains("COMMIT")));
    }
}

#[tokio::test]
async fn what_has_been_sent_to_be_committed_is_waited_for() {
    let server = Server::start(|received, _| healthy(received)).await;
    let database = database(&server, PoolLimits::default(), &Arc::default());
    let seen = server.clone();
    let stop = async move {
        while !seen.log().iter().any(|line| line.contains("COMMIT")) {
            tokio::task::yield_now().await;
        }
        Stopped::Cancelled
    };
    let watch = Watch { events: &|_| (), stop: pin!(stop) };
    let done = database.transact_watched(&writing(&["INSERT 1"]), watch).await.expect("committed");
    assert_eq!(done.attempts, 1);
}

#[tokio::test]
async fn the_caller_hears_of_statements_and_repetitions_and_can_stop_between_them() {
    let conflict = Reply::Error("40001", "change conflicts with another transaction (OC000)");
    let server =
        Server::start(move |received, before| if received.sql == "COMMIT" && before == 0 { conflict.clone() } else { healthy(received) })
            .await;
    let database = database(&server, PoolLimits::default(), &Arc::default());
    let heard = Mutex::new(Vec::new());
    let note = |event: Event<'_>| {
        heard.lock().expect("not poisoned").push(match event {
            Event::Running { attempt, statement } => format!("{attempt}.{statement}"),
            Event::Again { attempt, because, after } => format!("{attempt} {:?} {}", because.code(), after >= Duration::from_millis(1)),
        });
    };
    let watch = Watch { events: &note, stop: pin!(std::future::pending()) };
    database.transact_watched(&writing(&["INSERT 1", "INSERT 2"]), watch).await.expect("committed");
    assert_eq!(*heard.lock().expect("not poisoned"), ["1.0", "1.1", "1 Some(\"40001\") true", "2.0", "2.1"]);
}

#[tokio::test]
async fn all_answers_of_a_transaction_share_its_limits() {
    let server = Server::start(|received, _| healthy(received)).await;
    let database = database(&server, PoolLimits::default(), &Arc::default());
    let mut transaction = writing(&["SELECT 2", "SELECT 3"]);
    transaction.limits = Limits { rows_max: 2, bytes_max: 100 };
    database.transact(&transaction).await.expect("both fit");
    transaction.limits.rows_max = 1;
    let error = database.transact(&transaction).await.expect_err("the second does not fit");
    assert_eq!(error.statement, Some(1));
    assert!(matches!(error.error, ClientError::TooLarge(_)), "{error:?}");
}

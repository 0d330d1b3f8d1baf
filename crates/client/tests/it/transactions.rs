//! What is repeated, what is not, and what is said about it.

use std::sync::Arc;
use std::time::Duration;

use borealis_base::{SeededRandom, SystemClock};
use borealis_client::{ClientError, Database, End, Limits, Mode, PoolLimits, RetryPolicy, Statement, Transaction};

use crate::server::{Reply, Server, healthy};

fn transaction(mode: Mode, statements: &[&str]) -> Transaction {
    let statements = statements.iter().map(|sql| Statement::new(*sql)).collect();
    Transaction { statements, mode, end: End::Commit, limits: Limits::default() }
}

fn writes() -> Transaction {
    transaction(Mode::ReadWrite, &["INSERT 1", "INSERT 2"])
}

fn database(server: &Server) -> Database {
    let policy = RetryPolicy { first_wait: Duration::from_millis(1), ..RetryPolicy::default() };
    Database::with(server.endpoint(), policy, PoolLimits::default(), Arc::new(SystemClock::default()), Arc::new(SeededRandom::new(1)))
}

/// A server in good health, but for one statement the first so many times.
async fn failing(sql: &'static str, times: usize, reply: Reply) -> Server {
    Server::start(move |received, before| if received.sql == sql && before < times { reply.clone() } else { healthy(received) }).await
}

const CONFLICT: Reply = Reply::Error("40001", "change conflicts with another transaction (OC000)");

#[tokio::test]
async fn one_attempt_where_nothing_goes_wrong_and_one_connection_for_all_calls() {
    let server = Server::start(|received, _| healthy(received)).await;
    let database = database(&server);
    let done = database.transact(&writes()).await.expect("committed");
    assert_eq!((done.attempts, done.outcomes.len(), done.outcomes[1].rows_affected()), (1, 2, Some(1)));
    database.transact(&transaction(Mode::ReadOnly, &["SELECT 2"])).await.expect("committed");
    assert_eq!(
        server.log(),
        [
            "0: BEGIN",
            "0: INSERT 1",
            "0: INSERT 2",
            "0: COMMIT",
            "0: RESET ALL",
            "0: RESET ROLE",
            "0: BEGIN TRANSACTION READ ONLY",
            "0: SELECT 1",
            "0: SELECT 2",
            "0: COMMIT"
        ]
    );
}

#[tokio::test]
async fn a_conflict_at_commit_runs_the_whole_list_again_on_the_same_connection() {
    let server = failing("COMMIT", 2, CONFLICT).await;
    let done = database(&server).transact(&writes()).await.expect("committed");
    assert_eq!(done.attempts, 3);
    let once = ["0: BEGIN", "0: INSERT 1", "0: INSERT 2", "0: COMMIT"];
    assert_eq!(server.log(), [once, once, once].concat());
}

#[tokio::test]
async fn a_conflict_on_a_statement_never_repeats_that_statement_alone() {
    let server = failing("INSERT 2", 1, Reply::Error("40001", "schema has been updated by another transaction (OC001)")).await;
    let done = database(&server).transact(&writes()).await.expect("committed");
    assert_eq!(done.attempts, 2);
    assert_eq!(
        server.log(),
        ["0: BEGIN", "0: INSERT 1", "0: INSERT 2", "0: ROLLBACK", "0: BEGIN", "0: INSERT 1", "0: INSERT 2", "0: COMMIT"]
    );
}

#[tokio::test]
async fn retries_end_and_the_error_says_how_many_there_were() {
    let server = failing("COMMIT", usize::MAX, CONFLICT).await;
    let error = database(&server).transact(&writes()).await.expect_err("never commits");
    assert_eq!((error.attempts, error.statement, error.error.code()), (4, None, Some("40001")));
    assert!(error.to_string().ends_with("(OC000) (SQLSTATE 40001) (after 4 attempts)"), "{error}");
    assert_eq!(server.log().iter().filter(|line| line.as_str() == "0: COMMIT").count(), 4);
}

#[tokio::test]
async fn a_lost_answer_to_commit_is_unknown_and_nothing_runs_again() {
    for reply in [
        Reply::HangUp,
        Reply::Fatal("57P01", "terminating connection due to administrator command"),
        Reply::Error("XX000", "server unavailable"),
    ] {
        let server = failing("COMMIT", 1, reply).await;
        let database = database(&server);
        let error = database.transact(&writes()).await.expect_err("must not look like success");
        assert!(matches!(error.error, ClientError::CommitOutcomeUnknown { .. }), "{error:?}");
        assert_eq!(error.attempts, 1);
        assert_eq!(server.log(), ["0: BEGIN", "0: INSERT 1", "0: INSERT 2", "0: COMMIT"]);
        assert!(error.to_string().contains("either whole or not at all"), "{error}");
        database.transact(&writes()).await.expect("the next call finds a working connection");
    }
}

#[tokio::test]
async fn a_connection_lost_before_commit_runs_the_whole_list_on_a_fresh_one() {
    for reply in [Reply::HangUp, Reply::Fatal("57P01", "terminating connection due to administrator command")] {
        let server = failing("INSERT 2", 1, reply).await;
        let done = database(&server).transact(&writes()).await.expect("committed");
        assert_eq!(done.attempts, 2);
        assert_eq!(server.log(), ["0: BEGIN", "0: INSERT 1", "0: INSERT 2", "1: BEGIN", "1: INSERT 1", "1: INSERT 2", "1: COMMIT"]);
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_and_its_commit_is_unknown() {
    for (sql, unknown) in [("INSERT 2", false), ("COMMIT", true)] {
        let server = failing(sql, 1, Reply::Silence).await;
        let mut endpoint = server.endpoint();
        endpoint.answer_timeout = Some(Duration::from_millis(50));
        let error = Database::new(endpoint).transact(&writes()).await.expect_err("given up");
        assert_eq!((error.attempts, matches!(error.error, ClientError::CommitOutcomeUnknown { .. })), (1, unknown), "{error:?}");
        assert!(error.to_string().contains("the server has been silent"), "{error}");
    }
}

#[tokio::test]
async fn a_read_only_transaction_has_no_unknown_outcome() {
    let server = failing("COMMIT", 1, Reply::HangUp).await;
    let done = database(&server).transact(&transaction(Mode::ReadOnly, &["SELECT 2"])).await.expect("read again");
    assert_eq!(done.attempts, 2);
}

#[tokio::test]
async fn other_errors_are_reported_once_and_rolled_back() {
    let server = failing("INSERT 2", 1, Reply::Error("23505", "duplicate key value violates unique constraint \"t_pkey\"")).await;
    let database = database(&server);
    let error = database.transact(&writes()).await.expect_err("refused");
    assert_eq!((error.attempts, error.statement, error.error.code()), (1, Some(1), Some("23505")));
    assert_eq!(server.log(), ["0: BEGIN", "0: INSERT 1", "0: INSERT 2", "0: ROLLBACK"]);
    database.transact(&writes()).await.expect("the connection is in order");
    assert!(server.log().iter().all(|line| line.starts_with("0: ")));
}

#[tokio::test]
async fn an_error_at_commit_that_says_no_is_no_unknown_outcome() {
    let server = failing("COMMIT", 1, Reply::Error("54000", "transaction size limit 10mb exceeded")).await;
    let error = database(&server).transact(&writes()).await.expect_err("refused");
    assert_eq!((error.attempts, error.error.code()), (1, Some("54000")));
    assert!(matches!(error.error, ClientError::Server(_)));
}

#[tokio::test]
async fn commit_answered_by_rollback_is_no_success() {
    let server = failing("COMMIT", 1, Reply::Done("ROLLBACK")).await;
    let error = database(&server).transact(&writes()).await.expect_err("not committed");
    assert!(error.to_string().contains("answered by ROLLBACK"), "{error}");
}

#[tokio::test]
async fn an_idle_connection_that_the_server_has_closed_is_replaced() {
    let server = failing("INSERT 1", 1, Reply::Fatal("57P01", "terminating connection due to administrator command")).await;
    let database = database(&server);
    database.transact(&writes()).await.expect("committed at the second attempt");
    assert!(server.log().contains(&"1: COMMIT".to_owned()));
}

#[tokio::test]
async fn a_connection_whose_settings_cannot_be_reset_is_not_used_again() {
    let server = failing("RESET ALL", 1, Reply::Error("0A000", "no")).await;
    let database = database(&server);
    database.transact(&writes()).await.expect("committed");
    database.transact(&writes()).await.expect("committed");
    assert_eq!(server.log().last(), Some(&"1: COMMIT".to_owned()));
}

#[tokio::test]
async fn transaction_control_is_refused_before_anything_is_sent() {
    let server = Server::start(|received, _| healthy(received)).await;
    let error = database(&server).transact(&transaction(Mode::ReadWrite, &["INSERT 1", "/* x */ commit"])).await.expect_err("refused");
    assert!(matches!(error.error, ClientError::TransactionControl { index: 1, keyword: "COMMIT" }), "{error:?}");
    assert!(server.log().is_empty());
}

#[tokio::test]
async fn a_statement_that_ends_the_transaction_stops_the_list() {
    let server = failing("INSERT 1", 1, Reply::DoneWithStatus("CALL", b'I')).await;
    let error = database(&server).transact(&writes()).await.expect_err("stopped");
    assert_eq!((error.statement, error.attempts), (Some(0), 1));
    assert_eq!(server.log(), ["0: BEGIN", "0: INSERT 1"]);
}

#[tokio::test]
async fn rollback_may_be_the_end_that_is_wanted() {
    let server = Server::start(|received, _| healthy(received)).await;
    let mut trial = writes();
    trial.end = End::Rollback;
    database(&server).transact(&trial).await.expect("tried");
    assert_eq!(server.log(), ["0: BEGIN", "0: INSERT 1", "0: INSERT 2", "0: ROLLBACK"]);
}

#[tokio::test]
async fn an_abandoned_call_leaves_no_connection_behind_that_is_out_of_step() {
    let server = failing("INSERT 1", 1, Reply::Silence).await;
    let database = database(&server);
    let transaction = writes();
    let call = database.transact(&transaction);
    assert!(tokio::time::timeout(Duration::from_millis(50), call).await.is_err(), "the server never answers");
    database.transact(&writes()).await.expect("committed");
    assert_eq!(server.log().last(), Some(&"1: COMMIT".to_owned()));
}

#[tokio::test]
async fn calls_at_the_same_time_never_share_a_connection() {
    let server = Server::start(|received, _| healthy(received)).await;
    let database = database(&server);
    let transaction = writes();
    let (first, second) = tokio::join!(database.transact(&transaction), database.transact(&transaction));
    first.expect("committed");
    second.expect("committed");
    for connection in [0, 1] {
        let own: Vec<String> = server.received().into_iter().filter(|one| one.connection == connection).map(|one| one.sql).collect();
        assert_eq!(own, ["BEGIN", "INSERT 1", "INSERT 2", "COMMIT"]);
    }
}

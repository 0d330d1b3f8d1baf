use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};

use borealis_pgtypes::{Result, SqlState};

use super::takes_no_snapshot;
use crate::session::tests::CONFLICT;
use crate::testing::{TestCluster, TestSession};

const INCREMENT: &str = "UPDATE t SET v = v + 1 WHERE id = 1";

/// Where waits take their time from. It stands still and nothing drives it: no turn passes on by itself, however long a statement takes.
fn timers() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// A cluster with two sessions that have just lost over one row.
fn losers() -> (TestCluster, TestSession, TestSession) {
    let cluster = TestCluster::memory();
    let (mut winner, mut left, mut right) = (cluster.session(), cluster.session(), cluster.session());
    winner.run("CREATE TABLE t (id int PRIMARY KEY, v int)");
    winner.run("INSERT INTO t VALUES (1, 0)");
    for session in [&mut left, &mut right] {
        session.run("BEGIN");
        session.run(INCREMENT);
    }
    winner.run(INCREMENT);
    for session in [&mut left, &mut right] {
        assert_eq!(session.run("COMMIT"), CONFLICT);
    }
    (cluster, left, right)
}

/// What a turn has come to, without waiting for it.
fn poll(turn: Pin<&mut impl Future<Output = Result<()>>>) -> Option<Result<()>> {
    match turn.poll(&mut Context::from_waker(Waker::noop())) {
        std::task::Poll::Ready(result) => Some(result),
        std::task::Poll::Pending => None,
    }
}

#[test]
fn a_loser_reads_what_the_one_before_it_has_committed() {
    let timers = timers();
    let _entered = timers.enter();
    let (_cluster, mut left, mut right) = losers();
    poll(pin!(left.0.take_turn(INCREMENT))).unwrap().unwrap();
    left.run("BEGIN");
    left.run(INCREMENT);
    {
        let mut turn = pin!(right.0.take_turn(INCREMENT));
        assert!(poll(turn.as_mut()).is_none());
        assert_eq!(left.run("COMMIT"), "COMMIT");
        assert!(poll(turn.as_mut()).unwrap().is_ok());
    }
    assert_eq!(right.run(INCREMENT), "UPDATE 1");
    assert_eq!(right.run("SELECT v FROM t"), "3\nSELECT 1");
}

#[test]
fn a_rollback_ends_a_turn_and_so_does_the_session() {
    for leave in ["ROLLBACK", "SELECT 1/0", ""] {
        let timers = timers();
        let _entered = timers.enter();
        let (_cluster, mut left, mut right) = losers();
        poll(pin!(left.0.take_turn(INCREMENT))).unwrap().unwrap();
        left.run("BEGIN");
        left.run(INCREMENT);
        let mut turn = pin!(right.0.take_turn(INCREMENT));
        assert!(poll(turn.as_mut()).is_none());
        if leave.is_empty() {
            drop(left)
        } else {
            _ = left.run(leave)
        }
        assert!(poll(turn.as_mut()).is_some(), "{leave}");
    }
}

#[test]
fn a_wait_is_cancelled() {
    let timers = timers();
    let _entered = timers.enter();
    let (_cluster, mut left, mut right) = losers();
    poll(pin!(left.0.take_turn(INCREMENT))).unwrap().unwrap();
    let interrupt = right.0.interrupt();
    let mut turn = pin!(right.0.take_turn(INCREMENT));
    assert!(poll(turn.as_mut()).is_none());
    interrupt.cancel();
    let cancelled = poll(turn.as_mut()).unwrap().unwrap_err();
    assert_eq!(cancelled.sqlstate(), SqlState::QUERY_CANCELED);
}

#[test]
fn who_has_not_lost_waits_for_nobody() {
    let timers = timers();
    let _entered = timers.enter();
    let (cluster, mut left, mut right) = losers();
    poll(pin!(left.0.take_turn(INCREMENT))).unwrap().unwrap();
    let mut other = cluster.session();
    assert!(poll(pin!(other.0.take_turn(INCREMENT))).is_some());
    // Nor does what needs no snapshot.
    assert!(poll(pin!(right.0.take_turn("BEGIN"))).is_some());
    assert!(poll(pin!(right.0.take_turn(INCREMENT))).is_none());
}

#[test]
fn transaction_control_is_known_by_its_first_word() {
    for text in ["BEGIN", " begin;", "Start transaction", "SET x = 1", "rollback"] {
        assert!(takes_no_snapshot(text), "{text}");
    }
    for text in ["SELECT 1", "beginning", "", "WITH x AS (SELECT 1) SELECT"] {
        assert!(!takes_no_snapshot(text), "{text}");
    }
}

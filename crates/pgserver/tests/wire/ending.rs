//! A server that stops.

use crate::messages::{bind, execute, message, parse, query};
use crate::peer::Rig;

const ENDED: &str = "E FATAL 57P01 terminating connection due to administrator command\nclosed";

#[test]
fn draining_ends_who_is_idle_and_lets_transactions_finish() {
    let rig = Rig::new();
    let (mut idle, mut busy, mut late) = (rig.connect(), rig.connect(), rig.connect());
    busy.check(&[query("BEGIN"), query("CREATE TABLE t (a int PRIMARY KEY)")], &["C BEGIN", "Z T", "C CREATE TABLE", "Z T"]);
    late.check(&[query("BEGIN"), query("SELECT no")], &["C BEGIN", "Z T", "E ERROR 42703 column \"no\" does not exist @8", "Z E"]);
    rig.stop.drain();
    assert_eq!(idle.until_ready(1), ENDED);
    busy.check(&[query("SELECT 1 AS a")], &["T a:23", "D 1", "C SELECT 1", "Z T"]);
    busy.send(&[query("COMMIT")]);
    assert_eq!(busy.until_ready(2), format!("C COMMIT\nZ I\n{ENDED}"));
    rig.stop.stop();
    assert_eq!(late.until_ready(1), ENDED);
}

#[test]
fn a_pipeline_under_way_is_a_transaction() {
    let rig = Rig::new();
    let mut peer = rig.connect();
    // Executed, and not yet committed: that is what Sync does. Flush asks for the answers so far.
    peer.send(&[parse("", "SELECT 1", &[]), bind("", "", &[]), execute("", 0), message(b'H', &[])]);
    assert_eq!(peer.take(4), "1\n2\nD 1\nC SELECT 1");
    rig.stop.drain();
    peer.send(&[message(b'S', &[])]);
    assert_eq!(peer.until_ready(2), format!("Z I\n{ENDED}"));
}

#[test]
fn what_does_not_end_is_ended() {
    let rig = Rig::new();
    let mut peer = rig.connect();
    peer.send(&[query("SELECT g FROM generate_series(1, 1000000000) g")]);
    assert_eq!(peer.take(2), "T g:23\nD 1");
    rig.stop.stop();
    rig.cluster.terminate_sessions();
    let answer = peer.until_ready(1);
    assert!(answer.ends_with(ENDED), "the last of {} bytes", answer.len());
}

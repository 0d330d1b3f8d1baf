//! Limits of connections and transactions, lowered so far that a test reaches them.

use crate::messages::{query, startup};
use crate::peer::{Peer, Rig};

fn knocking(rig: &Rig) -> Peer {
    let mut peer = rig.knock();
    peer.send(&[startup(&["user", "admin", "database", "postgres"])]);
    peer
}

#[test]
fn one_connection_too_many() {
    let rig = Rig::limited(&["connections=2"]);
    let (mut first, mut second) = (rig.connect(), rig.connect());
    let refused = "E FATAL 53300 Unable to accept connection, too many open connections.\nclosed";
    assert_eq!(knocking(&rig).until_ready(1), refused);
    first.check_alive();
    second.check_alive();
}

#[test]
fn connections_that_come_too_fast() {
    // Nothing fills the bucket again.
    let rig = Rig::limited(&["connection-burst=2", "connections-per-second=0"]);
    let (mut first, mut second) = (rig.connect(), rig.connect());
    assert_eq!(knocking(&rig).until_ready(1), "E FATAL 53400 Unable to accept connection, rate exceeded.\nclosed");
    first.check_alive();
    second.check_alive();
}

#[test]
fn a_connection_that_is_too_old_ends_behind_its_statement() {
    let rig = Rig::limited(&["connection-age-seconds=1"]);
    let ended = "E FATAL 57P01 connection age limit exceeded\nclosed";
    let mut idle = rig.connect();
    let mut busy = rig.connect();
    busy.send(&[query("SELECT 1 AS done FROM pg_sleep(1.2)")]);
    assert_eq!(busy.until_ready(1), "T done:23\nD 1\nC SELECT 1\nZ I");
    assert_eq!(busy.until_ready(1), ended);
    assert_eq!(idle.until_ready(1), ended);
    rig.check_alive();
}

#[test]
fn a_message_that_is_too_long() {
    let rig = Rig::limited(&["message-bytes=100"]);
    let mut peer = rig.connect();
    // The length counts itself, the text and its end.
    let text = format!("SELECT 1 AS a{}", " ".repeat(100 - 4 - 1 - 13));
    peer.check(&[query(&text)], &["T a:23", "D 1", "C SELECT 1", "Z I"]);
    peer.send(&[query(&format!("{text} "))]);
    assert_eq!(peer.until_ready(1), "E FATAL 08P01 invalid message length\nclosed");
    rig.check_alive();
}

#[test]
fn a_transaction_that_is_too_old() {
    let rig = Rig::limited(&["transaction-age-seconds=1"]);
    let mut peer = rig.connect();
    let refused = "E ERROR 54000 transaction age limit of 1s exceeded";
    peer.check(&[query("BEGIN")], &["C BEGIN", "Z T"]);
    peer.ask(&[query("SELECT pg_sleep(1.1)")]);
    let answer = peer.ask(&[query("COMMIT")]);
    assert!(answer.starts_with(refused) && answer.ends_with("Z I"), "{answer}");
    peer.check_alive();
}

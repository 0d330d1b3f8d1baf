//! `borealis.inject`: what a client meets when a rule fires.

use crate::messages::{bind, execute, parse, query, startup, sync};
use crate::peer::{Peer, Rig};

const LOST: &str = "E ERROR 40001 change conflicts with another transaction (OC000)";
const OUTDATED: &str = "E ERROR 40001 schema has been updated by another transaction (OC001)";

fn rig() -> (Rig, Peer) {
    let rig = Rig::new();
    let mut peer = rig.connect();
    peer.ask(&[query("CREATE TABLE t (id int PRIMARY KEY, v int)")]);
    peer.ask(&[query("CREATE TABLE u (id int PRIMARY KEY)")]);
    (rig, peer)
}

fn add(peer: &mut Peer, rule: &str) {
    let answer = peer.ask(&[query(&format!("SELECT borealis.inject_add('{rule}') > 0 AS added"))]);
    assert!(answer.contains("D t"), "{answer}");
}

fn insert(peer: &mut Peer, table: &str, id: u32) -> String {
    peer.ask(&[query(&format!("INSERT INTO {table} (id) VALUES ({id})"))])
}

fn rows(peer: &mut Peer, table: &str) -> String {
    let answer = peer.ask(&[query(&format!("SELECT count(*) FROM {table}"))]);
    answer.lines().find_map(|line| line.strip_prefix("D ")).expect("a count").to_owned()
}

#[test]
fn the_nth_commit_on_a_table_loses_and_nothing_is_committed() {
    let (_rig, mut peer) = rig();
    add(&mut peer, r#"{"kind": "OC000", "table": "t", "nth": 2}"#);
    assert_eq!(insert(&mut peer, "u", 1), "C INSERT 0 1\nZ I");
    assert_eq!(insert(&mut peer, "t", 1), "C INSERT 0 1\nZ I");
    assert_eq!(insert(&mut peer, "t", 2), format!("{LOST}\nZ I"));
    assert_eq!(insert(&mut peer, "t", 2), "C INSERT 0 1\nZ I");
    assert_eq!(rows(&mut peer, "t"), "2");
    let rule = peer.ask(&[query("SELECT kind, table_name, nth, matched, fired FROM borealis.inject")]);
    assert!(rule.contains("D OC000|t|2|3|1"), "{rule}");
    let loss = peer.ask(&[query("SELECT kind, loser_statement, injected FROM borealis.conflicts")]);
    assert!(loss.contains("D OC000|INSERT INTO t (id) VALUES ($1)|t"), "{loss}");
}

#[test]
fn a_block_loses_at_its_commit_in_either_protocol() {
    let (_rig, mut peer) = rig();
    add(&mut peer, r#"{"kind": "OC001", "table": "public.t"}"#);
    peer.check(&[query("BEGIN")], &["C BEGIN", "Z T"]);
    assert_eq!(insert(&mut peer, "t", 1), "C INSERT 0 1\nZ T");
    assert_eq!(peer.ask(&[query("COMMIT")]), format!("{OUTDATED}\nZ I"));
    let messages = [parse("", "INSERT INTO t (id) VALUES (1)", &[]), bind("", "", &[]), execute("", 0), sync()];
    assert_eq!(peer.ask(&messages), format!("1\n2\n{OUTDATED}\nZ I"));
    // What only reads is left alone.
    assert_eq!(rows(&mut peer, "t"), "0");
    peer.ask(&[query("SELECT borealis.inject_clear()")]);
    assert_eq!(insert(&mut peer, "t", 1), "C INSERT 0 1\nZ I");
}

#[test]
fn a_connection_that_drops_before_the_commit_and_one_behind_it() {
    let (rig, mut peer) = rig();
    add(&mut peer, r#"{"kind": "drop_before_commit", "table": "t", "times": 1}"#);
    add(&mut peer, r#"{"kind": "drop_after_commit", "table": "u", "times": 1}"#);
    for (table, there) in [("t", "0"), ("u", "1")] {
        let mut victim = rig.connect();
        assert_eq!(insert(&mut victim, table, 1), "closed");
        assert_eq!(rows(&mut peer, table), there);
        peer.ask(&[query(&format!("DELETE FROM {table}"))]);
        let mut victim = rig.connect();
        victim.ask(&[query("BEGIN")]);
        insert(&mut victim, table, 2);
        assert_eq!(victim.ask(&[query("COMMIT")]), "C COMMIT\nZ I", "the rule has fired");
    }
    let messages = [parse("", "INSERT INTO u (id) VALUES (9)", &[]), bind("", "", &[]), execute("", 0), sync()];
    add(&mut peer, r#"{"kind": "drop_after_commit", "table": "u"}"#);
    let mut victim = rig.connect();
    assert_eq!(victim.ask(&messages), "closed");
    peer.ask(&[query("SELECT borealis.inject_clear()")]);
    assert_eq!(rows(&mut peer, "u"), "2");
    rig.check_alive();
}

#[test]
fn only_sessions_of_a_name() {
    let (rig, mut peer) = rig();
    add(&mut peer, r#"{"kind": "OC000", "application_name": "shop"}"#);
    let mut shop = rig.knock();
    shop.send(&[startup(&["user", "admin", "database", "postgres", "application_name", "shop"])]);
    shop.until_ready(1);
    assert_eq!(insert(&mut shop, "t", 1), format!("{LOST}\nZ I"));
    assert_eq!(insert(&mut peer, "t", 1), "C INSERT 0 1\nZ I");
}

#[test]
fn jobs_fail_and_take_their_time() {
    let (_rig, mut peer) = rig();
    insert(&mut peer, "t", 1);
    add(&mut peer, r#"{"kind": "job_failure", "job_type": "INDEX_BUILD", "times": 1}"#);
    add(&mut peer, r#"{"kind": "slow_job", "job_type": "INDEX_BUILD", "delay_ms": 1}"#);
    for (name, succeeded, details) in [("i", "f", "failed|injected failure"), ("j", "t", "completed|")] {
        let answer = peer.ask(&[query(&format!("CREATE INDEX ASYNC {name} ON t (v)"))]);
        let id = answer.lines().find_map(|line| line.strip_prefix("D ")).expect("a job").to_owned();
        let waited = peer.ask(&[query(&format!("CALL sys.wait_for_job('{id}')"))]);
        assert!(waited.contains(&format!("D {succeeded}")), "{waited}");
        let job = peer.ask(&[query(&format!("SELECT status, coalesce(details, '') FROM sys.jobs WHERE job_id = '{id}'"))]);
        assert!(job.contains(&format!("D {details}")), "{job}");
    }
    let slow = peer.ask(&[query("SELECT fired > 0 FROM borealis.inject WHERE kind = 'slow_job'")]);
    assert!(slow.contains("D t"), "{slow}");
}

#[test]
fn rules_are_for_the_administrator_and_must_make_sense() {
    let (rig, mut peer) = rig();
    let unknown = peer.ask(&[query(r#"SELECT borealis.inject_add('{"kind": "OC000", "tabel": "t"}')"#)]);
    assert!(unknown.contains("\nE ERROR 22023 invalid rule of borealis.inject: unknown field \"tabel\"\n"), "{unknown}");
    assert!(peer.ask(&[query("SELECT borealis.inject_remove(7) AS removed")]).contains("D f"));
    peer.ask(&[query("CREATE ROLE guest WITH LOGIN")]);
    let mut guest = rig.knock();
    guest.send(&[startup(&["user", "guest", "database", "postgres"])]);
    guest.until_ready(1);
    let denied = guest.ask(&[query(r#"SELECT borealis.inject_add('{"kind": "OC000"}')"#)]);
    assert!(denied.ends_with("E ERROR 42501 permission denied for function inject_add\nZ I"), "{denied}");
    assert!(peer.ask(&[query("SELECT count(*) FROM borealis.inject")]).contains("D 0"));
}

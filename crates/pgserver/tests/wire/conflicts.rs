//! `borealis.conflicts`: who lost to whom.

use crate::messages::{query, startup};
use crate::peer::{Peer, Rig};

fn named(rig: &Rig, user: &str, name: &str) -> Peer {
    let mut peer = rig.knock();
    peer.send(&[startup(&["user", user, "database", "postgres", "application_name", name])]);
    let greeting = peer.until_ready(1);
    assert!(greeting.ends_with("Z I"), "{greeting}");
    peer
}

/// Runs each and gives the values of the last one's rows.
fn run(peer: &mut Peer, statements: &[&str]) -> Vec<String> {
    let mut rows = Vec::new();
    for statement in statements {
        let answer = peer.ask(&[query(statement)]);
        rows = answer.lines().filter_map(|line| line.strip_prefix("D ")).map(str::to_owned).collect();
    }
    rows
}

const LOST: &str = "E ERROR 40001 change conflicts with another transaction (OC000)\nZ I";

#[test]
fn a_loser_and_its_winner() {
    let rig = Rig::new();
    let (mut winner, mut loser) = (named(&rig, "admin", "desk"), named(&rig, "admin", "shop"));
    run(
        &mut winner,
        &["CREATE TABLE t (id int, part text, v int, PRIMARY KEY (id, part))", "INSERT INTO t VALUES (1, 'a', 0), (2, 'b', 0)"],
    );
    assert_eq!(run(&mut loser, &["SELECT count(*) FROM borealis.conflicts"]), ["0"]);
    run(&mut loser, &["BEGIN", "UPDATE t SET v = 2 WHERE id = 2", "UPDATE t SET v = 7 WHERE id = 1 AND part = 'a'"]);
    run(&mut winner, &["SELECT v FROM t WHERE id = 1 FOR UPDATE", "UPDATE t SET v = v + 5 WHERE id = 1"]);
    assert_eq!(loser.ask(&[query("COMMIT")]), LOST);
    let row = "SELECT kind || ' ' || schema_name || '.' || table_name || ' ' || key, loser_statement, loser_application_name, winner_statement, \
               winner_application_name, loser_fingerprint = winner_fingerprint, winner_position > loser_snapshot, injected FROM borealis.conflicts";
    let expected = "OC000 public.t (id, part)=(1, a)|UPDATE t SET v = $1 WHERE id = $2 AND part = $3|shop|\
                    UPDATE t SET v = v + $1 WHERE id = $2|desk|f|t|f";
    assert_eq!(run(&mut loser, &[row]), [expected]);
    run(&mut loser, &["SET borealis.redact_keys = on"]);
    assert_eq!(run(&mut loser, &["SELECT key FROM borealis.conflicts"]), ["(redacted)"]);
}

#[test]
fn a_statement_that_lost_to_the_catalog() {
    let rig = Rig::new();
    let (mut winner, mut loser) = (named(&rig, "admin", "desk"), named(&rig, "admin", "shop"));
    run(&mut winner, &["CREATE TABLE t (id int PRIMARY KEY)"]);
    run(&mut loser, &["BEGIN", "INSERT INTO t VALUES (1)"]);
    run(&mut winner, &["ALTER TABLE t ADD COLUMN v int"]);
    let answer = loser.ask(&[query("COMMIT")]);
    assert_eq!(answer, "E ERROR 40001 schema has been updated by another transaction (OC001)\nZ I");
    let row = "SELECT kind, table_name, key IS NULL, loser_statement, winner_statement FROM borealis.conflicts";
    assert_eq!(run(&mut winner, &[row]), ["OC001|t|t|INSERT INTO t VALUES ($1)|ALTER TABLE t ADD COLUMN v int"]);
}

#[test]
fn a_role_sees_what_concerns_its_tables() {
    let rig = Rig::new();
    let mut admin = named(&rig, "admin", "desk");
    run(
        &mut admin,
        &["CREATE TABLE secret (id int PRIMARY KEY, v int)", "INSERT INTO secret VALUES (1, 0)", "CREATE ROLE guest WITH LOGIN"],
    );
    let mut other = rig.connect();
    run(&mut other, &["BEGIN", "UPDATE secret SET v = 1"]);
    run(&mut admin, &["UPDATE secret SET v = 2"]);
    assert_eq!(other.ask(&[query("COMMIT")]), LOST);
    let mut guest = named(&rig, "guest", "");
    assert_eq!(run(&mut guest, &["SELECT count(*) FROM borealis.conflicts"]), ["0"]);
    assert_eq!(run(&mut admin, &["SELECT key FROM borealis.conflicts"]), ["(id)=(1)"]);
}

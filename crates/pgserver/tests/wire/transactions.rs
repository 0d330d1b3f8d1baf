use crate::messages::{bind, execute, flush, parse, query, sync};
use crate::peer::{Peer, Rig};

const CONFLICT: &str = "E ERROR 40001 change conflicts with another transaction (OC000)";

fn two_rows(rig: &Rig) {
    let mut peer = rig.connect();
    peer.check(&[query("CREATE TABLE t (id int PRIMARY KEY, v int)")], &["C CREATE TABLE", "Z I"]);
    peer.check(&[query("INSERT INTO t VALUES (1, 0), (2, 0)")], &["C INSERT 0 2", "Z I"]);
}

/// Runs a statement with Flush: its transaction stays open until Sync.
fn begin_implicit(peer: &mut Peer) {
    peer.send(&[parse("u", "UPDATE t SET v = v + 1 WHERE id = $1", &[]), bind("", "u", &["1"]), execute("", 0), flush()]);
    assert_eq!(peer.take(3), "1\n2\nC UPDATE 1");
}

fn overtake(rig: &Rig, row: i32) {
    rig.connect().check(&[query(&format!("UPDATE t SET v = 10 WHERE id = {row}"))], &["C UPDATE 1", "Z I"]);
}

#[test]
fn a_conflict_is_the_last_statements_own_answer() {
    let rig = Rig::new();
    two_rows(&rig);
    let mut peer = rig.connect();
    begin_implicit(&mut peer);
    overtake(&rig, 2);
    peer.check(&[bind("", "u", &["2"]), execute("", 0), sync()], &["2", CONFLICT, "Z I"]);
    peer.check(&[query("SELECT v FROM t ORDER BY id")], &["T v:23", "D 0", "D 10", "C SELECT 2", "Z I"]);
}

#[test]
fn a_conflict_found_at_sync_is_told_before_ready() {
    let rig = Rig::new();
    two_rows(&rig);
    let mut peer = rig.connect();
    begin_implicit(&mut peer);
    overtake(&rig, 1);
    peer.check(&[sync()], &[CONFLICT, "Z I"]);
    peer.check_alive();
}

#[test]
fn a_conflict_in_a_block_is_the_commits_answer() {
    let rig = Rig::new();
    two_rows(&rig);
    let mut peer = rig.connect();
    peer.check(&[query("BEGIN; UPDATE t SET v = 1 WHERE id = 1")], &["C BEGIN", "C UPDATE 1", "Z T"]);
    overtake(&rig, 1);
    peer.check(&[query("COMMIT")], &[CONFLICT, "Z I"]);
    peer.check(&[query("SELECT v FROM t WHERE id = 1")], &["T v:23", "D 10", "C SELECT 1", "Z I"]);
}

#[test]
fn what_is_between_two_syncs_is_one_transaction() {
    let rig = Rig::new();
    two_rows(&rig);
    let mut peer = rig.connect();
    let update = |divisor: &str| [bind("", "d", &[divisor]), execute("", 0)];
    let [bind_good, run_good] = update("1");
    let [bind_bad, run_bad] = update("0");
    peer.check(
        &[parse("d", "UPDATE t SET v = 5 / $1::int", &[]), bind_good, run_good, bind_bad, run_bad, sync()],
        &["1", "2", "C UPDATE 2", "2", "E ERROR 22012 division by zero", "Z I"],
    );
    peer.check(&[query("SELECT v FROM t ORDER BY id")], &["T v:23", "D 0", "D 0", "C SELECT 2", "Z I"]);
}

#[test]
fn a_connection_that_goes_away_leaves_nothing() {
    let rig = Rig::new();
    two_rows(&rig);
    let mut peer = rig.connect();
    peer.check(&[query("BEGIN; UPDATE t SET v = 1")], &["C BEGIN", "C UPDATE 2", "Z T"]);
    peer.finish();
    assert_eq!(peer.until_ready(1), "closed");
    rig.connect().check(&[query("SELECT v FROM t ORDER BY id")], &["T v:23", "D 0", "D 0", "C SELECT 2", "Z I"]);
}

//! What a transaction sees, and what it does not.

use std::ops::Bound;

use super::rig::{Rig, drain, key, rows, value_of};
use crate::{CatalogClaim, ClaimKind, CommitError, Conflict, ConflictKey, ConflictKind, Direction, KeyRange, Position, Store};

fn put(store: &Store, number: u64, value: &str) -> Position {
    let mut transaction = store.begin();
    transaction.put(key(number), value.into(), Some(ClaimKind::KeyWrite));
    transaction.commit_blocking().expect("commits")
}

fn keys_of(scan: &mut crate::Scan<'_>) -> Vec<String> {
    drain(scan).into_iter().map(|(key, value)| format!("{}={}", String::from_utf8_lossy(&key), String::from_utf8_lossy(&value))).collect()
}

#[test]
fn a_snapshot_never_changes() {
    let rig = Rig::new(21);
    let store = rig.open();
    put(&store, 1, "a");
    let before = store.begin();
    put(&store, 1, "b");
    put(&store, 2, "c");
    store.checkpoint();
    put(&store, 1, "d");
    store.checkpoint();
    store.checkpoint();
    assert_eq!(value_of(&before, &key(1)), Some(b"a".to_vec()));
    assert_eq!(value_of(&before, &key(2)), None);
    assert_eq!(rows(before.snapshot()).len(), 1);
    assert_eq!(rows(&store.snapshot()).len(), 2);
    drop(before);
    assert_eq!(store.views().live_count(), 0);
}

#[test]
fn a_transaction_sees_its_own_writes_over_every_layer() {
    let rig = Rig::new(22);
    let store = rig.open();
    for number in 1..=3 {
        put(&store, number, "base");
    }
    store.checkpoint();
    put(&store, 2, "frozen");
    put(&store, 4, "frozen");
    store.freeze();
    put(&store, 3, "active");
    put(&store, 5, "active");
    let mut gone = store.begin();
    gone.delete(key(4), Some(ClaimKind::KeyWrite));
    gone.commit_blocking().expect("commits");

    let mut own = store.begin();
    own.put(key(0), b"own".to_vec(), None);
    own.put(key(3), b"own".to_vec(), None);
    own.delete(key(2), None);
    own.claim(key(9), ClaimKind::KeyShare);
    let expected = ["key-0000=own", "key-0001=base", "key-0003=own", "key-0005=active"];
    assert_eq!(keys_of(&mut own.scan(KeyRange::all(), Direction::Forward)), expected);
    let mut reverse = keys_of(&mut own.scan(KeyRange::all(), Direction::Reverse));
    reverse.reverse();
    assert_eq!(reverse, expected);
    assert_eq!(value_of(&own, &key(2)), None);
    assert_eq!(value_of(&own, &key(9)), None);
    let committed = ["key-0001=base", "key-0002=frozen", "key-0003=active", "key-0005=active"];
    assert_eq!(keys_of(&mut own.snapshot().scan(KeyRange::all(), Direction::Forward)), committed);
    assert_eq!(own.written_bytes(), 3 * 8 + 3 + 3);
    assert!(!own.is_read_only());
}

#[test]
fn a_scan_seeks_within_its_range() {
    let rig = Rig::new(23);
    let store = rig.open();
    for number in 0..10 {
        put(&store, number, "x");
        if number == 4 {
            store.checkpoint();
        }
    }
    let snapshot = store.snapshot();
    let range = KeyRange { start: Bound::Excluded(key(1)), end: Bound::Included(key(8)) };
    for (direction, first, sought) in [(Direction::Forward, 2, [5, 8, 2]), (Direction::Reverse, 8, [5, 2, 8])] {
        let mut scan = snapshot.scan(range.clone(), direction);
        let next = |scan: &mut crate::Scan<'_>| scan.next().expect("scans").map(|(key, _)| key.to_vec());
        assert_eq!(next(&mut scan), Some(key(first)));
        scan.seek(&key(sought[0])).expect("seeks");
        assert_eq!(next(&mut scan), Some(key(sought[0])));
        scan.seek(&key(sought[1])).expect("seeks");
        assert_eq!(next(&mut scan), Some(key(sought[1])));
        assert_eq!(next(&mut scan), None);
        scan.seek(b"key-0004-and-a-half").expect("seeks between keys");
        assert_eq!(next(&mut scan), Some(key(if direction == Direction::Forward { 5 } else { 4 })));
        scan.seek(&key(sought[2])).expect("seeks back");
        assert_eq!(next(&mut scan), Some(key(sought[2])));
        scan.seek(if direction == Direction::Forward { b"z" } else { b"a" }).expect("seeks past the end");
        assert_eq!(next(&mut scan), None);
        scan.seek(if direction == Direction::Forward { b"a" } else { b"z" }).expect("seeks before the start");
        assert_eq!(next(&mut scan), Some(key(first)), "the range still holds");
    }
}

#[test]
fn empty_and_odd_ranges_and_keys() {
    let rig = Rig::new(24);
    let store = rig.open();
    put(&store, 1, "x");
    store.checkpoint();
    put(&store, 2, "y");
    let snapshot = store.snapshot();
    let count = |range: KeyRange, direction| drain(&mut snapshot.scan(range, direction)).len();
    for direction in [Direction::Forward, Direction::Reverse] {
        assert_eq!(count(KeyRange::prefix(Vec::new()), direction), 2);
        assert_eq!(count(KeyRange::prefix(vec![0xff; 3]), direction), 0);
        assert_eq!(count(KeyRange::half_open(key(2), key(1)), direction), 0);
        assert_eq!(count(KeyRange::half_open(key(1), key(1)), direction), 0);
        assert_eq!(count(KeyRange::half_open(Vec::new(), Vec::new()), direction), 0);
        assert_eq!(count(KeyRange { start: Bound::Unbounded, end: Bound::Included(Vec::new()) }, direction), 0);
        assert_eq!(count(KeyRange { start: Bound::Excluded(Vec::new()), end: Bound::Unbounded }, direction), 2);
    }
    assert_eq!(snapshot.get(b"").expect("reads"), None);
    assert_eq!(snapshot.get(&[b'k'; 5000]).expect("reads"), None);
    let long = KeyRange { start: Bound::Included(vec![b'k'; 5000]), end: Bound::Unbounded };
    assert_eq!(count(long, Direction::Forward), 0);
}

#[test]
fn the_first_committer_wins() {
    let rig = Rig::new(25);
    let store = rig.open();
    let (mut first, mut second) = (store.begin(), store.begin());
    first.put(key(1), b"first".to_vec(), Some(ClaimKind::Write));
    second.put(key(1), b"second".to_vec(), Some(ClaimKind::Write));
    let winner = first.commit_blocking().expect("the first commits");
    let conflict = Conflict { kind: ConflictKind::Data, key: ConflictKey::Key(key(1)), winner };
    assert_eq!(second.commit_blocking(), Err(CommitError::Conflict(conflict)));
    assert_eq!(rows(&store.snapshot())[&key(1)], b"first");
}

#[test]
fn claims_without_writes_are_kept_and_defeat_others() {
    let rig = Rig::new(26);
    let store = rig.open();
    let (mut locker, mut writer, mut child) = (store.begin(), store.begin(), store.begin());
    locker.claim(key(1), ClaimKind::ForUpdate);
    writer.put(key(1), b"x".to_vec(), Some(ClaimKind::Write));
    child.claim(key(1), ClaimKind::KeyShare);
    assert_eq!(locker.commit_blocking(), Ok(Position(1)), "a lock is a commit of its own");
    assert!(matches!(writer.commit_blocking(), Err(CommitError::Conflict(_))));
    assert!(matches!(child.commit_blocking(), Err(CommitError::Conflict(_))));
    drop(store);
    assert_eq!(rig.open().position(), Position(1), "and is in the journal");
}

#[test]
fn a_transaction_without_traces_does_not_touch_the_journal() {
    let rig = Rig::new(27);
    let store = rig.open();
    put(&store, 1, "x");
    let (mut observer, reader) = (store.begin(), store.begin());
    observer.claim(key(1), ClaimKind::Observe);
    observer.catalog_claim(CatalogClaim::Read(1));
    let syncs = rig.disk.syncs();
    let mut ddl = store.begin();
    ddl.catalog_claim(CatalogClaim::Write(1));
    ddl.commit_blocking().expect("commits");
    assert_eq!(rig.disk.syncs(), syncs + 1);
    put(&store, 1, "y");
    let syncs = rig.disk.syncs();
    assert_eq!(observer.commit_blocking(), Ok(Position(1)));
    assert_eq!(reader.commit_blocking(), Ok(Position(1)));
    assert_eq!(rig.disk.syncs(), syncs);
}

#[test]
fn observing_fails_only_after_a_write() {
    let rig = Rig::new(28);
    let store = rig.open();
    let backfill = |kind: ClaimKind| {
        let mut backfill = store.begin();
        backfill.claim(key(1), ClaimKind::Observe);
        backfill.put(b"index entry".to_vec(), Vec::new(), None);
        let mut other = store.begin();
        other.claim(key(1), kind);
        other.put(key(1), b"x".to_vec(), None);
        other.commit_blocking().expect("commits");
        backfill.commit_blocking().is_ok()
    };
    assert!(!backfill(ClaimKind::Write));
    assert!(!backfill(ClaimKind::KeyWrite));
    assert!(backfill(ClaimKind::ForUpdate));
    assert!(backfill(ClaimKind::KeyShare));
}

#[test]
fn the_catalog_position_follows_catalog_writes_through_restarts() {
    let rig = Rig::new(29);
    let store = rig.open();
    put(&store, 1, "x");
    let before = store.snapshot();
    let mut ddl = store.begin();
    ddl.catalog_claim(CatalogClaim::Write(4));
    let at = ddl.commit_blocking().expect("commits");
    put(&store, 2, "x");
    assert_eq!((before.catalog_position(), store.snapshot().catalog_position()), (Position::ZERO, at));
    drop(before);
    drop(store);
    let store = rig.open();
    assert_eq!(store.snapshot().catalog_position(), at, "from the journal");
    store.checkpoint();
    put(&store, 3, "x");
    drop(store);
    assert_eq!(rig.open().snapshot().catalog_position(), at, "from the base store");
}

#[test]
fn a_catalog_write_defeats_older_readers_of_the_descriptor() {
    let rig = Rig::new(30);
    let store = rig.open();
    let mut dml = store.begin();
    dml.catalog_claim(CatalogClaim::Read(4));
    dml.put(key(1), b"x".to_vec(), Some(ClaimKind::KeyWrite));
    let mut other = store.begin();
    other.catalog_claim(CatalogClaim::Read(5));
    other.put(key(2), b"x".to_vec(), Some(ClaimKind::KeyWrite));
    let mut ddl = store.begin();
    ddl.catalog_claim(CatalogClaim::Write(4));
    let winner = ddl.commit_blocking().expect("commits");
    let conflict = Conflict { kind: ConflictKind::Catalog, key: ConflictKey::Descriptor(4), winner };
    assert_eq!(dml.commit_blocking(), Err(CommitError::Conflict(conflict)));
    other.commit_blocking().expect("another descriptor");
}

#[test]
fn a_hot_key_stays_small_while_a_snapshot_is_held() {
    let rig = Rig::new(31);
    let store = rig.open();
    put(&store, 1, "old");
    let old = store.begin();
    for round in 0..2000 {
        put(&store, 1, &format!("{round}"));
    }
    assert!(store.views().active().versions_of(&key(1)) <= 8);
    assert_eq!(value_of(&old, &key(1)), Some(b"old".to_vec()));
    assert_eq!(rows(&store.snapshot())[&key(1)], b"1999");
}

//! Commits that fail, and what is true afterwards.

use super::rig::{Rig, key, rows};
use crate::{Cause, ClaimKind, CommitError, Medium, Options, Outcome, Position, Store, TooLarge};

fn put(store: &Store, number: u64, bytes: usize) -> Result<Position, CommitError> {
    let mut transaction = store.begin();
    transaction.put(key(number), vec![7; bytes], Some(ClaimKind::KeyWrite));
    transaction.commit_blocking()
}

#[test]
fn a_full_disk_fails_commits_until_there_is_space() {
    let rig = Rig::new(41);
    let store = rig.open();
    put(&store, 1, 100).expect("commits");
    rig.disk.set_bytes_max(Some(rig.disk.bytes() + 500));
    let mut committed = 1;
    let error = loop {
        match put(&store, committed + 1, 400) {
            Ok(_) => committed += 1,
            Err(error) => break error,
        }
    };
    let CommitError::Unavailable(unavailable) = error else { panic!("{error}") };
    assert_eq!((unavailable.outcome, unavailable.cause), (Outcome::NotCommitted, Cause::DiskFull));
    assert_eq!(rows(&store.snapshot()).len() as u64, committed, "reads go on, and nothing of it is there");
    for _ in 0..3 {
        assert!(put(&store, 99, 400).is_err());
    }
    rig.disk.set_bytes_max(None);
    // The key that failed can be written again by a transaction of the same snapshot: it does not conflict with its failed self.
    put(&store, 99, 400).expect("there is space");
    drop(store);
    assert_eq!(rig.open().position(), Position(committed + 1));
}

#[test]
fn a_failed_flush_stops_commits_and_not_reads() {
    let rig = Rig::new(42);
    let store = rig.open();
    put(&store, 1, 100).expect("commits");
    rig.disk.fail_next_sync();
    let Err(CommitError::Unavailable(first)) = put(&store, 2, 100) else { panic!("the flush failed") };
    assert_eq!((first.outcome, first.cause), (Outcome::Unknown, Cause::Stopped));
    let Err(CommitError::Unavailable(later)) = put(&store, 3, 100) else { panic!("no flush is tried again") };
    assert_eq!((later.outcome, later.cause), (Outcome::NotCommitted, Cause::Stopped));
    assert_eq!(rows(&store.snapshot()).len(), 1);
    assert!(store.begin().commit_blocking().is_ok(), "a transaction without traces needs no journal");
    drop(store);
    let store = rig.open();
    assert!((1..=2).contains(&store.position().0), "the outcome was unknown");
    put(&store, 4, 100).expect("a restart helps");
}

#[test]
fn too_long_keys_and_records_are_refused_before_the_journal() {
    let mut rig = Rig::new(43);
    rig.options.limits.record_bytes_max = 10_000;
    let store = rig.open();
    let mut transaction = store.begin();
    transaction.put(vec![1; Store::MAX_KEY_BYTES], vec![2], Some(ClaimKind::Write));
    transaction.commit_blocking().expect("the longest key");
    store.checkpoint();
    assert_eq!(store.snapshot().get(&[1; Store::MAX_KEY_BYTES]).expect("reads").expect("is there")[..], [2]);

    let mut transaction = store.begin();
    transaction.claim(vec![1; Store::MAX_KEY_BYTES + 1], ClaimKind::ForUpdate);
    assert!(matches!(transaction.commit_blocking(), Err(CommitError::TooLarge { what: TooLarge::Key, bytes: 1_901, limit: 1_900 })));
    assert!(matches!(put(&store, 1, 10_001), Err(CommitError::TooLarge { what: TooLarge::Record, limit: 10_000, .. })));
    assert!(put(&store, 1, 9_000).is_ok(), "larger than a segment, which grows for it");
    drop(store);
    assert_eq!(rows(&rig.open().snapshot()).len(), 2);
}

#[test]
fn a_closed_store_refuses_commits_and_still_reads() {
    let rig = Rig::new(44);
    let store = rig.open();
    put(&store, 1, 10).expect("commits");
    let mut late = store.begin();
    late.put(key(2), Vec::new(), None);
    store.close();
    assert_eq!(rows(late.snapshot()).len(), 1);
    let Err(CommitError::Unavailable(unavailable)) = late.commit_blocking() else { panic!("it was closed") };
    assert_eq!((unavailable.outcome, unavailable.cause), (Outcome::NotCommitted, Cause::Closed));
    assert_eq!(rig.open().position(), Position(1), "the last transaction gone, the folder is free");
}

/// When the base store can take no more, memory is not filled without end instead.
#[test]
fn a_full_base_store_stops_commits_at_the_bound_of_memory() {
    let mut options = Options::new(Medium::Memory);
    options.limits.map_bytes_max = 256 << 10;
    options.limits.table_bytes = 32 << 10;
    options.limits.table_bytes_max = 64 << 10;
    let store = Store::open(options).expect("opens");
    let mut committed = 0;
    let error = loop {
        match put(&store, committed, 1000) {
            Ok(_) => committed += 1,
            Err(error) => break error,
        }
        assert!(committed < 1000, "a megabyte does not fit");
    };
    let CommitError::Unavailable(unavailable) = error else { panic!("{error}") };
    assert_eq!((unavailable.outcome, unavailable.cause), (Outcome::NotCommitted, Cause::DiskFull));
    assert_eq!(rows(&store.snapshot()).len() as u64, committed, "everything committed can be read");
}

#[test]
fn a_snapshot_without_a_reader_says_so_and_commits_go_on() {
    let mut rig = Rig::new(45);
    rig.options.limits.readers_max = 4;
    let store = rig.open();
    put(&store, 1, 10).expect("commits");
    let held: Vec<_> = (0..20).map(|_| store.snapshot()).collect();
    let last = held.last().expect("twenty");
    assert!(last.get(&key(1)).expect("in memory").is_some(), "what is in memory needs no reader");
    assert!(last.get(&key(2)).is_err());
    assert!(last.scan(crate::KeyRange::all(), crate::Direction::Forward).next().is_err());
    put(&store, 2, 10).expect("commits");
    drop(held);
    assert_eq!(rows(&store.snapshot()).len(), 2);
}

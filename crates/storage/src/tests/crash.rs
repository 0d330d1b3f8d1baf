//! Crash images: the power goes at every sync there is, and each time exactly the acknowledged commits must be found again, the
//! unacknowledged ones whole or not at all, in order.

use borealis_base::{Random, SeededRandom};

use super::rig::{Rig, Rows, key, rows};
use crate::{ClaimKind, Store};

const COMMITS: usize = 40;

/// A fixed sequence of commits and checkpoints. Returns how many commits were acknowledged before the power went.
fn work(store: &Store, states: &[Rows]) -> usize {
    for (index, pair) in states.windows(2).enumerate() {
        let mut transaction = store.begin();
        for gone in pair[0].keys().filter(|key| !pair[1].contains_key(*key)) {
            transaction.delete(gone.clone(), Some(ClaimKind::KeyWrite));
        }
        for (key, value) in pair[1].iter().filter(|(key, value)| pair[0].get(*key) != Some(*value)) {
            transaction.put(key.clone(), value.clone(), Some(ClaimKind::Write));
        }
        transaction.catalog_claim(if index % 7 == 3 { crate::CatalogClaim::Write(9) } else { crate::CatalogClaim::Read(9) });
        if transaction.commit_blocking().is_err() {
            return index;
        }
        if index % 11 == 10 {
            store.checkpoint();
        }
    }
    states.len() - 1
}

/// What the rows are after each commit. Every commit changes something, so that the states can be told apart.
fn states(random: &dyn Random) -> Vec<Rows> {
    let mut states = vec![Rows::new()];
    for commit in 0..COMMITS {
        let mut next = states[commit].clone();
        next.insert(b"commit".to_vec(), commit.to_string().into_bytes());
        for _ in 0..random.next_u64() % 5 {
            let key = key(random.next_u64() % 10);
            if random.next_u64().is_multiple_of(3) {
                next.remove(&key);
            } else {
                next.insert(key, vec![commit as u8; random.next_u64() as usize % 200]);
            }
        }
        states.push(next);
    }
    states
}

/// The last commit up to `count` that wrote the catalog.
fn catalog_after(count: usize) -> u64 {
    (1..=count).rev().find(|commit| (commit - 1) % 7 == 3).unwrap_or(0) as u64
}

#[test]
fn acknowledged_commits_survive_a_crash_at_any_sync() {
    let states = states(&SeededRandom::new(1));
    let whole = Rig::new(2);
    assert_eq!(work(&whole.open(), &states), COMMITS);
    let syncs = whole.disk.syncs();
    assert!(syncs > COMMITS, "segments are made besides: {syncs}");

    for crash_at in 0..syncs {
        for tear in 0..6 {
            let context = format!("crash at sync {crash_at} of {syncs}, tear {tear}");
            let mut rig = Rig::new(2);
            rig.disk.crash_at_sync(crash_at);
            let acknowledged = rig.try_open().map_or(0, |store| work(&store, &states));
            rig.lose_power(&SeededRandom::new(tear * 1000 + crash_at as u64));

            let store = rig.try_open().unwrap_or_else(|error| panic!("{context}: {error}"));
            let found = store.position().0 as usize;
            assert!(found >= acknowledged && found <= acknowledged + 1, "{context}: {acknowledged} acknowledged, {found} found");
            assert_eq!(rows(&store.snapshot()), states[found], "{context}");
            assert_eq!(store.snapshot().catalog_position().0, catalog_after(found), "{context}");

            // And it goes on from there, through another restart.
            let rest = states[found..].to_vec();
            if rest.len() > 1 && (crash_at + tear as usize).is_multiple_of(5) {
                continue_and_reopen(&rig, store, &states, found);
            }
        }
    }
}

fn continue_and_reopen(rig: &Rig, store: Store, states: &[Rows], found: usize) {
    let mut transaction = store.begin();
    transaction.put(b"after".to_vec(), b"the crash".to_vec(), Some(ClaimKind::KeyWrite));
    transaction.commit_blocking().expect("a recovered store commits");
    drop(store);
    let mut expected = states[found].clone();
    expected.insert(b"after".to_vec(), b"the crash".to_vec());
    assert_eq!(rows(&rig.open().snapshot()), expected);
}

/// A checkpoint that gets no further than some of its LMDB transactions, or than recording its position, or than half a truncation.
#[test]
fn a_checkpoint_may_stop_anywhere() {
    let states = states(&SeededRandom::new(5));
    for stop_after in 0..12 {
        for seed in 0..5 {
            let mut rig = Rig::new(6);
            let store = rig.open();
            work(&store, &states[..30]);
            let old = store.snapshot();
            store.freeze();
            let done = store.write_checkpoint(2, stop_after);
            assert_eq!(rows(&old), states[29], "a reader from before the checkpoint");
            assert_eq!(rows(&store.snapshot()), states[29], "a reader from the middle of the checkpoint");
            if done && seed % 2 == 0 {
                store.settle_checkpoint();
                assert_eq!(rows(&old), states[29], "a reader from before, after the checkpoint");
                assert_eq!(rows(&store.snapshot()), states[29]);
            }
            drop(old);
            drop(store);
            rig.lose_power(&SeededRandom::new(seed));
            let store = rig.open();
            assert_eq!(rows(&store.snapshot()), states[29], "stopped after {stop_after}");
            assert_eq!(store.position().0, 29);
            assert_eq!(store.snapshot().catalog_position().0, catalog_after(29));
        }
    }
}

#[test]
fn a_checkpoint_frees_the_journal() {
    let rig = Rig::new(7);
    let store = rig.open();
    for _ in 0..5 {
        work(&store, &states(&SeededRandom::new(3))[..20]);
        store.checkpoint();
    }
    assert!(rig.disk.bytes() <= 2 * 2048, "one segment, perhaps the next: {}", rig.disk.bytes());
}

//! Those who follow the commits get each of them once, whatever checkpoints, crashes and restarts come in between.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::time::Duration;

use borealis_base::{Random, SeededRandom};

use super::rig::{Rig, key};
use crate::{Before, ChangesError, ClaimKind, Follower, KeyChange, Medium, Options, Position, Store};

const SEEDS: u64 = 40;
const STEPS: usize = 250;
const FOLLOWERS: [Follower; 2] = [*b"the first one...", *b"the second one.."];

#[test]
fn nothing_is_missed_over_checkpoints_and_crashes() {
    for seed in 0..SEEDS {
        let run = std::panic::catch_unwind(|| Following::new(seed).run());
        if let Err(panic) = run {
            eprintln!("seed {seed}");
            std::panic::resume_unwind(panic);
        }
    }
}

/// A store, everything that was ever committed to it, and who reads along.
struct Following {
    random: SeededRandom,
    rig: Rig,
    store: Option<Store>,
    /// By position, from 1 on.
    history: Vec<Vec<KeyChange>>,
    data: BTreeMap<Vec<u8>, Vec<u8>>,
    /// How far each follower has read, as it knows itself.
    read: BTreeMap<Follower, Position>,
}

impl Following {
    fn new(seed: u64) -> Self {
        let rig = Rig::new(seed);
        let store = Some(rig.open());
        let random = SeededRandom::new(seed ^ 0xf0110);
        Self { random, rig, store, history: Vec::new(), data: BTreeMap::new(), read: BTreeMap::new() }
    }

    fn below(&self, bound: usize) -> usize {
        (self.random.next_u64() % bound as u64) as usize
    }

    fn store(&self) -> &Store {
        self.store.as_ref().expect("open between steps")
    }

    fn run(mut self) {
        for _ in 0..STEPS {
            match self.below(100) {
                0..55 => self.commit(),
                55..75 => self.follow(),
                75..85 => self.store().checkpoint(),
                85..92 => self.restart(),
                92..94 => self.unfollow(),
                _ => self.catch_up(),
            }
        }
        self.restart();
        self.catch_up();
    }

    fn commit(&mut self) {
        let mut transaction = self.store().begin();
        let mut changes = BTreeMap::new();
        for _ in 0..=self.below(3) {
            let key = key(self.random.next_u64() % 8);
            let before = self.data.get(&key).map_or(Before::Absent, |value| Before::Value(value.clone()));
            let after = (self.below(3) > 0).then(|| vec![7; self.below(200)]);
            let claim = Some(ClaimKind::KeyWrite);
            match &after {
                Some(value) => transaction.put_telling(key.clone(), value.clone(), claim, before.clone()),
                None => transaction.delete_telling(key.clone(), claim, before.clone()),
            }
            changes.insert(key.clone(), KeyChange { key, before, after });
        }
        let position = transaction.commit_blocking().expect("alone");
        for change in changes.values() {
            match &change.after {
                Some(value) => drop(self.data.insert(change.key.clone(), value.clone())),
                None => drop(self.data.remove(&change.key)),
            }
        }
        self.history.push(changes.into_values().collect());
        assert_eq!(position, Position(self.history.len() as u64));
    }

    /// Begins to follow, or reads a little.
    fn follow(&mut self) {
        let follower = FOLLOWERS[self.below(2)];
        let Some(read) = self.read.get(&follower).copied() else {
            let begun = self.store().follow(follower).expect("noted");
            assert_eq!(begun, self.store().position(), "a new one begins with what comes next");
            self.read.insert(follower, begun);
            return;
        };
        let read = self.read_on(read, 1 + self.below(400));
        self.read.insert(follower, read);
        if self.below(2) == 0 {
            self.store().advance(&follower, read);
        }
    }

    fn read_on(&mut self, after: Position, bytes_max: usize) -> Position {
        let commits = self.store().changes(after, bytes_max).expect("kept for its follower");
        assert_eq!(commits.is_empty(), after == self.store().position());
        for (commit, position) in commits.iter().zip(after.0 + 1..) {
            assert_eq!(commit.position, Position(position));
            assert_eq!(commit.changes, self.history[position as usize - 1]);
        }
        assert!(commits.windows(2).all(|pair| pair[0].time_ns < pair[1].time_ns), "each commit has its own time");
        commits.last().map_or(after, |last| last.position)
    }

    fn catch_up(&mut self) {
        for (follower, mut read) in self.read.clone() {
            while read < self.store().position() {
                read = self.read_on(read, 1 << 10);
            }
            self.read.insert(follower, read);
            self.store().advance(&follower, read);
        }
    }

    fn unfollow(&mut self) {
        let follower = FOLLOWERS[self.below(2)];
        self.store().unfollow(&follower).expect("noted");
        self.read.remove(&follower);
    }

    fn restart(&mut self) {
        self.store = None;
        if self.below(2) == 0 {
            let random = SeededRandom::new(self.random.next_u64());
            self.rig.lose_power(&random);
        }
        self.store = Some(self.rig.open());
        for (follower, read) in self.read.clone() {
            let kept = self.store().follow(follower).expect("known");
            assert!(kept <= read, "a follower is never taken further than it has come");
            let again = self.read_on(kept, usize::MAX);
            assert_eq!(again, self.store().position());
        }
    }
}

#[test]
fn what_nobody_follows_is_forgotten() {
    let rig = Rig::new(1);
    let store = rig.open();
    let commit = |number: u64| {
        let mut transaction = store.begin();
        transaction.put(key(number), vec![0; 500], None);
        transaction.commit_blocking().expect("alone");
    };
    store.follow(FOLLOWERS[0]).expect("noted");
    (0..50).for_each(commit);
    store.checkpoint();
    assert_eq!(store.changes(Position::ZERO, usize::MAX).expect("kept").len(), 50);
    store.advance(&FOLLOWERS[0], Position(49));
    (50..60).for_each(commit);
    store.checkpoint();
    assert_eq!(store.changes(Position(49), usize::MAX).expect("kept").len(), 11);
    assert_eq!(store.changes(Position::ZERO, usize::MAX), Err(ChangesError::Forgotten { after: Position::ZERO }));
    let ahead = ChangesError::Ahead { after: Position(61), newest: Position(60) };
    assert_eq!(store.changes(Position(61), usize::MAX), Err(ahead));
    store.unfollow(&FOLLOWERS[0]).expect("noted");
    (60..110).for_each(commit);
    store.checkpoint();
    assert!(rig.disk.bytes() < 3 * 2048, "the journal is as short as without followers");
}

#[test]
fn in_memory_too_and_within_bounds() {
    let mut options = Options::new(Medium::Memory);
    options.limits.map_bytes_max = 1 << 30;
    options.limits.followed_bytes_max = 4096;
    let store = Store::open(options).expect("opens");
    let commit = |number: u64| {
        let mut transaction = store.begin();
        transaction.put(key(number), vec![1; 500], None);
        transaction.commit_blocking().expect("alone");
    };
    commit(1);
    assert_eq!(store.follow(FOLLOWERS[0]), Ok(Position(1)));
    (2..=5).for_each(commit);
    store.checkpoint_now().expect("written");
    let commits = store.changes(Position(1), usize::MAX).expect("kept");
    assert_eq!(commits.iter().map(|commit| commit.position.0).collect::<Vec<_>>(), [2, 3, 4, 5]);
    (6..=40).for_each(commit);
    store.checkpoint_now().expect("written");
    assert_eq!(store.changes(Position(1), usize::MAX), Err(ChangesError::Forgotten { after: Position(1) }), "4 KiB are kept, not 20");
    assert!(store.changes(Position(36), usize::MAX).is_ok());
}

#[test]
fn a_reader_beside_many_writers_gets_every_commit_in_order() {
    const WRITERS: u64 = 4;
    const COMMITS: u64 = 150;
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = Options::new(Medium::Folder(folder.path().to_owned()));
    options.limits.map_bytes_max = 1 << 30;
    options.limits.segment_bytes = 64 << 10;
    options.limits.table_bytes = 64 << 10;
    let store = Store::open(options).expect("opens");
    let mut read = store.follow(FOLLOWERS[0]).expect("noted");
    let signal = store.signal();
    let started = Barrier::new(WRITERS as usize);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (store, started) = (&store, &started);
            scope.spawn(move || {
                started.wait();
                for number in 0..COMMITS {
                    let mut transaction = store.begin();
                    transaction.put(key(writer), [writer.to_le_bytes(), number.to_le_bytes()].concat(), Some(ClaimKind::Write));
                    transaction.commit_blocking().expect("nobody else writes this key");
                }
            });
        }
        let mut next = [0; WRITERS as usize];
        while read < Position(WRITERS * COMMITS) {
            assert!(signal.wait_past(read, Duration::from_secs(60)), "commits go on");
            for commit in store.changes(read, 8 << 10).expect("kept") {
                assert_eq!(commit.position, read.next());
                read = commit.position;
                let value = commit.changes[0].after.as_ref().expect("a value");
                let number_at = |at: usize| u64::from_le_bytes(value[at..at + 8].try_into().expect("eight bytes"));
                let (writer, number) = (number_at(0), number_at(8));
                assert_eq!(std::mem::replace(&mut next[writer as usize], number + 1), number, "each writer's commits are in their order");
            }
            store.advance(&FOLLOWERS[0], read);
        }
        assert_eq!(next, [COMMITS; WRITERS as usize]);
    });
}

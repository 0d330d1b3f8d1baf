//! The commit queue under real threads and real wakers.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use borealis_base::task::spawn_thread;

use super::rig::{key, rows};
use crate::{ClaimKind, Commit, CommitError, Medium, Options, Store};

fn memory() -> Store {
    let mut options = Options::new(Medium::Memory);
    // Small bounds, so that freezing, checkpoints and waiting for room all happen.
    options.limits.table_bytes = 16 << 10;
    options.limits.table_bytes_max = 32 << 10;
    options.limits.batch_records_max = 3;
    Store::open(options).expect("opens")
}

#[test]
fn counters_add_up() {
    const THREADS: u64 = 8;
    const ADDITIONS: u64 = 400;
    let store = memory();
    let workers: Vec<_> = (0..THREADS)
        .map(|worker| {
            let store = store.clone();
            spawn_thread("worker", move || (0..ADDITIONS).map(|round| add_one(&store, (worker + round) % 3)).sum::<u64>())
        })
        .collect();
    let retries: u64 = workers.into_iter().map(|worker| worker.join().expect("no panic")).sum();
    let total: u64 = rows(&store.snapshot()).values().map(|value| u64::from_le_bytes(value[..8].try_into().expect("eight bytes"))).sum();
    assert_eq!(total, THREADS * ADDITIONS, "{retries} retries");
    assert_eq!(store.position().0, THREADS * ADDITIONS, "only winners are in the journal");
    assert_eq!(store.views().live_count(), 0);
}

/// Adds one to a counter, and returns how often it had to be tried again.
fn add_one(store: &Store, counter: u64) -> u64 {
    let mut retries = 0;
    loop {
        let mut transaction = store.begin();
        let now =
            transaction.get(&key(counter)).expect("reads").map_or(0, |value| u64::from_le_bytes(value[..8].try_into().expect("eight")));
        let mut value = (now + 1).to_le_bytes().to_vec();
        value.resize(200, 0);
        transaction.put(key(counter), value, Some(ClaimKind::Write));
        match transaction.commit_blocking() {
            Ok(_) => return retries,
            Err(CommitError::Conflict(_)) => retries += 1,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Readers under checkpoints see a consistent sum, always.
#[test]
fn snapshots_stay_consistent_while_tables_move() {
    let store = memory();
    let transfer = |store: &Store, from: u64, to: u64| {
        let mut transaction = store.begin();
        let read =
            |at: u64| transaction.get(&key(at)).expect("reads").map_or(1000, |v| i64::from_le_bytes(v[..8].try_into().expect("eight")));
        let (left, right) = (read(from) - 1, read(to) + 1);
        for (at, amount) in [(from, left), (to, right)] {
            let mut value = amount.to_le_bytes().to_vec();
            value.resize(100, 0);
            transaction.put(key(at), value, Some(ClaimKind::Write));
        }
        let _a_conflict_is_fine = transaction.commit_blocking();
    };
    (0..100).for_each(|account| transfer(&store, account, (account + 1) % 100));
    let writers: Vec<_> = (0..3u64)
        .map(|worker| {
            let store = store.clone();
            spawn_thread("writer", move || {
                (0..1500).for_each(|n: u64| transfer(&store, (n * 7 + worker) % 100, (n * 13 + 5 + worker) % 99))
            })
        })
        .collect();
    while !writers.iter().all(std::thread::JoinHandle::is_finished) {
        let snapshot = store.snapshot();
        let found = rows(&snapshot);
        assert_eq!(found.len(), 100);
        let total: i64 = found.values().map(|value| i64::from_le_bytes(value[..8].try_into().expect("eight"))).sum();
        // A transfer from an account to itself writes the second amount only and so adds one; it is counted by the snapshot itself.
        assert!(total >= 100 * 1000, "{total}");
        assert_eq!(rows(&snapshot), found, "a snapshot is the same when read again");
    }
    writers.into_iter().for_each(|writer| writer.join().expect("no panic"));
}

#[derive(Default)]
struct CountingWaker(AtomicUsize);

impl Wake for CountingWaker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn prepared(store: &Store, number: u64) -> Commit {
    let mut transaction = store.begin();
    transaction.put(key(number), vec![1; 8], Some(ClaimKind::KeyWrite));
    transaction.commit()
}

#[test]
fn a_commit_never_polled_never_happened() {
    let store = memory();
    drop(prepared(&store, 1));
    assert_eq!(store.position().0, 0);
}

#[test]
fn a_lone_commit_is_answered_at_its_first_poll() {
    let store = memory();
    let waker = Waker::from(Arc::new(CountingWaker::default()));
    let mut commit = pin!(prepared(&store, 1));
    assert!(matches!(commit.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(_))));
}

/// Futures dropped at any point, leaders-to-be among them, must not leave the others waiting.
#[test]
fn abandoned_commits_do_not_stop_the_queue() {
    let store = memory();
    let dropper = {
        let store = store.clone();
        spawn_thread("dropper", move || {
            for number in 0..2000 {
                let waker = Waker::from(Arc::new(CountingWaker::default()));
                let mut commit = Box::pin(prepared(&store, 100 + number % 50));
                let _polled_once = commit.as_mut().poll(&mut Context::from_waker(&waker));
            }
        })
    };
    let workers: Vec<_> = (0..3)
        .map(|worker| {
            let store = store.clone();
            spawn_thread("worker", move || (0..500).map(|_| add_one(&store, worker)).sum::<u64>())
        })
        .collect();
    for worker in workers {
        worker.join().expect("no panic");
    }
    dropper.join().expect("no panic");
    assert_eq!(add_one(&store, 7), 0, "the queue still works");
}

#[test]
fn handles_are_sendable() {
    fn sendable<T: Send>() {}
    fn shareable<T: Sync>() {}
    sendable::<crate::Transaction>();
    sendable::<crate::Snapshot>();
    sendable::<Commit>();
    sendable::<Store>();
    shareable::<Store>();
}

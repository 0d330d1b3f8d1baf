//! The commit queue under real threads and real wakers.

use std::future::Future;
use std::io;
use std::ops::ControlFlow;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use borealis_base::task::spawn_thread;

use super::rig::{key, rows};
use crate::base_store::{BaseStore, Checkpoint};
use crate::folder::TemporaryFolder;
use crate::journal::volatile::VolatileJournal;
use crate::journal::{AppendError, Journal};
use crate::store::Background;
use crate::views::Views;
use crate::{ClaimKind, Commit, CommitError, Limits, Medium, OpenError, Options, Position, Store};

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

/// A journal whose appends stand still until they are let through.
struct Gate {
    journal: VolatileJournal,
    entered: Mutex<Sender<usize>>,
    open: Mutex<Receiver<()>>,
}

impl Journal for Gate {
    fn append(&self, after: Position, records: &[&[u8]]) -> Result<Position, AppendError> {
        self.entered.lock().expect("no panic").send(records.len()).expect("the test listens");
        self.open.lock().expect("no panic").recv().expect("the test opens");
        self.journal.append(after, records)
    }

    fn read(&self, after: Position, visit: &mut dyn FnMut(Position, &[u8]) -> ControlFlow<()>) -> Result<(), OpenError> {
        self.journal.read(after, visit)
    }

    fn truncate(&self, up_to: Position) -> io::Result<()> {
        self.journal.truncate(up_to)
    }
}

/// Polls of one commit, by hand.
struct Polled {
    commit: Pin<Box<Commit>>,
    wakes: Arc<CountingWaker>,
}

impl Polled {
    fn new(store: &Store, number: u64) -> Self {
        let mut polled = Self { commit: Box::pin(prepared(store, number)), wakes: Arc::default() };
        assert!(polled.poll().is_none(), "somebody else leads");
        polled
    }

    fn poll(&mut self) -> Option<Result<Position, CommitError>> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        match self.commit.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => Some(answer),
            Poll::Pending => None,
        }
    }

    fn was_woken(&self) -> bool {
        self.wakes.0.load(Ordering::SeqCst) > 0
    }
}

/// Runs `during` while a leader stands in the journal, then lets it finish. `appends` are the sizes of all batches that follow.
fn behind_a_leader(during: impl FnOnce(&Store) -> Vec<Polled>, then: impl FnOnce(&Store, Vec<Polled>), appends: &[usize]) {
    let limits = Limits { map_bytes_max: 1 << 30, ..Limits::default() };
    let folder = TemporaryFolder::make(&borealis_base::OsRandom).expect("a folder");
    let base = BaseStore::open(&folder.0, &limits, true).expect("opens");
    let views = Views::new(base, None, Checkpoint::default(), Arc::default(), 8);
    let ((entered, entries), (opener, open)) = (channel(), channel());
    let gate = Gate { journal: VolatileJournal::default(), entered: Mutex::new(entered), open: Mutex::new(open) };
    let store = Store::start(views, Arc::new(gate), &limits, super::rig::beginning(), Background::Stepped).expect("starts");

    let leader = {
        let store = store.clone();
        spawn_thread("leader", move || prepared(&store, 0).wait())
    };
    assert_eq!(entries.recv(), Ok(1), "the leader is in the journal");
    let waiting = during(&store);
    for _ in 0..=appends.len() {
        opener.send(()).expect("the journal listens");
    }
    assert_eq!(leader.join().expect("no panic"), Ok(Position(1)));
    then(&store, waiting);
    assert_eq!(entries.try_iter().collect::<Vec<_>>(), appends);
}

#[test]
fn the_first_that_waits_leads_the_next_batch() {
    let during = |store: &Store| (1..=3).map(|number| Polled::new(store, number)).collect();
    let then = |_: &Store, mut waiting: Vec<Polled>| {
        let woken: Vec<bool> = waiting.iter().map(Polled::was_woken).collect();
        assert_eq!(woken, [true, false, false], "one leader");
        for (at, polled) in waiting.iter_mut().enumerate() {
            assert_eq!(polled.poll(), Some(Ok(Position(2 + at as u64))));
        }
        assert!(waiting[2].was_woken());
    };
    behind_a_leader(during, then, &[3]);
}

#[test]
fn a_caller_that_gave_up_is_passed_over() {
    let during = |store: &Store| {
        let mut waiting: Vec<Polled> = (1..=3).map(|number| Polled::new(store, number)).collect();
        drop(waiting.remove(0));
        waiting
    };
    let then = |_: &Store, mut waiting: Vec<Polled>| {
        assert!(waiting[0].was_woken() && !waiting[1].was_woken());
        assert_eq!(waiting[0].poll(), Some(Ok(Position(3))), "what was queued first is still first");
        assert_eq!(waiting[1].poll(), Some(Ok(Position(4))));
    };
    behind_a_leader(during, then, &[3]);
}

#[test]
fn a_leader_that_gives_up_leads_once_more() {
    let during = |store: &Store| (1..=2).map(|number| Polled::new(store, number)).collect();
    let then = |_: &Store, mut waiting: Vec<Polled>| {
        assert!(waiting[0].was_woken());
        drop(waiting.remove(0));
        assert!(waiting[0].was_woken());
        assert_eq!(waiting[0].poll(), Some(Ok(Position(3))));
    };
    behind_a_leader(during, then, &[2]);
}

#[test]
fn requests_whose_callers_all_gave_up_are_finished() {
    let during = |store: &Store| {
        drop((1..=2).map(|number| Polled::new(store, number)).collect::<Vec<_>>());
        Vec::new()
    };
    let then = |store: &Store, _| assert_eq!(store.position(), Position(3));
    behind_a_leader(during, then, &[2]);
}

//! What the engine pays for storage. `cargo bench -p borealis-storage --bench storage`.
//!
//! Durable benches run in the system's temporary folder; set `TMPDIR` to a folder on a real disk for figures that mean something. `append` is the yardstick for `commit`: the same bytes, appended to a preallocated file and flushed, with nothing around.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use borealis_storage::{ClaimKind, Direction, KeyRange, Limits, Medium, Options, Store};
use divan::{Bencher, black_box};

const ROWS: u64 = 100_000;
const VALUE_BYTES: usize = 100;

fn main() {
    divan::main();
}

fn key(number: u64) -> Vec<u8> {
    let mut key = b"table001".to_vec();
    key.extend_from_slice(&number.to_be_bytes());
    key
}

/// A store in memory with `ROWS` rows: all in the active table, or all but none in the base store.
fn filled(in_base: bool) -> Store {
    let mut options = Options::new(Medium::Memory);
    options.limits.table_bytes = if in_base { 1 } else { usize::MAX };
    options.limits.table_bytes_max = if in_base { Limits::default().table_bytes_max } else { usize::MAX };
    let store = Store::open(options).expect("opens");
    for start in (0..ROWS).step_by(1000) {
        let mut transaction = store.begin();
        for number in start..start + 1000 {
            transaction.put(key(number), vec![number as u8; VALUE_BYTES], Some(ClaimKind::KeyWrite));
        }
        transaction.commit_blocking().expect("commits");
    }
    if in_base {
        settle(&store);
    }
    store
}

/// Commits until checkpoints have taken every row: each commit freezes what the one before it left.
fn settle(store: &Store) {
    for round in 0..200_000u64 {
        let mut transaction = store.begin();
        transaction.put(b"settle".to_vec(), round.to_le_bytes().to_vec(), None);
        transaction.commit_blocking().expect("commits");
    }
}

fn scattered(counter: &AtomicU64) -> Vec<u8> {
    key(counter.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15) % ROWS)
}

#[divan::bench(args = [false, true], sample_size = 1000)]
fn point_read(bencher: Bencher, in_base: bool) {
    let (store, counter) = (filled(in_base), AtomicU64::new(0));
    let snapshot = store.snapshot();
    bencher
        .with_inputs(|| scattered(&counter))
        .bench_local_refs(|key| black_box(snapshot.get(key).expect("reads").map(|value| value.len())));
}

#[divan::bench(args = [false, true], sample_count = 20)]
fn scan_of_100_000_rows(bencher: Bencher, in_base: bool) {
    let store = filled(in_base);
    let snapshot = store.snapshot();
    bencher.bench_local(|| {
        let mut scan = snapshot.scan(KeyRange::prefix(b"table001".to_vec()), Direction::Forward);
        let mut bytes = 0;
        while let Some((key, value)) = scan.next().expect("scans") {
            bytes += key.len() + value.len();
        }
        assert_eq!(bytes, ROWS as usize * (16 + VALUE_BYTES));
    });
}

#[divan::bench(sample_size = 1000)]
fn scan_of_one_row(bencher: Bencher) {
    let (store, counter) = (filled(true), AtomicU64::new(0));
    let snapshot = store.snapshot();
    bencher.with_inputs(|| scattered(&counter)).bench_local_values(|key| {
        let mut scan = snapshot.scan(KeyRange::prefix(key), Direction::Forward);
        black_box(scan.next().expect("scans").map(|(key, _)| key.len()))
    });
}

#[divan::bench(threads = [1, 2], sample_size = 1000)]
fn snapshot(bencher: Bencher) {
    let store = filled(true);
    bencher.bench(|| drop(black_box(store.snapshot())));
}

fn durable() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(Options::new(Medium::Folder(folder.path().to_owned()))).expect("opens");
    (folder, store)
}

fn commit_one(store: &Store, number: u64) {
    let mut transaction = store.begin();
    transaction.put(key(number), vec![1; VALUE_BYTES], Some(ClaimKind::KeyWrite));
    transaction.commit_blocking().expect("commits");
}

#[divan::bench(threads = [1, 8], sample_count = 3000, sample_size = 1)]
fn commit(bencher: Bencher) {
    let ((_folder, store), counter) = (durable(), AtomicU64::new(0));
    bencher.bench(|| commit_one(&store, counter.fetch_add(1, Ordering::Relaxed)));
}

#[divan::bench(sample_count = 3000, sample_size = 1)]
fn append(bencher: Bencher) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = preallocated(&folder);
    let offset = Mutex::new(0);
    bencher.bench(|| {
        let mut offset = offset.lock().expect("no panic");
        file.write_all_at(&[1; 168], *offset).expect("writes");
        file.sync_data().expect("syncs");
        *offset += 168;
    });
}

fn preallocated(folder: &tempfile::TempDir) -> File {
    let file = OpenOptions::new().write(true).create_new(true).open(folder.path().join("file")).expect("a file");
    file.write_all_at(&vec![0; 4 << 20], 0).expect("writes");
    file.sync_all().expect("syncs");
    file
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn open_an_empty_folder(bencher: Bencher) {
    bencher
        .with_inputs(|| tempfile::tempdir().expect("a folder"))
        .bench_local_refs(|folder| Store::open(Options::new(Medium::Folder(folder.path().join("new")))).expect("opens"));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn reopen_after_50_000_commits(bencher: Bencher) {
    let (folder, store) = durable();
    let workers: Vec<_> = (0..8u64)
        .map(|worker| {
            let store = store.clone();
            borealis_base::task::spawn_thread("worker", move || (0..6_250).for_each(|round| commit_one(&store, worker << 32 | round)))
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().expect("no panic"));
    drop(store);
    bencher.bench_local(|| Store::open(Options::new(Medium::Folder(folder.path().to_owned()))).expect("opens"));
}

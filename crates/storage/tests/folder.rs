//! A store in a real folder, through the public interface.

use std::path::{Path, PathBuf};
use std::process::Command;

use borealis_storage::{CatalogClaim, ClaimKind, Direction, KeyRange, Medium, OpenError, Options, Position, Store};

fn open(folder: &Path) -> Store {
    Store::open(options(folder)).expect("opens")
}

fn options(folder: &Path) -> Options {
    let mut options = Options::new(Medium::Folder(folder.to_owned()));
    // Small enough that checkpoints and segments come and go.
    options.limits.table_bytes = 32 << 10;
    options.limits.table_bytes_max = 128 << 10;
    options.limits.segment_bytes = 16 << 10;
    options
}

fn put(store: &Store, number: u32, value: &[u8]) {
    let mut transaction = store.begin();
    transaction.put(number.to_be_bytes().to_vec(), value.to_vec(), Some(ClaimKind::KeyWrite));
    transaction.commit_blocking().expect("commits");
}

fn count(store: &Store) -> usize {
    let snapshot = store.snapshot();
    let mut scan = snapshot.scan(KeyRange::all(), Direction::Forward);
    let mut rows = 0;
    while scan.next().expect("scans").is_some() {
        rows += 1;
    }
    rows
}

#[test]
fn rows_survive_restarts_and_background_checkpoints() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("not/yet/there");
    for round in 1..=3 {
        let store = open(&path);
        for number in 0..300u32 {
            put(&store, number + round * 150, &[round as u8; 400]);
        }
        assert_eq!(count(&store), 150 + round as usize * 150);
    }
    let store = open(&path);
    assert_eq!(store.position(), Position(900));
    assert_eq!(store.snapshot().get(&360u32.to_be_bytes()).expect("reads").as_deref(), Some(&[2; 400][..]));
    let journal: u64 = std::fs::read_dir(path.join("journal")).expect("lists").map(|file| file.unwrap().metadata().unwrap().len()).sum();
    assert!(journal < 300 << 10, "checkpoints keep the journal short: {journal}");
}

#[test]
fn after_a_checkpoint_nothing_is_left_to_replay() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut options = options(folder.path());
    // Nothing but the call itself starts one.
    options.limits.table_bytes = 16 << 20;
    options.limits.table_bytes_max = 64 << 20;
    let store = Store::open(options.clone()).expect("opens");
    let old = store.snapshot();
    (0..500).for_each(|number| put(&store, number, &[7; 400]));
    store.checkpoint_now().expect("written");
    assert!(old.get(&1u32.to_be_bytes()).expect("reads").is_none(), "a snapshot from before sees what it saw");
    drop(old);
    put(&store, 500, b"after");
    drop(store);
    let segments = || std::fs::read_dir(folder.path().join("journal")).expect("lists").count();
    assert!(segments() <= 2, "the last segment, and perhaps one prepared ahead: {}", segments());
    let store = Store::open(options.clone()).expect("opens");
    assert_eq!((store.position(), count(&store)), (Position(501), 501));
    store.checkpoint_now().expect("written");
    store.checkpoint_now().expect("nothing to write is fine");
    drop(store);
    assert_eq!(count(&Store::open(options).expect("opens")), 501);
}

#[test]
fn a_checkpoint_in_the_middle_of_commits_loses_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let writer = {
        let store = store.clone();
        borealis_base::task::spawn_thread("writer", move || (0..2_000).for_each(|number| put(&store, number, &[1; 40])))
    };
    while !writer.is_finished() {
        store.checkpoint_now().expect("written");
    }
    writer.join().expect("wrote");
    drop(store);
    assert_eq!(count(&open(folder.path())), 2_000);
}

#[test]
fn a_folder_has_one_user() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path());
    let error = Store::open(options(folder.path())).expect_err("it is in use");
    assert!(matches!(&error, OpenError::InUse { pid: Some(pid), .. } if *pid == std::process::id()), "{error}");
    assert_eq!(error.to_string(), format!("data folder {} is in use by process {}", folder.path().display(), std::process::id()));
    let snapshot = store.snapshot();
    drop(store);
    assert!(Store::open(options(folder.path())).is_err(), "a snapshot still reads from it");
    drop(snapshot);
    open(folder.path());
}

/// The child half of the next test: opens the folder it is given, commits, and dies without closing.
#[test]
#[ignore = "run by killed_processes_leave_a_usable_folder"]
fn child_that_dies() {
    let folder = PathBuf::from(std::env::var_os("STORAGE_TEST_FOLDER").expect("run by its parent"));
    let store = open(&folder);
    for number in 0..500 {
        put(&store, number, &[1; 200]);
    }
    std::process::abort();
}

#[test]
fn killed_processes_leave_a_usable_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--ignored", "--exact", "child_that_dies"])
        .env("STORAGE_TEST_FOLDER", folder.path())
        .output()
        .expect("runs");
    assert!(!child.status.success(), "it aborts");
    let store = open(folder.path());
    assert_eq!(count(&store), 500, "everything it committed, and its lock is gone");
}

#[test]
fn a_store_in_memory_leaves_nothing() {
    let temporary = tempfile::tempdir().expect("a folder");
    let names = || std::fs::read_dir(std::env::temp_dir()).expect("lists");
    let ours = format!("borealis-{}-", std::process::id());
    let mut options = options(temporary.path());
    options.medium = Medium::Memory;
    let store = Store::open(options).expect("opens");
    let left = names().filter_map(Result::ok).filter(|entry| entry.file_name().to_string_lossy().starts_with(&ours)).count();
    assert_eq!(left, 0, "its files have no names, so that nothing stays behind however it ends");
    for number in 0..2000 {
        put(&store, number, &[1; 200]);
    }
    assert_eq!(count(&store), 2000);
}

/// The oldest format there is, as a folder nobody edits. It was written by [`write_fixture`].
#[test]
fn the_first_format_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    copy(Path::new("tests/fixtures/v1"), folder.path());
    let store = Store::open(Options::new(Medium::Folder(folder.path().to_owned()))).expect("opens");
    assert_eq!(store.position(), Position(45));
    let snapshot = store.snapshot();
    assert_eq!(snapshot.catalog_position(), Position(45));
    for number in 0..44u32 {
        let expected = (number != 7).then(|| vec![number as u8; 200]);
        assert_eq!(snapshot.get(&number.to_be_bytes()).expect("reads").map(|value| value.to_vec()), expected, "{number}");
    }
    drop(snapshot);
    put(&store, 100, b"and it can be written");
}

/// Writes the fixture. Kept to say what is in it; run by hand, once per format.
#[test]
#[ignore = "fixtures are written once and never edited"]
fn write_fixture() {
    let folder = PathBuf::from(std::env::var_os("STORAGE_TEST_FOLDER").expect("names an empty folder"));
    let mut options = options(&folder);
    options.limits.table_bytes = 4 << 10;
    let store = Store::open(options).expect("opens");
    for number in 0..44u32 {
        put(&store, number, &[number as u8; 200]);
    }
    let mut last = store.begin();
    last.delete(7u32.to_be_bytes().to_vec(), Some(ClaimKind::KeyWrite));
    last.claim(8u32.to_be_bytes().to_vec(), ClaimKind::ForUpdate);
    last.claim(9u32.to_be_bytes().to_vec(), ClaimKind::KeyShare);
    last.claim(10u32.to_be_bytes().to_vec(), ClaimKind::Observe);
    last.put(b"index entry".to_vec(), Vec::new(), None);
    last.catalog_claim(CatalogClaim::Write(3));
    last.catalog_claim(CatalogClaim::Read(4));
    last.commit_blocking().expect("commits");
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("the fixture is there").map(|entry| entry.expect("lists")) {
        let target = to.join(entry.file_name());
        if entry.file_type().expect("has a type").is_dir() {
            std::fs::create_dir(&target).expect("makes");
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("copies");
        }
    }
}

//! A store on a simulated disk, that can be opened again and again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use borealis_base::{Random, SeededRandom, SystemClock};

use crate::base_store::Checkpoint;
use crate::folder::DataFolder;
use crate::followers::Followers;
use crate::journal::simulated::SimulatedDisk;
use crate::store::{Background, Beginning};
use crate::{Direction, KeyRange, Medium, OpenError, Options, Snapshot, Store, Transaction};

/// All the rows there are.
pub(super) type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

pub(super) struct Rig {
    folder: tempfile::TempDir,
    pub(super) disk: SimulatedDisk,
    pub(super) options: Options,
}

impl Rig {
    pub(super) fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut options = Options::new(Medium::Folder(folder.path().to_owned()));
        options.random = Arc::new(SeededRandom::new(seed));
        options.limits.segment_bytes = 2048;
        options.limits.map_bytes_max = 1 << 30;
        options.limits.readers_max = 64;
        Self { folder, disk: SimulatedDisk::default(), options }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub(super) fn try_open(&self) -> Result<Store, OpenError> {
        let folder = DataFolder::open(&self.path())?;
        Store::open_in_folder(folder, Box::new(self.disk.clone()), &self.options, Background::Stepped)
    }

    pub(super) fn open(&self) -> Store {
        self.try_open().expect("the store opens")
    }

    /// Replaces the disk by what a crash leaves of it.
    pub(super) fn lose_power(&mut self, random: &dyn Random) {
        self.disk = self.disk.crash(random);
    }
}

/// What a store of its own journal begins with.
pub(super) fn beginning() -> Beginning {
    let clock = Arc::new(SystemClock::default());
    Beginning { checkpoint: Checkpoint::default(), followers: Followers::default(), clock }
}

pub(super) fn key(number: u64) -> Vec<u8> {
    format!("key-{number:04}").into_bytes()
}

/// Everything a snapshot sees, read forwards, and checked to be the same backwards.
pub(super) fn rows(snapshot: &Snapshot) -> Rows {
    let forward = collect(snapshot, Direction::Forward);
    let mut reverse = collect(snapshot, Direction::Reverse);
    reverse.reverse();
    assert_eq!(forward, reverse, "a scan gives the same rows in both directions");
    forward.into_iter().collect()
}

fn collect(snapshot: &Snapshot, direction: Direction) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut scan = snapshot.scan(KeyRange::all(), direction);
    drain(&mut scan)
}

pub(super) fn drain(scan: &mut crate::Scan<'_>) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    while let Some((key, value)) = scan.next().expect("scans work") {
        found.push((key.to_vec(), value.to_vec()));
    }
    found
}

pub(super) fn value_of(transaction: &Transaction, key: &[u8]) -> Option<Vec<u8>> {
    transaction.get(key).expect("reads work").map(|value| value.to_vec())
}

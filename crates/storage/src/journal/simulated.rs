//! A disk that keeps only what was synced.
//!
//! Live and durable bytes are kept apart. A write is pending until its file is synced; a creation or removal until the names are. At a
//! [crash](SimulatedDisk::crash) each pending write is lost, kept, or torn at byte granularity, and each pending name is there or not, as
//! a seed decides. The disk can be told to crash at the n-th sync, to be full, and to fail a sync.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use borealis_base::Random;

use super::backend::{Backend, BackendFile};

#[derive(Clone, Default)]
pub(crate) struct SimulatedDisk(Arc<Mutex<Disk>>);

#[derive(Default)]
struct Disk {
    files: BTreeMap<String, Arc<Mutex<Content>>>,
    /// Files as the durable names have them: what a crash may bring back.
    durable_names: BTreeMap<String, Arc<Mutex<Content>>>,
    syncs: usize,
    crash_at_sync: Option<usize>,
    fail_next_sync: bool,
    crashed: bool,
    bytes_max: Option<usize>,
}

#[derive(Default, Clone)]
struct Content {
    live: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn overwrite(bytes: &mut Vec<u8>, offset: usize, with: &[u8]) {
    bytes.resize(bytes.len().max(offset + with.len()), 0);
    bytes[offset..offset + with.len()].copy_from_slice(with);
}

impl SimulatedDisk {
    fn disk(&self) -> MutexGuard<'_, Disk> {
        locked(&self.0)
    }

    /// How many syncs there were.
    pub(crate) fn syncs(&self) -> usize {
        self.disk().syncs
    }

    /// Loses power in the middle of sync number `at`, counting from zero.
    pub(crate) fn crash_at_sync(&self, at: usize) {
        self.disk().crash_at_sync = Some(at);
    }

    /// Limits the bytes of all files together.
    pub(crate) fn set_bytes_max(&self, bytes_max: Option<usize>) {
        self.disk().bytes_max = bytes_max;
    }

    /// Makes the next sync fail, with power staying on.
    pub(crate) fn fail_next_sync(&self) {
        self.disk().fail_next_sync = true;
    }

    /// The bytes all files take.
    pub(crate) fn bytes(&self) -> usize {
        self.disk().files.values().map(|content| locked(content).live.len()).sum()
    }

    /// The content of a file.
    pub(crate) fn content(&self, name: &str) -> Vec<u8> {
        locked(&self.disk().files[name]).live.clone()
    }

    /// Changes a file behind the store's back.
    pub(crate) fn damage(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let disk = self.disk();
        let mut content = locked(&disk.files[name]);
        change(&mut content.live);
        content.durable = content.live.clone();
    }

    /// The disk as it is found after a loss of power.
    pub(crate) fn crash(&self, random: &dyn Random) -> Self {
        let before = self.disk();
        let mut names = before.durable_names.clone();
        for (name, content) in &before.files {
            if !names.contains_key(name) && coin(random) {
                names.insert(name.clone(), Arc::clone(content));
            }
        }
        names.retain(|name, _| before.files.contains_key(name) || coin(random));
        let files: BTreeMap<_, _> =
            names.into_iter().map(|(name, content)| (name, Arc::new(Mutex::new(locked(&content).after_crash(random))))).collect();
        Self(Arc::new(Mutex::new(Disk { durable_names: files.clone(), files, ..Disk::default() })))
    }
}

fn coin(random: &dyn Random) -> bool {
    random.next_u64() & 1 == 0
}

impl Content {
    fn after_crash(&self, random: &dyn Random) -> Self {
        let mut durable = self.durable.clone();
        for (offset, bytes) in &self.pending {
            match random.next_u64() % 4 {
                0 => {}
                1 => overwrite(&mut durable, *offset, bytes),
                2 => overwrite(&mut durable, *offset, &bytes[..random.next_u64() as usize % (bytes.len() + 1)]),
                _ => tear(&mut durable, *offset, bytes, random),
            }
        }
        Self { live: durable.clone(), durable, pending: Vec::new() }
    }
}

/// Keeps some stretches of a write and loses others.
fn tear(durable: &mut Vec<u8>, offset: usize, bytes: &[u8], random: &dyn Random) {
    let mut at = 0;
    while at < bytes.len() {
        let length = (1 + random.next_u64() as usize % 64).min(bytes.len() - at);
        if coin(random) {
            overwrite(durable, offset + at, &bytes[at..at + length]);
        }
        at += length;
    }
}

impl Disk {
    fn powered(&self) -> io::Result<()> {
        if self.crashed { Err(io::Error::other("the power is off")) } else { Ok(()) }
    }

    /// Counts a sync, which may be the one that fails.
    fn sync(&mut self) -> io::Result<()> {
        self.powered()?;
        if self.crash_at_sync == Some(self.syncs) {
            self.crashed = true;
        }
        self.syncs += 1;
        self.powered()?;
        if std::mem::take(&mut self.fail_next_sync) { Err(io::Error::other("the disk reports an error")) } else { Ok(()) }
    }
}

impl Backend for SimulatedDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        let disk = self.disk();
        disk.powered()?;
        Ok(disk.files.keys().cloned().collect())
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn BackendFile>> {
        let mut disk = self.disk();
        disk.powered()?;
        if disk.files.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let content = Arc::new(Mutex::new(Content::default()));
        disk.files.insert(name.to_owned(), Arc::clone(&content));
        Ok(Box::new(SimulatedFile { disk: self.clone(), content }))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn BackendFile>> {
        let disk = self.disk();
        disk.powered()?;
        let content = disk.files.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(SimulatedFile { disk: self.clone(), content: Arc::clone(content) }))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut disk = self.disk();
        disk.powered()?;
        disk.files.remove(name).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn sync_names(&self) -> io::Result<()> {
        let mut disk = self.disk();
        disk.sync()?;
        disk.durable_names = disk.files.clone();
        Ok(())
    }

    fn path(&self, name: &str) -> String {
        format!("disk/{name}")
    }
}

struct SimulatedFile {
    disk: SimulatedDisk,
    content: Arc<Mutex<Content>>,
}

impl BackendFile for SimulatedFile {
    fn read_all(&self) -> io::Result<Vec<u8>> {
        self.disk.disk().powered()?;
        Ok(locked(&self.content).live.clone())
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        self.disk.disk().powered()?;
        let content = locked(&self.content);
        let there = content.live.get(offset as usize..offset as usize + length);
        there.map(<[u8]>::to_vec).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let offset = offset as usize;
        let room = {
            let bytes_now = self.disk.bytes();
            let disk = self.disk.disk();
            disk.powered()?;
            disk.bytes_max.map_or(usize::MAX, |max| max.saturating_sub(bytes_now))
        };
        let mut content = locked(&self.content);
        let growth = (offset + bytes.len()).saturating_sub(content.live.len());
        // A full disk takes what fits before it says so.
        let kept = if growth > room { bytes.len() - (growth - room).min(bytes.len()) } else { bytes.len() };
        overwrite(&mut content.live, offset, &bytes[..kept]);
        content.pending.push((offset, bytes[..kept].to_vec()));
        if kept < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.disk().sync()?;
        let mut content = locked(&self.content);
        content.durable = content.live.clone();
        content.pending.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use borealis_base::SeededRandom;

    use super::*;

    /// The simulator is what other tests rest on: it must lose what was not synced and keep what was.
    #[test]
    fn a_crash_loses_exactly_what_was_not_synced() {
        let (mut lost, mut kept, mut torn) = (0, 0, 0);
        for seed in 0..200 {
            let disk = SimulatedDisk::default();
            let file = disk.create("a").unwrap();
            file.write_at(0, &[1; 100]).unwrap();
            file.sync().unwrap();
            disk.sync_names().unwrap();
            file.write_at(50, &[2; 100]).unwrap();
            let content = disk.crash(&SeededRandom::new(seed)).content("a");
            assert_eq!(content[..50], [1; 50]);
            match content[50..].iter().filter(|&&byte| byte == 2).count() {
                0 => lost += 1,
                100 => kept += 1,
                _ => torn += 1,
            }
        }
        assert!(lost > 20 && kept > 20 && torn > 20, "{lost} {kept} {torn}");
    }

    #[test]
    fn names_are_durable_only_when_synced() {
        let disk = SimulatedDisk::default();
        disk.create("synced").unwrap();
        disk.sync_names().unwrap();
        disk.create("pending").unwrap();
        let seen: Vec<Vec<String>> = (0..50).map(|seed| disk.crash(&SeededRandom::new(seed)).names().unwrap()).collect();
        assert!(seen.iter().all(|names| names.contains(&"synced".to_owned())));
        assert!(seen.iter().any(|names| names.len() == 1) && seen.iter().any(|names| names.len() == 2));
    }
}

//! The records on disk: `docs/formats/control.md` gives every byte.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use borealis_base::Id26;
use serde::{Deserialize, Serialize};

use super::RegistryError;
use crate::cluster::Cluster;
use crate::durable;

/// Version of the record's form.
const FORMAT: u32 = 1;
/// A record is far smaller: 200 tags, a policy of 20,480 characters and five streams are about 200 KiB.
const RECORD_BYTES_MAX: u64 = 4 << 20;
const SUFFIX: &str = ".json";

/// A record with the version of its form.
#[derive(Serialize, Deserialize)]
struct Record<C> {
    format: u32,
    cluster: C,
}

/// The folder, held against other processes for as long as this lives.
pub(super) struct Files {
    clusters: PathBuf,
    /// The lock goes with the file.
    _lock: File,
}

impl Files {
    /// Takes the folder and reads what is in it.
    pub(super) fn open(folder: &Path) -> Result<(Self, Vec<Cluster>), RegistryError> {
        let clusters = folder.join("clusters");
        fs::create_dir_all(&clusters).map_err(|source| RegistryError::Io { path: clusters.clone(), source })?;
        let lock = lock(&folder.join("lock"))?;
        let files = Self { clusters, _lock: lock };
        let records = files.read_all()?;
        Ok((files, records))
    }

    fn read_all(&self) -> Result<Vec<Cluster>, RegistryError> {
        let io = |source| RegistryError::Io { path: self.clusters.clone(), source };
        let mut records = Vec::new();
        for entry in fs::read_dir(&self.clusters).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if name.ends_with(durable::BESIDE) {
                // Written by a process that was killed before it took its place: it was never promised to anybody.
                fs::remove_file(&path).map_err(io)?;
            } else if let Some(id) = name.strip_suffix(SUFFIX) {
                records.push(read(&path, id)?);
            } else {
                tracing::warn!(path = %path.display(), "not a cluster's record; left alone");
            }
        }
        Ok(records)
    }

    /// Puts a record in the place of the cluster's former one; durable on return.
    pub(super) fn write(&self, cluster: &Cluster) -> Result<(), RegistryError> {
        let path = self.path(cluster.id);
        durable::replace(&path, encode(cluster).as_bytes()).map_err(|source| RegistryError::Io { path, source })
    }

    /// Removes a record; durable on return.
    pub(super) fn remove(&self, id: Id26) -> Result<(), RegistryError> {
        let path = self.path(id);
        let removed = match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        };
        removed.and_then(|()| durable::sync_folder(&self.clusters)).map_err(|source| RegistryError::Io { path, source })
    }

    fn path(&self, id: Id26) -> PathBuf {
        self.clusters.join(format!("{id}{SUFFIX}"))
    }
}

fn lock(path: &Path) -> Result<File, RegistryError> {
    let io = |source| RegistryError::Io { path: path.to_owned(), source };
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(RegistryError::InUse(path.parent().unwrap_or(path).to_owned())),
        Err(fs::TryLockError::Error(source)) => Err(io(source)),
    }
}

/// One line of JSON and its checksum.
pub(super) fn encode(cluster: &Cluster) -> String {
    let json = serde_json::to_string(&Record { format: FORMAT, cluster }).expect("a record has text keys only");
    let sum = crc32c::crc32c(json.as_bytes());
    format!("{json}\ncrc32c {sum:08x}\n")
}

fn read(path: &Path, id: &str) -> Result<Cluster, RegistryError> {
    let damaged = |what: String| RegistryError::Damaged { path: path.to_owned(), what };
    let io = |source| RegistryError::Io { path: path.to_owned(), source };
    if fs::metadata(path).map_err(io)?.len() > RECORD_BYTES_MAX {
        return Err(damaged("longer than any record".to_owned()));
    }
    let cluster = decode(&fs::read(path).map_err(io)?).map_err(damaged)?;
    if cluster.id.to_string() != id { Err(damaged(format!("the record is that of cluster {}", cluster.id))) } else { Ok(cluster) }
}

/// The cluster of a record, or what is wrong with it.
pub(super) fn decode(bytes: &[u8]) -> Result<Cluster, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not text".to_owned())?;
    let (json, sum) = text.split_once('\n').ok_or("cut short: no checksum")?;
    let stored = sum.strip_prefix("crc32c ").and_then(|rest| rest.strip_suffix('\n')).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    if stored != Some(crc32c::crc32c(json.as_bytes())) {
        return Err("its checksum does not fit".to_owned());
    }
    let record: Record<serde_json::Value> = serde_json::from_str(json).map_err(|error| format!("not a record: {error}"))?;
    if record.format != FORMAT {
        return Err(format!("its form is version {}, and this server reads version {FORMAT}", record.format));
    }
    serde_json::from_value(record.cluster).map_err(|error| format!("not a record: {error}"))
}

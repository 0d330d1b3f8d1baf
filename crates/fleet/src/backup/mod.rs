//! Backups of clusters and clusters made from them, while a server serves or while none does.
//!
//! A backup is a scan of one snapshot with the cluster's settings in front: it is of one moment, waits for nobody, and nobody waits for it. It takes no
//! more memory than a block of rows. A restore builds the store of the new cluster beside the others, and puts it in its place only when the whole file
//! was read and found good; until then there is nothing to be seen of it, and a crash leaves what the next start removes.

mod error;
mod format;

use std::io::{self, Read, Write};
use std::path::Path;

use borealis_base::Id26;
use borealis_control::{Properties, Registry};
use borealis_engine::image::Rebuild;
use borealis_storage::{Medium, Options};
use serde::{Deserialize, Serialize};

use crate::fleet::Fleet;
pub use error::BackupError;
use format::{Reader, Writer};

/// What a backup says of the cluster it was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The cluster's identifier.
    pub cluster: String,
    /// Its surface.
    pub dialect: String,
    /// When the backup was made, milliseconds since 1970-01-01 UTC.
    pub taken_ms: i64,
    /// Its owner, tags, policy and the like.
    pub properties: Properties,
}

/// What was written or read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The cluster that was copied, or made.
    pub cluster: String,
    /// Keys with their values: rows, index entries and what describes them.
    pub entries: u64,
    /// Bytes of the backup.
    pub bytes: u64,
}

/// Which cluster a backup is restored as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    /// The one it was made of.
    Own,
    /// Another one, of an identifier that is made for it.
    Fresh,
    /// The one of this identifier.
    Named(Id26),
}

/// Writes a backup of a cluster, the default one when none is named. A failure is told in the file too, so that whoever has only the file knows.
///
/// # Errors
/// When there is no such cluster, it cannot be read, is being deleted, or `out` takes no more.
pub fn take(fleet: &Fleet, registry: &Registry, cluster: Option<Id26>, mut out: impl Write) -> Result<Summary, BackupError> {
    let taken = write(fleet, registry, cluster, &mut out);
    if let Err(error) = &taken {
        // Who no longer listens has noticed.
        let _unheard = format::write_failure(&mut out, &error.to_string());
    }
    taken
}

fn write(fleet: &Fleet, registry: &Registry, cluster: Option<Id26>, out: &mut impl Write) -> Result<Summary, BackupError> {
    let cluster = cluster.or_else(|| fleet.default()).ok_or(BackupError::NoDefault)?;
    let record = registry.cluster(cluster).ok_or(BackupError::Unknown(cluster))?;
    let held = fleet.hold(cluster)?;
    let image = held.cluster().image();
    let description = Description {
        cluster: cluster.to_string(),
        dialect: image.dialect().to_string(),
        taken_ms: registry.now_ms(),
        properties: record.properties(),
    };
    let mut writer = Writer::begin(out, &serde_json::to_vec(&description).map_err(io::Error::from)?)?;
    let mut entries = image.entries();
    while let Some((key, value)) = entries.next().map_err(|error| BackupError::Store(error.to_string()))? {
        if held.is_ending() {
            return Err(BackupError::Ending(cluster));
        }
        writer.put(key, value)?;
    }
    let (entries, bytes) = writer.finish()?;
    Ok(Summary { cluster: cluster.to_string(), entries, bytes })
}

/// Reads a whole backup and makes sure that it can be restored.
///
/// # Errors
/// When it is cut, damaged, or no backup.
pub fn verify(input: impl Read) -> Result<(Description, Summary), BackupError> {
    let (reader, description) = open(input)?;
    let (entries, bytes) = reader.rows(|_, _| Ok::<(), BackupError>(()))?;
    let summary = Summary { cluster: description.cluster.clone(), entries, bytes };
    Ok((description, summary))
}

fn open<R: Read>(input: R) -> Result<(Reader<R>, Description), BackupError> {
    let (reader, description) = Reader::begin(input)?;
    let description = serde_json::from_slice(&description).map_err(|error| BackupError::Description(error.to_string()))?;
    Ok((reader, description))
}

/// Makes a cluster from a backup. It is there, whole, or it is not: also after a crash at any point.
///
/// # Errors
/// When the backup is cut or damaged, or there is such a cluster already; nothing has changed then.
pub fn restore(fleet: &Fleet, registry: &Registry, input: impl Read, under: Under) -> Result<Summary, BackupError> {
    let layout = fleet.layout().ok_or(BackupError::NoFolder)?;
    let _alone = fleet.begin_restoring().ok_or(BackupError::Busy)?;
    let (reader, description) = open(input)?;
    let cluster = match under {
        Under::Own => description.cluster.parse().map_err(|_| BackupError::Description("its cluster has no identifier".to_owned()))?,
        Under::Fresh => fleet.fresh_id(),
        Under::Named(cluster) => cluster,
    };
    if fleet.clusters().contains(&cluster) || registry.cluster(cluster).is_some() {
        return Err(BackupError::Exists(cluster));
    }
    let folder = layout.begin(cluster)?;
    let restored = build(reader, &folder, cluster).and_then(|(entries, bytes)| {
        layout.seal(cluster)?;
        let first = fleet.default().is_none();
        registry.restore(cluster, description.properties, first, || fleet.adopt(cluster).map_err(BackupError::from))?;
        Ok(Summary { cluster: cluster.to_string(), entries, bytes })
    });
    if restored.is_err() {
        layout.abandon(cluster);
    }
    restored
}

fn build<R: Read>(reader: Reader<R>, folder: &Path, cluster: Id26) -> Result<(u64, u64), BackupError> {
    let mut rebuild = Rebuild::begin(Options::new(Medium::Folder(folder.to_owned())), cluster)?;
    let read = reader.rows(|key, value| rebuild.put(key, value).map_err(BackupError::from))?;
    rebuild.finish()?;
    Ok(read)
}

#[cfg(test)]
mod tests;

//! How to open a store, and the bounds of everything in it.

use std::path::PathBuf;
use std::sync::Arc;

use borealis_base::{Clock, OsRandom, Random, SystemClock};

const MIB: usize = 1 << 20;

/// How to open a store.
#[derive(Clone)]
pub struct Options {
    /// Where the data lives.
    pub medium: Medium,
    /// Bounds and tuning.
    pub limits: Limits,
    /// Names new stores and salts the journal's checksums.
    pub random: Arc<dyn Random>,
    /// Tells when commits are decided.
    pub clock: Arc<dyn Clock>,
}

/// Where the data lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Medium {
    /// In a folder of its own, durably. The folder is made when it is not there.
    Folder(PathBuf),
    /// Nowhere durable: gone with the last handle. Older data still moves out of memory into an unlinked temporary file.
    Memory,
}

impl Options {
    /// The defaults, for this medium.
    #[must_use]
    pub fn new(medium: Medium) -> Self {
        Self { medium, limits: Limits::default(), random: Arc::new(OsRandom), clock: Arc::new(SystemClock::default()) }
    }
}

/// Bounds of a store. Units are last in the names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Size of the active table that starts a checkpoint.
    pub table_bytes: usize,
    /// Size of the active table at which commits wait for the running checkpoint, and fail when it failed.
    pub table_bytes_max: usize,
    /// Bytes in the journal since the last checkpoint that start one. Bounds the time a start takes.
    pub journal_bytes: usize,
    /// Size of a journal segment. The first one of a new store is at most 1 MiB, so that starting is quick.
    pub segment_bytes: usize,
    /// Largest commit record. Above the 10 MiB a transaction may write, with room for keys, claims and lengths.
    pub record_bytes_max: usize,
    /// Most records that share one flush.
    pub batch_records_max: usize,
    /// Most bytes that share one flush (a single larger record still goes alone).
    pub batch_bytes_max: usize,
    /// Most keys whose claims are remembered. Beyond it the oldest claims are forgotten, and transactions whose snapshot is older than
    /// what is remembered lose their commit as if they had conflicted.
    pub claim_keys_max: usize,
    /// Most snapshots alive at once that have read the base store.
    pub readers_max: u32,
    /// Idle base-store readers kept for the next snapshots.
    pub idle_readers_max: usize,
    /// Address space for the base store: its greatest size on disk.
    pub map_bytes_max: usize,
    /// Rows written into the base store per transaction of a checkpoint; bounds the pages it holds in memory.
    pub checkpoint_rows_max: usize,
    /// Most bytes of journal that are kept only because somebody follows the commits. Who falls further behind loses the oldest.
    pub followed_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            table_bytes: 16 * MIB,
            table_bytes_max: 64 * MIB,
            journal_bytes: 64 * MIB,
            segment_bytes: 16 * MIB,
            record_bytes_max: 32 * MIB,
            batch_records_max: 1024,
            batch_bytes_max: 8 * MIB,
            claim_keys_max: 1 << 20,
            readers_max: 16 << 10,
            idle_readers_max: 64,
            map_bytes_max: 1 << 40,
            checkpoint_rows_max: 4096,
            followed_bytes_max: 1 << 30,
        }
    }
}

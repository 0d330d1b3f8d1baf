//! The key space below the user's tables: object ids under 16384 never name a table, so the server keeps its own state there.
//!
//! | prefix (u32, big-endian) | then | value |
//! |---|---|---|
//! | 1 | kind (u8), oid (u32) | a catalog descriptor, see `borealis_catalog::codec` |
//! | 2 | job id (16 bytes) | a job, JSON |
//! | 3 | name | a cluster property, text |
//! | 4 | table (u32) | what ANALYZE found in the table, JSON |
//!
//! Numbers from 16384 on are objects of users: tables and indexes, whose keys begin with them, and sequences, whose state is the number's own key.

use borealis_catalog::codec::Kind;
use borealis_pgtypes::Oid;
use borealis_storage::KeyRange;

const CATALOG: u32 = 1;
const JOBS: u32 = 2;
const PROPERTIES: u32 = 3;
const STATISTICS: u32 = 4;

/// Descriptor id of the catalog as a whole: every DDL statement writes it, so two never commit side by side.
pub(crate) const WHOLE_CATALOG: u32 = 1;

/// Key of a descriptor.
pub(crate) fn descriptor(kind: Kind, oid: Oid) -> Vec<u8> {
    let mut key = CATALOG.to_be_bytes().to_vec();
    key.push(kind as u8);
    key.extend_from_slice(&oid.0.to_be_bytes());
    key
}

/// All descriptors of a kind.
pub(crate) fn descriptors(kind: Kind) -> KeyRange {
    let mut prefix = CATALOG.to_be_bytes().to_vec();
    prefix.push(kind as u8);
    KeyRange::prefix(prefix)
}

/// What the descriptor with this key describes.
pub(crate) fn described(key: &[u8]) -> Option<(Kind, Oid)> {
    let (prefix, rest) = key.split_first_chunk::<4>()?;
    let (number, oid) = rest.split_first()?;
    let kind = Kind::ALL.into_iter().find(|kind| *kind as u8 == *number)?;
    (*prefix == CATALOG.to_be_bytes()).then_some((kind, Oid(u32::from_be_bytes(oid.try_into().ok()?))))
}

/// Key of a job.
pub(crate) fn job(id: [u8; 16]) -> Vec<u8> {
    let mut key = JOBS.to_be_bytes().to_vec();
    key.extend_from_slice(&id);
    key
}

/// Key of a sequence's state: its number alone, as rows begin with their table's.
pub(crate) fn sequence(oid: Oid) -> Vec<u8> {
    oid.0.to_be_bytes().to_vec()
}

/// All jobs.
pub(crate) fn jobs() -> KeyRange {
    KeyRange::prefix(JOBS.to_be_bytes().to_vec())
}

/// Key of a cluster property.
pub(crate) fn property(name: &str) -> Vec<u8> {
    let mut key = PROPERTIES.to_be_bytes().to_vec();
    key.extend_from_slice(name.as_bytes());
    key
}

/// Key of a table's statistics.
pub(crate) fn statistics(table: Oid) -> Vec<u8> {
    let mut key = STATISTICS.to_be_bytes().to_vec();
    key.extend_from_slice(&table.0.to_be_bytes());
    key
}

/// The statistics of all tables.
pub(crate) fn all_statistics() -> KeyRange {
    KeyRange::prefix(STATISTICS.to_be_bytes().to_vec())
}

/// The table whose statistics have this key.
pub(crate) fn statistics_table(key: &[u8]) -> Option<Oid> {
    let (prefix, table) = key.split_at_checked(size_of::<u32>())?;
    (prefix == STATISTICS.to_be_bytes()).then_some(Oid(u32::from_be_bytes(table.try_into().ok()?)))
}

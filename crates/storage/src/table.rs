//! A multi-version table in memory: what was committed since the base store's checkpoint.
//!
//! One ordered entry per key, and under it the key's versions. Exactly one thread applies commits (the leader of the commit queue, under
//! the committer's lock); any number read. A reader may meet versions newer than its snapshot, half a commit even: it skips whatever is
//! above its position, and a commit's position only becomes anybody's snapshot after all of it was applied.
//!
//! A key written again and again would grow a version per commit. So a cell that has doubled since it was last pruned drops what no
//! live snapshot can see. The work is constant per write on average, and a cell holds at most about twice as many versions as there
//! are live snapshots.

use std::ops::Bound;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crossbeam_skiplist::SkipMap;
use crossbeam_skiplist::map::Entry;
use smallvec::SmallVec;

use crate::{Direction, KeyRange, Position};

/// Bytes a key costs besides its own: node, tower, lock, allocation headers.
const KEY_OVERHEAD_BYTES: usize = 128;
/// Bytes a version costs besides its value.
const VERSION_OVERHEAD_BYTES: usize = 48;
/// A cell with fewer versions than this is not worth pruning.
const PRUNE_VERSIONS_MIN: usize = 4;

/// A value, or the mark of a deletion.
pub(crate) type Versioned = Option<Arc<[u8]>>;

#[derive(Default)]
pub(crate) struct Table {
    cells: SkipMap<Box<[u8]>, Cell>,
    bytes: AtomicUsize,
}

#[derive(Default)]
pub(crate) struct Cell(RwLock<Versions>);

#[derive(Default)]
struct Versions {
    /// By ascending position.
    list: SmallVec<[Version; 1]>,
    /// Length at which the cell is pruned next.
    prune_at: usize,
}

struct Version {
    position: Position,
    value: Versioned,
}

impl Cell {
    /// What a snapshot at `position` sees: nothing here, a deletion, or a value.
    fn at(&self, position: Position) -> Option<Versioned> {
        let versions = self.0.read().unwrap_or_else(PoisonError::into_inner);
        versions.list.iter().rev().find(|version| version.position <= position).map(|version| version.value.clone())
    }
}

impl Versions {
    /// Drops every version that none of `live` (ascending, the last one being the newest that a snapshot can be taken at) sees.
    /// Returns the bytes freed.
    fn prune(&mut self, live: &[Position]) -> usize {
        let newest = live.last().copied().unwrap_or_default();
        let mut freed = 0;
        let mut index = 0;
        let successors: SmallVec<[Option<Position>; 8]> =
            (0..self.list.len()).map(|at| self.list.get(at + 1).map(|next| next.position)).collect();
        self.list.retain(|version| {
            let superseded_at = successors[index];
            index += 1;
            let needed = match superseded_at {
                None => true,
                // A snapshot sees this version exactly when it lies in [version, successor).
                // A snapshot sees this version exactly when it lies in [version, successor): one still to come, or a live one.
                Some(next) => {
                    next > newest || {
                        let first = live.partition_point(|&snapshot| snapshot < version.position);
                        live.get(first).is_some_and(|&snapshot| snapshot < next)
                    }
                }
            };
            if !needed {
                freed += VERSION_OVERHEAD_BYTES + version.value.as_ref().map_or(0, |value| value.len());
            }
            needed
        });
        self.prune_at = (self.list.len() * 2).max(PRUNE_VERSIONS_MIN);
        freed
    }
}

impl Table {
    /// Adds a version. `live` gives the live snapshots, and is asked only when a cell is due for pruning.
    ///
    /// Only the applying thread calls this, with positions that never go down.
    pub(crate) fn apply<'l>(&self, key: &[u8], position: Position, value: Versioned, live: impl FnOnce() -> &'l [Position]) {
        let mut added = VERSION_OVERHEAD_BYTES + value.as_ref().map_or(0, |value| value.len());
        let entry = self.cells.get(key).unwrap_or_else(|| {
            added += KEY_OVERHEAD_BYTES + key.len();
            self.cells.get_or_insert(key.into(), Cell::default())
        });
        let mut versions = entry.value().0.write().unwrap_or_else(PoisonError::into_inner);
        versions.list.push(Version { position, value });
        let freed = if versions.list.len() >= versions.prune_at.max(PRUNE_VERSIONS_MIN) { versions.prune(live()) } else { 0 };
        drop(versions);
        // Relaxed: the figure steers checkpoints, nothing is read on the strength of it.
        self.bytes.fetch_add(added, Ordering::Relaxed);
        self.bytes.fetch_sub(freed, Ordering::Relaxed);
    }

    /// What a snapshot at `position` sees of a key: nothing in this table, a deletion, or a value.
    pub(crate) fn get(&self, key: &[u8], position: Position) -> Option<Versioned> {
        self.cells.get(key)?.value().at(position)
    }

    /// About how much memory the table takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The newest version of every key at or above `from`, in key order: what a checkpoint writes. Only for a table that no longer
    /// changes.
    pub(crate) fn newest_from<'t>(&'t self, from: Bound<&[u8]>) -> impl Iterator<Item = (Entry<'t, Box<[u8]>, Cell>, Versioned)> {
        let mut next = self.cells.lower_bound::<[u8]>(from);
        std::iter::from_fn(move || {
            let entry = next.take()?;
            next = entry.next();
            let versions = entry.value().0.read().unwrap_or_else(PoisonError::into_inner);
            let newest = versions.list.last().and_then(|version| version.value.clone());
            drop(versions);
            Some((entry, newest))
        })
    }

    #[cfg(test)]
    pub(crate) fn versions_of(&self, key: &[u8]) -> usize {
        self.cells.get(key).map_or(0, |entry| entry.value().0.read().unwrap_or_else(PoisonError::into_inner).list.len())
    }
}

/// A place in a table, as a snapshot sees it.
pub(crate) struct TableCursor<'a> {
    table: &'a Table,
    position: Position,
    current: Option<(Entry<'a, Box<[u8]>, Cell>, Versioned)>,
}

impl<'a> TableCursor<'a> {
    /// A cursor that stands nowhere until it is sought.
    pub(crate) const fn new(table: &'a Table, position: Position) -> Self {
        Self { table, position, current: None }
    }

    pub(crate) fn key(&self) -> Option<&[u8]> {
        self.current.as_ref().map(|(entry, _)| &entry.key()[..])
    }

    /// The value here; `None` is a deletion.
    pub(crate) fn value(&self) -> Option<&[u8]> {
        self.current.as_ref().and_then(|(_, value)| value.as_deref())
    }

    /// Moves to the first key of `range` on the way.
    pub(crate) fn seek(&mut self, range: &KeyRange, direction: Direction) {
        let (start, end) = range.bounds();
        let entry = match direction {
            Direction::Forward => self.table.cells.lower_bound(start),
            Direction::Reverse => self.table.cells.upper_bound(end),
        };
        self.settle(entry, range, direction);
    }

    /// Moves to the next key on the way.
    pub(crate) fn advance(&mut self, range: &KeyRange, direction: Direction) {
        let Some((entry, _)) = self.current.take() else { return };
        self.settle(step(&entry, direction), range, direction);
    }

    /// Skips entries of which the snapshot sees no version.
    fn settle(&mut self, mut entry: Option<Entry<'a, Box<[u8]>, Cell>>, range: &KeyRange, direction: Direction) {
        self.current = None;
        while let Some(at) = entry {
            let outside = match direction {
                Direction::Forward => range.ends_before(at.key()),
                Direction::Reverse => range.starts_after(at.key()),
            };
            if outside {
                return;
            }
            if let Some(value) = at.value().at(self.position) {
                self.current = Some((at, value));
                return;
            }
            entry = step(&at, direction);
        }
    }
}

fn step<'a>(entry: &Entry<'a, Box<[u8]>, Cell>, direction: Direction) -> Option<Entry<'a, Box<[u8]>, Cell>> {
    match direction {
        Direction::Forward => entry.next(),
        Direction::Reverse => entry.prev(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(byte: u8) -> Versioned {
        Some(Arc::from([byte]))
    }

    #[test]
    fn a_snapshot_sees_the_newest_version_at_or_below_it() {
        let table = Table::default();
        table.apply(b"k", Position(3), value(3), || &[]);
        table.apply(b"k", Position(5), None, || &[]);
        assert_eq!(table.get(b"k", Position(2)), None);
        assert_eq!(table.get(b"k", Position(3)), Some(value(3)));
        assert_eq!(table.get(b"k", Position(4)), Some(value(3)));
        assert_eq!(table.get(b"k", Position(5)), Some(None));
        assert_eq!(table.get(b"j", Position(5)), None);
    }

    #[test]
    fn a_hot_key_keeps_only_what_live_snapshots_see() {
        let table = Table::default();
        let pinned = Position(500);
        for at in 1..=100_000 {
            let live = [pinned, Position(at - 1)];
            let live = if at <= 500 { &live[1..] } else { &live[..] };
            table.apply(b"hot", Position(at), value((at % 251) as u8), || live);
        }
        assert!(table.versions_of(b"hot") <= 8, "{}", table.versions_of(b"hot"));
        assert_eq!(table.get(b"hot", pinned), Some(value((500 % 251) as u8)));
        assert_eq!(table.get(b"hot", Position(100_000)), Some(value((100_000 % 251) as u8)));
        assert!(table.bytes() < 1024, "{}", table.bytes());
    }

    #[test]
    fn pruning_spares_what_the_next_snapshot_may_see() {
        let mut versions = Versions::default();
        for at in [1, 4, 6, 9] {
            versions.list.push(Version { position: Position(at), value: value(at as u8) });
        }
        // Snapshots can still be taken at 5 and later: 4 is what 5 sees, 6 and 9 are to come.
        versions.prune(&[Position(5)]);
        let left: Vec<u64> = versions.list.iter().map(|version| version.position.0).collect();
        assert_eq!(left, [4, 6, 9]);
    }
}

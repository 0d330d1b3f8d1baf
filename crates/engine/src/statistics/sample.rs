//! A uniform sample of a table's rows, taken in one pass (Vitter's algorithm R).
//!
//! The pass is cut into parts with a snapshot each, so that a long one holds nothing back: rows that come and go meanwhile are in the sample or not, as
//! they would be in any sample.

use std::ops::Bound;

use borealis_pgtypes::{Oid, Result};
use borealis_storage::{Direction, KeyRange, Store};

use super::compute::TARGET;
use crate::error::read_failed;
use crate::key;

/// Rows of a sample: 300 per unit of the target, as in PostgreSQL.
const ROWS_MAX: usize = 300 * TARGET;
/// Bytes of a sample; with rows longer than 2 KiB it has fewer of them.
const BYTES_MAX: usize = 64 << 20;
/// Rows read with one snapshot.
const PART_ROWS: usize = 20_000;

/// A table's rows, some of them in hand.
pub(super) struct Sample {
    /// Rows of the table.
    pub(super) rows: u64,
    /// Bytes of them, keys included.
    pub(super) bytes: u64,
    /// The stored rows of the sample, in key order.
    pub(super) sampled: Vec<Vec<u8>>,
}

/// Reads the table. `proceed` is asked before each part.
pub(super) fn take(store: &Store, table: Oid, seed: u64, proceed: &mut dyn FnMut() -> Result<()>) -> Result<Sample> {
    let mut reservoir = Reservoir { capacity: ROWS_MAX, kept: Vec::new(), kept_bytes: 0, seen: 0, state: seed };
    let mut bytes = 0;
    let mut range = KeyRange::prefix(key::prefix(table).to_vec());
    loop {
        proceed()?;
        let snapshot = store.snapshot();
        let mut scan = snapshot.scan(range.clone(), Direction::Forward);
        let mut last = None;
        for read in 1..=PART_ROWS {
            let Some((key, value)) = scan.next().map_err(|error| read_failed(&error))? else { break };
            bytes += (key.len() + value.len()) as u64;
            reservoir.offer(value);
            if read == PART_ROWS {
                last = Some(key.to_vec());
            }
        }
        match last {
            Some(last) => range.start = Bound::Excluded(last),
            None => break,
        }
    }
    Ok(Sample { rows: reservoir.seen, bytes, sampled: reservoir.in_order() })
}

struct Reservoir {
    capacity: usize,
    /// Number and contents of the rows kept.
    kept: Vec<(u64, Vec<u8>)>,
    kept_bytes: usize,
    seen: u64,
    /// Of the generator of random numbers.
    state: u64,
}

impl Reservoir {
    fn offer(&mut self, row: &[u8]) {
        let number = self.seen;
        self.seen += 1;
        let place = if self.kept.len() < self.capacity {
            self.kept.push((number, Vec::new()));
            self.kept.len() - 1
        } else {
            let place = self.below(self.seen);
            match usize::try_from(place) {
                Ok(place) if place < self.capacity => place,
                _ => return,
            }
        };
        self.kept_bytes -= self.kept[place].1.len();
        self.kept[place] = (number, row.to_vec());
        self.kept_bytes += row.len();
        if self.kept_bytes > BYTES_MAX && self.kept.len() > 1 {
            self.halve();
        }
    }

    /// Drops a random half: a uniform sample of a uniform sample is one.
    fn halve(&mut self) {
        self.capacity = self.kept.len() / 2;
        while self.kept.len() > self.capacity {
            let place = self.below(self.kept.len() as u64);
            let (_, row) = self.kept.swap_remove(usize::try_from(place).unwrap_or(0));
            self.kept_bytes -= row.len();
        }
    }

    /// A random number below `bound` (splitmix64).
    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }

    fn in_order(mut self) -> Vec<Vec<u8>> {
        self.kept.sort_unstable_by_key(|(number, _)| *number);
        self.kept.into_iter().map(|(_, row)| row).collect()
    }
}

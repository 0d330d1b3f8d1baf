//! A hash table of rows, for grouping, distinct, joins and set operations.

use borealis_pgtypes::Datum;

use super::batch::Batch;
use super::memory::row_bytes;
use crate::eval::order::{Order, hash_row};

/// Distinct rows, numbered in the order of their arrival. NULLs are the same as each other; whoever wants NULLs not to match keeps them out.
///
/// Open addressing over row numbers; the rows themselves lie in one batch, so an entry costs no allocation of its own.
#[derive(Debug)]
pub struct HashTable {
    orders: Vec<Order>,
    rows: Batch,
    hashes: Vec<u64>,
    /// Row number + 1; 0 is free. A power of two long, at most half full.
    buckets: Vec<u32>,
}

const BUCKETS_MIN: usize = 16;
/// What one entry costs beside its values.
const ENTRY_BYTES: usize = 16;

impl HashTable {
    /// An empty table of rows whose columns are ordered so.
    #[must_use]
    pub fn new(orders: Vec<Order>) -> Self {
        let rows = Batch::new(orders.len());
        Self { orders, rows, hashes: Vec::new(), buckets: Vec::new() }
    }

    /// Number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row by its number.
    #[must_use]
    pub fn row(&self, index: usize) -> &[Datum] {
        self.rows.row(index)
    }

    /// The number of the row that is the same as this one.
    #[must_use]
    pub fn find(&self, row: &[Datum]) -> Option<usize> {
        if self.buckets.is_empty() {
            return None;
        }
        self.place(row, hash_row(&self.orders, row)).ok()
    }

    /// The number of the row that is the same as this one, which is added if there is none; whether it was.
    pub fn find_or_insert(&mut self, row: &[Datum]) -> (usize, bool) {
        if self.rows.len() * 2 >= self.buckets.len() {
            self.grow();
        }
        let hash = hash_row(&self.orders, row);
        match self.place(row, hash) {
            Ok(found) => (found, false),
            Err(bucket) => {
                let index = self.rows.len();
                // Rows are bounded by the query's memory long before u32.
                self.buckets[bucket] = u32::try_from(index + 1).expect("fewer than 2^32 rows fit the query's memory");
                self.hashes.push(hash);
                self.rows.push(row);
                (index, true)
            }
        }
    }

    /// Bytes that adding `row` takes.
    #[must_use]
    pub fn entry_bytes(row: &[Datum]) -> usize {
        row_bytes(row) + ENTRY_BYTES
    }

    /// The row's number, or the bucket where it belongs.
    fn place(&self, row: &[Datum], hash: u64) -> Result<usize, usize> {
        let mask = self.buckets.len() - 1;
        #[allow(clippy::cast_possible_truncation)] // only the low bits are wanted
        let mut bucket = hash as usize & mask;
        loop {
            let Some(index) = (self.buckets[bucket] as usize).checked_sub(1) else { return Err(bucket) };
            if self.hashes[index] == hash && self.same(self.rows.row(index), row) {
                return Ok(index);
            }
            bucket = (bucket + 1) & mask;
        }
    }

    fn same(&self, left: &[Datum], right: &[Datum]) -> bool {
        self.orders.iter().zip(left.iter().zip(right)).all(|(order, (left, right))| order.same(left, right))
    }

    fn grow(&mut self) {
        let size = (self.buckets.len() * 2).max(BUCKETS_MIN);
        self.buckets = vec![0; size];
        for (index, hash) in self.hashes.iter().enumerate() {
            #[allow(clippy::cast_possible_truncation)] // only the low bits are wanted
            let mut bucket = *hash as usize & (size - 1);
            while self.buckets[bucket] != 0 {
                bucket = (bucket + 1) & (size - 1);
            }
            self.buckets[bucket] = u32::try_from(index + 1).expect("fewer than 2^32 rows fit the query's memory");
        }
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.rows.reset(self.orders.len());
        self.hashes.clear();
        self.buckets.clear();
    }
}

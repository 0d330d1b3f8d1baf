//! What ANALYZE found in a table: what the planner estimates from and what `pg_stats` shows. In PostgreSQL's terms and with PostgreSQL's conventions.

use std::collections::BTreeMap;

use borealis_pgtypes::Datum;

/// Statistics of a table.
#[derive(Clone, Debug, Default)]
pub struct TableStatistics {
    /// `reltuples`.
    pub rows: f64,
    /// Bytes of all rows as they are stored.
    pub bytes: f64,
    /// By `attnum`; a table that was empty has none.
    pub columns: BTreeMap<i16, ColumnStatistics>,
}

/// Statistics of a column.
#[derive(Clone, Debug)]
pub struct ColumnStatistics {
    /// `stanullfrac`: fraction of NULLs.
    pub null_fraction: f32,
    /// `stawidth`: bytes of a value on average.
    pub width: i32,
    /// `stadistinct`: number of distinct values; negative: a fraction of the rows, with the sign changed; 0: not known.
    pub distinct: f32,
    /// Most common values with their fraction of all rows, most frequent first.
    pub most_common: Vec<(Datum, f32)>,
    /// Values that divide the others into parts of equal size, ends included; empty or at least two.
    pub histogram: Vec<Datum>,
    /// Between the order of values and the order of rows; `None` where values have no order.
    pub correlation: Option<f32>,
}

impl TableStatistics {
    /// `relpages`: pages of 8 KiB.
    #[must_use]
    pub fn pages(&self) -> i32 {
        #[allow(clippy::cast_possible_truncation)] // an estimate
        let pages = (self.bytes / 8192.0).ceil() as i32;
        pages
    }
}

impl ColumnStatistics {
    /// Fraction of rows that hold one of the most common values.
    #[must_use]
    pub fn common_fraction(&self) -> f64 {
        self.most_common.iter().map(|(_, frequency)| f64::from(*frequency)).sum()
    }
}

//! How much there is to do.

use std::time::Duration;

use borealis_base::{Clock as _, SystemClock};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::link::Link;
use crate::table::Table;

/// How many rows are looked at to know how large a row is.
const SAMPLE_ROWS: u64 = 1_000;
/// How long rows are counted. Statistics may be from any time, the middle of a load as well; a count is from now.
const COUNT_TIME_MAX: Duration = Duration::from_secs(5);
/// Rows that the first count looks at; each further one looks at [`COUNT_GROWTH`] times as many, so all of them together at little more than the last.
const COUNT_FIRST: u64 = 100_000;
const COUNT_GROWTH: u64 = 10;

/// Where a number of rows comes from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// All were counted.
    #[default]
    Counted,
    /// The statistics say so, and more than were counted in time.
    Statistics,
    /// So many were counted in time, and there are more.
    AtLeast,
}

impl Basis {
    pub(crate) fn is_counted(&self) -> bool {
        *self == Self::Counted
    }
}

/// The size of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Rows.
    pub rows: u64,
    /// How they are known.
    #[serde(default, skip_serializing_if = "Basis::is_counted")]
    pub basis: Basis,
    /// Bytes of the rows as text.
    pub bytes: u64,
    /// Bytes of an average row as text.
    pub row_bytes: u64,
    /// Bytes of the largest row of the sample as text.
    pub row_bytes_max: u64,
}

impl Estimate {
    /// The number of rows in words.
    pub(crate) fn rows_in_words(&self) -> String {
        match self.basis {
            Basis::Counted => format!("{} rows", self.rows),
            Basis::Statistics => format!("about {} rows (by the statistics: counting took too long)", self.rows),
            Basis::AtLeast => format!("at least {} rows (counting took too long)", self.rows),
        }
    }

    /// `number`, which follows from the rows, in words.
    pub(crate) fn follows(&self, number: &str) -> String {
        match self.basis {
            Basis::Counted => number.to_owned(),
            Basis::Statistics => format!("about {number}"),
            Basis::AtLeast => format!("at least {number}"),
        }
    }
}

pub(super) async fn estimate(link: &Link<'_>, table: &Table) -> Result<Estimate> {
    let name = table.qualified();
    let sample = format!(
        "SELECT count(*), coalesce(avg(b), 0)::bigint, coalesce(max(b), 0) FROM (SELECT octet_length(t::text) AS b FROM {name} AS t LIMIT {SAMPLE_ROWS}) AS s"
    );
    let outcomes = link.rows("measuring the table", sample).await?;
    let cell = |column: usize| -> u64 { outcomes.first().and_then(|row| row.get(column)?.parse().ok()).unwrap_or(0) };
    let (sampled, row_bytes, row_bytes_max) = (cell(0), cell(1), cell(2));
    let (rows, basis) = if sampled < SAMPLE_ROWS { (sampled, Basis::Counted) } else { count(link, table).await? };
    Ok(Estimate { rows, basis, bytes: rows * row_bytes, row_bytes, row_bytes_max })
}

/// How many rows a table has now, as far as that is found out in time.
pub(crate) async fn count(link: &Link<'_>, table: &Table) -> Result<(u64, Basis)> {
    count_within(link, table, COUNT_TIME_MAX).await
}

pub(crate) async fn count_within(link: &Link<'_>, table: &Table, time_max: Duration) -> Result<(u64, Basis)> {
    let clock = SystemClock::default();
    let begun = clock.monotonic();
    let (mut least, mut limit) = (0, COUNT_FIRST);
    loop {
        let left = time_max.saturating_sub(clock.monotonic().saturating_sub(begun));
        let query = format!("SELECT count(*) FROM (SELECT 1 FROM {} LIMIT {limit}) AS rows", table.qualified());
        let Some(rows) = link.rows_within("counting the table's rows", query, left).await? else { break };
        let counted = rows.first().and_then(|row| row.get(0)?.parse().ok()).unwrap_or(0);
        if counted < limit {
            return Ok((counted, Basis::Counted));
        }
        least = counted;
        limit = limit.saturating_mul(COUNT_GROWTH);
    }
    let known = format!("SELECT greatest(reltuples, 0)::bigint FROM pg_catalog.pg_class WHERE oid = {}", table.oid);
    let rows = link.rows("reading the statistics", known).await?;
    let known = rows.first().and_then(|row| row.get(0)?.parse().ok()).unwrap_or(0);
    Ok(if known > least { (known, Basis::Statistics) } else { (least, Basis::AtLeast) })
}

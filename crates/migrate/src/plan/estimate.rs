//! How much there is to do.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::link::Link;
use crate::table::Table;

/// How many rows are looked at to know how large a row is.
const SAMPLE_ROWS: u32 = 1_000;

/// The size of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Rows, by the statistics or counted when those say nothing.
    pub rows: u64,
    /// Bytes of the rows as text.
    pub bytes: u64,
    /// Bytes of an average row as text.
    pub row_bytes: u64,
    /// Bytes of the largest row of the sample as text.
    pub row_bytes_max: u64,
}

pub(super) async fn estimate(link: &Link<'_>, table: &Table) -> Result<Estimate> {
    let name = table.qualified();
    let sample = format!(
        "SELECT count(*), coalesce(avg(b), 0)::bigint, coalesce(max(b), 0) FROM (SELECT octet_length(t::text) AS b FROM {name} AS t LIMIT {SAMPLE_ROWS}) AS s"
    );
    let known = format!("SELECT greatest(reltuples, 0)::bigint FROM pg_catalog.pg_class WHERE oid = {}", table.oid);
    let outcomes = link.snapshot("measuring the table", [sample, known]).await?;
    let cell = |outcome: usize, column: usize| -> u64 {
        outcomes.get(outcome).and_then(|outcome| outcome.rows.first()).and_then(|row| row.get(column)?.parse().ok()).unwrap_or(0)
    };
    let (sampled, row_bytes, row_bytes_max, mut rows) = (cell(0, 0), cell(0, 1), cell(0, 2), cell(1, 0));
    if sampled < u64::from(SAMPLE_ROWS) {
        rows = sampled;
    } else if rows <= sampled {
        // The statistics are older than the rows.
        let counted = link.rows("counting the table's rows", format!("SELECT count(*) FROM {name}")).await?;
        rows = counted.first().and_then(|row| row.get(0)?.parse().ok()).unwrap_or(rows);
    }
    Ok(Estimate { rows, bytes: rows * row_bytes, row_bytes, row_bytes_max })
}

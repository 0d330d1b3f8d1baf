//! The memory limit of a query: what operators hold on to is counted, what flows through is not.

use borealis_pgtypes::{Datum, Result, SqlError, SqlState};

/// Counts what the operators of one query hold.
#[derive(Debug, Default)]
pub struct MemoryMeter {
    used: usize,
}

impl MemoryMeter {
    /// Counts `bytes` more.
    ///
    /// # Errors
    /// `54000` when that is more than `limit`.
    pub fn charge(&mut self, bytes: usize, limit: usize) -> Result<()> {
        self.used = self.used.saturating_add(bytes);
        if self.used > limit { Err(too_much(limit)) } else { Ok(()) }
    }

    /// Counts `bytes` less.
    pub fn release(&mut self, bytes: usize) {
        self.used = self.used.saturating_sub(bytes);
    }

    /// Bytes counted now.
    #[must_use]
    pub const fn used(&self) -> usize {
        self.used
    }
}

#[cold]
fn too_much(limit: usize) -> SqlError {
    let message = format!("query requires more than allowed temp space of {} KB to execute", limit / 1024);
    SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, message)
}

/// Bytes of a value: its slot and its payload. A payload shared by several slots is counted in each: the limit errs on the safe side.
#[must_use]
pub fn value_bytes(value: &Datum) -> usize {
    std::mem::size_of::<Datum>() + payload_bytes(value)
}

fn payload_bytes(value: &Datum) -> usize {
    const ARC: usize = 2 * std::mem::size_of::<usize>();
    match value {
        Datum::Text(text) | Datum::Json(text) => ARC + text.len(),
        Datum::Bytea(bytes) => ARC + bytes.len(),
        Datum::Numeric(numeric) => ARC + 32 + numeric.heap_bytes(),
        Datum::Array(array) => ARC + 64 + array.elements.iter().map(value_bytes).sum::<usize>(),
        Datum::Record(record) => ARC + 40 + record.values.iter().map(value_bytes).sum::<usize>(),
        Datum::Jsonb(json) => ARC + json.heap_bytes(),
        Datum::Inet(_) => ARC + 24,
        Datum::JsonPath(path) => ARC + path.heap_bytes(),
        _ => 0,
    }
}

/// Bytes of a row's values.
#[must_use]
pub fn row_bytes(row: &[Datum]) -> usize {
    row.iter().map(value_bytes).sum()
}

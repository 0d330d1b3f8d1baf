//! How many rows go into one INSERT.

/// Rows of one INSERT; a third of what one transaction may change.
pub(crate) const BATCH_ROWS: usize = 1_000;
/// Bytes of one INSERT, far below what one transaction and one message may have.
pub(crate) const BATCH_BYTES: usize = 1 << 20;

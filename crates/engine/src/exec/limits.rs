//! The bounds a statement runs in.

/// Bounds of one statement; the defaults are Aurora DSQL's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecLimits {
    /// What the operators of one query may hold.
    pub memory_bytes: usize,
    /// Rows one transaction may modify.
    pub rows_modified_max: u64,
    /// Size of one stored value.
    pub value_bytes_max: usize,
    /// Size of one stored row.
    pub row_bytes_max: usize,
    /// Size of one key of a row or an index entry.
    pub key_bytes_max: usize,
}

impl Default for ExecLimits {
    fn default() -> Self {
        Self {
            memory_bytes: 128 << 20,
            rows_modified_max: 3_000,
            value_bytes_max: 1 << 20,
            row_bytes_max: 2 << 20,
            key_bytes_max: borealis_storage::Store::MAX_KEY_BYTES,
        }
    }
}

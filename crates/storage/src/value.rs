//! A value as a read finds it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// The bytes of a value, without copying them: borrowed from the base store's map or the transaction's own write set, or shared with
/// the table in memory. Derefs to `[u8]`.
#[derive(Clone)]
pub enum Value<'a> {
    /// In the base store's map, or in the write set.
    Borrowed(&'a [u8]),
    /// In a table in memory.
    Shared(Arc<[u8]>),
}

impl Deref for Value<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Value<'_> {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl Eq for Value<'_> {}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self[..].fmt(f)
    }
}

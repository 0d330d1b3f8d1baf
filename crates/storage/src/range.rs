//! Ranges of keys and the directions they are read in.

use std::cmp::Ordering;
use std::ops::Bound;

/// A range of keys in byte order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// Where it begins.
    pub start: Bound<Vec<u8>>,
    /// Where it ends.
    pub end: Bound<Vec<u8>>,
}

/// Which way a scan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Ascending keys.
    Forward,
    /// Descending keys.
    Reverse,
}

impl KeyRange {
    /// Every key.
    #[must_use]
    pub const fn all() -> Self {
        Self { start: Bound::Unbounded, end: Bound::Unbounded }
    }

    /// From `start` up to but without `end`.
    #[must_use]
    pub const fn half_open(start: Vec<u8>, end: Vec<u8>) -> Self {
        Self { start: Bound::Included(start), end: Bound::Excluded(end) }
    }

    /// Every key that begins with `prefix`.
    #[must_use]
    pub fn prefix(prefix: Vec<u8>) -> Self {
        let end = successor_of_prefix(&prefix).map_or(Bound::Unbounded, Bound::Excluded);
        Self { start: Bound::Included(prefix), end }
    }

    /// Whether a key lies in the range.
    #[must_use]
    pub fn contains(&self, key: &[u8]) -> bool {
        !self.ends_before(key) && !self.starts_after(key)
    }

    /// Whether no key at all can lie in the range.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match (&self.start, &self.end) {
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (Bound::Included(start), Bound::Included(end)) => start > end,
            (Bound::Included(start) | Bound::Excluded(start), Bound::Included(end) | Bound::Excluded(end)) => start >= end,
        }
    }

    pub(crate) fn ends_before(&self, key: &[u8]) -> bool {
        match &self.end {
            Bound::Included(end) => key > end.as_slice(),
            Bound::Excluded(end) => key >= end.as_slice(),
            Bound::Unbounded => false,
        }
    }

    pub(crate) fn starts_after(&self, key: &[u8]) -> bool {
        match &self.start {
            Bound::Included(start) => key < start.as_slice(),
            Bound::Excluded(start) => key <= start.as_slice(),
            Bound::Unbounded => false,
        }
    }

    pub(crate) fn bounds(&self) -> (Bound<&[u8]>, Bound<&[u8]>) {
        (self.start.as_ref().map(Vec::as_slice), self.end.as_ref().map(Vec::as_slice))
    }
}

impl Direction {
    /// How `left` stands to `right` on the way: `Less` comes first.
    pub(crate) fn compare(self, left: &[u8], right: &[u8]) -> Ordering {
        match self {
            Self::Forward => left.cmp(right),
            Self::Reverse => right.cmp(left),
        }
    }
}

/// The smallest key above every key that begins with `prefix`; none when the prefix is all `0xff`.
fn successor_of_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != 0xff)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_ends_where_its_last_key_does() {
        assert_eq!(KeyRange::prefix(vec![1, 0xff]).end, Bound::Excluded(vec![2]));
        assert_eq!(KeyRange::prefix(vec![0xff, 0xff]).end, Bound::Unbounded);
        assert!(KeyRange::prefix(vec![1, 0xff]).contains(&[1, 0xff, 0xff, 0xff]));
        assert!(!KeyRange::prefix(vec![1, 0xff]).contains(&[2]));
    }

    #[test]
    fn emptiness() {
        assert!(KeyRange::half_open(vec![1], vec![1]).is_empty());
        assert!(!KeyRange { start: Bound::Included(vec![1]), end: Bound::Included(vec![1]) }.is_empty());
        assert!(KeyRange { start: Bound::Excluded(vec![1]), end: Bound::Excluded(vec![1]) }.is_empty());
        assert!(KeyRange { start: Bound::Included(vec![2]), end: Bound::Included(vec![1]) }.is_empty());
        assert!(!KeyRange::all().is_empty());
    }
}

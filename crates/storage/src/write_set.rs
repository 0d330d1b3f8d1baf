//! What a transaction has written and claimed so far, in key order.

use std::collections::BTreeMap;
use std::collections::btree_map::Range;
use std::iter::Rev;

use crate::changes::Before;
use crate::{ClaimSet, Direction, KeyRange, Value};

/// What a transaction does to one key.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) claims: ClaimSet,
    /// The change, if there is one.
    pub(crate) change: Option<Change>,
    /// What was there before the transaction, as far as its first change of the key tells.
    pub(crate) before: Before,
}

/// A change of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Put(Vec<u8>),
    Delete,
}

impl Change {
    pub(crate) fn value(&self) -> Option<&[u8]> {
        match self {
            Self::Put(value) => Some(value),
            Self::Delete => None,
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct WriteSet {
    pub(crate) intents: BTreeMap<Vec<u8>, Intent>,
    changes: usize,
    key_bytes: usize,
    value_bytes: usize,
}

impl WriteSet {
    /// `before` is what the change replaces; only that of a key's first change counts, for later ones replace the transaction's own.
    pub(crate) fn change(&mut self, key: Vec<u8>, change: Change, claims: ClaimSet, before: Before) {
        assert!(!key.is_empty(), "a key has at least one byte");
        let key_bytes = key.len();
        let intent = self.intents.entry(key).or_default();
        intent.claims = intent.claims.union(claims);
        self.value_bytes += change.value().map_or(0, <[u8]>::len);
        match intent.change.replace(change) {
            Some(replaced) => {
                self.value_bytes -= replaced.value().map_or(0, <[u8]>::len);
                // A row that was changed and then removed: its removal tells what its change did not.
                if intent.before == Before::Untold && matches!(before, Before::Value(_)) {
                    intent.before = before;
                }
            }
            None => {
                intent.before = before;
                self.key_bytes += key_bytes;
                self.changes += 1;
            }
        }
    }

    pub(crate) fn claim(&mut self, key: Vec<u8>, claims: ClaimSet) {
        assert!(!key.is_empty(), "a key has at least one byte");
        let intent = self.intents.entry(key).or_default();
        intent.claims = intent.claims.union(claims);
    }

    /// The own change of a key: `Some(None)` is a deletion.
    pub(crate) fn get(&self, key: &[u8]) -> Option<Option<Value<'_>>> {
        let change = self.intents.get(key)?.change.as_ref()?;
        Some(change.value().map(Value::Borrowed))
    }

    pub(crate) const fn has_changes(&self) -> bool {
        self.changes > 0
    }

    /// Bytes of the keys and values changed.
    pub(crate) const fn bytes(&self) -> usize {
        self.key_bytes + self.value_bytes
    }

    /// Whether anything is put, be it in the place of something larger.
    pub(crate) const fn adds(&self) -> bool {
        self.value_bytes > 0
    }
}

/// A place among the keys a transaction changed.
pub(crate) struct WriteSetCursor<'a> {
    writes: &'a WriteSet,
    rest: Option<Rest<'a>>,
    current: Option<(&'a [u8], &'a Change)>,
}

enum Rest<'a> {
    Forward(Range<'a, Vec<u8>, Intent>),
    Reverse(Rev<Range<'a, Vec<u8>, Intent>>),
}

impl<'a> WriteSetCursor<'a> {
    /// A cursor that stands nowhere until it is sought.
    pub(crate) const fn new(writes: &'a WriteSet) -> Self {
        Self { writes, rest: None, current: None }
    }

    pub(crate) fn key(&self) -> Option<&'a [u8]> {
        self.current.map(|(key, _)| key)
    }

    /// The value here; `None` is a deletion.
    pub(crate) fn value(&self) -> Option<&'a [u8]> {
        self.current.and_then(|(_, change)| change.value())
    }

    /// Moves to the first changed key of `range` (which must not be empty) on the way.
    pub(crate) fn seek(&mut self, range: &KeyRange, direction: Direction) {
        let range = self.writes.intents.range::<[u8], _>(range.bounds());
        self.rest = Some(match direction {
            Direction::Forward => Rest::Forward(range),
            Direction::Reverse => Rest::Reverse(range.rev()),
        });
        self.advance();
    }

    /// Moves to the next changed key on the way; keys that are only claimed are not there for a reader.
    pub(crate) fn advance(&mut self) {
        self.current = match &mut self.rest {
            None => None,
            Some(Rest::Forward(rest)) => next_change(rest),
            Some(Rest::Reverse(rest)) => next_change(rest),
        };
    }
}

fn next_change<'a>(rest: &mut impl Iterator<Item = (&'a Vec<u8>, &'a Intent)>) -> Option<(&'a [u8], &'a Change)> {
    rest.find_map(|(key, intent)| Some((&key[..], intent.change.as_ref()?)))
}

//! One attempt by itself: what it read from others, what it changed in the end, and whether it saw its own work.

use std::collections::BTreeMap;

use super::super::record::{Attempt, Event, Key, Strength, Tag, Value, Version};
use super::Violation;

/// A key's change from the snapshot to the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Net {
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

/// What an attempt comes to.
#[derive(Debug, Default)]
pub(super) struct Digest {
    /// What it read that was not its own.
    pub(super) reads: BTreeMap<Key, Option<Value>>,
    pub(super) net: BTreeMap<Key, Net>,
    /// Rows of others that it locked.
    pub(super) locks: Vec<(Value, Strength)>,
    /// Every version that it wrote, the overwritten ones too.
    pub(super) wrote: Vec<Version>,
    /// Versions that it read with their tag.
    pub(super) tagged: Vec<Version>,
    /// What the tags' index told before the attempt changed anything.
    pub(super) by_tag: Vec<(Tag, Vec<(Key, Value)>)>,
}

impl Digest {
    pub(super) fn of(attempt: &Attempt, keys: Key, violations: &mut Vec<Violation>) -> Self {
        let mut reader = Reader { attempt: attempt.id, digest: Self::default(), violations };
        for event in &attempt.events {
            reader.take(event, keys);
        }
        reader.digest
    }
}

struct Reader<'a> {
    attempt: u64,
    digest: Digest,
    violations: &'a mut Vec<Violation>,
}

impl Reader<'_> {
    fn take(&mut self, event: &Event, keys: Key) {
        match event {
            Event::Read { key, seen } => self.read(*key, *seen),
            Event::Lock { key, seen, strength } => self.lock(*key, *seen, *strength),
            Event::Write { key, before, after } => self.write(*key, *before, *after),
            Event::ByTag { tag, rows } => self.by_tag(*tag, rows),
            Event::Scan { rows } => self.scan(rows, keys),
        }
    }

    fn read(&mut self, key: Key, seen: Option<Version>) {
        self.observe(key, seen.map(|version| version.value));
        self.digest.tagged.extend(seen);
    }

    /// Own work is seen, and what is not own does not change.
    fn observe(&mut self, key: Key, seen: Option<Value>) {
        let attempt = self.attempt;
        match (self.digest.net.get(&key), self.digest.reads.get(&key)) {
            (Some(net), _) if net.after != seen => self.violations.push(Violation::OwnWriteUnseen { attempt, key }),
            (None, Some(first)) if *first != seen => self.violations.push(Violation::Unrepeatable { attempt, key }),
            (None, None) => {
                self.digest.reads.insert(key, seen);
            }
            _ => {}
        }
    }

    fn lock(&mut self, key: Key, seen: Option<Version>, strength: Strength) {
        self.read(key, seen);
        if let Some(version) = seen
            && !self.digest.net.contains_key(&key)
        {
            self.digest.locks.push((version.value, strength));
        }
    }

    fn write(&mut self, key: Key, before: Option<Value>, after: Option<Version>) {
        self.observe(key, before);
        self.digest.wrote.extend(after);
        self.digest.net.entry(key).or_insert(Net { before, after: None }).after = after.map(|version| version.value);
    }

    fn by_tag(&mut self, tag: Tag, rows: &[(Key, Value)]) {
        for (key, value) in rows {
            self.observe(*key, Some(*value));
        }
        if self.digest.net.is_empty() {
            self.digest.by_tag.push((tag, rows.to_vec()));
        }
    }

    fn scan(&mut self, rows: &[(Key, Version)], keys: Key) {
        let rows: BTreeMap<Key, Version> = rows.iter().copied().collect();
        for key in 0..keys {
            self.read(key, rows.get(&key).copied());
        }
        let mut tags: Vec<Tag> = rows.values().filter_map(|version| version.tag).collect();
        tags.sort_unstable();
        let twice = tags.windows(2).find(|pair| pair[0] == pair[1]);
        self.violations.extend(twice.map(|pair| Violation::DuplicateTag { attempt: self.attempt, tag: pair[0] }));
    }
}

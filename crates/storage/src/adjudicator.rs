//! Who wins: a pure, deterministic function of the journal.
//!
//! A record at position `P` with snapshot `S` loses if a record committed in `(S, P)` holds a claim that [defeats](crate::claim) one of
//! its own. Losers are never appended, so the journal is the list of winners, and feeding it to an adjudicator that starts where the
//! journal starts gives the same verdicts again. Recovery does exactly that, and a different verdict means damage.
//!
//! # What is remembered
//! For each key and kind of claim only the latest position matters: some record in `(S, P)` holds it exactly when the latest one does lie
//! above `S`. A claim at or below every live snapshot can defeat nobody any more and is forgotten, in the order of the journal. Memory
//! is bounded even if a snapshot lives long: beyond a number of keys the oldest claims go, the *floor* of the window rises, and a record
//! whose snapshot lies below the floor loses without being looked at. It may have conflicted, and a retry will tell.
//!
//! # Batches
//! Several records are decided before any of them is durable, each against the ones before it. If the append then fails none of them
//! happened: [`Adjudicator::roll_back`] undoes what the batch admitted, or a retry of the same transaction would lose to itself.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use crate::record::Record;
use crate::{CatalogClaim, ClaimKind, ClaimSet, Conflict, ConflictKey, ConflictKind, Position};

/// The kinds that leave a trace, by their place in [`Held`].
const TRACES: [ClaimKind; 4] = [ClaimKind::Write, ClaimKind::KeyWrite, ClaimKind::ForUpdate, ClaimKind::KeyShare];

/// Room for so many keys is kept however few are remembered.
const SPARE_KEYS_MAX: usize = 4096;

/// The latest position at which each kind of claim on a key was committed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Held([Position; TRACES.len()]);

impl Held {
    /// The latest claim among `kinds`.
    fn latest(&self, kinds: ClaimSet) -> Position {
        TRACES.iter().zip(self.0).filter(|&(&kind, _)| kinds.has(kind)).map(|(_, position)| position).max().unwrap_or_default()
    }

    fn newest(&self) -> Position {
        self.0.into_iter().max().unwrap_or_default()
    }

    fn hold(&mut self, kinds: ClaimSet, position: Position) {
        for (&kind, latest) in TRACES.iter().zip(&mut self.0) {
            if kinds.has(kind) {
                *latest = position;
            }
        }
    }
}

/// The state of adjudication between two records.
#[derive(Debug)]
pub(crate) struct Adjudicator {
    keys_max: usize,
    /// Claims at or below it are no longer known.
    floor: Position,
    held: HashMap<Arc<[u8]>, Held>,
    descriptors: BTreeMap<u32, Position>,
    /// When each key was claimed, oldest first: the order of forgetting.
    order: VecDeque<(Position, Arc<[u8]>)>,
    /// What the current batch replaced, for [`Adjudicator::roll_back`].
    undo: Vec<Undo>,
}

#[derive(Debug)]
enum Undo {
    Key(Arc<[u8]>, Option<Held>),
    Descriptor(u32, Option<Position>),
}

impl Adjudicator {
    /// An adjudicator that knows nothing up to `floor`, and remembers the claims on at most `keys_max` keys.
    pub(crate) fn new(floor: Position, keys_max: usize) -> Self {
        let (held, descriptors) = (HashMap::new(), BTreeMap::new());
        Self { keys_max, floor, held, descriptors, order: VecDeque::new(), undo: Vec::new() }
    }

    /// The verdict on a record that would be appended next.
    pub(crate) fn judge(&self, record: &Record<'_>) -> Result<(), Conflict> {
        if record.snapshot < self.floor {
            return Err(self.too_old(record));
        }
        self.verify(record)
    }

    /// The verdict as far as the remembered claims go: what replay can check of a record whose snapshot lies before the replayed part.
    pub(crate) fn verify(&self, record: &Record<'_>) -> Result<(), Conflict> {
        self.judge_catalog(record)?;
        self.judge_data(record)
    }

    fn judge_catalog(&self, record: &Record<'_>) -> Result<(), Conflict> {
        if self.descriptors.is_empty() {
            return Ok(());
        }
        for claim in &record.catalog {
            let (CatalogClaim::Write(descriptor) | CatalogClaim::Read(descriptor)) = *claim;
            if let Some(&winner) = self.descriptors.get(&descriptor)
                && winner > record.snapshot
            {
                return Err(Conflict { kind: ConflictKind::Catalog, key: ConflictKey::Descriptor(descriptor), winner });
            }
        }
        Ok(())
    }

    fn judge_data(&self, record: &Record<'_>) -> Result<(), Conflict> {
        for entry in record.entries.iter().filter(|entry| !entry.claims.is_empty()) {
            let Some(held) = self.held.get(entry.key) else { continue };
            let winner = held.latest(entry.claims.defeated_by());
            if winner > record.snapshot {
                return Err(Conflict { kind: ConflictKind::Data, key: ConflictKey::Key(entry.key.to_vec()), winner });
            }
        }
        Ok(())
    }

    /// The conservative verdict on a record from before the window: named after its first claim, won by the last claim forgotten.
    fn too_old(&self, record: &Record<'_>) -> Conflict {
        let winner = self.floor;
        let key = record.entries.iter().find(|entry| !entry.claims.is_empty()).map(|entry| ConflictKey::Key(entry.key.to_vec()));
        match (key, record.catalog.first()) {
            (None, Some(CatalogClaim::Write(descriptor) | CatalogClaim::Read(descriptor))) => {
                Conflict { kind: ConflictKind::Catalog, key: ConflictKey::Descriptor(*descriptor), winner }
            }
            (key, _) => Conflict { kind: ConflictKind::Data, key: key.unwrap_or(ConflictKey::Key(Vec::new())), winner },
        }
    }

    /// Takes a winner's claims, at its position.
    pub(crate) fn admit(&mut self, position: Position, record: &Record<'_>) {
        for entry in record.entries.iter().filter(|entry| entry.claims.leaves_a_trace()) {
            self.hold(position, entry.key, entry.claims);
        }
        for claim in &record.catalog {
            if let CatalogClaim::Write(descriptor) = *claim {
                let replaced = self.descriptors.insert(descriptor, position);
                self.undo.push(Undo::Descriptor(descriptor, replaced));
            }
        }
    }

    fn hold(&mut self, position: Position, key: &[u8], claims: ClaimSet) {
        let (key, before) = match self.held.get_key_value(key) {
            Some((key, held)) => (Arc::clone(key), Some(*held)),
            None => (Arc::from(key), None),
        };
        let mut held = before.unwrap_or_default();
        held.hold(claims, position);
        self.held.insert(Arc::clone(&key), held);
        self.undo.push(Undo::Key(Arc::clone(&key), before));
        self.order.push_back((position, key));
    }

    /// The batch is durable: what it admitted stays.
    pub(crate) fn settle(&mut self) {
        self.undo.clear();
    }

    /// The batch never happened.
    pub(crate) fn roll_back(&mut self) {
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::Key(key, before) => {
                    self.order.pop_back(); // one entry was pushed per undone key, in the same order
                    match before {
                        Some(held) => self.held.insert(key, held),
                        None => self.held.remove(&key),
                    };
                }
                Undo::Descriptor(descriptor, before) => {
                    match before {
                        Some(position) => self.descriptors.insert(descriptor, position),
                        None => self.descriptors.remove(&descriptor),
                    };
                }
            }
        }
    }

    /// Forgets what no snapshot at or above `oldest` can lose to, and more if there is too much. Only between batches.
    pub(crate) fn forget(&mut self, oldest: Position) {
        debug_assert!(self.undo.is_empty(), "a batch can not be undone past what was forgotten");
        while let Some(&(position, _)) = self.order.front() {
            if position > oldest && self.order.len() <= self.keys_max {
                break;
            }
            self.forget_oldest();
        }
        self.floor = self.floor.max(oldest);
        let floor = self.floor;
        self.descriptors.retain(|_, position| *position > floor);
        self.give_memory_back();
    }

    /// Memory of a burst of claims is not kept for the next one.
    fn give_memory_back(&mut self) {
        if self.order.capacity() > SPARE_KEYS_MAX && self.order.len() < self.order.capacity() / 4 {
            self.order.shrink_to(self.order.len() * 2);
            self.held.shrink_to(self.held.len() * 2);
            self.undo.shrink_to(SPARE_KEYS_MAX);
        }
    }

    fn forget_oldest(&mut self) {
        let Some((position, key)) = self.order.pop_front() else { return };
        self.floor = self.floor.max(position);
        // A key claimed again since has a later entry of its own in the order.
        if self.held.get(&key).is_some_and(|held| held.newest() <= position) {
            self.held.remove(&key);
        }
    }

    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        self.held.len()
    }
}

#[cfg(test)]
mod tests;

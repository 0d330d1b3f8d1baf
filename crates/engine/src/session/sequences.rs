//! What a session holds of sequences: ranges taken and not used up, and the last value of each.

use std::collections::HashMap;

use borealis_catalog::{Sequence, SequenceState};
use borealis_pgtypes::{Oid, Result, SqlError};

use super::Session;
use super::portal::blocking;
use crate::cluster::sequences::Taken;

/// A session's sequences.
#[derive(Default)]
pub(super) struct SessionSequences {
    known: HashMap<Oid, Known>,
    /// Whose value was taken last: `lastval()`.
    last: Option<Oid>,
}

/// One sequence as the session knows it.
#[derive(Default)]
struct Known {
    /// `currval()`
    current: Option<i64>,
    held: Option<Held>,
}

/// A range with the values before `next` used up.
#[derive(Clone, Copy)]
struct Held {
    taken: Taken,
    next: i64,
}

impl SessionSequences {
    pub(super) fn current(&self, sequence: Oid) -> Option<i64> {
        self.known.get(&sequence)?.current
    }

    pub(super) fn last(&self) -> Option<Oid> {
        self.last
    }

    /// The next value held, unless the sequence has been altered since the range was taken.
    fn next_held(&mut self, sequence: &Sequence) -> Option<i64> {
        let known = self.known.get_mut(&sequence.oid)?;
        known.held.take_if(|held| held.taken.version < sequence.version);
        self.advance(sequence.oid)
    }

    /// Holds a range and gives its first value.
    fn begin(&mut self, sequence: Oid, taken: Taken) -> Option<i64> {
        self.known.entry(sequence).or_default().held = Some(Held { taken, next: taken.range.first });
        self.advance(sequence)
    }

    fn advance(&mut self, sequence: Oid) -> Option<i64> {
        let known = self.known.get_mut(&sequence)?;
        let held = known.held.take()?;
        if held.next != held.taken.range.last {
            // Within the range, whose end is of this type.
            known.held = Some(Held { next: held.next + held.taken.increment, ..held });
        }
        known.current = Some(held.next);
        self.last = Some(sequence);
        known.current
    }

    /// After `setval`: what was held is void.
    fn set(&mut self, sequence: Oid, state: SequenceState) {
        let known = self.known.entry(sequence).or_default();
        known.held = None;
        if state.is_called {
            known.current = Some(state.last_value);
        }
    }
}

impl Session {
    pub(super) fn next_value(&self, sequence: &Sequence) -> Result<i64> {
        if let Some(value) = self.sequences.borrow_mut().next_held(sequence) {
            return Ok(value);
        }
        let taken = blocking(|| self.cluster.sequences.take(&self.cluster, sequence.oid))?;
        let first = self.sequences.borrow_mut().begin(sequence.oid, taken);
        first.ok_or_else(|| SqlError::internal("a range of a sequence without values"))
    }

    pub(super) fn set_sequence(&self, sequence: &Sequence, state: SequenceState) -> Result<()> {
        blocking(|| self.cluster.sequences.set(&self.cluster, sequence.oid, state))?;
        self.sequences.borrow_mut().set(sequence.oid, state);
        Ok(())
    }
}

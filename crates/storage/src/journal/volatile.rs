//! The journal of a store in memory. It orders, and keeps nothing, since there is no restart to replay it; but for those who follow the commits it keeps
//! what they have not read.

use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{AppendError, Journal};
use crate::Position;
use crate::error::OpenError;

/// Most bytes kept: it is memory.
const KEPT_BYTES_MAX: u64 = 256 << 20;

#[derive(Default)]
pub(crate) struct VolatileJournal(Mutex<State>);

#[derive(Default)]
struct State {
    tail: Position,
    followed: bool,
    /// The latest records; the last one is at `tail`.
    kept: VecDeque<Box<[u8]>>,
}

impl State {
    /// The position before the first record kept.
    fn kept_after(&self) -> Position {
        Position(self.tail.0 - self.kept.len() as u64)
    }
}

impl VolatileJournal {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Journal for VolatileJournal {
    fn append(&self, after: Position, records: &[&[u8]]) -> Result<Position, AppendError> {
        let mut state = self.state();
        if state.tail != after {
            return Err(AppendError::LostRace);
        }
        state.tail = after.after(records.len() as u64);
        if state.followed {
            state.kept.extend(records.iter().map(|record| Box::from(*record)));
        }
        Ok(state.tail)
    }

    fn read(&self, after: Position, visit: &mut dyn FnMut(Position, &[u8]) -> ControlFlow<()>) -> Result<(), OpenError> {
        let state = self.state();
        let passed = after.0.saturating_sub(state.kept_after().0);
        let records = state.kept.iter().zip(1..).skip(usize::try_from(passed).unwrap_or(usize::MAX));
        for (record, place) in records {
            if visit(state.kept_after().after(place), record).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn truncate(&self, up_to: Position) -> io::Result<()> {
        let mut state = self.state();
        let passed = up_to.0.saturating_sub(state.kept_after().0);
        let passed = usize::try_from(passed).unwrap_or(usize::MAX).min(state.kept.len());
        state.kept.drain(..passed);
        Ok(())
    }

    fn begins_within(&self, bytes: u64) -> Position {
        let state = self.state();
        let mut kept = 0;
        let fits = |length: &u64| {
            kept += length;
            kept <= bytes.min(KEPT_BYTES_MAX)
        };
        let lengths = state.kept.iter().rev().map(|record| record.len() as u64);
        Position(state.tail.0 - lengths.take_while(fits).count() as u64)
    }

    fn follow(&self, followed: bool) {
        let mut state = self.state();
        state.followed = followed;
        if !followed {
            state.kept = VecDeque::new();
        }
    }
}

//! The journal of a store in memory: it orders, and keeps nothing, since there is no restart to replay it.

use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use super::{AppendError, Journal};
use crate::Position;
use crate::error::OpenError;

#[derive(Default)]
pub(crate) struct VolatileJournal {
    tail: Mutex<Position>,
}

impl Journal for VolatileJournal {
    fn append(&self, after: Position, records: &[&[u8]]) -> Result<Position, AppendError> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        if *tail != after {
            return Err(AppendError::LostRace);
        }
        *tail = after.after(records.len() as u64);
        Ok(*tail)
    }

    fn read(&self, _after: Position, _visit: &mut dyn FnMut(Position, &[u8]) -> ControlFlow<()>) -> Result<(), OpenError> {
        Ok(())
    }

    fn truncate(&self, _up_to: Position) -> io::Result<()> {
        Ok(())
    }
}

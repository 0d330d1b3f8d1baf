//! The journal: the ordered, durable list of commit records that everything else is a view of.
//!
//! # What an implementation promises
//! * **Order.** Records have dense positions; a record, once readable, never changes its position or content.
//! * **Durability.** When [`Journal::append`] answers with a position, every record up to it survives a crash of the machine.
//! * **Atomicity.** Of one append either all records are kept or none.
//! * **A race is reported, not resolved.** The caller names the position its batch was decided against. If somebody else (another
//!   process on a replicated journal) appended first, nothing is appended: the caller reads what it missed, decides again, tries again.
//!   Nothing here assumes one writer or one process.
//!
//! [`local`] keeps the records in checksummed files; its format is described in `docs/formats/journal.md`.

use std::io;
use std::ops::ControlFlow;

use crate::Position;
use crate::error::OpenError;

pub(crate) mod backend;
pub(crate) mod local;
pub(crate) mod recovery;
pub(crate) mod segment;
#[cfg(test)]
pub(crate) mod simulated;
pub(crate) mod volatile;

/// An ordered, durable list of records. See the [module](self) for what an implementation promises.
pub trait Journal: Send + Sync {
    /// Appends `records` at the positions right after `after`, all or none, and returns the last one when they are durable.
    ///
    /// # Errors
    /// See [`AppendError`].
    fn append(&self, after: Position, records: &[&[u8]]) -> Result<Position, AppendError>;

    /// Visits the records after a position, in order, up to what was durable when the call began.
    ///
    /// # Errors
    /// When records are missing or can not be read.
    fn read(&self, after: Position, visit: &mut dyn FnMut(Position, &[u8]) -> ControlFlow<()>) -> Result<(), OpenError>;

    /// Allows forgetting the records up to a position. They may stay readable.
    ///
    /// # Errors
    /// When the space can not be freed. The journal stays as good as it was.
    fn truncate(&self, up_to: Position) -> io::Result<()>;

    /// After which position the latest records are that take at most so many bytes, roughly. One that has no bound says the beginning.
    fn begins_within(&self, _bytes: u64) -> Position {
        Position::ZERO
    }

    /// Whether somebody reads the records besides a restart. One that keeps them for restarts need not know.
    fn follow(&self, _followed: bool) {}
}

/// Records were not appended.
#[derive(Debug)]
pub enum AppendError {
    /// Others appended first. Nothing of this batch was appended.
    LostRace,
    /// Nothing was appended; the next try may succeed.
    Refused(io::Error),
    /// Whether anything was appended is unknown until the journal is opened again; it accepts nothing more.
    Unknown(io::Error),
}

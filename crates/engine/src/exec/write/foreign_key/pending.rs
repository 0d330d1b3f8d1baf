//! What waits to be checked, and until when.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use borealis_pgtypes::{Datum, Oid};

use super::ForeignKeys;

/// When deferrable constraints are checked: SET CONSTRAINTS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintMode {
    /// At the end of each statement.
    Immediate,
    /// At COMMIT.
    Deferred,
}

/// Something that a foreign key must look at.
pub(crate) struct Event {
    pub(super) keys: Arc<ForeignKeys>,
    /// Which of them.
    pub(super) key: usize,
    pub(super) what: What,
}

/// What happened to a row.
pub(crate) enum What {
    /// A row came to reference something. What it references is read when the event is looked at: later writes may have changed it, or removed the row.
    Came { row_key: Arc<[u8]> },
    /// A referenced key went: with its row, or because it has changed.
    Went { old: Vec<Datum>, new: Option<Vec<Datum>> },
}

/// The events of a transaction. There are no more than a few for each row it may modify.
#[derive(Default)]
pub(crate) struct Events {
    due: VecDeque<Event>,
    deferred: VecDeque<Event>,
    /// SET CONSTRAINTS ALL.
    all: Option<ConstraintMode>,
    /// SET CONSTRAINTS of single ones, by oid.
    single: HashMap<Oid, ConstraintMode>,
    /// COMMIT has begun: nothing is deferred any more.
    committing: bool,
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").field("due", &self.due.len()).field("deferred", &self.deferred.len()).finish_non_exhaustive()
    }
}

impl Events {
    pub(super) fn add(&mut self, event: Event) {
        self.due.push_back(event);
    }

    /// The next event to look at now; those to be looked at later are put aside.
    pub(super) fn next_due(&mut self) -> Option<Event> {
        while let Some(event) = self.due.pop_front() {
            if self.committing || !self.is_deferred(&event) {
                return Some(event);
            }
            self.deferred.push_back(event);
        }
        None
    }

    fn is_deferred(&self, event: &Event) -> bool {
        let key = &event.keys.keys[event.key].key;
        if !key.deferrable || !event.can_wait(key) {
            return false;
        }
        let initially = if key.initially_deferred { ConstraintMode::Deferred } else { ConstraintMode::Immediate };
        self.single.get(&key.oid).copied().or(self.all).unwrap_or(initially) == ConstraintMode::Deferred
    }

    /// Whether nothing is to be looked at, now or later.
    pub(crate) fn is_empty(&self) -> bool {
        self.due.is_empty() && self.deferred.is_empty()
    }

    /// SET CONSTRAINTS: of the constraints with these oids, or of all. What was deferred is due again, as far as the new mode says so.
    pub(crate) fn set_mode(&mut self, constraints: Option<&[Oid]>, mode: ConstraintMode) {
        match constraints {
            None => {
                self.single.clear();
                self.all = Some(mode);
            }
            Some(oids) => self.single.extend(oids.iter().map(|oid| (*oid, mode))),
        }
        self.due.append(&mut self.deferred);
    }

    /// COMMIT: everything is due.
    pub(crate) fn begin_commit(&mut self) {
        self.committing = true;
        self.due.append(&mut self.deferred);
    }
}

impl Event {
    /// Of a deferrable key, checks can wait; actions and RESTRICT cannot.
    fn can_wait(&self, key: &borealis_catalog::ForeignKey) -> bool {
        match &self.what {
            What::Came { .. } => true,
            What::Went { new: None, .. } => key.on_delete == 'a',
            What::Went { new: Some(_), .. } => key.on_update == 'a',
        }
    }
}

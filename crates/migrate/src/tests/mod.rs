//! Runs against a real cluster.

use std::sync::Mutex;

use borealis_client::{ClientError, TransactionError};

use crate::error::MigrateError;

/// What happens to a transaction that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// The process dies before it is sent: behind the one before it.
    DieBefore,
    /// It is committed, and the answer to COMMIT is lost.
    AnswerLost,
    /// It is not committed, and nobody says so.
    CommitLost,
}

impl Fault {
    pub(crate) fn before(self, doing: &str) -> Option<MigrateError> {
        match self {
            Self::DieBefore => Some(died(doing)),
            Self::CommitLost => Some(unanswered(doing)),
            _ => None,
        }
    }

    pub(crate) fn after(self, doing: &str) -> Option<MigrateError> {
        match self {
            Self::AnswerLost => Some(unanswered(doing)),
            _ => None,
        }
    }
}

fn died(doing: &str) -> MigrateError {
    MigrateError::Journal(format!("the process died while {doing}"))
}

fn unanswered(doing: &str) -> MigrateError {
    let cause = Box::new(ClientError::Lost(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "reset")));
    MigrateError::Database {
        doing: doing.to_owned(),
        error: TransactionError { error: ClientError::CommitOutcomeUnknown { cause }, attempts: 1, statement: None },
    }
}

/// A fault at one writing transaction, counted from 0. A process that has died does nothing more.
#[derive(Debug)]
pub(crate) struct Faults {
    at: usize,
    fault: Fault,
    seen: Mutex<Vec<String>>,
}

impl Faults {
    pub(crate) fn new(at: usize, fault: Fault) -> Self {
        Self { at, fault, seen: Mutex::new(Vec::new()) }
    }

    /// The transactions so far.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    pub(crate) fn next(&self, doing: &str) -> Fault {
        let mut seen = self.seen.lock().unwrap();
        let number = seen.len();
        seen.push(doing.to_owned());
        match self.fault {
            fault if number == self.at => fault,
            Fault::DieBefore if number > self.at => Fault::DieBefore,
            _ => Fault::None,
        }
    }
}

mod belongings;
mod files;
mod goal;
mod kill;
mod live;
mod privileges;
mod refused;
mod revert;
mod trial;
mod world;
mod writers;

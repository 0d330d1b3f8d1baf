//! What every plan node is made of: a description that all executions share, and an operator that is one execution's progress in it.

use std::sync::Arc;

use borealis_pgtypes::Result;

use super::batch::Batch;
use crate::eval::Runtime;

/// The compiled form of a plan node: immutable, shared by all executions of the plan.
pub trait Node: Send + Sync {
    /// An operator at its start.
    fn open(self: Arc<Self>) -> Box<dyn Operator>;
}

/// A node as its parent holds it.
pub type NodeRef = Arc<dyn Node>;

/// One execution's progress in a node. It borrows nothing, so it may rest between calls.
pub trait Operator: Send {
    /// Replaces the contents of `out` by the next rows: at least one and at most `max`; false, and no row, at the end. Not called again after the end
    /// without [`Operator::rewind`].
    ///
    /// # Errors
    /// Whatever the statement answers; the operator is not used again then.
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool>;

    /// Goes back to the start, for other values of the exec parameters.
    ///
    /// # Errors
    /// None of its own; children's.
    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()>;
}

/// Rows pulled from an operator one at a time.
pub(crate) struct Rows {
    batch: Batch,
    at: usize,
    ended: bool,
}

impl Rows {
    pub(crate) fn new() -> Self {
        Self { batch: Batch::default(), at: 0, ended: false }
    }

    /// Moves to the next row; false at the end.
    pub(crate) fn advance(&mut self, rt: &mut Runtime<'_>, input: &mut dyn Operator, max: usize) -> Result<bool> {
        if self.at + 1 < self.batch.len() {
            self.at += 1;
            return Ok(true);
        }
        self.at = 0;
        if self.ended || !input.next(rt, &mut self.batch, max)? {
            self.ended = true;
            self.batch.reset(0);
            return Ok(false);
        }
        Ok(true)
    }

    /// The row last moved to.
    pub(crate) fn row(&self) -> &[borealis_pgtypes::Datum] {
        self.batch.row(self.at)
    }

    pub(crate) fn reset(&mut self) {
        self.batch.reset(0);
        self.at = 0;
        self.ended = false;
    }
}

//! FOR UPDATE and FOR KEY SHARE: claims on rows, decided at commit.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Result, SqlError, SqlState};
use borealis_storage::ClaimKind;

use super::batch::Batch;
use super::operator::{Node, NodeRef, Operator};
use crate::eval::Runtime;

/// The description.
pub(super) struct LockRowsNode {
    pub(super) input: NodeRef,
    /// Slot of the row's locator, and the claim.
    pub(super) locks: Vec<(usize, ClaimKind)>,
}

struct LockRowsOperator {
    input: Box<dyn Operator>,
    node: Arc<LockRowsNode>,
}

impl Node for LockRowsNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(LockRowsOperator { input: self.input.clone().open(), node: self })
    }
}

impl Operator for LockRowsOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        let txn = rt.txn()?;
        if txn.read_only {
            let what = self.node.locks.iter().any(|(_, kind)| *kind == ClaimKind::ForUpdate);
            let what = if what { "SELECT FOR UPDATE" } else { "SELECT FOR KEY SHARE" };
            return Err(SqlError::new(SqlState::READ_ONLY_SQL_TRANSACTION, format!("cannot execute {what} in a read-only transaction")));
        }
        if !self.input.next(rt, out, max)? {
            return Ok(false);
        }
        let txn = rt.txn()?;
        for row in out.rows() {
            for (slot, kind) in &self.node.locks {
                match &row[*slot] {
                    Datum::Bytea(key) => txn.storage.claim(key.to_vec(), *kind),
                    // The empty side of an outer join.
                    Datum::Null => {}
                    _ => return Err(SqlError::internal("a row locator that is no key")),
                }
            }
        }
        Ok(true)
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.input.rewind(rt)
    }
}

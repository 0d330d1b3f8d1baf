//! DELETE.

use std::collections::HashSet;
use std::sync::Arc;

use borealis_pgtypes::Result;
use borealis_sql::plan::DeletePlan;

use super::target::Target;
use super::{check_writable, collect, give, locator, push_returning, release};
use crate::eval::{Code, Compiler, Runtime};
use crate::exec::batch::Batch;
use crate::exec::operator::{Node, NodeRef, Operator};

/// The description.
pub(crate) struct DeleteNode {
    source: NodeRef,
    target: Target,
    returning: Vec<Code>,
}

impl DeleteNode {
    pub(crate) fn compile(compiler: &Compiler<'_>, delete: &DeletePlan, source: NodeRef) -> Result<Self> {
        Ok(Self { source, target: Target::compile(compiler, &delete.target)?, returning: compiler.all(&delete.returning)? })
    }

    fn run(&self, rt: &mut Runtime<'_>) -> Result<Batch> {
        check_writable(rt, "DELETE")?;
        let width = self.target.width();
        let mut source = self.source.clone().open();
        let mut seen: HashSet<Arc<[u8]>> = HashSet::new();
        let batches = collect(rt, source.as_mut(), true, |row| Ok(seen.insert(Arc::clone(locator(row, width)?))))?;
        release(rt, &batches);
        let mut out = Batch::new(self.returning.len());
        for batch in &batches {
            rt.env.eval.host.check_interrupt()?;
            for row in batch.rows() {
                let key = locator(row, width)?;
                // Another part of the statement was faster.
                if rt.txn()?.hidden().is_some_and(|hidden| hidden.contains_key(&**key)) {
                    continue;
                }
                self.target.delete(rt, key, &row[..width])?;
                rt.shared.rows_affected += 1;
                push_returning(rt, &self.returning, row, &mut out)?;
            }
        }
        Ok(out)
    }
}

impl Node for DeleteNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(DeleteOperator { node: self, rows: None, given: 0 })
    }
}

struct DeleteOperator {
    node: Arc<DeleteNode>,
    rows: Option<Batch>,
    given: usize,
}

impl Operator for DeleteOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        if self.rows.is_none() {
            self.rows = Some(self.node.run(rt)?);
        }
        Ok(give(&mut self.rows, &mut self.given, out, max))
    }

    fn rewind(&mut self, _rt: &mut Runtime<'_>) -> Result<()> {
        Err(borealis_pgtypes::SqlError::internal("a statement that writes runs once"))
    }
}

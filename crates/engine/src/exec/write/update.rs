//! UPDATE.

use std::collections::HashSet;
use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};
use borealis_sql::plan::UpdatePlan;

use super::target::Target;
use super::{check_writable, collect, give, locator, push_returning, release};
use crate::eval::{Code, Compiler, Runtime};
use crate::exec::batch::Batch;
use crate::exec::operator::{Node, NodeRef, Operator};

/// The description.
pub(crate) struct UpdateNode {
    source: NodeRef,
    target: Target,
    assignments: Vec<Option<Code>>,
    returning: Vec<Code>,
}

impl UpdateNode {
    pub(crate) fn compile(compiler: &Compiler<'_>, update: &UpdatePlan, source: NodeRef) -> Result<Self> {
        Ok(Self {
            source,
            target: Target::compile(compiler, &update.target)?,
            assignments: update.assignments.iter().map(|value| compiler.optional(value.as_ref())).collect::<Result<_>>()?,
            returning: compiler.all(&update.returning)?,
        })
    }

    fn run(&self, rt: &mut Runtime<'_>) -> Result<Batch> {
        check_writable(rt, "UPDATE")?;
        let width = self.target.width();
        let mut source = self.source.clone().open();
        let mut seen: HashSet<Arc<[u8]>> = HashSet::new();
        // A row that several rows of a join lead to is changed once, by the first of them.
        let mut batches = collect(rt, source.as_mut(), true, |row| Ok(seen.insert(Arc::clone(locator(row, width)?))))?;
        release(rt, &batches);
        let mut out = Batch::new(self.returning.len());
        for batch in &mut batches {
            rt.env.eval.host.check_interrupt()?;
            for index in 0..batch.len() {
                self.one(rt, batch.row_mut(index), &mut out)?;
            }
        }
        Ok(out)
    }

    fn one(&self, rt: &mut Runtime<'_>, row: &mut [Datum], out: &mut Batch) -> Result<()> {
        let width = self.target.width();
        let key = Arc::clone(locator(row, width)?);
        // Another part of the statement was faster: the row is changed once.
        if rt.txn()?.hidden().is_some_and(|hidden| hidden.contains_key(&*key)) {
            return Ok(());
        }
        let mut new: Vec<Datum> = row[..width].to_vec();
        for (place, assignment) in self.assignments.iter().enumerate() {
            if let Some(assignment) = assignment {
                new[place] = assignment.eval(rt, row)?;
            }
        }
        self.target.update(rt, &key, &row[..width], &mut new)?;
        rt.shared.rows_affected += 1;
        if !self.returning.is_empty() {
            row[..width].swap_with_slice(&mut new);
            push_returning(rt, &self.returning, row, out)?;
        }
        Ok(())
    }
}

impl Node for UpdateNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(UpdateOperator { node: self, rows: None, given: 0 })
    }
}

struct UpdateOperator {
    node: Arc<UpdateNode>,
    rows: Option<Batch>,
    given: usize,
}

impl Operator for UpdateOperator {
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

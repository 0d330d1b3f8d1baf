//! INSERT.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Result};
use borealis_sql::plan::InsertPlan;

use super::conflict::{ConflictCode, Touched};
use super::target::Target;
use super::{check_writable, collect, give, push_returning, release};
use crate::eval::{Code, Compiler, Runtime};
use crate::exec::batch::Batch;
use crate::exec::operator::{Node, NodeRef, Operator};

/// The description.
pub(crate) struct InsertNode {
    source: NodeRef,
    target: Target,
    conflict: Option<ConflictCode>,
    returning: Vec<Code>,
}

impl InsertNode {
    pub(crate) fn compile(compiler: &Compiler<'_>, insert: &InsertPlan, source: NodeRef) -> Result<Self> {
        let conflict = insert.on_conflict.as_ref();
        Ok(Self {
            source,
            target: Target::compile(compiler, &insert.target)?,
            conflict: conflict.map(|conflict| ConflictCode::compile(compiler, &insert.target.table, conflict)).transpose()?,
            returning: compiler.all(&insert.returning)?,
        })
    }

    fn run(&self, rt: &mut Runtime<'_>) -> Result<Batch> {
        check_writable(rt, "INSERT")?;
        let mut source = self.source.clone().open();
        let mut batches = collect(rt, source.as_mut(), self.conflict.is_none(), |_| Ok(true))?;
        release(rt, &batches);
        let mut out = Batch::new(self.returning.len());
        let mut touched = Touched::default();
        for batch in &mut batches {
            rt.env.eval.host.check_interrupt()?;
            for index in 0..batch.len() {
                self.one(rt, batch.row_mut(index), &mut touched, &mut out)?;
            }
        }
        Ok(out)
    }

    fn one(&self, rt: &mut Runtime<'_>, row: &mut [Datum], touched: &mut Touched, out: &mut Batch) -> Result<()> {
        let prepared = self.target.prepare(rt, row)?;
        if let Some(conflict) = &self.conflict {
            if let Some(existing) = conflict.find(rt, &self.target, &prepared)? {
                if let Some(updated) = conflict.resolve(rt, &self.target, &existing, row, touched)? {
                    rt.shared.rows_affected += 1;
                    push_returning(rt, &self.returning, &updated, out)?;
                }
                return Ok(());
            }
            touched.add(&prepared.key);
        }
        self.target.insert(rt, row, prepared)?;
        rt.shared.rows_affected += 1;
        push_returning(rt, &self.returning, row, out)
    }
}

impl Node for InsertNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(InsertOperator { node: self, rows: None, given: 0 })
    }
}

struct InsertOperator {
    node: Arc<InsertNode>,
    rows: Option<Batch>,
    given: usize,
}

impl Operator for InsertOperator {
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

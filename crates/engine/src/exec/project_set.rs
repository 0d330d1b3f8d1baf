//! Set-returning functions in a target list: they run in lockstep, and those that end first give NULL.

use std::sync::Arc;

use borealis_pgtypes::{Result, RowSet};

use super::batch::Batch;
use super::function_scan::{SetCall, lockstep};
use super::operator::{Node, NodeRef, Operator, Rows};
use crate::eval::{Code, Runtime};

/// One output slot.
pub(super) enum Target {
    Set(SetCall),
    Value(Code),
}

/// The description.
pub(super) struct ProjectSetNode {
    pub(super) input: NodeRef,
    pub(super) targets: Vec<Target>,
}

struct ProjectSetOperator {
    input: Box<dyn Operator>,
    node: Arc<ProjectSetNode>,
    rows: Rows,
    /// The sets of the current input row.
    sets: Option<Vec<Option<RowSet>>>,
}

impl Node for ProjectSetNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(ProjectSetOperator { input: self.input.clone().open(), node: self, rows: Rows::new(), sets: None })
    }
}

impl ProjectSetOperator {
    fn open_sets(&self, rt: &mut Runtime<'_>) -> Result<Vec<Option<RowSet>>> {
        let calls = self.node.targets.iter().filter_map(|target| match target {
            Target::Set(call) => Some(call),
            Target::Value(_) => None,
        });
        calls.map(|call| call.call(rt, self.rows.row(), false).map(Some)).collect()
    }

    /// Appends the next row of the current sets; false when all have ended.
    fn next_row(&mut self, rt: &mut Runtime<'_>, out: &mut Batch) -> Result<bool> {
        let Some(sets) = &mut self.sets else { return Ok(false) };
        let Some(values) = lockstep(sets)? else { return Ok(false) };
        let mut values = values.into_iter();
        for target in &self.node.targets {
            let value = match target {
                Target::Set(call) => values.next().flatten().map(|row| call.value(row)).unwrap_or_default(),
                Target::Value(code) => code.eval(rt, self.rows.row())?,
            };
            out.push_value(value);
        }
        out.end_row();
        Ok(true)
    }
}

impl Operator for ProjectSetOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        out.reset(self.node.targets.len());
        rt.env.eval.host.check_interrupt()?;
        while out.len() < max {
            if self.sets.is_none() {
                if !self.rows.advance(rt, self.input.as_mut(), max)? {
                    break;
                }
                self.sets = Some(self.open_sets(rt)?);
            }
            if !self.next_row(rt, out)? {
                self.sets = None;
            }
        }
        Ok(!out.is_empty())
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.sets = None;
        self.rows.reset();
        self.input.rewind(rt)
    }
}

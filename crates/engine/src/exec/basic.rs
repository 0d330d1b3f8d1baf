//! The plain nodes: Result, Values, Filter, Project, Append.

use std::sync::Arc;

use borealis_pgtypes::Result;

use super::batch::Batch;
use super::operator::{Node, NodeRef, Operator};
use super::scan::retain;
use crate::eval::{Code, Runtime};

/// One row without slots, if the filter holds.
pub(super) struct ResultNode {
    pub(super) filter: Option<Code>,
}

struct ResultOperator {
    node: Arc<ResultNode>,
    done: bool,
}

impl Node for ResultNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(ResultOperator { node: self, done: false })
    }
}

impl Operator for ResultOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, _max: usize) -> Result<bool> {
        if std::mem::replace(&mut self.done, true) {
            return Ok(false);
        }
        out.reset(0);
        let holds = match &self.node.filter {
            Some(filter) => filter.holds(rt, &[])?,
            None => true,
        };
        if holds {
            out.end_row();
        }
        Ok(holds)
    }

    fn rewind(&mut self, _rt: &mut Runtime<'_>) -> Result<()> {
        self.done = false;
        Ok(())
    }
}

/// Constant rows.
pub(super) struct ValuesNode {
    pub(super) rows: Vec<Vec<Code>>,
    pub(super) width: usize,
}

struct ValuesOperator {
    node: Arc<ValuesNode>,
    at: usize,
}

impl Node for ValuesNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(ValuesOperator { node: self, at: 0 })
    }
}

impl Operator for ValuesOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        out.reset(self.node.width);
        for row in self.node.rows[self.at..].iter().take(max) {
            for code in row {
                let value = code.eval(rt, &[])?;
                out.push_value(value);
            }
            out.end_row();
        }
        self.at += out.len();
        Ok(!out.is_empty())
    }

    fn rewind(&mut self, _rt: &mut Runtime<'_>) -> Result<()> {
        self.at = 0;
        Ok(())
    }
}

/// Rows for which the predicate is true.
pub(super) struct FilterNode {
    pub(super) input: NodeRef,
    pub(super) predicate: Code,
}

struct FilterOperator {
    input: Box<dyn Operator>,
    node: Arc<FilterNode>,
}

impl Node for FilterNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(FilterOperator { input: self.input.clone().open(), node: self })
    }
}

impl Operator for FilterOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        while self.input.next(rt, out, max)? {
            retain(rt, out, &self.node.predicate)?;
            if !out.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.input.rewind(rt)
    }
}

/// New slots.
pub(super) struct ProjectNode {
    pub(super) input: NodeRef,
    pub(super) exprs: Vec<Code>,
}

struct ProjectOperator {
    input: Box<dyn Operator>,
    rows: Batch,
    node: Arc<ProjectNode>,
}

impl Node for ProjectNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(ProjectOperator { input: self.input.clone().open(), rows: Batch::default(), node: self })
    }
}

impl Operator for ProjectOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        if !self.input.next(rt, &mut self.rows, max)? {
            return Ok(false);
        }
        out.reset(self.node.exprs.len());
        for row in self.rows.rows() {
            for expr in &self.node.exprs {
                let value = expr.eval(rt, row)?;
                out.push_value(value);
            }
            out.end_row();
        }
        Ok(true)
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.input.rewind(rt)
    }
}

/// Concatenation.
pub(super) struct AppendNode {
    pub(super) inputs: Vec<NodeRef>,
}

struct AppendOperator {
    inputs: Vec<Box<dyn Operator>>,
    at: usize,
}

impl Node for AppendNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(AppendOperator { inputs: self.inputs.iter().map(|input| input.clone().open()).collect(), at: 0 })
    }
}

impl Operator for AppendOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        while let Some(input) = self.inputs.get_mut(self.at) {
            if input.next(rt, out, max)? {
                return Ok(true);
            }
            self.at += 1;
        }
        Ok(false)
    }

    fn rewind(&mut self, rt: &mut Runtime<'_>) -> Result<()> {
        self.at = 0;
        self.inputs.iter_mut().try_for_each(|input| input.rewind(rt))
    }
}

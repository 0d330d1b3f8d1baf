//! Relations the server computes.

use std::sync::Arc;

use borealis_catalog::system::{SystemContext, SystemRelation};
use borealis_pgtypes::{Datum, Result};

use super::batch::Batch;
use super::operator::{Node, Operator};
use super::scan::retain;
use crate::eval::{Code, Runtime};

/// The description.
pub(super) struct SystemScanNode {
    pub(super) relation: &'static SystemRelation,
    pub(super) columns: Vec<usize>,
    pub(super) filter: Option<Code>,
}

struct SystemScanOperator {
    node: Arc<SystemScanNode>,
    rows: Option<std::vec::IntoIter<Vec<Datum>>>,
}

impl Node for SystemScanNode {
    fn open(self: Arc<Self>) -> Box<dyn Operator> {
        Box::new(SystemScanOperator { node: self, rows: None })
    }
}

impl Operator for SystemScanOperator {
    fn next(&mut self, rt: &mut Runtime<'_>, out: &mut Batch, max: usize) -> Result<bool> {
        let rows = match &mut self.rows {
            Some(rows) => rows,
            None => {
                let context = SystemContext { catalog: rt.env.catalog, settings: rt.env.eval.settings, server: rt.env.system };
                self.rows.insert((self.node.relation.rows)(&context)?.into_iter())
            }
        };
        loop {
            out.reset(self.node.columns.len());
            for row in rows.by_ref().take(max) {
                for column in &self.node.columns {
                    out.push_value(row.get(*column).cloned().unwrap_or_default());
                }
                out.end_row();
            }
            if out.is_empty() {
                return Ok(false);
            }
            if let Some(filter) = &self.node.filter {
                retain(rt, out, filter)?;
            }
            if !out.is_empty() {
                return Ok(true);
            }
        }
    }

    fn rewind(&mut self, _rt: &mut Runtime<'_>) -> Result<()> {
        self.rows = None;
        Ok(())
    }
}

//! RETURNING.

use borealis_pgtypes::Result;

use super::node::exprs;
use super::target::outputs;
use super::{Binder, Clause};
use crate::ast::Target;
use crate::bound::OutputColumn;
use crate::expr::Expr;

impl Binder<'_> {
    /// The expressions of RETURNING and the columns they make; no columns without RETURNING.
    pub(crate) fn returning(&mut self, targets: &[Target]) -> Result<(Vec<Expr>, Option<Vec<OutputColumn>>)> {
        if targets.is_empty() {
            return Ok((Vec::new(), None));
        }
        let mut bound = self.targets(targets, Clause::Returning)?;
        for target in &mut bound {
            let node = std::mem::replace(&mut target.node, Self::null(-1));
            target.node = self.settle(node)?;
        }
        let columns = outputs(&bound);
        Ok((exprs(bound.into_iter().map(|target| target.node).collect()), Some(columns)))
    }
}

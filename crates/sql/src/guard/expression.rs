//! Expressions: subqueries in them are queries, calls are looked at, everything else is walked through.

use borealis_pgtypes::Result;

use super::Walk;
use crate::ast::{Expr, ExprKind, Frame, FrameBound, SubqueryKind};

impl Walk<'_> {
    pub(super) fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e mut Expr>) -> Result<()> {
        exprs.into_iter().try_for_each(|expr| self.expr(expr))
    }

    pub(super) fn expr(&mut self, expr: &mut Expr) -> Result<()> {
        let at = expr.at;
        match &mut expr.kind {
            ExprKind::Column(names) => match names.as_slice() {
                [_, .., last] => self.field(last, at),
                _ => Ok(()),
            },
            ExprKind::Function(call) => self.call(call, at),
            ExprKind::JsonAggregate(aggregate) => self.call(&mut aggregate.call, at),
            ExprKind::Subquery { kind, query } => {
                self.subquery_kind(kind)?;
                self.query(query)
            }
            ExprKind::Field { base, field } => {
                self.field(field, at)?;
                self.expr(base)
            }
            // No more than its parts.
            _ => self.exprs(expr.parts_mut()),
        }
    }

    fn subquery_kind(&mut self, kind: &mut SubqueryKind) -> Result<()> {
        match kind {
            SubqueryKind::Scalar | SubqueryKind::Exists | SubqueryKind::Array => Ok(()),
            SubqueryKind::Any { test, op: _ } | SubqueryKind::All { test, op: _ } => self.expr(test),
        }
    }

    pub(super) fn frame(&mut self, frame: &mut Frame) -> Result<()> {
        let Frame { mode: _, start, end, exclusion: _ } = frame;
        [start, end].into_iter().try_for_each(|bound| match bound {
            FrameBound::Preceding(offset) | FrameBound::Following(offset) => self.expr(offset),
            FrameBound::UnboundedPreceding | FrameBound::CurrentRow | FrameBound::UnboundedFollowing => Ok(()),
        })
    }
}

//! Expressions: subqueries in them are queries, calls are looked at, everything else is walked through.

use borealis_pgtypes::Result;

use super::Walk;
use crate::ast::{Expr, ExprKind, Frame, FrameBound, SubqueryKind, Subscript};

impl Walk<'_> {
    pub(super) fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e mut Expr>) -> Result<()> {
        exprs.into_iter().try_for_each(|expr| self.expr(expr))
    }

    pub(super) fn expr(&mut self, expr: &mut Expr) -> Result<()> {
        let at = expr.at;
        match &mut expr.kind {
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Integer(_)
            | ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::BitString(_)
            | ExprKind::Star(_)
            | ExprKind::Param(_)
            | ExprKind::DefaultKeyword
            | ExprKind::SqlValue { function: _, precision: _ } => Ok(()),
            ExprKind::Column(names) => match names.as_slice() {
                [_, .., last] => self.field(last, at),
                _ => Ok(()),
            },
            ExprKind::Function(call) => self.call(call, at),
            ExprKind::Subquery { kind, query } => {
                self.subquery_kind(kind)?;
                self.query(query)
            }
            ExprKind::Field { base, field } => {
                self.field(field, at)?;
                self.expr(base)
            }
            _ => self.parts(&mut expr.kind),
        }
    }

    fn subquery_kind(&mut self, kind: &mut SubqueryKind) -> Result<()> {
        match kind {
            SubqueryKind::Scalar | SubqueryKind::Exists | SubqueryKind::Array => Ok(()),
            SubqueryKind::Any { test, op: _ } | SubqueryKind::All { test, op: _ } => self.expr(test),
        }
    }

    /// Expressions that are no more than their parts.
    fn parts(&mut self, kind: &mut ExprKind) -> Result<()> {
        match kind {
            ExprKind::Unary { op: _, arg }
            | ExprKind::Not(arg)
            | ExprKind::IsNull { arg, negated: _ }
            | ExprKind::BooleanTest { arg, test: _ }
            | ExprKind::Cast { arg, ty: _ }
            | ExprKind::Collate { arg, collation: _ }
            | ExprKind::FieldStar(arg) => self.expr(arg),
            ExprKind::Binary { op: _, left, right }
            | ExprKind::ScalarArray { op: _, all: _, left, right }
            | ExprKind::IsDistinct { left, right, negated: _ }
            | ExprKind::NullIf(left, right) => self.exprs([&mut **left, &mut **right]),
            ExprKind::In { arg, list, negated: _ } => {
                self.expr(arg)?;
                self.exprs(list)
            }
            ExprKind::Like { arg, pattern, escape, kind: _, negated: _ } => {
                self.exprs([&mut **arg, &mut **pattern])?;
                self.exprs(escape.as_deref_mut())
            }
            ExprKind::Between { arg, low, high, symmetric: _, negated: _ } => self.exprs([&mut **arg, &mut **low, &mut **high]),
            ExprKind::And(list)
            | ExprKind::Or(list)
            | ExprKind::Coalesce(list)
            | ExprKind::Greatest(list)
            | ExprKind::Least(list)
            | ExprKind::Array(list)
            | ExprKind::Row { items: list, explicit: _ }
            | ExprKind::Grouping(list) => self.exprs(list),
            ExprKind::Case { arg, whens, otherwise } => {
                self.exprs(arg.as_deref_mut())?;
                whens.iter_mut().try_for_each(|(when, then)| self.exprs([when, then]))?;
                self.exprs(otherwise.as_deref_mut())
            }
            ExprKind::Subscript { base, subscripts } => {
                self.expr(base)?;
                subscripts.iter_mut().try_for_each(|subscript| match subscript {
                    Subscript::Index(index) => self.expr(index),
                    Subscript::Slice(low, high) => self.exprs(low.iter_mut().chain(high)),
                })
            }
            ExprKind::Null
            | ExprKind::Bool(_)
            | ExprKind::Integer(_)
            | ExprKind::Number(_)
            | ExprKind::String(_)
            | ExprKind::BitString(_)
            | ExprKind::Column(_)
            | ExprKind::Star(_)
            | ExprKind::Param(_)
            | ExprKind::DefaultKeyword
            | ExprKind::SqlValue { .. }
            | ExprKind::Function(_)
            | ExprKind::Subquery { .. }
            | ExprKind::Field { .. } => unreachable!("taken apart by the caller"),
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

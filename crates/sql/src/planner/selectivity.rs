//! What fraction of rows a condition keeps. PostgreSQL's default numbers, sharpened by the number of distinct values where statistics have it.

use borealis_pgtypes::{Datum, Strategy};

use super::Planner;
use super::from::Base;
use crate::ast::BooleanTest;
use crate::bound::Relation;
use crate::expr::{ColumnRef, Expr, ExprKind};

/// PostgreSQL's guess for the number of distinct values of a column nobody analysed.
const DISTINCT_DEFAULT: f64 = 200.0;
const RANGE: f64 = 1.0 / 3.0;
const RANGE_BOTH: f64 = 0.005;
const MATCH: f64 = 0.005;
/// Elements of an array parameter.
pub(crate) const ARRAY_LENGTH: f64 = 10.0;

impl Planner<'_> {
    /// Fraction of the rows of the joined relations for which all conditions hold.
    pub(crate) fn selectivity<'q>(&self, bases: &[Base], quals: impl Iterator<Item = &'q Expr>) -> f64 {
        let (mut product, mut ranges) = (1.0, Vec::new());
        for qual in quals {
            if let Some((column, strategy)) = range_of(qual) {
                // Two ends on one column are a narrow range, not two independent thirds.
                let lower = matches!(strategy, Strategy::Greater | Strategy::GreaterEqual);
                if let Some(position) = ranges.iter().position(|(other, side)| *other == column && *side != lower) {
                    ranges.swap_remove(position);
                    product *= RANGE_BOTH / RANGE;
                    continue;
                }
                ranges.push((column, lower));
            }
            product *= self.one(bases, qual);
        }
        product
    }

    fn one(&self, bases: &[Base], expr: &Expr) -> f64 {
        match &expr.kind {
            ExprKind::Const(Datum::Bool(true)) => 1.0,
            ExprKind::Const(_) => 0.0,
            ExprKind::And(args) => self.selectivity(bases, args.iter()),
            ExprKind::Or(args) => args.iter().fold(0.0, |sum, arg| {
                let one = self.one(bases, arg);
                sum + one - sum * one
            }),
            ExprKind::Not(arg) => 1.0 - self.one(bases, arg),
            ExprKind::IsNull { negated, .. } => {
                if *negated {
                    1.0 - MATCH
                } else {
                    MATCH
                }
            }
            ExprKind::Call { operator: Some(operator), args, .. } => match operator.strategy {
                Some(Strategy::Equal) => self.equality(bases, args),
                Some(_) => RANGE,
                None if operator.name == "<>" => 1.0 - self.equality(bases, args),
                None => {
                    if operator.name.starts_with('!') {
                        1.0 - MATCH
                    } else {
                        MATCH
                    }
                }
            },
            ExprKind::ScalarArray { operator, all: false, left, right, .. } if operator.strategy == Some(Strategy::Equal) => {
                (array_length(right) / self.distinct(bases, left)).min(1.0)
            }
            ExprKind::BooleanTest { test: BooleanTest::Unknown, .. } => MATCH,
            ExprKind::RowCompare { .. } => RANGE,
            _ => 0.5,
        }
    }

    fn equality(&self, bases: &[Base], args: &[Expr]) -> f64 {
        let most =
            args.iter().filter(|arg| matches!(arg.kind, ExprKind::Column(_))).map(|arg| self.distinct(bases, arg)).fold(0.0, f64::max);
        if most > 0.0 { 1.0 / most } else { MATCH }
    }

    /// Distinct values of an expression.
    pub(crate) fn distinct(&self, bases: &[Base], expr: &Expr) -> f64 {
        match &expr.kind {
            ExprKind::Column(ColumnRef { depth: 0, relation, column }) => match bases.get(*relation) {
                Some(base) => self.column_distinct(base, *column),
                None => DISTINCT_DEFAULT,
            },
            ExprKind::Coerce { arg, .. } => self.distinct(bases, arg),
            ExprKind::Const(_) => 1.0,
            _ => DISTINCT_DEFAULT,
        }
    }

    fn column_distinct(&self, base: &Base, column: usize) -> f64 {
        let Relation::Table(table) = &base.entry.relation else { return base.table_rows.clamp(1.0, DISTINCT_DEFAULT) };
        let number = base.attnum(column);
        if let Some(distinct) = self.ctx.statistics.distinct(table.oid, number) {
            return distinct.max(1.0);
        }
        let rows = base.table_rows.max(1.0);
        let unique = table.all_indexes().any(|index| {
            index.unique && matches!(index.keys.as_slice(), [key] if key.part == borealis_catalog::IndexKeyPart::Column(number))
        });
        if unique { rows } else { rows.min(DISTINCT_DEFAULT) }
    }
}

/// Number of elements, when the array is a constant.
pub(crate) fn array_length(array: &Expr) -> f64 {
    match &array.kind {
        #[allow(clippy::cast_precision_loss)]
        ExprKind::Const(Datum::Array(array)) => array.elements.len() as f64,
        #[allow(clippy::cast_precision_loss)]
        ExprKind::Array { items, .. } => items.len() as f64,
        _ => ARRAY_LENGTH,
    }
}

fn range_of(expr: &Expr) -> Option<(ColumnRef, Strategy)> {
    let ExprKind::Call { operator: Some(operator), args, .. } = &expr.kind else { return None };
    let strategy = operator.strategy.filter(|strategy| *strategy != Strategy::Equal)?;
    match &args.first()?.kind {
        ExprKind::Column(column) => Some((*column, strategy)),
        _ => None,
    }
}

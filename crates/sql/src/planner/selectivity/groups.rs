//! How many groups rows fall into: `estimate_num_groups`.

use super::super::Planner;
use super::super::from::Base;
use super::super::same::same;
use super::super::walk;
use super::variable::Variable;
use crate::expr::{ColumnRef, Expr, ExprKind};

impl Planner<'_> {
    /// Number of groups that `input_rows` rows of the joined relations make by these expressions.
    pub(crate) fn groups(&self, bases: &[Base], groups: &[Expr], input_rows: f64) -> f64 {
        let mut product = 1.0;
        let mut columns: Vec<(ColumnRef, f64)> = Vec::new();
        let mut seen: Vec<&Expr> = Vec::new();
        for group in groups {
            if seen.iter().any(|known| same(known, group)) || matches!(group.kind, ExprKind::Const(_)) {
                continue;
            }
            seen.push(group);
            if group.ty.oid == borealis_pgtypes::Oid::BOOL && !matches!(group.kind, ExprKind::Column(_)) {
                product *= 2.0;
                continue;
            }
            walk::column_refs(group, 0, &mut |column, nesting| {
                if nesting == 0 && column.depth == 0 && !columns.iter().any(|(known, _)| *known == column) {
                    let expr = Expr::new(ExprKind::Column(column), group.ty);
                    columns.push((column, Variable::of(bases, &expr).distinct().0));
                }
            });
        }
        for (relation, base) in bases.iter().enumerate() {
            let own: Vec<f64> = columns.iter().filter(|(column, _)| column.relation == relation).map(|(_, distinct)| *distinct).collect();
            if !own.is_empty() {
                product *= self.relation_groups(bases, base, &own);
            }
        }
        product.ceil().min(input_rows).max(1.0)
    }

    /// Groups by columns of one relation: no more than a tenth of its rows by several columns unless one alone makes more, and fewer when conditions take
    /// rows away.
    fn relation_groups(&self, bases: &[Base], base: &Base, distinct: &[f64]) -> f64 {
        let rows = base.table_rows.max(1.0);
        let most = distinct.iter().copied().fold(1.0, f64::max);
        let mut limit = rows;
        if distinct.len() > 1 {
            limit = (rows * 0.1).max(most).min(rows);
        }
        let groups = distinct.iter().product::<f64>().min(limit).max(1.0);
        let kept = rows * self.selectivity(bases, base.filters.iter().map(|qual| &qual.expr));
        if groups <= 1.0 || kept >= rows {
            return groups;
        }
        // The chance that a group loses all its rows.
        (groups * (1.0 - ((rows - kept.max(1.0)) / rows).powf(rows / groups))).max(1.0)
    }
}

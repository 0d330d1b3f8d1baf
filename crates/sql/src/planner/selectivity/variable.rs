//! What is known of an operand: `examine_variable` and `get_variable_numdistinct`.

use borealis_catalog::statistics::ColumnStatistics;
use borealis_catalog::{IndexKeyPart, IndexState, Table};
use borealis_pgtypes::Oid;

use super::super::from::Base;
use crate::bound::Relation;
use crate::expr::{Coercion, Expr, ExprKind};

/// PostgreSQL's guess for the number of distinct values of a column nobody analysed.
const DISTINCT_DEFAULT: f64 = 200.0;

/// An operand.
pub(super) struct Variable<'b> {
    /// What ANALYZE found, when it is a column.
    pub(super) column: Option<&'b ColumnStatistics>,
    /// Rows of its relation; 0 when it is not a column of one.
    pub(super) rows: f64,
    /// No two rows have the same value.
    pub(super) unique: bool,
    oid: Oid,
    constant: bool,
}

impl<'b> Variable<'b> {
    pub(super) fn of(bases: &'b [Base], expr: &Expr) -> Self {
        let unknown = Self { column: None, rows: 0.0, unique: false, oid: expr.ty.oid, constant: matches!(expr.kind, ExprKind::Const(_)) };
        match &expr.kind {
            ExprKind::Coerce { arg, coercion: Coercion::Relabel } => Self { oid: expr.ty.oid, ..Self::of(bases, arg) },
            ExprKind::Column(reference) if reference.depth == 0 => {
                let Some(base) = bases.get(reference.relation) else { return unknown };
                let Relation::Table(table) = &base.entry.relation else { return Self { rows: base.table_rows, ..unknown } };
                let number = base.attnum(reference.column);
                let column = base.statistics.as_ref().and_then(|statistics| statistics.columns.get(&number));
                Self { column, rows: base.table_rows, unique: is_unique(table, number), ..unknown }
            }
            _ => unknown,
        }
    }

    pub(super) const fn is_analyzed(&self) -> bool {
        self.column.is_some()
    }

    pub(super) fn null_fraction(&self) -> f64 {
        self.column.map_or(0.0, |column| f64::from(column.null_fraction))
    }

    /// The number of distinct values, and whether that is a mere guess.
    pub(super) fn distinct(&self) -> (f64, bool) {
        if self.constant {
            return (1.0, false);
        }
        let mut distinct = match self.column {
            Some(column) => f64::from(column.distinct),
            None if self.oid == Oid::BOOL => 2.0,
            None => 0.0,
        };
        if self.unique {
            distinct = -(1.0 - self.null_fraction());
        }
        if distinct > 0.0 {
            (whole(distinct), false)
        } else if self.rows <= 0.0 {
            (DISTINCT_DEFAULT, true)
        } else if distinct < 0.0 {
            (whole(-distinct * self.rows), false)
        } else if self.rows < DISTINCT_DEFAULT {
            (whole(self.rows), false)
        } else {
            (DISTINCT_DEFAULT, true)
        }
    }
}

/// `clamp_row_est`
fn whole(rows: f64) -> f64 {
    rows.round().max(1.0)
}

fn is_unique(table: &Table, number: i16) -> bool {
    table.all_indexes().any(|index| {
        index.unique
            && index.state == IndexState::Valid
            && index.predicate.is_none()
            && matches!(index.keys.as_slice(), [key] if key.part == IndexKeyPart::Column(number))
    })
}

//! From a bound expression back to SQL, as PostgreSQL's `ruleutils.c` writes it: what descriptors keep of defaults, CHECK conditions and index
//! expressions, what `pg_get_expr` and `\d` show, and the conditions of EXPLAIN.
//!
//! The bound tree does not say which casts were written and which were implied. PostgreSQL shows both alike wherever an operand or argument is cast; only a
//! cast at the very top of a default is hidden when it was implied, and there the caller passes the expression before that cast.

pub mod constant;
mod expression;
mod json;
mod query;
pub mod quote;
mod simple;

pub use query::{QueryStyle, query};

use borealis_pgtypes::Settings;

use crate::expr::{ColumnRef, Expr, SubPlan, Subquery};

/// Names for what an expression refers to.
pub trait ColumnNames {
    /// The column in a slot, quoted and qualified as wanted.
    fn slot(&self, slot: usize) -> String;
    /// A bound column reference.
    fn column(&self, column: &ColumnRef) -> String;
    /// A value handed down from an enclosing node.
    fn exec_param(&self, param: usize) -> String {
        format!("${param}")
    }
    /// A planned subquery: `(SubPlan 1)`.
    fn subplan(&self, subplan: &SubPlan) -> String {
        format!("(SubPlan {})", subplan.plan + 1)
    }
    /// A subquery that is not planned.
    fn subquery(&self, _subquery: &Subquery, _indent: usize) -> String {
        "(SubPlan)".to_owned()
    }
    /// The window that a call is over, by its place in the query's windows.
    fn window(&self, _window: usize, _indent: usize) -> String {
        "(?)".to_owned()
    }
    /// A name for the expression as a whole: the merged column of a join, the row of a relation.
    fn whole(&self, _expr: &Expr) -> Option<String> {
        None
    }
    /// The group expressions that GROUPING of the query `level` levels up refers to.
    fn grouping(&self, _level: u32, places: &[usize]) -> Vec<String> {
        places.iter().map(|place| (place + 1).to_string()).collect()
    }
}

/// Column names of a table in `attnum` order: what stored expressions are written over.
impl ColumnNames for borealis_catalog::Table {
    fn slot(&self, slot: usize) -> String {
        self.columns.get(slot).map_or_else(|| "?".to_owned(), |column| quote::identifier(&column.name))
    }

    fn column(&self, column: &ColumnRef) -> String {
        self.slot(column.column)
    }
}

/// A default names no column.
impl ColumnNames for borealis_catalog::View {
    fn slot(&self, slot: usize) -> String {
        self.columns.get(slot).map_or_else(|| "?".to_owned(), |column| quote::identifier(&column.name))
    }

    fn column(&self, column: &ColumnRef) -> String {
        self.slot(column.column)
    }
}

/// How to write.
#[derive(Clone, Copy)]
pub struct Style<'a> {
    /// For the text form of constants.
    pub settings: &'a Settings,
    /// Break CASE into lines, as `pg_get_expr` and `pg_get_constraintdef` do and EXPLAIN does not.
    pub indent: bool,
    /// Leave out parentheses that the reader does not need, as `pg_get_viewdef(.., true)` does.
    pub pretty: bool,
}

/// The expression as SQL.
#[must_use]
pub fn expression(expr: &Expr, names: &dyn ColumnNames, style: Style<'_>) -> String {
    let mut writer = expression::Writer::new(names, style);
    writer.expr(expr);
    writer.finish()
}

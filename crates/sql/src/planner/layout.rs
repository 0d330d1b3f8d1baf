//! Which slot of a node's output row holds which column of a query level.

use borealis_pgtypes::Type;

use crate::expr::{ColumnRef, Expr, ExprKind};

/// Pseudo relation of group expressions.
pub(crate) const GROUPS: usize = usize::MAX - 1;
/// Pseudo relation of aggregates.
pub(crate) const AGGREGATES: usize = usize::MAX - 5;
/// Pseudo relation of GROUPING calls.
pub(crate) const GROUPINGS: usize = usize::MAX - 6;
/// Pseudo relation of window function results.
pub(crate) const WINDOWS: usize = usize::MAX - 2;
/// Pseudo relation of set-returning functions of the target list.
pub(crate) const SETS: usize = usize::MAX - 3;
/// Pseudo relation of the target list.
pub(crate) const TARGETS: usize = usize::MAX - 4;
/// Pseudo column: the row's locator.
pub(crate) const LOCATOR: usize = ColumnRef::LOCATOR;

/// The columns in a node's slots.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    slots: Vec<(usize, usize)>,
    /// Expressions are over slots already; inside their subqueries relation 0 names the slots.
    identity: bool,
}

impl Layout {
    /// A layout of these (relation, column) pairs.
    pub(crate) fn new(slots: Vec<(usize, usize)>) -> Self {
        Self { slots, identity: false }
    }

    /// For expressions whose columns are slots already.
    pub(crate) fn identity() -> Self {
        Self { slots: Vec::new(), identity: true }
    }

    /// The slot of a column.
    pub(crate) fn slot(&self, relation: usize, column: usize) -> Option<usize> {
        if self.identity {
            return (relation == 0).then_some(column);
        }
        self.slots.iter().position(|slot| *slot == (relation, column))
    }

    /// The columns in slot order.
    pub(crate) fn slots(&self) -> &[(usize, usize)] {
        &self.slots
    }

    /// Number of slots.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The layout of a join's output.
    pub(crate) fn join(&self, right: &Self) -> Self {
        Self::new(self.slots.iter().chain(&right.slots).copied().collect())
    }

    /// Adds a column behind the last.
    pub(crate) fn push(&mut self, relation: usize, column: usize) {
        self.slots.push((relation, column));
    }
}

/// A reference to a column of a level, `depth` levels up.
pub(crate) fn column(depth: u32, relation: usize, column: usize, ty: Type) -> Expr {
    Expr::new(ExprKind::Column(ColumnRef { depth, relation, column }), ty)
}

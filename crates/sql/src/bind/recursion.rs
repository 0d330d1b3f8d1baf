//! Where a recursive query may not refer to itself. After `checkWellFormedRecursion`.

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::Binder;
use crate::ast::{self, SetOperator};
use crate::bound::Query;

/// A part of a query whose rows are not simply passed on, row by row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bar {
    Subquery,
    /// The side of an outer join whose columns may become NULL.
    OuterJoin,
    Intersect,
    Except,
}

impl Bar {
    /// The bars of both sides of a set operation.
    pub(super) fn of_sides(op: SetOperator, all: bool) -> [Option<Self>; 2] {
        match op {
            SetOperator::Union => [None, None],
            SetOperator::Intersect => [all.then_some(Self::Intersect); 2],
            SetOperator::Except => [all.then_some(Self::Except), Some(Self::Except)],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Subquery => "a subquery",
            Self::OuterJoin => "an outer join",
            Self::Intersect => "INTERSECT",
            Self::Except => "EXCEPT",
        }
    }
}

impl Binder<'_> {
    /// Runs `f` behind the bar.
    pub(super) fn barred<T>(&mut self, bar: Option<Bar>, f: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.bars.len();
        self.bars.extend(bar);
        let result = f(self);
        self.bars.truncate(before);
        result
    }

    /// The query of an expression.
    pub(super) fn sublink(&mut self, query: &ast::Query) -> Result<Query> {
        self.barred(Some(Bar::Subquery), |binder| binder.query(query))
    }
}

/// Whether these bars, between a recursive query and its name, let it refer to itself. A subquery is named before all others, else the outermost.
pub(super) fn check_bars(bars: &[Bar], name: &str, at: i32) -> Result<()> {
    let subquery = bars.iter().find(|bar| **bar == Bar::Subquery);
    let Some(bar) = subquery.or(bars.first()) else { return Ok(()) };
    let message = format!("recursive reference to query \"{name}\" must not appear within {}", bar.name());
    Err(SqlError::new(SqlState::INVALID_RECURSION, message).at(at))
}

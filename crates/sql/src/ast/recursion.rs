//! SEARCH and CYCLE of a recursive common table expression.

use super::Expr;

/// `SEARCH {DEPTH | BREADTH} FIRST BY columns SET sequence`.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Search {
    pub breadth_first: bool,
    pub columns: Vec<String>,
    pub sequence: String,
    pub at: i32,
}

/// `CYCLE columns SET mark TO value DEFAULT default USING path`. Without TO the mark is boolean: true, and false before.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Cycle {
    pub columns: Vec<String>,
    pub mark: String,
    /// A constant, with its type before it or not: the grammar has nothing else here.
    pub value: Expr,
    /// A constant like `value`.
    pub default: Expr,
    pub path: String,
    pub at: i32,
}

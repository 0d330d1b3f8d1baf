//! A bound expression that still knows where it stood.

use borealis_pgtypes::{Datum, Oid, SqlError, SqlState, Type};

use crate::expr::{Expr, ExprKind};

/// An expression and the byte offset of its leftmost token (-1: unknown), which is what errors about it point at.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) expr: Expr,
    pub(crate) at: i32,
}

impl Node {
    pub(crate) fn new(kind: ExprKind, ty: Type, at: i32) -> Self {
        Self { expr: Expr { kind, ty }, at }
    }

    pub(crate) fn plain(kind: ExprKind, oid: Oid, at: i32) -> Self {
        Self::new(kind, Type::plain(oid), at)
    }

    pub(crate) fn oid(&self) -> Oid {
        self.expr.ty.oid
    }

    pub(crate) fn is_unknown(&self) -> bool {
        self.expr.ty.oid == Oid::UNKNOWN
    }

    /// Whether it is the literal NULL or an untyped one that was written so.
    pub(crate) fn is_null_constant(&self) -> bool {
        matches!(self.expr.kind, ExprKind::Const(Datum::Null))
    }

    /// The same value as one of the type that represents it.
    pub(crate) fn undeclared(mut self) -> Self {
        self.expr.ty = self.expr.ty.undeclared();
        self
    }

    /// The same, pointing at the leftmost of its own place and another.
    pub(crate) fn leftmost(mut self, other: i32) -> Self {
        self.at = leftmost(self.at, other);
        self
    }
}

/// The leftmost of two offsets, where -1 is unknown.
pub(crate) fn leftmost(a: i32, b: i32) -> i32 {
    match (a < 0, b < 0) {
        (true, _) => b,
        (_, true) => a,
        _ => a.min(b),
    }
}

/// Points an error of resolution at its call. PostgreSQL reports a mismatch among polymorphic arguments without a place.
pub(crate) fn placed(error: SqlError, at: i32) -> SqlError {
    if error.sqlstate() == SqlState::DATATYPE_MISMATCH { error } else { error.at(at) }
}

/// Expressions of nodes, places forgotten.
pub(crate) fn exprs(nodes: Vec<Node>) -> Vec<Expr> {
    nodes.into_iter().map(|node| node.expr).collect()
}

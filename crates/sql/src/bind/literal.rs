//! Literals.

use std::sync::Arc;

use borealis_pgtypes::{Datum, Oid, Result, SqlError, Type, text};

use super::{Binder, Node};
use crate::expr::ExprKind;

impl Binder<'_> {
    pub(crate) fn null(at: i32) -> Node {
        Node::plain(ExprKind::Const(Datum::Null), Oid::UNKNOWN, at)
    }

    pub(crate) fn string(value: &str, at: i32) -> Node {
        Node::plain(ExprKind::Const(Datum::Text(Arc::from(value))), Oid::UNKNOWN, at)
    }

    pub(crate) fn integer(value: i32, at: i32) -> Node {
        Node::plain(ExprKind::Const(Datum::Int4(value)), Oid::INT4, at)
    }

    pub(crate) fn boolean(value: bool, at: i32) -> Node {
        Node::plain(ExprKind::Const(Datum::Bool(value)), Oid::BOOL, at)
    }

    /// A number that does not fit `integer`: `bigint` when it fits that, else `numeric`.
    pub(crate) fn number(&self, written: &str, at: i32) -> Result<Node> {
        // The smallest integer is written with its sign, which the grammar makes part of the number.
        if let Ok(value) = written.parse::<i32>() {
            return Ok(Self::integer(value, at));
        }
        if let Ok(value) = written.parse::<i64>() {
            return Ok(Node::plain(ExprKind::Const(Datum::Int8(value)), Oid::INT8, at));
        }
        if let Some(value) = radix(written) {
            return Ok(Node::plain(ExprKind::Const(Datum::Int8(value)), Oid::INT8, at));
        }
        let value = text::input(Type::plain(Oid::NUMERIC), written, self.ctx.eval).map_err(|error| error.at(at))?;
        Ok(Node::plain(ExprKind::Const(value), Oid::NUMERIC, at))
    }

    pub(crate) fn bit_string(at: i32) -> Result<Node> {
        Err(SqlError::unsupported("datatype bit not supported").at(at))
    }
}

/// `0x1F`, `0o17`, `0b11` and digits with underscores.
fn radix(written: &str) -> Option<i64> {
    let digits: String = written.chars().filter(|c| *c != '_').collect();
    let lower = digits.to_ascii_lowercase();
    for (prefix, base) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = lower.strip_prefix(prefix) {
            return i64::from_str_radix(rest, base).ok();
        }
    }
    lower.parse().ok()
}

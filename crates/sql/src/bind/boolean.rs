//! AND, OR, NOT, IS NULL, IS TRUE and their like.

use borealis_pgtypes::{Oid, Result};

use super::node::leftmost;
use super::{Binder, Node};
use crate::ast::{self, BooleanTest};
use crate::expr::ExprKind;

impl Binder<'_> {
    pub(crate) fn connective(&mut self, args: &[ast::Expr], word: &str, at: i32) -> Result<Node> {
        let mut place = at;
        let mut bound = Vec::with_capacity(args.len());
        for arg in args {
            let node = self.expr(arg)?;
            place = leftmost(place, node.at);
            bound.push(self.coerce_to_boolean(node, word)?);
        }
        let kind = if word == "AND" { ExprKind::And(bound) } else { ExprKind::Or(bound) };
        Ok(Node::plain(kind, Oid::BOOL, place))
    }

    pub(crate) fn not(&mut self, arg: &ast::Expr, at: i32) -> Result<Node> {
        let node = self.expr(arg)?;
        let place = leftmost(at, node.at);
        let arg = self.coerce_to_boolean(node, "NOT")?;
        Ok(Node::plain(ExprKind::Not(Box::new(arg)), Oid::BOOL, place))
    }

    pub(crate) fn is_null(&mut self, arg: &ast::Expr, negated: bool, at: i32) -> Result<Node> {
        let node = self.expr(arg)?;
        let place = leftmost(at, node.at);
        Ok(Node::plain(ExprKind::IsNull { arg: Box::new(node.expr), negated }, Oid::BOOL, place))
    }

    pub(crate) fn boolean_test(&mut self, arg: &ast::Expr, test: BooleanTest, at: i32) -> Result<Node> {
        let construct = match test {
            BooleanTest::True => "IS TRUE",
            BooleanTest::NotTrue => "IS NOT TRUE",
            BooleanTest::False => "IS FALSE",
            BooleanTest::NotFalse => "IS NOT FALSE",
            BooleanTest::Unknown => "IS UNKNOWN",
            BooleanTest::NotUnknown => "IS NOT UNKNOWN",
        };
        let node = self.expr(arg)?;
        let place = leftmost(at, node.at);
        let arg = Box::new(self.coerce_to_boolean(node, construct)?);
        Ok(Node::plain(ExprKind::BooleanTest { arg, test }, Oid::BOOL, place))
    }
}

//! IN, LIKE, BETWEEN, IS DISTINCT FROM, NULLIF and the comparison of rows.

use borealis_pgtypes::{CastContext, Oid, Result, SqlError, SqlState, Strategy, types};

use super::coerce::{can_coerce, type_text};
use super::common::common_oid;
use super::node::leftmost;
use super::operator::{Resolved, named, resolve};
use super::{Binder, Node, walk};
use crate::ast::{self, ExprKind as Ast, LikeKind, Operator};
use crate::expr::ExprKind;

impl Binder<'_> {
    pub(crate) fn in_list(&mut self, arg: &ast::Expr, list: &[ast::Expr], negated: bool, at: i32) -> Result<Node> {
        let op = named(if negated { "<>" } else { "=" });
        if let Ast::Row { items, .. } = &arg.kind {
            return self.row_in_list(&op, items, list, negated, at);
        }
        let left = self.expr(arg)?;
        let mut simple = Vec::new();
        let mut rest = Vec::new();
        for item in list {
            let node = self.expr(item)?;
            let has_columns = walk::contains(&node.expr, &|expr| matches!(expr.kind, ExprKind::Column(_) | ExprKind::Slot(_)));
            if has_columns { rest.push(node) } else { simple.push(node) }
        }
        let mut tests = Vec::new();
        if simple.len() > 1 {
            match in_array_type(&left, &simple) {
                Some((element, array)) => tests.push(self.in_array(&op, left.clone(), simple, (element, array), negated, at)?),
                None => rest.splice(0..0, simple).for_each(drop),
            }
        } else {
            rest.splice(0..0, simple).for_each(drop);
        }
        for node in rest {
            tests.push(self.operator(&op, Some(left.clone()), node, at)?);
        }
        self.combine(tests, negated, at)
    }

    fn in_array(&mut self, op: &Operator, left: Node, items: Vec<Node>, (element, array): (Oid, Oid), all: bool, at: i32) -> Result<Node> {
        let place = items.first().map_or(-1, |node| node.at);
        let mut bound = Vec::with_capacity(items.len());
        for item in items {
            bound.push(self.coerce_to_common(item, element, "IN")?.expr);
        }
        let array = Node::plain(ExprKind::Array { element, items: bound, nested: false }, array, place);
        self.scalar_array(op, all, left, array, at)
    }

    fn row_in_list(&mut self, op: &Operator, items: &[ast::Expr], list: &[ast::Expr], negated: bool, at: i32) -> Result<Node> {
        let left = self.exprs(items)?;
        let mut tests = Vec::with_capacity(list.len());
        for item in list {
            let Ast::Row { items, .. } = &item.kind else {
                let row = self.row(items, at)?;
                let right = self.expr(item)?;
                tests.push(self.operator(op, Some(row), right, at)?);
                continue;
            };
            let right = self.exprs(items)?;
            tests.push(self.row_comparison(op, left.clone(), right, at)?);
        }
        self.combine(tests, negated, at)
    }

    /// The tests of an IN (any of them) or NOT IN (all of them).
    fn combine(&mut self, mut tests: Vec<Node>, negated: bool, at: i32) -> Result<Node> {
        if tests.len() == 1
            && let Some(only) = tests.pop()
        {
            return Ok(only);
        }
        let place = tests.iter().fold(at, |place, node| leftmost(place, node.at));
        let mut bound = Vec::with_capacity(tests.len());
        for test in tests {
            bound.push(self.coerce_to_boolean(test, "IN")?);
        }
        let kind = if negated { ExprKind::And(bound) } else { ExprKind::Or(bound) };
        Ok(Node::plain(kind, Oid::BOOL, place))
    }

    pub(crate) fn like(
        &mut self,
        arg: &ast::Expr,
        pattern: &ast::Expr,
        escape: Option<&ast::Expr>,
        kind: LikeKind,
        negated: bool,
        at: i32,
    ) -> Result<Node> {
        let left = self.expr(arg)?;
        let mut right = self.expr(pattern)?;
        let escape = escape.map(|escape| self.expr(escape)).transpose()?;
        let name = match (kind, negated) {
            (LikeKind::Like, false) => "~~",
            (LikeKind::Like, true) => "!~~",
            (LikeKind::Ilike, false) => "~~*",
            (LikeKind::Ilike, true) => "!~~*",
            (LikeKind::Similar, false) => "~",
            (LikeKind::Similar, true) => "!~",
        };
        if kind == LikeKind::Similar {
            let args = std::iter::once(right).chain(escape).collect();
            right = self.builtin("similar_to_escape", args, at)?;
        } else if let Some(escape) = escape {
            right = self.builtin("like_escape", vec![right, escape], at)?;
        }
        self.operator(&named(name), Some(left), right, at)
    }

    pub(crate) fn between(
        &mut self,
        arg: &ast::Expr,
        low: &ast::Expr,
        high: &ast::Expr,
        symmetric: bool,
        negated: bool,
        at: i32,
    ) -> Result<Node> {
        let (arg, low, high) = (self.expr(arg)?, self.expr(low)?, self.expr(high)?);
        let first = self.within(&arg, &low, &high, negated, at)?;
        if !symmetric {
            return Ok(first);
        }
        let second = self.within(&arg, &high, &low, negated, at)?;
        let place = leftmost(first.at, second.at);
        let both = vec![first.expr, second.expr];
        let kind = if negated { ExprKind::And(both) } else { ExprKind::Or(both) };
        Ok(Node::plain(kind, Oid::BOOL, place))
    }

    fn within(&mut self, arg: &Node, low: &Node, high: &Node, negated: bool, at: i32) -> Result<Node> {
        let (first, second) = if negated { ("<", ">") } else { (">=", "<=") };
        let low = self.operator(&named(first), Some(arg.clone()), low.clone(), at)?;
        let high = self.operator(&named(second), Some(arg.clone()), high.clone(), at)?;
        let place = leftmost(low.at, high.at);
        let both = vec![low.expr, high.expr];
        let kind = if negated { ExprKind::Or(both) } else { ExprKind::And(both) };
        Ok(Node::plain(kind, Oid::BOOL, place))
    }

    pub(crate) fn is_distinct(&mut self, left: &ast::Expr, right: &ast::Expr, negated: bool, at: i32) -> Result<Node> {
        if let (Ast::Row { items: a, .. }, Ast::Row { items: b, .. }) = (&left.kind, &right.kind) {
            return self.row_distinct(a, b, negated, at);
        }
        let (left, right) = (self.expr(left)?, self.expr(right)?);
        self.distinct_pair(left, right, negated, at)
    }

    fn distinct_pair(&mut self, left: Node, right: Node, negated: bool, at: i32) -> Result<Node> {
        // Against an undecorated NULL it is a null test; a row's would look at its fields.
        let tested = if right.is_null_constant() { Some(&left) } else { Some(&right).filter(|_| left.is_null_constant()) };
        if let Some(node) = tested.filter(|node| node.oid() != Oid::RECORD) {
            let kind = ExprKind::IsNull { arg: Box::new(node.expr.clone()), negated: !negated };
            return Ok(Node::plain(kind, Oid::BOOL, leftmost(at, node.at)));
        }
        let place = leftmost(leftmost(at, left.at), right.at);
        let (resolved, left, right) = self.equality(left, right, at)?;
        if resolved.result != Oid::BOOL {
            let message = "IS DISTINCT FROM requires = operator to yield boolean";
            return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message).at(at));
        }
        let kind = ExprKind::IsDistinct { function: resolved.function, left: Box::new(left), right: Box::new(right), negated };
        Ok(Node::plain(kind, Oid::BOOL, place))
    }

    fn row_distinct(&mut self, left: &[ast::Expr], right: &[ast::Expr], negated: bool, at: i32) -> Result<Node> {
        if left.len() != right.len() {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, "unequal number of entries in row expressions").at(at));
        }
        let mut tests = Vec::with_capacity(left.len());
        for (left, right) in left.iter().zip(right) {
            let (left, right) = (self.expr(left)?, self.expr(right)?);
            tests.push(self.distinct_pair(left, right, negated, at)?.expr);
        }
        // Rows are distinct when any pair is, not distinct when no pair is.
        let kind = match (tests.len(), negated) {
            (0, _) => ExprKind::Const(borealis_pgtypes::Datum::Bool(negated)),
            (_, false) => ExprKind::Or(tests),
            (_, true) => ExprKind::And(tests),
        };
        Ok(Node::plain(kind, Oid::BOOL, at))
    }

    pub(crate) fn null_if(&mut self, left: &ast::Expr, right: &ast::Expr, at: i32) -> Result<Node> {
        let (left, right) = (self.expr(left)?, self.expr(right)?);
        let place = leftmost(leftmost(at, left.at), right.at);
        let (resolved, left, right) = self.equality(left, right, at)?;
        if resolved.result != Oid::BOOL {
            return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, "NULLIF requires = operator to yield boolean").at(at));
        }
        let ty = left.ty;
        let kind = ExprKind::NullIf { function: resolved.function, left: Box::new(left), right: Box::new(right) };
        Ok(Node::new(kind, ty, place))
    }

    /// `(a, b) op (c, d)`: `make_row_comparison_op`.
    pub(crate) fn row_comparison(&mut self, op: &Operator, left: Vec<Node>, right: Vec<Node>, at: i32) -> Result<Node> {
        if left.len() != right.len() {
            return Err(SqlError::new(SqlState::SYNTAX_ERROR, "unequal number of entries in row expressions").at(at));
        }
        if left.is_empty() {
            return Err(SqlError::unsupported("cannot compare rows of zero length").at(at));
        }
        if left.len() == 1 || matches!(op.name.as_str(), "=" | "<>") {
            return self.row_equality(op, left, right, at);
        }
        self.row_order(op, left, right, at)
    }

    fn row_equality(&mut self, op: &Operator, left: Vec<Node>, right: Vec<Node>, at: i32) -> Result<Node> {
        let mut place = at;
        let mut tests = Vec::with_capacity(left.len());
        for (left, right) in left.into_iter().zip(right) {
            let test = self.operator(op, Some(left), right, at)?;
            check_row_boolean(test.oid(), at)?;
            place = leftmost(place, test.at);
            tests.push(test.expr);
        }
        if tests.len() == 1
            && let Some(only) = tests.pop()
        {
            return Ok(Node { expr: only, at: place });
        }
        let kind = if op.name == "<>" { ExprKind::Or(tests) } else { ExprKind::And(tests) };
        Ok(Node::plain(kind, Oid::BOOL, place))
    }

    fn row_order(&mut self, op: &Operator, left: Vec<Node>, right: Vec<Node>, at: i32) -> Result<Node> {
        let mut place = at;
        let mut functions = Vec::with_capacity(left.len());
        let (mut lefts, mut rights) = (Vec::with_capacity(left.len()), Vec::with_capacity(left.len()));
        for (left, right) in left.into_iter().zip(right) {
            place = leftmost(leftmost(place, left.at), right.at);
            let (resolved, common) = self.ordering_operator(op, &left, &right, at)?;
            functions.push(resolved.function);
            lefts.push(self.coerce_implicitly(left, common)?);
            rights.push(self.coerce_implicitly(right, common)?);
        }
        let kind = ExprKind::RowCompare { operator: op.name.clone(), functions, left: lefts, right: rights };
        Ok(Node::plain(kind, Oid::BOOL, place))
    }
}

impl Binder<'_> {
    /// The operator by which rows are ordered in one of their columns, and the one type in which the column's values are compared.
    pub(crate) fn ordering_operator(&mut self, op: &Operator, left: &Node, right: &Node, at: i32) -> Result<(Resolved, Oid)> {
        let resolved = resolve(op, &[left.oid(), right.oid()]).map_err(|error| error.at(at))?;
        check_row_boolean(resolved.result, at)?;
        if !matches!(resolved.operator.strategy, Some(Strategy::Less | Strategy::LessEqual | Strategy::Greater | Strategy::GreaterEqual)) {
            let message = format!("could not determine interpretation of row comparison operator {}", op.name);
            let hint = "Row comparison operators must be associated with btree operator families.";
            return Err(SqlError::unsupported(message).hint(hint).at(at));
        }
        let common = common_oid(&resolved.args).unwrap_or(resolved.args[0]);
        Ok((resolve(op, &[common, common]).map_err(|error| error.at(at))?, common))
    }
}

fn check_row_boolean(oid: Oid, at: i32) -> Result<()> {
    if oid == Oid::BOOL {
        return Ok(());
    }
    let message = format!("row comparison operator must yield type boolean, not type {}", type_text(oid));
    Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message).at(at))
}

/// Element and array type in which an IN list can be one array; `None`: it must be compared item by item.
fn in_array_type(left: &Node, items: &[Node]) -> Option<(Oid, Oid)> {
    let oids: Vec<Oid> = std::iter::once(left.oid()).chain(items.iter().map(Node::oid)).collect();
    let element = common_oid(&oids).ok().filter(|oid| *oid != Oid::RECORD)?;
    let fits = oids.iter().all(|oid| can_coerce(*oid, element, CastContext::Implicit));
    Some((element, types::array_of(element)?)).filter(|_| fits)
}

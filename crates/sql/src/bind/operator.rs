//! Operator resolution: `oper`, `left_oper` and `make_op`.

use borealis_pgtypes::{CastContext, Function, Oid, Operator, Result, SqlError, SqlState, functions, operators, types};

use super::coerce::{can_coerce_all, is_array, type_text};
use super::node::{leftmost, placed};
use super::{Binder, Node, candidates, polymorphic};
use crate::ast;
use crate::expr::{Expr, ExprKind};

/// An operator with the function that implements it and the types of this call.
pub(crate) struct Resolved {
    pub(crate) operator: &'static Operator,
    pub(crate) function: &'static Function,
    pub(crate) args: Vec<Oid>,
    pub(crate) result: Oid,
}

impl Binder<'_> {
    /// `left op right` or `op right`.
    pub(crate) fn operator(&mut self, op: &ast::Operator, left: Option<Node>, right: Node, at: i32) -> Result<Node> {
        let mut nodes: Vec<Node> = left.into_iter().collect();
        nodes.push(right);
        let inputs: Vec<Oid> = nodes.iter().map(Node::oid).collect();
        let spelt = |index: usize| self.ctx.type_name(nodes[index].expr.ty);
        let resolved = resolve_spelt(op, &inputs, &spelt).map_err(|error| placed(error, at))?;
        let place = nodes.iter().fold(at, |place, node| leftmost(place, node.at));
        let mut args = Vec::with_capacity(nodes.len());
        for (node, target) in nodes.into_iter().zip(&resolved.args) {
            args.push(self.coerce(node, *target, CastContext::Implicit)?.expr);
        }
        if resolved.function.returns_set() {
            self.check_set_function(at)?;
            let kind = ExprKind::SetFunction { function: resolved.function, args };
            return Ok(Node::plain(kind, resolved.result, place));
        }
        let kind = ExprKind::Call { function: resolved.function, operator: Some(resolved.operator), args };
        Ok(Node::plain(kind, resolved.result, place))
    }

    /// `left op ANY|ALL (right)` over an array: `make_scalar_array_op`.
    pub(crate) fn scalar_array(&mut self, op: &ast::Operator, all: bool, left: Node, right: Node, at: i32) -> Result<Node> {
        let element = if right.is_unknown() {
            Oid::UNKNOWN
        } else {
            types::element_of(right.oid())
                .filter(|_| is_array(right.oid()) || matches!(right.oid(), Oid::INT2VECTOR | Oid::OIDVECTOR))
                .ok_or_else(|| SqlError::new(SqlState::WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires array on right side").at(at))?
        };
        let resolved = resolve(op, &[left.oid(), element]).map_err(|error| placed(error, at))?;
        if resolved.result != Oid::BOOL {
            return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires operator to yield boolean").at(at));
        }
        if resolved.function.returns_set() {
            return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires operator not to return a set").at(at));
        }
        let place = leftmost(leftmost(at, left.at), right.at);
        let array = types::array_of(resolved.args[1])
            .or_else(|| (resolved.args[1] == Oid::RECORD).then_some(Oid::RECORD_ARRAY))
            .ok_or_else(|| {
                let message = format!("could not find array type for data type {}", type_text(resolved.args[1]));
                SqlError::new(SqlState::UNDEFINED_OBJECT, message).at(at)
            })?;
        let left = self.coerce(left, resolved.args[0], CastContext::Implicit)?.expr;
        let right = self.coerce(right, array, CastContext::Implicit)?.expr;
        Ok(Node::plain(scalar_array(&resolved, all, left, right), Oid::BOOL, place))
    }

    /// The equality of two operands and the operands in its types: what IS DISTINCT FROM, NULLIF and CASE compare with.
    pub(crate) fn equality(&mut self, left: Node, right: Node, at: i32) -> Result<(Resolved, Expr, Expr)> {
        let spelt = |index: usize| self.ctx.type_name(if index == 0 { left.expr.ty } else { right.expr.ty });
        let resolved = resolve_spelt(&equal_operator(), &[left.oid(), right.oid()], &spelt).map_err(|error| error.at(at))?;
        let left = self.coerce(left, resolved.args[0], CastContext::Implicit)?.expr;
        let right = self.coerce(right, resolved.args[1], CastContext::Implicit)?.expr;
        Ok((resolved, left, right))
    }
}

fn scalar_array(resolved: &Resolved, all: bool, left: Expr, right: Expr) -> ExprKind {
    ExprKind::ScalarArray { function: resolved.function, operator: resolved.operator, all, left: Box::new(left), right: Box::new(right) }
}

/// `=`
pub(crate) fn equal_operator() -> ast::Operator {
    named("=")
}

/// An operator by its bare name.
pub(crate) fn named(name: &str) -> ast::Operator {
    ast::Operator { schema: None, name: name.to_owned() }
}

/// Finds the operator for operands of these types (one: a prefix operator).
pub(crate) fn resolve(op: &ast::Operator, inputs: &[Oid]) -> Result<Resolved> {
    resolve_spelt(op, inputs, &|index| type_text(inputs[index]))
}

/// As [`resolve`]; `spelt` names the operands' types for an error, domains and rows of tables by their own names.
fn resolve_spelt(op: &ast::Operator, inputs: &[Oid], spelt: &dyn Fn(usize) -> String) -> Result<Resolved> {
    let all: Vec<&'static Operator> = known(op, inputs.len());
    let operator = match exact(&all, inputs) {
        Some(operator) => operator,
        None => select(&all, inputs).map_err(|ambiguous| missing(op, &spelt_all(inputs, spelt), ambiguous))?,
    };
    let Some(function) = functions::by_oid(operator.function) else {
        return Err(SqlError::unsupported(format!("operator {} is not supported", signature(op, &spelt_all(inputs, spelt)))));
    };
    let declared = declared(operator);
    let (args, result) = polymorphic::resolve(inputs, &declared, operator.result)?;
    Ok(Resolved { operator, function, args, result })
}

fn known(op: &ast::Operator, operands: usize) -> Vec<&'static Operator> {
    if op.schema.as_deref().is_some_and(|schema| schema != "pg_catalog") {
        return Vec::new();
    }
    let prefix = operands == 1;
    operators::by_name(&op.name).iter().copied().filter(|operator| (operator.left == Oid::INVALID) == prefix).collect()
}

fn declared(operator: &Operator) -> Vec<Oid> {
    if operator.left == Oid::INVALID { vec![operator.right] } else { vec![operator.left, operator.right] }
}

fn exact(all: &[&'static Operator], inputs: &[Oid]) -> Option<&'static Operator> {
    // An unknown operand is first taken to have the type of the other.
    let wanted: Vec<Oid> = match inputs {
        [left, right] if *left == Oid::UNKNOWN => vec![*right, *right],
        [left, right] if *right == Oid::UNKNOWN => vec![*left, *left],
        other => other.to_vec(),
    };
    all.iter().copied().find(|operator| declared(operator) == wanted)
}

/// The error says whether it was a choice too many.
fn select(all: &[&'static Operator], inputs: &[Oid]) -> std::result::Result<&'static Operator, bool> {
    let fitting: Vec<&'static Operator> =
        all.iter().copied().filter(|operator| can_coerce_all(inputs, &declared(operator), CastContext::Implicit)).collect();
    match fitting.as_slice() {
        [] => Err(false),
        [only] => Ok(only),
        several => {
            let declared: Vec<Vec<Oid>> = several.iter().map(|operator| declared(operator)).collect();
            candidates::select(inputs, &declared).map(|index| several[index]).ok_or(true)
        }
    }
}

fn signature(op: &ast::Operator, inputs: &[String]) -> String {
    let name = match &op.schema {
        Some(schema) => format!("{schema}.{}", op.name),
        None => op.name.clone(),
    };
    match inputs {
        [only] => format!("{name} {only}"),
        [left, right] => format!("{left} {name} {right}"),
        _ => name,
    }
}

fn spelt_all(inputs: &[Oid], spelt: &dyn Fn(usize) -> String) -> Vec<String> {
    (0..inputs.len()).map(spelt).collect()
}

fn missing(op: &ast::Operator, inputs: &[String], ambiguous: bool) -> SqlError {
    let signature = signature(op, inputs);
    if ambiguous {
        return SqlError::new(SqlState::AMBIGUOUS_FUNCTION, format!("operator is not unique: {signature}"))
            .hint("Could not choose a best candidate operator. You might need to add explicit type casts.");
    }
    let hint = if inputs.len() == 1 {
        "No operator matches the given name and argument type. You might need to add an explicit type cast."
    } else {
        "No operator matches the given name and argument types. You might need to add explicit type casts."
    };
    SqlError::new(SqlState::UNDEFINED_FUNCTION, format!("operator does not exist: {signature}")).hint(hint)
}

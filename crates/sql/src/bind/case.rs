//! CASE, COALESCE, GREATEST, LEAST.

use borealis_pgtypes::{Oid, Result, Type};

use super::common::{common_form, common_type};
use super::node::exprs;
use super::operator::equal_operator;
use super::{Binder, Node};
use crate::ast;
use crate::expr::{Expr, ExprKind};

impl Binder<'_> {
    /// Runs `f` where a set-returning function may not stand, as in the branches of CASE.
    fn without_sets<T>(&mut self, place: &'static str, f: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let before = self.level().set_function_barrier.replace(place);
        let result = f(self);
        self.level().set_function_barrier = before;
        result
    }

    pub(crate) fn case(
        &mut self,
        arg: Option<&ast::Expr>,
        whens: &[(ast::Expr, ast::Expr)],
        otherwise: Option<&ast::Expr>,
        at: i32,
    ) -> Result<Node> {
        self.without_sets("CASE", |binder| binder.case_parts(arg, whens, otherwise, at))
    }

    fn case_parts(
        &mut self,
        arg: Option<&ast::Expr>,
        whens: &[(ast::Expr, ast::Expr)],
        otherwise: Option<&ast::Expr>,
        at: i32,
    ) -> Result<Node> {
        let arg = match arg {
            Some(arg) => {
                let node = self.expr(arg)?;
                Some(self.settle(node)?)
            }
            None => None,
        };
        let mut conditions = Vec::with_capacity(whens.len());
        let mut results = Vec::with_capacity(whens.len() + 1);
        for (when, then) in whens {
            conditions.push(self.when(arg.as_ref(), when)?);
            results.push(self.expr(then)?);
        }
        let default = match otherwise {
            Some(expr) => self.expr(expr)?,
            None => Self::null(at),
        };
        // ELSE goes first in the search for the common type, as in PostgreSQL.
        results.insert(0, default);
        let target = common_type(&results, "CASE")?;
        let mut bound = Vec::with_capacity(results.len());
        for (index, node) in results.into_iter().enumerate() {
            let context = if index == 0 { "CASE/ELSE" } else { "CASE/WHEN" };
            bound.push(self.coerce_to_common(node, target, context)?);
        }
        // The NULL of an ELSE that is not there has no length or precision, and no row type of its own.
        let written = usize::from(otherwise.is_none());
        let ty = common_form(bound.iter().skip(written).map(|node| &node.expr.ty), target);
        let ty = if otherwise.is_some() || ty.row_type().is_some() { ty } else { Type::plain(target) };
        let mut bound = exprs(bound).into_iter();
        let default = bound.next().filter(|_| otherwise.is_some()).map(Box::new);
        let kind = ExprKind::Case {
            arg: arg.map(|node| Box::new(node.expr)),
            whens: conditions.into_iter().zip(bound).collect(),
            otherwise: default,
        };
        Ok(Node::new(kind, ty, at))
    }

    fn when(&mut self, arg: Option<&Node>, when: &ast::Expr) -> Result<Expr> {
        let node = self.expr(when)?;
        let Some(arg) = arg else { return self.coerce_to_boolean(node, "CASE/WHEN") };
        let placeholder = Node::new(ExprKind::CaseArg, arg.expr.ty, arg.at);
        let at = node.at;
        let equal = self.operator(&equal_operator(), Some(placeholder), node, at)?;
        self.coerce_to_boolean(equal, "CASE/WHEN")
    }

    pub(crate) fn coalesce(&mut self, args: &[ast::Expr], at: i32) -> Result<Node> {
        let nodes = self.without_sets("COALESCE", |binder| binder.exprs(args))?;
        let (nodes, oid) = self.unify(nodes, "COALESCE")?;
        let ty = common_form(nodes.iter().map(|node| &node.expr.ty), oid);
        Ok(Node::new(ExprKind::Coalesce(exprs(nodes)), ty, at))
    }

    pub(crate) fn min_max(&mut self, args: &[ast::Expr], greatest: bool, at: i32) -> Result<Node> {
        let word = if greatest { "GREATEST" } else { "LEAST" };
        let nodes = self.exprs(args)?;
        let (nodes, oid) = self.unify(nodes, word)?;
        let ty = common_form(nodes.iter().map(|node| &node.expr.ty), oid);
        check_ordered(oid)?;
        Ok(Node::new(ExprKind::MinMax { greatest, args: exprs(nodes) }, ty, at))
    }
}

/// PostgreSQL finds the missing comparison when it starts to execute; the answer is the same.
fn check_ordered(oid: Oid) -> Result<()> {
    if super::order::has_ordering(oid) {
        return Ok(());
    }
    let message = format!("could not identify a comparison function for type {}", super::coerce::type_text(oid));
    Err(borealis_pgtypes::SqlError::new(borealis_pgtypes::SqlState::UNDEFINED_FUNCTION, message))
}

//! Calls that become what the body says: `inline_function` and `inline_set_returning_function`.
//!
//! Inlining must not show: an argument used twice is neither volatile nor dear, a strict function's body gives NULL for NULL by itself, and the body
//! does not vary more than the function said. A function is never inlined into itself.

use std::sync::Arc;

use borealis_pgtypes::{Body, CastContext, Oid, Result, Type, Volatility};

use super::super::{BindContext, Binder, Clause, Node};
use super::body::{context, statements};
use crate::ast::{self, Distinct, QueryBody as Ast, Statement};
use crate::bound::{Bound, Cte, CteBody, Query, QueryBody, TableFunction};
use crate::expr::{Coercion, Expr, ExprKind, RoutineSpec};
use crate::planner::walk;

/// Nodes of an argument that may be computed more than once.
const CHEAP_NODES_MAX: usize = 10;

impl Binder<'_> {
    fn may_inline(&self, spec: &RoutineSpec) -> bool {
        self.ctx.inline_routines && !spec.routine.security_definer && !self.inlining.contains(&spec.routine.oid)
    }

    /// The expression that a call of one value is; `None` when it must stay a call. What is wrong with the body is told when the call runs.
    pub(super) fn inlined_scalar(&mut self, spec: &RoutineSpec, args: &[Expr]) -> Option<Expr> {
        if !self.may_inline(spec) || spec.routine.returns_set || matches!(spec.result.oid, Oid::RECORD | Oid::VOID) {
            return None;
        }
        // In FROM the name of an OUT parameter is the column's, which the call alone tells.
        if self.level().clause == Clause::FromFunction && spec.routine.outputs().next().is_some() {
            return None;
        }
        let query = only_query(spec, self.ctx)?;
        if !is_expression(&query) {
            return None;
        }
        let shared = Arc::new(spec.clone());
        let ctx = context(&spec.routine, self.ctx);
        let mut inner = self.inner(&shared, &ctx);
        let bound = inner.top_query(&query).ok()?;
        let QueryBody::Select(select) = bound.body else { return None };
        let plain = !select.has_aggregates && select.windows.is_empty() && select.targets.len() == 1;
        let target = select.targets.into_iter().next().filter(|_| plain)?;
        if walk::has_subquery(&target) || walk::has_set_function(&target) {
            return None;
        }
        let node = inner.coerce_to(Node { expr: target, at: -1 }, spec.result, CastContext::Assignment).ok()??;
        let mut body = node.expr;
        if !keeps_promises(spec, &body) || !args_fit(spec, &body, args) {
            return None;
        }
        let routines = std::mem::take(&mut inner.routines);
        routines.into_iter().for_each(|oid| self.uses_routine(oid));
        replace(&mut body, args, 0);
        body.ty = Type { typmod: body.ty.typmod, ..spec.result };
        Some(body)
    }

    /// The query that a set in FROM is; `None` when it must stay a call.
    pub(crate) fn inlined_set(&mut self, function: &mut TableFunction) -> Result<Option<Query>> {
        let ExprKind::Routine(call) = &function.expr.kind else { return Ok(None) };
        let (spec, args) = (call.spec.clone(), call.args.clone());
        let routine = &spec.routine;
        let steady = routine.returns_set && !routine.strict && routine.volatility() != Volatility::Volatile;
        let args_fit = !args.iter().any(|arg| walk::is_volatile(arg) || walk::has_subquery(arg));
        if !self.may_inline(&spec) || !steady || !args_fit || spec.result.oid == Oid::VOID {
            return Ok(None);
        }
        Ok(self.set_query(&spec, &args, function.columns.len()))
    }

    fn set_query(&mut self, spec: &Arc<RoutineSpec>, args: &[Expr], width: usize) -> Option<Query> {
        let query = only_query(spec, self.ctx)?;
        let ctx = context(&spec.routine, self.ctx);
        let mut inner = self.inner(spec, &ctx);
        inner.next_cte = self.next_cte;
        let query = inner.top_query(&query).ok()?;
        let columns = query.columns.clone();
        let (Bound::Query(mut query), Some(columns)) = inner.result(spec, Bound::Query(query), Some(columns)).ok()? else { return None };
        let whole_row = spec.result.oid == Oid::RECORD && columns.len() == 1 && columns[0].ty.oid == Oid::RECORD;
        let varies = spec.routine.volatility() == Volatility::Immutable && varies(&query);
        if whole_row || columns.len() != width || varies || walk::query_is_volatile(&query) || has_modifying(&query.ctes) {
            return None;
        }
        let (next_cte, routines) = (inner.next_cte, std::mem::take(&mut inner.routines));
        self.permissions.merge(std::mem::take(&mut inner.permissions));
        self.next_cte = next_cte;
        routines.into_iter().for_each(|oid| self.uses_routine(oid));
        walk::query_exprs_mut(&mut query, 1, &mut |expr, nesting| replace(expr, args, nesting));
        Some(query)
    }

    /// A binder for the body, which remembers what is being inlined.
    fn inner<'c>(&self, spec: &Arc<RoutineSpec>, ctx: &'c BindContext<'c>) -> Binder<'c> {
        let mut inner = Binder::of_body(spec, ctx);
        inner.inlining.extend(&self.inlining);
        inner
    }
}

/// The body's only statement, when it is a query.
fn only_query(spec: &RoutineSpec, ctx: &BindContext<'_>) -> Option<ast::Query> {
    let mut statements = statements(&spec.routine, ctx).ok()?;
    match (statements.len(), statements.pop()) {
        (1, Some(Statement::Query(query))) => Some(*query),
        _ => None,
    }
}

/// `SELECT expression` and nothing else.
fn is_expression(query: &ast::Query) -> bool {
    let bare =
        query.with.is_none() && query.order_by.is_empty() && query.limit.is_none() && query.offset.is_none() && query.locking.is_empty();
    let Ast::Select(select) = &query.body else { return false };
    let whole = select.from.is_empty() && select.filter.is_none() && select.group_by.is_empty() && select.having.is_none();
    bare && whole && select.windows.is_empty() && select.distinct == Distinct::No && select.targets.len() == 1
}

/// The body is no more volatile than the function is declared, and gives NULL for NULL where the function is strict.
fn keeps_promises(spec: &RoutineSpec, body: &Expr) -> bool {
    let varies = |limit: Volatility| {
        walk::any(body, &mut |expr| match limit {
            Volatility::Immutable => walk::volatility(expr) != Volatility::Immutable,
            Volatility::Stable => walk::volatility(expr) == Volatility::Volatile,
            Volatility::Volatile => false,
        })
    };
    !varies(spec.routine.volatility()) && (!spec.routine.strict || is_strict(body))
}

fn is_strict(expr: &Expr) -> bool {
    let own = match &expr.kind {
        ExprKind::Const(_) | ExprKind::Param(_) => true,
        ExprKind::Call { function, .. } => function.strict && matches!(function.body, Body::Scalar(_)),
        ExprKind::Coerce { coercion, .. } => matches!(coercion, Coercion::Relabel | Coercion::InOut | Coercion::Typmod { .. }),
        _ => false,
    };
    let mut all = own;
    walk::children(expr, &mut |child| all = all && is_strict(child));
    all
}

/// Each argument may stand as often as the body names its parameter.
fn args_fit(spec: &RoutineSpec, body: &Expr, args: &[Expr]) -> bool {
    let mut uses = vec![0_usize; args.len()];
    count(body, &mut uses);
    args.iter().zip(&uses).all(|(arg, uses)| match uses {
        0 => !spec.routine.strict,
        1 => true,
        _ => !walk::is_volatile(arg) && !walk::has_subquery(arg) && nodes(arg) <= CHEAP_NODES_MAX,
    })
}

fn count(expr: &Expr, uses: &mut [usize]) {
    if let ExprKind::Param(index) = expr.kind
        && let Some(uses) = uses.get_mut(index)
    {
        *uses += 1;
    }
    walk::children(expr, &mut |child| count(child, uses));
}

fn nodes(expr: &Expr) -> usize {
    let mut nodes = 1;
    walk::children(expr, &mut |child| nodes += self::nodes(child));
    nodes
}

fn varies(query: &Query) -> bool {
    walk::query_any(query, &mut |expr| walk::volatility(expr) == Volatility::Stable)
}

fn has_modifying(ctes: &[Cte]) -> bool {
    ctes.iter().any(|cte| matches!(cte.body, CteBody::Modify(_)))
}

/// Puts the arguments where the parameters stand, `nesting` query levels below the call.
fn replace(expr: &mut Expr, args: &[Expr], nesting: u32) {
    if let ExprKind::Param(index) = expr.kind {
        let Some(arg) = args.get(index) else { return };
        let mut arg = arg.clone();
        walk::shift(&mut arg, 0, i32::try_from(nesting).unwrap_or(i32::MAX));
        *expr = arg;
        return;
    }
    walk::children_mut(expr, &mut |child| replace(child, args, nesting));
    if let ExprKind::Subquery(subquery) = &mut expr.kind {
        walk::query_exprs_mut(&mut subquery.query, nesting + 1, &mut |expr, nesting| replace(expr, args, nesting));
    }
}

//! Aggregate calls and GROUPING: arguments, DISTINCT, ORDER BY, FILTER and WITHIN GROUP. After `transformAggregateCall`. Where they may stand and what they
//! may contain is [`super::aggregate_level`]'s.

use borealis_pgtypes::{AggregateKind, Body, CastContext, Function, Oid, Result, SqlError, SqlState, Type};

use super::aggregate_level::CallParts;
use super::call::{Arguments, Callee};
use super::equal::equal;
use super::function;
use super::scope::GroupingArgs;
use super::{Binder, Clause, Node};
use crate::ast::{self, FunctionCall};
use crate::expr::{AggregateCall, Expr, ExprKind, SortKey};
use crate::planner::walk as deep;

impl Binder<'_> {
    pub(crate) fn aggregate(
        &mut self,
        call: &FunctionCall,
        at: i32,
        arguments: impl FnOnce(&mut Self) -> Result<Arguments>,
    ) -> Result<Node> {
        check_star(call, at)?;
        let start = self.noted();
        let Arguments { name, values: mut args } = arguments(self)?;
        // Without WITHIN GROUP no argument is direct.
        let behind_direct = if call.within_group { self.noted() } else { start.clone() };
        let written = args.len();
        if call.within_group {
            args = self.in_clause(Clause::OrderBy, |binder| binder.within_group_args(call, args, at))?;
        }
        let filter = match &call.filter {
            Some(filter) => Some(self.in_clause(Clause::Filter, |binder| binder.condition(filter, "FILTER"))?),
            None => None,
        };
        let mut aggregate = self.aggregate_parts(call, at, &name, args, written)?;
        aggregate.filter = filter;
        let direct = aggregate.function.direct_args(aggregate.args.len());
        let rows = aggregate.args[direct..].iter().chain(aggregate.order_by.iter().map(|key| &key.expr)).chain(&aggregate.filter).collect();
        let parts = CallParts { direct: &aggregate.args[..direct], rows, start: &start, behind_direct: &behind_direct, at };
        aggregate.level = self.place_aggregate(&parts, "aggregate functions")?;
        let ty = aggregate.ty;
        Ok(Node::new(ExprKind::Aggregate(Box::new(aggregate)), ty, at))
    }

    /// The call with its arguments and sort keys. `written`: how many arguments stand before WITHIN GROUP.
    fn aggregate_parts(&mut self, call: &FunctionCall, at: i32, name: &[String], args: Vec<Node>, written: usize) -> Result<AggregateCall> {
        let (resolved, values) = match self.resolve_call(call, name, args, at)? {
            Callee::Function(resolved, values) => (resolved, values),
            Callee::Done(_) | Callee::Routine(..) => return Err(SqlError::internal("an aggregate resolved to something else")),
        };
        check_kind(resolved.function, call, at)?;
        let order_by = self.in_clause(Clause::OrderBy, |binder| binder.aggregate_order(call, &values, written))?;
        if call.distinct {
            values.iter().try_for_each(|value| super::order::check_sortable(value.ty.oid, at))?;
        }
        let ty = Type::plain(resolved.result.oid);
        Ok(AggregateCall { level: 0, function: resolved.function, args: values, distinct: call.distinct, order_by, filter: None, ty })
    }

    fn aggregate_order(&mut self, call: &FunctionCall, values: &[Expr], direct: usize) -> Result<Vec<SortKey>> {
        let mut keys = Vec::with_capacity(call.order_by.len());
        for (index, item) in call.order_by.iter().enumerate() {
            let node = if call.within_group {
                let Some(value) = values.get(direct + index) else { return Err(SqlError::internal("WITHIN GROUP argument is missing")) };
                Node { expr: value.clone(), at: item.expr.at }
            } else {
                let node = self.expr(&item.expr)?;
                matching_argument(self.settle(node)?, values)
            };
            if call.distinct && !values.iter().any(|value| equal(value, &node.expr)) {
                let message = "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list";
                return Err(SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message).at(node.at));
            }
            let key = self.sort_key(node, item)?;
            // The keys of WITHIN GROUP are arguments: each has its place.
            if call.within_group || !keys.iter().any(|known: &SortKey| equal(&known.expr, &key.expr)) {
                keys.push(key);
            }
        }
        Ok(keys)
    }

    /// `GROUPING(a, b)`. Which group expressions they are is known only after GROUP BY of their level is bound.
    pub(crate) fn grouping(&mut self, args: &[ast::Expr], at: i32) -> Result<Node> {
        if args.len() >= 32 {
            return Err(SqlError::new(SqlState::TOO_MANY_ARGUMENTS, "GROUPING must have fewer than 32 arguments").at(at));
        }
        let start = self.noted();
        let nodes = self.exprs(args)?;
        let rows = nodes.iter().map(|node| &node.expr).collect();
        let parts = CallParts { direct: &[], rows, start: &start, behind_direct: &start, at };
        let up = self.place_aggregate(&parts, "grouping operations")?;
        let args = nodes.into_iter().map(|node| {
            let mut expr = node.expr;
            deep::shift(&mut expr, 0, -up.cast_signed());
            (expr, node.at)
        });
        let args = GroupingArgs { args: args.collect(), columns_only: up > 0 };
        let level = self.levels.len() - 1 - up as usize;
        let places = vec![self.levels[level].grouping_number(args)];
        Ok(Node::plain(ExprKind::Grouping { level: up, places }, Oid::INT4, at))
    }

    /// An argument coerced implicitly to a type, for callers that know the way exists.
    pub(crate) fn coerce_implicitly(&mut self, node: Node, target: Oid) -> Result<Expr> {
        Ok(self.coerce(node, target, CastContext::Implicit)?.expr)
    }
}

fn check_star(call: &FunctionCall, at: i32) -> Result<()> {
    if call.args.is_empty() && !call.star && !call.within_group {
        let all = function::overloads(&call.name);
        if all.iter().any(|function| matches!(function.body, Body::Aggregate(_)) && function.args.is_empty()) {
            let message = format!("{}(*) must be used to call a parameterless aggregate function", call.name.join("."));
            return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(at));
        }
    }
    Ok(())
}

/// ORDER BY of an argument means the argument as coerced for the call.
fn matching_argument(node: Node, values: &[Expr]) -> Node {
    let at = node.at;
    match values.iter().find(|value| equal(strip_relabel(value), strip_relabel(&node.expr))) {
        Some(value) => Node { expr: value.clone(), at },
        None => node,
    }
}

fn strip_relabel(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Coerce { arg, coercion: crate::expr::Coercion::Relabel } => strip_relabel(arg),
        _ => expr,
    }
}

fn check_kind(function: &Function, call: &FunctionCall, at: i32) -> Result<()> {
    let name = function.name;
    let wrong = |message: String| Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(at));
    if !matches!(function.body, Body::Aggregate(_)) {
        if call.within_group {
            return wrong(format!("WITHIN GROUP specified, but {name} is not an aggregate function"));
        }
        return wrong(format!("window function {name} requires an OVER clause"));
    }
    match (function.aggregate_kind(), call.within_group) {
        (Some(AggregateKind::OrderedSet | AggregateKind::Hypothetical), false) => {
            wrong(format!("WITHIN GROUP is required for ordered-set aggregate {name}"))
        }
        (Some(AggregateKind::Normal), true) => wrong(format!("{name} is not an ordered-set aggregate, so it cannot have WITHIN GROUP")),
        _ => Ok(()),
    }
}

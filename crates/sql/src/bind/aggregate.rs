//! Aggregate calls: where they may stand, what they may contain, DISTINCT, ORDER BY, FILTER and WITHIN GROUP. After `transformAggregateCall`.

use borealis_pgtypes::{AggregateKind, Body, CastContext, Function, Oid, Result, SqlError, SqlState, Type};

use super::call::{Arguments, Callee};
use super::equal::equal;
use super::function;
use super::{Binder, Clause, Node, walk};
use crate::ast::{self, FunctionCall};
use crate::expr::{AggregateCall, Expr, ExprKind, SortKey};

impl Binder<'_> {
    pub(crate) fn aggregate(
        &mut self,
        call: &FunctionCall,
        at: i32,
        arguments: impl FnOnce(&mut Self) -> Result<Arguments>,
    ) -> Result<Node> {
        self.check_aggregate_place(call, at)?;
        let outer = std::mem::replace(&mut self.level().in_aggregate, true);
        let bound = self.aggregate_parts(call, at, arguments);
        self.level().in_aggregate = outer;
        let (node, filter) = bound?;
        self.finish_aggregate(node, filter, at)
    }

    fn check_aggregate_place(&mut self, call: &FunctionCall, at: i32) -> Result<()> {
        let level = self.level();
        if level.clause == Clause::Filter {
            level.clause.check_aggregate("aggregate functions", at)?;
        }
        if level.in_aggregate {
            return Err(SqlError::new(SqlState::GROUPING_ERROR, "aggregate function calls cannot be nested").at(at));
        }
        if call.args.is_empty() && !call.star && !call.within_group {
            let all = function::overloads(&call.name);
            if all.iter().any(|function| matches!(function.body, Body::Aggregate(_)) && function.args.is_empty()) {
                let message = format!("{}(*) must be used to call a parameterless aggregate function", call.name.join("."));
                return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message).at(at));
            }
        }
        Ok(())
    }

    fn aggregate_parts(
        &mut self,
        call: &FunctionCall,
        at: i32,
        arguments: impl FnOnce(&mut Self) -> Result<Arguments>,
    ) -> Result<(Aggregate, Option<Expr>)> {
        let filter = match &call.filter {
            Some(filter) => Some(self.in_clause(Clause::Filter, |binder| binder.condition(filter, "FILTER"))?),
            None => None,
        };
        let Arguments { name, values: mut args } = arguments(self)?;
        let direct = args.len();
        if call.within_group {
            args = self.within_group_args(call, args, at)?;
        }
        let (resolved, values) = match self.resolve_call(call, &name, args, at)? {
            Callee::Function(resolved, values) => (resolved, values),
            Callee::Done(_) | Callee::Routine(..) => return Err(SqlError::internal("an aggregate resolved to something else")),
        };
        check_kind(resolved.function, call, at)?;
        let order_by = self.aggregate_order(call, &values, direct)?;
        if call.distinct {
            values.iter().try_for_each(|value| super::order::check_sortable(value.ty.oid, at))?;
        }
        Ok((
            Aggregate { function: resolved.function, args: values, distinct: call.distinct, order_by, result: resolved.result.oid },
            filter,
        ))
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

    fn finish_aggregate(&mut self, aggregate: Aggregate, filter: Option<Expr>, at: i32) -> Result<Node> {
        self.check_aggregate_level(&aggregate, filter.as_ref(), at)?;
        let level = self.level();
        level.clause.check_aggregate("aggregate functions", at)?;
        level.has_aggregates = true;
        let ty = Type::plain(aggregate.result);
        let call = AggregateCall {
            function: aggregate.function,
            args: aggregate.args,
            distinct: aggregate.distinct,
            order_by: aggregate.order_by,
            filter,
            ty,
        };
        Ok(Node::new(ExprKind::Aggregate(Box::new(call)), ty, at))
    }

    /// An aggregate belongs to the innermost level whose columns it reads. One that reads only columns of an outer query belongs there.
    fn check_aggregate_level(&mut self, aggregate: &Aggregate, filter: Option<&Expr>, at: i32) -> Result<()> {
        let mut least: Option<u32> = None;
        for expr in aggregate.args.iter().chain(aggregate.order_by.iter().map(|key| &key.expr)).chain(filter) {
            walk::deep(expr, 0, &mut |expr, depth| {
                if let ExprKind::Column(column) = &expr.kind
                    && column.depth >= depth
                {
                    let level = column.depth - depth;
                    least = Some(least.map_or(level, |known| known.min(level)));
                }
                true
            });
        }
        if least.is_some_and(|level| level > 0) {
            return Err(SqlError::unsupported("aggregate functions of an outer query in a subquery are not supported").at(at));
        }
        Ok(())
    }
}

struct Aggregate {
    function: &'static Function,
    args: Vec<Expr>,
    distinct: bool,
    order_by: Vec<SortKey>,
    result: Oid,
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

impl Binder<'_> {
    /// `GROUPING(a, b)`. Which group expressions they are is known only after GROUP BY is bound.
    pub(crate) fn grouping(&mut self, args: &[ast::Expr], at: i32) -> Result<Node> {
        let mut exprs = Vec::with_capacity(args.len());
        for arg in args {
            let node = self.expr(arg)?;
            exprs.push((node.expr, node.at));
        }
        if exprs.len() >= 32 {
            return Err(SqlError::new(SqlState::TOO_MANY_ARGUMENTS, "GROUPING must have fewer than 32 arguments").at(at));
        }
        let level = self.level();
        level.clause.check_aggregate("grouping operations", at)?;
        level.has_aggregates = true;
        level.groupings.push(exprs);
        let index = level.groupings.len() - 1;
        Ok(Node::plain(ExprKind::Grouping(vec![index]), Oid::INT4, at))
    }

    /// An argument coerced implicitly to a type, for callers that know the way exists.
    pub(crate) fn coerce_implicitly(&mut self, node: Node, target: Oid) -> Result<Expr> {
        Ok(self.coerce(node, target, CastContext::Implicit)?.expr)
    }
}

//! A query level: its WITH, its body, then ORDER BY, LIMIT and row locks.

use borealis_pgtypes::{Datum, Oid, Result, Type};

use super::Planner;
use super::cost;
use super::fold;
use super::layout::Layout;
use crate::ast::LockStrength;
use crate::bound::{Query, QueryBody};
use crate::expr::{Expr, ExprKind, SortKey};
use crate::plan::{Node, Plan};

/// What follows the rows of a SELECT.
#[derive(Default)]
#[allow(missing_docs)]
pub(crate) struct Tail {
    pub order_by: Vec<SortKey>,
    pub limit: Option<Expr>,
    pub offset: Option<Expr>,
    pub with_ties: bool,
    pub locks: Vec<(usize, LockStrength)>,
}

impl Tail {
    /// Rows that will be read, offset included, when a LIMIT says so.
    pub(crate) fn wanted(&self) -> Option<f64> {
        let limit = self.limit.as_ref()?;
        let offset = self.offset.as_ref().map_or(0.0, |offset| cost::count(offset, 0.0));
        Some(cost::count(limit, cost::LIMIT_UNKNOWN) + offset)
    }
}

impl Planner<'_> {
    /// The query that is the statement.
    pub(crate) fn top_query(&mut self, query: Query) -> Result<Plan> {
        self.nested_query(query)
    }

    /// A query in a level of its own that is no boundary for correlation.
    pub(crate) fn nested_query(&mut self, query: Query) -> Result<Plan> {
        self.enter();
        let plan = self.query(query);
        self.leave();
        plan
    }

    /// A query; its level has been entered.
    pub(crate) fn query(&mut self, query: Query) -> Result<Plan> {
        let Query { ctes, body, order_by, limit, offset, with_ties, columns, locks } = query;
        self.define_ctes(ctes)?;
        let mut tail = Tail { order_by, limit, offset, with_ties, locks };
        self.fold_tail(&mut tail);
        let plan = match body {
            QueryBody::Select(select) => return self.select(*select, tail),
            QueryBody::Values(rows) => {
                let types: Vec<Type> = columns.iter().map(|column| column.ty).collect();
                self.values(rows, types)?
            }
            QueryBody::SetOperation { op, all, left, right, left_coercions, right_coercions } => {
                self.set_operation(op, all, (*left, left_coercions), (*right, right_coercions))?
            }
        };
        self.finish_slots(plan, tail)
    }

    fn fold_tail(&self, tail: &mut Tail) {
        for expr in tail.limit.iter_mut().chain(&mut tail.offset) {
            fold::fold(expr, self.ctx.eval());
        }
        // LIMIT NULL and OFFSET 0 are as if they were not there.
        tail.limit.take_if(|limit| matches!(limit.kind, ExprKind::Const(Datum::Null)));
        tail.offset.take_if(|offset| matches!(offset.kind, ExprKind::Const(Datum::Null | Datum::Int8(0))));
    }

    /// VALUES.
    pub(crate) fn values(&mut self, rows: Vec<Vec<Expr>>, types: Vec<Type>) -> Result<Plan> {
        let layout = Layout::default();
        let rows = rows
            .into_iter()
            .map(|mut row| {
                row.iter_mut().for_each(|expr| fold::fold(expr, self.ctx.eval()));
                self.lower_all(row, &layout)
            })
            .collect::<Result<Vec<_>>>()?;
        let estimate = cost::values(rows.len(), &types);
        Ok(Plan { node: Node::Values { rows }, types, estimate })
    }

    /// ORDER BY and LIMIT over the slots of a body that is no SELECT.
    fn finish_slots(&mut self, mut plan: Plan, tail: Tail) -> Result<Plan> {
        let layout = Layout::identity();
        let Tail { order_by, limit, offset, with_ties, .. } = tail;
        let keys = self.lower_keys(order_by, &layout)?;
        let (limit, offset) = self.limit_counts(limit, offset)?;
        if !keys.is_empty() {
            plan = cost::sort(plan, keys.clone(), top_n(limit.as_ref(), offset.as_ref(), with_ties), self.ctx.settings);
        }
        Ok(limited(plan, limit, offset, with_ties.then_some(keys)))
    }

    /// LIMIT and OFFSET, which see no row.
    pub(crate) fn limit_counts(&mut self, limit: Option<Expr>, offset: Option<Expr>) -> Result<(Option<Expr>, Option<Expr>)> {
        let layout = Layout::default();
        Ok((self.lower_option(limit, &layout)?, self.lower_option(offset, &layout)?))
    }
}

/// A `Limit` node, when there is something to limit.
pub(crate) fn limited(plan: Plan, limit: Option<Expr>, offset: Option<Expr>, ties: Option<Vec<SortKey>>) -> Plan {
    if limit.is_none() && offset.is_none() {
        return plan;
    }
    let estimate = cost::limit(&plan.estimate, limit.as_ref(), offset.as_ref());
    let types = plan.types.clone();
    let ties = if limit.is_some() { ties } else { None };
    Plan { node: Node::Limit { input: Box::new(plan), limit, offset, ties }, types, estimate }
}

/// How many sorted rows need to be kept: only a limit without offset and ties, or both counts constant.
pub(crate) fn top_n(limit: Option<&Expr>, offset: Option<&Expr>, with_ties: bool) -> Option<Expr> {
    let limit = limit.filter(|_| !with_ties)?;
    let Some(offset) = offset else { return Some(limit.clone()) };
    match (&limit.kind, &offset.kind) {
        (ExprKind::Const(Datum::Int8(limit)), ExprKind::Const(Datum::Int8(offset))) if *limit >= 0 && *offset >= 0 => {
            Some(Expr::constant(Datum::Int8(limit.checked_add(*offset)?), Type::plain(Oid::INT8)))
        }
        _ => None,
    }
}

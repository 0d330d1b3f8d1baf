//! Walking bound trees.

use crate::bound::{BoundDistinct, Cte, CteBody, FromItem, Query, QueryBody, Relation, Select};
use crate::expr::{BoundSubscript, Coercion, ColumnRef, Expr, ExprKind, SubqueryKind, WindowCall};

/// Calls `f` for each direct operand that is evaluated at the same query level. Subqueries contribute their test expressions only.
pub(crate) fn children<'e>(expr: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    match &expr.kind {
        ExprKind::Const(_)
        | ExprKind::Column(_)
        | ExprKind::Slot(_)
        | ExprKind::ExecParam(_)
        | ExprKind::Param(_)
        | ExprKind::CaseArg
        | ExprKind::Grouping { .. } => {}
        ExprKind::Call { args, .. }
        | ExprKind::SetFunction { args, .. }
        | ExprKind::And(args)
        | ExprKind::Or(args)
        | ExprKind::Coalesce(args)
        | ExprKind::MinMax { args, .. }
        | ExprKind::Json { args, .. }
        | ExprKind::Array { items: args, .. }
        | ExprKind::Row { items: args, .. } => args.iter().for_each(f),
        ExprKind::Routine(call) => call.args.iter().for_each(f),
        ExprKind::Coerce { arg, coercion } => {
            f(arg);
            coercion_children(coercion, f);
        }
        ExprKind::Not(arg) | ExprKind::IsNull { arg, .. } | ExprKind::BooleanTest { arg, .. } | ExprKind::Field { base: arg, .. } => f(arg),
        ExprKind::ScalarArray { left, right, .. } | ExprKind::IsDistinct { left, right, .. } | ExprKind::NullIf { left, right, .. } => {
            f(left);
            f(right);
        }
        ExprKind::Case { arg, whens, otherwise } => {
            arg.iter().for_each(|arg| f(arg));
            for (when, then) in whens {
                f(when);
                f(then);
            }
            otherwise.iter().for_each(|expr| f(expr));
        }
        ExprKind::RowCompare { left, right, .. } => left.iter().chain(right).for_each(f),
        ExprKind::Subscript { base, subscripts } => {
            f(base);
            subscripts.iter().for_each(|subscript| subscript_children(subscript, f));
        }
        ExprKind::Subquery(subquery) => quantified_children(&subquery.kind, f),
        ExprKind::SubPlan(subplan) => {
            quantified_children(&subplan.kind, f);
            subplan.params.iter().for_each(|(_, expr)| f(expr));
        }
        ExprKind::Aggregate(call) => {
            call.args.iter().for_each(&mut *f);
            call.order_by.iter().for_each(|key| f(&key.expr));
            call.filter.iter().for_each(f);
        }
        ExprKind::Window(call) => window_children(call, f),
    }
}

fn coercion_children<'e>(coercion: &'e Coercion, f: &mut dyn FnMut(&'e Expr)) {
    match coercion {
        Coercion::Relabel | Coercion::InOut | Coercion::Typmod { .. } | Coercion::Spread | Coercion::Domain(_) => {}
        Coercion::ArrayElements(element) => f(element),
        Coercion::RowFields { fields, .. } => fields.iter().for_each(f),
    }
}

fn subscript_children<'e>(subscript: &'e BoundSubscript, f: &mut dyn FnMut(&'e Expr)) {
    match subscript {
        BoundSubscript::Index(index) => f(index),
        BoundSubscript::Slice(low, high) => low.iter().chain(high).for_each(f),
    }
}

fn quantified_children<'e>(kind: &'e SubqueryKind, f: &mut dyn FnMut(&'e Expr)) {
    if let SubqueryKind::Quantified { left, .. } = kind {
        left.iter().for_each(f);
    }
}

fn window_children<'e>(call: &'e WindowCall, f: &mut dyn FnMut(&'e Expr)) {
    call.args.iter().for_each(&mut *f);
    call.filter.iter().for_each(f);
}

/// Calls `f` for the expression and everything in it, subqueries included, with the number of query levels entered. `f` answers whether to go deeper.
pub(crate) fn deep<'e>(expr: &'e Expr, depth: u32, f: &mut dyn FnMut(&'e Expr, u32) -> bool) {
    if !f(expr, depth) {
        return;
    }
    children(expr, &mut |child| deep(child, depth, f));
    if let ExprKind::Subquery(subquery) = &expr.kind {
        query(&subquery.query, depth + 1, f);
    }
}

/// [`deep`] for every expression of a query whose own level is `depth`.
pub(crate) fn query<'e>(query_: &'e Query, depth: u32, f: &mut dyn FnMut(&'e Expr, u32) -> bool) {
    for cte in &query_.ctes {
        cte_body(cte, depth, f);
    }
    match &query_.body {
        QueryBody::Select(body) => select(body, depth, f),
        QueryBody::Values(rows) => rows.iter().flatten().for_each(|expr| deep(expr, depth, f)),
        QueryBody::SetOperation { left, right, .. } => {
            query(left, depth + 1, f);
            query(right, depth + 1, f);
        }
    }
    query_.order_by.iter().for_each(|key| deep(&key.expr, depth, f));
    query_.limit.iter().chain(&query_.offset).for_each(|expr| deep(expr, depth, f));
}

/// Calls `f` for the relations of a query, of the queries in its FROM and WITH and of its sides; those of subqueries in expressions excepted.
pub(crate) fn relations<'e>(query: &'e Query, f: &mut dyn FnMut(&'e Relation)) {
    for cte in &query.ctes {
        match &cte.body {
            CteBody::Query(body) => relations(body, f),
            CteBody::Recursive { base, recursive, .. } => {
                relations(base, f);
                relations(recursive, f);
            }
            CteBody::Modify(_) => {}
        }
    }
    match &query.body {
        QueryBody::Select(select) => select.relations.iter().for_each(|entry| {
            f(&entry.relation);
            if let Relation::Subquery(body) = &entry.relation {
                relations(body, f);
            }
        }),
        QueryBody::Values(_) => {}
        QueryBody::SetOperation { left, right, .. } => {
            relations(left, f);
            relations(right, f);
        }
    }
}

fn cte_body<'e>(cte: &'e Cte, depth: u32, f: &mut dyn FnMut(&'e Expr, u32) -> bool) {
    match &cte.body {
        CteBody::Query(body) => query(body, depth + 1, f),
        CteBody::Recursive { base, recursive, .. } => {
            query(base, depth + 1, f);
            query(recursive, depth + 1, f);
        }
        // A data-modifying statement stands at the top level only and refers to nothing outside.
        CteBody::Modify(_) => {}
    }
}

fn select<'e>(select: &'e Select, depth: u32, f: &mut dyn FnMut(&'e Expr, u32) -> bool) {
    for entry in &select.relations {
        match &entry.relation {
            Relation::Subquery(body) => query(body, depth + 1, f),
            Relation::Function { functions, .. } => functions.iter().for_each(|function| deep(&function.expr, depth, f)),
            Relation::Values(rows) => rows.iter().flatten().for_each(|expr| deep(expr, depth, f)),
            Relation::Table(_) | Relation::System(_) | Relation::Cte(_) | Relation::WorkTable(_) => {}
        }
    }
    select.from.iter().for_each(|item| from_item(item, depth, f));
    let own = select.filter.iter().chain(&select.group_by).chain(&select.having).chain(&select.targets);
    own.for_each(|expr| deep(expr, depth, f));
    for window in &select.windows {
        window.partition_by.iter().for_each(|expr| deep(expr, depth, f));
        window.order_by.iter().for_each(|key| deep(&key.expr, depth, f));
        window.start_offset.iter().chain(&window.end_offset).for_each(|expr| deep(expr, depth, f));
    }
    if let BoundDistinct::On(exprs) = &select.distinct {
        exprs.iter().for_each(|expr| deep(expr, depth, f));
    }
}

fn from_item<'e>(item: &'e FromItem, depth: u32, f: &mut dyn FnMut(&'e Expr, u32) -> bool) {
    if let FromItem::Join { left, right, condition, .. } = item {
        from_item(left, depth, f);
        from_item(right, depth, f);
        condition.iter().for_each(|expr| deep(expr, depth, f));
    }
}

/// Calls `f` for each column of the expression's own level, outside subqueries.
pub(crate) fn columns(expr: &Expr, f: &mut dyn FnMut(&ColumnRef)) {
    if let ExprKind::Column(column) = &expr.kind {
        f(column);
    }
    children(expr, &mut |child| columns(child, f));
}

/// Whether anything in the expression (not in its subqueries) satisfies the test.
pub(crate) fn contains(expr: &Expr, test: &dyn Fn(&Expr) -> bool) -> bool {
    if test(expr) {
        return true;
    }
    let mut found = false;
    children(expr, &mut |child| found = found || contains(child, test));
    found
}

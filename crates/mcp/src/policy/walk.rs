//! Every statement and every function call inside a query, INSERT, UPDATE or DELETE, at any depth.
//!
//! Each node names all its fields, so that new syntax is not passed over.

use borealis_sql::ast::{
    Assignment, ConflictTarget, Distinct, Expr, ExprKind, FrameBound, FunctionCall, GroupItem, Insert, InsertColumn, InsertSource,
    JoinCondition, ObjectName, OnConflict, OrderBy, Over, Query, QueryBody, Select, Statement, SubqueryKind, TableRef, Target, WindowSpec,
    With,
};

/// What a walk meets.
pub(crate) enum Part<'t> {
    /// A statement: the one that is looked at, or one in its WITH clauses.
    Statement(&'t Statement),
    /// The name of a function that is called, perhaps with its schema.
    Function(&'t [String]),
}

type Visitor<'v, 't> = &'v mut dyn FnMut(Part<'t>);

/// Walks a statement that reads or changes rows; others have no parts.
pub(crate) fn visit<'t>(statement: &'t Statement, f: Visitor<'_, 't>) {
    f(Part::Statement(statement));
    match statement {
        Statement::Query(inner) => query(inner, f),
        Statement::Insert(inner) => insert(inner, f),
        Statement::Update(update) => {
            with(update.with.as_ref(), f);
            update.assignments.iter().for_each(|one| assignment(one, f));
            update.from.iter().for_each(|one| table(one, f));
            update.filter.iter().for_each(|one| expr(one, f));
            targets(&update.returning, f);
        }
        Statement::Delete(delete) => {
            with(delete.with.as_ref(), f);
            delete.using.iter().for_each(|one| table(one, f));
            delete.filter.iter().for_each(|one| expr(one, f));
            targets(&delete.returning, f);
        }
        _ => {}
    }
}

/// Whether an expression looks at a column of its own query level or of one below.
pub(crate) fn has_column(filter: &Expr) -> bool {
    match &filter.kind {
        ExprKind::Column(_) | ExprKind::Star(_) => true,
        // What the subquery selects says nothing about the rows around it, unless it looks at them; which columns are whose is the binder's knowledge.
        ExprKind::Subquery { kind: SubqueryKind::Any { test, .. } | SubqueryKind::All { test, .. }, .. } => has_column(test),
        ExprKind::Subquery { query, .. } => query_has_column(query),
        _ => match filter.as_call() {
            Some(call) => call.args.iter().any(|arg| has_column(&arg.value)),
            None => filter.parts().into_iter().any(has_column),
        },
    }
}

/// EXISTS and scalar subqueries may be correlated: a qualified column in the WHERE clause is taken for that.
fn query_has_column(query: &Query) -> bool {
    match &query.body {
        QueryBody::Select(select) => select.filter.as_ref().is_some_and(has_column),
        QueryBody::Values(_) => false,
        QueryBody::SetOperation { left, right, .. } => query_has_column(left) || query_has_column(right),
    }
}

/// A name as people write it.
pub(crate) fn spelled(name: &ObjectName) -> String {
    name.schema.as_ref().map_or_else(|| name.name.clone(), |schema| format!("{schema}.{}", name.name))
}

fn query<'t>(query: &'t Query, f: Visitor<'_, 't>) {
    let Query { with: ctes, body, order_by, limit, with_ties: _, offset, locking: _ } = query;
    with(ctes.as_ref(), f);
    match body {
        QueryBody::Select(inner) => select(inner, f),
        QueryBody::Values(rows) => rows.iter().flatten().for_each(|one| expr(one, f)),
        QueryBody::SetOperation { op: _, all: _, left, right } => {
            self::query(left, f);
            self::query(right, f);
        }
    }
    orders(order_by, f);
    limit.iter().chain(offset).for_each(|one| expr(one, f));
}

fn with<'t>(with: Option<&'t With>, f: Visitor<'_, 't>) {
    for cte in with.iter().flat_map(|with| &with.ctes) {
        visit(&cte.statement, f);
    }
}

fn select<'t>(select: &'t Select, f: Visitor<'_, 't>) {
    let Select { distinct, targets: list, from, filter, group_by, group_distinct: _, having, windows } = select;
    match distinct {
        Distinct::No | Distinct::All => {}
        Distinct::On(list) => list.iter().for_each(|one| expr(one, f)),
    }
    targets(list, f);
    from.iter().for_each(|one| table(one, f));
    filter.iter().chain(having).for_each(|one| expr(one, f));
    group_by.iter().for_each(|one| group(one, f));
    windows.iter().for_each(|(_, spec)| window(spec, f));
}

fn group<'t>(item: &'t GroupItem, f: Visitor<'_, 't>) {
    match item {
        GroupItem::Empty => {}
        GroupItem::Expr(one) => expr(one, f),
        GroupItem::Rollup(list) | GroupItem::Cube(list) => list.iter().for_each(|one| expr(one, f)),
        GroupItem::Sets(sets) => sets.iter().for_each(|one| group(one, f)),
    }
}

fn table<'t>(from: &'t TableRef, f: Visitor<'_, 't>) {
    match from {
        TableRef::Table { name: _, only: _, alias: _, access: _ } => {}
        TableRef::Subquery { query: inner, lateral: _, alias: _, at: _ } => query(inner, f),
        TableRef::Function(function) => function.functions.iter().for_each(|(call, _)| expr(call, f)),
        TableRef::Join { kind: _, left, right, condition, alias: _, at: _ } => {
            table(left, f);
            table(right, f);
            match condition {
                JoinCondition::On(on) => expr(on, f),
                JoinCondition::None | JoinCondition::Using { .. } | JoinCondition::Natural => {}
            }
        }
    }
}

fn insert<'t>(insert: &'t Insert, f: Visitor<'_, 't>) {
    let Insert { with: ctes, table: _, access: _, alias: _, columns, overriding: _, source, on_conflict, returning } = insert;
    with(ctes.as_ref(), f);
    written(columns, f);
    match source {
        InsertSource::DefaultValues => {}
        InsertSource::Query(inner) => query(inner, f),
    }
    on_conflict.iter().for_each(|one| conflict(one, f));
    targets(returning, f);
}

fn conflict<'t>(conflict: &'t OnConflict, f: Visitor<'_, 't>) {
    let OnConflict { target, update, at: _ } = conflict;
    match target {
        Some(ConflictTarget::Columns { elements, filter }) => elements.iter().chain(filter).for_each(|one| expr(one, f)),
        Some(ConflictTarget::Constraint(_)) | None => {}
    }
    if let Some((assignments, filter)) = update {
        assignments.iter().for_each(|one| assignment(one, f));
        filter.iter().for_each(|one| expr(one, f));
    }
}

fn assignment<'t>(assignment: &'t Assignment, f: Visitor<'_, 't>) {
    match assignment {
        Assignment::Single { column, value } => {
            written(std::slice::from_ref(column), f);
            expr(value, f);
        }
        Assignment::Multiple { columns, source } => {
            written(columns, f);
            expr(source, f);
        }
    }
}

/// What stands in the subscripts of the columns written.
fn written<'t>(columns: &'t [InsertColumn], f: Visitor<'_, 't>) {
    columns.iter().flat_map(InsertColumn::exprs).for_each(|one| expr(one, f));
}

fn targets<'t>(targets: &'t [Target], f: Visitor<'_, 't>) {
    targets.iter().for_each(|target| expr(&target.expr, f));
}

fn orders<'t>(order_by: &'t [OrderBy], f: Visitor<'_, 't>) {
    order_by.iter().for_each(|order| expr(&order.expr, f));
}

fn window<'t>(spec: &'t WindowSpec, f: Visitor<'_, 't>) {
    let WindowSpec { base: _, partition_by, order_by, frame, in_over: _, at: _ } = spec;
    partition_by.iter().for_each(|one| expr(one, f));
    orders(order_by, f);
    for bound in frame.iter().flat_map(|frame| [&frame.start, &frame.end]) {
        match bound {
            FrameBound::Preceding(offset) | FrameBound::Following(offset) => expr(offset, f),
            FrameBound::UnboundedPreceding | FrameBound::CurrentRow | FrameBound::UnboundedFollowing => {}
        }
    }
}

fn expr<'t>(one: &'t Expr, f: Visitor<'_, 't>) {
    if let Some(call) = one.as_call() {
        return function(call, f);
    }
    match &one.kind {
        ExprKind::Subquery { kind, query: inner } => {
            match kind {
                SubqueryKind::Any { test, op: _ } | SubqueryKind::All { test, op: _ } => expr(test, f),
                SubqueryKind::Scalar | SubqueryKind::Exists | SubqueryKind::Array => {}
            }
            query(inner, f);
        }
        _ => one.parts().into_iter().for_each(|part| expr(part, f)),
    }
}

fn function<'t>(call: &'t FunctionCall, f: Visitor<'_, 't>) {
    f(Part::Function(&call.name));
    let FunctionCall { name: _, args, variadic: _, star: _, distinct: _, order_by, within_group: _, filter, over, sql_syntax: _ } = call;
    args.iter().for_each(|arg| expr(&arg.value, f));
    orders(order_by, f);
    filter.iter().for_each(|one| expr(one, f));
    match over {
        Some(Over::Spec(spec)) => window(spec, f),
        Some(Over::Named(..)) | None => {}
    }
}

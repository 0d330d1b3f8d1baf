//! Moving a bound query one level further in: references that leave it count one level more.

use crate::bound::{BoundDistinct, CteBody, FromItem, Query, QueryBody, Relation, Select};
use crate::expr::{BoundSubscript, Coercion, Expr, ExprKind, SortKey, SubqueryKind};

/// Adds a level between `query` and everything it refers to outside itself. `own` is the number of levels inside at which a reference leaves the query.
pub(crate) fn query(query_: &mut Query, own: u32) {
    for cte in &mut query_.ctes {
        match &mut cte.body {
            CteBody::Query(body) => query(body, own + 1),
            CteBody::Recursive { base, recursive, .. } => {
                query(base, own + 1);
                query(recursive, own + 1);
            }
            CteBody::Modify(_) => {}
        }
    }
    match &mut query_.body {
        QueryBody::Select(body) => select(body, own),
        QueryBody::Values(rows) => rows.iter_mut().flatten().for_each(|item| expr(item, own)),
        QueryBody::SetOperation { left, right, .. } => {
            query(left, own + 1);
            query(right, own + 1);
        }
    }
    keys(&mut query_.order_by, own);
    query_.limit.iter_mut().chain(&mut query_.offset).for_each(|item| expr(item, own));
}

fn keys(keys: &mut [SortKey], own: u32) {
    keys.iter_mut().for_each(|key| expr(&mut key.expr, own));
}

fn select(select: &mut Select, own: u32) {
    for entry in &mut select.relations {
        match &mut entry.relation {
            Relation::Subquery(body) => query(body, own + 1),
            Relation::Function { functions, .. } => functions.iter_mut().for_each(|function| expr(&mut function.expr, own)),
            Relation::Values(rows) => rows.iter_mut().flatten().for_each(|item| expr(item, own)),
            Relation::Table(_) | Relation::System(_) | Relation::Cte(_) | Relation::WorkTable(_) => {}
        }
    }
    select.from.iter_mut().for_each(|item| from_item(item, own));
    let parts = select.filter.iter_mut().chain(&mut select.group_by).chain(&mut select.having).chain(&mut select.targets);
    parts.for_each(|item| expr(item, own));
    for window in &mut select.windows {
        window.partition_by.iter_mut().for_each(|item| expr(item, own));
        keys(&mut window.order_by, own);
        window.start_offset.iter_mut().chain(&mut window.end_offset).for_each(|item| expr(item, own));
    }
    if let BoundDistinct::On(items) = &mut select.distinct {
        items.iter_mut().for_each(|item| expr(item, own));
    }
}

fn from_item(item: &mut FromItem, own: u32) {
    if let FromItem::Join { left, right, condition, .. } = item {
        from_item(left, own);
        from_item(right, own);
        condition.iter_mut().for_each(|item| expr(item, own));
    }
}

fn expr(item: &mut Expr, own: u32) {
    match &mut item.kind {
        ExprKind::Column(column) if column.depth >= own => column.depth += 1,
        ExprKind::Subquery(subquery) => {
            if let SubqueryKind::Quantified { left, .. } = &mut subquery.kind {
                left.iter_mut().for_each(|item| expr(item, own));
            }
            query(&mut subquery.query, own + 1);
        }
        kind => {
            match kind {
                ExprKind::Aggregate(call) if call.level >= own => call.level += 1,
                ExprKind::Grouping { level, .. } if *level >= own => *level += 1,
                _ => {}
            }
            children_mut(kind, &mut |child| expr(child, own));
        }
    }
}

/// Calls `f` for each direct operand, subqueries excepted.
pub(crate) fn children_mut(kind: &mut ExprKind, f: &mut dyn FnMut(&mut Expr)) {
    match kind {
        ExprKind::Const(_)
        | ExprKind::Column(_)
        | ExprKind::Slot(_)
        | ExprKind::ExecParam(_)
        | ExprKind::Param(_)
        | ExprKind::CaseArg
        | ExprKind::Grouping { .. }
        | ExprKind::Subquery(_)
        | ExprKind::SubPlan(_) => {}
        ExprKind::Call { args, .. }
        | ExprKind::SetFunction { args, .. }
        | ExprKind::And(args)
        | ExprKind::Or(args)
        | ExprKind::Coalesce(args)
        | ExprKind::MinMax { args, .. }
        | ExprKind::Json { args, .. }
        | ExprKind::Array { items: args, .. }
        | ExprKind::Row { items: args, .. } => args.iter_mut().for_each(f),
        ExprKind::Routine(call) => call.args.iter_mut().for_each(f),
        ExprKind::Coerce { arg, coercion } => {
            f(arg);
            match coercion {
                Coercion::Relabel | Coercion::InOut | Coercion::Typmod { .. } | Coercion::Spread | Coercion::Domain(_) => {}
                Coercion::ArrayElements(element) => f(element),
                Coercion::RowFields { fields, .. } => fields.iter_mut().for_each(f),
            }
        }
        ExprKind::Not(arg) | ExprKind::IsNull { arg, .. } | ExprKind::BooleanTest { arg, .. } | ExprKind::Field { base: arg, .. } => f(arg),
        ExprKind::ScalarArray { left, right, .. } | ExprKind::IsDistinct { left, right, .. } | ExprKind::NullIf { left, right, .. } => {
            f(left);
            f(right);
        }
        ExprKind::Case { arg, whens, otherwise } => {
            arg.iter_mut().for_each(|arg| f(arg));
            for (when, then) in whens {
                f(when);
                f(then);
            }
            otherwise.iter_mut().for_each(|item| f(item));
        }
        ExprKind::RowCompare { left, right, .. } => left.iter_mut().chain(right).for_each(f),
        ExprKind::Subscript { base, subscripts } => {
            f(base);
            for subscript in subscripts {
                match subscript {
                    BoundSubscript::Index(index) => f(index),
                    BoundSubscript::Slice(low, high) => low.iter_mut().chain(high).for_each(&mut *f),
                }
            }
        }
        ExprKind::Aggregate(call) => {
            call.args.iter_mut().for_each(&mut *f);
            call.order_by.iter_mut().for_each(|key| f(&mut key.expr));
            call.filter.iter_mut().for_each(f);
        }
        ExprKind::Window(call) => {
            call.args.iter_mut().for_each(&mut *f);
            call.filter.iter_mut().for_each(f);
        }
    }
}

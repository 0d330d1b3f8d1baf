//! Walks over bound trees: direct children of an expression, and all column references below an expression or query with their nesting.
//!
//! Nesting is the number of query levels between the start of the walk and the place of a reference. A reference whose `depth` equals its nesting belongs to
//! the level the walk started at; one whose `depth` is greater escapes it. Every [`Query`] is one level: subqueries of expressions and of FROM, the sides of
//! a set operation, and common table expressions.

use borealis_pgtypes::Volatility;

use crate::bound::{BoundDistinct, Cte};
use crate::bound::{CteBody, FromItem, Query, QueryBody, Relation, RelationEntry, Select};
use crate::expr::{
    AggregateCall, BoundSubscript, Coercion, ColumnRef, Expr, ExprKind, JsonForm, SortKey, SubqueryKind, Window, WindowCall,
};

/// Generates a walk for shared and for exclusive access, so that the two cannot disagree about what a child is.
macro_rules! walks {
    ($children:ident, $columns:ident, $query:ident, $select:ident, $relation:ident, $from:ident, $exprs:ident, $expr_vec:ident, $keys:ident, $window:ident,
     $kind:ident, $aggregate:ident, $windowcall:ident, $cte:ident, $iter:ident $(, $m:tt)?) => {
        /// Calls `f` on each direct child expression; of a subquery, only on the left values of a quantified comparison.
        pub(crate) fn $children(expr: &$($m)? Expr, f: &mut dyn FnMut(&$($m)? Expr)) {
            match &$($m)? expr.kind {
                ExprKind::Const(_) | ExprKind::Column(_) | ExprKind::Slot(_) | ExprKind::ExecParam(_) | ExprKind::Param(_) | ExprKind::CaseArg
                | ExprKind::Grouping { .. } => {}
                ExprKind::Call { args, .. } | ExprKind::SetFunction { args, .. } | ExprKind::MinMax { args, .. } | ExprKind::And(args)
                | ExprKind::Or(args) | ExprKind::Coalesce(args) | ExprKind::Json { args, .. } => $expr_vec(args, f),
                ExprKind::Array { items, .. } | ExprKind::Row { items, .. } => $expr_vec(items, f),
                ExprKind::Routine(call) => $expr_vec(&$($m)? call.args, f),
                ExprKind::Coerce { arg, coercion } => {
                    f(arg);
                    match coercion {
                        Coercion::ArrayElements(inner) => f(inner),
                        Coercion::RowFields { fields, .. } => $expr_vec(fields, f),
                        Coercion::Relabel | Coercion::InOut | Coercion::Typmod { .. } | Coercion::Spread | Coercion::Domain(_) => {}
                    }
                }
                ExprKind::ScalarArray { left, right, .. } | ExprKind::IsDistinct { left, right, .. } | ExprKind::NullIf { left, right, .. } => {
                    f(left);
                    f(right);
                }
                ExprKind::Not(arg) | ExprKind::IsNull { arg, .. } | ExprKind::BooleanTest { arg, .. } => f(arg),
                ExprKind::Case { arg, whens, otherwise } => {
                    if let Some(arg) = arg { f(arg); }
                    for (when, then) in whens { f(when); f(then); }
                    if let Some(otherwise) = otherwise { f(otherwise); }
                }
                ExprKind::RowCompare { left, right, .. } => { $expr_vec(left, f); $expr_vec(right, f); }
                ExprKind::Subscript { base, subscripts } => {
                    f(base);
                    for subscript in subscripts {
                        match subscript {
                            BoundSubscript::Index(index) => f(index),
                            BoundSubscript::Slice(low, high) => {
                                if let Some(low) = low { f(low); }
                                if let Some(high) = high { f(high); }
                            }
                        }
                    }
                }
                ExprKind::Field { base, .. } => f(base),
                ExprKind::Subquery(subquery) => $kind(&$($m)? subquery.kind, f),
                ExprKind::SubPlan(subplan) => {
                    $kind(&$($m)? subplan.kind, f);
                    for (_, value) in &$($m)? subplan.params { f(value); }
                }
                ExprKind::Aggregate(call) => $aggregate(call, f),
                ExprKind::Window(call) => $windowcall(call, f),
            }
        }

        fn $expr_vec(exprs: &$($m)? Vec<Expr>, f: &mut dyn FnMut(&$($m)? Expr)) {
            for expr in exprs { f(expr); }
        }

        fn $kind(kind: &$($m)? SubqueryKind, f: &mut dyn FnMut(&$($m)? Expr)) {
            if let SubqueryKind::Quantified { left, .. } = kind { $expr_vec(left, f); }
        }

        fn $keys(keys: &$($m)? [SortKey], f: &mut dyn FnMut(&$($m)? Expr)) {
            for key in keys { f(&$($m)? key.expr); }
        }

        fn $aggregate(call: &$($m)? AggregateCall, f: &mut dyn FnMut(&$($m)? Expr)) {
            $expr_vec(&$($m)? call.args, f);
            $keys(&$($m)? call.order_by, f);
            if let Some(filter) = &$($m)? call.filter { f(filter); }
        }

        fn $windowcall(call: &$($m)? WindowCall, f: &mut dyn FnMut(&$($m)? Expr)) {
            $expr_vec(&$($m)? call.args, f);
            if let Some(filter) = &$($m)? call.filter { f(filter); }
        }

        /// Calls `f` on each expression of a window definition.
        pub(crate) fn $window(window: &$($m)? Window, f: &mut dyn FnMut(&$($m)? Expr)) {
            $expr_vec(&$($m)? window.partition_by, f);
            $keys(&$($m)? window.order_by, f);
            if let Some(offset) = &$($m)? window.start_offset { f(offset); }
            if let Some(offset) = &$($m)? window.end_offset { f(offset); }
        }

        /// Calls `f` on every reference below `expr` to a query level, with its nesting: columns, aggregates and GROUPING.
        pub(crate) fn $columns(expr: &$($m)? Expr, nesting: u32, f: &mut dyn FnMut(&$($m)? Expr, u32)) {
            if let ExprKind::Column(_) = expr.kind {
                return f(expr, nesting);
            }
            if let ExprKind::Aggregate(_) | ExprKind::Grouping { .. } = expr.kind {
                f(expr, nesting);
            }
            $children(expr, &mut |child| $columns(child, nesting, f));
            if let ExprKind::Subquery(subquery) = &$($m)? expr.kind {
                $query(&$($m)? subquery.query, nesting + 1, &mut |expr, nesting| $columns(expr, nesting, f));
            }
        }

        /// Calls `f` on every expression that stands directly in `query` or a query of its FROM, set operation or WITH, with its nesting; `nesting` is the query's own.
        pub(crate) fn $query(query: &$($m)? Query, nesting: u32, f: &mut dyn FnMut(&$($m)? Expr, u32)) {
            for cte in &$($m)? query.ctes { $cte(cte, nesting, f); }
            match &$($m)? query.body {
                QueryBody::Select(select) => $select(select, nesting, f),
                QueryBody::Values(rows) => for row in rows { for expr in row { f(expr, nesting); } },
                QueryBody::SetOperation { left, right, .. } => {
                    $query(left, nesting + 1, f);
                    $query(right, nesting + 1, f);
                }
            }
            $keys(&$($m)? query.order_by, &mut |expr| f(expr, nesting));
            if let Some(limit) = &$($m)? query.limit { f(limit, nesting); }
            if let Some(offset) = &$($m)? query.offset { f(offset, nesting); }
        }

        /// The expressions of a CTE's queries; a data-modifying one stands at the top of a statement and has no references to enclosing levels.
        fn $cte(cte: &$($m)? Cte, nesting: u32, f: &mut dyn FnMut(&$($m)? Expr, u32)) {
            match &$($m)? cte.body {
                CteBody::Query(query) => $query(query, nesting + 1, f),
                CteBody::Recursive { base, recursive, .. } => {
                    $query(base, nesting + 1, f);
                    $query(recursive, nesting + 1, f);
                }
                CteBody::Modify(_) => {}
            }
        }

        /// As the walk over a query, for one SELECT at `nesting`.
        pub(crate) fn $select(select: &$($m)? Select, nesting: u32, f: &mut dyn FnMut(&$($m)? Expr, u32)) {
            for entry in &$($m)? select.relations { $relation(entry, nesting, f); }
            for item in &$($m)? select.from { $from(item, &mut |expr| f(expr, nesting)); }
            $exprs(select, &mut |expr| f(expr, nesting));
        }

        /// The expressions of a SELECT outside of its FROM.
        pub(crate) fn $exprs(select: &$($m)? Select, f: &mut dyn FnMut(&$($m)? Expr)) {
            if let Some(filter) = &$($m)? select.filter { f(filter); }
            $expr_vec(&$($m)? select.group_by, f);
            if let Some(having) = &$($m)? select.having { f(having); }
            for window in &$($m)? select.windows { $window(window, f); }
            $expr_vec(&$($m)? select.targets, f);
            if let BoundDistinct::On(exprs) = &$($m)? select.distinct { $expr_vec(exprs, f); }
        }

        /// The expressions inside one relation of a level at `nesting`.
        pub(crate) fn $relation(entry: &$($m)? RelationEntry, nesting: u32, f: &mut dyn FnMut(&$($m)? Expr, u32)) {
            match &$($m)? entry.relation {
                Relation::Table(_) | Relation::System(_) | Relation::Cte(_) | Relation::WorkTable(_) => {}
                Relation::Subquery(query) => $query(query, nesting + 1, f),
                Relation::Function { functions, .. } => for function in functions { f(&$($m)? function.expr, nesting); },
                Relation::Values(rows) => for row in rows { for expr in row { f(expr, nesting); } },
            }
        }

        /// Calls `f` on the conditions of a join tree.
        pub(crate) fn $from(item: &$($m)? FromItem, f: &mut dyn FnMut(&$($m)? Expr)) {
            if let FromItem::Join { left, right, condition, .. } = item {
                $from(left, f);
                $from(right, f);
                if let Some(condition) = condition { f(condition); }
            }
        }
    };
}

walks!(
    children,
    columns,
    query_exprs,
    select_exprs,
    relation_exprs,
    from_exprs,
    level_exprs,
    all,
    sort_exprs,
    window_exprs,
    kind_exprs,
    aggregate_exprs,
    window_call_exprs,
    cte_exprs,
    iter
);
walks!(
    children_mut,
    columns_mut,
    query_exprs_mut,
    select_exprs_mut,
    relation_exprs_mut,
    from_exprs_mut,
    level_exprs_mut,
    all_mut,
    sort_exprs_mut,
    window_exprs_mut,
    kind_exprs_mut,
    aggregate_exprs_mut,
    window_call_exprs_mut,
    cte_exprs_mut,
    iter_mut,
    mut
);

/// Calls `f` on every column reference below `query` (itself at `nesting`).
pub(crate) fn query_columns(query: &Query, nesting: u32, f: &mut dyn FnMut(ColumnRef, u32)) {
    query_exprs(query, nesting, &mut |expr, nesting| column_refs(expr, nesting, f));
}

/// Calls `f` on every column reference below `expr`.
pub(crate) fn column_refs(expr: &Expr, nesting: u32, f: &mut dyn FnMut(ColumnRef, u32)) {
    columns(expr, nesting, &mut |expr, nesting| {
        if let ExprKind::Column(column) = expr.kind {
            f(column, nesting);
        }
    });
}

/// Whether `test` holds for `expr` or any expression below it; subqueries are entered.
pub(crate) fn any(expr: &Expr, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    if test(expr) {
        return true;
    }
    let mut found = false;
    children(expr, &mut |child| found = found || any(child, test));
    if let (false, ExprKind::Subquery(subquery)) = (found, &expr.kind) {
        found = query_any(&subquery.query, test);
    }
    found
}

/// As [`any`], for all expressions of a query.
pub(crate) fn query_any(query: &Query, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    let mut found = false;
    query_exprs(query, 0, &mut |expr, _| found = found || any(expr, test));
    found
}

/// Whether evaluating `expr` twice may differ, or has effects.
pub(crate) fn is_volatile(expr: &Expr) -> bool {
    any(expr, &mut |expr| volatility(expr) == Volatility::Volatile)
}

/// Whether `query` calls a volatile function or modifies or locks rows.
pub(crate) fn query_is_volatile(query: &Query) -> bool {
    !query.locks.is_empty() || query_any(query, &mut |expr| volatility(expr) == Volatility::Volatile)
}

/// Volatility of one node, its children left aside.
pub(crate) fn volatility(expr: &Expr) -> Volatility {
    match &expr.kind {
        ExprKind::Call { function, .. } | ExprKind::SetFunction { function, .. } | ExprKind::ScalarArray { function, .. } => {
            function.volatility
        }
        ExprKind::Routine(call) => call.spec.routine.volatility(),
        // Input and output functions of some types read session settings.
        ExprKind::Json { form: JsonForm::Object { .. } | JsonForm::Array { .. }, .. }
        | ExprKind::Coerce { coercion: Coercion::InOut, .. }
        | ExprKind::Subquery(_)
        | ExprKind::SubPlan(_) => Volatility::Stable,
        _ => Volatility::Immutable,
    }
}

/// Whether a subquery stands in `expr`.
pub(crate) fn has_subquery(expr: &Expr) -> bool {
    any(expr, &mut |expr| matches!(expr.kind, ExprKind::Subquery(_) | ExprKind::SubPlan(_)))
}

/// Whether a set-returning function stands in `expr` outside of subqueries.
pub(crate) fn has_set_function(expr: &Expr) -> bool {
    if expr.is_set() {
        return true;
    }
    let mut found = false;
    children(expr, &mut |child| found = found || has_set_function(child));
    found
}

/// Adds `by` to the depth of each reference below `expr` (standing at nesting 0) that escapes more than `above` levels.
pub(crate) fn shift(expr: &mut Expr, above: u32, by: i32) {
    columns_mut(expr, 0, &mut |expr, nesting| shift_reference(expr, nesting + above, by));
}

/// As [`shift`], for a query that stands one level below.
pub(crate) fn shift_query(query: &mut Query, above: u32, by: i32) {
    query_exprs_mut(query, 1, &mut |expr, nesting| {
        columns_mut(expr, nesting, &mut |expr, nesting| shift_reference(expr, nesting + above, by))
    });
}

/// How many query levels up what `expr` refers to is.
pub(crate) fn level_mut(expr: &mut Expr) -> Option<&mut u32> {
    match &mut expr.kind {
        ExprKind::Column(column) => Some(&mut column.depth),
        ExprKind::Aggregate(call) => Some(&mut call.level),
        ExprKind::Grouping { level, .. } => Some(level),
        _ => None,
    }
}

fn shift_reference(expr: &mut Expr, above: u32, by: i32) {
    if let Some(level) = level_mut(expr)
        && *level >= above
    {
        *level = level.saturating_add_signed(by);
    }
}

/// The conjuncts of a condition, nested ANDs opened.
pub(crate) fn conjuncts(expr: Expr, into: &mut Vec<Expr>) {
    match expr.kind {
        ExprKind::And(args) => args.into_iter().for_each(|arg| conjuncts(arg, into)),
        _ => into.push(expr),
    }
}

/// The conjunction of conditions; `None` of none.
pub(crate) fn conjunction(mut conditions: Vec<Expr>) -> Option<Expr> {
    if conditions.len() < 2 {
        return conditions.pop();
    }
    let ty = conditions[0].ty;
    Some(Expr::new(ExprKind::And(conditions), ty))
}

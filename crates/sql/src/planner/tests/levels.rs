//! Subqueries of FROM: what is pulled up and what conditions reach.

use super::*;
use crate::expr::AggregateCall;

fn subquery(inner: Select) -> RelationEntry {
    let types: Vec<Type> = inner.targets.iter().map(|target| target.ty).collect();
    entry(Relation::Subquery(Box::new(query(inner))), "s", &types)
}

fn count() -> Expr {
    let function = borealis_pgtypes::functions::by_name("count").iter().find(|function| function.args.is_empty()).expect("count(*)");
    let call = AggregateCall { level: 0, function, args: Vec::new(), distinct: false, order_by: Vec::new(), filter: None, ty: INT8 };
    Expr::new(ExprKind::Aggregate(Box::new(call)), INT8)
}

#[test]
fn a_plain_subquery_disappears() {
    let inner = select(vec![base(&big())], vec![rel(0)], Some(compare("=", column(0, 1), int(1))), vec![column(0, 0), column(0, 3)]);
    let outer = select(vec![subquery(inner)], vec![rel(0)], Some(compare("=", column(0, 0), int(7))), vec![column(0, 0)]);
    let text = shape(query(outer));
    assert!(text.starts_with("Index Only Scan using big_pkey on big") && text.contains("Filters: (a = 1)"), "{text}");
}

#[test]
fn an_expression_is_not_pulled_up_from_a_nullable_side() {
    let inner = select(vec![base(&big())], vec![rel(0)], None, vec![column(0, 0), int(1)]);
    let on = compare("=", column(0, 0), column(1, 0));
    let outer = select(
        vec![base(&small()), subquery(inner)],
        vec![join(JoinKind::Left, rel(0), rel(1), on)],
        None,
        vec![column(0, 0), column(1, 1)],
    );
    let plan = planned(query(outer));
    let Node::Project { exprs, .. } = &plan.root.node else { panic!("{plan:?}") };
    assert!(exprs.iter().all(|expr| matches!(expr.kind, ExprKind::Slot(_))), "the constant is NULL for rows without a match: {exprs:?}");
}

#[test]
fn a_condition_on_a_group_key_goes_below_the_grouping() {
    let mut inner = select(vec![base(&big())], vec![rel(0)], None, vec![column(0, 1), count()]);
    inner.group_by = vec![column(0, 1)];
    inner.has_aggregates = true;
    let by_key = select(vec![subquery(inner.clone())], vec![rel(0)], Some(compare("=", column(0, 0), int(1))), vec![column(0, 0)]);
    let text = shape(query(by_key));
    assert!(text.contains("Index Cond: (a = 1)"), "{text}");
    let eight = Expr::constant(Datum::Int8(8), INT8);
    let counted = Expr::new(ExprKind::Column(ColumnRef { depth: 0, relation: 0, column: 1 }), INT8);
    let by_count = select(vec![subquery(inner)], vec![rel(0)], Some(compare(">", counted, eight)), vec![column(0, 0)]);
    let text = shape(query(by_count));
    assert!(text.contains("Filter: (count(*) > '8'::bigint)"), "{text}");
}

#[test]
fn a_condition_does_not_pass_a_limit() {
    let mut inner = query(select(vec![base(&big())], vec![rel(0)], None, vec![column(0, 0)]));
    inner.limit = Some(Expr::constant(Datum::Int8(5), INT8));
    let relation = entry(Relation::Subquery(Box::new(inner)), "s", &[INT4]);
    let text = shape(query(select(vec![relation], vec![rel(0)], Some(compare("=", column(0, 0), int(1))), vec![column(0, 0)])));
    assert!(text.starts_with("Limit") && text.contains("Filter: (id = 1)") && !text.contains("Index Cond"), "{text}");
}

#[test]
fn max_of_a_key_is_the_last_row() {
    let function = borealis_pgtypes::functions::by_name("max").iter().find(|function| function.args == [Oid::INT4]).expect("max(int4)");
    let call =
        AggregateCall { level: 0, function, args: vec![column(0, 0)], distinct: false, order_by: Vec::new(), filter: None, ty: INT4 };
    let mut inner = select(vec![base(&big())], vec![rel(0)], None, vec![Expr::new(ExprKind::Aggregate(Box::new(call)), INT4)]);
    inner.has_aggregates = true;
    let text = shape(query(inner));
    assert!(text.starts_with("Result") && text.contains("Full Scan (btree-table) Backward on big") && text.contains("Limit: 1"), "{text}");
}

#[test]
fn grouped_columns_above_name_the_group() {
    let mut inner = select(vec![base(&big())], vec![rel(0)], None, vec![column(0, 1), count(), count()]);
    inner.group_by = vec![column(0, 1)];
    inner.has_aggregates = true;
    let plan = planned(query(inner));
    let Node::Project { input, exprs } = &plan.root.node else { panic!("{plan:?}") };
    let Node::Aggregate(aggregate) = &input.node else { panic!("{plan:?}") };
    assert_eq!(aggregate.aggregates.len(), 1, "the same call is computed once");
    let slots: Vec<usize> = exprs.iter().filter_map(|expr| if let ExprKind::Slot(slot) = expr.kind { Some(slot) } else { None }).collect();
    assert_eq!(slots, [0, 1, 1]);
}

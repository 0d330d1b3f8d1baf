//! Join trees: what may move where.

use super::*;

fn two(kind: JoinKind, on: Expr, filter: Option<Expr>) -> Query {
    query(select(vec![base(&small()), base(&big())], vec![join(kind, rel(0), rel(1), on)], filter, vec![column(0, 3), column(1, 3)]))
}

fn on_id() -> Expr {
    compare("=", column(0, 1), column(1, 0))
}

#[test]
fn a_small_outer_drives_an_index() {
    let text = shape(two(JoinKind::Inner, on_id(), None));
    assert!(text.starts_with("Nested Loop") && text.contains("Index Cond: (id = small.a)"), "{text}");
}

#[test]
fn where_on_the_nullable_side_stays_above() {
    let null = Expr::new(ExprKind::IsNull { arg: Box::new(column(1, 1)), negated: false }, BOOL);
    let plan = planned(two(JoinKind::Left, on_id(), Some(null)));
    let Node::Project { input, .. } = &plan.root.node else { panic!("{plan:?}") };
    assert!(matches!(&input.node, Node::Filter { .. }), "{plan:?}");
}

#[test]
fn a_strict_condition_makes_a_left_join_inner() {
    let text = shape(two(JoinKind::Left, on_id(), Some(compare("=", column(1, 1), int(1)))));
    assert!(!text.contains("Left") && !text.contains("Right"), "{text}");
}

#[test]
fn on_restricts_the_nullable_side_below_and_the_preserved_side_only_in_the_join() {
    let text = shape(two(
        JoinKind::Left,
        and(vec![on_id(), compare("=", column(1, 1), int(1)), compare("=", column(0, 2), param(0, INT8))]),
        None,
    ));
    assert!(text.contains("Filters: (big.a = 1)"), "{text}");
    assert!(text.contains("Join Filter: (small.b = $1)"), "{text}");
}

#[test]
fn where_on_the_preserved_side_goes_below() {
    let text = shape(two(JoinKind::Left, on_id(), Some(compare("=", column(0, 0), int(3)))));
    assert!(text.contains("Index Only Scan using small_pkey on small"), "{text}");
    assert!(text.contains("Join Type: Left"), "{text}");
}

#[test]
fn a_full_join_keeps_both_sides_whole() {
    let text = shape(two(JoinKind::Full, on_id(), None));
    assert!(text.starts_with("Hash Full Join"), "{text}");
    let reduced = shape(two(JoinKind::Full, on_id(), Some(compare("=", column(0, 1), int(1)))));
    assert!(!reduced.contains("Full Join") && reduced.contains("Left Join"), "{reduced}");
}

#[test]
fn a_full_join_without_equality_is_refused() {
    let query = two(JoinKind::Full, compare("<", column(0, 1), column(1, 0)), None);
    let settings = PlannerSettings::default();
    let ctx = PlanContext { binding: None, statistics: &Rows, settings: &settings };
    let bound = BoundStatement {
        statement: Bound::Query(query),
        params: Vec::new(),
        columns: None,
        views: Vec::new(),
        notices: Vec::new(),
        permissions: crate::permission::Permissions::default(),
    };
    let error = plan(bound, &ctx).expect_err("no plan");
    assert_eq!(error.sqlstate().as_str(), "0A000");
}

#[test]
fn constants_travel_along_equalities() {
    let text = shape(two(JoinKind::Inner, on_id(), Some(compare("=", column(0, 1), param(0, INT4)))));
    assert!(text.contains("Index Cond: (id = $1)"), "{text}");
    // Into the nullable side too: only rows with that value could match.
    let text = shape(two(JoinKind::Left, on_id(), Some(compare("=", column(0, 1), param(0, INT4)))));
    assert!(text.contains("Index Cond: (id = $1)") && text.contains("Left"), "{text}");
}

#[test]
fn joins_above_an_outer_join_may_go_first() {
    // (small left join big b on ..) join small2: the inner join with twenty rows does not wait for the outer one.
    let from = join(JoinKind::Inner, join(JoinKind::Left, rel(0), rel(1), on_id()), rel(2), compare("=", column(0, 0), column(2, 0)));
    let query =
        query(select(vec![base(&big()), base(&big()), base(&small())], vec![from], None, vec![column(0, 3), column(1, 3), column(2, 3)]));
    let plan = planned(query);
    let text = explain(&plan, &ExplainOptions { costs: false, ..ExplainOptions::default() }, None).join("\n");
    assert!(text.starts_with("Nested Loop (Batched Join)\n  Join Type: Left\n"), "{text}");
}

fn exists(negated: bool, condition: Expr) -> Expr {
    let inner = query(select(vec![base(&small())], vec![rel(0)], Some(condition), vec![int(1)]));
    let subquery = Expr::new(ExprKind::Subquery(Box::new(Subquery { kind: SubqueryKind::Exists, query: inner })), BOOL);
    if negated { Expr::new(ExprKind::Not(Box::new(subquery)), BOOL) } else { subquery }
}

fn with_exists(condition: Expr) -> Query {
    query(select(vec![base(&big())], vec![rel(0)], Some(condition), vec![column(0, 3)]))
}

#[test]
fn exists_with_an_equality_is_a_join() {
    let link = compare("=", column(0, 1), outer(1, 0, 0));
    let text = shape(with_exists(exists(false, link.clone())));
    assert!(text.contains("Index Cond: (id = small.a)"), "the few distinct values drive the index: {text}");
    let text = shape(with_exists(exists(true, link)));
    assert!(text.starts_with("Merge Anti Join"), "both sides come in order: {text}");
}

#[test]
fn exists_without_an_equality_is_a_subplan_with_a_parameter() {
    let plan = planned(with_exists(exists(false, compare("<", column(0, 1), outer(1, 0, 0)))));
    assert_eq!(plan.subplans.len(), 1);
    assert_eq!(plan.exec_params, 1);
}

#[test]
fn a_reference_across_two_levels_is_handed_from_one_to_the_next() {
    // exists (select from small where a < outer.id and exists (select from small where a < outer.outer.id))
    let innermost = exists(false, compare("<", column(0, 1), outer(2, 0, 0)));
    let plan = planned(with_exists(exists(false, and(vec![compare("<", column(0, 1), outer(1, 0, 0)), innermost]))));
    assert_eq!(plan.subplans.len(), 2);
    let mut handed = 0;
    for tree in plan.trees() {
        count_params(tree, &mut handed);
    }
    assert_eq!(handed, 2, "one parameter at each boundary");
}

fn count_params(plan: &crate::plan::Plan, count: &mut usize) {
    if let Node::Scan(scan) = &plan.node {
        scan.filter.iter().for_each(|filter| count_in(filter, count));
    }
    if let Node::Filter { predicate, .. } | Node::Result { filter: Some(predicate) } = &plan.node {
        count_in(predicate, count);
    }
    plan.children().into_iter().for_each(|child| count_params(child, count));
}

fn count_in(expr: &Expr, count: &mut usize) {
    if let ExprKind::SubPlan(subplan) = &expr.kind {
        *count += subplan.params.len();
    }
    crate::planner::walk::children(expr, &mut |child| count_in(child, count));
}

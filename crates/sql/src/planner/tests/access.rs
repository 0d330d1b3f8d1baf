//! Which access a condition leads to, and what is left to check.

use super::*;

fn one(filter: Expr, targets: Vec<Expr>) -> Query {
    query(select(vec![base(&big())], vec![rel(0)], Some(filter), targets))
}

#[test]
fn a_constant_row_costs_what_postgresql_says() {
    let planned = planned(query(select(Vec::new(), Vec::new(), None, vec![int(1)])));
    assert_eq!(explain(&planned, &ExplainOptions::default(), None), ["Result  (cost=0.00..0.01 rows=1 width=4)"]);
    assert!(planned.small);
}

#[test]
fn the_primary_key_is_a_point() {
    let query = one(compare("=", column(0, 0), param(0, INT4)), vec![column(0, 3)]);
    assert!(planned(query.clone()).small);
    check(
        query,
        "
Index Only Scan using big_pkey on big
  Index Cond: (id = $1)
  -> Storage Scan on big_pkey
      Projections: id, c
      -> B-Tree Scan on big_pkey
          Index Cond: (id = $1)",
    );
}

#[test]
fn an_operand_on_the_left_is_turned_round() {
    let text = shape(one(compare("<", int(5), column(0, 0)), vec![column(0, 0)]));
    assert!(text.contains("Index Cond: (id > 5)"), "{text}");
}

#[test]
fn integers_of_other_widths_are_bounds() {
    let fits = shape(one(compare("=", column(0, 0), Expr::constant(Datum::Int8(7), INT8)), vec![column(0, 0)]));
    assert!(fits.contains("Index Cond: (id = 7)"), "{fits}");
    let large = shape(one(compare("=", column(0, 0), Expr::constant(Datum::Int8(1 << 40), INT8)), vec![column(0, 0)]));
    assert!(large.contains("Index Cond: (id = '1099511627776'::bigint)") && !large.contains("Filters"), "{large}");
    // A bigint parameter may not fit, which the executor finds; an integer parameter always fits a bigint key.
    let narrow = shape(one(compare("=", column(0, 0), param(0, INT8)), vec![column(0, 0)]));
    assert!(narrow.contains("Index Cond: (id = $1)") && !narrow.contains("Filters"), "{narrow}");
    let wide = shape(one(and(vec![compare("=", column(0, 1), int(1)), compare("=", column(0, 2), param(0, INT4))]), vec![column(0, 0)]));
    assert!(wide.contains("Index Cond: ((a = 1) AND (b = ($1)::bigint))"), "{wide}");
}

#[test]
fn an_index_prefix_and_a_range() {
    check(
        one(and(vec![compare("=", column(0, 1), int(1)), compare(">", column(0, 2), param(0, INT8))]), vec![column(0, 3)]),
        "
Index Scan using big_a_b_idx on big
  Index Cond: ((a = 1) AND (b > $1))
  -> Storage Scan on big_a_b_idx
      -> B-Tree Scan on big_a_b_idx
          Index Cond: ((a = 1) AND (b > $1))
  -> Storage Lookup on big
      Projections: a, b, c
      -> B-Tree Lookup on big",
    );
}

#[test]
fn an_index_that_has_all_columns_needs_no_lookup() {
    let text = shape(one(compare("=", column(0, 1), int(1)), vec![column(0, 0), column(0, 2)]));
    assert!(text.starts_with("Index Only Scan using big_a_b_idx on big"), "{text}");
}

#[test]
fn a_second_key_alone_is_no_bound() {
    let text = shape(one(compare("=", column(0, 2), param(0, INT8)), vec![column(0, 3)]));
    assert!(text.starts_with("Full Scan (btree-table) on big") && text.contains("Filters: (b = $1)"), "{text}");
}

#[test]
fn bounds_never_read_the_scan_itself() {
    let text = shape(one(compare("=", column(0, 0), column(0, 1)), vec![column(0, 0)]));
    assert!(!text.contains("Index Cond"), "{text}");
}

#[test]
fn is_null_is_a_bound() {
    let null = Expr::new(ExprKind::IsNull { arg: Box::new(column(0, 1)), negated: false }, BOOL);
    let text = shape(one(null, vec![column(0, 0)]));
    assert!(text.contains("Index Cond: (a IS NULL)"), "{text}");
}

#[test]
fn order_by_a_key_with_limit_reads_the_index() {
    let mut ordered = query(select(vec![base(&big())], vec![rel(0)], None, vec![column(0, 0)]));
    ordered.order_by = vec![SortKey { expr: column(0, 0), descending: true, nulls_first: true }];
    ordered.limit = Some(Expr::constant(Datum::Int8(10), INT8));
    let plan = planned(ordered.clone());
    assert!(plan.small);
    let text = shape(ordered);
    assert!(text.contains("Full Scan (btree-table) Backward on big") && !text.contains("Sort"), "{text}");
}

#[test]
fn nulls_at_the_other_end_need_a_sort() {
    let mut ordered = query(select(vec![base(&big())], vec![rel(0)], None, vec![column(0, 1)]));
    ordered.order_by = vec![SortKey { expr: column(0, 1), descending: false, nulls_first: true }];
    ordered.limit = Some(Expr::constant(Datum::Int8(10), INT8));
    let text = shape(ordered.clone());
    assert!(text.contains("Sort Key: a NULLS FIRST"), "{text}");
    ordered.order_by[0].nulls_first = false;
    let text = shape(ordered);
    assert!(text.contains("Index Only Scan using big_a_b_idx") && !text.contains("Sort"), "{text}");
}

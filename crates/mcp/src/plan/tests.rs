use super::{Dpu, dpu, findings, rounded};

fn lines(plan: &str) -> Vec<String> {
    plan.lines().map(str::to_owned).collect()
}

/// As the service was recorded printing it, with larger numbers.
const MEASURED: &str = "\
Full Scan (btree-table) on transactions  (cost=100.76..104.84 rows=6 width=36) (actual time=0.578..0.637 rows=6 loops=1)
  -> Storage Scan on transactions (cost=100.76..104.84 rows=6 width=36) (actual rows=6 loops=1)
      Projections: id, payer_id, amount
      Filters: (payer_id = 1)
      Rows Filtered: 40000
      -> B-Tree Scan on transactions (cost=100.76..104.84 rows=40006 width=36) (actual rows=40006 loops=1)
Query Identifier: jtkjkexhjotbo
Planning Time: 0.068 ms
Execution Time: 0.543 ms
Statement DPU Estimate:
  Compute: 0.01550 DPU
  Read: 0.00307 DPU (Transaction minimum: 0.00375)
  Write: 0.01875 DPU (Transaction minimum: 0.05000)
  Total: 0.03732 DPU";

#[test]
fn the_cost_is_read_from_the_tail() {
    assert_eq!(dpu(&lines(MEASURED)), Some(Dpu { compute: 0.0155, read: 0.00307, write: 0.01875, total: 0.03732 }));
    assert_eq!(dpu(&lines("Result  (cost=0.00..0.01 rows=1 width=4)")), None);
}

#[test]
fn a_full_scan_with_a_condition_asks_for_an_index() {
    let found = findings(&lines(MEASURED));
    assert!(
        found[0].starts_with("All of transactions is read (about 40,006 rows) to find those with (payer_id = 1). An index"),
        "{found:?}"
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[1].starts_with("40,000 rows of transactions are read and thrown away for 6 that are kept"), "{found:?}");
}

#[test]
fn what_is_ordinary_is_passed_over() {
    for plan in [
        "Result  (cost=0.00..0.01 rows=1 width=4)",
        "Index Only Scan using t_pkey on t  (cost=100.00..104.00 rows=1 width=4)\n  Index Cond: (id = 1)",
        "Full Scan (btree-table) on small  (cost=100.00..104.00 rows=9 width=4)",
        "nothing of this is a plan",
        "",
    ] {
        assert_eq!(findings(&lines(plan)), ["Nothing stands out."], "{plan}");
    }
}

#[test]
fn statistics_that_are_missing_or_old_are_told() {
    let missing = "Full Scan (btree-table) on t  (cost=125100.05..225100.05 rows=1000000 width=4) (actual time=1.0..2.0 rows=3 loops=1)";
    assert!(findings(&lines(missing)).iter().any(|finding| finding.contains("no statistics")));
    let old = "Index Scan using i on t  (cost=100.0..200.0 rows=10 width=4) (actual time=1.0..2.0 rows=5000 loops=1)";
    assert_eq!(
        findings(&lines(old)),
        ["The planner expected 10 rows of t and got 5,000: its statistics are out of date. ANALYZE renews them."]
    );
}

#[test]
fn sorts_lookups_and_loops_are_told_when_they_are_large() {
    let plan = "\
Sort  (cost=1.0..2.0 rows=20000 width=4)
  Sort Key: created_at DESC
  ->  Nested Loop  (cost=1.0..2.0 rows=20000 width=4)
        ->  Index Scan using i on a  (cost=1.0..2.0 rows=2000 width=4)
              -> Storage Scan on i (cost=1.0..2.0 rows=2000 width=4)
              -> Storage Lookup on a (cost=1.0..2.0 rows=2000 width=4)
        ->  Full Scan (btree-table) on b  (cost=1.0..2.0 rows=10 width=4)";
    let found = findings(&lines(plan)).join("\n");
    for what in ["20,000 rows are sorted by created_at DESC", "2,000 rows of a are looked up one by one", "all of b is read again"] {
        assert!(found.contains(what), "{what}: {found}");
    }
}

#[test]
fn numbers_are_grouped() {
    assert_eq!([0.0, 12.0, 123.0, 1234.0, 1_234_567.0].map(rounded), ["0", "12", "123", "1,234", "1,234,567"]);
}

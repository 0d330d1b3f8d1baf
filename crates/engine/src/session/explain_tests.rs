//! EXPLAIN through a session. The clock stands still, so times are zero.

use crate::testing::{TestCluster, TestSession};

fn cluster() -> (TestCluster, TestSession) {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, v text)");
    session.run("INSERT INTO t SELECT g, CASE WHEN g % 2 = 0 THEN 'b' ELSE 'a' END FROM generate_series(1, 10) g");
    (cluster, session)
}

fn check(session: &mut TestSession, sql: &str, expected: &str) {
    assert_eq!(session.run(sql), format!("{}\nEXPLAIN", expected.trim()), "{sql}");
}

#[test]
fn analyze_tells_what_each_node_did() {
    let (cluster, mut session) = cluster();
    check(
        &mut session,
        "EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT count(*) FROM t WHERE v <> 'a'",
        "
Aggregate (actual rows=1 loops=1)
  ->  Full Scan (btree-table) on t (actual rows=5 loops=1)
        -> Storage Scan on t (actual rows=5 loops=1)
            Projections: v
            Filters: (v <> 'a'::text)
            Rows Filtered: 5
            -> B-Tree Scan on t (actual rows=10 loops=1)",
    );
    check(
        &mut session,
        "EXPLAIN (ANALYZE, COSTS off) SELECT * FROM t WHERE id = 3",
        "
Index Only Scan using t_pkey on t (actual time=0.000..0.000 rows=1 loops=1)
  Index Cond: (id = 3)
  -> Storage Scan on t_pkey (actual rows=1 loops=1)
      Projections: id, v
      -> B-Tree Scan on t_pkey (actual rows=1 loops=1)
          Index Cond: (id = 3)
Planning Time: 0.000 ms
Execution Time: 0.000 ms",
    );
    let sorted = session.run("EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT * FROM t ORDER BY v LIMIT 2");
    assert!(sorted.contains("Sort Key: v\n        Sort Method: top-N heapsort  Memory: "), "{sorted}");
    let never = session.run("EXPLAIN (ANALYZE, COSTS off) SELECT * FROM t a WHERE false AND EXISTS (SELECT 1 FROM t)");
    assert!(never.contains("One-Time Filter: false"), "{never}");
    let joined = session.run("EXPLAIN (ANALYZE, COSTS off, TIMING off) SELECT * FROM t a JOIN t b ON a.v = b.v");
    assert!(
        joined.contains("Hash Join (actual rows=50 loops=1)") && joined.contains("Buckets: 1024  Batches: 1  Memory Usage: "),
        "{joined}"
    );
    cluster.cluster.close();
}

#[test]
fn analyze_of_a_write_writes() {
    let (cluster, mut session) = cluster();
    let plan = session.run("EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) DELETE FROM t WHERE id > 8");
    assert!(plan.starts_with("Delete on t (actual rows=0 loops=1)\n"), "{plan}");
    session.check(&[
        ("SELECT count(*) FROM t", "8\nSELECT 1"),
        (
            "BEGIN; EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) INSERT INTO t VALUES (20, 'x')",
            "BEGIN\nInsert on t (actual rows=0 loops=1)\n  ->  Result (actual rows=1 loops=1)\nEXPLAIN",
        ),
        ("ROLLBACK; SELECT count(*) FROM t", "ROLLBACK\n8\nSELECT 1"),
    ]);
    cluster.cluster.close();
}

#[test]
fn verbose_shows_output_and_schemas_and_the_cost_of_the_statement() {
    let (cluster, mut session) = cluster();
    check(
        &mut session,
        "EXPLAIN (VERBOSE, COSTS off) SELECT id + 1, upper(v) FROM t x WHERE id < 5",
        "
Index Only Scan using t_pkey on public.t x
  Output: (x.id + 1), upper(x.v)
  Index Cond: (id < 5)
  -> Storage Scan on t_pkey
      Projections: id, v
      -> B-Tree Scan on t_pkey
          Index Cond: (id < 5)",
    );
    let full = session.run("EXPLAIN ANALYZE VERBOSE SELECT * FROM t WHERE id = 3");
    let again = session.run("EXPLAIN (VERBOSE, ANALYZE, COSTS off) SELECT * FROM t WHERE id = 4");
    let identifier =
        |text: &str| text.lines().find_map(|line| line.strip_prefix("Query Identifier: ").map(str::to_owned)).expect("an identifier");
    assert_eq!(identifier(&full), identifier(&again), "constants do not count");
    assert!(identifier(&full).len() == 13 && identifier(&full).bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    let other = session.run("EXPLAIN ANALYZE VERBOSE SELECT v FROM t WHERE id = 3");
    assert_ne!(identifier(&full), identifier(&other));
    let tail: Vec<&str> = full.lines().skip_while(|line| !line.starts_with("Query Identifier")).skip(1).collect();
    let expected = [
        "Planning Time: 0.000 ms",
        "Execution Time: 0.000 ms",
        "Statement DPU Estimate:",
        "  Compute: 0.00000 DPU",
        "  Read: 0.00023 DPU (Transaction minimum: 0.00375)",
        "  Write: 0.00000 DPU",
        "  Total: 0.00023 DPU",
        "EXPLAIN",
    ];
    assert_eq!(tail, expected);
    let written = session.run("EXPLAIN ANALYZE VERBOSE UPDATE t SET v = 'c' WHERE id = 3");
    assert!(written.contains("\n  Write: 0.00625 DPU (Transaction minimum: 0.05000)\n"), "{written}");
    cluster.cluster.close();
}

#[test]
fn other_formats_are_one_value() {
    let (cluster, mut session) = cluster();
    check(
        &mut session,
        "EXPLAIN (FORMAT JSON) SELECT 1",
        r#"
[
  {
    "Plan": {
      "Node Type": "Result",
      "Parallel Aware": false,
      "Async Capable": false,
      "Startup Cost": 0.00,
      "Total Cost": 0.01,
      "Plan Rows": 1,
      "Plan Width": 4
    }
  }
]"#,
    );
    let json = session.run("EXPLAIN (ANALYZE, FORMAT JSON) SELECT * FROM t WHERE id = 1");
    for part in [
        "\"Node Type\": \"Index Only Scan\",\n      \"Parallel Aware\": false",
        "\"Scan Direction\": \"Forward\",\n      \"Index Name\": \"t_pkey\",\n      \"Relation Name\": \"t\",\n      \"Alias\": \"t\"",
        "\"Actual Rows\": 1,\n      \"Actual Loops\": 1,\n      \"Index Cond\": \"(id = 1)\"",
        "\"Planning Time\": 0.000",
        "\"Execution Time\": 0.000",
    ] {
        assert!(json.contains(part), "{part} in {json}");
    }
    assert!(session.run("EXPLAIN (FORMAT YAML) SELECT 1").starts_with("- Plan: \n    Node Type: \"Result\""));
    assert!(session.run("EXPLAIN (FORMAT XML) SELECT 1").starts_with("<explain xmlns=\"http://www.postgresql.org/2009/explain\">"));
    session.check(&[("EXPLAIN (TIMING) SELECT 1", "ERROR 22023 EXPLAIN option TIMING requires ANALYZE")]);
    cluster.cluster.close();
}

#[test]
fn settings_are_those_of_plans_that_were_changed() {
    let (cluster, mut session) = cluster();
    check(&mut session, "EXPLAIN (SETTINGS, COSTS off) SELECT 1", "Result");
    let yaml = session.run("EXPLAIN (SETTINGS, COSTS off, FORMAT yaml) SELECT 1");
    assert!(yaml.ends_with("    Async Capable: false\n  Settings: \nEXPLAIN"), "{yaml}");
    session.run("SET enable_seqscan = off; SET search_path = public, pg_catalog; SET timezone = 'Europe/Berlin'; SET enable_hashjoin = on");
    check(
        &mut session,
        "EXPLAIN (SETTINGS, COSTS off, SUMMARY) SELECT 1",
        "Result\nSettings: enable_seqscan = 'off', search_path = 'public, pg_catalog'\nPlanning Time: 0.000 ms",
    );
    let json = session.run("EXPLAIN (SETTINGS, COSTS off, FORMAT json) SELECT 1");
    assert!(
        json.contains(
            "    },\n    \"Settings\": {\n      \"enable_seqscan\": \"off\",\n      \"search_path\": \"public, pg_catalog\"\n    }\n"
        ),
        "{json}"
    );
    let xml = session.run("EXPLAIN (SETTINGS, COSTS off, FORMAT xml) SELECT 1");
    assert!(xml.contains("    <Settings>\n      <enable_seqscan>off</enable_seqscan>\n"), "{xml}");
    session.run("RESET ALL; BEGIN; SET LOCAL dsql.enable_batched_nestloop = off");
    check(&mut session, "EXPLAIN (SETTINGS, COSTS off) SELECT 1", "Result\nSettings: dsql.enable_batched_nestloop = 'off'");
    session.run("COMMIT");
    check(&mut session, "EXPLAIN (SETTINGS, COSTS off) SELECT 1", "Result");
    cluster.cluster.close();
}

#[test]
fn a_generic_plan_needs_no_values() {
    let (cluster, mut session) = cluster();
    check(
        &mut session,
        "EXPLAIN (GENERIC_PLAN, COSTS off) SELECT v FROM t WHERE id = $1 AND v <> $2",
        "
Index Only Scan using t_pkey on t
  Index Cond: (id = $1)
  -> Storage Scan on t_pkey
      Projections: id, v
      Filters: (v <> $2)
      -> B-Tree Scan on t_pkey
          Index Cond: (id = $1)",
    );
    let update = session.run("EXPLAIN (GENERIC_PLAN, COSTS off) UPDATE t SET v = $1 WHERE id = $2");
    assert!(update.contains("Index Cond: (id = $2)"), "{update}");
    session.check(&[
        ("EXPLAIN (COSTS off) SELECT v FROM t WHERE id = $1", "ERROR 42P02 there is no parameter $1"),
        ("EXPLAIN (GENERIC_PLAN off) SELECT v FROM t WHERE id = $1", "ERROR 42P02 there is no parameter $1"),
        (
            "EXPLAIN (GENERIC_PLAN, ANALYZE) SELECT v FROM t WHERE id = $1",
            "ERROR 22023 EXPLAIN options ANALYZE and GENERIC_PLAN cannot be used together",
        ),
        ("EXPLAIN (TIMING) SELECT 1", "ERROR 22023 EXPLAIN option TIMING requires ANALYZE"),
        ("EXPLAIN (WAL, ANALYZE) SELECT 1", "ERROR 0A000 EXPLAIN option WAL is not supported by this version of Borealis"),
        ("EXPLAIN (BUFFERS) SELECT 1", "ERROR 0A000 EXPLAIN option BUFFERS is not supported by this version of Borealis"),
    ]);
    cluster.cluster.close();
}

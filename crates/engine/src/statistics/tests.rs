//! Statistics and estimates are PostgreSQL 16's: `tests/*.txt` are what it answered for the tables of `tests/tables.sql`.

use crate::testing::{TestCluster, TestSession};

fn tables(session: &mut TestSession) {
    for statement in include_str!("tests/tables.sql").lines() {
        let answer = session.run(statement);
        assert!(!answer.contains("ERROR"), "{answer}");
    }
}

const STATS: &str =
    "SELECT tablename, attname, null_frac, avg_width, n_distinct, most_common_vals, most_common_freqs, histogram_bounds, correlation
    FROM pg_stats WHERE tablename IN ('s', 'u') ORDER BY 1, 2";

fn rows(answer: &str) -> Vec<&str> {
    answer.lines().filter(|line| line.contains('|')).collect()
}

#[test]
fn statistics_are_what_postgresql_finds() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    tables(&mut session);
    session.check(&[("ANALYZE s, u", "ANALYZE")]);
    let expected = include_str!("tests/pg_stats.txt").replace('~', "");
    let answer = session.run(STATS);
    assert_eq!(rows(&answer), rows(&expected));
    session.check(&[("SELECT reltuples FROM pg_class WHERE relname IN ('s', 'u') ORDER BY relname", "2000\n3000\nSELECT 2")]);
    cluster.cluster.close();
}

/// `rows=` of a plan's first line.
fn estimate(session: &mut TestSession, sql: &str) -> f64 {
    let plan = session.run(&format!("EXPLAIN {sql}"));
    let rows = plan.split_once("rows=").and_then(|(_, rest)| rest.split_once(' ')).map(|(rows, _)| rows.parse());
    rows.and_then(Result::ok).unwrap_or_else(|| panic!("no estimate in {plan}"))
}

#[test]
fn estimates_are_what_postgresql_estimates() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    tables(&mut session);
    session.run("ANALYZE s; ANALYZE u");
    let mut wrong = Vec::new();
    for line in include_str!("tests/estimates.txt").lines() {
        let (rows, sql) = line.trim().split_once("  ").expect("rows and a query");
        let (expected, found): (f64, f64) = (rows.parse().expect("a number"), estimate(&mut session, sql));
        // A row more or less is rounding.
        if (expected - found).abs() > 1.0 + expected * 0.01 {
            wrong.push(format!("{sql}: PostgreSQL {expected}, here {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    cluster.cluster.close();
}

#[test]
fn statistics_survive_a_restart_and_go_with_their_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = TestCluster::folder(folder.path());
    let mut session = first.session();
    tables(&mut session);
    session.wait_for_jobs();
    let before = session.run(STATS);
    assert_eq!(rows(&before).len(), 10, "{before}");
    drop(session);
    first.cluster.close();
    drop(first);
    let second = TestCluster::folder(folder.path());
    let mut session = second.session();
    assert_eq!(session.run(STATS), before);
    session.run("DROP TABLE s");
    session.wait_for_jobs();
    let left = super::Statistics::load(&second.cluster.store.snapshot()).expect("statistics");
    assert_eq!(left.tables.into_inner().expect("no panic").len(), 1, "only u's");
    second.cluster.close();
}

/// What it reads, and what it passes over.
#[test]
fn what_analyze_tells() {
    const SKIPPED: &str = "cannot analyze non-tables or special system tables";
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    for made in ["CREATE TABLE t (id int PRIMARY KEY, v text)", "CREATE VIEW w AS SELECT * FROM t", "CREATE SEQUENCE s CACHE 1"] {
        session.run(made);
    }
    let empty = "Info: analyzing \"public.t\"\nInfo: \"t\": scanned 0 of 0 pages, containing 0 live rows and 0 dead rows; 0 rows in sample, 0 estimated total rows";
    session.check(&[
        ("ANALYZE VERBOSE t", &format!("{empty}\nANALYZE")),
        ("INSERT INTO t SELECT g, repeat('x', 100) FROM generate_series(1, 2000) g", "INSERT 0 2000"),
    ]);
    let told = session.run("ANALYZE (VERBOSE, SKIP_LOCKED, BUFFER_USAGE_LIMIT '1 MB') t (v)");
    let read = told.lines().nth(1).expect(&told);
    assert!(read.ends_with("pages, containing 2000 live rows and 0 dead rows; 2000 rows in sample, 2000 estimated total rows"), "{told}");
    let pages = session.run("SELECT relpages FROM pg_class WHERE relname = 't'");
    let pages = pages.lines().next().expect("a row");
    assert!(read.contains(&format!("scanned {pages} of {pages} pages")) && pages != "0", "{told}");
    session.check(&[
        ("ANALYZE (VERBOSE off, SKIP_LOCKED false) t", "ANALYZE"),
        ("ANALYZE w, t_pkey, s", &format!(
            "Warning: skipping \"w\" --- {SKIPPED}\nWarning: skipping \"t_pkey\" --- {SKIPPED}\nWarning: skipping \"s\" --- {SKIPPED}\nANALYZE"
        )),
        ("ANALYZE pg_catalog.pg_class", "Warning: permission denied to analyze \"pg_class\", skipping it\nANALYZE"),
        // Found wrong when its turn comes.
        ("ANALYZE VERBOSE t (v, nosuch)", "Info: analyzing \"public.t\"\nERROR 42703 column \"nosuch\" of relation \"t\" does not exist"),
    ]);
    cluster.cluster.close();
}

#[test]
fn what_analyze_refuses() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, v text)");
    session.check(&[
        ("ANALYZE t (v, nosuch)", "ERROR 42703 column \"nosuch\" of relation \"t\" does not exist"),
        ("ANALYZE t (v, v)", "ERROR 42701 column \"v\" of relation \"t\" appears more than once"),
        ("ANALYZE nosuch", "ERROR 42P01 relation \"nosuch\" does not exist"),
        ("ANALYZE public.nosuch", "ERROR 42P01 relation \"public.nosuch\" does not exist"),
        ("ANALYZE nosuch.t", "ERROR 3F000 schema \"nosuch\" does not exist"),
        ("ANALYZE t (tableoid)", "ERROR 42703 column \"tableoid\" of relation \"t\" does not exist"),
        // Nothing is done before every table is found.
        ("ANALYZE t, nosuch", "ERROR 42P01 relation \"nosuch\" does not exist"),
        ("SELECT reltuples FROM pg_class WHERE relname = 't'", "-1\nSELECT 1"),
        ("BEGIN; ANALYZE t", "BEGIN\nERROR 25001 ANALYZE cannot run inside a transaction block"),
        ("ROLLBACK", "ROLLBACK"),
        ("INSERT INTO t VALUES (1, 'x')", "INSERT 0 1"),
        ("ANALYZE t (v)", "ANALYZE"),
        ("SELECT attname FROM pg_stats", "v\nSELECT 1"),
        ("SELECT reltuples FROM pg_class WHERE relname = 't'", "1\nSELECT 1"),
    ]);
    cluster.cluster.close();
}

#[test]
fn a_table_that_changed_is_analysed_by_a_job() {
    let cluster = TestCluster::memory();
    let mut session = cluster.session();
    session.run("CREATE TABLE t (id int PRIMARY KEY, v int)");
    session.run("INSERT INTO t SELECT g, g FROM generate_series(1, 50) g");
    session.wait_for_jobs();
    session.check(&[("SELECT count(*) FROM sys.jobs", "0\nSELECT 1"), ("INSERT INTO t VALUES (51, 51)", "INSERT 0 1")]);
    session.wait_for_jobs();
    session.check(&[
        ("SELECT job_type, status, object_name, class_id FROM sys.jobs", "ANALYZE|completed|public.t|1259\nSELECT 1"),
        ("SELECT reltuples FROM pg_class WHERE relname = 't'", "51\nSELECT 1"),
        ("UPDATE t SET v = v + 1", "UPDATE 51"),
        ("UPDATE t SET v = v + 1", "UPDATE 51"),
    ]);
    session.wait_for_jobs();
    // Often enough, but a moment ago.
    session.check(&[("SELECT count(*) FROM sys.jobs WHERE job_type = 'ANALYZE'", "1\nSELECT 1")]);
    cluster.clock.advance(std::time::Duration::from_secs(61));
    session.check(&[("DELETE FROM t WHERE id = 1", "DELETE 1")]);
    session.wait_for_jobs();
    session.check(&[
        ("SELECT count(*) FROM sys.jobs WHERE job_type = 'ANALYZE' AND status = 'completed'", "2\nSELECT 1"),
        ("SELECT reltuples FROM pg_class WHERE relname = 't'", "50\nSELECT 1"),
    ]);
    cluster.cluster.close();
}

#[test]
fn new_statistics_are_no_conflict_and_make_new_plans() {
    let cluster = TestCluster::memory();
    let (mut writer, mut analyst) = (cluster.session(), cluster.session());
    writer.run("CREATE TABLE t (id int PRIMARY KEY, v int)");
    writer.check(&[("BEGIN; INSERT INTO t VALUES (1, 1)", "BEGIN\nINSERT 0 1")]);
    analyst.check(&[("ANALYZE t", "ANALYZE")]);
    writer.check(&[("COMMIT", "COMMIT")]);
    assert!(estimate(&mut analyst, "SELECT * FROM t") <= 1.0);
    writer.run("INSERT INTO t SELECT g, g FROM generate_series(2, 1000) g");
    writer.run("ANALYZE t");
    assert!((estimate(&mut analyst, "SELECT * FROM t") - 1000.0).abs() < 1.0);
    cluster.cluster.close();
}

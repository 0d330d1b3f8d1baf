//! Rows compared by values, in both directions.

use borealis_transfer::{DifferenceKind, LoadOptions, Side, VerifyOptions, VerifyReport, verify};

use crate::support::{Bench, source};

async fn verified(bench: &Bench, content: &str, table: &str, options: &VerifyOptions) -> VerifyReport {
    let source = source(&bench.file("v.csv", content));
    verify(&Side::Source(&source), &bench.database(), table, options, &|_| ()).await.expect("compared")
}

fn shown(report: &VerifyReport) -> Vec<String> {
    let line =
        |one: &borealis_transfer::Difference| format!("{:?} {} {} {}", one.kind, one.line, one.row, one.detail).trim_end().to_owned();
    report.differences.iter().map(line).collect()
}

#[tokio::test]
async fn values_are_compared_as_their_types_see_them() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY, n numeric(10,2), at timestamptz, c char(4), j jsonb, x text, b boolean)"]).await;
    let content = "1,1.5,2026-01-02T03:04:05+01:00,ab,\"{\"\"b\"\":1,  \"\"a\"\":2}\",,yes\n 02 ,,,,,\"\",\n";
    bench.load(&source(&bench.file("t.csv", content)), &LoadOptions::new("t")).await.expect("loaded");
    let report = verified(&bench, content, "t", &VerifyOptions::default()).await;
    assert!(report.is_equal(), "{report:#?}");
    assert_eq!((report.equal, report.first_rows, report.second_rows), (2, 2, 2));
}

#[tokio::test]
async fn types_that_print_the_same_values_otherwise_are_brought_together() {
    let bench = Bench::new();
    let first = "n numeric(10,2), m int, c char(4), d char(4), at timestamp, day date, j json, free numeric, x text";
    let second = "n numeric(12,4), m numeric, c char(9), d varchar(9), at timestamptz, day timestamp, j jsonb, free numeric, x varchar(9)";
    let rows = "(1, 1.50, 5, 'ab', 'ab', '2026-01-02 03:04:05.5', '2026-01-02', '{\"b\":1,\"a\":2}', 1.5, '1.50'), \
                (2, -100, 0, '', 'x y', '2026-01-02', '2026-02-28', '[]', 100, ''), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), \
                (4, 'NaN', -7, 'abcd', 'abcd', 'infinity', '2026-01-01', 'null', 'NaN', 'x')";
    for (table, columns) in [("a", first), ("b", second)] {
        bench.run(&[&format!("CREATE TABLE {table} (id int PRIMARY KEY, {columns})"), &format!("INSERT INTO {table} VALUES {rows}")]).await;
    }
    bench.run(&["UPDATE b SET m = 5.000, free = 1.5000 WHERE id = 1"]).await;
    bench.run(&["UPDATE b SET d = 'ab  ' WHERE id = 1"]).await;
    let database = bench.database();
    let side = Side::Table { database: &database, table: "a" };
    // By checksums, and whole by other columns than the key's.
    for (key, is_whole) in [(None, false), (Some(vec!["id".to_owned(), "m".to_owned()]), true)] {
        let options = VerifyOptions { key, ..VerifyOptions::default() };
        let report = verify(&side, &database, "b", &options, &|_| ()).await.expect("compared");
        assert!(report.is_equal() && report.equal == 4, "{report:#?}");
        assert_eq!(report.read_whole_because.is_some(), is_whole);
    }
    bench
        .run(&[
            "UPDATE b SET n = 1.5001, x = '1.5' WHERE id = 1",
            "UPDATE b SET at = at + interval '1 microsecond', d = ' x y' WHERE id = 2",
            "UPDATE b SET m = 0 WHERE id = 3",
            "UPDATE b SET j = '\"null\"' WHERE id = 4",
        ])
        .await;
    let want = [
        "Values 0 id=1 n: 1.5, 1.5001; x: 1.50, 1.5",
        "Values 0 id=2 d: x y,  x y; at: 2026-01-02 00:00:00, 2026-01-02 00:00:00.000001",
        "Values 0 id=3 m: NULL, 0",
        "Values 0 id=4 j: null, \"null\"",
    ];
    let report = verify(&side, &database, "b", &VerifyOptions::default(), &|_| ()).await.expect("compared");
    assert_eq!(shown(&report), want);
}

#[tokio::test]
async fn numbers_without_a_scale_are_compared_by_value() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY, n numeric, x text)", "INSERT INTO t VALUES (1, 1.50, '1.50'), (2, 100, '100')"]).await;
    let report = verified(&bench, "1,1.5,1.50\n2,100.00,100\n", "t", &VerifyOptions::default()).await;
    assert!(report.is_equal(), "{report:#?}");
    let report = verified(&bench, "1,1.5,1.5\n2,10,100\n", "t", &VerifyOptions::default()).await;
    assert_eq!(shown(&report), ["Values 1 id=1 x: 1.5, 1.50", "Values 2 id=2 n: 10, 100"]);
}

#[tokio::test]
async fn every_kind_of_difference_is_found() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, NULL), (5, 'e')"]).await;
    let report = verified(&bench, "1,a\n2,B\n3,\"\"\n4,d\nx,y\n1,a\n", "t", &VerifyOptions::default()).await;
    let want = [
        "OnlySecond 0 id=5",
        "Values 2 id=2 v: B, b",
        "Values 3 id=3 v: , NULL",
        "OnlyFirst 4 id=4",
        "NoRow 5 x,y invalid input syntax for type integer: \"x\"",
        "OnlyFirst 6 id=1",
    ];
    assert_eq!(shown(&report), want);
    assert!(!report.is_equal());
    assert_eq!((report.equal, report.different, report.only_first, report.only_second, report.no_rows), (1, 2, 2, 1, 1));
    let few = verified(&bench, "1,a\n2,B\n3,\"\"\n4,d\n", "t", &VerifyOptions { differences_max: 1, ..VerifyOptions::default() }).await;
    assert_eq!((few.differences.len(), few.different), (1, 2));
}

#[tokio::test]
async fn rows_without_a_key_are_counted() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (v text, n int)", "INSERT INTO t VALUES ('a', 1), ('a', 1), ('b', 2)"]).await;
    let report = verified(&bench, "b,2\na,1\na,1\n", "t", &VerifyOptions::default()).await;
    assert!(report.is_equal(), "{report:#?}");
    let report = verified(&bench, "b,2\na,1\nb,2\n", "t", &VerifyOptions::default()).await;
    assert_eq!((report.equal, report.only_first, report.only_second), (2, 1, 1));
    let by_v = VerifyOptions { key: Some(vec!["v".to_owned()]), ..VerifyOptions::default() };
    let report = verified(&bench, "b,3\na,1\na,1\n", "t", &by_v).await;
    assert_eq!(shown(&report), ["Values 1 v=b n: 3, 2"]);
}

#[tokio::test]
async fn tables_of_two_databases_are_compared() {
    let (one, other) = (Bench::new(), Bench::new());
    for bench in [&one, &other] {
        bench.run(&["CREATE TABLE t (id int PRIMARY KEY, v text)"]).await;
        for start in [0, 2000, 4000] {
            bench.run(&[&format!("INSERT INTO t SELECT g, 'v' || g FROM generate_series({start}, {start} + 1999) g")]).await;
        }
    }
    let (first, second) = (one.database(), other.database());
    let side = Side::Table { database: &first, table: "t" };
    let compare = async || verify(&side, &second, "t", &VerifyOptions::default(), &|_| ()).await.expect("compared");
    assert!(compare().await.is_equal());
    other.run(&["UPDATE t SET v = 'x' WHERE id = 4321", "DELETE FROM t WHERE id = 17", "INSERT INTO t VALUES (-1, '')"]).await;
    let report = compare().await;
    assert_eq!(report.equal, 5998);
    let kinds: Vec<DifferenceKind> = report.differences.iter().map(|difference| difference.kind).collect();
    assert_eq!(kinds, [DifferenceKind::OnlyFirst, DifferenceKind::OnlySecond, DifferenceKind::Values]);
    other.run(&["CREATE TABLE u (id int PRIMARY KEY, w text)"]).await;
    let error = verify(&side, &second, "u", &VerifyOptions::default(), &|_| ()).await.expect_err("other columns").to_string();
    assert_eq!(error, "public.t has a column \"v\" and public.u has not: they cannot be equal");
}

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

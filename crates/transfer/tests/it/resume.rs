//! A load that is ended, repeated or cut off from its replies still loads every record once.

use borealis_testbed::Setup;
use borealis_transfer::{LoadOptions, OnConflict};

use crate::support::{Bench, counts, source};

const TABLE: &str = "CREATE TABLE t (id int PRIMARY KEY, v text)";

fn lines(range: std::ops::Range<u32>) -> String {
    range.map(|id| format!("{id},v{id}\n")).collect()
}

#[tokio::test]
async fn a_load_that_failed_goes_on_where_it_ended() {
    let bench = Bench::new();
    bench.run(&[TABLE]).await;
    let content = lines(0..1000) + "x,bad\n" + &lines(1000..2000) + "y,bad\n" + &lines(2000..2500);
    let source = source(&bench.file("f.csv", content));
    let options = LoadOptions { batch_rows: 100, jobs: 1, max_rejects: 1, ..LoadOptions::new("t") };
    let error = bench.load(&source, &options).await.expect_err("two are too many").to_string();
    assert!(error.contains("more than 1 records were rejected"), "{error}");
    let report = bench.load(&source, &LoadOptions { max_rejects: 2, jobs: 3, ..options }).await.expect("loaded");
    assert_eq!(counts(&report), "2500/0/0/2");
    assert!(report.resumed_records >= 2000, "{report:?}");
    assert_eq!(bench.rows("SELECT count(*), sum(id) FROM t").await, ["2500|3123750"]);
    assert_eq!(bench.rows("SELECT count(*) FROM _borealis_load").await, ["0"]);
    assert_eq!(bench.read("f.csv.public.t.rejects.jsonl").lines().count(), 2);
    assert!(!bench.path("f.csv.public.t.load.json").exists());
}

#[tokio::test]
async fn a_manifest_that_is_kept_makes_a_repetition_do_nothing() {
    let bench = Bench::new();
    bench.run(&[TABLE]).await;
    let source = source(&bench.file("f.csv", lines(0..10)));
    let options = LoadOptions { manifest: Some(bench.path("m.json")), ..LoadOptions::new("t") };
    assert_eq!(counts(&bench.load(&source, &options).await.expect("loaded")), "10/0/0/0");
    let again = bench.load(&source, &options).await.expect("nothing to do");
    assert!(again.already_complete);
    let other = LoadOptions { on_conflict: OnConflict::Skip, ..options };
    let error = bench.load(&source, &other).await.expect_err("another load").to_string();
    assert!(error.contains("is of a load with other options"), "{error}");
}

#[tokio::test]
async fn a_source_that_changed_is_noticed() {
    let bench = Bench::new();
    bench.run(&[TABLE]).await;
    let options = LoadOptions { batch_rows: 10, jobs: 1, ..LoadOptions::new("t") };
    let original = lines(100..200) + "x,bad\n";
    for changed in [original.replacen("v105", "V105", 1), original.replacen("100,v100\n", "", 1), lines(100..130)] {
        bench.run(&["DELETE FROM t"]).await;
        let source = source(&bench.file("f.csv", &original));
        bench.load(&source, &options).await.expect_err("a bad line");
        bench.file("f.csv", &changed);
        let error = bench.load(&source, &options).await.expect_err("another file").to_string();
        assert!(error.contains("the source has changed since the load began"), "{error}");
        std::fs::remove_file(bench.path("f.csv.public.t.load.json")).expect("a manifest");
    }
}

#[tokio::test]
async fn conflicts_and_lost_replies_load_nothing_twice_and_lose_nothing() {
    for kind in ["OC000", "drop_before_commit", "drop_after_commit"] {
        let bench = Bench::with(&Setup::default());
        bench.run(&["CREATE TABLE t (id int, v text)"]).await;
        inject(&bench, kind).await;
        let source = source(&bench.file("f.csv", lines(0..2000)));
        let options = LoadOptions { batch_rows: 100, ..LoadOptions::new("t") };
        let report = bench.load(&source, &options).await.unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(counts(&report), "2000/0/0/0", "{kind}");
        assert_eq!(bench.rows("SELECT count(*), count(DISTINCT id) FROM t").await, ["2000|2000"], "{kind}");
        assert!(report.retries > 0, "{kind}: nothing was injected");
    }
}

async fn inject(bench: &Bench, kind: &str) {
    bench.run(&[&format!(r#"SELECT borealis.inject_add('{{"kind": "{kind}", "table": "t", "times": 5}}')"#)]).await;
}

#[tokio::test]
async fn two_loads_into_one_table_do_not_disturb_each_other() {
    let bench = Bench::new();
    bench.run(&[TABLE]).await;
    let (first, second) = (source(&bench.file("a.csv", lines(0..1000))), source(&bench.file("b.csv", lines(1000..2000))));
    let options = LoadOptions { batch_rows: 50, ..LoadOptions::new("t") };
    let (first, second) = futures::future::join(bench.load(&first, &options), bench.load(&second, &options)).await;
    assert_eq!((counts(&first.expect("loaded")), counts(&second.expect("loaded"))), ("1000/0/0/0".to_owned(), "1000/0/0/0".to_owned()));
    assert_eq!(bench.rows("SELECT count(*) FROM t").await, ["2000"]);
}

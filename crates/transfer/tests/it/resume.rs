//! A load that is ended, repeated or cut off from its replies still loads every record once.

use borealis_testbed::Setup;
use borealis_transfer::{LoadOptions, OnConflict, Source};

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

/// Loads a file into a table with a manifest that is kept: what became of it, or the error.
async fn loaded(bench: &Bench, name: &str, content: impl AsRef<[u8]>, change: impl FnOnce(&mut Source)) -> String {
    let mut source = source(&bench.file(name, content));
    change(&mut source);
    let manifest = Some(bench.path("m.json"));
    match bench.load(&source, &LoadOptions { manifest, batch_rows: 100, ..LoadOptions::new("t") }).await {
        Ok(report) if report.already_complete => format!("nothing done, {}", counts(&report)),
        Ok(report) => format!("{} after {}", counts(&report), report.resumed_records),
        Err(error) => error.to_string(),
    }
}

const ANOTHER: &str = "the source has changed since it was loaded completely: it does not begin with what was loaded from it.";

#[tokio::test]
async fn what_is_added_to_a_file_that_was_loaded_is_loaded_and_a_change_of_it_is_refused() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int, v text)"]).await;
    assert_eq!(loaded(&bench, "f.csv", lines(0..1000), |_| ()).await, "1000/0/0/0 after 0");
    assert_eq!(loaded(&bench, "f.csv", lines(0..1000), |_| ()).await, "nothing done, 1000/0/0/0");
    // A last line without an end may get one.
    assert_eq!(loaded(&bench, "f.csv", lines(0..1500).trim_end(), |_| ()).await, "1500/0/0/0 after 1000");
    assert_eq!(loaded(&bench, "f.csv", lines(0..1501), |_| ()).await, "1501/0/0/0 after 1500");
    for changed in [lines(0..1501).replacen("v17\n", "v18\n", 1), lines(0..1400), lines(5..2000), lines(0..1501).replacen("0,v0\n", "", 1)]
    {
        let error = loaded(&bench, "f.csv", changed, |_| ()).await;
        assert!(error.starts_with(ANOTHER) && error.contains("m.json, and empty the table"), "{error}");
    }
    assert_eq!(loaded(&bench, "f.csv", lines(0..1501), |_| ()).await, "nothing done, 1501/0/0/0");
    assert_eq!(bench.rows("SELECT count(*), count(DISTINCT id) FROM t").await, ["1501|1501"]);
    assert_eq!(bench.rows("SELECT count(*) FROM _borealis_load").await, ["0"]);
}

#[tokio::test]
async fn a_header_belongs_to_what_a_file_says_and_so_does_a_dumps_list_of_columns() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int, v text, w text)"]).await;
    let header = |source: &mut Source| source.header = true;
    assert_eq!(loaded(&bench, "f.csv", "id,v,w\n1,a,b\n", header).await, "1/0/0/0 after 0");
    assert!(loaded(&bench, "f.csv", "id,w,v\n1,a,b\n2,c,d\n", header).await.starts_with(ANOTHER));
    assert_eq!(loaded(&bench, "f.csv", "id,v,w\n1,a,b\n2,c,d\n", header).await, "2/0/0/0 after 1");
    std::fs::remove_file(bench.path("m.json")).expect("a manifest");
    let dump =
        |columns: &str, rows: &str| format!("COPY public.t ({columns}) FROM stdin;\n{rows}\\.\nINSERT INTO t VALUES (7, 'x', 'y');\n");
    assert_eq!(loaded(&bench, "f.sql", dump("id, v, w", "3\te\tf\n"), |_| ()).await, "2/0/0/0 after 0");
    assert_eq!(loaded(&bench, "f.sql", dump("id, v, w", "3\te\tf\n"), |_| ()).await, "nothing done, 2/0/0/0");
    assert!(loaded(&bench, "f.sql", dump("id, w, v", "3\te\tf\n"), |_| ()).await.starts_with(ANOTHER));
    assert!(loaded(&bench, "f.sql", dump("id, v, w", "3\te\tf\n4\tg\th\n"), |_| ()).await.starts_with(ANOTHER));
    std::fs::remove_file(bench.path("m.json")).expect("a manifest");
    // Objects name their values: a key that is new says nothing of those before it.
    assert_eq!(loaded(&bench, "f.jsonl", "{\"id\":8,\"v\":\"a\"}\n", |_| ()).await, "1/0/0/0 after 0");
    assert_eq!(loaded(&bench, "f.jsonl", "{\"id\":8,\"v\":\"a\"}\n{\"id\":9,\"w\":\"b\"}\n", |_| ()).await, "2/0/0/0 after 1");
    let want = ["1|a|b", "2|c|d", "3|e|f", "7|x|y", "8|a|~", "9|~|b"];
    assert_eq!(bench.rows("SELECT id, v, w FROM t ORDER BY id").await, want);
}

#[tokio::test]
async fn rejected_records_of_a_file_that_grows_stay_listed() {
    let bench = Bench::new();
    bench.run(&[TABLE]).await;
    let options = LoadOptions { manifest: Some(bench.path("m.json")), max_rejects: 2, batch_rows: 3, ..LoadOptions::new("t") };
    for (content, want) in [("1,a\nx,b\n", "1/0/0/1"), ("1,a\nx,b\n2,c\ny,d\n", "2/0/0/2"), ("1,a\nx,b\n2,c\ny,d\n", "2/0/0/2")] {
        let report = bench.load(&source(&bench.file("f.csv", content)), &options).await.expect("loaded");
        assert_eq!(counts(&report), want);
    }
    assert_eq!(bench.read("f.csv.public.t.rejects.jsonl").lines().count(), 2);
    let error = bench.load(&source(&bench.file("f.csv", "1,a\nx,b\n2,c\ny,d\nz,e\n3,f\n")), &options).await.expect_err("one too many");
    assert!(error.to_string().starts_with("more than 2 records were rejected"), "{error}");
    let more = LoadOptions { max_rejects: 3, ..options };
    let report = bench.load(&source(&bench.path("f.csv")), &more).await.expect("loaded");
    assert_eq!(counts(&report), "3/0/0/3");
}

#[tokio::test]
async fn a_load_that_failed_before_it_began_leaves_nothing_in_the_way() {
    let bench = Bench::new();
    bench.run(&[TABLE]).await;
    let path = bench.path("f.csv");
    let leftover = || {
        std::fs::read_dir(bench.path("")).expect("a folder").any(|entry| entry.expect("a file").path().to_string_lossy().ends_with(".json"))
    };
    bench.load(&source(&path), &LoadOptions::new("t")).await.expect_err("no file");
    assert!(!leftover());
    // Neither a record that the reader refuses nor one that the server refuses makes a load that could be gone on with.
    for (content, encoding) in [(b"1,\xe4\n".to_vec(), Some("latin1")), (b"x,a\n".to_vec(), None)] {
        bench.file("f.csv", &content);
        bench.load(&source(&path), &LoadOptions::new("t")).await.expect_err("a bad record");
        assert!(!leftover());
        let other = Source { encoding: encoding.map(str::to_owned), ..source(&path) };
        let report = bench.load(&other, &LoadOptions { max_rejects: 1, ..LoadOptions::new("t") }).await.expect("with other options");
        assert_eq!(report.counts.records(), 1);
    }
    // One that was killed leaves its manifest; it is of nothing as long as the ledger has nothing of it.
    bench.file("f.csv", lines(10..20));
    let kept = LoadOptions { manifest: Some(bench.path("m.json")), ..LoadOptions::new("t") };
    bench.load(&source(&path), &kept).await.expect("loaded");
    let text = bench.read("m.json");
    let mut manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    manifest["complete"] = false.into();
    manifest.as_object_mut().expect("an object").remove("loaded");
    bench.file("m.json", manifest.to_string());
    let report = bench.load(&source(&path), &LoadOptions { on_conflict: OnConflict::Skip, ..kept.clone() }).await.expect("other options");
    assert_eq!(counts(&report), "0/0/10/0");
    // With rows in the table it is in the way.
    let error = bench.load(&source(&path), &kept).await.expect_err("other options").to_string();
    assert!(error.contains("is of a load with other options, of which rows are in the table"), "{error}");
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
        assert!(error.contains("f.csv.public.t.load.json to begin anew"), "{error}");
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

//! What becomes of records, good and bad.

use borealis_transfer::{DumpFormat, DumpOptions, LoadOptions, OnConflict, Side, Source, VerifyOptions, dump, verify};

use crate::support::{Bench, counts, source};

const TABLE: &str = "CREATE TABLE t (id int PRIMARY KEY, name varchar(5) NOT NULL, amount numeric(10,2), at timestamptz)";
const ALL: &str = "SELECT id, name, amount, at FROM t ORDER BY id";

/// Loads a file into a fresh table: the counts, or the error, then the rows.
async fn loaded(name: &str, content: impl AsRef<[u8]>, change: impl FnOnce(&mut Source, &mut LoadOptions)) -> (String, Vec<String>) {
    let bench = Bench::new();
    bench.run(&[TABLE]).await;
    let mut source = source(&bench.file(name, content));
    let mut options = LoadOptions { max_rejects: 100, ..LoadOptions::new("t") };
    change(&mut source, &mut options);
    let result = match bench.load(&source, &options).await {
        Ok(report) => counts(&report),
        Err(error) => error.to_string().replace(&bench.path("").display().to_string(), ""),
    };
    (result, bench.rows(ALL).await)
}

#[tokio::test]
async fn every_form_of_text_gives_the_same_rows() {
    let rows = ["1|a,\"b|1.50|2026-01-02 03:04:05+00", "2|c\nd|~|~", "3||0.00|~"];
    for (name, content) in [
        ("a.csv", "1,\"a,\"\"b\",1.5,2026-01-02 03:04:05Z\n2,\"c\nd\",,\n\n3,\"\",0,\n"),
        ("crlf.csv", "\u{feff}1,\"a,\"\"b\",1.5,2026-01-02 03:04:05Z\r\n2,\"c\nd\",,\r\n3,\"\",0,"),
        ("a.tsv", "1\ta,\"b\t1.5\t2026-01-02 03:04:05Z\n2\tc\\nd\t\\N\t\\N\n3\t\t0\t\\N\n\\.\n"),
        ("raw.tsv", "1\ta,\"b\t1.5\t2026-01-02 03:04:05Z\r\n2\tc\\\nd\t\\N\t\\N\n3\t\t\\060\t\\N"),
        (
            "a.jsonl",
            "{\"id\":1,\"amount\":1.5,\"name\":\"a,\\\"b\",\"at\":\"2026-01-02T03:04:05Z\"}\n{\"name\":\"c\\nd\",\"id\":\"2\"}\n\n{\"id\":3,\"name\":\"\",\"amount\":0}\n",
        ),
    ] {
        let (result, found) = loaded(name, content, |_, _| ()).await;
        assert_eq!((result.as_str(), found), ("3/0/0/0", rows.map(str::to_owned).to_vec()), "{name}");
    }
}

#[tokio::test]
async fn json_lines_and_documents_are_the_same_values_in_both_directions() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY, j jsonb, k json, v text, n numeric)"]).await;
    let content = [
        r#"{"id":1,"j":"5","k":"hello","v":"5","n":12345678901234567890.1230}"#,
        r#"{"id":2,"j":"null","k":[1, {"b":2,"a":"x\\"}],"v":{"a": 1},"n":"1.50"}"#,
        r#"{"id":3,"j":5,"k":null,"v":"true","n":1e3}"#,
        r#"{"id":4,"j":"true","v":true}"#,
        r#"{"j":{"b":  1,"a":"\u00e9\u0009"},"id":5}"#,
    ];
    let options = LoadOptions::new("t");
    let report = bench.load(&source(&bench.file("a.jsonl", content.join("\n"))), &options).await.expect("loaded");
    assert_eq!(counts(&report), "5/0/0/0");
    let all = "SELECT id, j, k, v, n FROM t ORDER BY id";
    let want = [
        r#"1|"5"|"hello"|5|12345678901234567890.1230"#,
        r#"2|"null"|[1, {"b":2,"a":"x\\"}]|{"a": 1}|1.50"#,
        "3|5|~|true|1000",
        r#"4|"true"|~|true|~"#,
        r#"5|{"a": "é\t", "b": 1}|~|~|~"#,
    ];
    assert_eq!(bench.rows(all).await, want);
    let form = DumpOptions { tables: vec!["t".to_owned()], format: DumpFormat::JsonLines, ..DumpOptions::default() };
    let mut text = Vec::new();
    dump(&bench.database(), &form, &mut text, &|_| ()).await.expect("dumped");
    let lines = String::from_utf8_lossy(&text);
    assert!(lines.starts_with(r#"{"id":1,"j":"5","k":"hello","v":"5","n":12345678901234567890.1230}"#), "{lines}");
    let dumped = source(&bench.file("b.jsonl", &text));
    let same = verify(&Side::Source(&dumped), &bench.database(), "t", &VerifyOptions::default(), &|_| ()).await.expect("compared");
    assert!(same.is_equal() && same.equal == 5, "{same:#?}");
    bench.run(&["DELETE FROM t"]).await;
    bench.load(&dumped, &options).await.expect("loaded");
    assert_eq!(bench.rows(all).await, want);
}

#[tokio::test]
async fn a_null_that_json_lines_cannot_tell_is_reported() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY, j jsonb, k json)"]).await;
    bench.run(&["INSERT INTO t VALUES (1, 'null', E'{\"a\":\\n1}'), (2, NULL, 'null'), (3, '\"null\"', NULL)"]).await;
    let mut text = Vec::new();
    let form = |format| DumpOptions { tables: vec!["t".to_owned()], format, ..DumpOptions::default() };
    let report = dump(&bench.database(), &form(DumpFormat::JsonLines), &mut text, &|_| ()).await.expect("dumped");
    let want = "{\"id\":1,\"j\":null,\"k\":{\"a\": 1}}\n{\"id\":2,\"j\":null,\"k\":null}\n{\"id\":3,\"j\":\"null\",\"k\":null}\n";
    assert_eq!((String::from_utf8_lossy(&text).as_ref(), report.json_nulls), (want, 2));
    let report = dump(&bench.database(), &form(DumpFormat::Csv), &mut Vec::new(), &|_| ()).await.expect("dumped");
    assert_eq!(report.json_nulls, 0);
}

#[tokio::test]
async fn a_key_that_is_there_twice_is_no_row_and_neither_is_what_is_behind_the_end() {
    let (result, rows) = loaded("a.jsonl", "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\",\"name\":\"c\"}\n", |_, _| ()).await;
    assert_eq!((result.as_str(), rows), ("1/0/0/1", vec!["1|a|~|~".to_owned()]));
    let (result, rows) = loaded("a.tsv", "1\ta\t\\N\t\\N\n\\.\n2\tb\t\\N\t\\N\n\n", |_, _| ()).await;
    assert_eq!((result.as_str(), rows), ("1/0/0/1", vec!["1|a|~|~".to_owned()]));
}

#[tokio::test]
async fn columns_headers_delimiters_nulls_and_encodings() {
    let (result, rows) = loaded("h.csv", "name;id\nä;1\n-;2\n", |source, _| {
        (source.header, source.delimiter, source.null) = (true, Some(b';'), Some("nil".to_owned()));
    })
    .await;
    assert_eq!((result.as_str(), rows), ("2/0/0/0", vec!["1|ä|~|~".to_owned(), "2|-|~|~".to_owned()]));
    let (result, rows) = loaded("l.csv", b"1,\xe4,-\n", |source, _| {
        source.columns = Some(["id", "name", "amount"].map(str::to_owned).to_vec());
        (source.encoding, source.null) = (Some("latin1".to_owned()), Some("-".to_owned()));
    })
    .await;
    assert_eq!((result.as_str(), rows), ("1/0/0/0", vec!["1|ä|~|~".to_owned()]));
    let utf16: Vec<u8> = "\u{feff}1,ü,,\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (result, rows) = loaded("u.csv", utf16, |_, _| ()).await;
    assert_eq!((result.as_str(), rows), ("1/0/0/0", vec!["1|ü|~|~".to_owned()]));
}

#[tokio::test]
async fn a_bad_record_costs_only_itself() {
    let content: Vec<u8> = [
        &b"1,ok,1,\n"[..],
        b"x,ok,1,\n",
        b"2,toolong,1,\n",
        b"3,\xff\xfe,1,\n",
        b"4,ok\n",
        b"5,ok,1,,extra\n",
        b"6,ok,123456789012,\n",
        b"7,,1,\n",
        b"1,dup,1,\n",
        b"8,ok,1,0000-00-00\n",
        b"9,a\0b,1,\n",
        b"10,ok,1,\n",
    ]
    .concat();
    let bench = Bench::new();
    bench.run(&[TABLE]).await;
    let options = LoadOptions { max_rejects: 100, ..LoadOptions::new("t") };
    let report = bench.load(&source(&bench.file("bad.csv", content)), &options).await.expect("loaded");
    assert_eq!(counts(&report), "2/0/0/10");
    assert_eq!(bench.rows(ALL).await, ["1|ok|1.00|~", "10|ok|1.00|~"]);
    let rejects = bench.read("bad.csv.public.t.rejects.jsonl");
    let mut found: Vec<serde_json::Value> = rejects.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    found.sort_by_key(|reject| reject["line"].as_u64());
    let found: Vec<String> = found.iter().map(|reject| format!("{} {} {}", reject["line"], reject["code"], reject["message"])).collect();
    let want = [
        r#"2 "22P02" "invalid input syntax for type integer: \"x\"""#,
        r#"3 "22001" "value too long for type character varying(5)""#,
        r#"4 "22021" "invalid byte sequence for encoding \"UTF8\": 0xff""#,
        r#"5 "22P04" "missing data for column \"amount\"""#,
        r#"6 "22P04" "extra data after last expected column""#,
        r#"7 "22003" "numeric field overflow. A field with precision 10, scale 2 must round to an absolute value less than 10^8.""#,
        r#"8 "23502" "#,
        r#"9 "23505" "#,
        r#"10 "22008" "date/time field value out of range: \"0000-00-00\"""#,
        r#"11 "22021" "invalid byte sequence for encoding \"UTF8\": 0x00""#,
    ];
    assert_eq!(found.len(), want.len(), "{found:#?}");
    for (found, want) in found.iter().zip(want) {
        assert!(found.starts_with(want), "{found}\nis not\n{want}");
    }
}

#[tokio::test]
async fn too_many_rejects_end_the_load_and_nothing_of_their_batch_is_written() {
    let (result, rows) = loaded("r.csv", "1,ok,1,\nx,ok,1,\ny,ok,1,\n", |_, options| options.max_rejects = 1).await;
    assert!(result.starts_with("more than 1 records were rejected; the last: line 3: invalid input syntax"), "{result}");
    assert!(result.contains("r.csv.public.t.rejects.jsonl lists them"), "{result}");
    assert_eq!(rows, [""; 0]);
}

#[tokio::test]
async fn keys_that_are_there_are_rejected_skipped_or_updated_and_counted() {
    let content = "1,new,1,\n2,two,2,\n2,again,3,\n3,three,3,\n";
    for (policy, counted, want) in [
        (OnConflict::Error, "2/0/0/2", ["1|old|~|~", "2|two|2.00|~", "3|three|3.00|~"]),
        (OnConflict::Skip, "2/0/2/0", ["1|old|~|~", "2|two|2.00|~", "3|three|3.00|~"]),
        (OnConflict::Update, "2/2/0/0", ["1|new|1.00|~", "2|again|3.00|~", "3|three|3.00|~"]),
    ] {
        let bench = Bench::new();
        bench.run(&[TABLE, "INSERT INTO t VALUES (1, 'old')"]).await;
        let options = LoadOptions { max_rejects: 9, on_conflict: policy, ..LoadOptions::new("t") };
        let report = bench.load(&source(&bench.file("c.csv", content)), &options).await.expect("loaded");
        assert_eq!(counts(&report), counted, "{policy:?}");
        assert_eq!(bench.rows(ALL).await, want, "{policy:?}");
    }
}

#[tokio::test]
async fn whole_batches_of_keys_that_are_there_are_updated() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY, v text)"]).await;
    let content = |word: &str, ids: std::ops::Range<u32>| ids.map(|id| format!("{id},{word}\n")).collect::<String>();
    let options = LoadOptions { on_conflict: OnConflict::Update, ..LoadOptions::new("t") };
    for (file, content, counted) in [
        ("a.csv", content("a", 0..6_000), "6000/0/0/0"),
        ("b.csv", content("b", 0..6_000), "0/6000/0/0"),
        ("c.csv", content("c", 3_000..9_000), "3000/3000/0/0"),
    ] {
        let report = bench.load(&source(&bench.file(file, content)), &options).await.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert_eq!((counts(&report).as_str(), report.retries), (counted, 0), "{file}");
    }
    assert_eq!(bench.rows("SELECT v, count(*) FROM t GROUP BY v ORDER BY v").await, ["b|3000", "c|6000"]);
    // The same with rows of which some stay as they are.
    let options = LoadOptions { on_conflict: OnConflict::Skip, ..LoadOptions::new("t") };
    let report = bench.load(&source(&bench.file("d.csv", content("d", 8_998..12_000))), &options).await.expect("loaded");
    assert_eq!(counts(&report), "3000/0/2/0");
}

#[tokio::test]
async fn counters_move_behind_the_values_loaded() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY, v text)"]).await;
    for (policy, file, content) in
        [(OnConflict::Error, "a.csv", "41,a\n7,b\n"), (OnConflict::Skip, "b.csv", "50,a\n7,b\n"), (OnConflict::Error, "c.csv", "3,c\n")]
    {
        let options = LoadOptions { on_conflict: policy, ..LoadOptions::new("t") };
        bench.load(&source(&bench.file(file, content)), &options).await.expect("loaded");
    }
    bench.run(&["INSERT INTO t (v) VALUES ('next')"]).await;
    assert_eq!(bench.rows("SELECT id FROM t WHERE v = 'next'").await, ["51"]);
}

#[tokio::test]
async fn what_is_no_request_is_refused_before_anything_is_done() {
    for (name, content, change, want) in [
        ("a.bin", "", (|_, _| ()) as fn(&mut Source, &mut LoadOptions), "the name of a.bin does not tell its form: say it with --format"),
        ("a.csv", "", |_, options| options.table = Some("nope".to_owned()), "there is no table nope: create it first"),
        ("a.csv", "id,who\n", |source, _| source.header = true, "a.csv: public.t has no column \"who\"; it has id, name, amount, at"),
        ("a.csv", "id,id\n", |source, _| source.header = true, "a.csv: column \"id\" is named twice"),
        ("a.csv", "1,\"x\n", |_, _| (), "a.csv ends in the middle of the record that begins at byte 0: a quote is not closed"),
        ("a.csv", "", |source, _| source.encoding = Some("klingon".to_owned()), "cannot read a.csv: no encoding is called 'klingon'"),
        ("a.csv", "", |_, options| options.batch_rows = 3000, "a batch has between 1 and 2999 rows"),
    ] {
        let (result, rows) = loaded(name, content, change).await;
        assert!(result.starts_with(want), "{result}\nis not\n{want}");
        assert_eq!(rows, [""; 0]);
    }
}

#[tokio::test]
async fn an_empty_file_is_a_load_of_nothing() {
    for name in ["e.csv", "e.tsv", "e.jsonl"] {
        assert_eq!(loaded(name, "", |_, _| ()).await.0, "0/0/0/0", "{name}");
    }
}

#[tokio::test]
async fn compressed_files_are_read_by_their_content() {
    use std::io::Write as _;
    let text = "1,a,1,\n2,b,2,\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes()).expect("compressed");
    let gzip = gzip.finish().expect("compressed");
    let zstd = ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    for (name, content) in [("a.csv.gz", gzip.clone()), ("named.csv", gzip.clone()), ("a.csv.zst", zstd.clone())] {
        assert_eq!(loaded(name, content, |_, _| ()).await.0, "2/0/0/0", "{name}");
    }
    for length in [5, zstd.len() - 6] {
        let (result, _) = loaded("cut.csv.zst", zstd[..length].to_vec(), |_, _| ()).await;
        assert!(result.contains("it may be cut or damaged"), "{length}: {result}");
    }
    // Members and frames one behind the other are one file.
    let more = "3,c,1,\n";
    let mut two = zstd;
    two.extend(ruzstd::encoding::compress_to_vec(more.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest));
    assert_eq!(loaded("two.csv.zst", two, |_, _| ()).await.0, "3/0/0/0");
    let cut = gzip[..gzip.len() - 6].to_vec();
    let (result, _) = loaded("cut.csv.gz", cut, |_, _| ()).await;
    assert!(result.contains("it may be cut or damaged"), "{result}");
}

#[tokio::test]
async fn a_gigantic_record_is_passed_over() {
    let content = format!("1,a,1,\n2,{},1,\n3,\"{}\n\",1,\n4,d,1,\n", "x".repeat(11 << 20), "y\n".repeat(6 << 20));
    let (result, rows) = loaded("big.csv", content, |_, _| ()).await;
    assert_eq!((result.as_str(), rows), ("2/0/0/2", vec!["1|a|1.00|~".to_owned(), "4|d|1.00|~".to_owned()]));
}

#[tokio::test]
async fn batches_that_are_too_large_are_halved() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE w (id int PRIMARY KEY, a text, b text)"]).await;
    // Each row is small enough for a transaction, but not many of them, and COPY text is shorter than what it stands for.
    let wide = "z".repeat(900_000);
    let content: String = (0..20).map(|id| format!("{id},{wide},{wide}\n")).collect();
    let report = bench.load(&source(&bench.file("w.csv", content)), &LoadOptions::new("w")).await.expect("loaded");
    assert_eq!(counts(&report), "20/0/0/0");
    assert_eq!(bench.rows("SELECT count(*), sum(length(a)) FROM w").await, ["20|18000000"]);
}

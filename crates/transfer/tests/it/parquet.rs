//! Parquet files, written here and by pyarrow.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use borealis_transfer::{Format, Input, LoadOptions, Side, Source, VerifyOptions, verify};
use parquet::basic::Compression;
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type, Int96,
    Int96Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::support::{Bench, counts, source};

/// A file of groups of rows, each written by a closure.
fn write(path: &PathBuf, schema: &str, compression: Compression, groups: &[&dyn Fn(&mut SerializedRowGroupWriter<'_, File>)]) {
    let schema = Arc::new(parse_message_type(&format!("message m {{ {schema} }}")).expect("a schema"));
    let properties = WriterProperties::builder().set_compression(compression).set_data_page_size_limit(4_096).build();
    let mut writer = SerializedFileWriter::new(File::create(path).expect("a file"), schema, Arc::new(properties)).expect("a writer");
    for group in groups {
        let mut rows = writer.next_row_group().expect("a group");
        group(&mut rows);
        rows.close().expect("closed");
    }
    writer.close().expect("closed");
}

/// The next column of a group: values, and for each row 1 where there is one.
fn column<T: DataType>(rows: &mut SerializedRowGroupWriter<'_, File>, values: &[T::T], levels: Option<&[i16]>) {
    let mut column = rows.next_column().expect("columns").expect("a column");
    column.typed::<T>().write_batch(values, levels, None).expect("written");
    column.close().expect("closed");
}

fn texts(values: &[&str]) -> Vec<ByteArray> {
    values.iter().map(|value| ByteArray::from(*value)).collect()
}

/// `id int, v text`, so many rows from 1 in groups of so many.
fn numbered(path: &PathBuf, rows: i32, group: i32, value: impl Fn(i32) -> String) {
    let group_of = |from: i32| {
        let ids: Vec<i32> = (from..(from + group).min(rows + 1)).collect();
        let values: Vec<ByteArray> = ids.iter().map(|id| ByteArray::from(value(*id).as_str())).collect();
        move |writer: &mut SerializedRowGroupWriter<'_, File>| {
            column::<Int32Type>(writer, &ids, None);
            column::<ByteArrayType>(writer, &values, None);
        }
    };
    let groups: Vec<_> = (1..=rows).step_by(group as usize).map(group_of).collect();
    let groups: Vec<&dyn Fn(&mut SerializedRowGroupWriter<'_, File>)> = groups.iter().map(|group| group as _).collect();
    write(path, "required int32 id; required binary v (STRING);", Compression::SNAPPY, &groups);
}

fn fixture() -> PathBuf {
    PathBuf::from("tests/it/fixtures/pyarrow.parquet")
}

const PYARROW: &str = "CREATE TABLE t (id int PRIMARY KEY, name text, kind varchar(5), flag boolean, price numeric(10,2), huge numeric(38,10), day date, clock time, \
     local timestamp, moment timestamptz, nanos timestamp, raw bytea, key uuid, u64 numeric(20,0), half real, single real, double double precision, tags jsonb, \
     point jsonb, counts json)";

#[tokio::test]
async fn what_pyarrow_writes() {
    let bench = Bench::new();
    bench.run(&[PYARROW]).await;
    let path = bench.file("data.parquet", std::fs::read(fixture()).expect("the fixture"));
    let report = bench.load(&source(&path), &LoadOptions::new("t")).await.expect("loaded");
    assert_eq!(counts(&report), "3/0/0/0");
    let want = [
        "1|ärger\t\\N|a|t|12.30|1234567890123456789012345678.0123456789|2024-02-29|23:59:59.999999|2024-01-02 03:04:05.678901|2024-01-02 03:04:05+00|\
         2023-11-14 22:13:20.123457|\\x00ff|00000000-0000-0000-0000-000000000001|18446744073709551615|1.5|0.1|1.7976931348623157e+308|[\"x\", null, \"q\\\"\"]|\
         {\"x\": 1, \"y\": [0.5]}|{\"a\":1,\"b\":null}",
        "2|~|b|~|~|~|~|~|~|~|~|~|~|~|~|~|~|~|~|~",
        "3||a|f|-0.05|-0.0000000001|0001-01-01|00:00:00|0001-01-01 00:00:00|9999-12-31 00:00:00+00|1970-01-01 00:00:00|\\x|\
         ffffffff-ffff-ffff-ffff-ffffffffffff|0|-0.25|NaN|-Infinity|[]|{\"x\": null, \"y\": null}|{}",
    ];
    assert_eq!(bench.rows("SELECT * FROM t ORDER BY id").await, want);
    let source = source(&path);
    let report = verify(&Side::Source(&source), &bench.database(), "t", &VerifyOptions::default(), &|_| ()).await.expect("compared");
    assert!(report.is_equal(), "{report:#?}");
}

#[tokio::test]
async fn every_compression_and_what_old_writers_wrote() {
    let bench = Bench::new();
    let schema = "required int32 id; required binary bare; optional binary bytes; required fixed_len_byte_array(16) key; required int96 at; \
         optional int64 moment (TIMESTAMP_MILLIS); optional int32 u32 (UINT_32); optional int32 cents (DECIMAL(9,2)); \
         required fixed_len_byte_array(12) span (INTERVAL); required boolean ok; required double d;";
    let rows = |writer: &mut SerializedRowGroupWriter<'_, File>| {
        let present = [1, 0];
        column::<Int32Type>(writer, &[1, 2], None);
        column::<ByteArrayType>(writer, &texts(&["text", "a\nb"]), None);
        column::<ByteArrayType>(writer, &[ByteArray::from(vec![0, 255])], Some(&present));
        column::<FixedLenByteArrayType>(
            writer,
            &[vec![1; 16], vec![2; 16]].map(|bytes| FixedLenByteArray::from(ByteArray::from(bytes))),
            None,
        );
        let mut stamp = Int96::new();
        // The day is Julian, the rest nanoseconds: the first microsecond of 1970.
        stamp.set_data(1_999, 0, 2_440_588);
        column::<Int96Type>(writer, &[stamp, stamp], None);
        column::<Int64Type>(writer, &[1_500], Some(&present));
        column::<Int32Type>(writer, &[-1], Some(&present));
        column::<Int32Type>(writer, &[-5], Some(&present));
        let span = FixedLenByteArray::from(ByteArray::from(vec![14, 0, 0, 0, 3, 0, 0, 0, 0xdc, 5, 0, 0]));
        column::<FixedLenByteArrayType>(writer, &[span.clone(), span], None);
        column::<BoolType>(writer, &[true, false], None);
        column::<DoubleType>(writer, &[3.0, -1e-7], None);
    };
    let all = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(Default::default()),
        Compression::LZ4_RAW,
        Compression::LZ4,
    ];
    for (number, compression) in all.into_iter().enumerate() {
        let table = format!("t{number}");
        bench
            .run(&[&format!(
                "CREATE TABLE {table} (id int, bare text, bytes bytea, key uuid, at timestamp, moment timestamptz, u32 bigint, cents numeric(9,2), span interval, \
                 ok boolean, d numeric)"
            )])
            .await;
        let path = bench.path(&format!("{table}.parquet"));
        write(&path, schema, compression, &[&rows]);
        bench.load(&source(&path), &LoadOptions::new(&table)).await.unwrap_or_else(|error| panic!("{compression:?}: {error}"));
        let want = [
            "1|text|\\x00ff|01010101-0101-0101-0101-010101010101|1970-01-01 00:00:00.000001|1970-01-01 00:00:01.5+00|4294967295|-0.05|1 year 2 mons 3 days 00:00:01.5|t|3",
            "2|a\nb|~|02020202-0202-0202-0202-020202020202|1970-01-01 00:00:00.000001|~|~|~|1 year 2 mons 3 days 00:00:01.5|f|-0.0000001",
        ];
        assert_eq!(bench.rows(&format!("SELECT * FROM {table} ORDER BY id")).await, want, "{compression:?}");
    }
}

#[tokio::test]
async fn records_that_are_no_rows_cost_only_themselves() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY, v text, at timestamp)"]).await;
    let path = bench.path("bad.parquet");
    write(
        &path,
        "required int32 id; required binary v (STRING); required int64 at (TIMESTAMP(MILLIS,false));",
        Compression::SNAPPY,
        &[&|rows| {
            column::<Int32Type>(rows, &[1, 2, 3, 4, 1], None);
            let values =
                [ByteArray::from("a"), ByteArray::from(vec![0xff]), ByteArray::from("z\0"), ByteArray::from("d"), ByteArray::from("again")];
            column::<ByteArrayType>(rows, &values, None);
            column::<Int64Type>(rows, &[0, 0, 0, i64::MAX, 0], None);
        }],
    );
    let error = bench.load(&source(&path), &LoadOptions::new("t")).await.expect_err("bad rows").to_string();
    assert!(error.starts_with("more than 0 records were rejected; the last: line 2: invalid byte sequence"), "{error}");
    let report = bench.load(&source(&path), &LoadOptions { max_rejects: 4, ..LoadOptions::new("t") }).await.expect("loaded");
    assert_eq!(counts(&report), "1/0/0/4");
    let listed = bench.read("bad.parquet.public.t.rejects.jsonl");
    let mut reasons: Vec<(u64, String)> = listed
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .map(|reject| (reject["line"].as_u64().expect("a number"), format!("{} {}", reject["code"], reject["message"])))
        .collect();
    reasons.sort();
    let reasons: Vec<&str> = reasons.iter().map(|(_, reason)| reason.as_str()).collect();
    assert!(reasons[0].starts_with("\"22021\"") && reasons[1].starts_with("\"22021\""), "{reasons:?}");
    assert!(reasons[2] == "\"22008\" \"timestamp out of range\"" && reasons[3].starts_with("\"23505\""), "{reasons:?}");
}

#[tokio::test]
async fn an_interrupted_load_goes_on_and_a_changed_file_is_noticed() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY, v text)"]).await;
    let path = bench.path("f.parquet");
    let value = |id: i32| if id == 2_500 { "\0".to_owned() } else { format!("value {id}") };
    numbered(&path, 5_000, 1_500, value);
    let options = LoadOptions { batch_rows: 100, jobs: 1, ..LoadOptions::new("t") };
    bench.load(&source(&path), &options).await.expect_err("a row is none");
    assert_eq!(bench.rows("SELECT count(*) FROM t").await, ["2400"]);
    numbered(&path, 5_000, 1_500, |id| if id == 700 { "changed".to_owned() } else { value(id) });
    let error = bench.load(&source(&path), &LoadOptions { max_rejects: 1, ..options.clone() }).await.expect_err("changed").to_string();
    assert!(error.starts_with("the source has changed since the load began, before row 700"), "{error}");
    numbered(&path, 5_000, 1_500, value);
    let report = bench.load(&source(&path), &LoadOptions { max_rejects: 1, jobs: 3, ..options }).await.expect("loaded");
    assert_eq!((counts(&report).as_str(), report.resumed_records), ("4999/0/0/1", 2_400));
    assert_eq!(bench.rows("SELECT count(*), count(DISTINCT v) FROM t").await, ["4999|4999"]);
    assert!(!bench.path("f.parquet.public.t.load.json").exists());
}

#[tokio::test]
async fn files_that_are_cut_or_damaged() {
    let bench = Bench::new();
    bench.run(&[PYARROW, "CREATE TABLE n (id int PRIMARY KEY, v text)"]).await;
    let whole = std::fs::read(fixture()).expect("the fixture");
    let load = async |name: &str, content: &[u8]| {
        let path = bench.file(name, content);
        bench.load(&source(&path), &LoadOptions::new("t")).await.expect_err(name).to_string()
    };
    for length in [0, 3, 100, whole.len() / 2, whole.len() - 1] {
        let error = load(&format!("cut{length}.parquet"), &whole[..length]).await;
        let want =
            if length < 4 { "is no Parquet file: it does not begin with PAR1" } else { "is no whole Parquet file, and may be cut: " };
        assert!(error.contains(want), "{length}: {error}");
    }
    // Every page has a checksum.
    let mut damaged = whole.clone();
    damaged[60] ^= 0x55;
    let error = load("damaged.parquet", &damaged).await;
    assert!(error.contains("damaged.parquet, group 0 of rows, column \"id\": ") && error.ends_with("it may be damaged"), "{error}");
    assert_eq!(bench.rows("SELECT count(*) FROM t").await, ["0"]);
    // The first groups are loaded; the one that is damaged ends the load, and the whole file afterwards goes on.
    let path = bench.path("n.parquet");
    numbered(&path, 4_000, 1_000, |id| format!("value {id}"));
    let good = std::fs::read(&path).expect("a file");
    let reader = parquet::file::serialized_reader::SerializedFileReader::new(File::open(&path).expect("a file")).expect("Parquet");
    let group = parquet::file::reader::FileReader::metadata(&reader).row_group(2).clone();
    let mut bad = good.clone();
    let at = usize::try_from(group.column(1).data_page_offset()).expect("an offset");
    bad[at..at + 16].fill(0xff);
    std::fs::write(&path, &bad).expect("a file");
    let options = LoadOptions { batch_rows: 500, ..LoadOptions::new("n") };
    let error = bench.load(&source(&path), &options).await.expect_err("damaged").to_string();
    assert!(error.contains("n.parquet, group 2 of rows, column \"v\": "), "{error}");
    assert_eq!(bench.rows("SELECT count(*), max(id) FROM n").await, ["2000|2000"]);
    std::fs::write(&path, &good).expect("a file");
    let report = bench.load(&source(&path), &options).await.expect("loaded");
    assert_eq!((counts(&report).as_str(), report.resumed_records), ("4000/0/0/0", 2_000));
}

#[tokio::test]
async fn columns_go_by_their_names() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (v text, extra int DEFAULT 7, id int PRIMARY KEY)", "CREATE TABLE narrow (id int)"]).await;
    let path = bench.path("c.parquet");
    numbered(&path, 2, 10, |id| format!("v{id}"));
    bench.load(&source(&path), &LoadOptions::new("t")).await.expect("loaded");
    assert_eq!(bench.rows("SELECT * FROM t ORDER BY id").await, ["v1|7|1", "v2|7|2"]);
    let error = bench.load(&source(&path), &LoadOptions::new("narrow")).await.expect_err("a column too many").to_string();
    assert!(error.contains("public.narrow has no column \"v\"; it has id"), "{error}");
    let chosen = |columns: &[&str]| Source { columns: Some(columns.iter().map(|name| (*name).to_owned()).collect()), ..source(&path) };
    bench.load(&chosen(&["id"]), &LoadOptions::new("narrow")).await.expect("loaded");
    assert_eq!(bench.rows("SELECT * FROM narrow ORDER BY id").await, ["1", "2"]);
    let error = bench.load(&chosen(&["id", "extra"]), &LoadOptions::new("t")).await.expect_err("not in the file").to_string();
    assert!(error.contains("the file has no column \"extra\"; it has id, v"), "{error}");
}

#[tokio::test]
async fn what_is_not_read_is_said_before_anything_is_written() {
    let bench = Bench::new();
    bench.run(&["CREATE TABLE t (id int PRIMARY KEY, l jsonb)"]).await;
    let refused = async |source: Source| bench.load(&source, &LoadOptions::new("t")).await.expect_err("refused").to_string();
    let stdin = Source { format: Some(Format::Parquet), ..Source::new(Input::Stdin) };
    assert!(
        refused(stdin)
            .await
            .contains("the end of a Parquet file says where its rows are, and stdin has none before it is over: save it to a file")
    );
    assert!(!std::path::Path::new("stdin.public.t.load.json").exists(), "refused before there is a manifest");
    let path = bench.path("l.parquet");
    write(
        &path,
        "required int32 id; repeated int96 l;",
        Compression::UNCOMPRESSED,
        &[&|rows| {
            column::<Int32Type>(rows, &[], None);
            let mut lists = rows.next_column().expect("columns").expect("a column");
            lists.typed::<Int96Type>().write_batch(&[], Some(&[]), Some(&[])).expect("written");
            lists.close().expect("closed");
        }],
    );
    let error = refused(source(&path)).await;
    assert!(error.contains("column \"l\" has timestamps of 96 bits inside of lists or structures"), "{error}");
    let header = Source { header: true, ..source(&path) };
    assert_eq!(refused(header).await, "only CSV and TSV have a header, a delimiter and a text for NULL");
    let encoding = Source { encoding: Some("latin1".to_owned()), ..source(&path) };
    assert_eq!(refused(encoding).await, "the text of a Parquet file is UTF-8: it has no other encoding");
    let whole = bench.file("x.parquet.gz", b"\x1f\x8b\x08whatever");
    assert!(
        refused(source(&whole))
            .await
            .contains("it does not begin with PAR1 (one that is compressed as a whole must be decompressed first)")
    );
    assert_eq!(bench.rows("SELECT count(*) FROM t").await, ["0"]);
}

use borealis_base::Id26;
use serde_json::{Value, json};

use crate::streaming::record::{encode, encode_within};
use crate::streaming::{Change, Datum, Moment, Op, Row, Transaction};

const CLUSTER: Id26 = Id26([7; 16]);

fn transaction(ops: Vec<Op>) -> Transaction {
    let changes = ops.into_iter().map(|op| Change { schema: "public".to_owned(), table: "t".to_owned(), op }).collect();
    Transaction { position: 9, id: Id26([1; 16]), committed_ns: 1_790_035_200_123_456_789, changes }
}

fn records(ops: Vec<Op>) -> Vec<Value> {
    let lines = encode(CLUSTER, &transaction(ops), 1_790_035_201_000_000_001);
    lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn key() -> Row {
    vec![("id".to_owned(), Datum::Integer(1))]
}

#[test]
fn a_record_is_as_the_service_writes_it() {
    assert_eq!(
        records(vec![Op::Create(key())]),
        [json!({
            "type": "full",
            "op": "c",
            "before": null,
            "after": {"id": 1},
            "source": {
                "version": "1.0",
                "ts_ms": 1_790_035_200_123_i64,
                "ts_ns": 1_790_035_200_123_456_789_i64,
                "txId": Id26([1; 16]).to_string(),
                "schema": "public",
                "table": "t",
                "db": "postgres",
                "cluster": CLUSTER.to_string(),
            },
            "ts_ms": 1_790_035_201_000_i64,
            "ts_ns": 1_790_035_201_000_000_001_i64,
        })]
    );
}

#[test]
fn images_of_the_row() {
    let records = records(vec![Op::Update(key()), Op::Delete(Some(key())), Op::Delete(None)]);
    let shown: Vec<Value> = records.iter().map(|record| json!([record["op"], record["before"], record["after"]])).collect();
    assert_eq!(shown, [json!(["u", null, {"id": 1}]), json!(["d", {"id": 1}, null]), json!(["d", null, null])]);
}

#[test]
fn values_by_type() {
    const HOUR: i64 = 3_600_000_000;
    let cases = [
        (Datum::Null, "null"),
        (Datum::Bool(true), "true"),
        (Datum::Integer(i64::MIN), "-9223372036854775808"),
        (Datum::Float(1.5), "1.5"),
        (Datum::Float(f64::NAN), "\"NaN\""),
        (Datum::Float(f64::INFINITY), "\"Infinity\""),
        (Datum::Float(f64::NEG_INFINITY), "\"-Infinity\""),
        (Datum::Numeric("1.00".to_owned()), "\"1.00\""),
        (Datum::Text("a\"b ".to_owned()), r#""a\"b ""#),
        (Datum::Padded("ab  ".to_owned()), "\"ab\""),
        (Datum::Bytes(vec![0, 255]), "\"AP8=\""),
        (Datum::Date(-1), "-1"),
        (Datum::Time(HOUR), "3600000000"),
        // One in the morning, two hours east of Greenwich, is eleven at night there.
        (Datum::TimeTz(HOUR, -7200), "82800000000"),
        (Datum::Timestamp(Moment::At(-5)), "-5"),
        (Datum::Timestamp(Moment::Infinity), "9223372036825200000"),
        (Datum::Timestamp(Moment::NegativeInfinity), "-9223372036832400000"),
        (Datum::Interval(1, 1, 1), "2716200000001"),
        (Datum::Interval(i32::MAX, i32::MAX, i64::MAX), "null"),
        (Datum::Uuid("0-1".to_owned()), "\"0-1\""),
        (Datum::Json("{\"a\": 1}".to_owned()), r#""{\"a\": 1}""#),
        (Datum::OidVector(vec![1, 2]), "[1,2]"),
        (Datum::OidVector(Vec::new()), "[]"),
    ];
    for (datum, json) in cases {
        let records = records(vec![Op::Create(vec![("v".to_owned(), datum.clone())])]);
        assert_eq!(records[0]["after"]["v"].to_string(), json, "{datum:?}");
    }
}

#[test]
fn a_row_too_long_for_a_record_goes_in_pieces() {
    let text = "\"ü\\".repeat(40);
    let change = transaction(vec![Op::Create(vec![("v".to_owned(), Datum::Text(text))])]);
    let lines = encode_within(CLUSTER, &change, 0, 400, 100);
    let records: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let main = &records[0];
    assert_eq!((&main["type"], &main["before"], &main["after"]), (&json!("chunked"), &Value::Null, &Value::Null));
    let chunk = &main["chunked"]["after"];
    assert_eq!(chunk["total_fragments"], json!(records.len() - 1));
    let mut whole = String::new();
    for (index, fragment) in records[1..].iter().enumerate() {
        assert_eq!((&fragment["type"], &fragment["index"], &fragment["chunk_id"]), (&json!("fragment"), &json!(index), &chunk["chunk_id"]));
        whole.push_str(fragment["data"].as_str().expect("a text"));
    }
    assert_eq!(chunk["crc32c"], json!(crc32c::crc32c(whole.as_bytes()).to_string()));
    let row: Value = serde_json::from_str(&whole).expect("the row");
    assert_eq!(row["v"].as_str().map(str::len), Some("\"ü\\".len() * 40));
    assert_eq!(main["chunked"].get("before"), None);
    assert_eq!(lines, encode_within(CLUSTER, &change, 0, 400, 100), "sent again, it has the same chunks");
}

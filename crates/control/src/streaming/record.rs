//! The records of a stream, as Aurora DSQL writes them.

use borealis_base::Id26;
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use super::feed::{Change, Datum, Moment, Op, Row, Transaction};

/// A record whose JSON is longer goes in pieces.
const RECORD_BYTES_MAX: usize = 9 << 20;
/// A piece of a row's JSON. Written as a JSON string it at most doubles: quotes and backslashes are all that needs an escape in it.
const FRAGMENT_BYTES_MAX: usize = 4 << 20;
const VERSION: &str = "1.0";
/// The one database of a cluster.
const DATABASE: &str = "postgres";
const SECONDS_PER_MONTH: i64 = 2_629_800;
const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// What stands for the infinite timestamps.
const INFINITY: i64 = 9_223_372_036_825_200_000;
const NEGATIVE_INFINITY: i64 = -9_223_372_036_832_400_000;

/// The records of a transaction, one line of JSON each.
pub(super) fn encode(cluster: Id26, transaction: &Transaction, now_ns: i64) -> Vec<String> {
    encode_within(cluster, transaction, now_ns, RECORD_BYTES_MAX, FRAGMENT_BYTES_MAX)
}

pub(super) fn encode_within(cluster: Id26, transaction: &Transaction, now_ns: i64, record_max: usize, fragment_max: usize) -> Vec<String> {
    let mut lines = Vec::with_capacity(transaction.changes.len());
    for (index, change) in transaction.changes.iter().enumerate() {
        let (before, after) = images(&change.op);
        let whole = head(cluster, transaction, change, now_ns, "full", &before, &after);
        let text = whole.to_string();
        if text.len() <= record_max {
            lines.push(text);
        } else {
            // The same change has the same chunks whenever it is sent again.
            let chunks = Chunks { id: format!("{}-{index}", transaction.id), fragment_max };
            lines.extend(chunks.encode(head(cluster, transaction, change, now_ns, "chunked", &Value::Null, &Value::Null), &before, &after));
        }
    }
    lines
}

fn head(cluster: Id26, transaction: &Transaction, change: &Change, now_ns: i64, kind: &str, before: &Value, after: &Value) -> Value {
    let committed_ns = transaction.committed_ns;
    json!({
        "type": kind,
        "op": letter(&change.op),
        "before": before,
        "after": after,
        "source": {
            "version": VERSION,
            "ts_ms": committed_ns.div_euclid(1_000_000),
            "ts_ns": committed_ns,
            "txId": transaction.id.to_string(),
            "schema": change.schema,
            "table": change.table,
            "db": DATABASE,
            "cluster": cluster.to_string(),
        },
        "ts_ms": now_ns.div_euclid(1_000_000),
        "ts_ns": now_ns,
    })
}

fn letter(op: &Op) -> &'static str {
    match op {
        Op::Create(_) => "c",
        Op::Update(_) => "u",
        Op::Delete(_) => "d",
    }
}

/// The row before and after.
fn images(op: &Op) -> (Value, Value) {
    match op {
        Op::Create(row) | Op::Update(row) => (Value::Null, image(row)),
        Op::Delete(key) => (key.as_ref().map_or(Value::Null, image), Value::Null),
    }
}

fn image(row: &Row) -> Value {
    Value::Object(row.iter().map(|(column, datum)| (column.clone(), value(datum))).collect())
}

/// A row image too long for one record.
struct Chunks {
    id: String,
    fragment_max: usize,
}

impl Chunks {
    /// The main record and the fragments after it.
    fn encode(&self, mut main: Value, before: &Value, after: &Value) -> Vec<String> {
        let mut chunked = Map::new();
        let mut fragments = Vec::new();
        for (side, image) in [("before", before), ("after", after)] {
            if image.is_null() {
                continue;
            }
            let (text, chunk_id) = (image.to_string(), format!("{}-{side}", self.id));
            let pieces = pieces(&text, self.fragment_max);
            let sum = crc32c::crc32c(text.as_bytes()).to_string();
            chunked.insert(side.to_owned(), json!({"chunk_id": chunk_id, "total_fragments": pieces.len(), "crc32c": sum}));
            fragments.extend(
                pieces
                    .iter()
                    .enumerate()
                    .map(|(index, data)| json!({"type": "fragment", "chunk_id": chunk_id, "index": index, "data": data}).to_string()),
            );
        }
        main["chunked"] = Value::Object(chunked);
        std::iter::once(main.to_string()).chain(fragments).collect()
    }
}

/// A text in pieces of at most so many bytes, none of them ending within a character.
fn pieces(text: &str, max: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, left) = rest.split_at(rest.floor_char_boundary(max));
        pieces.push(piece);
        rest = left;
    }
    pieces
}

fn value(datum: &Datum) -> Value {
    match datum {
        Datum::Null => Value::Null,
        Datum::Bool(flag) => json!(flag),
        Datum::Integer(number) | Datum::Date(number) | Datum::Time(number) => json!(number),
        Datum::Float(number) => float(*number),
        Datum::Numeric(text) | Datum::Text(text) | Datum::Uuid(text) | Datum::Json(text) => json!(text),
        Datum::Padded(text) => json!(text.trim_end_matches(' ')),
        Datum::Bytes(bytes) => json!(BASE64.encode(bytes)),
        Datum::TimeTz(micros, west_seconds) => json!((micros + i64::from(*west_seconds) * MICROS_PER_SECOND).rem_euclid(MICROS_PER_DAY)),
        Datum::Timestamp(Moment::At(micros)) => json!(micros),
        Datum::Timestamp(Moment::Infinity) => json!(INFINITY),
        Datum::Timestamp(Moment::NegativeInfinity) => json!(NEGATIVE_INFINITY),
        Datum::Interval(months, days, micros) => interval(*months, *days, *micros).map_or(Value::Null, |micros| json!(micros)),
        Datum::OidVector(oids) => json!(oids),
    }
}

fn float(number: f64) -> Value {
    if number.is_finite() {
        json!(number)
    } else if number.is_nan() {
        json!("NaN")
    } else {
        json!(if number > 0.0 { "Infinity" } else { "-Infinity" })
    }
}

/// Microseconds, months at their mean length; none when they are more than 64 bits can say.
fn interval(months: i32, days: i32, micros: i64) -> Option<i64> {
    let months = i64::from(months).checked_mul(SECONDS_PER_MONTH * MICROS_PER_SECOND)?;
    let days = i64::from(days).checked_mul(MICROS_PER_DAY)?;
    months.checked_add(days)?.checked_add(micros)
}

//! Rows: written and read back.

use std::sync::Arc;

use borealis_base::{Random, SeededRandom};
use borealis_pgtypes::jsonb::Jsonb;
use borealis_pgtypes::numeric::Numeric;
use borealis_pgtypes::{Datum, Oid};

use super::{Reader, encode, entry};
use crate::key::tests::value as key_value;

const TYPES: &[Oid] = &[
    Oid::INT4,
    Oid::TEXT,
    Oid::BOOL,
    Oid::NUMERIC,
    Oid::JSONB,
    Oid::INT2,
    Oid::BYTEA,
    Oid::INT8,
    Oid::FLOAT4,
    Oid::FLOAT8,
    Oid::UUID,
    Oid::DATE,
    Oid::TIME,
    Oid::TIMETZ,
    Oid::TIMESTAMP,
    Oid::TIMESTAMPTZ,
    Oid::INTERVAL,
    Oid::BPCHAR,
    Oid::JSON,
    Oid::VARCHAR,
    Oid::OID,
    Oid::CHAR,
];

fn value(random: &SeededRandom, oid: Oid) -> Datum {
    const DOCUMENTS: [&str; 5] = [
        "null",
        "[1, true, \"x\", {}]",
        r#"{"a": {"b": [1.50, null]}, "ab": false}"#,
        "\"\"",
        "-12345678901234567890123456789012345678901234567890",
    ];
    if random.next_u64().is_multiple_of(5) {
        return Datum::Null;
    }
    let document = DOCUMENTS[random.next_u64() as usize % DOCUMENTS.len()];
    match oid {
        Oid::JSONB => Datum::Jsonb(Arc::new(Jsonb::parse(document).expect("a document"))),
        Oid::JSON => Datum::Json(Arc::from(document)),
        _ => key_value(random, oid),
    }
}

fn read(reader: &Reader, row: &[u8]) -> Vec<Datum> {
    let mut values = Vec::new();
    reader.read(row, &mut values).expect("a row");
    values
}

fn same(left: &[Datum], right: &[Datum]) -> bool {
    format!("{left:?}") == format!("{right:?}")
}

#[test]
fn any_choice_of_columns_reads_back() {
    let random = SeededRandom::new(0x0012_0035);
    for _ in 0..2000 {
        let values: Vec<Datum> = TYPES.iter().map(|oid| value(&random, *oid)).collect();
        let mut row = Vec::new();
        encode(&mut row, TYPES, &values).expect("stored types");
        let count = random.next_u64() as usize % 6;
        let mut wanted: Vec<usize> = (0..count).map(|_| random.next_u64() as usize % TYPES.len()).collect();
        if random.next_u64().is_multiple_of(2) {
            wanted.sort_unstable();
        }
        let expected: Vec<Datum> = wanted.iter().map(|column| values[*column].clone()).collect();
        let got = read(&Reader::new(TYPES, &wanted), &row);
        assert!(same(&got, &expected), "columns {wanted:?}: {got:?} instead of {expected:?}");
        let sparse = read(&Reader::sparse(TYPES, &wanted, |place| place % 2 == 0), &row);
        for (place, got) in sparse.iter().enumerate() {
            let expected = if place % 2 == 0 { &expected[place] } else { &Datum::Null };
            assert!(same(std::slice::from_ref(got), std::slice::from_ref(expected)), "columns {wanted:?}, place {place}");
        }
    }
}

#[test]
fn columns_added_later_are_null() {
    let mut row = Vec::new();
    encode(&mut row, &TYPES[..2], &[Datum::Int4(7), Datum::text("x")]).expect("stored types");
    let got = read(&Reader::new(TYPES, &[1, 3, 0]), &row);
    assert!(same(&got, &[Datum::text("x"), Datum::Null, Datum::Int4(7)]), "{got:?}");
}

#[test]
fn numbers_keep_their_scale() {
    for text in ["1.50", "0.000", "-12.0", "NaN", "-Infinity", "123456789012345678901234567890123456789012345.00"] {
        let value = Datum::Numeric(Arc::new(Numeric::parse(text).expect("a number")));
        let mut row = Vec::new();
        encode(&mut row, &[Oid::NUMERIC], &[value]).expect("a stored type");
        match read(&Reader::new(&[Oid::NUMERIC], &[0]), &row).as_slice() {
            [Datum::Numeric(value)] => assert_eq!(value.to_string(), text),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn damaged_rows_are_refused_and_never_panic() {
    let random = SeededRandom::new(3);
    let values: Vec<Datum> = TYPES.iter().map(|oid| value(&random, *oid)).collect();
    let mut row = Vec::new();
    encode(&mut row, TYPES, &values).expect("stored types");
    let reader = Reader::new(TYPES, &(0..TYPES.len()).collect::<Vec<_>>());
    for length in 0..row.len() {
        assert!(reader.read(&row[..length], &mut Vec::new()).is_err(), "cut at {length}");
    }
    for place in 0..row.len() {
        let mut changed = row.clone();
        changed[place] ^= 0x81;
        let _ = reader.read(&changed, &mut Vec::new());
    }
    row[0] = 2;
    let error = reader.read(&row, &mut Vec::new()).expect_err("another version");
    assert_eq!(error.message(), "a stored row has format 2, which this version does not read");
}

#[test]
fn entries_come_apart_again() {
    for in_tail in [true, false] {
        let mut value = Vec::new();
        entry::encode(&mut value, b"pk", in_tail);
        value.extend(b"stored");
        let key: &[u8] = if in_tail { b"keyspk" } else { b"keys" };
        let entry = entry::decode(key, &value).expect("an entry");
        assert_eq!((entry.row_key, entry.stored, entry.keys), (&b"pk"[..], &b"stored"[..], &b"keys"[..]));
    }
    assert!(entry::decode(b"k", &[2, 9, 0]).is_err());
    assert!(entry::decode(b"k", &[7, 0, 0]).is_err());
}

/// Written by the first version of the format; never edited.
#[test]
fn the_first_format_stays() {
    const ROW: &[u8] = &[
        1, 6, 0, 0b10_1111, // version, columns, who has a value
        7, 0, 0, 0, // 7
        2, b'h', b'i', // 'hi'
        1,    // true
        4, 3, 2, 0xac, 2, // 1.50
        5, 5, 2, 3, 3, 0, // [1 ...
    ];
    let types = [Oid::INT4, Oid::TEXT, Oid::BOOL, Oid::NUMERIC, Oid::JSON, Oid::JSONB];
    let values = [
        Datum::Int4(7),
        Datum::text("hi"),
        Datum::Bool(true),
        Datum::Numeric(Arc::new(Numeric::parse("1.50").expect("a number"))),
        Datum::Null,
        Datum::Jsonb(Arc::new(Jsonb::parse("[]").expect("a document"))),
    ];
    let mut row = Vec::new();
    encode(&mut row, &types, &values).expect("stored types");
    let head = ROW.len() - 6;
    assert_eq!(row[..head], ROW[..head]);
    assert_eq!(row[head..], [2, 5, 0], "an empty jsonb array");
    let got = read(&Reader::new(&types, &[0, 1, 2, 3, 4, 5]), &row);
    assert!(same(&got, &values), "{got:?}");
}

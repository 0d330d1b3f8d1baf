//! Keys: bytes compare as values do, and read back.

use std::cmp::Ordering;
use std::sync::Arc;

use borealis_base::{Random, SeededRandom};
use borealis_pgtypes::numeric::Numeric;
use borealis_pgtypes::{Datum, Interval, Oid};

use super::{decode, encode, lossless, skip};
use crate::eval::order::Order;

/// Types that may be keys (and interval, timetz, bytea, which have an encoding all the same).
const TYPES: &[Oid] = &[
    Oid::BOOL,
    Oid::INT2,
    Oid::INT4,
    Oid::INT8,
    Oid::FLOAT4,
    Oid::FLOAT8,
    Oid::NUMERIC,
    Oid::TEXT,
    Oid::VARCHAR,
    Oid::BPCHAR,
    Oid::BYTEA,
    Oid::UUID,
    Oid::DATE,
    Oid::TIME,
    Oid::TIMETZ,
    Oid::TIMESTAMP,
    Oid::TIMESTAMPTZ,
    Oid::INTERVAL,
    Oid::OID,
    Oid::CHAR,
];

fn one(oid: Oid, value: &Datum, nulls_first: bool) -> Vec<u8> {
    let mut key = Vec::new();
    encode(&mut key, oid, value, nulls_first).expect("a type that may be a key");
    key
}

/// A random value; small ones and limits are frequent, so that equal and neighbouring values meet.
pub(crate) fn value(random: &SeededRandom, oid: Oid) -> Datum {
    let bits = random.next_u64();
    let number = match bits % 4 {
        0 => (bits >> 8).cast_signed() % 3,
        1 => [i64::MIN, i64::MAX, -1, 0][(bits >> 8) as usize % 4],
        _ => random.next_u64().cast_signed(),
    };
    let text = || {
        let letters: String =
            (0..random.next_u64() % 5).map(|_| ['a', 'b', ' ', 'é', '\u{1}', '\u{10ffff}'][random.next_u64() as usize % 6]).collect();
        letters
    };
    match oid {
        Oid::BOOL => Datum::Bool(number & 1 == 1),
        Oid::INT2 => Datum::Int2(number as i16),
        Oid::INT4 => Datum::Int4(number as i32),
        Oid::INT8 => Datum::Int8(number),
        Oid::FLOAT4 => Datum::Float4(float(random) as f32),
        Oid::FLOAT8 => Datum::Float8(float(random)),
        Oid::NUMERIC => Datum::Numeric(Arc::new(numeric(random))),
        Oid::TEXT | Oid::VARCHAR | Oid::BPCHAR => Datum::text(&text()),
        Oid::BYTEA => Datum::Bytea((0..random.next_u64() % 5).map(|_| [0, 1, 0xff][random.next_u64() as usize % 3]).collect()),
        Oid::UUID => {
            let mut bytes = [0; 16];
            random.fill(&mut bytes);
            Datum::Uuid(bytes)
        }
        Oid::DATE => Datum::Date(number as i32),
        Oid::TIME => Datum::Time(number.rem_euclid(86_400_000_001)),
        Oid::TIMETZ => Datum::TimeTz { micros: number.rem_euclid(3) * 3_600_000_000, zone: (random.next_u64() % 5) as i32 * 3600 - 7200 },
        Oid::TIMESTAMP => Datum::Timestamp(number),
        Oid::TIMESTAMPTZ => Datum::TimestampTz(number),
        Oid::INTERVAL => {
            Datum::Interval(Interval { months: (number % 3) as i32, days: (number % 61) as i32, micros: number % 86_400_000_001 })
        }
        Oid::OID => Datum::Oid(Oid(number as u32)),
        Oid::CHAR => Datum::Char(number as u8),
        _ => unreachable!("no values of type {oid} are made here"),
    }
}

fn float(random: &SeededRandom) -> f64 {
    match random.next_u64() % 4 {
        0 => [0.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, -1.5, 1.5][random.next_u64() as usize % 8],
        _ => f64::from_bits(random.next_u64()),
    }
}

fn numeric(random: &SeededRandom) -> Numeric {
    const TEXTS: [&str; 12] = [
        "NaN",
        "Infinity",
        "-Infinity",
        "0",
        "0.000",
        "1.0",
        "1",
        "-1",
        "99999999999999999999999999999999999999999999.5",
        "-99999999999999999999999999999999999999999999.50",
        "0.00000000000000000000000000000000000000000000001",
        "10000",
    ];
    match random.next_u64() % 3 {
        0 => Numeric::parse(TEXTS[random.next_u64() as usize % TEXTS.len()]).expect("a number"),
        1 => Numeric::from_parts(i128::from(random.next_u64() % 200) - 100, (random.next_u64() % 3) as u32),
        _ => Numeric::from_parts(i128::from(random.next_u64().cast_signed()), (random.next_u64() % 30) as u32),
    }
}

#[test]
fn bytes_compare_as_values_do() {
    let random = SeededRandom::new(0x5eed);
    for oid in TYPES {
        for _ in 0..3000 {
            let (left, right) = (value(&random, *oid), value(&random, *oid));
            let wanted = Order::of(*oid).compare(&left, &right);
            let (left_key, right_key) = (one(*oid, &left, false), one(*oid, &right, false));
            assert_eq!(left_key.cmp(&right_key), wanted, "type {oid}: {left:?} and {right:?}");
            assert!(wanted == Ordering::Equal || !left_key.starts_with(&right_key), "type {oid}: {right:?} is a prefix of {left:?}");
        }
    }
}

#[test]
fn values_read_back_and_are_passed_over() {
    let random = SeededRandom::new(0xdec0de);
    for oid in TYPES {
        for _ in 0..1000 {
            let value = value(&random, *oid);
            let mut key = one(*oid, &value, true);
            key.extend(*b"tail");
            let mut rest = key.as_slice();
            skip(&mut rest, *oid).expect("a key");
            assert_eq!(rest, b"tail", "type {oid}: {value:?}");
            if lossless(*oid) {
                let mut rest = key.as_slice();
                let read = decode(&mut rest, *oid).expect("a key");
                assert_eq!((format!("{read:?}"), rest), (format!("{value:?}"), b"tail".as_slice()), "type {oid}");
            }
        }
    }
}

#[test]
fn null_stands_where_it_is_told() {
    for oid in TYPES {
        let random = SeededRandom::new(u64::from(oid.0));
        let value = value(&random, *oid);
        assert!(one(*oid, &Datum::Null, true) < one(*oid, &value, true), "type {oid}");
        assert!(one(*oid, &Datum::Null, false) > one(*oid, &value, false), "type {oid}");
        for nulls_first in [true, false] {
            let key = one(*oid, &Datum::Null, nulls_first);
            assert!(matches!(decode(&mut key.as_slice(), *oid), Ok(Datum::Null)));
        }
    }
}

#[test]
fn types_without_an_order_of_bytes_are_refused() {
    let error = encode(&mut Vec::new(), Oid::JSON, &Datum::Json(Arc::from("1")), false).expect_err("json is no key");
    assert_eq!((error.sqlstate().as_str(), error.message()), ("0A000", "datatype json is not supported in a key"));
}

#[test]
fn damaged_keys_are_refused() {
    for bytes in [&[][..], &[9], &[2, 1], &[2, b'a'], &[2, 0xff, 0]] {
        assert!(decode(&mut &*bytes, Oid::TEXT).is_err() || decode(&mut &*bytes, Oid::INT4).is_err(), "{bytes:?}");
    }
    assert!(decode(&mut &[2, 0xff, 0][..], Oid::TEXT).is_err(), "no UTF-8");
}

/// Written by the first version of the format; never edited.
#[test]
fn the_first_format_stays() {
    let numeric = |text: &str| Datum::Numeric(Arc::new(Numeric::parse(text).expect("a number")));
    let cases: Vec<(Oid, Datum, &[u8])> = vec![
        (Oid::BOOL, Datum::Bool(true), &[2, 1]),
        (Oid::INT2, Datum::Int2(-1), &[2, 0x7f, 0xff]),
        (Oid::INT4, Datum::Int4(1), &[2, 0x80, 0, 0, 1]),
        (Oid::INT8, Datum::Int8(i64::MIN), &[2, 0, 0, 0, 0, 0, 0, 0, 0]),
        (Oid::FLOAT8, Datum::Float8(1.0), &[2, 0xbf, 0xf0, 0, 0, 0, 0, 0, 0]),
        (Oid::FLOAT4, Datum::Float4(-1.0), &[2, 0x40, 0x7f, 0xff, 0xff]),
        (Oid::NUMERIC, numeric("123.40"), &[2, 0x40, 0x80, 0, 0, 3, 13, 35, 0]),
        (Oid::NUMERIC, numeric("-0.05"), &[2, 0x20, 0x80, 0, 0, 0, 0xcc, 0xff]),
        (Oid::NUMERIC, numeric("0.00"), &[2, 0x30]),
        (Oid::TEXT, Datum::text("ab"), &[2, b'a', b'b', 0]),
        (Oid::BPCHAR, Datum::text("ab  "), &[2, b'a', b'b', 0]),
        (Oid::BYTEA, Datum::Bytea(Arc::from([0, 1])), &[2, 0, 0xff, 1, 0, 0]),
        (Oid::DATE, Datum::Date(0), &[2, 0x80, 0, 0, 0]),
        (Oid::INT4, Datum::Null, &[3]),
    ];
    for (oid, value, bytes) in cases {
        assert_eq!(one(oid, &value, false), bytes, "{value:?}");
    }
}

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::{Numeric, PgDigits};

fn number(text: &str) -> Numeric {
    Numeric::parse(text).expect(text)
}

fn hash(value: &Numeric) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

const SAMPLES: &[&str] = &[
    "0",
    "0.00",
    "1",
    "-1",
    "10000",
    "0.0001",
    "-123.4500",
    "99999999",
    "1e40",
    "-1e40",
    "12345678901234567890.123456789",
    "1e-30",
    "NaN",
    "Infinity",
    "-Infinity",
    "170141183460469231731687303715884105727",
    "170141183460469231731687303715884105728",
];

#[test]
fn binary_digits_round_trip() {
    for text in SAMPLES {
        let value = number(text);
        let back = Numeric::from_pg_digits(&value.to_pg_digits()).expect(text);
        assert_eq!(back.to_string(), value.to_string());
    }
}

#[test]
fn binary_digits_are_postgresqls() {
    assert_eq!(number("-12345.6700").to_pg_digits(), PgDigits { digits: vec![1, 2345, 6700], weight: 1, sign: 0x4000, dscale: 4 });
    assert_eq!(number("0.00").to_pg_digits(), PgDigits { digits: vec![], weight: 0, sign: 0, dscale: 2 });
    assert_eq!(number("0.0000012").to_pg_digits(), PgDigits { digits: vec![120], weight: -2, sign: 0, dscale: 7 });
}

#[test]
fn bad_binary_digits_are_refused() {
    let good = number("1").to_pg_digits();
    assert!(Numeric::from_pg_digits(&PgDigits { digits: vec![10_000], ..good.clone() }).is_err());
    assert!(Numeric::from_pg_digits(&PgDigits { sign: 0x1234, ..good.clone() }).is_err());
    assert!(Numeric::from_pg_digits(&PgDigits { dscale: 16_384, ..good }).is_err());
}

#[test]
fn equal_values_hash_alike_whatever_their_scale() {
    for (left, right) in [("1.0", "1.000"), ("0", "0.00"), ("1e40", "10000000000000000000000000000000000000000.00"), ("-2.50", "-2.5")] {
        let (left, right) = (number(left), number(right));
        assert_eq!(left, right);
        assert_eq!(hash(&left), hash(&right));
    }
}

#[test]
fn order_puts_nan_last() {
    let mut values: Vec<Numeric> = ["NaN", "1", "Infinity", "-Infinity", "-5.5", "1e50"].map(number).into();
    values.sort();
    assert_eq!(
        values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        format!("-Infinity -5.5 1 {} Infinity NaN", number("1e50"))
    );
}

#[test]
fn the_format_has_limits() {
    assert!(Numeric::parse("1e131071").is_ok());
    for text in ["1e131072", "1e-16384", "1e999999999999"] {
        assert_eq!(Numeric::parse(text).expect_err(text).message(), "value overflows numeric format");
    }
    let huge = number("1e131071");
    assert!(huge.mul(&number("10")).is_err() && huge.add(&huge.mul(&number("9")).expect("fits")).is_err());
}

#[test]
fn typmod_rounds_and_refuses() {
    let typmod = |precision: i32, scale: i32| ((precision << 16) | (scale & 0x7ff)) + 4;
    assert_eq!(number("123.455").apply_typmod(typmod(5, 2)).expect("fits").to_string(), "123.46");
    assert_eq!(number("12345").apply_typmod(typmod(3, -2)).expect("fits").to_string(), "12300");
    let error = number("999.995").apply_typmod(typmod(5, 2)).expect_err("too large");
    assert_eq!(error.fields().detail.as_deref(), Some("A field with precision 5, scale 2 must round to an absolute value less than 10^3."));
}

#[test]
fn small_and_big_forms_agree() {
    let edge = number("170141183460469231731687303715884105727");
    let over = edge.add(&Numeric::ONE).expect("fits");
    assert_eq!(over.to_string(), "170141183460469231731687303715884105728");
    assert_eq!(over.sub(&Numeric::ONE).expect("fits"), edge);
    assert_eq!(over.div(&number("2")).expect("divides").to_string(), "85070591730234615865843651857942052864");
}

//! What the scripts of `exec::tests` cannot see: hashes and fast paths agree with the general order.

use borealis_base::SeededRandom;
use borealis_pgtypes::{Datum, Oid};

use super::compare::Class;
use super::order::{Order, hash_row};
use crate::key::tests::value;

#[test]
fn same_values_have_the_same_hash() {
    let random = SeededRandom::new(11);
    for oid in [Oid::INT4, Oid::INT8, Oid::FLOAT8, Oid::NUMERIC, Oid::TEXT, Oid::BPCHAR, Oid::TIMETZ, Oid::INTERVAL, Oid::DATE, Oid::BOOL] {
        let order = Order::of(oid);
        let mut met = 0;
        for _ in 0..4000 {
            let (left, right) = (value(&random, oid), value(&random, oid));
            if order.same(&left, &right) {
                met += 1;
                assert_eq!(
                    hash_row(&[order], std::slice::from_ref(&left)),
                    hash_row(&[order], std::slice::from_ref(&right)),
                    "{left:?} and {right:?}"
                );
            }
        }
        assert!(met > 20, "type {oid}: only {met} pairs of same values");
    }
}

#[test]
fn integers_of_all_widths_hash_and_compare_alike() {
    let widths = [Datum::Int2(-7), Datum::Int4(-7), Datum::Int8(-7)];
    for left in &widths {
        for right in &widths {
            assert_eq!(hash_row(&[Order::Plain], std::slice::from_ref(left)), hash_row(&[Order::Plain], std::slice::from_ref(right)));
            assert!(Class::Int.compare(left, right).is_some_and(std::cmp::Ordering::is_eq));
        }
    }
}

#[test]
fn fast_comparisons_agree_with_the_general_order() {
    let random = SeededRandom::new(12);
    let classes = [
        (Class::Int, Oid::INT4),
        (Class::Text, Oid::TEXT),
        (Class::Uuid, Oid::UUID),
        (Class::Date, Oid::DATE),
        (Class::Timestamp, Oid::TIMESTAMP),
        (Class::TimestampTz, Oid::TIMESTAMPTZ),
        (Class::Bool, Oid::BOOL),
    ];
    for (class, oid) in classes {
        for _ in 0..500 {
            let (left, right) = (value(&random, oid), value(&random, oid));
            assert_eq!(class.compare(&left, &right), Some(borealis_pgtypes::compare::compare(&left, &right)), "{left:?} and {right:?}");
            assert_eq!(class.compare(&left, &Datum::Null), None);
        }
    }
}

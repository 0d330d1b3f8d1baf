use std::collections::hash_map::DefaultHasher;

use super::*;

fn hashed(datum: &Datum) -> u64 {
    let mut state = DefaultHasher::new();
    hash(datum, &mut state);
    state.finish()
}

fn check_equal(a: &Datum, b: &Datum) {
    assert!(equal(a, b), "{a:?} = {b:?}");
    assert_eq!(hashed(a), hashed(b), "{a:?} {b:?}");
}

#[test]
fn integers_of_all_widths_are_equal_and_hash_alike() {
    for (a, b) in [(Datum::Int2(-7), Datum::Int8(-7)), (Datum::Int4(5), Datum::Int8(5)), (Datum::Int2(9), Datum::Int4(9))] {
        check_equal(&a, &b);
    }
    assert_eq!(compare(&Datum::Int2(3), &Datum::Int8(i64::MAX)), Ordering::Less);
}

#[test]
fn floats_have_a_total_order() {
    check_equal(&Datum::Float8(0.0), &Datum::Float8(-0.0));
    check_equal(&Datum::Float8(f64::NAN), &Datum::Float4(-f32::NAN));
    assert_eq!(compare(&Datum::Float8(f64::NAN), &Datum::Float8(f64::INFINITY)), Ordering::Greater);
}

#[test]
fn nulls_sort_last() {
    assert_eq!(compare(&Datum::Null, &Datum::Int4(i32::MAX)), Ordering::Greater);
    check_equal(&Datum::Null, &Datum::Null);
}

#[test]
fn blank_padding_is_no_part_of_a_character_value() {
    let (padded, bare) = (Datum::text("a  "), Datum::text("a"));
    assert_eq!(compare_typed(&padded, &bare, Oid::BPCHAR), Ordering::Equal);
    assert_eq!(compare_typed(&padded, &bare, Oid::TEXT), Ordering::Greater);
}

#[test]
fn intervals_compare_by_their_length() {
    let interval = |months, days, micros| Datum::Interval(Interval { months, days, micros });
    check_equal(&interval(1, 0, 0), &interval(0, 30, 0));
    check_equal(&interval(0, 1, 0), &interval(0, 0, USECS_PER_DAY));
    assert_eq!(compare(&interval(i32::MAX, i32::MAX, i64::MAX), &interval(i32::MIN, i32::MIN, i64::MIN)), Ordering::Greater);
}

#[test]
fn dates_beyond_timestamps_compare_with_them() {
    assert_eq!(compare(&Datum::Date(2_000_000_000), &Datum::Timestamp(i64::MAX - 1)), Ordering::Greater);
    check_equal(&Datum::Date(1), &Datum::Timestamp(USECS_PER_DAY));
    check_equal(&Datum::Date(i32::MAX), &Datum::Timestamp(i64::MAX));
}

#[test]
fn arrays_compare_by_elements_then_shape() {
    let array = |dimensions: Vec<(i32, i32)>, elements: &[i32]| {
        let elements = elements.iter().map(|value| Datum::Int4(*value)).collect();
        Datum::Array(std::sync::Arc::new(ArrayValue { element: Oid::INT4, dimensions, elements }))
    };
    assert_eq!(compare(&array(vec![(2, 1)], &[1, 2]), &array(vec![(3, 1)], &[1, 2, 0])), Ordering::Less);
    assert_eq!(compare(&array(vec![(2, 1)], &[1, 3]), &array(vec![(3, 1)], &[1, 2, 0])), Ordering::Greater);
    assert_eq!(compare(&array(vec![(2, 1)], &[1, 2]), &array(vec![(2, 1), (1, 1)], &[1, 2])), Ordering::Less);
}

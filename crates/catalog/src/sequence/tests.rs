use super::*;

fn sequence(increment: i64, min: i64, max: i64, cycle: bool) -> Sequence {
    Sequence {
        oid: Oid(16_400),
        schema: Oid(2200),
        name: "s".to_owned(),
        owner: Oid(10),
        start: min,
        increment,
        min,
        max,
        cache: 1,
        cycle,
        version: 0,
        owned_by: None,
        acl: Acl::default(),
        comment: None,
    }
}

/// All values, taken `count` at a time, until the end or until `enough` are there.
fn values(sequence: &Sequence, start: i64, count: i64, enough: usize) -> (Vec<i64>, Option<String>) {
    let mut state = SequenceState { last_value: start, is_called: false };
    let mut values = Vec::new();
    while values.len() < enough {
        match sequence.take(state, count) {
            Ok((range, next)) => {
                let mut value = range.first;
                loop {
                    values.push(value);
                    if value == range.last {
                        break;
                    }
                    value += sequence.increment;
                }
                state = next;
            }
            Err(error) => return (values, Some(format!("{} {}", error.sqlstate(), error.message()))),
        }
    }
    (values, None)
}

#[test]
fn values_follow_each_other_however_many_are_taken_at_once() {
    for count in 1..6 {
        let wanted = (vec![1, 4, 7], Some("2200H nextval: reached maximum value of sequence \"s\" (9)".to_owned()));
        assert_eq!(values(&sequence(3, 1, 9, false), 1, count, 99), wanted, "{count}");
        let wanted = (vec![9, 5, 1], Some("2200H nextval: reached minimum value of sequence \"s\" (0)".to_owned()));
        assert_eq!(values(&sequence(-4, 0, 9, false), 9, count, 99), wanted, "{count}");
    }
}

#[test]
fn a_range_ends_where_the_sequence_goes_round() {
    let (found, error) = values(&sequence(2, 1, 6, true), 3, 2, 6);
    assert_eq!((found, error), (vec![3, 5, 1, 3, 5, 1, 3], None));
    assert_eq!(values(&sequence(-1, 1, 3, true), 2, 10, 5).0, [2, 1, 3, 2, 1]);
}

#[test]
fn the_ends_of_bigint_do_not_overflow() {
    let up = sequence(i64::MAX, i64::MIN, i64::MAX, false);
    assert_eq!(values(&up, i64::MIN, 65_536, 9).0, [i64::MIN, -1, i64::MAX - 1]);
    let down = sequence(i64::MIN, i64::MIN, i64::MAX, false);
    assert_eq!(values(&down, i64::MAX, 65_536, 9).0, [i64::MAX, -1]);
}

#[test]
fn a_state_out_of_bounds_is_told_by_the_next_value() {
    let narrowed = sequence(1, 1, 5, false);
    assert!(narrowed.take(SequenceState { last_value: 9, is_called: true }, 1).is_err());
    assert_eq!(narrowed.check_restart(9).expect_err("out of bounds").message(), "RESTART value (9) cannot be greater than MAXVALUE (5)");
    assert_eq!(narrowed.check_restart(0).expect_err("out of bounds").message(), "RESTART value (0) cannot be less than MINVALUE (1)");
}

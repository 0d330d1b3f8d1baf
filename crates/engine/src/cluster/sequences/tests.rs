use std::collections::BTreeSet;

use super::*;
use crate::testing::TestCluster;

#[test]
fn the_first_format_stays() {
    let state = SequenceState { last_value: -2, is_called: true };
    assert_eq!(encode(state), [1, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    assert_eq!(decode(&encode(state)), Some(state));
    for broken in [&[][..], &[2, 0, 0, 0, 0, 0, 0, 0, 0, 1], &[1, 0, 0, 0, 0, 0, 0, 0, 0, 2], &[1, 0, 1]] {
        assert_eq!(decode(broken), None);
    }
}

/// All values that eight threads take, each in a session of its own, while another one keeps changing the sequence.
fn values_taken_by_many(cache: &str, calls: usize) -> Vec<i64> {
    const SESSIONS: usize = 8;
    let cluster = TestCluster::memory();
    cluster.session().check(&[(&format!("CREATE SEQUENCE s CACHE {cache}"), "CREATE SEQUENCE")]);
    let values = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..SESSIONS {
            scope.spawn(|| {
                let mut session = cluster.session();
                let mut own = Vec::new();
                for _ in 0..calls {
                    let answer = session.run("SELECT nextval('s')");
                    let value = answer.lines().next().and_then(|line| line.parse::<i64>().ok());
                    own.push(value.unwrap_or_else(|| panic!("{answer}")));
                }
                assert!(own.is_sorted(), "a session's values ascend");
                lock(&values).extend(own);
            });
        }
        scope.spawn(|| {
            let mut session = cluster.session();
            for comment in 0..10 {
                session.check(&[(&format!("ALTER SEQUENCE s MAXVALUE {}", 1_000_000_000 + comment), "ALTER SEQUENCE")]);
            }
        });
    });
    cluster.cluster.close();
    let taken = values.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert_eq!(taken.len(), SESSIONS * calls);
    taken
}

#[test]
fn no_value_is_taken_twice_by_many_sessions() {
    let taken = values_taken_by_many("1", 100);
    let distinct: BTreeSet<i64> = taken.iter().copied().collect();
    assert_eq!(distinct.len(), taken.len());
    // One by one, nothing is left out either.
    assert_eq!(distinct.last().copied(), i64::try_from(taken.len()).ok());
}

#[test]
fn no_value_of_a_range_is_taken_twice() {
    let taken = values_taken_by_many("65536", 300);
    let distinct: BTreeSet<i64> = taken.iter().copied().collect();
    assert_eq!(distinct.len(), taken.len());
}

#[test]
fn whoever_waits_is_answered_by_whoever_leads() {
    let lane = Lane::default();
    let range = |first: i64| Taken { range: SequenceRange { first, last: first }, increment: 1, version: 0 };
    let state = Mutex::new((0_i64, 0_usize));
    let fetch = |count: usize| {
        let mut state = lock(&state);
        state.1 += 1;
        Ok((0..count)
            .map(|_| {
                state.0 += 1;
                Ok(range(state.0))
            })
            .collect())
    };
    let mut values: Vec<i64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(|| lane.take(fetch).map(|taken| taken.range.first))).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic").expect("a value")).collect()
    });
    values.sort_unstable();
    assert_eq!(values, (1..=16).collect::<Vec<_>>());
    assert!(lock(&state).1 <= 16);
    assert!(lock(&lane.queue).answers.is_empty(), "every answer was taken");
}

use super::{Refusal, check_reading, destruction};

/// Statements of a corpus: separated by lines of dashes, comments with `#` between them.
fn corpus(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split("\n----\n").map(|entry| entry.trim_start_matches('\n')).map(|entry| {
        let mut rest = entry;
        while rest.starts_with('#') {
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
        rest.trim_end_matches('\n')
    })
}

#[test]
fn what_reads_passes() {
    for sql in corpus(include_str!("tests/reading.sql")) {
        assert_eq!(check_reading(sql), Ok(()), "{sql}");
        assert_eq!(destruction(sql), Ok(None), "{sql}");
    }
}

#[test]
fn what_does_anything_else_does_not() {
    for sql in corpus(include_str!("tests/not_reading.sql")) {
        assert!(check_reading(sql).is_err(), "{sql}");
    }
}

#[test]
fn what_destroys_needs_a_confirmation() {
    for entry in corpus(include_str!("tests/destructive.sql")) {
        let (what, sql) = entry.split_once('\n').expect("what it does, then the statement");
        assert_eq!(destruction(sql), Ok(Some(what.to_owned())), "{sql}");
    }
}

#[test]
fn what_writes_without_destroying_needs_none() {
    for sql in corpus(include_str!("tests/harmless_writes.sql")) {
        assert_eq!(destruction(sql), Ok(None), "{sql}");
        assert!(check_reading(sql).is_err(), "{sql}");
    }
}

#[test]
fn refusals_say_what_it_is() {
    let writes = |what: &str| Err(Refusal::Writes(what.to_owned()));
    assert_eq!(check_reading("WITH x AS (DELETE FROM t WHERE id = 1 RETURNING *) SELECT * FROM x"), writes("DELETE in a WITH query"));
    assert_eq!(check_reading("SELECT 1, (SELECT setval('s', 1))"), writes("a call of setval()"));
    assert_eq!(check_reading("EXPLAIN ANALYZE DELETE FROM t"), writes("EXPLAIN ANALYZE of DELETE"));
    assert_eq!(check_reading("TRUNCATE t"), writes("TRUNCATE"));
    assert_eq!(check_reading("SELECT 1; SELECT 2"), Err(Refusal::Several));
    assert!(matches!(check_reading("SELEC 1"), Err(Refusal::Sql(_, error)) if error.sqlstate().as_str() == "42601"));
}

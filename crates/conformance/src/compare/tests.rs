//! What fits and what does not.

use borealis_client::ServerError;

use super::{Got, Names, fill, is_of, matching, refusal_fits, rows_fit, rows_fit_in_any_order};
use crate::probe::{Answer, Cell, Kind, Refusal};

fn names(pairs: &[(&str, &str)]) -> Names {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn known_names_are_filled_in_and_other_braces_stay() {
    let names = names(&[("schema", "s1"), ("job", "j")]);
    for (text, expected) in [
        ("SELECT 1", "SELECT 1"),
        ("{schema}.t {job}{job}", "s1.t jj"),
        ("'{1,2}' {unknown} {", "'{1,2}' {unknown} {"),
        ("{\"a\": {schema}}", "{\"a\": s1}"),
        ("ä{schema}ö", "äs1ö"),
    ] {
        assert_eq!(fill(text, &names), expected);
    }
}

#[test]
fn kinds_of_values() {
    for (kind, value, expected) in [
        (Kind::Value, "", true),
        (Kind::JobId, "abcdefghijklmnopqrstuvwxyz", true),
        (Kind::JobId, "abcdefghijklmnopqrstuvwxy1", false),
        (Kind::JobId, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", false),
        (Kind::JobId, "abc", false),
        (Kind::Uuid, "01234567-89ab-cdef-0123-456789abcdef", true),
        (Kind::Uuid, "01234567-89ab-cdef-0123-456789abcdeg", false),
        (Kind::Uuid, "0123456789abcdef0123456789abcdef", false),
        (Kind::Timestamp, "2026-09-15 12:34:56.789+00", true),
        (Kind::Timestamp, "2026-09-15 12:34:56+00", true),
        (Kind::Timestamp, "2026-09-15 12:34:56", false),
        (Kind::Timestamp, "2026-09-15 12:34+00", false),
        (Kind::Timestamp, "tomorrow +00", false),
    ] {
        assert_eq!(is_of(kind, value), expected, "{kind:?} {value}");
    }
}

#[test]
fn an_error_is_compared_in_the_fields_that_the_probe_gives() {
    let error = ServerError {
        code: "42P01".to_owned(),
        message: "relation \"s1.t\" does not exist".to_owned(),
        position: Some(15),
        ..ServerError::default()
    };
    let expected = Refusal { code: "42P01".to_owned(), ..Refusal::default() };
    let names = names(&[("schema", "s1")]);
    let fits = |change: &dyn Fn(&mut Refusal)| {
        let mut expected = expected.clone();
        change(&mut expected);
        refusal_fits(&expected, &error, &names)
    };
    assert!(fits(&|_| {}));
    assert!(fits(&|expected| expected.message = Some("relation \"{schema}.t\" does not exist".to_owned())));
    assert!(fits(&|expected| expected.position = Some(15)));
    assert!(!fits(&|expected| expected.code = "42P02".to_owned()));
    assert!(!fits(&|expected| expected.message = Some("relation".to_owned())));
    assert!(!fits(&|expected| expected.position = Some(1)));
    assert!(!fits(&|expected| expected.hint = Some("x".to_owned())));
}

#[test]
fn no_answer_fits_nothing_and_any_of_several_answers_fits() {
    let refusal = |code: &str| Answer::Refusal(Refusal { code: code.to_owned(), ..Refusal::default() });
    let error = Got::Refusal(Box::new(ServerError { code: "40001".to_owned(), ..ServerError::default() }));
    let answers = [Answer::Results(Vec::new()), refusal("0A000"), refusal("40001")];
    assert!(matching(&answers, &error, &Names::new()).is_some());
    assert!(matching(&answers[..2], &error, &Names::new()).is_none());
    assert!(matching(&answers, &Got::Nothing("lost".to_owned()), &Names::new()).is_none());
}

#[test]
fn rows_are_compared_value_by_value() {
    let text = |text: &str| Cell::Text(text.to_owned());
    let expected = [vec![text("1"), Cell::Null], vec![text("2"), text("{schema}")]];
    let names = names(&[("schema", "s1")]);
    let first = vec![Some("1"), None];
    let second = vec![Some("2"), Some("s1")];
    for (rows, ordered, unordered) in [
        (vec![first.clone(), second.clone()], true, true),
        (vec![second.clone(), first.clone()], false, true),
        (vec![first.clone()], false, false),
        (vec![first.clone(), first.clone()], false, false),
        (vec![first.clone(), second.clone(), second.clone()], false, false),
        (vec![vec![Some("1"), Some("")], second.clone()], false, false),
        (vec![vec![Some("1")], second.clone()], false, false),
        (vec![first.clone(), vec![Some("2"), None]], false, false),
        (vec![first, vec![Some("2"), Some("{schema}")]], false, false),
    ] {
        assert_eq!(rows_fit(&expected, &rows, &names, &mut Names::new()), ordered, "{rows:?}");
        assert_eq!(rows_fit_in_any_order(&expected, &rows, &names, &mut Names::new()), unordered, "{rows:?}");
    }
}

#[test]
fn a_captured_value_is_kept_under_its_name() {
    let expected = [vec![Cell::Any(Kind::Uuid, Some("id".to_owned()))]];
    let mut captured = Names::new();
    assert!(!rows_fit(&expected, &[vec![Some("x")]], &Names::new(), &mut captured));
    assert!(!rows_fit(&expected, &[vec![None]], &Names::new(), &mut captured));
    assert!(captured.is_empty());
    let id = "01234567-89ab-cdef-0123-456789abcdef";
    assert!(rows_fit(&expected, &[vec![Some(id)]], &Names::new(), &mut captured));
    assert_eq!(captured, names(&[("id", id)]));
}

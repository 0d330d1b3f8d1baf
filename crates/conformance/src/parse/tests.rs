//! The format, from text to value and from mistakes to messages.

use super::parse;
use crate::probe::{Answer, Bounds, Cell, Covers, Expected, Kind, Probe, Proof, Protocol};

fn parsed(text: &str) -> Vec<Probe> {
    parse("file", text).unwrap_or_else(|error| panic!("{error}"))
}

fn check_error(text: &str, expected: &str) {
    let error = parse("file", text).expect_err(text).to_string();
    assert_eq!(error, expected, "{text}");
}

fn result(probe: &Probe, step: usize) -> &Expected {
    match &probe.steps[step].answers[0] {
        Answer::Results(results) => &results[0],
        Answer::Refusal(refusal) => panic!("{refusal:?}"),
    }
}

#[test]
fn a_probe_with_everything() {
    let probes = parsed(
        "# comment\nproof: recorded oracle\nfixture t: CREATE TABLE t (id int)\nfixture t: INSERT INTO t\n  VALUES (1)\n\n\
         == first\ncovers: later\nprotocol: simple\nschema: public\ndialect: 2026-02, 2026-09\nconflicts: 1..2\nwith: t\n\
         setup: SELECT 1\nteardown: DROP ROLE r\na: BEGIN\n-> BEGIN\nb eventually: SELECT 1;\n  SELECT 2\n\
         -> SELECT 1 [a, \"b, c\"] unordered\n| 1 | NULL\n-> SELECT 0\nor ERR 42P01 no: table\nDETAIL: more\nHINT: do\nPOSITION: 7\n\
         == second\na: COMMIT\n-> COMMIT\n",
    );
    let [first, second] = probes.as_slice() else { panic!("{probes:?}") };
    assert_eq!((first.title().as_str(), first.line), ("file/first", 7));
    assert_eq!(first.settings.covers, Covers::Later);
    assert_eq!(first.settings.proof, [Proof::Recorded, Proof::Oracle]);
    assert_eq!(first.settings.protocols, [Protocol::Simple]);
    assert_eq!(first.settings.dialects, ["2026-02", "2026-09"]);
    assert!(!first.settings.own_schema);
    assert_eq!(first.conflicts, Some(Bounds { least: 1, most: 2 }));
    assert_eq!(first.setup, ["CREATE TABLE t (id int)", "INSERT INTO t\nVALUES (1)", "SELECT 1"]);
    assert_eq!(first.teardown, ["DROP ROLE r"]);
    let step = &first.steps[1];
    assert_eq!((step.session, step.eventually, step.statement.as_str()), ('b', true, "SELECT 1;\nSELECT 2"));
    let [Answer::Results(results), Answer::Refusal(refusal)] = step.answers.as_slice() else { panic!("{step:?}") };
    let rows = Some(vec![vec![Cell::Text("1".to_owned()), Cell::Null]]);
    let columns = Some(vec!["a".to_owned(), "b, c".to_owned()]);
    assert_eq!(results[0], Expected { tag: "SELECT 1".to_owned(), columns, rows, unordered: true });
    assert_eq!(results[1], Expected { tag: "SELECT 0".to_owned(), ..Expected::default() });
    assert_eq!((refusal.code.as_str(), refusal.message.as_deref()), ("42P01", Some("no: table")));
    assert_eq!((refusal.detail.as_deref(), refusal.hint.as_deref(), refusal.position), (Some("more"), Some("do"), Some(7)));
    // The file's settings, not those of the probe above.
    assert_eq!((second.settings.covers, second.settings.own_schema, second.settings.protocols.len()), (Covers::Foundation, true, 2));
    assert_eq!(second.settings.proof, [Proof::Recorded, Proof::Oracle]);
}

#[test]
fn values_bare_quoted_and_of_a_kind() {
    let row = r#"| a b | "" | " x | y " | "NULL" | "a\"b\\c\nd\te" | {"k": "v"} | <any> | <job id = job> | "<any>""#;
    let probes = parsed(&format!("== p\na: SELECT\n-> SELECT 1\n{row}\n"));
    let texts = ["a b", "", " x | y ", "NULL", "a\"b\\c\nd\te", r#"{"k": "v"}"#];
    let mut cells: Vec<Cell> = texts.iter().map(|text| Cell::Text((*text).to_owned())).collect();
    cells.extend([Cell::Any(Kind::Value, None), Cell::Any(Kind::JobId, Some("job".to_owned())), Cell::Text("<any>".to_owned())]);
    assert_eq!(result(&probes[0], 0).rows, Some(vec![cells]));
}

#[test]
fn a_result_can_have_no_columns() {
    let probes = parsed("== p\na: SELECT\n-> SELECT 1 []\na: SELECT\n-> SELECT 1\n");
    assert_eq!(result(&probes[0], 0).columns, Some(Vec::new()));
    assert_eq!(result(&probes[0], 1).columns, None);
}

#[test]
fn mistakes_name_their_line_and_say_what_would_be_right() {
    for (text, expected) in [
        ("nonsense", "file:1: 'nonsense' is neither a heading, a setting, a step nor an answer"),
        ("a: SELECT 1", "file:1: this belongs into a probe, and none has begun"),
        ("== A", "file:1: 'A' is no name for a probe: lower-case letters, digits and underscores"),
        ("== p", "file:1: 'p' has no steps"),
        ("== p\na: SELECT\n-> SELECT 1\n== p", "file:4: there are two probes called 'p'"),
        ("== p\na: SELECT\n\nb: SELECT", "file:4: the statement on line 2 has no answer"),
        ("== p\na:", "file:2: the statement is missing"),
        ("== p\nab: SELECT", "file:2: 'ab' is neither a setting nor a session, which is one lower-case letter"),
        ("== p\na soon: SELECT", "file:2: 'a soon' is neither a setting nor a session, which is one lower-case letter"),
        ("== p\n-> SELECT 1", "file:2: an answer comes behind a statement"),
        ("== p\na: SELECT\nor COMMIT", "file:3: 'or' comes behind the usual answer"),
        (
            "== p\na: SELECT\n-> ERR 0A000 no\n-> SELECT 1",
            "file:4: an error is the whole answer; write 'or' before another that is right as well",
        ),
        ("== p\na: SELECT\n-> ERR 0a000 no", "file:3: '0a000' is no SQLSTATE"),
        ("== p\na: SELECT\n-> ERR 0A000 no\n| 1", "file:4: a row comes behind a result"),
        ("== p\na: SELECT\n-> SELECT 1\nHINT: x", "file:4: DETAIL, HINT and POSITION come behind an error"),
        ("== p\na: SELECT\n-> SELECT 2\n| 1", "file:4: line 2: the tag 'SELECT 2' does not fit 1 rows"),
        ("== p\na: SELECT\n-> SELECT 1 [a, b]\n| 1", "file:4: line 2: a row has 1 values, and there are 2 columns"),
        ("== p\na: SELECT\n-> SELECT 2\n| 1\n| 1 | 2", "file:5: line 2: a row has 2 values, and there are 1 columns"),
        ("== p\na: SELECT\n-> SELECT 1 [a", "file:3: the column names end in ']'"),
        ("== p\na: SELECT\n-> SELECT 1 [a] sorted", "file:3: 'sorted' behind the column names means nothing"),
        ("== p\na: SELECT\n-> SELECT 1\n| ", "file:4: an empty text is written \"\""),
        ("== p\na: SELECT\n-> SELECT 1\n| \"x", "file:4: \"x lacks its closing quote"),
        ("== p\na: SELECT\n-> SELECT 1\n| <int>", "file:4: 'int' is none of any, job id, uuid, timestamp"),
        ("== p\na: S; S\n-> SELECT 1\n-> SELECT 1", "file:4: several results on line 2 need 'protocol: simple'"),
        ("== p\na: SELECT\n-> SELECT 1\nproof: oracle", "file:4: settings stand above the first step"),
        ("proof: rumour", "file:1: 'rumour' is none of recorded, oracle, inferred"),
        ("protocol:", "file:1: at least one word is needed"),
        ("== p\nwith: t", "file:2: there is no fixture 't' above"),
        ("== p\nconflicts: 2..1", "file:2: '2..1' is no number and no range such as 1..2"),
    ] {
        check_error(text, expected);
    }
}

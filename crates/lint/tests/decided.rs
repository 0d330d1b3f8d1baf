//! What the files decide is an error, what only the database can know is none: statements and their verdicts are in `decided.txt`.

use std::fmt::Write as _;

use borealis_lint::{Finding, Linter, Options, Severity};

fn verdict(findings: &[Finding]) -> String {
    let refusals = findings.iter().filter(|finding| finding.sqlstate.is_some());
    let shown: Vec<String> = refusals
        .map(|finding| format!("{} {} {}", finding.severity.name(), finding.sqlstate.as_deref().unwrap_or(""), finding.message))
        .collect();
    if shown.is_empty() { "silence".to_owned() } else { shown.join(" / ") }
}

#[test]
fn statements_have_the_verdict_that_the_files_allow() {
    let mut linter = Linter::new(Options::default());
    let (mut problems, mut count) = (String::new(), 0);
    for line in include_str!("decided.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(setup) = line.strip_prefix("setup ") {
            let errors = linter.lint(setup).count(Severity::Error);
            assert_eq!(errors, 0, "{setup}");
            continue;
        }
        let (statement, expected) = line.rsplit_once(" => ").expect("statement => verdict");
        let found = verdict(&linter.clone().lint(statement).findings);
        count += 1;
        if found != expected {
            let _ = writeln!(problems, "{statement}\n  expected {expected}\n  found    {found}");
        }
    }
    assert!(problems.is_empty(), "{problems}");
    assert!(count > 50, "{count}");
}

#[test]
fn a_transaction_that_is_rolled_back_leaves_nothing() {
    let errors = |text: &str| Linter::new(Options::default()).lint(text).count(Severity::Error);
    assert_eq!(
        errors(
            "BEGIN; CREATE TABLE t (id int PRIMARY KEY); SELECT id FROM t; ROLLBACK; CREATE TABLE t (n int PRIMARY KEY); SELECT n FROM t;"
        ),
        0
    );
    assert_eq!(errors("BEGIN; CREATE TABLE t (id int PRIMARY KEY); COMMIT; CREATE TABLE t (n int PRIMARY KEY);"), 1);
}

#[test]
fn what_follows_from_a_refused_statement_is_no_second_error() {
    let report = Linter::new(Options::default()).lint(
        "CREATE TABLE t (id int PRIMARY KEY);\nALTER TABLE t ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY (CACHE 1);\nSELECT n FROM t;\n",
    );
    let shown: Vec<_> =
        report.findings.iter().filter(|finding| finding.sqlstate.is_some()).map(|finding| (finding.line, finding.severity)).collect();
    assert_eq!(shown, [(2, Severity::Error), (3, Severity::Warning)]);
}

#[test]
fn schemas_that_the_files_only_name_are_supposed_to_exist() {
    let errors = |text: &str| Linter::new(Options::default()).lint(text).count(Severity::Error);
    assert_eq!(
        errors("SET search_path = app; CREATE TABLE t (a int PRIMARY KEY); SET search_path = other; CREATE TABLE t (a int PRIMARY KEY);"),
        0
    );
    assert_eq!(errors("CREATE TABLE app.t (a int PRIMARY KEY); CREATE SCHEMA app; CREATE TABLE app.t (a int PRIMARY KEY);"), 1);
}

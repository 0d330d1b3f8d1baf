//! Every rule's example: what is bad is found, its fix is the text that stands below it, what is good is not complained of.
//!
//! A file is sections: `--- bad`, `--- fixed` when the bad text has a fix, `--- good`. Words behind `bad` and `good` are options. `BLESS=1` writes the fixed texts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use borealis_lint::{Options, Report, Severity, lint, rules};

struct Section {
    heading: String,
    body: String,
}

fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("--- ") {
            Some(heading) => sections.push(Section { heading: heading.to_owned(), body: String::new() }),
            None => {
                let last = sections.last_mut().expect("a section before its lines");
                last.body.push_str(line);
                last.body.push('\n');
            }
        }
    }
    sections
}

fn options(heading: &str) -> Options {
    let mut options = Options::default();
    for word in heading.split_whitespace().skip(1) {
        match word.split_once('=').expect("name=value") {
            ("dialect", dialect) => options.dialect = dialect.parse().expect("a dialect"),
            ("tenant-column", column) => options.tenant_column = Some(column.to_owned()),
            (other, _) => panic!("no option is called {other}"),
        }
    }
    options
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new("src/rules");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    files.sort();
    files
}

/// Findings of the rule of this file, by the name that selects them.
fn of_rule(report: &Report, options: &Options, rule: &str) -> usize {
    let mut only = options.clone();
    only.select = vec![borealis_lint::Selector::new(rule).expect("a rule of this name")];
    lint(report.text(), &only).findings.len()
}

/// The name of the rule: `id: "..."` in the Rust file beside it.
fn rule_of(path: &Path) -> String {
    let source = std::fs::read_to_string(path.with_extension("rs")).unwrap();
    let id = source.lines().find_map(|line| line.trim().strip_prefix("id: \"")).expect("an id");
    id.trim_end_matches("\",").to_owned()
}

#[test]
fn every_example_does_what_it_says() {
    let mut problems = String::new();
    for path in files() {
        let (text, rule) = (std::fs::read_to_string(&path).unwrap(), rule_of(&path));
        let sections = sections(&text);
        let mut blessed = String::new();
        for (index, section) in sections.iter().enumerate() {
            let _ = writeln!(blessed, "--- {}", section.heading);
            if section.heading == "fixed" {
                let bad = &sections[index - 1];
                let fixed = lint(&bad.body, &options(&bad.heading)).fixed();
                blessed.push_str(&fixed);
                if fixed != section.body {
                    let _ = writeln!(problems, "{}: fixed text differs\nexpected:\n{}got:\n{fixed}", path.display(), section.body);
                }
                continue;
            }
            blessed.push_str(&section.body);
            check(&path, &rule, section, sections.get(index + 1), &mut problems);
        }
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, blessed).unwrap();
        }
    }
    assert!(problems.is_empty(), "{problems}");
}

fn check(path: &Path, rule: &str, section: &Section, next: Option<&Section>, problems: &mut String) {
    let options = options(&section.heading);
    let report = lint(&section.body, &options);
    let count = of_rule(&report, &options, rule);
    if section.heading.starts_with("good") {
        if count > 0 || report.count(Severity::Error) > 0 {
            let _ = writeln!(problems, "{}: the good text has findings: {:#?}", path.display(), report.findings);
        }
        return;
    }
    if count == 0 {
        let _ = writeln!(problems, "{}: the rule finds nothing in\n{}{:#?}", path.display(), section.body, report.findings);
    }
    let fixable = report.fixed() != section.body;
    if fixable != next.is_some_and(|next| next.heading == "fixed") {
        let _ = writeln!(problems, "{}: fixable is {fixable} for\n{}{}", path.display(), section.body, report.fixed());
    }
}

#[test]
fn fixed_text_has_nothing_left_to_fix() {
    let mut problems = String::new();
    for path in files() {
        for section in sections(&std::fs::read_to_string(&path).unwrap()).iter().filter(|section| section.heading.starts_with("bad")) {
            let options = options(&section.heading);
            let fixed = lint(&section.body, &options).fix(false);
            let again = lint(&fixed.text, &options);
            let left: Vec<_> = again
                .findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error && (finding.fix.is_none() || finding.is_fixable()))
                .collect();
            let impossible =
                lint(&section.body, &options).findings.iter().any(|finding| finding.severity == Severity::Error && !finding.is_fixable());
            if again.fixed() != fixed.text || (!left.is_empty() && !impossible) {
                let _ = writeln!(problems, "{}: not done with\n{}{left:#?}", path.display(), fixed.text);
            }
        }
    }
    assert!(problems.is_empty(), "{problems}");
}

#[test]
fn every_rule_has_an_example_and_an_explanation() {
    for path in files() {
        let rule = rule_of(&path);
        let text = borealis_lint::explain(&rule, borealis_dialect::Dialect::default()).expect("an explanation");
        assert!(text.contains("## Why") && text.contains("## Example"), "{rule}: {text}");
    }
    for dialect in borealis_dialect::Dialect::ALL {
        for rule in rules(dialect) {
            assert!(borealis_lint::explain(&rule.id, dialect).is_some(), "{} is not explained", rule.id);
            assert!(borealis_lint::Selector::new(&rule.id).is_ok(), "{} cannot be selected", rule.id);
        }
    }
}

//! The linter agrees with the service: what a recorded probe was refused, the linter refuses in the same words wherever the text decides it; what was
//! accepted has no error.

// The probes' own reader, without what runs them over the wire.
#[path = "../../conformance/src/parse/mod.rs"]
#[allow(dead_code, unreachable_pub, missing_docs)]
mod parse;
#[path = "../../conformance/src/probe.rs"]
#[allow(dead_code, unreachable_pub, missing_docs)]
mod probe;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;

use borealis_lint::{Finding, Linter, Options, Severity};
use probe::{Answer, Probe, Refusal};

fn probes() -> Vec<Probe> {
    let folder = Path::new("../conformance/probes");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        parse::parse(&name, &std::fs::read_to_string(path).unwrap()).unwrap_or_else(|error| panic!("{error}"))
    };
    paths.iter().flat_map(read).collect()
}

/// A probe while its statements are linted one by one, as a client sends them.
struct Run {
    linter: Linter,
    /// What each session has sent since its BEGIN.
    open: HashMap<char, String>,
    problems: String,
    refused: usize,
    accepted: usize,
}

impl Run {
    /// The findings about `statement`, in the transaction that its session has open.
    fn findings(&mut self, session: char, statement: &str) -> Vec<Finding> {
        let before = self.open.get(&session).cloned().unwrap_or_default();
        // Several statements in one text of the simple protocol are one transaction.
        let before = if before.is_empty() && several(statement) { "BEGIN;\n".to_owned() } else { before };
        let text = format!("{before}{statement}");
        let mut findings = self.linter.clone().lint(&text).findings;
        findings.retain(|finding| finding.span.start >= before.len());
        findings
    }

    /// Takes an accepted statement over.
    fn advance(&mut self, session: char, statement: &str) {
        self.linter.lint(statement);
        let word = statement.split_whitespace().next().unwrap_or("").to_ascii_uppercase();
        match word.trim_end_matches(';') {
            "BEGIN" | "START" => drop(self.open.insert(session, format!("{statement};\n"))),
            "COMMIT" | "ROLLBACK" | "END" | "ABORT" => drop(self.open.remove(&session)),
            _ => {
                if let Some(text) = self.open.get_mut(&session) {
                    text.push_str(statement);
                    text.push_str(";\n");
                }
            }
        }
    }
}

fn several(statement: &str) -> bool {
    statement.trim_end_matches([';', ' ', '\n']).contains(';')
}

/// Whether something other than the files decides a refusal.
fn is_open(refusal: &Refusal) -> bool {
    let message = refusal.message.as_deref().unwrap_or("");
    match refusal.code.as_str() {
        // Other transactions, the session's state, the load, the client.
        "40001" | "25P02" | "25006" | "08P01" => true,
        // Values and rows that come up while a statement runs.
        "22012" | "22P02" | "2200H" | "54000" => true,
        // Who runs the file, what else is in the cluster, what a parameter is.
        "42501" | "42P01" | "42P02" => true,
        "42704" => !message.starts_with("type "),
        // A job's result; a sequence that the session has not used.
        "55000" => message.ends_with("is not valid") || message.starts_with("currval "),
        code => ["23", "53", "57"].iter().any(|class| code.starts_with(class)),
    }
}

/// A type may be a domain that was made elsewhere: then it is a warning.
fn is_likely(refusal: &Refusal) -> bool {
    refusal.code == "42704"
}

#[test]
fn the_linter_answers_recorded_probes_as_the_service_does() {
    let (mut problems, mut refused, mut accepted) = (String::new(), 0, 0);
    // Lowered limits make other verdicts than the dialect's.
    for probe in probes().into_iter().filter(|probe| probe.settings.limits.is_empty()) {
        for dialect in &probe.settings.dialects {
            let options = Options { dialect: dialect.parse().expect("a dialect"), ..Options::default() };
            let mut run = Run { linter: Linter::new(options), open: HashMap::new(), problems: String::new(), refused: 0, accepted: 0 };
            run_probe(&probe, &mut run);
            if !run.problems.is_empty() {
                let _ = writeln!(problems, "{} in {dialect}:\n{}", probe.title(), run.problems);
            }
            refused += run.refused;
            accepted += run.accepted;
        }
    }
    assert!(problems.is_empty(), "{problems}");
    assert!(refused > 100 && accepted > 500, "{refused} refused, {accepted} accepted");
}

fn run_probe(probe: &Probe, run: &mut Run) {
    // The extended protocol takes one statement; a file is not sent so.
    let one_statement = probe.settings.protocols == [probe::Protocol::Extended];
    for statement in &probe.setup {
        run.advance(' ', &filled(statement));
    }
    // Whether an index may be built at once then depends on the table's being empty.
    let depends_on_rows = probe.steps.iter().any(|step| step.statement.contains("disable_sync_create_index"));
    for step in &probe.steps {
        let statement = filled(&step.statement);
        let findings = run.findings(step.session, &statement);
        let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
        if one_statement && several(&statement) {
            continue;
        }
        match step.answers.as_slice() {
            [Answer::Refusal(refusal)] => {
                let by_rows = depends_on_rows && step.statement.starts_with("CREATE INDEX ");
                let decided = !is_open(refusal) && !by_rows;
                let least = if is_likely(refusal) { Severity::Warning } else { Severity::Error };
                run.refused += usize::from(decided);
                if decided && !findings.iter().any(|finding| finding.severity >= least && says(finding, refusal)) {
                    let _ = writeln!(
                        run.problems,
                        "line {}: {statement}\n  expected {} {:?}\n  found {findings:?}",
                        step.line, refusal.code, refusal.message
                    );
                }
            }
            answers if answers.iter().any(|answer| matches!(answer, Answer::Results(_))) => {
                run.accepted += 1;
                if !errors.is_empty() {
                    let _ = writeln!(run.problems, "line {}: {statement}\n  was accepted; found {errors:?}", step.line);
                }
                run.advance(step.session, &statement);
            }
            _ => {}
        }
    }
}

fn says(finding: &Finding, refusal: &Refusal) -> bool {
    finding.sqlstate.as_deref() == Some(&refusal.code) && refusal.message.as_ref().is_none_or(|message| filled(message) == finding.message)
}

/// Values that are known only when a probe runs.
fn filled(statement: &str) -> String {
    let mut text = statement.replace("{schema}", "public");
    while let Some(start) = text.find('{') {
        let Some(length) = text[start..]
            .find('}')
            .filter(|length| text[start + 1..start + length].chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ' '))
        else {
            break;
        };
        text.replace_range(start..=start + length, "aaaaaaaaaaaaaaaaaaaaaaaaaa");
    }
    text
}

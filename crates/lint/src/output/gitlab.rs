//! GitLab's code quality report.

use serde_json::{Value, json};

use super::{FileReport, findings, fingerprint, sentence};
use crate::finding::{Finding, Severity};

pub(super) fn write(files: &[FileReport]) -> String {
    let mut seen = std::collections::HashMap::new();
    let issues: Vec<Value> = findings(files)
        .map(|(file, finding)| {
            // Two findings of the same text must not be one.
            let print = fingerprint(file, finding);
            let count = seen.entry(print.clone()).and_modify(|count| *count += 1).or_insert(0);
            issue(file, finding, if *count == 0 { print } else { format!("{print}-{count}") })
        })
        .collect();
    format!("{:#}\n", Value::from(issues))
}

fn issue(file: &FileReport, finding: &Finding, fingerprint: String) -> Value {
    let severity = match finding.severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Info | Severity::Off => "info",
    };
    json!({
        "description": sentence(finding),
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": severity,
        "location": { "path": file.name, "lines": { "begin": finding.line } },
    })
}

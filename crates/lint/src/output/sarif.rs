//! SARIF 2.1.0.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{FileReport, findings, fingerprint, sentence};
use crate::finding::{Finding, Severity, Span};
use crate::source::Source;

pub(super) fn write(files: &[FileReport]) -> String {
    let mut rules: BTreeMap<&str, Value> = BTreeMap::new();
    for (file, finding) in findings(files) {
        rules.entry(&finding.rule).or_insert_with(|| rule(file, finding));
    }
    let order: Vec<&str> = rules.keys().copied().collect();
    let mut results = Vec::new();
    for file in files {
        let source = Source::new(file.report.text());
        results.extend(file.report.findings.iter().map(|finding| result(file, &source, finding, &order)));
    }
    let driver = json!({ "name": "borealis lint", "version": env!("CARGO_PKG_VERSION"), "rules": rules.into_values().collect::<Vec<_>>() });
    let run = json!({ "tool": { "driver": driver }, "columnKind": "unicodeCodePoints", "results": results });
    let document = json!({ "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run] });
    format!("{document:#}\n")
}

fn rule(file: &FileReport, finding: &Finding) -> Value {
    let text = crate::explain(&finding.rule, file.report.dialect()).unwrap_or_default();
    json!({ "id": finding.rule, "defaultConfiguration": { "level": level(finding.severity) }, "help": { "text": text, "markdown": text } })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Off => "note",
    }
}

fn result(file: &FileReport, source: &Source<'_>, finding: &Finding, order: &[&str]) -> Value {
    let artifact = json!({ "uri": file.name });
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": order.iter().position(|id| *id == finding.rule),
        "level": level(finding.severity),
        "message": { "text": sentence(finding) },
        "locations": [{ "physicalLocation": { "artifactLocation": artifact, "region": region(source, finding.span) } }],
        "partialFingerprints": { "borealis/v1": fingerprint(file, finding) },
    });
    if let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) {
        let replacement =
            |edit: &crate::Edit| json!({ "deletedRegion": region(source, edit.span), "insertedContent": { "text": edit.text } });
        let changes = json!([{ "artifactLocation": artifact, "replacements": fix.edits.iter().map(replacement).collect::<Vec<_>>() }]);
        let text = fix.loss.as_ref().map_or_else(|| "loses nothing".to_owned(), |loss| format!("lost: {loss}"));
        result["fixes"] = json!([{ "description": { "text": text }, "artifactChanges": changes }]);
    }
    result
}

fn region(source: &Source<'_>, span: Span) -> Value {
    let ((line, column), (end_line, end_column)) = (source.place(span.start), source.place(span.end));
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

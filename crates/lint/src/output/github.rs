//! Workflow commands of GitHub Actions: each becomes an annotation of its line.

use std::fmt::Write as _;

use super::{FileReport, findings, sentence};
use crate::finding::{Finding, Severity};

pub(super) fn write(files: &[FileReport]) -> String {
    let mut out = String::new();
    for (file, finding) in findings(files) {
        let _ = writeln!(out, "{}", command(file, finding));
    }
    out
}

fn command(file: &FileReport, finding: &Finding) -> String {
    let word = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info | Severity::Off => "notice",
    };
    let (name, rule) = (property(&file.name), property(&finding.rule));
    format!("::{word} file={name},line={},col={},title={rule}::{}", finding.line, finding.column, data(&sentence(finding)))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

//! Reports as text for people and as data for machines. Each writer takes all files at once and gives the whole output.

mod github;
mod gitlab;
mod json;
mod sarif;
mod text;

use crate::finding::{Finding, Severity, Verdict};
use crate::report::{AppliedFix, Report};

/// How a run is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// One document with every finding and its fix.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Workflow commands of GitHub Actions.
    GitHub,
    /// GitLab's code quality report.
    GitLab,
}

/// One file of a run.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// As it was named; `<stdin>` for standard input.
    pub name: String,
    /// What is wrong with it, or what is left after fixing.
    pub report: Report,
    /// What was mended.
    pub applied: Vec<AppliedFix>,
    /// The fixed text, where it is not written to the file.
    pub fixed: Option<String>,
}

/// The whole output.
#[must_use]
pub fn write(files: &[FileReport], format: Format) -> String {
    match format {
        Format::Text => text::write(files),
        Format::Json => json::write(files),
        Format::Sarif => sarif::write(files),
        Format::GitHub => github::write(files),
        Format::GitLab => gitlab::write(files),
    }
}

/// All findings with the name of their file.
fn findings(files: &[FileReport]) -> impl Iterator<Item = (&FileReport, &Finding)> {
    files.iter().flat_map(|file| file.report.findings.iter().map(move |finding| (file, finding)))
}

/// How many findings of one severity.
fn count(files: &[FileReport], severity: Severity) -> usize {
    files.iter().map(|file| file.report.count(severity)).sum()
}

/// How many fixes were applied that lose something.
fn losses(files: &[FileReport]) -> usize {
    files.iter().flat_map(|file| &file.applied).filter(|fix| fix.verdict == Verdict::Loss).count()
}

/// The message with its SQLSTATE and hint, on one line.
fn sentence(finding: &Finding) -> String {
    let state = finding.sqlstate.as_ref().map_or(String::new(), |state| format!(" ({state})"));
    let hint = finding.hint.as_ref().map_or(String::new(), |hint| format!(". Instead: {hint}"));
    format!("{}{state}{hint}", finding.message)
}

/// A number that stays the same while the finding does: of file, rule, and the text it is about.
fn fingerprint(file: &FileReport, finding: &Finding) -> String {
    // FNV-1a: small, and the same on every machine.
    let text = file.report.text().get(finding.span.start..finding.span.end).unwrap_or("");
    let parts = [file.name.as_str(), &finding.rule, &finding.message, text];
    let bytes = parts.iter().flat_map(|part| part.bytes().chain(std::iter::once(0)));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests;

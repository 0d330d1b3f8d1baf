//! For people: one paragraph a finding, with its line of the file.

use std::fmt::Write as _;

use super::{FileReport, count, losses};
use crate::finding::{Finding, Severity, Verdict};

pub(super) fn write(files: &[FileReport]) -> String {
    let mut out = String::new();
    for file in files {
        file.applied.iter().for_each(|fix| {
            let loss = fix.loss.as_ref().map_or(String::new(), |loss| format!("; lost: {loss}"));
            let _ = writeln!(out, "{}:{}: fixed {}: {}{loss}", file.name, fix.line, fix.rule, fix.message);
        });
        file.report.findings.iter().for_each(|finding| one(file, finding, &mut out));
    }
    let _ = writeln!(out, "{}", summary(files));
    out
}

fn one(file: &FileReport, finding: &Finding, out: &mut String) {
    let state = finding.sqlstate.as_ref().map_or(String::new(), |state| format!(" {state}"));
    let severity = finding.severity.name();
    let _ = writeln!(out, "{}:{}:{}: {severity}{state}: {} [{}]", file.name, finding.line, finding.column, finding.message, finding.rule);
    if finding.severity > Severity::Info {
        excerpt(file.report.text(), finding, out);
    }
    if let Some(hint) = &finding.hint {
        let _ = writeln!(out, "    instead: {hint}");
    }
    match finding.fix.as_ref().map(|fix| (fix.verdict, fix.loss.as_deref().unwrap_or(""))) {
        Some((Verdict::Clean, _)) => out.push_str("    --fix mends it\n"),
        Some((Verdict::Loss, loss)) => {
            let _ = writeln!(out, "    --fix mends it; lost: {loss}");
        }
        Some((Verdict::Impossible, why)) => {
            let _ = writeln!(out, "    no fix: {why}");
        }
        None => {}
    }
}

/// The line, and carets under what the finding is about.
fn excerpt(text: &str, finding: &Finding, out: &mut String) {
    let Some(line) = text.lines().nth(finding.line.saturating_sub(1)) else { return };
    let before: String = line.chars().take(finding.column.saturating_sub(1)).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    let about = text.get(finding.span.start..finding.span.end).unwrap_or("");
    let width = about.lines().next().map_or(1, |first| first.chars().count().max(1));
    let _ = writeln!(out, "    {}\n    {before}{}", line.trim_end(), "^".repeat(width));
}

fn summary(files: &[FileReport]) -> String {
    let (errors, warnings) = (count(files, Severity::Error), count(files, Severity::Warning));
    let applied: usize = files.iter().map(|file| file.applied.len()).sum();
    let fixable = files.iter().flat_map(|file| &file.report.findings).filter(|finding| finding.is_fixable()).count();
    let mut text = if errors + warnings == 0 {
        "nothing to complain of".to_owned()
    } else {
        format!("{}, {}", plural(errors, "error"), plural(warnings, "warning"))
    };
    if applied > 0 {
        let _ = write!(text, "; {} fixed, {} of them with a loss", applied, losses(files));
    }
    if fixable > 0 {
        let _ = write!(text, "; --fix mends {fixable}");
    }
    format!("{} in {}", text, plural(files.len(), "file"))
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

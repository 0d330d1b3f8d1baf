//! An open document: its text, its findings, and places in the editor's terms.

use borealis_lint::{Edit, Finding, Linter, Options, Report, Severity, Span};
use lsp_types::{Diagnostic, DiagnosticSeverity, NumberOrString, Position, Range, TextEdit};

/// A document as the editor has it.
pub(super) struct Document {
    pub(super) report: Report,
    /// Where lines begin.
    lines: Vec<usize>,
}

impl Document {
    pub(super) fn new(text: &str, options: Options) -> Self {
        let lines = std::iter::once(0).chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1)).collect();
        Self { report: Linter::new(options).lint(text), lines }
    }

    /// The editor counts lines from 0, and characters in UTF-16.
    fn position(&self, at: usize) -> Position {
        let text = self.report.text();
        let at = at.min(text.len());
        let line = self.lines.partition_point(|start| *start <= at) - 1;
        let before = text.get(self.lines[line]..at).unwrap_or("");
        let character = before.chars().map(char::len_utf16).sum::<usize>();
        Position::new(u32::try_from(line).unwrap_or(u32::MAX), u32::try_from(character).unwrap_or(u32::MAX))
    }

    /// The byte at a position; one beyond a line's end is its end.
    fn offset(&self, position: Position) -> usize {
        let text = self.report.text();
        let line = usize::try_from(position.line).unwrap_or(usize::MAX);
        let Some(start) = self.lines.get(line).copied() else { return text.len() };
        let mut left = usize::try_from(position.character).unwrap_or(usize::MAX);
        for (at, c) in text[start..].char_indices() {
            if c == '\n' || left < c.len_utf16() {
                return start + at;
            }
            left -= c.len_utf16();
        }
        text.len()
    }

    pub(super) fn range(&self, span: Span) -> Range {
        Range::new(self.position(span.start), self.position(span.end))
    }

    /// Everything, for an edit that replaces it.
    pub(super) fn whole(&self) -> Range {
        Range::new(Position::new(0, 0), self.position(self.report.text().len()))
    }

    /// Findings that touch a range.
    pub(super) fn findings_in(&self, range: Range) -> impl Iterator<Item = &Finding> {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        self.report.findings.iter().filter(move |finding| finding.span.start <= end && start <= finding.span.end)
    }

    pub(super) fn diagnostic(&self, finding: &Finding) -> Diagnostic {
        let severity = match finding.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info | Severity::Off => DiagnosticSeverity::INFORMATION,
        };
        let state = finding.sqlstate.as_ref().map_or(String::new(), |state| format!(" ({state})"));
        let hint = finding.hint.as_ref().map_or(String::new(), |hint| format!("\nInstead: {hint}"));
        Diagnostic {
            range: self.range(finding.span),
            severity: Some(severity),
            code: Some(NumberOrString::String(finding.rule.clone())),
            source: Some("borealis".to_owned()),
            message: format!("{}{state}{hint}", finding.message),
            ..Diagnostic::default()
        }
    }

    pub(super) fn edits(&self, edits: &[Edit]) -> Vec<TextEdit> {
        edits.iter().map(|edit| TextEdit::new(self.range(edit.span), edit.text.clone())).collect()
    }

    /// A comment in the line above that suppresses a rule for the statement.
    pub(super) fn suppression(&self, finding: &Finding) -> TextEdit {
        let line = self.position(finding.span.start).line;
        let start = Position::new(line, 0);
        TextEdit::new(Range::new(start, start), format!("-- borealis-lint: disable={}\n", finding.rule))
    }
}

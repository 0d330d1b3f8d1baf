//! What comes out: findings, and the text with its fixes applied.

use std::collections::{BTreeMap, BTreeSet};

use borealis_dialect::Dialect;
use serde::Serialize;

use crate::finding::{Edit, Finding, Severity, Verdict};
use crate::linter::{Linter, is_wanted};

/// Fixing one thing may show or make another; no text needs more rounds than its statements nest.
const ROUNDS_MAX: usize = 16;

/// What was found in one text.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// By place.
    pub findings: Vec<Finding>,
    #[serde(skip)]
    text: String,
    /// The linter as it was before this text.
    #[serde(skip)]
    before: Linter,
}

/// A fix that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppliedFix {
    /// The rule whose finding is mended.
    pub rule: String,
    /// Line in the text as it was when the fix was applied.
    pub line: usize,
    /// The finding's message.
    pub message: String,
    /// What the fix keeps.
    pub verdict: Verdict,
    /// What is lost.
    pub loss: Option<String>,
}

/// A text with its fixes applied.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The text.
    pub text: String,
    /// What was done, in order.
    pub applied: Vec<AppliedFix>,
    /// What is left.
    pub remaining: Report,
}

impl Report {
    pub(crate) fn new(text: &str, findings: Vec<Finding>, before: Linter) -> Self {
        Self { findings, text: text.to_owned(), before }
    }

    /// The text that was linted.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The dialect that it was linted for.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.before.options().dialect
    }

    /// How many findings have this severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// The text with every fix applied, those that lose something included.
    #[must_use]
    pub fn fixed(&self) -> String {
        self.fix(false).text
    }

    /// Applies fixes until there are none left; with `clean_only`, those alone that lose nothing.
    #[must_use]
    pub fn fix(&self, clean_only: bool) -> Fixed {
        let mut fixed = Fixed { text: self.text.clone(), applied: Vec::new(), remaining: self.clone() };
        for _ in 0..ROUNDS_MAX {
            if !fixed.round(clean_only) {
                break;
            }
        }
        fixed
    }

    /// The text with one finding mended.
    #[must_use]
    pub fn with_fix_of(&self, finding: &Finding) -> String {
        let edits = finding.fix.as_ref().map(|fix| fix.edits.as_slice());
        apply(&self.text, edits.into_iter()).0
    }
}

impl Fixed {
    /// Applies the fixes that do not touch each other; whether there was one.
    fn round(&mut self, clean_only: bool) -> bool {
        let wanted: Vec<&Finding> = self.remaining.findings.iter().filter(|finding| is_wanted(finding, clean_only)).collect();
        let fixes = wanted.iter().map(|finding| finding.fix.as_ref().map_or(&[][..], |fix| fix.edits.as_slice()));
        let (text, done) = apply(&self.text, fixes);
        let applied = wanted.iter().zip(done).filter(|(_, done)| *done).filter_map(|(finding, _)| {
            let fix = finding.fix.as_ref()?;
            let (rule, message) = (finding.rule.clone(), finding.message.clone());
            Some(AppliedFix { rule, line: finding.line, message, verdict: fix.verdict, loss: fix.loss.clone() })
        });
        let count = self.applied.len();
        self.applied.extend(applied);
        if self.applied.len() == count || text == self.text {
            self.applied.truncate(count);
            return false;
        }
        self.remaining = self.remaining.before.clone().lint(&text);
        self.text = text;
        true
    }
}

/// Applies fixes in their order; one that touches what an earlier one changed waits. Answers which were applied.
pub(crate) fn apply<'a>(text: &str, fixes: impl Iterator<Item = &'a [Edit]>) -> (String, Vec<bool>) {
    let mut chosen = Chosen::default();
    let applied = fixes.map(|fix| chosen.take(fix)).collect();
    let mut edits = chosen.edits;
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(text.get(at..edit.span.start).unwrap_or(""));
        out.push_str(&edit.text);
        at = edit.span.end.max(at);
    }
    out.push_str(text.get(at..).unwrap_or(""));
    (out, applied)
}

/// Edits that do not touch each other. Insertions at one place are made one after the other.
#[derive(Default)]
struct Chosen<'a> {
    edits: Vec<&'a Edit>,
    /// Those that replace something, by where they begin.
    replacements: BTreeMap<usize, &'a Edit>,
    insertions: BTreeSet<usize>,
}

impl<'a> Chosen<'a> {
    /// Takes a fix when all of its edits fit. The same edit in two fixes is made once.
    fn take(&mut self, fix: &'a [Edit]) -> bool {
        let fits = !fix.is_empty() && fix.iter().all(|edit| self.fits(edit));
        if fits {
            fix.iter().for_each(|edit| self.add(edit));
        }
        fits
    }

    fn fits(&self, edit: &Edit) -> bool {
        let (start, end) = (edit.span.start, edit.span.end);
        if start == end {
            return self.replacements.range(..start).next_back().is_none_or(|(_, other)| other.span.end <= start);
        }
        // They are apart from each other, so that the last one that begins before the end reaches furthest.
        let replaced = self.replacements.range(..end).next_back();
        let free = replaced.is_none_or(|(_, other)| other.span.end <= start || *other == edit);
        free && self.insertions.range(start + 1..end).next().is_none()
    }

    fn add(&mut self, edit: &'a Edit) {
        if edit.span.start == edit.span.end {
            self.insertions.insert(edit.span.start);
        } else if self.replacements.insert(edit.span.start, edit).is_some() {
            return;
        }
        self.edits.push(edit);
    }
}

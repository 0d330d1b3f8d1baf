//! Suppression in the text: `-- borealis-lint: disable=rule,rule` for the next statement, `-- borealis-lint: disable-file=rule` for the whole file. Without
//! rules, all are meant.

use std::ops::Range;

use crate::finding::{Finding, Severity};
use crate::options::Selector;
use crate::source::{PieceKind, Source};

const MARK: &str = "borealis-lint:";

/// One comment that suppresses something.
struct Suppression {
    /// Where it holds; `None`: everywhere.
    range: Option<Range<usize>>,
    /// Empty: all rules.
    rules: Vec<Selector>,
}

/// What a file suppresses.
#[derive(Default)]
pub(crate) struct Suppressions {
    list: Vec<Suppression>,
    mistakes: Vec<(Range<usize>, String)>,
}

impl Suppressions {
    pub(crate) fn read(source: &Source<'_>) -> Self {
        let mut found = Self::default();
        for comment in &source.comments {
            let text = source.text[comment.clone()].trim_start_matches(['-', '/', '*']).trim_end_matches(['*', '/']).trim();
            if let Some(directive) = text.strip_prefix(MARK) {
                found.directive(directive.trim(), comment.clone(), source);
            }
        }
        found
    }

    fn directive(&mut self, directive: &str, comment: Range<usize>, source: &Source<'_>) {
        let (word, rules) = directive.split_once('=').map_or((directive, ""), |(word, rules)| (word.trim(), rules));
        let mut selectors = Vec::new();
        for name in rules.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            match Selector::new(name.split_whitespace().next().unwrap_or(name)) {
                Ok(selector) => selectors.push(selector),
                Err(mistake) => self.mistakes.push((comment.clone(), mistake)),
            }
        }
        if selectors.is_empty() && directive.contains('=') {
            return;
        }
        let range = match word {
            "disable-file" => None,
            "disable" => Some(statement_at(comment.start, source)),
            other => return self.mistakes.push((comment, format!("unknown directive \"{other}\": use disable=RULE or disable-file=RULE"))),
        };
        self.list.push(Suppression { range, rules: selectors });
    }

    pub(crate) fn covers(&self, finding: &Finding) -> bool {
        self.list.iter().any(|suppression| {
            let here = suppression.range.as_ref().is_none_or(|range| range.contains(&finding.span.start));
            here && (suppression.rules.is_empty() || suppression.rules.iter().any(|rule| rule.names(&finding.rule, finding.by)))
        })
    }

    /// Directives that mean nothing.
    pub(crate) fn mistakes(&self, source: &Source<'_>) -> Vec<Finding> {
        let finding = |(span, message): &(Range<usize>, String)| {
            let (line, column) = source.place(span.start);
            let (rule, span) = ("suppression".to_owned(), span.clone().into());
            let (hint, sqlstate, fix) = (None, None, None);
            Finding {
                rule,
                severity: Severity::Warning,
                message: message.clone(),
                hint,
                sqlstate,
                span,
                line,
                column,
                fix,
                by: "suppression",
                refusal: false,
            }
        };
        self.mistakes.iter().map(finding).collect()
    }
}

/// The statement that a comment stands in, or the next one.
fn statement_at(comment: usize, source: &Source<'_>) -> Range<usize> {
    let statements = source.pieces.iter().filter(|piece| matches!(piece.kind, PieceKind::Statement(_)));
    statements.map(|piece| piece.span.clone()).find(|span| comment < span.end).unwrap_or(comment..comment)
}

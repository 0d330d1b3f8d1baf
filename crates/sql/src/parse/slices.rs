//! Expressions as slices of a statement's text, found on libpg_query's token stream.

use std::ops::Range;

use pg_query::protobuf::{ScanToken, Token};

/// The tokens of a statement, without comments.
pub(super) struct Slices<'a> {
    text: &'a str,
    tokens: Vec<ScanToken>,
}

/// What ends the expression of a column's DEFAULT, outside brackets: the next constraint.
const CONSTRAINTS: &[&str] = &[
    "not",
    "null",
    "check",
    "unique",
    "primary",
    "references",
    "constraint",
    "generated",
    "deferrable",
    "initially",
    "collate",
    "default",
];

impl<'a> Slices<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let mut tokens = pg_query::scan(text).map(|scanned| scanned.tokens).unwrap_or_default();
        tokens.retain(|token| !matches!(token.token(), Token::SqlComment | Token::CComment));
        Self { text, tokens }
    }

    fn range(&self, at: usize) -> Range<usize> {
        let end = self.text.len();
        self.tokens.get(at).map_or(end..end, |token| usize::try_from(token.start).unwrap_or(0)..usize::try_from(token.end).unwrap_or(0))
    }

    fn word(&self, at: usize) -> &'a str {
        self.text.get(self.range(at)).unwrap_or("")
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.word(at).eq_ignore_ascii_case(word)
    }

    /// The text of the tokens of a range.
    fn slice(&self, tokens: Range<usize>) -> Option<String> {
        let end = self.range(tokens.end.checked_sub(1)?).end;
        let text = self.text.get(self.range(tokens.start).start..end)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The token at a place of the text.
    fn token_at(&self, place: i32) -> usize {
        self.tokens.partition_point(|token| token.start < place)
    }

    /// Behind `CONSTRAINT name`, when that is at `at`.
    fn behind_name(&self, at: usize) -> usize {
        if self.is(at, "constraint") { at + 2 } else { at }
    }

    /// The token behind the bracket that opens at `at`.
    fn closing(&self, at: usize) -> usize {
        let mut open = 0_usize;
        for next in at..self.tokens.len() {
            match self.word(next) {
                "(" | "[" => open += 1,
                ")" | "]" => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return next + 1;
                    }
                }
                _ => {}
            }
        }
        self.tokens.len()
    }

    /// What stands in the first brackets of the constraint at a place.
    pub(super) fn brackets(&self, place: i32) -> Option<String> {
        let from = self.behind_name(self.token_at(place));
        let opening = (from..self.tokens.len()).find(|at| self.word(*at) == "(")?;
        self.slice(opening + 1..self.closing(opening).checked_sub(1)?)
    }

    /// The expression of the DEFAULT at a place.
    pub(super) fn default(&self, place: i32) -> Option<String> {
        let from = self.behind_name(self.token_at(place)) + 1;
        self.slice(from..self.end(from, CONSTRAINTS))
    }

    /// The expressions of SET DEFAULT, in order.
    pub(super) fn set_defaults(&self) -> Vec<String> {
        let found = (1..self.tokens.len()).filter(|at| self.is(at - 1, "set") && self.is(*at, "default"));
        found.filter_map(|at| self.slice(at + 1..self.end(at + 1, &[]))).collect()
    }

    /// Where an expression ends that begins at `from`: before a comma, a bracket that it did not open, or one of the words.
    fn end(&self, from: usize, words: &[&str]) -> usize {
        let mut cases = 0_usize;
        let mut at = from;
        while at < self.tokens.len() {
            match self.word(at) {
                "(" | "[" => {
                    at = self.closing(at);
                    continue;
                }
                "," | ")" | "]" | ";" => return at,
                _ if self.is(at, "case") => cases += 1,
                _ if self.is(at, "end") => cases = cases.saturating_sub(1),
                // IS NOT DISTINCT FROM goes on; a first NULL is the expression.
                word if cases == 0 && at > from && !self.is(at - 1, "is") && words.iter().any(|one| word.eq_ignore_ascii_case(one)) => {
                    return at;
                }
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// What the parts of an index are, without operator class, collation and order.
    pub(super) fn index_parts(&self) -> Vec<String> {
        let Some(opening) = (0..self.tokens.len()).find(|at| self.word(*at) == "(") else { return Vec::new() };
        let closing = self.closing(opening);
        let (mut parts, mut from) = (Vec::new(), opening + 1);
        while from < closing.saturating_sub(1) {
            let end = self.end(from, &[]).min(closing - 1);
            parts.push(self.index_part(from, end).unwrap_or_default());
            from = end + 1;
        }
        parts
    }

    fn index_part(&self, from: usize, end: usize) -> Option<String> {
        let opening = (from..end).find(|at| self.word(*at) == "(");
        match opening {
            Some(opening) if opening == from => self.slice(opening + 1..self.closing(opening).checked_sub(1)?),
            // A call: its name, and what is in brackets.
            Some(opening) => self.slice(from..self.closing(opening)),
            None => self.slice(from..end),
        }
    }

    /// The condition behind the last WHERE that is in no brackets.
    pub(super) fn last_where(&self) -> Option<String> {
        let (mut at, mut found) = (0, None);
        while at < self.tokens.len() {
            if self.word(at) == "(" {
                at = self.closing(at);
                continue;
            }
            if self.is(at, "where") {
                found = Some(at);
            }
            at += 1;
        }
        self.slice(found? + 1..self.tokens.len())
    }
}

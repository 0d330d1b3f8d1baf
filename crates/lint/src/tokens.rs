//! A view of a statement's tokens: words, brackets, names, lists.

use std::ops::Range;

use crate::finding::Edit;
use crate::lexer::{Kind, Token};

/// Tokens of one statement, addressed by index. An index beyond the end is an empty token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokens<'a> {
    /// The whole file.
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a [Token],
}

/// A name as PostgreSQL folds it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
    /// Tokens it is made of.
    pub(crate) tokens: Range<usize>,
}

impl Name {
    /// The same object, where a schema that is not written is `public`.
    pub(crate) fn same(&self, other: &Self) -> bool {
        let schema = |name: &Self| name.schema.clone().unwrap_or_else(|| "public".to_owned());
        self.name == other.name && schema(self) == schema(other)
    }
}

impl<'a> Tokens<'a> {
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(crate) fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// The token as written.
    pub(crate) fn slice(&self, index: usize) -> &'a str {
        self.tokens.get(index).map_or("", |token| &self.text[token.range()])
    }

    /// Is it this keyword, or this sign?
    pub(crate) fn is(&self, index: usize, word: &str) -> bool {
        self.tokens.get(index).is_some_and(|token| token.kind != Kind::Quoted && self.text[token.range()].eq_ignore_ascii_case(word))
    }

    pub(crate) fn is_any(&self, index: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(index, word))
    }

    /// Do these keywords stand from `index` on?
    pub(crate) fn are(&self, index: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(offset, word)| self.is(index + offset, word))
    }

    /// The index after `words`, or `index` when they do not stand there.
    pub(crate) fn skip(&self, index: usize, words: &[&str]) -> usize {
        if self.are(index, words) { index + words.len() } else { index }
    }

    /// The bracket that closes the one at `open`; the end of the tokens when none does.
    pub(crate) fn close_of(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for index in open..self.len() {
            match self.kind(index) {
                Some(Kind::Open) => depth += 1,
                Some(Kind::Close) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return index;
                    }
                }
                _ => {}
            }
        }
        self.len()
    }

    /// Indices of `range` that stand outside of brackets, the opening ones included.
    pub(crate) fn top(&self, range: Range<usize>) -> impl Iterator<Item = usize> + use<'a> {
        let view = *self;
        let mut index = range.start;
        let end = range.end.min(self.len());
        std::iter::from_fn(move || {
            let found = (index < end).then_some(index)?;
            index = if view.kind(found) == Some(Kind::Open) { view.close_of(found) + 1 } else { found + 1 };
            Some(found)
        })
    }

    /// The first place in `range`, outside of brackets, where `words` stand.
    pub(crate) fn find(&self, range: Range<usize>, words: &[&str]) -> Option<usize> {
        self.top(range).find(|index| self.are(*index, words))
    }

    /// Every place in `range`, brackets included, where `words` stand.
    pub(crate) fn find_all(&self, range: Range<usize>, words: &[&str]) -> Vec<usize> {
        range.filter(|index| self.are(*index, words)).collect()
    }

    /// The parts of `range` between commas outside of brackets.
    pub(crate) fn list(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = range.start;
        for index in self.top(range.clone()) {
            if self.kind(index) == Some(Kind::Comma) {
                parts.push(start..index);
                start = index + 1;
            }
        }
        parts.push(start..range.end.min(self.len()));
        parts
    }

    /// What an identifier means.
    pub(crate) fn identifier(&self, index: usize) -> Option<String> {
        match self.kind(index)? {
            Kind::Word => Some(self.slice(index).to_ascii_lowercase()),
            Kind::Quoted => Some(self.slice(index).trim_matches('"').replace("\"\"", "\"")),
            _ => None,
        }
    }

    /// A possibly qualified name at `index`.
    pub(crate) fn name(&self, index: usize) -> Option<Name> {
        let mut name = self.identifier(index)?;
        let mut schema = None;
        let mut end = index + 1;
        while self.kind(end) == Some(Kind::Dot)
            && let Some(next) = self.identifier(end + 1)
        {
            schema = Some(std::mem::replace(&mut name, next));
            end += 2;
        }
        Some(Name { schema, name, tokens: index..end })
    }

    /// Bytes of some tokens, from the first to the last.
    pub(crate) fn span(&self, tokens: Range<usize>) -> Range<usize> {
        let end_of_all = self.tokens.last().map_or(0, |token| token.end);
        let start = self.tokens.get(tokens.start).map_or(end_of_all, |token| token.start);
        let end = tokens.end.checked_sub(1).and_then(|last| self.tokens.get(last)).map_or(end_of_all, |token| token.end);
        start..end.max(start)
    }

    /// Some tokens as written, with what stands between them.
    pub(crate) fn text_of(&self, tokens: Range<usize>) -> &'a str {
        if tokens.is_empty() { "" } else { &self.text[self.span(tokens)] }
    }

    /// Replaces some tokens.
    pub(crate) fn replace(&self, tokens: Range<usize>, text: impl Into<String>) -> Edit {
        Edit { span: self.span(tokens).into(), text: text.into() }
    }

    /// Inserts right after a token.
    pub(crate) fn insert_after(&self, token: usize, text: impl Into<String>) -> Edit {
        let at = self.span(token..token + 1).end;
        Edit { span: (at..at).into(), text: text.into() }
    }

    /// Inserts right before a token.
    pub(crate) fn insert_before(&self, token: usize, text: impl Into<String>) -> Edit {
        let at = self.span(token..token + 1).start;
        Edit { span: (at..at).into(), text: text.into() }
    }

    /// Takes some tokens out, with the blanks before them; a comment before them stays.
    pub(crate) fn remove(&self, tokens: Range<usize>) -> Edit {
        let span = self.span(tokens.clone());
        let before = tokens.start.checked_sub(1).map(|previous| self.tokens[previous].end);
        if let Some(before) = before
            && self.text[before..span.start].trim().is_empty()
        {
            return Edit { span: (before..span.end).into(), text: String::new() };
        }
        let after = self.tokens.get(tokens.end).map_or(span.end, |next| next.start);
        let end = if self.text[span.end..after].trim().is_empty() { after } else { span.end };
        Edit { span: (span.start..end).into(), text: String::new() }
    }

    /// Takes an element of a list out, with one of the commas beside it.
    pub(crate) fn remove_element(&self, element: Range<usize>) -> Edit {
        if self.kind(element.end) == Some(Kind::Comma)
            && element.start.checked_sub(1).and_then(|before| self.kind(before)) != Some(Kind::Comma)
        {
            return self.remove(element.start..element.end + 1);
        }
        match element.start.checked_sub(1) {
            Some(before) if self.kind(before) == Some(Kind::Comma) => self.remove(before..element.end),
            _ => self.remove(element),
        }
    }
}

/// An identifier as it is to be written: quoted where folding would change it or a reserved word would be meant.
pub(crate) fn quoted(name: &str) -> String {
    borealis_sql::deparse::quote::identifier(name)
}

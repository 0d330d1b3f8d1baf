//! CREATE INDEX.

use std::ops::Range;

use crate::tokens::{Name, Tokens};

/// CREATE INDEX by its tokens.
#[derive(Clone, Debug)]
pub(crate) struct CreateIndex {
    pub(crate) unique: bool,
    /// The word INDEX.
    pub(crate) index: usize,
    pub(crate) asynchronous: bool,
    pub(crate) concurrently: Option<usize>,
    pub(crate) name: Option<Name>,
    pub(crate) only: Option<usize>,
    pub(crate) table: Name,
    /// `USING method`
    pub(crate) using: Option<Range<usize>>,
    pub(crate) keys: Vec<IndexKey>,
    /// Behind the list of keys.
    pub(crate) tail: Range<usize>,
}

/// A key: the expression, and what stands behind it.
#[derive(Clone, Debug)]
pub(crate) struct IndexKey {
    /// The column, when the key is no expression.
    pub(crate) column: Option<String>,
    pub(crate) collate: Option<Range<usize>>,
    pub(crate) opclass: Option<Range<usize>>,
    pub(crate) order: Option<usize>,
}

impl CreateIndex {
    pub(crate) fn read(view: Tokens<'_>) -> Option<Self> {
        let unique = view.are(0, &["create", "unique", "index"]);
        let index = if unique { 2 } else { 1 };
        if !view.is(0, "create") || !view.is(index, "index") {
            return None;
        }
        let mut at = index + 1;
        let concurrently = view.is(at, "concurrently").then_some(at);
        let asynchronous = view.is(at, "async");
        at += usize::from(concurrently.is_some() || asynchronous);
        at = view.skip(at, &["if", "not", "exists"]);
        let name = if view.is(at, "on") { None } else { view.name(at) };
        at = name.as_ref().map_or(at, |name| name.tokens.end);
        if !view.is(at, "on") {
            return None;
        }
        let only = view.is(at + 1, "only").then_some(at + 1);
        let table = view.name(at + 1 + usize::from(only.is_some()))?;
        at = table.tokens.end;
        let using = view.is(at, "using").then_some(at..at + 2);
        at += if using.is_some() { 2 } else { 0 };
        if !view.is(at, "(") {
            return None;
        }
        let close = view.close_of(at);
        let keys = view.list(at + 1..close).into_iter().map(|part| key(view, part)).collect();
        Some(Self {
            unique,
            index,
            asynchronous,
            concurrently,
            name,
            only,
            table,
            using,
            keys,
            tail: (close + 1).min(view.len())..view.len(),
        })
    }

    /// A clause behind the keys, up to the next one.
    pub(crate) fn clause(&self, view: Tokens<'_>, word: &str) -> Option<Range<usize>> {
        let starts = |index: &usize| view.is_any(*index, &["include", "nulls", "with", "tablespace", "where"]);
        let start = view.find(self.tail.clone(), &[word])?;
        let end = if word == "where" { self.tail.end } else { view.top(start + 1..self.tail.end).find(starts).unwrap_or(self.tail.end) };
        Some(start..end)
    }
}

/// What stands behind a key's expression: COLLATE, an operator class, ASC or DESC, NULLS FIRST or LAST.
fn key(view: Tokens<'_>, tokens: Range<usize>) -> IndexKey {
    let mut at = tokens.start;
    let mut column = None;
    if view.is(at, "(") {
        at = view.close_of(at) + 1;
    } else if let Some(name) = view.name(at) {
        at = name.tokens.end;
        if view.is(at, "(") {
            at = view.close_of(at) + 1;
        } else {
            column = Some(name.name);
        }
    }
    let mut key = IndexKey { column, collate: None, opclass: None, order: None };
    if view.is(at, "collate") {
        let end = view.name(at + 1).map_or(at + 1, |name| name.tokens.end);
        key.collate = Some(at..end);
        at = end;
    }
    if at < tokens.end
        && !view.is_any(at, &["asc", "desc", "nulls"])
        && let Some(name) = view.name(at)
    {
        let end = if view.is(name.tokens.end, "(") { view.close_of(name.tokens.end) + 1 } else { name.tokens.end };
        key.opclass = Some(at..end.min(tokens.end));
        at = end;
    }
    key.order = (at < tokens.end && view.is_any(at, &["asc", "desc"])).then_some(at);
    key
}

//! A column definition: name, type, constraints.

use std::ops::Range;

use crate::tokens::Tokens;

/// `name type [constraint...]` by its tokens.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) name_token: usize,
    pub(crate) ty: Range<usize>,
    /// Everything behind the type, in order.
    pub(crate) parts: Vec<ColumnPart>,
}

/// A constraint or clause of a column.
#[derive(Clone, Debug)]
pub(crate) struct ColumnPart {
    /// The word it begins with, behind `CONSTRAINT name`: `not`, `default`, `references`.
    pub(crate) word: String,
    /// `CONSTRAINT name` included.
    pub(crate) tokens: Range<usize>,
    /// `CONSTRAINT name` left out.
    pub(crate) body: Range<usize>,
    /// The name it is given.
    pub(crate) name: Option<String>,
}

impl Column {
    pub(crate) fn part(&self, word: &str) -> Option<&ColumnPart> {
        self.parts.iter().find(|part| part.word == word)
    }

    pub(crate) fn parts_of<'a>(&'a self, word: &'a str) -> impl Iterator<Item = &'a ColumnPart> {
        self.parts.iter().filter(move |part| part.word == word)
    }

    /// The type as written, with its modifiers, in lower case and with single blanks.
    pub(crate) fn type_text(&self, view: Tokens<'_>) -> String {
        let mut text = String::new();
        for index in self.ty.clone() {
            let token = view.slice(index);
            let tight = text.is_empty() || text.ends_with(['(', '.', '[']) || matches!(token, "(" | ")" | "," | "." | "[" | "]");
            if !tight {
                text.push(' ');
            }
            text.push_str(&token.to_ascii_lowercase());
        }
        text
    }
}

/// Words that begin a constraint or a clause of a column.
const STARTS: &[&str] = &[
    "constraint",
    "not",
    "null",
    "default",
    "check",
    "unique",
    "primary",
    "references",
    "generated",
    "collate",
    "compression",
    "storage",
    "deferrable",
    "initially",
    "enforced",
    "options",
    "exclude",
    "no",
];

/// Reads a column definition; `None` when the tokens begin none.
pub(crate) fn column(view: Tokens<'_>, tokens: Range<usize>) -> Option<Column> {
    let name = view.identifier(tokens.start)?;
    let type_start = tokens.start + 1;
    if type_start >= tokens.end {
        return None;
    }
    let type_end = view.top(type_start + 1..tokens.end).find(|index| view.is_any(*index, STARTS)).unwrap_or(tokens.end);
    let parts = parts(view, type_end..tokens.end);
    Some(Column { name, name_token: tokens.start, ty: type_start..type_end, parts })
}

fn parts(view: Tokens<'_>, tokens: Range<usize>) -> Vec<ColumnPart> {
    let mut parts = Vec::new();
    let mut start = tokens.start;
    while start < tokens.end {
        let named = view.is(start, "constraint");
        let body = if named { (start + 2).min(tokens.end) } else { start };
        let end = end_of_part(view, body, tokens.end);
        let word = view.slice(body).to_ascii_lowercase();
        let name = if named { view.identifier(start + 1) } else { None };
        parts.push(ColumnPart { word, tokens: start..end, body: body..end, name });
        start = end;
    }
    parts
}

fn end_of_part(view: Tokens<'_>, body: usize, end: usize) -> usize {
    let next = |from: usize| view.top(from..end).find(|index| view.is_any(*index, STARTS)).unwrap_or(end);
    let after = match view.slice(body).to_ascii_lowercase().as_str() {
        // NOT NULL, NOT DEFERRABLE, NOT ENFORCED, NO INHERIT behind CHECK stands apart.
        "not" | "no" => body + 2,
        // What follows is an expression: at least one token of it.
        "default" if view.is(body + 1, "(") => next((view.close_of(body + 1) + 1).min(end)),
        "default" => next((body + 2).min(end)),
        "generated" if view.is(body + 1, "by") => next((body + 3).min(end)),
        "null" | "enforced" | "deferrable" => body + 1,
        "initially" | "storage" | "compression" => body + 2,
        "collate" => view.name(body + 1).map_or(body + 2, |name| name.tokens.end),
        "unique" => unique_end(view, body, end),
        // ON DELETE SET NULL and SET DEFAULT hold words that elsewhere begin a constraint.
        "references" => references_end(view, body, end),
        _ => next(body + 1),
    };
    after.clamp(body + 1, end.max(body + 1)).min(end.max(body))
}

fn unique_end(view: Tokens<'_>, body: usize, end: usize) -> usize {
    let at = view.skip(view.skip(body + 1, &["nulls", "not", "distinct"]), &["nulls", "distinct"]);
    view.top(at..end).find(|index| view.is_any(*index, STARTS)).unwrap_or(end)
}

/// `REFERENCES name [(columns)] [MATCH x] [ON DELETE|UPDATE action]...`
fn references_end(view: Tokens<'_>, body: usize, end: usize) -> usize {
    let mut at = view.name(body + 1).map_or(body + 1, |name| name.tokens.end);
    if view.is(at, "(") {
        at = view.close_of(at) + 1;
    }
    if view.is(at, "match") {
        at += 2;
    }
    while view.is(at, "on") && view.is_any(at + 1, &["delete", "update"]) {
        at += if view.is_any(at + 2, &["no", "set"]) { 4 } else { 3 };
        if view.is(at, "(") {
            at = view.close_of(at) + 1;
        }
    }
    at.min(end)
}

//! CREATE TABLE.

use std::ops::Range;

use super::column::{Column, column};
use crate::file::created_table;
use crate::tokens::{Name, Tokens};

/// CREATE TABLE by its tokens.
#[derive(Clone, Debug)]
pub(crate) struct CreateTable {
    pub(crate) name: Name,
    /// Between CREATE and TABLE.
    pub(crate) modifiers: Range<usize>,
    /// Opening and closing bracket of the list of elements.
    pub(crate) brackets: Option<(usize, usize)>,
    pub(crate) elements: Vec<Element>,
    /// Behind the list of elements, or behind the name without one.
    pub(crate) tail: Range<usize>,
}

/// An element of the list.
#[derive(Clone, Debug)]
pub(crate) enum Element {
    Column(Column),
    /// A table constraint, with the word it begins with behind `CONSTRAINT name`.
    Constraint {
        word: String,
        tokens: Range<usize>,
        body: Range<usize>,
    },
    Like(Range<usize>),
}

impl CreateTable {
    pub(crate) fn read(view: Tokens<'_>) -> Option<Self> {
        let name = created_table(view)?;
        let table = (1..5).find(|index| view.is(*index, "table"))?;
        let open = name.tokens.end;
        let (brackets, elements, tail) = if view.is(open, "(") {
            let close = view.close_of(open);
            let parts = view.list(open + 1..close).into_iter().filter(|part| !part.is_empty());
            (Some((open, close)), parts.filter_map(|part| element(view, part)).collect(), close + 1)
        } else {
            (None, Vec::new(), open)
        };
        Some(Self { name, modifiers: 1..table, brackets, elements, tail: tail.min(view.len())..view.len() })
    }

    pub(crate) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.elements.iter().filter_map(|element| if let Element::Column(column) = element { Some(column) } else { None })
    }

    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns().find(|column| column.name == name)
    }

    /// Whether the definition itself names a primary key, or takes over another table's with LIKE.
    pub(crate) fn has_primary_key(&self, view: Tokens<'_>) -> bool {
        self.elements.iter().any(|element| match element {
            Element::Column(column) => column.part("primary").is_some(),
            Element::Constraint { word, .. } => word == "primary",
            Element::Like(tokens) => {
                tokens.clone().any(|index| view.are(index, &["including", "all"]) || view.are(index, &["including", "indexes"]))
            }
        })
    }

    /// The columns of the primary key, when it is written here.
    pub(crate) fn primary_key(&self, view: Tokens<'_>) -> Vec<String> {
        let of_column = self.columns().find(|column| column.part("primary").is_some()).map(|column| vec![column.name.clone()]);
        of_column.or_else(|| self.elements.iter().find_map(|element| key_columns(view, element))).unwrap_or_default()
    }

    /// A clause of the tail: the tokens of the first place where `words` stand, up to the next clause.
    pub(crate) fn clause(&self, view: Tokens<'_>, words: &[&str]) -> Option<Range<usize>> {
        let start = view.find(self.tail.clone(), words)?;
        let end = view.top(start + words.len()..self.tail.end).find(|index| starts_clause(view, *index)).unwrap_or(self.tail.end);
        Some(start..end)
    }
}

fn key_columns(view: Tokens<'_>, element: &Element) -> Option<Vec<String>> {
    match element {
        Element::Constraint { word, body, .. } if word == "primary" => {
            let open = view.find(body.clone(), &["("])?;
            Some(view.list(open + 1..view.close_of(open)).into_iter().filter_map(|part| view.identifier(part.start)).collect())
        }
        _ => None,
    }
}

fn starts_clause(view: Tokens<'_>, index: usize) -> bool {
    view.is_any(index, &["inherits", "partition", "using", "with", "without", "tablespace", "as"]) || view.are(index, &["on", "commit"])
}

const TABLE_CONSTRAINTS: &[&str] = &["constraint", "check", "unique", "primary", "foreign", "exclude"];

/// The word that a table constraint begins with, and where its body is.
pub(crate) fn constraint_word(view: Tokens<'_>, tokens: Range<usize>) -> Option<(String, Option<String>, Range<usize>)> {
    if !view.is_any(tokens.start, TABLE_CONSTRAINTS) {
        return None;
    }
    let named = view.is(tokens.start, "constraint");
    let body = if named { (tokens.start + 2).min(tokens.end) } else { tokens.start };
    let name = if named { view.identifier(tokens.start + 1) } else { None };
    Some((view.slice(body).to_ascii_lowercase(), name, body..tokens.end))
}

fn element(view: Tokens<'_>, tokens: Range<usize>) -> Option<Element> {
    if view.is(tokens.start, "like") {
        return Some(Element::Like(tokens));
    }
    if let Some((word, _, body)) = constraint_word(view, tokens.clone()) {
        return Some(Element::Constraint { word, tokens, body });
    }
    column(view, tokens).map(Element::Column)
}

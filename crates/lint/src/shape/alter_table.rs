//! ALTER TABLE.

use std::ops::Range;

use super::column::{Column, column};
use super::create_table::constraint_word;
use crate::file::altered_table;
use crate::tokens::{Name, Tokens};

/// ALTER TABLE by its tokens.
#[derive(Clone, Debug)]
pub(crate) struct AlterTable {
    pub(crate) table: Name,
    /// `ALTER TABLE ASYNC`
    pub(crate) asynchronous: bool,
    pub(crate) actions: Vec<Action>,
}

/// What one action is.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    AddColumn {
        column: Column,
        tokens: Range<usize>,
    },
    AddConstraint {
        word: String,
        name: Option<String>,
        tokens: Range<usize>,
        body: Range<usize>,
    },
    /// `ALTER [COLUMN] name ...`: what follows the name.
    AlterColumn {
        column: String,
        tokens: Range<usize>,
        rest: Range<usize>,
    },
    Other(Range<usize>),
}

impl Action {
    pub(crate) fn tokens(&self) -> Range<usize> {
        match self {
            Self::AddColumn { tokens, .. }
            | Self::AddConstraint { tokens, .. }
            | Self::AlterColumn { tokens, .. }
            | Self::Other(tokens) => tokens.clone(),
        }
    }
}

impl AlterTable {
    pub(crate) fn read(view: Tokens<'_>) -> Option<Self> {
        let table = altered_table(view)?;
        let start = view.skip(table.tokens.end, &["*"]);
        let actions = view.list(start..view.len()).into_iter().filter(|part| !part.is_empty()).map(|part| action(view, part)).collect();
        Some(Self { table, asynchronous: view.is(2, "async"), actions })
    }

    /// `ALTER TABLE` for a statement beside this one.
    pub(crate) fn table_text<'a>(&self, view: Tokens<'a>) -> &'a str {
        view.text_of(self.table.tokens.clone())
    }
}

fn action(view: Tokens<'_>, tokens: Range<usize>) -> Action {
    if view.is(tokens.start, "add") {
        if let Some((word, name, body)) = constraint_word(view, tokens.start + 1..tokens.end) {
            return Action::AddConstraint { word, name, tokens, body };
        }
        let at = view.skip(view.skip(tokens.start + 1, &["column"]), &["if", "not", "exists"]);
        if let Some(column) = column(view, at..tokens.end) {
            return Action::AddColumn { column, tokens };
        }
    }
    if view.is(tokens.start, "alter") && !view.is(tokens.start + 1, "constraint") {
        let at = view.skip(tokens.start + 1, &["column"]);
        if let Some(column) = view.identifier(at) {
            return Action::AlterColumn { column, rest: (at + 1).min(tokens.end)..tokens.end, tokens };
        }
    }
    Action::Other(tokens)
}

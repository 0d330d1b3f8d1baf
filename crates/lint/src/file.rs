//! A file as rules see it: its statements, the transactions around them, the tables they are about.

use std::collections::HashMap;
use std::ops::Range;

use crate::finding::Edit;
use crate::source::{PieceKind, Source};
use crate::tokens::{Name, Tokens};

/// What a statement is to the transaction around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Begin,
    /// COMMIT and ROLLBACK in all their spellings.
    End,
    Ddl,
    Dml,
    Other,
}

/// How DDL and DML meet in an explicit transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mixture {
    #[default]
    Allowed,
    /// There is DDL before this DDL.
    SecondDdl,
    /// DDL and DML in one transaction.
    DdlAndDml,
}

/// An explicit transaction while the file is read.
#[derive(Clone, Copy, Debug)]
struct Transaction {
    begin: usize,
    ddl: bool,
    dml: bool,
}

impl Transaction {
    /// Takes a statement in. One that may not be here begins anew, as the transaction would that a fix splits off.
    fn take(&mut self, class: Class) -> Mixture {
        let mixture = match class {
            Class::Ddl if self.ddl => Mixture::SecondDdl,
            Class::Ddl if self.dml => Mixture::DdlAndDml,
            Class::Dml if self.ddl => Mixture::DdlAndDml,
            _ => Mixture::Allowed,
        };
        if mixture != Mixture::Allowed {
            (self.ddl, self.dml) = (false, false);
        }
        self.ddl |= class == Class::Ddl;
        self.dml |= class == Class::Dml;
        mixture
    }
}

/// A statement of a file.
#[derive(Debug)]
pub(crate) struct Statement {
    /// Tokens in the file, without semicolon.
    pub(crate) tokens: Range<usize>,
    /// Bytes in the file, semicolon included.
    pub(crate) span: Range<usize>,
    pub(crate) class: Class,
    /// Index of the BEGIN of the explicit transaction around it.
    pub(crate) transaction: Option<usize>,
    /// What the rules of DDL in a transaction say to it.
    pub(crate) mixture: Mixture,
    /// It belongs to a transaction that ROLLBACK ends.
    pub(crate) rolled_back: bool,
    /// Lines of data that follow it.
    pub(crate) data_rows: usize,
}

/// A file and what is looked up in it.
#[derive(Debug)]
pub(crate) struct File<'a> {
    pub(crate) source: Source<'a>,
    pub(crate) statements: Vec<Statement>,
    /// Statements that make a table, by its name.
    created: HashMap<String, Vec<usize>>,
    /// Statements that alter a table, by its name.
    altered: HashMap<String, Vec<usize>>,
    /// CREATE and ALTER SEQUENCE, by the sequence's name.
    sequences: HashMap<String, Vec<usize>>,
}

impl<'a> File<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let source = Source::new(text);
        let mut file = Self { source, statements: Vec::new(), created: HashMap::new(), altered: HashMap::new(), sequences: HashMap::new() };
        let mut transaction = None;
        for piece in 0..file.source.pieces.len() {
            match file.source.pieces[piece].kind.clone() {
                PieceKind::Statement(tokens) => transaction = file.push(tokens, file.source.pieces[piece].span.clone(), transaction),
                PieceKind::CopyData { rows, .. } => file.statements.iter_mut().last().into_iter().for_each(|copy| copy.data_rows = rows),
                PieceKind::PsqlCommand => {}
            }
        }
        file
    }

    /// Adds a statement; answers the transaction that goes on behind it.
    fn push(&mut self, tokens: Range<usize>, span: Range<usize>, mut transaction: Option<Transaction>) -> Option<Transaction> {
        let index = self.statements.len();
        let view = Tokens { text: self.source.text, tokens: &self.source.tokens[tokens.clone()] };
        let class = class(view);
        if let Some(name) = created_table(view) {
            self.created.entry(name.name).or_default().push(index);
        } else if let Some(name) = altered_table(view) {
            self.altered.entry(name.name).or_default().push(index);
        } else if let Some(name) = sequence_of(view) {
            self.sequences.entry(name.name).or_default().push(index);
        }
        let mixture = transaction.as_mut().map_or(Mixture::Allowed, |transaction| transaction.take(class));
        let begin = transaction.map(|transaction| transaction.begin);
        self.statements.push(Statement { tokens, span, class, transaction: begin, mixture, rolled_back: false, data_rows: 0 });
        match class {
            Class::Begin => transaction.or(Some(Transaction { begin: index, ddl: false, dml: false })),
            Class::End => {
                if let Some(begin) = begin.filter(|_| view.is_any(0, &["rollback", "abort"])) {
                    self.statements[begin..].iter_mut().for_each(|statement| statement.rolled_back = true);
                }
                None
            }
            _ => transaction,
        }
    }

    pub(crate) fn view(&self, statement: usize) -> Tokens<'_> {
        Tokens { text: self.source.text, tokens: &self.source.tokens[self.statements[statement].tokens.clone()] }
    }

    /// The statement that makes the table, before statement `before`.
    pub(crate) fn creation_of(&self, table: &Name, before: usize) -> Option<usize> {
        let made = self.created.get(&table.name)?.iter().rev().copied();
        made.filter(|index| *index < before).find(|index| created_table(self.view(*index)).is_some_and(|name| name.same(table)))
    }

    /// Statements that alter the table.
    pub(crate) fn alterations_of(&self, table: &Name) -> impl Iterator<Item = usize> + '_ {
        let table = table.clone();
        let altered = self.altered.get(&table.name).into_iter().flatten().copied();
        altered.filter(move |index| altered_table(self.view(*index)).is_some_and(|name| name.same(&table)))
    }

    /// CREATE and ALTER SEQUENCE of a sequence, in any schema.
    pub(crate) fn statements_of_sequence(&self, name: &str) -> &[usize] {
        self.sequences.get(name).map_or(&[], Vec::as_slice)
    }

    /// Where a statement begins with the comments that stand right above it, each on lines of its own.
    pub(crate) fn start_with_comments(&self, statement: usize) -> usize {
        let (text, mut start) = (self.source.text, self.statements[statement].span.start);
        let before = self.source.comments.partition_point(|comment| comment.end <= start);
        for comment in self.source.comments[..before].iter().rev() {
            let line = text[..comment.start].rfind('\n').map_or(0, |at| at + 1);
            let between = &text[comment.end..start];
            let above = between.trim().is_empty() && between.matches('\n').count() == 1;
            if !above || !text[line..comment.start].trim().is_empty() {
                break;
            }
            start = comment.start;
        }
        start
    }

    /// Takes a whole statement out; its line too when nothing else stands on it.
    pub(crate) fn remove_statement(&self, statement: usize) -> Edit {
        let (text, span) = (self.source.text, self.statements[statement].span.clone());
        let line_start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = text[span.end..].find('\n').map_or(text.len(), |at| span.end + at + 1);
        let alone = text[line_start..span.start].trim().is_empty() && text[span.end..line_end].trim().is_empty();
        let span = if alone { line_start..line_end } else { span };
        Edit { span: span.into(), text: String::new() }
    }
}

/// The table that CREATE TABLE makes.
pub(crate) fn created_table(view: Tokens<'_>) -> Option<Name> {
    if !view.is(0, "create") {
        return None;
    }
    let table = (1..5).find(|index| view.is(*index, "table"))?;
    let modifiers = ["global", "local", "temp", "temporary", "unlogged"];
    if !(1..table).all(|index| view.is_any(index, &modifiers)) {
        return None;
    }
    view.name(view.skip(table + 1, &["if", "not", "exists"]))
}

/// The table that ALTER TABLE alters, and where its actions begin.
pub(crate) fn altered_table(view: Tokens<'_>) -> Option<Name> {
    if !view.are(0, &["alter", "table"]) {
        return None;
    }
    let index = view.skip(2, &["async"]);
    let index = view.skip(index, &["if", "exists"]);
    view.name(view.skip(index, &["only"]))
}

/// The sequence that CREATE or ALTER SEQUENCE names.
fn sequence_of(view: Tokens<'_>) -> Option<Name> {
    if view.are(0, &["create", "sequence"]) {
        return view.name(view.skip(2, &["if", "not", "exists"]));
    }
    if view.are(0, &["alter", "sequence"]) { view.name(view.skip(2, &["if", "exists"])) } else { None }
}

fn class(view: Tokens<'_>) -> Class {
    const DDL: &[&str] = &["create", "alter", "drop", "grant", "revoke", "comment", "aws"];
    const END: &[&str] = &["commit", "end", "rollback", "abort"];
    if view.is(0, "begin") || view.are(0, &["start", "transaction"]) {
        return Class::Begin;
    }
    if view.is_any(0, END) {
        let to_savepoint = view.find(0..view.len(), &["to"]).is_some();
        return if to_savepoint || view.is(1, "prepared") { Class::Other } else { Class::End };
    }
    if view.is_any(0, DDL) {
        return Class::Ddl;
    }
    if changes_rows(view) { Class::Dml } else { Class::Other }
}

fn changes_rows(view: Tokens<'_>) -> bool {
    const DML: &[&str] = &["insert", "update", "delete"];
    if view.is(0, "copy") {
        return view.find(1..view.len(), &["from"]).is_some();
    }
    view.is_any(0, DML) || (view.is(0, "with") && with_changes_rows(view))
}

/// `WITH ... INSERT`, or a data change inside of WITH. `FOR UPDATE` is none, nor is `ON CONFLICT DO UPDATE` (there is an INSERT before it).
fn with_changes_rows(view: Tokens<'_>) -> bool {
    (1..view.len()).any(|index| {
        view.are(index, &["insert", "into"])
            || view.are(index, &["delete", "from"])
            || (view.is(index, "update") && !view.is_any(index - 1, &["for", "key", "no", "on", "do"]))
    })
}

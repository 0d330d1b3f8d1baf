//! The statements of a script, each to its place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use borealis_sql::ast::ObjectName;
use borealis_sql::parse::source::{self, Action, Column, ColumnType, Constraint, ConstraintKind, Index, Numbers, Source, Table};

use super::split::Piece;
use super::types::Enums;
use crate::error::ConvertError;
use crate::loss::{Loss, Verdict};
use crate::model::Name;
use crate::output::{Kind, Statement};
use crate::place::{Lines, Place};

type R<T> = Result<T, ConvertError>;

/// What has been read so far.
#[derive(Default)]
pub(crate) struct Reader {
    pub(crate) tables: Vec<(Place, Table)>,
    pub(crate) indexes: Vec<(Place, Index)>,
    /// Sequences by their names.
    pub(crate) sequences: BTreeMap<Name, Sequence>,
    /// Sequences that belong to a column.
    pub(crate) owned: BTreeSet<Name>,
    /// What setval said: the value, and whether it has been given.
    pub(crate) values: BTreeMap<Name, (i128, bool)>,
    pub(crate) enums: Enums,
    pub(crate) domains: Vec<Domain>,
    /// Partitions and the tables that they are parts of.
    pub(crate) partitions: BTreeMap<Name, Name>,
    /// Statements that tables may need, as they are: schemas, functions.
    pub(crate) before: Vec<Statement>,
    /// Statements that come behind the tables, as they are: views, comments.
    pub(crate) after: Vec<Statement>,
    pub(crate) rows: Vec<Rows>,
    pub(crate) losses: Vec<Loss>,
    session: BTreeMap<String, (usize, Place, Verdict)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    pub(crate) place: Place,
    pub(crate) numbers: Numbers,
}

pub(crate) struct Domain {
    pub(crate) place: Place,
    pub(crate) name: Vec<String>,
    pub(crate) ty: ColumnType,
    pub(crate) constraints: Vec<Constraint>,
}

/// Rows of a table.
pub(crate) enum Rows {
    Copy {
        place: Place,
        table: Name,
        columns: Vec<String>,
        data: Range<usize>,
    },
    /// INSERT as it is.
    Insert {
        place: Place,
        table: Name,
        text: Range<usize>,
    },
}

/// The name without the schema that everything is in unasked.
pub(crate) fn name_of(name: &ObjectName) -> Name {
    Name { schema: name.schema.clone().filter(|schema| schema != "public"), name: name.name.clone() }
}

impl Reader {
    fn session(&mut self, what: &str, place: Place, verdict: Verdict) {
        self.session.entry(what.to_owned()).or_insert((0, place, verdict)).0 += 1;
    }

    fn impossible(&mut self, code: &'static str, place: Place, object: &str, message: impl Into<String>) -> &mut Loss {
        self.losses.push(Loss::new(Verdict::Impossible, code, place, object, message));
        let last = self.losses.len() - 1;
        &mut self.losses[last]
    }

    /// What concerned the session, one entry a kind.
    pub(crate) fn take_losses(&mut self) -> Vec<Loss> {
        let mut losses = std::mem::take(&mut self.losses);
        losses.extend(std::mem::take(&mut self.session).into_iter().map(|(what, (count, place, verdict))| {
            let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
            Loss::new(verdict, "session", place, "", format!("{what} is left out{times}"))
        }));
        losses
    }

    /// Reads one part of the script.
    pub(crate) fn piece(&mut self, piece: &Piece, text: &str, lines: &Lines<'_>) -> R<()> {
        match piece {
            Piece::Command(range) => {
                let word = text[range.clone()].split_whitespace().next().unwrap_or_default().to_owned();
                self.session(&format!("the psql command {word}"), lines.place(range.start), Verdict::Clean);
                Ok(())
            }
            Piece::Statement(range) => self.statement(&text[range.clone()], range, None, lines),
            Piece::Copy { statement, data } => self.statement(&text[statement.clone()], statement, Some(data.clone()), lines),
        }
    }

    fn statement(&mut self, text: &str, range: &Range<usize>, data: Option<Range<usize>>, lines: &Lines<'_>) -> R<()> {
        let place = lines.place(range.start);
        let source = source::read(text).map_err(|error| {
            let at = error.fields().position.unwrap_or(0);
            ConvertError::new(lines.place(range.start + at), error.fields().message.to_string())
        })?;
        match source {
            Source::CreateTable(table) => return self.create_table(*table, place),
            Source::AlterTable { name, is_table, actions } => self.alter(&name, is_table, actions, place),
            Source::CreateIndex(index) => self.indexes.push((place, *index)),
            Source::CreateSequence { name, numbers } => drop(self.sequences.insert(name_of(&name), Sequence { place, numbers })),
            Source::OwnSequence { sequence, owner } => {
                if !owner.is_empty() {
                    self.owned.insert(name_of(&sequence));
                }
            }
            Source::CreateEnum { name, labels } => {
                let bare = name.last().cloned().unwrap_or_default();
                let detail = format!("the enum type {} becomes text with a check in each column", name.join("."));
                self.losses.push(Loss::new(Verdict::Loss, "enum", place, bare.clone(), detail));
                self.enums.insert(name.join("."), labels.clone());
                self.enums.entry(bare).or_insert(labels);
            }
            Source::CreateDomain { name, ty, constraints } => self.domains.push(Domain { place, name, ty, constraints }),
            Source::CreateView { name, materialized } => self.view(&name, materialized, text, place),
            Source::CreateFunction { name, language } => self.function(&name, &language, text, place),
            Source::CopyIn { table, columns, options } => return self.copy(&table, columns, options, data, place),
            Source::Insert { table } => self.rows.push(Rows::Insert { place, table: name_of(&table), text: range.clone() }),
            Source::Other { node } => self.other(node, text, place),
        }
        Ok(())
    }

    fn create_table(&mut self, table: Table, place: Place) -> R<()> {
        let name = name_of(&table.name);
        if self.table(&name).is_none() {
            self.tables.push((place, table));
        } else if !table.if_not_exists {
            // Rows of both would go to the first.
            let error = ConvertError::new(place, format!("there are two tables named {}", crate::render::plain(&name)));
            return Err(error.hint("Convert one database at a time."));
        }
        Ok(())
    }

    fn copy(&mut self, table: &ObjectName, columns: Vec<String>, options: bool, data: Option<Range<usize>>, place: Place) -> R<()> {
        let Some(data) = data.filter(|_| !options) else {
            return Err(ConvertError::new(place, "COPY in another format than text")
                .hint("Dump with pg_dump's own format, or load the file by itself."));
        };
        self.rows.push(Rows::Copy { place, table: name_of(table), columns, data });
        Ok(())
    }

    fn view(&mut self, name: &ObjectName, materialized: bool, text: &str, place: Place) {
        if materialized {
            let advice = "a table, filled in batches; or an ordinary view".to_owned();
            self.impossible("materialized-view", place, &name.name, "the materialized view is left out").advice = Some(advice);
        } else {
            self.after.push(Statement { kind: Kind::View, object: name.name.clone(), place, sql: text.to_owned() });
        }
    }

    fn function(&mut self, name: &str, language: &str, text: &str, place: Place) {
        if language == "sql" {
            // Its body may name tables, so it comes behind them.
            self.after.insert(0, Statement { kind: Kind::Function, object: name.to_owned(), place, sql: text.to_owned() });
        } else {
            let what = if language == "procedure" { "the procedure".to_owned() } else { format!("the function in {language}") };
            self.impossible("program", place, name, format!("{what} is left out")).advice =
                Some("the application, or LANGUAGE sql".to_owned());
        }
    }

    fn table(&mut self, name: &Name) -> Option<&mut Table> {
        self.tables.iter_mut().map(|(_, table)| table).find(|table| name_of(&table.name) == *name)
    }

    fn alter(&mut self, name: &ObjectName, is_table: bool, actions: Vec<Action>, place: Place) {
        let name = name_of(name);
        for action in actions {
            match action {
                Action::Owner => self.session("OWNER TO", place, Verdict::Clean),
                Action::Storage => {
                    self.session("how rows are kept (STORAGE, STATISTICS, CLUSTER, REPLICA IDENTITY)", place, Verdict::Clean)
                }
                Action::AttachPartition(child) if is_table => drop(self.partitions.insert(name_of(&child), name.clone())),
                Action::AttachPartition(_) => {}
                action => self.change(&name, action, place),
            }
        }
    }

    fn change(&mut self, name: &Name, action: Action, place: Place) {
        let Some(table) = self.table(name) else {
            self.impossible("alter", place, &name.name, "ALTER TABLE of a table that is not in the source is not converted").advice =
                Some("borealis lint --fix, or borealis migrate".to_owned());
            return;
        };
        let column_of = |table: &mut Table, column: &str, kind: ConstraintKind| {
            if let Some(column) = table.columns.iter_mut().find(|one| one.name == *column) {
                push_constraint(column, kind);
            }
        };
        match action {
            Action::AddConstraint { constraint, .. } => table.constraints.push(constraint),
            Action::SetDefault { column, expression } => column_of(table, &column, ConstraintKind::Default(expression)),
            Action::SetNotNull(column) => column_of(table, &column, ConstraintKind::NotNull),
            Action::AddIdentity { column, always, numbers } => column_of(table, &column, ConstraintKind::Identity { always, numbers }),
            Action::Inherit(parent) => {
                let message = format!("INHERIT {} is left out: queries of it do not find these rows", parent.name);
                self.losses.push(Loss::new(Verdict::Loss, "inherits", place, &name.name, message).advice("a view with UNION ALL"));
            }
            Action::Other(what) => {
                self.impossible("alter", place, &name.name, format!("{what} is left out"));
            }
            Action::Owner | Action::Storage | Action::AttachPartition(_) => {}
        }
    }

    /// Statements that say nothing about tables and rows.
    fn other(&mut self, node: &'static str, text: &str, place: Place) {
        match node {
            "VariableSet" => self.session("SET", place, Verdict::Clean),
            "Transaction" => self.session("BEGIN and COMMIT", place, Verdict::Clean),
            "Select" if self.set_value(text) => {}
            "Select" if text.contains("set_config") => self.session("SET", place, Verdict::Clean),
            "CreateSchema" => {
                let object = text.split_whitespace().last().unwrap_or_default().trim_matches('"').to_owned();
                if object != "public" {
                    self.before.push(Statement { kind: Kind::Schema, object, place, sql: text.to_owned() });
                }
            }
            "Comment" if text.to_ascii_uppercase().contains("EXTENSION") => self.session("COMMENT ON EXTENSION", place, Verdict::Clean),
            "Comment" => self.after.push(Statement { kind: Kind::Comment, object: commented(text), place, sql: text.to_owned() }),
            "CreateStats" | "AlterStats" => {
                self.after.push(Statement { kind: Kind::Statistics, object: analyzed(text), place, sql: text.to_owned() });
            }
            "Grant" | "GrantRole" | "AlterDefaultPrivileges" => {
                self.session("GRANT, REVOKE and ALTER DEFAULT PRIVILEGES", place, Verdict::Loss)
            }
            "AlterOwner" => self.session("OWNER TO", place, Verdict::Clean),
            "RefreshMatView" => self.session("REFRESH MATERIALIZED VIEW", place, Verdict::Clean),
            "CreateRole" | "AlterRole" | "AlterRoleSet" => self.session("roles", place, Verdict::Loss),
            _ => {
                let beginning = crate::mysql::beginning(text);
                let advice =
                    borealis_dialect::lookup(&format!("statement/{node}"), borealis_dialect::Dialect::default()).and_then(|row| row.advice);
                let loss = self.impossible("statement", place, "", format!("\"{beginning}\" is not converted"));
                loss.advice = advice.map(str::to_owned);
            }
        }
    }

    /// `SELECT pg_catalog.setval('public.t_id_seq', 42, true)`
    fn set_value(&mut self, text: &str) -> bool {
        let Some(at) = text.find("setval(") else { return false };
        let Some((name, rest)) = quoted(&text[at + "setval(".len()..]) else { return false };
        let mut words = rest.split([',', ')']).map(str::trim).filter(|word| !word.is_empty() && !word.starts_with("::"));
        let Some(value) = words.next().and_then(|word| word.parse::<i128>().ok()) else { return false };
        let called = words.next() != Some("false");
        self.values.insert(name, (value, called));
        true
    }

    /// The next number of a sequence, when setval said one.
    pub(crate) fn next_number(&self, name: &Name, numbers: &Numbers) -> Option<i128> {
        let (value, called) = self.values.get(name)?;
        Some(if *called { value + i128::from(numbers.increment.unwrap_or(1)) } else { *value })
    }

    /// The columns of a partition in its own order, which need not be that of the table at the top; `None` when it has no other.
    pub(crate) fn own_columns(&self, name: &Name) -> Option<Vec<String>> {
        let mut name = name;
        for _ in 0..self.partitions.len() {
            let parent = self.partitions.get(name)?;
            let (_, table) = self.tables.iter().find(|(_, table)| name_of(&table.name) == *name)?;
            // PARTITION OF takes its parent's columns.
            if !table.is_partition {
                return Some(table.columns.iter().map(|column| column.name.clone()).collect());
            }
            name = parent;
        }
        None
    }

    /// The table that a partition's rows go to, at the top of all partitions.
    pub(crate) fn root(&self, name: &Name) -> Name {
        let mut root = name;
        // No chain is longer than there are partitions; one that is runs in a circle.
        for _ in 0..self.partitions.len() {
            root = self.partitions.get(root).unwrap_or(root);
        }
        root.clone()
    }
}

/// A later constraint of the same kind replaces the earlier.
fn push_constraint(column: &mut Column, kind: ConstraintKind) {
    column.constraints.retain(|one| std::mem::discriminant(&one.kind) != std::mem::discriminant(&kind));
    column.constraints.push(Constraint { name: None, kind });
}

/// The table or other object that COMMENT ON names.
fn commented(text: &str) -> String {
    unqualified(text.split_whitespace().nth(3).unwrap_or_default())
}

/// The table that CREATE STATISTICS is about, or the statistics of ALTER STATISTICS.
fn analyzed(text: &str) -> String {
    let mut words = text.split_whitespace();
    let create = words.next().is_some_and(|word| word.eq_ignore_ascii_case("create"));
    unqualified(if create { words.last() } else { words.nth(1) }.unwrap_or_default())
}

fn unqualified(name: &str) -> String {
    name.trim_start_matches("public.").split('.').next().unwrap_or_default().trim_matches('"').to_owned()
}

/// The relation that a string literal names, and what follows the literal.
pub(crate) fn quoted(text: &str) -> Option<(Name, &str)> {
    let body = text.trim_start().strip_prefix('\'')?;
    let end = body.find('\'')?;
    let (mut parts, mut part, mut inside) = (Vec::new(), String::new(), false);
    for c in body[..end].chars() {
        match c {
            '"' => inside = !inside,
            '.' if !inside => parts.push(std::mem::take(&mut part)),
            c => part.push(c),
        }
    }
    let schema = parts.pop().filter(|schema| schema != "public");
    Some((Name { schema, name: part }, &body[end + 1..]))
}

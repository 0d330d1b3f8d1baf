//! The statements of a script, each to its place: tables, rows, what only concerned the session that wrote the dump, and what has no counterpart.

use std::collections::BTreeMap;

use super::alter::{self, Alteration};
use super::cursor::Cursor;
use super::rows::Insert;
use super::source::{KeyKind, SourceTable};
use super::split::Piece;
use super::table::{self, CreateTable};
use crate::error::ConvertError;
use crate::loss::{Loss, Verdict};
use crate::place::{Lines, Place};

type R<T> = Result<T, ConvertError>;

/// What has been read so far.
#[derive(Default)]
pub(crate) struct Reader<'a> {
    pub(crate) tables: Vec<SourceTable>,
    pub(crate) inserts: Vec<Insert<'a>>,
    /// Changes of tables that are not in the source.
    pub(crate) alterations: Vec<Alteration>,
    losses: Vec<Loss>,
    /// Statements of the dumping session: how many of each, and where the first is.
    session: BTreeMap<String, (usize, Place)>,
    /// DROP of tables that may yet be created.
    drops: Vec<(Place, String)>,
    /// Views: mysqldump drops a table of the same name before each.
    views: Vec<String>,
}

impl<'a> Reader<'a> {
    /// All that was lost while reading.
    pub(crate) fn into_losses(self) -> Vec<Loss> {
        let mut losses = self.losses;
        losses.extend(self.session.into_iter().map(|(what, (count, place))| {
            let times = if count == 1 { String::new() } else { format!(" ({count} times)") };
            Loss::new(Verdict::Clean, "session", place, "", format!("{what} is left out{times}"))
        }));
        losses
    }

    fn session(&mut self, what: &str, place: Place) {
        self.session.entry(what.to_owned()).or_insert((0, place)).0 += 1;
    }

    fn impossible(&mut self, code: &'static str, place: Place, object: &str, message: impl Into<String>) {
        self.losses.push(Loss::new(Verdict::Impossible, code, place, object, message));
    }

    /// Reads one statement.
    pub(crate) fn statement(&mut self, piece: Piece<'a>, lines: &Lines<'_>) -> R<()> {
        let place = lines.place(piece.offset);
        let first = first_word(&piece.text);
        if matches!(first.as_str(), "INSERT" | "REPLACE") {
            let mut insert = Insert::new(piece.text, piece.offset, lines)?;
            insert.columns = self.position(&insert.table).map(|at| self.tables[at].columns.len());
            self.inserts.push(insert);
            return Ok(());
        }
        let text = std::str::from_utf8(&piece.text).map_err(|error| {
            let at = piece.offset + error.valid_up_to();
            let error = ConvertError::new(lines.place(at), format!("byte 0x{:02X} is not UTF-8", piece.text[error.valid_up_to()]));
            error.hint("Dump with --default-character-set=utf8mb4, and binary columns with --hex-blob.")
        })?;
        match first.as_str() {
            "SET" => self.set(text, place),
            "LOCK" | "UNLOCK" | "USE" | "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | "FLUSH" | "ANALYZE" | "OPTIMIZE" | "CHECK"
            | "SELECT" | "SHOW" => {
                self.session(&first, place);
                Ok(())
            }
            "CREATE" => self.create(&mut Cursor::new(text, place)?, place, text),
            "ALTER" => self.alter(&mut Cursor::new(text, place)?, place, text),
            "DROP" => self.drop(&mut Cursor::new(text, place)?, place, text),
            "RENAME" => self.rename(&mut Cursor::new(text, place)?, place),
            "TRUNCATE" => self.truncate(&mut Cursor::new(text, place)?, place, text),
            _ => {
                self.not_converted(text, place);
                Ok(())
            }
        }
    }

    /// A statement that is neither DDL of tables nor rows.
    fn not_converted(&mut self, text: &str, place: Place) {
        let message = format!("\"{}\" is not converted", beginning(text));
        let mut loss = Loss::new(Verdict::Impossible, "statement", place, "", message);
        loss.advice = instead_of_statement(&first_word(text.as_bytes())).map(str::to_owned);
        self.losses.push(loss);
    }

    /// A table of the source has no rows behind it but those that follow.
    fn truncate(&mut self, cursor: &mut Cursor, place: Place, text: &str) -> R<()> {
        cursor.expect(&["TRUNCATE"])?;
        let _ = cursor.take(&["TABLE"]);
        let (_, name) = cursor.qualified_name()?;
        match self.position(&name) {
            Some(at) => self.drop_rows(at),
            None => self.not_converted(text, place),
        }
        Ok(())
    }

    fn drop_rows(&mut self, at: usize) {
        let mut kept = std::mem::take(&mut self.inserts);
        kept.retain(|insert| self.position(&insert.table) != Some(at));
        self.inserts = kept;
    }

    fn set(&mut self, text: &str, place: Place) -> R<()> {
        let upper = text.to_ascii_uppercase();
        for mode in ["ANSI", "NO_BACKSLASH_ESCAPES", "ORACLE", "MSSQL", "POSTGRESQL"] {
            if upper.contains("SQL_MODE")
                && upper.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).any(|word| word == mode || word == "ANSI_QUOTES")
            {
                let error =
                    ConvertError::new(place, format!("the script is written in the SQL mode {mode}, which changes what quotes mean"));
                return Err(error.hint("Dump without --compatible."));
            }
        }
        self.session("SET", place);
        Ok(())
    }

    fn create(&mut self, cursor: &mut Cursor, place: Place, text: &str) -> R<()> {
        cursor.expect(&["CREATE"])?;
        let _ = cursor.take(&["OR", "REPLACE"]);
        let temporary = cursor.take(&["TEMPORARY"]);
        if cursor.take(&["TABLE"]) {
            return self.create_table(cursor, place, temporary);
        }
        let mark = cursor.mark();
        if let Some(kind) = index_kind(cursor) {
            return self.create_index(cursor, place, kind);
        }
        cursor.back_to(mark);
        if cursor.is("DATABASE") || cursor.is("SCHEMA") {
            self.session("CREATE DATABASE", place);
            return Ok(());
        }
        self.program(cursor, place, text);
        Ok(())
    }

    /// VIEW, TRIGGER, PROCEDURE and their like, after ALGORITHM, DEFINER and SQL SECURITY.
    fn program(&mut self, cursor: &mut Cursor, place: Place, text: &str) {
        while !cursor.at_end() {
            let Some(word) = cursor.word() else {
                cursor.next();
                continue;
            };
            cursor.next();
            if matches!(word.as_str(), "VIEW" | "TRIGGER" | "PROCEDURE" | "FUNCTION" | "EVENT" | "PACKAGE" | "SEQUENCE") {
                let _ = cursor.take(&["IF", "NOT", "EXISTS"]);
                let name = cursor.qualified_name().map_or_else(|_| String::new(), |(_, name)| name);
                if word == "VIEW" {
                    self.views.push(name.clone());
                }
                // mysqldump writes a view twice: a stand-in with its columns, then the view.
                let message = format!("the {word} {name} is not converted");
                if !self.losses.iter().any(|loss| loss.message == message) {
                    self.impossible("program", place, &name, message);
                    let last = self.losses.len() - 1;
                    self.losses[last].advice = Some(instead_of(&word).to_owned());
                }
                return;
            }
        }
        self.not_converted(text, place);
    }

    fn create_table(&mut self, cursor: &mut Cursor, place: Place, temporary: bool) -> R<()> {
        let if_not_exists = cursor.take(&["IF", "NOT", "EXISTS"]);
        match table::create(cursor, place)? {
            CreateTable::Table(table) => {
                if temporary {
                    self.losses.push(Loss::new(Verdict::Loss, "temporary", place, &table.name, "the TEMPORARY table is an ordinary one"));
                }
                let again = if_not_exists && self.position(&table.name).is_some();
                if !again {
                    self.tables.push(*table);
                }
            }
            CreateTable::Like { name, of } => match self.position(&of) {
                Some(at) => {
                    let mut copy = SourceTable { place, name, ..self.tables[at].clone() };
                    copy.foreign_keys.clear();
                    copy.options.auto_increment = None;
                    self.tables.push(copy);
                }
                None => self.impossible("statement", place, &name, format!("CREATE TABLE {name} LIKE {of}: {of} is not in the source")),
            },
            CreateTable::Select { name } => {
                self.impossible(
                    "statement",
                    place,
                    &name,
                    format!("CREATE TABLE {name} … SELECT is not converted: create it, then INSERT … SELECT in batches"),
                );
            }
        }
        Ok(())
    }

    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        let exact = self.tables.iter().position(|table| table.name == name);
        exact.or_else(|| self.tables.iter().position(|table| table.name.eq_ignore_ascii_case(name)))
    }

    fn create_index(&mut self, cursor: &mut Cursor, place: Place, kind: KeyKind) -> R<()> {
        let _ = cursor.take(&["IF", "NOT", "EXISTS"]);
        let name = cursor.name()?;
        if cursor.take(&["USING"]) {
            cursor.name()?;
        }
        cursor.expect(&["ON"])?;
        let (_, table) = cursor.qualified_name()?;
        let mut key =
            super::source::SourceKey { place, kind, name: Some(name), parts: table::parts(cursor)?, comment: None, invisible: false };
        table::key_options(cursor, &mut key)?;
        if !cursor.at_end() {
            return Err(cursor.unexpected("the end of CREATE INDEX"));
        }
        self.change(Alteration { table, actions: vec![(place, alter::Action::AddKey(key))] })
    }

    fn alter(&mut self, cursor: &mut Cursor, place: Place, text: &str) -> R<()> {
        cursor.expect(&["ALTER"])?;
        let _ = cursor.take(&["ONLINE"]);
        let _ = cursor.take(&["IGNORE"]);
        if !cursor.take(&["TABLE"]) {
            if cursor.is("DATABASE") || cursor.is("SCHEMA") {
                self.session("ALTER DATABASE", place);
            } else {
                self.not_converted(text, place);
            }
            return Ok(());
        }
        let alteration = alter::read(cursor)?;
        for (place, action) in &alteration.actions {
            if let alter::Action::Session(words) = action {
                self.session(&format!("ALTER TABLE … {words}"), *place);
            }
        }
        self.change(alteration)
    }

    fn change(&mut self, alteration: Alteration) -> R<()> {
        match self.position(&alteration.table) {
            Some(at) => self.change_table(at, alteration),
            None => {
                self.alterations.push(alteration);
                Ok(())
            }
        }
    }

    /// Rows that were read before keep their table and their columns.
    fn change_table(&mut self, at: usize, alteration: Alteration) -> R<()> {
        let rows: Vec<usize> = (0..self.inserts.len()).filter(|row| self.position(&self.inserts[*row].table) == Some(at)).collect();
        if let Some((place, _)) = alteration.actions.iter().find(|(_, action)| action.moves_columns())
            && rows.iter().any(|row| !self.inserts[*row].names_columns)
        {
            let message = format!("the columns of {} move behind its rows, which do not name them", alteration.table);
            return Err(ConvertError::new(*place, message).hint("Put the rows behind the change, or name their columns."));
        }
        alter::apply(&mut self.tables, at, alteration, &mut self.losses)?;
        rows.into_iter().for_each(|row| self.inserts[row].table.clone_from(&self.tables[at].name));
        Ok(())
    }

    fn drop(&mut self, cursor: &mut Cursor, place: Place, text: &str) -> R<()> {
        cursor.expect(&["DROP"])?;
        let _ = cursor.take(&["TEMPORARY"]);
        if cursor.take(&["TABLE"]) || cursor.take(&["TABLES"]) {
            let _ = cursor.take(&["IF", "EXISTS"]);
            loop {
                let (_, name) = cursor.qualified_name()?;
                match self.position(&name) {
                    // A stand-in for a view, dropped again before the view is made; or a table with its rows.
                    Some(at) => {
                        self.drop_rows(at);
                        self.tables.remove(at);
                    }
                    None => self.drops.push((place, name)),
                }
                if !cursor.take_symbol(&sqlparser::tokenizer::Token::Comma) {
                    return Ok(());
                }
            }
        }
        if cursor.take(&["INDEX"]) {
            let _ = cursor.take(&["IF", "EXISTS"]);
            let name = cursor.name()?;
            cursor.expect(&["ON"])?;
            let (_, table) = cursor.qualified_name()?;
            return self.change(Alteration { table, actions: vec![(place, alter::Action::DropKey(name))] });
        }
        if ["VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "DATABASE", "SCHEMA"].iter().any(|word| cursor.is(word)) {
            self.session(&format!("DROP {}", cursor.word().unwrap_or_default()), place);
            return Ok(());
        }
        self.not_converted(text, place);
        Ok(())
    }

    /// Tables that were dropped and not created again.
    pub(crate) fn dropped(&self) -> impl Iterator<Item = &(Place, String)> {
        self.drops.iter().filter(|(_, name)| self.position(name).is_none() && !self.views.contains(name))
    }

    fn rename(&mut self, cursor: &mut Cursor, place: Place) -> R<()> {
        cursor.expect(&["RENAME"])?;
        if !cursor.take(&["TABLES"]) {
            cursor.expect(&["TABLE"])?;
        }
        loop {
            let (_, table) = cursor.qualified_name()?;
            cursor.expect(&["TO"])?;
            let (_, name) = cursor.qualified_name()?;
            self.change(Alteration { table, actions: vec![(place, alter::Action::Rename(name))] })?;
            if !cursor.take_symbol(&sqlparser::tokenizer::Token::Comma) {
                return Ok(());
            }
        }
    }
}

/// `[UNIQUE|FULLTEXT|SPATIAL] INDEX`
fn index_kind(cursor: &mut Cursor) -> Option<KeyKind> {
    let kind = if cursor.take(&["UNIQUE"]) {
        KeyKind::Unique
    } else if cursor.take(&["FULLTEXT"]) {
        KeyKind::Fulltext
    } else if cursor.take(&["SPATIAL"]) {
        KeyKind::Spatial
    } else {
        KeyKind::Plain
    };
    cursor.take(&["INDEX"]).then_some(kind)
}

fn instead_of(word: &str) -> &'static str {
    match word {
        "VIEW" => "write its query for PostgreSQL: CREATE VIEW … AS …",
        "TRIGGER" => "the statement that writes does both things, in one transaction",
        "EVENT" => "a scheduler outside the database",
        "SEQUENCE" => "CREATE SEQUENCE … CACHE 65536",
        _ => "the application, or a function in LANGUAGE sql",
    }
}

/// What does the work of a statement that is not converted.
fn instead_of_statement(word: &str) -> Option<&'static str> {
    match word {
        "TRUNCATE" => borealis_dialect::lookup("statement/Truncate", borealis_dialect::Dialect::default()).and_then(|row| row.advice),
        "UPDATE" | "DELETE" => Some("on the target, in batches of at most 3,000 rows"),
        "LOAD" => Some("borealis load reads the file"),
        "GRANT" | "REVOKE" => Some("roles and their rights are made on the target"),
        "CALL" | "DO" => Some("the application"),
        _ => None,
    }
}

/// The first word, in capitals.
fn first_word(text: &[u8]) -> String {
    text.iter().take_while(|byte| byte.is_ascii_alphabetic()).map(|byte| char::from(byte.to_ascii_uppercase())).collect()
}

/// The beginning of a statement, for messages.
pub(crate) fn beginning(text: &str) -> String {
    const CHARACTERS_MAX: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(CHARACTERS_MAX).collect();
    if cut.len() < line.len() { format!("{cut} …") } else { line }
}

//! ALTER TABLE: read, and carried out on a table that the source creates.

use sqlparser::tokenizer::Token;

use super::cursor::Cursor;
use super::source::{
    KeyKind, SourceCheck, SourceColumn, SourceDefault, SourceForeignKey, SourceKey, SourcePart, SourceTable, TableOptions,
};
use super::{column, table, types};
use crate::error::ConvertError;
use crate::loss::{Loss, Verdict};
use crate::place::Place;

type R<T> = Result<T, ConvertError>;

/// Changes of one table.
pub(crate) struct Alteration {
    pub(crate) table: String,
    pub(crate) actions: Vec<(Place, Action)>,
}

/// One change.
pub(crate) enum Action {
    AddColumn(Box<SourceColumn>, Position),
    AddKey(SourceKey),
    AddForeignKey(SourceForeignKey),
    AddCheck(SourceCheck),
    DropColumn(String),
    DropKey(String),
    DropPrimaryKey,
    DropForeignKey(String),
    DropConstraint(String),
    /// MODIFY, and CHANGE with the old name.
    Change(String, Box<SourceColumn>, Position),
    SetDefault(String, SourceDefault),
    DropDefault(String),
    RenameColumn(String, String),
    RenameKey(String, String),
    Rename(String),
    Options(TableOptions),
    /// PARTITION and its like: the words.
    Partitions(String),
    /// CONVERT TO CHARACTER SET, with the collation.
    Convert(Option<String>),
    /// ALTER INDEX … VISIBLE, or not.
    ShowKey(String, bool),
    /// ALTER COLUMN … SET VISIBLE, or not.
    ShowColumn(String, bool),
    /// How the change is made, or how rows are kept: the words.
    Session(String),
}

impl Action {
    /// Whether it gives columns another number than they had.
    pub(crate) fn moves_columns(&self) -> bool {
        match self {
            Self::AddColumn(_, position) | Self::Change(_, _, position) => !matches!(position, Position::Unsaid),
            Self::DropColumn(_) => true,
            _ => false,
        }
    }
}

/// Where a column goes.
pub(crate) enum Position {
    /// A new one behind all others; one that is there stays where it is.
    Unsaid,
    First,
    After(String),
}

/// Reads what follows ALTER TABLE.
pub(crate) fn read(cursor: &mut Cursor) -> R<Alteration> {
    let _ = cursor.take(&["IF", "EXISTS"]);
    let (_, table) = cursor.qualified_name()?;
    let mut actions = Vec::new();
    while !cursor.at_end() {
        let place = cursor.place();
        let mut read = Vec::new();
        action(cursor, &mut read)?;
        actions.extend(read.into_iter().map(|action| (place, action)));
        let _ = cursor.take_symbol(&Token::Comma);
    }
    Ok(Alteration { table, actions })
}

fn action(cursor: &mut Cursor, actions: &mut Vec<Action>) -> R<()> {
    if cursor.take(&["ADD"]) {
        return add(cursor, actions);
    }
    let action = if cursor.take(&["DROP"]) {
        drop(cursor)?
    } else if cursor.take(&["MODIFY"]) {
        let _ = cursor.take(&["COLUMN"]);
        let _ = cursor.take(&["IF", "EXISTS"]);
        let definition = column::definition(cursor)?;
        Action::Change(definition.name.clone(), Box::new(definition), position(cursor)?)
    } else if cursor.take(&["CHANGE"]) {
        let _ = cursor.take(&["COLUMN"]);
        let _ = cursor.take(&["IF", "EXISTS"]);
        let old = cursor.name()?;
        let definition = column::definition(cursor)?;
        Action::Change(old, Box::new(definition), position(cursor)?)
    } else if cursor.take(&["ALTER"]) {
        alter(cursor)?
    } else if cursor.take(&["RENAME"]) {
        rename(cursor)?
    } else {
        return rest(cursor, actions);
    };
    actions.push(action);
    Ok(())
}

fn add(cursor: &mut Cursor, actions: &mut Vec<Action>) -> R<()> {
    if cursor.is("PARTITION") {
        actions.push(partitions(cursor));
        return Ok(());
    }
    let mut read = empty();
    if table::constraint(cursor, &mut read)? {
        actions.extend(read.keys.into_iter().map(Action::AddKey));
        actions.extend(read.checks.into_iter().map(Action::AddCheck));
        actions.extend(read.foreign_keys.into_iter().map(Action::AddForeignKey));
        return Ok(());
    }
    let _ = cursor.take(&["COLUMN"]);
    let _ = cursor.take(&["IF", "NOT", "EXISTS"]);
    if cursor.take_symbol(&Token::LParen) {
        loop {
            actions.push(Action::AddColumn(Box::new(column::definition(cursor)?), Position::Unsaid));
            if cursor.take_symbol(&Token::RParen) {
                return Ok(());
            }
            cursor.expect_symbol(&Token::Comma)?;
        }
    }
    let definition = column::definition(cursor)?;
    actions.push(Action::AddColumn(Box::new(definition), position(cursor)?));
    Ok(())
}

/// A table to read constraints into.
fn empty() -> SourceTable {
    SourceTable {
        place: Place::START,
        name: String::new(),
        columns: Vec::new(),
        keys: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        options: TableOptions::default(),
    }
}

fn position(cursor: &mut Cursor) -> R<Position> {
    if cursor.take(&["FIRST"]) {
        return Ok(Position::First);
    }
    if cursor.take(&["AFTER"]) { Ok(Position::After(cursor.name()?)) } else { Ok(Position::Unsaid) }
}

fn drop(cursor: &mut Cursor) -> R<Action> {
    let named = |cursor: &mut Cursor| {
        let _ = cursor.take(&["IF", "EXISTS"]);
        cursor.name()
    };
    if cursor.take(&["PRIMARY", "KEY"]) {
        return Ok(Action::DropPrimaryKey);
    }
    if cursor.take(&["FOREIGN", "KEY"]) {
        return Ok(Action::DropForeignKey(named(cursor)?));
    }
    if cursor.take(&["INDEX"]) || cursor.take(&["KEY"]) {
        return Ok(Action::DropKey(named(cursor)?));
    }
    if cursor.take(&["CHECK"]) || cursor.take(&["CONSTRAINT"]) {
        return Ok(Action::DropConstraint(named(cursor)?));
    }
    if cursor.is("PARTITION") {
        return Ok(partitions(cursor));
    }
    let _ = cursor.take(&["COLUMN"]);
    let name = named(cursor)?;
    let _ = cursor.take(&["RESTRICT"]) || cursor.take(&["CASCADE"]);
    Ok(Action::DropColumn(name))
}

/// ALTER [COLUMN] c SET DEFAULT …, DROP DEFAULT; ALTER INDEX, ALTER CHECK.
fn alter(cursor: &mut Cursor) -> R<Action> {
    if cursor.take(&["INDEX"]) || cursor.take(&["KEY"]) {
        let name = cursor.name()?;
        let shown = cursor.take(&["VISIBLE"]) || cursor.take(&["NOT", "IGNORED"]);
        let _ = shown || cursor.take(&["INVISIBLE"]) || cursor.take(&["IGNORED"]);
        return Ok(Action::ShowKey(name, shown));
    }
    let _ = cursor.take(&["COLUMN"]);
    let name = cursor.name()?;
    if cursor.take(&["SET", "DEFAULT"]) {
        return Ok(Action::SetDefault(name, column::default(cursor)?));
    }
    let shown = cursor.take(&["SET", "VISIBLE"]);
    if shown || cursor.take(&["SET", "INVISIBLE"]) {
        return Ok(Action::ShowColumn(name, shown));
    }
    cursor.expect(&["DROP", "DEFAULT"])?;
    Ok(Action::DropDefault(name))
}

fn rename(cursor: &mut Cursor) -> R<Action> {
    let column = cursor.take(&["COLUMN"]);
    if column || cursor.take(&["INDEX"]) || cursor.take(&["KEY"]) {
        let old = cursor.name()?;
        cursor.expect(&["TO"])?;
        let new = cursor.name()?;
        return Ok(if column { Action::RenameColumn(old, new) } else { Action::RenameKey(old, new) });
    }
    let _ = cursor.take(&["TO"]) || cursor.take(&["AS"]);
    Ok(Action::Rename(cursor.qualified_name()?.1))
}

/// Options of the table, and how the change is to be made.
fn rest(cursor: &mut Cursor, actions: &mut Vec<Action>) -> R<()> {
    let mut options = TableOptions::default();
    if table::option(cursor, &mut options)? {
        while table::option(cursor, &mut options)? {}
        actions.push(Action::Options(options));
        return Ok(());
    }
    if cursor.take(&["CONVERT", "TO", "CHARACTER", "SET"]) {
        types::name_or_string(cursor)?;
        let collation = if cursor.take(&["COLLATE"]) { Some(types::name_or_string(cursor)?) } else { None };
        actions.extend([Action::Session("CONVERT TO CHARACTER SET".to_owned()), Action::Convert(collation)]);
        return Ok(());
    }
    if let Some(words) = session(cursor) {
        actions.push(Action::Session(words));
        return Ok(());
    }
    let partitioned =
        ["PARTITION", "REORGANIZE", "COALESCE", "EXCHANGE", "REMOVE", "TRUNCATE", "ANALYZE", "REBUILD", "OPTIMIZE", "REPAIR", "CHECK"];
    if partitioned.iter().any(|word| cursor.is(word)) {
        actions.push(partitions(cursor));
        return Ok(());
    }
    Err(cursor.unexpected("a change of the table"))
}

/// What says how the change is made, or how rows are kept.
fn session(cursor: &mut Cursor) -> Option<String> {
    const HOW: &[&str] = &["ALGORITHM", "LOCK", "FORCE", "WITH", "WITHOUT", "WAIT", "NOWAIT", "DISCARD", "IMPORT"];
    // Its columns have commas between them, and nothing follows.
    if cursor.take(&["ORDER", "BY"]) {
        while !cursor.at_end() {
            cursor.next();
        }
        return Some("ORDER BY".to_owned());
    }
    if cursor.take(&["DISABLE", "KEYS"]) || cursor.take(&["ENABLE", "KEYS"]) {
        return Some("DISABLE KEYS and ENABLE KEYS".to_owned());
    }
    let first = HOW.iter().find(|word| cursor.is(word))?;
    cursor.next();
    let second = cursor.word().map_or(String::new(), |word| format!(" {word}"));
    while !matches!(cursor.peek(), Token::Comma | Token::EOF) {
        cursor.next();
    }
    Some(format!("{first}{second}"))
}

/// The rest of a change of partitions, as words.
fn partitions(cursor: &mut Cursor) -> Action {
    let words = cursor.word().unwrap_or_default();
    while !cursor.at_end() {
        cursor.next();
    }
    Action::Partitions(words)
}

/// Carries changes out on one of the tables of the source; names that others refer to it by follow.
///
/// # Errors
/// A column that is not there.
pub(crate) fn apply(tables: &mut [SourceTable], at: usize, alteration: Alteration, losses: &mut Vec<Loss>) -> R<()> {
    for (place, action) in alteration.actions {
        let missing = |name: &str| ConvertError::new(place, format!("the table {} has no column \"{name}\"", alteration.table));
        let table = &mut tables[at];
        match action {
            Action::AddColumn(column, position) => add_column(table, *column, &position),
            Action::AddKey(key) => table.keys.push(key),
            Action::AddForeignKey(key) => table.foreign_keys.push(key),
            Action::AddCheck(check) => table.checks.push(check),
            Action::DropColumn(name) => drop_column(table, &name).ok_or_else(|| missing(&name))?,
            Action::DropKey(name) => drop_key(table, &name),
            Action::DropPrimaryKey => drop_primary_key(table),
            Action::DropForeignKey(name) => table.foreign_keys.retain(|key| !is_named(key.name.as_ref(), &name)),
            Action::DropConstraint(name) => drop_constraint(table, &name),
            Action::Change(old, column, position) => change(tables, at, &old, *column, &position).ok_or_else(|| missing(&old))?,
            Action::SetDefault(name, default) => column_of(table, &name).ok_or_else(|| missing(&name))?.default = Some(default),
            Action::DropDefault(name) => column_of(table, &name).ok_or_else(|| missing(&name))?.default = None,
            Action::RenameColumn(old, new) => rename_column(tables, at, &old, &new).ok_or_else(|| missing(&old))?,
            Action::RenameKey(old, new) => rename_key(table, &old, &new),
            Action::Rename(name) => rename_table(tables, at, name),
            Action::Options(options) => merge(&mut table.options, options),
            Action::Partitions(words) => {
                let message = format!("{words} of partitions is left out: the service partitions by key");
                losses.push(Loss::new(Verdict::Loss, "partitions", place, &table.name, message));
            }
            Action::Convert(collation) => convert(table, collation),
            Action::ShowKey(name, shown) => {
                table.keys.iter_mut().filter(|key| is_key_named(key, &name)).for_each(|key| key.invisible = !shown)
            }
            Action::ShowColumn(name, shown) => column_of(table, &name).ok_or_else(|| missing(&name))?.invisible = !shown,
            // Said by who read it.
            Action::Session(_) => {}
        }
    }
    Ok(())
}

fn is_named(name: Option<&String>, wanted: &str) -> bool {
    name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
}

fn column_of<'a>(table: &'a mut SourceTable, name: &str) -> Option<&'a mut SourceColumn> {
    let at = table.position(name)?;
    table.columns.get_mut(at)
}

fn add_column(table: &mut SourceTable, column: SourceColumn, position: &Position) {
    let at = place_of(table, position).unwrap_or(table.columns.len());
    table.columns.insert(at, column);
}

/// Where a column goes, when that is said.
fn place_of(table: &SourceTable, position: &Position) -> Option<usize> {
    match position {
        Position::Unsaid => None,
        Position::First => Some(0),
        Position::After(name) => table.position(name).map(|at| at + 1),
    }
}

/// A dropped column leaves the keys that it was in; a key without columns is none.
fn drop_column(table: &mut SourceTable, name: &str) -> Option<()> {
    let at = table.position(name)?;
    table.columns.remove(at);
    for key in &mut table.keys {
        key.parts.retain(|part| !matches!(part, SourcePart::Column { name: column, .. } if column.eq_ignore_ascii_case(name)));
    }
    table.keys.retain(|key| !key.parts.is_empty());
    Some(())
}

fn drop_primary_key(table: &mut SourceTable) {
    table.keys.retain(|key| key.kind != KeyKind::Primary);
    table.columns.iter_mut().filter(|column| column.key == Some(KeyKind::Primary)).for_each(|column| column.key = None);
}

fn drop_constraint(table: &mut SourceTable, name: &str) {
    table.checks.retain(|check| !is_named(check.name.as_ref(), name));
    table.columns.iter_mut().for_each(|column| column.checks.retain(|check| !is_named(check.name.as_ref(), name)));
    table.foreign_keys.retain(|key| !is_named(key.name.as_ref(), name));
    table.keys.retain(|key| !is_named(key.name.as_ref(), name));
}

/// Whether MySQL knows the key by this name; unnamed, it has that of its first column.
fn is_key_named(key: &SourceKey, wanted: &str) -> bool {
    let first = match key.parts.first() {
        Some(SourcePart::Column { name, .. }) if key.kind != KeyKind::Primary => Some(name),
        _ => None,
    };
    is_named(key.name.as_ref().or(first), wanted)
}

/// Whether a column has a unique key behind it of this name, which is the column's.
fn has_unique_named(column: &SourceColumn, wanted: &str) -> bool {
    column.key == Some(KeyKind::Unique) && column.name.eq_ignore_ascii_case(wanted)
}

fn drop_key(table: &mut SourceTable, name: &str) {
    if name.eq_ignore_ascii_case("PRIMARY") {
        return drop_primary_key(table);
    }
    let before = table.keys.len();
    table.keys.retain(|key| !is_key_named(key, name));
    if table.keys.len() == before {
        table.columns.iter_mut().filter(|column| has_unique_named(column, name)).for_each(|column| column.key = None);
    }
}

fn rename_key(table: &mut SourceTable, old: &str, new: &str) {
    if let Some(key) = table.keys.iter_mut().find(|key| is_key_named(key, old)) {
        key.name = Some(new.to_owned());
    } else {
        name_unique(table, old, new);
    }
}

/// Gives the unique key behind a column a name of its own.
fn name_unique(table: &mut SourceTable, column: &str, name: &str) {
    if let Some(column) = table.columns.iter_mut().find(|one| has_unique_named(one, column)) {
        column.key = None;
        let parts = vec![SourcePart::Column { name: column.name.clone(), prefix: None, descending: false }];
        let (place, name) = (column.place, Some(name.to_owned()));
        table.keys.push(SourceKey { place, kind: KeyKind::Unique, name, parts, comment: None, invisible: false });
    }
}

/// Keys keep the name that they have of a column when that is called otherwise.
fn name_keys(table: &mut SourceTable, column: &str) {
    name_unique(table, column, column);
    let unnamed = table.keys.iter_mut().filter(|key| key.name.is_none() && is_key_named(key, column));
    unnamed.for_each(|key| key.name = Some(column.to_owned()));
}

/// Foreign keys refer to a table by whatever name it has.
fn rename_table(tables: &mut [SourceTable], at: usize, new: String) {
    let old = std::mem::replace(&mut tables[at].name, new.clone());
    for key in tables.iter_mut().flat_map(|table| &mut table.foreign_keys).filter(|key| key.target.eq_ignore_ascii_case(&old)) {
        key.target.clone_from(&new);
    }
}

/// The new definition replaces the old one; keys stay.
fn change(tables: &mut [SourceTable], at: usize, old: &str, column: SourceColumn, position: &Position) -> Option<()> {
    let number = tables[at].position(old)?;
    if !old.eq_ignore_ascii_case(&column.name) {
        rename_column(tables, at, old, &column.name)?;
    }
    let table = &mut tables[at];
    let key = column.key.or(table.columns[number].key);
    let column = SourceColumn { key, ..column };
    if matches!(position, Position::Unsaid) {
        table.columns[number] = column;
    } else {
        table.columns.remove(number);
        add_column(table, column, position);
    }
    Some(())
}

fn rename_column(tables: &mut [SourceTable], at: usize, old: &str, new: &str) -> Option<()> {
    let table = &mut tables[at];
    table.position(old)?;
    name_keys(table, old);
    column_of(table, old)?.name = new.to_owned();
    let rename = |name: &mut String| {
        if name.eq_ignore_ascii_case(old) {
            new.clone_into(name);
        }
    };
    for part in table.keys.iter_mut().flat_map(|key| &mut key.parts) {
        if let SourcePart::Column { name, .. } = part {
            rename(name);
        }
    }
    table.foreign_keys.iter_mut().flat_map(|key| &mut key.columns).for_each(rename);
    let name = table.name.clone();
    let to_it = tables.iter_mut().flat_map(|table| &mut table.foreign_keys).filter(|key| key.target.eq_ignore_ascii_case(&name));
    to_it.flat_map(|key| &mut key.target_columns).for_each(rename);
    Some(())
}

/// Columns take on the collation of the table.
fn convert(table: &mut SourceTable, collation: Option<String>) {
    table.options.collation = collation;
    table.columns.iter_mut().for_each(|column| column.ty.collation = None);
}

fn merge(into: &mut TableOptions, options: TableOptions) {
    let TableOptions { auto_increment, collation, comment, partitions, special } = options;
    into.auto_increment = auto_increment.or(into.auto_increment.take());
    into.collation = collation.or(into.collation.take());
    into.comment = comment.or(into.comment.take());
    into.partitions = partitions.or(into.partitions.take());
    into.special.extend(special);
}

//! The definition of the table that will take the original's place.

use serde::{Deserialize, Serialize};

use super::Rule;
use crate::error::{MigrateError, Result};
use crate::sql::{self, KeyColumn};
use crate::table::{Column, Constraint, ConstraintKind, ForeignKey, Identity, Index, Table};

/// A column of the new table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewColumn {
    /// Its definition.
    pub column: Column,
    /// Where its values come from; a column without a source is filled by its default or its own expression.
    pub source: Option<Source>,
}

/// Expressions over the columns of the original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What is inserted. Left to the assignment where a cast would cut a text that is too long without a word.
    pub copied: String,
    /// What the stored value is compared with: of the new column's own type.
    pub compared: String,
}

impl Source {
    pub(crate) fn both(expression: String) -> Self {
        Self { copied: expression.clone(), compared: expression }
    }
}

/// A new table in the making.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) table: Table,
    /// The columns that tell rows apart, in the original and in the new table.
    pub(crate) key: Vec<KeyColumn>,
    pub(crate) columns: Vec<NewColumn>,
    pub(crate) constraints: Vec<Constraint>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) references: Vec<ForeignKey>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) losses: Vec<String>,
    pub(crate) hazards: Vec<String>,
}

impl Draft {
    /// A copy of a table, to be changed.
    pub(crate) fn of(table: &Table) -> Result<Self> {
        let Some(key) = table.row_key() else {
            return Err(MigrateError::refused(format!(
                "table {} has no key that every row has and no two rows share, so its rows cannot be told apart while they are copied. Build a \
                 unique index over columns that are NOT NULL (or have a validated CHECK (c IS NOT NULL)), then plan again",
                table.qualified()
            )));
        };
        let key =
            key.iter().filter_map(|name| table.column(name)).map(|column| KeyColumn { name: column.name.clone(), ty: column.ty.clone() });
        let mut draft = Self { key: key.collect(), ..Self::without_key(table) };
        draft.refuse_what_cannot_come_along()?;
        draft.note_grantors();
        Ok(draft)
    }

    /// A copy that rows of any table would fit; nothing says how they are found.
    pub(crate) fn without_key(table: &Table) -> Self {
        Self {
            table: table.clone(),
            key: Vec::new(),
            columns: table.columns.iter().map(as_it_is).collect(),
            constraints: table.constraints.clone(),
            indexes: table.indexes.iter().filter(|index| !index.constraint).cloned().collect(),
            references: table.references.clone(),
            rules: Vec::new(),
            losses: Vec::new(),
            hazards: Vec::new(),
        }
    }

    fn refuse_what_cannot_come_along(&self) -> Result<()> {
        let table = &self.table;
        if let Some(index) = table.indexes.iter().find(|index| !index.valid) {
            return Err(MigrateError::refused(format!(
                "index {} is not valid: its build is running or has failed. Wait for the job or drop the index, then plan again",
                index.name
            )));
        }
        if let Some(key) = table.references.iter().chain(&table.referenced_by).find(|key| !key.validated) {
            return Err(MigrateError::refused(format!(
                "foreign key {} of {} is NOT VALID: rows may break it, and could not be copied. Validate or drop it, then plan again",
                key.name,
                key.referencing_qualified()
            )));
        }
        if let Some(function) = table.functions.first() {
            return Err(MigrateError::refused(format!(
                "the body of function {function} is bound to the table and would go on reading the original. Drop the function, migrate, and create it again"
            )));
        }
        Ok(())
    }

    fn note_grantors(&mut self) {
        let foreign = |acl: &str| {
            crate::table::grants(acl).len() > 1 && acl.matches('/').count() != acl.matches(&format!("/{}", self.table.owner)).count()
        };
        if self.table.acl.as_deref().is_some_and(foreign) {
            self.losses.push(format!("privileges granted by other roles are granted again by {}", self.table.owner));
        }
    }

    /// A column of the new table.
    pub(super) fn column_mut(&mut self, name: &str) -> Result<&mut NewColumn> {
        let missing = || MigrateError::refused(format!("table {} has no column {name}", self.table.qualified()));
        if !self.columns.iter().any(|column| column.column.name == name) {
            return Err(missing());
        }
        self.columns.iter_mut().find(|column| column.column.name == name).ok_or_else(|| MigrateError::refused("the column has gone"))
    }

    pub(super) fn is_key(&self, column: &str) -> bool {
        self.key.iter().any(|key| key.name == column)
    }

    /// The columns that are copied: name, what is inserted, what is compared.
    pub(crate) fn copied(columns: &[NewColumn]) -> impl Iterator<Item = (&str, &Source)> {
        columns.iter().filter_map(|column| Some((column.column.name.as_str(), column.source.as_ref()?)))
    }

    /// The unique constraints and indexes that the key's columns are found by in the new table.
    pub(crate) fn finds_by_key(&self) -> bool {
        let is_key =
            |columns: &[String]| columns.len() == self.key.len() && self.key.iter().zip(columns).all(|(key, column)| key.name == *column);
        let keys = self.constraints.iter().filter(|constraint| constraint.kind != ConstraintKind::Check);
        keys.map(|constraint| constraint.columns.as_slice()).any(is_key)
            || self.indexes.iter().any(|index| index.unique && index.plain && is_key(&index.columns[..index.keys]))
    }
}

fn as_it_is(column: &Column) -> NewColumn {
    let source = column.generated.is_none().then(|| Source::both(sql::name(&column.name)));
    NewColumn { column: column.clone(), source }
}

/// A column's part of CREATE TABLE.
pub(crate) fn definition(column: &Column, sequence: Option<&str>) -> String {
    let mut text = format!("{} {}", sql::name(&column.name), column.ty);
    if let Some(storage) = column.storage.as_deref().and_then(storage) {
        text.push_str(&format!(" STORAGE {storage}"));
    }
    if column.not_null {
        text.push_str(" NOT NULL");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    if let Some(generated) = &column.generated {
        text.push_str(&format!(" GENERATED ALWAYS AS ({generated}) STORED"));
    }
    if let (Some(identity), Some(options)) = (column.identity, sequence) {
        let how = match identity {
            Identity::Always => "ALWAYS",
            Identity::ByDefault => "BY DEFAULT",
        };
        text.push_str(&format!(" GENERATED {how} AS IDENTITY ({options})"));
    }
    text
}

fn storage(letter: &str) -> Option<&'static str> {
    match letter {
        "p" => Some("PLAIN"),
        "e" => Some("EXTERNAL"),
        "m" => Some("MAIN"),
        "x" => Some("EXTENDED"),
        _ => None,
    }
}

//! A schema as MySQL has it: what the grammar reads, ALTER TABLE changes, and [`super::lower`] translates.

use sqlparser::ast::Expr;

use super::types::SourceType;
use super::value::Literal;
use crate::place::Place;

#[derive(Clone, Debug)]
pub(crate) struct SourceTable {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) columns: Vec<SourceColumn>,
    pub(crate) keys: Vec<SourceKey>,
    pub(crate) checks: Vec<SourceCheck>,
    pub(crate) foreign_keys: Vec<SourceForeignKey>,
    pub(crate) options: TableOptions,
}

impl SourceTable {
    pub(crate) fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|one| one.name.eq_ignore_ascii_case(column))
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TableOptions {
    /// The next number of AUTO_INCREMENT.
    pub(crate) auto_increment: Option<u64>,
    pub(crate) collation: Option<String>,
    pub(crate) comment: Option<String>,
    /// How rows are partitioned: PARTITION BY and the word after it.
    pub(crate) partitions: Option<(Place, String)>,
    /// Options that change what the table does: UNION, WITH SYSTEM VERSIONING.
    pub(crate) special: Vec<(Place, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct SourceColumn {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) ty: SourceType,
    pub(crate) not_null: bool,
    pub(crate) default: Option<SourceDefault>,
    pub(crate) auto_increment: bool,
    pub(crate) on_update: bool,
    pub(crate) generated: Option<Generated>,
    pub(crate) comment: Option<String>,
    pub(crate) invisible: bool,
    /// PRIMARY KEY or UNIQUE behind the column.
    pub(crate) key: Option<KeyKind>,
    pub(crate) checks: Vec<SourceCheck>,
    /// MySQL reads REFERENCES behind a column and does nothing about it.
    pub(crate) references: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Generated {
    pub(crate) expression: Expr,
    pub(crate) stored: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum SourceDefault {
    Literal(Literal),
    Expression(Expr),
}

#[derive(Clone, Debug)]
pub(crate) struct SourceCheck {
    pub(crate) place: Place,
    pub(crate) name: Option<String>,
    pub(crate) expression: Expr,
    pub(crate) enforced: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Primary,
    Unique,
    Plain,
    Fulltext,
    Spatial,
}

#[derive(Clone, Debug)]
pub(crate) struct SourceKey {
    pub(crate) place: Place,
    pub(crate) kind: KeyKind,
    pub(crate) name: Option<String>,
    pub(crate) parts: Vec<SourcePart>,
    pub(crate) comment: Option<String>,
    pub(crate) invisible: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum SourcePart {
    Column { name: String, prefix: Option<u64>, descending: bool },
    Expression { expression: Box<Expr>, descending: bool },
}

#[derive(Clone, Debug)]
pub(crate) struct SourceForeignKey {
    pub(crate) place: Place,
    pub(crate) name: Option<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) target: String,
    pub(crate) target_columns: Vec<String>,
    pub(crate) match_full: bool,
    pub(crate) on_delete: String,
    pub(crate) on_update: String,
}

//! What a person may ask for, one change at a time.
//!
//! An operation either has statements of its own in the target's dialect ([`direct`]), or is applied to a [`Draft`]: the definition of the
//! table that will take the original's place, with an expression over the original's columns for each column that is copied.

pub(crate) mod already;
mod argument;
mod cast;
mod column;
mod constraint;
pub(crate) mod direct;
mod draft;
mod key;
mod rule;

use serde::{Deserialize, Serialize};

pub(crate) use column::{assigned, cast_loss};
pub(crate) use draft::{Draft, definition};
pub use draft::{NewColumn, Source};
pub(crate) use rule::OFFENDERS_MAX;
pub use rule::Rule;

use crate::error::Result;

/// A column that does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: String,
    /// What it is filled with: an expression over the table's columns that gives the same value each time.
    pub expression: String,
}

/// One change to a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Operation {
    AddColumn {
        name: String,
        ty: String,
        default: Option<String>,
        not_null: bool,
    },
    DropColumn {
        column: String,
    },
    RenameColumn {
        column: String,
        to: String,
    },
    /// `using` is an expression over the table's columns; a cast when there is none.
    RetypeColumn {
        column: String,
        ty: String,
        using: Option<String>,
    },
    /// `fill` takes the place of NULL.
    SetNotNull {
        column: String,
        fill: Option<String>,
    },
    DropNotNull {
        column: String,
    },
    SetDefault {
        column: String,
        default: String,
    },
    DropDefault {
        column: String,
    },
    /// `definition` begins with CHECK, UNIQUE or FOREIGN KEY.
    AddConstraint {
        name: String,
        definition: String,
    },
    DropConstraint {
        name: String,
    },
    PrimaryKey {
        columns: Vec<String>,
    },
    /// `definition` is what stands behind the table's name.
    CreateIndex {
        name: String,
        unique: bool,
        definition: String,
    },
    /// The column goes, unless it is kept.
    SplitColumn {
        column: String,
        into: Vec<Derived>,
        keep: bool,
    },
    /// The columns go, unless they are kept.
    MergeColumns {
        columns: Vec<String>,
        into: Derived,
        keep: bool,
    },
}

impl Operation {
    /// The change in words.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::AddColumn { name, ty, .. } => format!("add column {name} {ty}"),
            Self::DropColumn { column } => format!("drop column {column}"),
            Self::RenameColumn { column, to } => format!("rename column {column} to {to}"),
            Self::RetypeColumn { column, ty, .. } => format!("change the type of column {column} to {ty}"),
            Self::SetNotNull { column, .. } => format!("make column {column} NOT NULL"),
            Self::DropNotNull { column } => format!("let column {column} be NULL"),
            Self::SetDefault { column, default } => format!("set the default of column {column} to {default}"),
            Self::DropDefault { column } => format!("drop the default of column {column}"),
            Self::AddConstraint { name, definition } => format!("add constraint {name} {definition}"),
            Self::DropConstraint { name } => format!("drop constraint {name}"),
            Self::CreateIndex { name, definition, .. } => format!("create index {name} on {definition}"),
            Self::PrimaryKey { columns } => format!("make ({}) the primary key", columns.join(", ")),
            Self::SplitColumn { column, into, .. } => {
                format!("split column {column} into {}", into.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", "))
            }
            Self::MergeColumns { columns, into, .. } => format!("merge columns {} into {}", columns.join(", "), into.name),
        }
    }

    /// Refuses arguments that are more than what they stand for, before they become part of a statement.
    pub(crate) fn check_arguments(&self) -> Result<()> {
        let derived = |one: &Derived| {
            argument::must_be_type(&format!("column {}", one.name), &one.ty)?;
            argument::must_be_expression(&format!("the value of column {}", one.name), &one.expression)
        };
        match self {
            Self::AddColumn { name, ty, default, .. } => {
                argument::must_be_type(&format!("column {name}"), ty)?;
                default.iter().try_for_each(|default| argument::must_be_expression(&format!("the default of column {name}"), default))
            }
            Self::RetypeColumn { column, ty, using } => {
                argument::must_be_type(&format!("column {column}"), ty)?;
                using.iter().try_for_each(|using| argument::must_be_expression(&format!("the new value of column {column}"), using))
            }
            Self::SetNotNull { column, fill: Some(fill) } => {
                argument::must_be_expression(&format!("what takes the place of NULL in column {column}"), fill)
            }
            Self::SetDefault { column, default } => argument::must_be_expression(&format!("the default of column {column}"), default),
            Self::AddConstraint { name, definition } => constraint::wished(name, definition).map(drop),
            Self::SplitColumn { into, .. } => into.iter().try_for_each(derived),
            Self::MergeColumns { into, .. } => derived(into),
            // Names, which are quoted; an index comes out of a parsed file.
            Self::SetNotNull { .. }
            | Self::DropColumn { .. }
            | Self::RenameColumn { .. }
            | Self::DropNotNull { .. }
            | Self::DropDefault { .. }
            | Self::DropConstraint { .. }
            | Self::PrimaryKey { .. }
            | Self::CreateIndex { .. } => Ok(()),
        }
    }

    /// Writes the change into the definition of the new table.
    pub(crate) fn apply(&self, draft: &mut Draft) -> Result<()> {
        match self {
            Self::AddColumn { name, ty, default, not_null } => draft.add_column(name, ty, default.as_deref(), *not_null),
            Self::DropColumn { column } => draft.drop_column(column),
            Self::RenameColumn { .. } => {
                Err(crate::MigrateError::refused("a column is renamed where it stands, not by recreating the table"))
            }
            Self::RetypeColumn { column, ty, using } => draft.retype(column, ty, using.as_deref()),
            Self::SetNotNull { column, fill } => draft.set_not_null(column, fill.as_deref()),
            Self::DropNotNull { column } => draft.drop_not_null(column),
            Self::SetDefault { column, default } => draft.set_default(column, Some(default)),
            Self::DropDefault { column } => draft.set_default(column, None),
            Self::AddConstraint { name, definition } => draft.add_constraint(name, definition),
            Self::DropConstraint { name } => draft.drop_constraint(name),
            Self::CreateIndex { name, unique, definition } => draft.create_index(name, *unique, definition),
            Self::PrimaryKey { columns } => draft.primary_key(columns),
            Self::SplitColumn { column, into, keep } => draft.derive(std::slice::from_ref(column), into, *keep),
            Self::MergeColumns { columns, into, keep } => draft.derive(columns, std::slice::from_ref(into), *keep),
        }
    }
}

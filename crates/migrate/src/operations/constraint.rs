//! Constraints.

use borealis_sql::ast::{Statement, TableConstraint, TableConstraintKind, TableElement};

use super::argument::only_statement;
use super::{Draft, Rule};
use crate::error::{MigrateError, Result};
use crate::sql;
use crate::table::{Constraint, ConstraintKind, Index, Table};

/// A constraint as a person wrote it.
pub(super) struct Wished {
    pub(super) kind: TableConstraintKind,
    pub(super) rule: Rule,
}

/// Reads `CHECK (…)`, `UNIQUE (…)` or `FOREIGN KEY (…) REFERENCES …`.
pub(super) fn wished(name: &str, definition: &str) -> Result<Wished> {
    let unreadable =
        |why: &str| MigrateError::refused(format!("constraint {name}: {why}: write CHECK (…), UNIQUE (…) or FOREIGN KEY (…) REFERENCES …"));
    let text = format!("CREATE TABLE t (CONSTRAINT {} {definition})", sql::name(name));
    let Statement::CreateTable(create) = only_statement(&text).map_err(|why| unreadable(&why))? else {
        return Err(unreadable("that is something else"));
    };
    let [TableElement::Constraint(TableConstraint { kind, .. })] = create.elements.as_slice() else {
        return Err(unreadable("that is not one constraint"));
    };
    let rule = match kind {
        TableConstraintKind::Check { expr: _ } => {
            let expression = definition.trim_start().get("CHECK".len()..).unwrap_or_default().trim().to_owned();
            Rule::Check { name: name.to_owned(), expression }
        }
        TableConstraintKind::Unique { columns, nulls_not_distinct, using_index: None, .. } => {
            Rule::Unique { columns: columns.clone(), nulls_distinct: !nulls_not_distinct }
        }
        TableConstraintKind::ForeignKey { columns, references } => Rule::ForeignKey {
            name: name.to_owned(),
            columns: columns.clone(),
            to: match &references.table.schema {
                Some(schema) => sql::qualified(schema, &references.table.name),
                None => sql::name(&references.table.name),
            },
            to_columns: references.columns.clone(),
        },
        TableConstraintKind::PrimaryKey { .. } => return Err(unreadable("a primary key has an operation of its own")),
        TableConstraintKind::Unique { .. } => return Err(unreadable("USING INDEX is what the plan itself decides")),
    };
    Ok(Wished { kind: kind.clone(), rule })
}

/// No constraint or index of the table has the name.
pub(super) fn must_be_free(table: &Table, name: &str) -> Result<()> {
    let constraints = table.constraints.iter().map(|one| &one.name).chain(table.references.iter().map(|one| &one.name));
    match constraints.chain(table.indexes.iter().map(|one| &one.name)).any(|taken| taken == name) {
        true => Err(MigrateError::refused(format!("table {} has a constraint or index {name} already", table.qualified()))),
        false => Ok(()),
    }
}

impl Draft {
    pub(super) fn add_constraint(&mut self, name: &str, definition: &str) -> Result<()> {
        must_be_free(&self.table, name)?;
        let Wished { kind, rule } = wished(name, definition)?;
        let (kind, columns) = match kind {
            TableConstraintKind::Check { .. } => (ConstraintKind::Check, Vec::new()),
            TableConstraintKind::Unique { columns, .. } => (ConstraintKind::Unique, columns),
            TableConstraintKind::ForeignKey { .. } | TableConstraintKind::PrimaryKey { .. } => {
                return Err(MigrateError::refused("the database's dialect has no foreign keys: they came on 2026-08-26"));
            }
        };
        self.rules.push(rule);
        let (name, definition) = (name.to_owned(), definition.trim().to_owned());
        self.constraints.push(Constraint { name, kind, definition, columns, validated: true, comment: None });
        Ok(())
    }

    pub(super) fn create_index(&mut self, name: &str, unique: bool, definition: &str) -> Result<()> {
        must_be_free(&self.table, name)?;
        let (name, definition) = (name.to_owned(), definition.to_owned());
        self.indexes.push(Index {
            name,
            unique,
            valid: true,
            constraint: false,
            definition,
            columns: Vec::new(),
            keys: 0,
            uses: Vec::new(),
            plain: false,
            comment: None,
        });
        Ok(())
    }

    pub(super) fn drop_constraint(&mut self, name: &str) -> Result<()> {
        if self.references.iter().any(|key| key.name == name) {
            self.references.retain(|key| key.name != name);
            self.losses.push(format!("foreign key {name}"));
            return Ok(());
        }
        let Some(constraint) = self.constraints.iter().find(|constraint| constraint.name == name) else {
            return Err(MigrateError::refused(format!("table {} has no constraint {name} that can be dropped", self.table.qualified())));
        };
        if constraint.kind == ConstraintKind::PrimaryKey {
            return Err(MigrateError::refused("rows are told apart by the primary key; make another one instead of dropping it"));
        }
        if let Some(key) =
            self.table.referenced_by.iter().find(|key| key.to_columns == constraint.columns && constraint.kind == ConstraintKind::Unique)
        {
            return Err(MigrateError::refused(format!(
                "foreign key {} of {} stands on it: drop that first",
                key.name,
                key.referencing_qualified()
            )));
        }
        self.constraints.retain(|constraint| constraint.name != name);
        self.losses.push(format!("constraint {name}"));
        Ok(())
    }
}

//! Changes that the target's dialect makes to a table where it stands.

use borealis_dialect::{Dialect, refusal};
use borealis_sql::ast::TableConstraintKind;
use serde::{Deserialize, Serialize};

use super::constraint::{must_be_free, wished};
use super::{Draft, Operation, Rule};
use crate::error::{MigrateError, Result};
use crate::sql;
use crate::table::{ConstraintKind, Table};

/// A DDL statement, which is a transaction of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The statement.
    pub sql: String,
    /// It starts a background job that is waited for.
    pub job: bool,
    /// A query that answers true once the statement, and its job, have had their effect; a statement without one may run twice.
    pub done: Option<String>,
    /// What takes it back.
    pub undo: Option<String>,
}

impl Step {
    pub(crate) fn new(sql: String) -> Self {
        Self { sql, job: false, done: None, undo: None }
    }

    pub(crate) fn done(self, query: String) -> Self {
        Self { done: Some(query), ..self }
    }

    pub(crate) fn job(self) -> Self {
        Self { job: true, ..self }
    }

    pub(crate) fn undo(self, sql: String) -> Self {
        Self { undo: Some(sql), ..self }
    }
}

/// The statements of a change, what existing rows must keep for it, and what is lost by it.
#[derive(Debug, Default)]
pub(crate) struct Direct {
    pub(crate) steps: Vec<Step>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) losses: Vec<String>,
}

impl Direct {
    fn of(step: Step) -> Self {
        Self { steps: vec![step], ..Self::default() }
    }
}

/// How the dialect makes the change without another table; `None` when it cannot.
pub(crate) fn direct(operation: &Operation, table: &Table, dialect: Dialect) -> Result<Option<Direct>> {
    let accepted = |form: &str| refusal(form, &[], dialect).is_none();
    let alter = format!("ALTER TABLE {}", table.qualified());
    let column = |name: &str| must_exist(table, name).map(|()| format!("{alter} ALTER COLUMN {}", sql::name(name)));
    Ok(match operation {
        Operation::AddColumn { name, ty, default: None, not_null: false } => {
            if table.column(name).is_some() {
                return Err(MigrateError::refused(format!("table {} has a column {name} already", table.qualified())));
            }
            let drop = format!("{alter} DROP COLUMN {}", sql::name(name));
            let step = Step::new(format!("{alter} ADD COLUMN {} {ty}", sql::name(name))).done(has_column(table, name));
            Some(Direct::of(if accepted("alter_table/DROP COLUMN") { step.undo(drop) } else { step }))
        }
        Operation::DropColumn { column: name } if accepted("alter_table/DROP COLUMN") => drop_column(table, name)?,
        Operation::RenameColumn { column, to } => Some(rename_column(table, column, to)?),
        Operation::DropNotNull { column: name } if accepted("alter_table/ALTER COLUMN ... DROP NOT NULL") => {
            let nullable = format!(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attnotnull)",
                table.oid,
                sql::text(name)
            );
            Some(Direct::of(Step::new(format!("{} DROP NOT NULL", column(name)?)).done(nullable)))
        }
        Operation::SetDefault { column: name, default } if accepted("alter_table/ALTER COLUMN ... SET DEFAULT") => {
            let step = Step::new(format!("{} SET DEFAULT {default}", column(name)?));
            Some(Direct::of(step.undo(default_as_it_was(&column(name)?, table, name))))
        }
        Operation::DropDefault { column: name } if accepted("alter_table/ALTER COLUMN ... SET DEFAULT") => {
            let step = Step::new(format!("{} DROP DEFAULT", column(name)?));
            Some(Direct::of(step.undo(default_as_it_was(&column(name)?, table, name))))
        }
        Operation::AddConstraint { name, definition } => add_constraint(table, name, definition, &accepted)?,
        Operation::CreateIndex { name, unique, definition } => {
            must_be_free(table, name)?;
            Some(Direct::of(create_index(&table.qualified(), &table.schema, name, *unique, definition)))
        }
        Operation::DropConstraint { name } if accepted("alter_table/DROP CONSTRAINT") => drop_constraint(table, name)?,
        _ => None,
    })
}

/// The step that builds an index.
pub(crate) fn create_index(table: &str, schema: &str, name: &str, unique: bool, definition: &str) -> Step {
    let unique = if unique { "UNIQUE " } else { "" };
    Step::new(format!("CREATE {unique}INDEX ASYNC {} ON {table} {definition}", sql::name(name)))
        .job()
        .done(index_is_valid(schema, name))
        .undo(format!("DROP INDEX {}", sql::qualified(schema, name)))
}

fn must_exist(table: &Table, column: &str) -> Result<()> {
    match table.column(column) {
        Some(_) => Ok(()),
        None => Err(MigrateError::refused(format!("table {} has no column {column}", table.qualified()))),
    }
}

fn drop_column(table: &Table, name: &str) -> Result<Option<Direct>> {
    // What stands in its way is the same for a new table; only what goes with it is of interest here.
    let mut draft = Draft::without_key(table);
    draft.drop_column(name)?;
    let step = Step::new(format!("ALTER TABLE {} DROP COLUMN {}", table.qualified(), sql::name(name)));
    let step = step.done(format!("SELECT NOT ({})", has_column(table, name)));
    Ok(Some(Direct { steps: vec![step], rules: Vec::new(), losses: draft.losses }))
}

fn rename_column(table: &Table, from: &str, to: &str) -> Result<Direct> {
    must_exist(table, from)?;
    if table.column(to).is_some() {
        return Err(MigrateError::refused(format!("table {} has a column {to} already", table.qualified())));
    }
    let rename = |from: &str, to: &str| format!("ALTER TABLE {} RENAME COLUMN {} TO {}", table.qualified(), sql::name(from), sql::name(to));
    Ok(Direct::of(Step::new(rename(from, to)).done(has_column(table, to)).undo(rename(to, from))))
}

fn default_as_it_was(alter: &str, table: &Table, column: &str) -> String {
    match table.column(column).and_then(|column| column.default.as_deref()) {
        Some(default) => format!("{alter} SET DEFAULT {default}"),
        None => format!("{alter} DROP DEFAULT"),
    }
}

fn add_constraint(table: &Table, name: &str, definition: &str, accepted: &dyn Fn(&str) -> bool) -> Result<Option<Direct>> {
    must_be_free(table, name)?;
    let super::constraint::Wished { kind, rule } = wished(name, definition)?;
    let (alter, quoted) = (format!("ALTER TABLE {}", table.qualified()), sql::name(name));
    let drop = format!("{alter} DROP CONSTRAINT {quoted}");
    let validated = |column: &str| {
        format!(
            "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = {} AND conname = {} {column})",
            table.oid,
            sql::text(name)
        )
    };
    let steps = match kind {
        TableConstraintKind::Check { .. } if !accepted("alter_table/ADD CONSTRAINT CHECK NOT VALID") => return Ok(None),
        TableConstraintKind::ForeignKey { .. } if !accepted("alter_table/ADD CONSTRAINT FOREIGN KEY NOT VALID") => return Ok(None),
        TableConstraintKind::Check { .. } | TableConstraintKind::ForeignKey { .. } => vec![
            Step::new(format!("{alter} ADD CONSTRAINT {quoted} {} NOT VALID", definition.trim())).done(validated("")).undo(drop),
            Step::new(format!("ALTER TABLE ASYNC {} VALIDATE CONSTRAINT {quoted}", table.qualified()))
                .job()
                .done(validated("AND convalidated")),
        ],
        TableConstraintKind::Unique { .. } if !accepted("alter_table/ADD CONSTRAINT UNIQUE USING INDEX") => return Ok(None),
        TableConstraintKind::Unique { .. } => {
            // Behind UNIQUE: NULLS NOT DISTINCT, the columns, INCLUDE, as CREATE INDEX takes them too, only in another order.
            let behind = definition.trim_start().get("UNIQUE".len()..).unwrap_or_default().trim();
            let (distinct, keys) = match behind.find('(') {
                Some(at) => behind.split_at(at),
                None => ("", behind),
            };
            let index = format!("CREATE UNIQUE INDEX ASYNC {quoted} ON {} {keys} {distinct}", table.qualified());
            vec![
                Step::new(index.trim_end().to_owned())
                    .job()
                    .done(index_is_valid(&table.schema, name))
                    .undo(format!("DROP INDEX {}", sql::qualified(&table.schema, name))),
                Step::new(format!("{alter} ADD CONSTRAINT {quoted} UNIQUE USING INDEX {quoted}")).done(validated("")).undo(drop),
            ]
        }
        TableConstraintKind::PrimaryKey { .. } => return Ok(None),
    };
    Ok(Some(Direct { steps, rules: vec![rule], losses: Vec::new() }))
}

fn drop_constraint(table: &Table, name: &str) -> Result<Option<Direct>> {
    let of_table = table.constraints.iter().find(|one| one.name == name);
    if of_table.is_some_and(|one| one.kind == ConstraintKind::PrimaryKey) {
        return Err(MigrateError::refused("a primary key cannot be dropped; make another one with `primary-key`"));
    }
    let key = table.references.iter().find(|one| one.name == name);
    if of_table.is_none() && key.is_none() {
        return Err(MigrateError::refused(format!("table {} has no constraint {name}", table.qualified())));
    }
    let alter = format!("ALTER TABLE {}", table.qualified());
    let exists =
        format!("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = {} AND conname = {})", table.oid, sql::text(name));
    let step = Step::new(format!("{alter} DROP CONSTRAINT {}", sql::name(name))).done(format!("SELECT NOT ({exists})"));
    let again = key
        .map(|key| key.definition(&key.referenced_qualified()))
        .or_else(|| of_table.filter(|one| one.kind == ConstraintKind::Check).map(|one| one.definition.clone()));
    let step = match again {
        Some(definition) => step.undo(format!("{alter} ADD CONSTRAINT {} {definition} NOT VALID", sql::name(name))),
        None => step,
    };
    Ok(Some(Direct { steps: vec![step], rules: Vec::new(), losses: vec![format!("constraint {name}")] }))
}

fn has_column(table: &Table, column: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attisdropped)",
        table.oid,
        sql::text(column)
    )
}

/// Whether an index of this name is built and usable.
pub(crate) fn index_is_valid(schema: &str, name: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = {} AND c.relname = {} AND i.indisvalid)",
        sql::text(schema),
        sql::text(name)
    )
}

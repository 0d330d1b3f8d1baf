//! ALTER TABLE on constraints: ADD, DROP, VALIDATE.

use borealis_catalog::depend::{Address, Class};
use borealis_catalog::snapshot::Constraint;
use borealis_catalog::{IndexKeyPart, IndexState, Table, UniqueConstraint};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::constraint::check_constraint_free;
use super::foreign_key::ForeignKeyClause;
use super::{Work, limits, lookup};
use crate::ast::{TableConstraint, TableConstraintKind};
use crate::bound::JobRequest;

impl Work<'_> {
    pub(crate) fn add_constraint(&mut self, table: &mut Table, constraint: &TableConstraint) -> Result<()> {
        let name = constraint.name.as_deref();
        match &constraint.kind {
            TableConstraintKind::Check { expr } if constraint.not_valid => self.add_check(table, name, expr, false),
            TableConstraintKind::Unique { using_index: Some(index), .. } => self.adopt_index(table, name, index),
            TableConstraintKind::ForeignKey { columns, references } if constraint.not_valid => {
                let clause = ForeignKeyClause { name, columns: columns.iter().map(String::as_str).collect(), references };
                self.add_foreign_key(table, &clause, false)
            }
            TableConstraintKind::Check { .. }
            | TableConstraintKind::Unique { .. }
            | TableConstraintKind::PrimaryKey { .. }
            | TableConstraintKind::ForeignKey { .. } => Err(SqlError::unsupported("unsupported ALTER TABLE ADD CONSTRAINT statement")),
        }
    }

    /// UNIQUE USING INDEX: the index becomes the constraint's.
    fn adopt_index(&mut self, table: &mut Table, name: Option<&str>, index_name: &str) -> Result<()> {
        let Some(place) = table.indexes.iter().position(|index| index.name == index_name) else {
            return Err(self.no_such_index(table, index_name));
        };
        let index = &table.indexes[place];
        let wrong = |message: String| {
            let error = SqlError::new(SqlState::WRONG_OBJECT_TYPE, message);
            Err(error.detail("Cannot create a primary key or unique constraint using such an index."))
        };
        let not_ready = |message: String| Err(SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, message));
        if index.constraint.is_some() {
            return not_ready(format!("index \"{index_name}\" is already associated with a constraint"));
        }
        if index.state != IndexState::Valid {
            return not_ready(format!("index \"{index_name}\" is not valid"));
        }
        if !index.unique {
            return wrong(format!("\"{index_name}\" is not a unique index"));
        }
        if index.keys.iter().any(|key| matches!(key.part, IndexKeyPart::Expression(..))) {
            return wrong(format!("index \"{index_name}\" contains expressions"));
        }
        if index.predicate.is_some() {
            return wrong(format!("\"{index_name}\" is a partial index"));
        }
        if let Some(place) = index.keys.iter().position(|key| key.nulls_first) {
            return wrong(format!("index \"{index_name}\" column number {} does not have default sorting behavior", place + 1));
        }
        let name = name.unwrap_or(index_name).to_owned();
        if name != index_name {
            if self.relation_name_taken(table, &name) {
                return Err(lookup::duplicate_relation(&name));
            }
            let message = format!("ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{index_name}\" to \"{name}\"");
            self.notice(SqlState::SUCCESSFUL_COMPLETION, message);
        }
        check_constraint_free(table, &name)?;
        let oid = self.next_oid();
        let index = &mut table.indexes[place];
        index.constraint = Some(UniqueConstraint { oid, comment: None });
        index.name = name;
        Ok(())
    }

    fn no_such_index(&self, table: &Table, name: &str) -> SqlError {
        let message = match self.ctx.catalog.index(table.schema, name) {
            None => return SqlError::new(SqlState::UNDEFINED_OBJECT, format!("index \"{name}\" does not exist")),
            Some((index, _)) if index.constraint.is_some() => format!("index \"{name}\" is already associated with a constraint"),
            Some(_) => format!("index \"{name}\" does not belong to table \"{}\"", table.name),
        };
        SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, message)
    }

    pub(crate) fn drop_constraint(&mut self, table: &mut Table, name: &str, if_exists: bool, cascade: bool) -> Result<()> {
        if table.primary_key.as_ref().is_some_and(|key| key.name == name) {
            borealis_dialect::require("alter_table/drop primary key", &[], self.ctx.dialect).map_err(limits::error)?;
        }
        if let Some(constraint) = constraint_named(table, name) {
            return self.delete_part(table, Address::new(Class::Constraint, constraint), cascade);
        }
        let error = lookup::undefined_constraint(name, table);
        if if_exists {
            self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("{}, skipping", error.message()));
            return Ok(());
        }
        Err(error)
    }

    /// Starts the job that checks existing rows; the job marks the constraint validated.
    pub(crate) fn validate_constraint(&mut self, table: &mut Table, name: &str) -> Result<()> {
        let check = table.checks.iter().find(|check| check.name == name).map(|check| check.oid);
        let key = table.foreign_keys.iter().find(|key| key.name == name).map(|key| key.oid);
        if let Some(constraint) = check.or(key) {
            self.jobs.push(JobRequest::ValidateConstraint { table: table.oid, constraint });
            self.returns_job_id = true;
            return Ok(());
        }
        if super::name::has_constraint(table, name) {
            let message = format!("constraint \"{name}\" of relation \"{}\" is not a foreign key or check constraint", table.name);
            return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message));
        }
        Err(lookup::undefined_constraint(name, table))
    }
}

fn constraint_named(table: &Table, name: &str) -> Option<Oid> {
    let found = table.constraints().find(|(_, constraint)| match constraint {
        Constraint::Unique(index) => index.name == name,
        Constraint::Check(check) => check.name == name,
        Constraint::Foreign(key) => key.name == name,
    });
    found.map(|(oid, _)| oid)
}

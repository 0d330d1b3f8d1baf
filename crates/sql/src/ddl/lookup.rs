//! Finding what a DDL statement names, with the errors utility commands give: without position, and by the kind of object asked for.

use std::sync::Arc;

use borealis_catalog::snapshot::{BOREALIS_SCHEMA, INFORMATION_SCHEMA, PG_CATALOG_SCHEMA, PUBLIC_SCHEMA, SYS_SCHEMA};
use borealis_catalog::{Role, Schema, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::Work;
use super::ownership::Owned;
use crate::ast::{ObjectName, RoleName};
use crate::bind::{RelationFound, display_name, find_index, find_relation};

/// Whether the schema belongs to the system.
pub(crate) fn is_system_schema(oid: Oid) -> bool {
    matches!(oid, PG_CATALOG_SCHEMA | INFORMATION_SCHEMA | SYS_SCHEMA | BOREALIS_SCHEMA)
}

/// Whether the schema was there before any user came.
pub(crate) fn is_built_in_schema(oid: Oid) -> bool {
    is_system_schema(oid) || oid == PUBLIC_SCHEMA
}

impl Work<'_> {
    /// The table, or `42P01`.
    pub(crate) fn table(&self, name: &ObjectName) -> Result<Arc<Table>> {
        self.table_if_any(name)?.ok_or_else(|| undefined_relation(name))
    }

    /// The table; an error when the name is that of something else.
    pub(crate) fn table_if_any(&self, name: &ObjectName) -> Result<Option<Arc<Table>>> {
        match find_relation(self.ctx, name.schema.as_deref(), &name.name)? {
            Some(RelationFound::Table(table)) => Ok(Some(table)),
            Some(RelationFound::Sequence(_) | RelationFound::View(_)) => {
                Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a table", name.name)))
            }
            Some(RelationFound::System(relation)) => {
                let message = format!("permission denied: \"{}\" is a system catalog", relation.name);
                Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message))
            }
            None if self.index(name).is_some() => {
                Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a table", name.name)))
            }
            None => Ok(None),
        }
    }

    /// The index and its table.
    pub(crate) fn index(&self, name: &ObjectName) -> Option<(Arc<Table>, Oid)> {
        find_index(self.ctx, name.schema.as_deref(), &name.name)
    }

    /// The schema, or `3F000`.
    pub(crate) fn schema(&self, name: &str) -> Result<Arc<Schema>> {
        self.ctx.catalog.schema(name).cloned().ok_or_else(|| undefined_schema(name))
    }

    /// The schema whose objects are meant, which the role must be allowed to use.
    pub(crate) fn usable_schema(&self, name: &str) -> Result<Arc<Schema>> {
        self.ctx.named_schema(name)?;
        self.schema(name)
    }

    /// Refuses a name in a schema that the role may not use.
    pub(crate) fn check_usable(&self, name: &ObjectName) -> Result<()> {
        name.schema.as_ref().map_or(Ok(()), |schema| self.ctx.named_schema(schema).map(|_| ()))
    }

    /// The table that a statement changes: the role must have its owner's rights.
    pub(crate) fn owned_table(&self, name: &ObjectName) -> Result<Arc<Table>> {
        let table = self.table(name)?;
        self.must_own(Owned::table(&table))?;
        Ok(table)
    }

    /// The schema a new object goes to.
    pub(crate) fn creation_schema(&self, name: &ObjectName) -> Result<Arc<Schema>> {
        let schema = match &name.schema {
            Some(schema) => self.schema(schema)?,
            None => {
                let first = self.ctx.search_path.iter().find(|oid| !is_system_schema(**oid));
                first
                    .and_then(|oid| self.ctx.catalog.schema_by_oid(*oid))
                    .cloned()
                    .ok_or_else(|| SqlError::new(SqlState::INVALID_SCHEMA_NAME, "no schema has been selected to create in"))?
            }
        };
        self.may_create_in(&schema)?;
        Ok(schema)
    }

    /// The role, or `42704`.
    pub(crate) fn role(&self, name: &RoleName) -> Result<Arc<Role>> {
        let found = match name {
            RoleName::Named(name) => return self.role_named(name),
            RoleName::CurrentUser => self.ctx.catalog.role_by_oid(self.ctx.current_role),
            RoleName::SessionUser => self.ctx.catalog.role_by_oid(self.ctx.session_role),
            RoleName::Public => return Err(undefined_role("public")),
        };
        found.cloned().ok_or_else(|| SqlError::internal("the current role does not exist"))
    }

    pub(crate) fn role_named(&self, name: &str) -> Result<Arc<Role>> {
        self.ctx.catalog.role(name).cloned().ok_or_else(|| undefined_role(name))
    }
}

pub(crate) fn undefined_relation(name: &ObjectName) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_TABLE, format!("relation \"{}\" does not exist", display_name(name)))
}

pub(crate) fn undefined_schema(name: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_SCHEMA_NAME, format!("schema \"{name}\" does not exist"))
}

pub(crate) fn undefined_role(name: &str) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_OBJECT, format!("role \"{name}\" does not exist"))
}

/// `42P07`
pub(crate) fn duplicate_relation(name: &str) -> SqlError {
    SqlError::new(SqlState::DUPLICATE_TABLE, format!("relation \"{name}\" already exists"))
}

/// `42703`, as ALTER TABLE writes it.
pub(crate) fn undefined_column(column: &str, table: &Table) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_COLUMN, format!("column \"{column}\" of relation \"{}\" does not exist", table.name))
}

/// `42704`, as ALTER TABLE writes it.
pub(crate) fn undefined_constraint(name: &str, table: &Table) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_OBJECT, format!("constraint \"{name}\" of relation \"{}\" does not exist", table.name))
}

/// `42704`, as the commands write it that name a constraint by itself.
pub(crate) fn no_constraint_for(name: &str, table: &Table) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_OBJECT, format!("constraint \"{name}\" for table \"{}\" does not exist", table.name))
}

/// Place of a column in `table.columns`.
pub(crate) fn place(number: i16) -> usize {
    usize::try_from(number - 1).unwrap_or(usize::MAX)
}

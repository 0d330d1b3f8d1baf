//! Schemas.

use std::sync::Arc;

use borealis_catalog::depend::{Address, Class};
use borealis_catalog::{Change, Schema};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::{Work, limits, lookup};
use crate::ast::{Drop, RoleName, Statement};
use crate::bind::BindContext;

impl Work<'_> {
    pub(crate) fn create_schema(
        &mut self,
        name: Option<&str>,
        if_not_exists: bool,
        authorization: Option<&RoleName>,
        elements: &[Statement],
    ) -> Result<&'static str> {
        const TAG: &str = "CREATE SCHEMA";
        let owner = match authorization {
            Some(role) => Some(self.role(role)?),
            None => None,
        };
        let name = match (name, &owner) {
            (Some(name), _) => name.to_owned(),
            (None, Some(role)) => role.name.clone(),
            (None, None) => return Err(SqlError::internal("CREATE SCHEMA without a name")),
        };
        check_schema_name(&name)?;
        if self.ctx.catalog.schema(&name).is_some() {
            let message = format!("schema \"{name}\" already exists");
            if if_not_exists {
                self.notice(SqlState::DUPLICATE_SCHEMA, format!("{message}, skipping"));
                return Ok(TAG);
            }
            return Err(SqlError::new(SqlState::DUPLICATE_SCHEMA, message));
        }
        let own = self.ctx.catalog.schemas().filter(|schema| !lookup::is_built_in_schema(schema.oid)).count();
        limits::check("schemas", own + 1, self.ctx.dialect)?;
        let schema = Schema {
            oid: self.next_oid(),
            name,
            owner: owner.map_or(self.ctx.current_role, |role| role.oid),
            acl: Vec::new(),
            comment: None,
        };
        let oid = schema.oid;
        self.changes.push(Change::PutSchema(Arc::new(schema)));
        self.schema_elements(oid, elements)?;
        Ok(TAG)
    }

    /// Statements inside CREATE SCHEMA see the schema, first in their search path, and what those before them made.
    fn schema_elements(&mut self, schema: Oid, elements: &[Statement]) -> Result<()> {
        for element in elements {
            let catalog = self.ctx.catalog.apply(&self.changes, self.ctx.catalog.position);
            let mut path = vec![schema];
            path.extend_from_slice(self.ctx.search_path);
            let ctx = BindContext { catalog: &catalog, search_path: &path, ..*self.ctx };
            let mut work = Work::new(&ctx);
            work.statement(element)?;
            let Work { changes, affected, jobs, notices, .. } = work;
            self.changes.extend(changes);
            self.affected.extend(affected);
            self.jobs.extend(jobs);
            self.notices.extend(notices);
        }
        Ok(())
    }

    pub(crate) fn drop_schemas(&mut self, drop: &Drop) -> Result<()> {
        let mut roots = Vec::new();
        for name in &drop.names {
            let Some(schema) = self.ctx.catalog.schema(&name.name).cloned() else {
                if drop.if_exists {
                    self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("schema \"{}\" does not exist, skipping", name.name));
                    continue;
                }
                return Err(lookup::undefined_schema(&name.name));
            };
            if lookup::is_built_in_schema(schema.oid) {
                return Err(limits::system_entity());
            }
            roots.push(Address::new(Class::Schema, schema.oid));
        }
        self.delete(&roots, drop.cascade)
    }
}

/// Names with the prefix `pg_` are the system's.
pub(crate) fn check_schema_name(name: &str) -> Result<()> {
    if name.starts_with("pg_") {
        let error = SqlError::new(SqlState::RESERVED_NAME, format!("unacceptable schema name \"{name}\""));
        return Err(error.detail("The prefix \"pg_\" is reserved for system schemas."));
    }
    Ok(())
}

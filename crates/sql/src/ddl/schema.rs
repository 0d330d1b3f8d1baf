//! Schemas.

use std::sync::Arc;

use borealis_catalog::depend::{Address, Class};
use borealis_catalog::describe::{Names, resolve_relation};
use borealis_catalog::{Catalog, Change, DefaultObjects, Schema};
use borealis_pgtypes::{CallContext, Datum, EvalContext, Host, Oid, Result, SessionFunction, SqlError, SqlState};

use super::ownership::Owned;
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
        self.may_create_schemas()?;
        if let Some(owner) = &owner {
            self.may_become(owner)?;
        }
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
        limits::check("schemas", own + 1, self.ctx.limits)?;
        let owner = owner.map_or(self.ctx.current_role, |role| role.oid);
        let acl = self.new_acl(DefaultObjects::Schemas, owner, Oid::INVALID);
        let schema = Schema { oid: self.next_oid(), name, owner, acl, comment: None };
        let oid = schema.oid;
        self.changes.push(Change::PutSchema(Arc::new(schema)));
        self.schema_elements(oid, owner, elements)?;
        Ok(TAG)
    }

    /// Statements inside CREATE SCHEMA see the schema, first in their search path, and what those before them made. They run as its owner.
    fn schema_elements(&mut self, schema: Oid, owner: Oid, elements: &[Statement]) -> Result<()> {
        let mut elements: Vec<&Statement> = elements.iter().collect();
        elements.sort_by_key(|element| element_order(element));
        for element in elements {
            let catalog = self.ctx.catalog.apply(&self.changes, self.ctx.catalog.position);
            let mut path = vec![schema];
            path.extend_from_slice(self.ctx.search_path);
            let host = InsideHost { outer: self.ctx.eval.host, catalog: &catalog, search_path: &path };
            let eval = EvalContext { host: &host, ..*self.ctx.eval };
            let ctx = BindContext { catalog: &catalog, search_path: &path, eval: &eval, current_role: owner, ..*self.ctx };
            let mut work = Work::new(&ctx);
            work.statement(element)?;
            let Work { changes, affected, sequences, jobs, notices, .. } = work;
            self.changes.extend(changes);
            self.affected.extend(affected);
            self.sequences.extend(sequences);
            self.jobs.extend(jobs);
            self.notices.extend(notices);
        }
        Ok(())
    }

    /// Default privileges in a schema go with it.
    fn forget_defaults_in(&mut self, schema: Oid) {
        let gone = self.ctx.catalog.default_privileges().filter(|given| given.schema == schema);
        self.changes.extend(gone.map(|given| Change::DropDefaultPrivileges(given.oid)));
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
            self.must_own(Owned::schema(&schema))?;
            roots.push(Address::new(Class::Schema, schema.oid));
        }
        for root in &roots {
            self.forget_defaults_in(root.oid);
        }
        self.delete(&roots, drop.cascade)
    }
}

/// PostgreSQL makes sequences first, then tables, then what needs them: `transformCreateSchemaStmtElements`.
fn element_order(element: &Statement) -> u8 {
    match element {
        Statement::CreateSequence(_) => 0,
        Statement::CreateTable(_) => 1,
        Statement::CreateView(_) => 2,
        _ => 3,
    }
}

/// The session's surroundings, with relations found where the statement inside of CREATE SCHEMA would find them.
struct InsideHost<'a> {
    outer: &'a dyn Host,
    catalog: &'a Catalog,
    search_path: &'a [Oid],
}

impl Host for InsideHost<'_> {
    fn clock_timestamp(&self) -> i64 {
        self.outer.clock_timestamp()
    }

    fn random_bytes(&self, bytes: &mut [u8]) {
        self.outer.random_bytes(bytes);
    }

    fn session_function(&self, function: SessionFunction, call: &CallContext<'_>, args: &[Datum]) -> Result<Datum> {
        match (function, args) {
            (SessionFunction::RegIn, [Datum::Text(name)]) if call.result_type == Oid::REGCLASS => {
                let names = Names { catalog: self.catalog, search_path: self.search_path, database: "postgres" };
                resolve_relation(&names, name).map(Datum::Oid)
            }
            _ => self.outer.session_function(function, call, args),
        }
    }

    fn check_interrupt(&self) -> Result<()> {
        self.outer.check_interrupt()
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

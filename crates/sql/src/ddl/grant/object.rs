//! GRANT and REVOKE on schemas and functions. After `ExecGrant_common`.

use std::sync::Arc;

use borealis_catalog::acl::{Acl, Class};
use borealis_catalog::privilege::Guarded;
use borealis_catalog::{Change, Routine, Schema};
use borealis_pgtypes::Result;

use super::super::{Work, limits, lookup};
use super::{Request, Subject};
use crate::ast::{FunctionName, Grant};

impl Work<'_> {
    pub(super) fn grant_schemas(&mut self, grant: &Grant, names: &[String]) -> Result<()> {
        let schemas: Vec<Arc<Schema>> = names.iter().map(|name| self.schema(name)).collect::<Result<_>>()?;
        let request = self.request(grant, Class::Schema.all(), "schema")?;
        for schema in schemas {
            if lookup::is_built_in_schema(schema.oid) {
                return Err(limits::system_entity());
            }
            let object = Guarded::schema(&schema);
            let subject = Subject { kind: "schema", name: &schema.name, column: None };
            let list = self.changed_list(&request, &object, object.items().into_owned(), request.rights, request.all, &subject)?;
            self.changes.push(Change::PutSchema(Arc::new(Schema { acl: Acl::of(list), ..(*schema).clone() })));
        }
        Ok(())
    }

    pub(super) fn grant_functions(&mut self, grant: &Grant, names: &[FunctionName], routine: bool) -> Result<()> {
        let routines: Vec<Arc<Routine>> = names.iter().map(|name| self.routine(name, routine)).collect::<Result<_>>()?;
        let request = self.request(grant, Class::Routine.all(), word(routine))?;
        routines.iter().try_for_each(|routine| self.grant_routine(&request, routine))
    }

    pub(super) fn grant_all_functions(&mut self, grant: &Grant, schemas: &[String], routine: bool) -> Result<()> {
        let schemas = self.schema_oids(schemas)?;
        let request = self.request(grant, Class::Routine.all(), word(routine))?;
        for schema in schemas {
            for routine in self.ctx.catalog.routines().filter(|routine| routine.schema == schema) {
                self.grant_routine(&request, routine)?;
            }
        }
        Ok(())
    }

    fn grant_routine(&mut self, request: &Request, routine: &Routine) -> Result<()> {
        let object = Guarded::routine(routine);
        let subject = Subject { kind: "function", name: &routine.name, column: None };
        let list = self.changed_list(request, &object, object.items().into_owned(), request.rights, request.all, &subject)?;
        self.affected.push(routine.oid);
        self.changes.push(Change::PutRoutine(Arc::new(Routine { acl: Acl::of(list), ..routine.clone() })));
        Ok(())
    }
}

fn word(routine: bool) -> &'static str {
    if routine { "routine" } else { "function" }
}

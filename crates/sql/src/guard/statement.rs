//! Statements: which are walked, which change nothing that is anybody's, which are refused.

use borealis_pgtypes::Result;

use super::{Enforcement, SETTING, Walk, refused};
use crate::ast::{Call, Copy, CopySource, Explain, ObjectName, Statement};

impl Walk<'_> {
    pub(super) fn statement(&mut self, statement: &mut Statement) -> Result<()> {
        match statement {
            Statement::Query(query) => self.query(query),
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Explain(explain) => self.explain(explain),
            Statement::Copy(copy) => self.copy(copy),
            Statement::Call(call) => self.procedure(call),
            Statement::Set(set) if set.name.eq_ignore_ascii_case(SETTING) => Err(unchangeable()),
            Statement::Reset { name: Some(name), at: _ } if name.eq_ignore_ascii_case(SETTING) => Err(unchangeable()),
            Statement::Transaction(_)
            | Statement::Set(_)
            | Statement::Reset { .. }
            | Statement::Show { .. }
            | Statement::Deallocate { .. }
            | Statement::SetConstraints { .. }
            // It reads all rows and shows none.
            | Statement::Analyze { .. } => Ok(()),
            other => self.definition(other),
        }
    }

    /// Statements that change the schema, which is everybody's.
    fn definition(&self, statement: &Statement) -> Result<()> {
        if statement.is_definition() && self.guard.allows_ddl() {
            return Ok(());
        }
        Err(refused("statements that change the schema act on all tenants")
            .hint(format!("Run it without the guard, or put ddl=allow into {SETTING}.")))
    }

    fn explain(&mut self, explain: &mut Explain) -> Result<()> {
        let Explain {
            analyze,
            verbose: _,
            costs: _,
            timing: _,
            summary: _,
            settings: _,
            generic_plan: _,
            format: _,
            identifier: _,
            statement,
        } = explain;
        if *analyze {
            let error = refused("EXPLAIN ANALYZE shows how many rows of other tenants were passed over");
            return Err(error.hint("Use EXPLAIN without ANALYZE."));
        }
        self.statement(statement)
    }

    fn copy(&mut self, copy: &mut Copy) -> Result<()> {
        let Copy { source, from, options: _, filter, access } = copy;
        if self.enforcement == Enforcement::Text {
            return Err(refused("COPY is confined by the engine alone").hint("Use SELECT or INSERT."));
        }
        self.exprs(filter)?;
        match source {
            CopySource::Query(statement) => self.statement(statement),
            CopySource::Table { name, columns } if *from => {
                let table = self.target(name)?;
                let tenant = self.guard.tenant(&table)?;
                if !columns.is_empty() && !columns.iter().any(|column| column.name == tenant.column.name) {
                    let message = format!("COPY into table \"{}\" must give column \"{}\"", table.name, tenant.column.name);
                    return Err(refused(message).hint("Add the column to the list and to the data."));
                }
                *access = Some(self.guard.access(&table)?);
                Ok(())
            }
            CopySource::Table { name, columns: _ } => {
                *access = self.copied(name)?;
                Ok(())
            }
        }
    }

    /// The rows of a table that COPY TO may show.
    fn copied(&mut self, name: &mut ObjectName) -> Result<Option<crate::ast::Access>> {
        let before = std::mem::take(&mut self.ctes);
        let mut item = crate::ast::TableRef::Table { name: name.clone(), only: true, alias: None, access: None };
        let walked = self.table_ref(&mut item);
        self.ctes = before;
        walked?;
        match item {
            crate::ast::TableRef::Table { name: resolved, access, .. } => {
                *name = resolved;
                Ok(access)
            }
            _ => Err(refused(format!("view \"{}\" cannot be copied", name.name)).hint("Try the COPY (SELECT ...) TO variant.")),
        }
    }

    fn procedure(&mut self, call: &mut Call) -> Result<()> {
        let Call { function, at } = call;
        if function.name != ["sys", "wait_for_job"] {
            return Err(refused(format!("procedure {} may do anything", function.name.join("."))).at(*at));
        }
        for argument in &mut function.args {
            self.expr(&mut argument.value)?;
        }
        Ok(())
    }
}

fn unchangeable() -> borealis_pgtypes::SqlError {
    refused("a guarded session cannot change its guard").hint("Open another session.")
}

//! Foreign keys whose actions write: deleting or changing a row of the tenant must not reach rows of others.
//!
//! A key that pairs the tenant columns of both tables cannot: referencing rows have the referenced row's tenant. Any other key with an action might.

use std::collections::HashSet;

use borealis_pgtypes::Result;

use super::catalog::acts;
use super::facts::{Cascade, Relation, Table};
use super::{Walk, refused};

/// What happens to the rows of a table.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    Delete,
    /// Columns that are given new values.
    Update(&'a [String]),
}

impl Walk<'_> {
    /// Refuses a change that a foreign key would carry on to rows that may be of other tenants.
    pub(super) fn cascades(&self, table: &Table, change: Change<'_>) -> Result<()> {
        self.cascades_of(table, change, &mut HashSet::new())
    }

    fn cascades_of(&self, table: &Table, change: Change<'_>, seen: &mut HashSet<(String, String)>) -> Result<()> {
        for cascade in &table.cascades {
            let touched = |columns: &[String]| cascade.columns.iter().any(|(_, referenced)| columns.contains(referenced));
            let action = match change {
                Change::Delete => cascade.on_delete,
                Change::Update(columns) if touched(columns) => cascade.on_update,
                Change::Update(_) => continue,
            };
            if !acts(action) {
                continue;
            }
            self.check_paired(table, cascade)?;
            if seen.insert((cascade.schema.clone(), cascade.table.clone()))
                && let Some(Relation::Table(child)) = self.schema.relation(Some(&cascade.schema), &cascade.table)
            {
                self.carried_on(&child, cascade, (change, action), seen)?;
            }
        }
        Ok(())
    }

    /// What the action does to the referencing table may have actions of its own.
    fn carried_on(
        &self,
        child: &Table,
        cascade: &Cascade,
        (change, action): (Change<'_>, char),
        seen: &mut HashSet<(String, String)>,
    ) -> Result<()> {
        if matches!(change, Change::Delete) && action == 'c' {
            return self.cascades_of(child, Change::Delete, seen);
        }
        let written: Vec<String> = cascade.columns.iter().map(|(own, _)| own.clone()).collect();
        self.cascades_of(child, Change::Update(&written), seen)
    }

    fn check_paired(&self, table: &Table, cascade: &Cascade) -> Result<()> {
        let column = self.guard.column();
        if cascade.columns.iter().any(|(own, referenced)| own == column && referenced == column) {
            return Ok(());
        }
        let message = format!("the change of table \"{}\" could reach rows of other tenants in table \"{}\"", table.name, cascade.table);
        Err(refused(message).hint(format!("Make \"{column}\" part of the foreign key on both sides.")))
    }
}

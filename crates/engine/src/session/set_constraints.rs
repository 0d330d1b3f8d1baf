//! SET CONSTRAINTS. After `AfterTriggerSetState`.

use borealis_catalog::{Catalog, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};
use borealis_sql::ast::ObjectName;

use super::transaction::Block;
use super::utility::warn;
use super::{Session, Sink};
use crate::exec::ConstraintMode;

/// Sets when constraints are checked, and checks those that are due by that.
pub(super) fn run(session: &mut Session, names: Option<&[ObjectName]>, deferred: bool, sink: &mut dyn Sink) -> Result<()> {
    if session.block == Block::Implicit {
        warn(sink, SqlState::NO_ACTIVE_SQL_TRANSACTION, "SET CONSTRAINTS can only be used in transaction blocks");
    }
    let catalog = session.active()?.catalog.clone();
    let path = session.resolved_path(&catalog, true);
    let oids = names.map(|names| named(&catalog, &path, names, deferred)).transpose()?;
    let mode = if deferred { ConstraintMode::Deferred } else { ConstraintMode::Immediate };
    session.active()?.txn.set_constraints(oids.as_deref(), mode);
    session.check_constraints()
}

/// The deferrable constraints of these names. A name stands for all constraints that have it in the first schema of the path where one does.
fn named(catalog: &Catalog, path: &[Oid], names: &[ObjectName], deferred: bool) -> Result<Vec<Oid>> {
    let mut oids = Vec::new();
    for name in names {
        let own;
        let schemas = match &name.schema {
            Some(schema) => {
                let missing = || SqlError::new(SqlState::INVALID_SCHEMA_NAME, format!("schema \"{schema}\" does not exist"));
                own = [catalog.schema(schema).ok_or_else(missing)?.oid];
                &own[..]
            }
            None => path,
        };
        let found = schemas.iter().map(|schema| in_schema(catalog, *schema, &name.name)).find(|found| !found.is_empty());
        let Some(found) = found else {
            return Err(SqlError::new(SqlState::UNDEFINED_OBJECT, format!("constraint \"{}\" does not exist", name.name)));
        };
        for (oid, deferrable) in found {
            if deferrable {
                oids.push(oid);
            } else if deferred {
                let text = format!("constraint \"{}\" is not deferrable", name.name);
                return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, text));
            }
        }
    }
    Ok(oids)
}

/// Constraints of a name in a schema, and whether they are deferrable.
fn in_schema(catalog: &Catalog, schema: Oid, name: &str) -> Vec<(Oid, bool)> {
    let of_table = |table: &Table| -> Vec<(Oid, bool)> {
        let keys = table.foreign_keys.iter().filter(|key| key.name == name).map(|key| (key.oid, key.deferrable));
        let checks = table.checks.iter().filter(|check| check.name == name).map(|check| (check.oid, false));
        let unique = table.all_indexes().filter(|index| index.name == name);
        let unique = unique.filter_map(|index| index.constraint.as_ref().map(|constraint| (constraint.oid, false)));
        keys.chain(checks).chain(unique).collect()
    };
    catalog.tables().filter(|table| table.schema == schema).flat_map(|table| of_table(table)).collect()
}

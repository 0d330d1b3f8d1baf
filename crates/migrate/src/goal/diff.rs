//! From a table as it is to the table as it is wished.

use crate::error::{MigrateError, Result};
use crate::journal::SCHEMA;
use crate::operations::Operation;
use crate::sql;
use crate::table::{Column, Constraint, ConstraintKind, ForeignKey, Table};

/// The changes, in an order in which they can be made.
pub(super) fn operations(there: &Table, goal: &Table) -> Result<Vec<Operation>> {
    let mut operations = dropped_constraints(there, goal);
    for column in &goal.columns {
        match there.column(&column.name) {
            None => operations.push(added(column)?),
            Some(old) => operations.extend(changed(old, column)?),
        }
    }
    operations.extend(primary_key(there, goal)?);
    operations.extend(added_constraints(there, goal));
    let gone = there.columns.iter().filter(|column| goal.column(&column.name).is_none());
    operations.extend(gone.map(|column| Operation::DropColumn { column: column.name.clone() }));
    Ok(operations)
}

fn added(column: &Column) -> Result<Operation> {
    if column.identity.is_some() || column.generated.is_some() {
        return Err(MigrateError::refused(format!(
            "column {} is new and an identity or generated column: no row could be given its value",
            column.name
        )));
    }
    Ok(Operation::AddColumn {
        name: column.name.clone(),
        ty: column.ty.clone(),
        default: column.default.clone(),
        not_null: column.not_null,
    })
}

fn changed(old: &Column, new: &Column) -> Result<Vec<Operation>> {
    if old.identity != new.identity || old.generated != new.generated {
        return Err(MigrateError::refused(format!(
            "column {} would become, or no longer be, an identity or generated column; that is not planned here",
            new.name
        )));
    }
    let column = || new.name.clone();
    let mut operations = Vec::new();
    if old.ty != new.ty {
        operations.push(Operation::RetypeColumn { column: column(), ty: new.ty.clone(), using: None });
    }
    match (old.not_null, new.not_null) {
        (false, true) => operations.push(Operation::SetNotNull { column: column(), fill: None }),
        (true, false) => operations.push(Operation::DropNotNull { column: column() }),
        _ => {}
    }
    match &new.default {
        default if *default == old.default => {}
        Some(default) => operations.push(Operation::SetDefault { column: column(), default: default.clone() }),
        None => operations.push(Operation::DropDefault { column: column() }),
    }
    Ok(operations)
}

fn primary_key(there: &Table, goal: &Table) -> Result<Option<Operation>> {
    let columns = |table: &Table| table.primary_key().map(|key| key.columns.clone());
    match (columns(there), columns(goal)) {
        (old, new) if old == new => Ok(None),
        (_, Some(columns)) => Ok(Some(Operation::PrimaryKey { columns })),
        (_, None) => {
            Err(MigrateError::refused(format!("table {} has a primary key and the goal none; it cannot be dropped", there.qualified())))
        }
    }
}

fn constraints(table: &Table) -> impl Iterator<Item = &Constraint> {
    table.constraints.iter().filter(|constraint| constraint.kind != ConstraintKind::PrimaryKey)
}

fn has(table: &Table, constraint: &Constraint) -> bool {
    constraints(table).any(|one| one.kind == constraint.kind && one.definition == constraint.definition)
}

/// The table that a key of the goal refers to: itself by the name that it has in the scratch schema.
fn target(key: &ForeignKey, table: &Table) -> String {
    if key.to.0 == SCHEMA { table.qualified() } else { key.referenced_qualified() }
}

fn has_key(table: &Table, key: &ForeignKey, to: &str) -> bool {
    table.references.iter().any(|one| one.definition(&target(one, table)) == key.definition(to))
}

fn dropped_constraints(there: &Table, goal: &Table) -> Vec<Operation> {
    let drop = |name: &String| Operation::DropConstraint { name: name.clone() };
    let dropped = constraints(there).filter(|one| !has(goal, one)).map(|one| drop(&one.name));
    let keys = there.references.iter().filter(|key| {
        let to = key.referenced_qualified();
        !goal.references.iter().any(|one| {
            let wished = if one.to.0 == SCHEMA { there.qualified() } else { one.referenced_qualified() };
            one.definition(&wished) == key.definition(&to)
        })
    });
    dropped.chain(keys.map(|key| drop(&key.name))).collect()
}

fn added_constraints(there: &Table, goal: &Table) -> Vec<Operation> {
    let add = |name: &String, definition: String| Operation::AddConstraint { name: name.clone(), definition };
    let added = constraints(goal).filter(|one| !has(there, one)).map(|one| add(&one.name, one.definition.clone()));
    let keys = goal.references.iter().filter_map(|key| {
        let to = if key.to.0 == SCHEMA { sql::qualified(&there.schema, &there.name) } else { key.referenced_qualified() };
        (!has_key(there, key, &to)).then(|| add(&key.name, key.definition(&to)))
    });
    added.chain(keys).collect()
}

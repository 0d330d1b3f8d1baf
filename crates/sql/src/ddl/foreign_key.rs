//! FOREIGN KEY constraints: made, changed, and dropped with what they reference. After `ATAddForeignKeyConstraint`.

use std::sync::Arc;

use borealis_catalog::acl::Rights;
use borealis_catalog::privilege::Guarded;
use borealis_catalog::{Column, ForeignKey, Index, IndexKeyPart, IndexState, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState, Type, types};

use super::constraint::check_constraint_free;
use super::ownership::permission_denied;
use super::{Work, lookup};
use crate::ast::{ObjectName, References};
use crate::bind::foreign_key::comparable;

/// A FOREIGN KEY constraint as written.
pub(crate) struct ForeignKeyClause<'s> {
    pub(crate) name: Option<&'s str>,
    pub(crate) columns: Vec<&'s str>,
    pub(crate) references: &'s References,
}

impl Work<'_> {
    /// Adds the key to the referencing table. Transactions that know neither end's new rule must not commit: both tables are affected.
    pub(crate) fn add_foreign_key(&mut self, table: &mut Table, clause: &ForeignKeyClause<'_>, validated: bool) -> Result<()> {
        let name = match clause.name {
            Some(name) => {
                check_constraint_free(table, name)?;
                name.to_owned()
            }
            None => self.choose_foreign_key_name(table, &clause.columns),
        };
        let references = clause.references;
        let target = self.referenced_table(table, &references.table)?;
        let columns = key_columns(table, &clause.columns)?;
        let delete_columns = delete_columns(table, references, &columns)?;
        let (target_columns, target_index) = target_key(&target, references)?;
        check_generated(table, &columns, references)?;
        if columns.len() != target_columns.len() {
            let message = "number of referencing and referenced columns for foreign key disagree";
            return Err(SqlError::new(SqlState::INVALID_FOREIGN_KEY, message));
        }
        self.may_reference(&target, &target_columns)?;
        check_types(&name, (table, &columns), (&target, &target_columns))?;
        self.affected.push(target.oid);
        table.foreign_keys.push(ForeignKey {
            oid: self.next_oid(),
            name,
            columns,
            target: target.oid,
            target_columns,
            target_index,
            on_update: references.on_update,
            on_delete: references.on_delete,
            match_type: references.match_type,
            delete_columns,
            deferrable: references.deferrable,
            initially_deferred: references.initially_deferred,
            validated,
            comment: None,
        });
        Ok(())
    }

    /// `checkFkeyPermissions`
    fn may_reference(&self, target: &Table, columns: &[i16]) -> Result<()> {
        let whole = self.standing.holds(&Guarded::table(target), Rights::REFERENCES);
        let each = |number: &i16| {
            let column = target.column_number(*number);
            column.is_some_and(|column| self.standing.holds(&Guarded::column(target.owner, column), Rights::REFERENCES))
        };
        if whole || columns.iter().all(each) { Ok(()) } else { Err(permission_denied("table", &target.name)) }
    }

    /// The table a key points to; the referencing one, as it is being made, when it names itself.
    fn referenced_table(&self, table: &Table, name: &ObjectName) -> Result<Arc<Table>> {
        let own = match &name.schema {
            Some(schema) => self.ctx.catalog.schema(schema).is_some_and(|schema| schema.oid == table.schema) && name.name == table.name,
            None => {
                let first = |schema: &&Oid| **schema == table.schema || self.ctx.catalog.table(**schema, &name.name).is_some();
                name.name == table.name && self.ctx.search_path.iter().find(first) == Some(&table.schema)
            }
        };
        if own { Ok(Arc::new(table.clone())) } else { self.table(name) }
    }

    /// ALTER CONSTRAINT: when the key is checked.
    pub(crate) fn alter_constraint(&mut self, table: &mut Table, name: &str, deferrable: bool, initially_deferred: bool) -> Result<()> {
        if let Some(key) = table.foreign_keys.iter_mut().find(|key| key.name == name) {
            key.deferrable = deferrable;
            key.initially_deferred = initially_deferred;
            return Ok(());
        }
        if super::name::has_constraint(table, name) {
            let message = format!("constraint \"{name}\" of relation \"{}\" is not a foreign key constraint", table.name);
            return Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, message));
        }
        Err(lookup::undefined_constraint(name, table))
    }
}

/// Numbers of the named columns of either end.
fn key_columns<'n>(table: &Table, names: &[impl AsRef<str> + 'n]) -> Result<Vec<i16>> {
    let number = |name: &str| {
        table.column(name).map(|column| column.number).ok_or_else(|| {
            let message = format!("column \"{name}\" referenced in foreign key constraint does not exist");
            SqlError::new(SqlState::UNDEFINED_COLUMN, message)
        })
    };
    names.iter().map(|name| number(name.as_ref())).collect()
}

/// The columns listed for ON DELETE SET NULL or SET DEFAULT, each once.
fn delete_columns(table: &Table, references: &References, columns: &[i16]) -> Result<Vec<i16>> {
    let mut set = Vec::with_capacity(references.delete_columns.len());
    for (name, number) in references.delete_columns.iter().zip(key_columns(table, &references.delete_columns)?) {
        if !columns.contains(&number) {
            let message = format!("column \"{name}\" referenced in ON DELETE SET action must be part of foreign key");
            return Err(SqlError::new(SqlState::INVALID_COLUMN_REFERENCE, message));
        }
        if !set.contains(&number) {
            set.push(number);
        }
    }
    Ok(set)
}

/// What the key references: the columns named and an index unique over them, or the primary key.
fn target_key(target: &Table, references: &References) -> Result<(Vec<i16>, Oid)> {
    if references.columns.is_empty() {
        let Some(index) = &target.primary_key else {
            let message = format!("there is no primary key for referenced table \"{}\"", target.name);
            return Err(SqlError::new(SqlState::UNDEFINED_OBJECT, message));
        };
        return Ok((plain_columns(index).unwrap_or_default(), index.oid));
    }
    let columns = key_columns(target, &references.columns)?;
    if (1..columns.len()).any(|at| columns[..at].contains(&columns[at])) {
        let message = "foreign key referenced-columns list must not contain duplicates";
        return Err(SqlError::new(SqlState::INVALID_FOREIGN_KEY, message));
    }
    let over_them = |index: &&Index| {
        let usable = index.unique && index.predicate.is_none() && index.state == IndexState::Valid;
        usable && plain_columns(index).is_some_and(|keys| keys.len() == columns.len() && columns.iter().all(|column| keys.contains(column)))
    };
    let Some(index) = target.all_indexes().find(over_them) else {
        let message = format!("there is no unique constraint matching given keys for referenced table \"{}\"", target.name);
        return Err(SqlError::new(SqlState::INVALID_FOREIGN_KEY, message));
    };
    let oid = index.oid;
    Ok((columns, oid))
}

/// The columns of an index without expressions.
fn plain_columns(index: &Index) -> Option<Vec<i16>> {
    index.keys.iter().map(|key| if let IndexKeyPart::Column(number) = key.part { Some(number) } else { None }).collect()
}

/// No action may write a generated column.
fn check_generated(table: &Table, columns: &[i16], references: &References) -> Result<()> {
    let generated = |number: &i16| table.column_number(*number).is_some_and(|column| column.generated.is_some());
    if !columns.iter().any(generated) {
        return Ok(());
    }
    let event = if matches!(references.on_update, 'n' | 'd' | 'c') {
        "UPDATE"
    } else if matches!(references.on_delete, 'n' | 'd') {
        "DELETE"
    } else {
        return Ok(());
    };
    let message = format!("invalid ON {event} action for foreign key constraint containing generated column");
    Err(SqlError::new(SqlState::SYNTAX_ERROR, message))
}

fn check_types(name: &str, own: (&Table, &[i16]), target: (&Table, &[i16])) -> Result<()> {
    let column = |table: &'_ Table, number: i16| -> Option<Column> { table.column_number(number).cloned() };
    for (number, referenced) in own.1.iter().zip(target.1) {
        let (Some(child), Some(parent)) = (column(own.0, *number), column(target.0, *referenced)) else { continue };
        if !comparable(child.ty.oid, parent.ty.oid) {
            let detail = format!(
                "Key columns \"{}\" and \"{}\" are of incompatible types: {} and {}.",
                child.name,
                parent.name,
                types::format_type(Type::plain(child.ty.oid)),
                types::format_type(Type::plain(parent.ty.oid))
            );
            let message = format!("foreign key constraint \"{name}\" cannot be implemented");
            return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message).detail(detail));
        }
    }
    Ok(())
}

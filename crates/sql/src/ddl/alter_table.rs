//! ALTER TABLE: the actions one after the other on a copy of the descriptor, which is written once.

use borealis_catalog::Table;
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::Work;
use crate::ast::{AlterAction, AlterTable};

impl Work<'_> {
    pub(crate) fn alter_table(&mut self, alter: &AlterTable) -> Result<&'static str> {
        const TAG: &str = "ALTER TABLE";
        let Some(table) = self.table_if_any(&alter.name)? else {
            if alter.if_exists {
                let message = format!("relation \"{}\" does not exist, skipping", alter.name.name);
                self.notice(SqlState::SUCCESSFUL_COMPLETION, message);
                return Ok(TAG);
            }
            return Err(super::lookup::undefined_relation(&alter.name));
        };
        let mut next = (*table).clone();
        for action in &alter.actions {
            self.action(&mut next, action)?;
        }
        if next != *table {
            self.put_table(next);
        }
        Ok(TAG)
    }

    fn action(&mut self, table: &mut Table, action: &AlterAction) -> Result<()> {
        match action {
            AlterAction::AddColumn { column, if_not_exists } => self.add_column(table, column, *if_not_exists),
            AlterAction::DropColumn { name, if_exists, cascade } => self.drop_column(table, name, *if_exists, *cascade),
            AlterAction::SetDefault { column, default } => self.set_default(table, column, default.as_ref()).map_err(without_position),
            AlterAction::DropNotNull { column } => drop_not_null(table, column),
            AlterAction::DropExpression { column, if_exists } => self.drop_expression(table, column, *if_exists),
            AlterAction::SetStorage { column, storage } => set_storage(table, column, storage),
            AlterAction::AddConstraint(constraint) => self.add_constraint(table, constraint).map_err(without_position),
            AlterAction::DropConstraint { name, if_exists, cascade } => self.drop_constraint(table, name, *if_exists, *cascade),
            AlterAction::ValidateConstraint { name } => self.validate_constraint(table, name),
            AlterAction::AlterConstraint { name, deferrable, initially_deferred } => {
                self.alter_constraint(table, name, *deferrable, *initially_deferred)
            }
            AlterAction::Triggers => Ok(()),
            AlterAction::Identity { column, change } => self.alter_identity(table, column, change).map_err(without_position),
            AlterAction::OwnerTo(owner) => {
                table.owner = self.role(owner)?.oid;
                self.change_owned_sequences(table.oid, |sequence| sequence.owner = table.owner);
                Ok(())
            }
        }
    }
}

/// PostgreSQL no longer knows the statement's text where ALTER TABLE binds expressions.
fn without_position(mut error: SqlError) -> SqlError {
    error.fields_mut().position = None;
    error
}

fn drop_not_null(table: &mut Table, name: &str) -> Result<()> {
    let number = super::alter_column::number(table, name)?;
    if table.columns[super::lookup::place(number)].identity.is_some() {
        let message = format!("column \"{name}\" of relation \"{}\" is an identity column", table.name);
        return Err(SqlError::new(SqlState::SYNTAX_ERROR, message));
    }
    let in_key =
        table.primary_key.as_ref().is_some_and(|key| key.keys.iter().any(|key| key.part == borealis_catalog::IndexKeyPart::Column(number)));
    if in_key {
        let message = format!("column \"{name}\" is in a primary key");
        return Err(SqlError::new(SqlState::INVALID_TABLE_DEFINITION, message));
    }
    table.columns[super::lookup::place(number)].not_null = false;
    Ok(())
}

fn set_storage(table: &mut Table, name: &str, storage: &str) -> Result<()> {
    let number = super::alter_column::number(table, name)?;
    let column = &mut table.columns[super::lookup::place(number)];
    column.storage = super::column::storage(Some(storage), column.ty.oid)?;
    Ok(())
}

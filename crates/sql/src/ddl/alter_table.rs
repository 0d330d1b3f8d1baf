//! ALTER TABLE: the actions one after the other on a copy of the descriptor, which is written once.

use borealis_catalog::{Table, View};
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::Work;
use super::ownership::Owned;
use crate::ast::{AlterAction, AlterTable, IdentityChange, ViewAction};

impl Work<'_> {
    pub(crate) fn alter_table(&mut self, alter: &AlterTable) -> Result<&'static str> {
        const TAG: &str = "ALTER TABLE";
        if let Some(view) = self.view_named(&alter.name) {
            self.must_own(Owned::view(&view))?;
            return self.alter_view_as_table(&view, alter);
        }
        let Some(table) = self.table_if_any(&alter.name)? else {
            if alter.if_exists {
                let message = format!("relation \"{}\" does not exist, skipping", alter.name.name);
                self.notice(SqlState::SUCCESSFUL_COMPLETION, message);
                return Ok(TAG);
            }
            return Err(super::lookup::undefined_relation(&alter.name));
        };
        self.must_own(Owned::table(&table))?;
        let mut next = (*table).clone();
        for action in &alter.actions {
            self.action(&mut next, action)?;
        }
        if next != *table {
            let places = |table: &Table| table.live_columns().map(|column| column.number).collect::<Vec<_>>();
            let moved = places(&next) != places(&table);
            self.put_table(next);
            if moved {
                self.follow_columns(table.oid)?;
            }
        }
        Ok(TAG)
    }

    /// What ALTER TABLE may do to a view: what ALTER VIEW does.
    fn alter_view_as_table(&mut self, view: &View, alter: &AlterTable) -> Result<&'static str> {
        let mut next = view.clone();
        for action in &alter.actions {
            let action = match action {
                AlterAction::SetDefault { column, default } => ViewAction::SetDefault { column: column.clone(), default: default.clone() },
                AlterAction::OwnerTo(owner) => ViewAction::OwnerTo(owner.clone()),
                other => {
                    let message = format!("ALTER action {} cannot be performed on relation \"{}\"", action_name(other), view.name);
                    let error = SqlError::new(SqlState::WRONG_OBJECT_TYPE, message);
                    return Err(error.detail("This operation is not supported for views."));
                }
            };
            self.view_action(&mut next, &action)?;
        }
        self.put_view(next);
        Ok("ALTER TABLE")
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
                let owner = self.role(owner)?;
                self.may_hand_over(Owned::table(table), &owner)?;
                self.hand_over_table(table, owner.oid);
                Ok(())
            }
        }
    }
}

/// `alter_table_type_to_string`
fn action_name(action: &AlterAction) -> &'static str {
    match action {
        AlterAction::AddColumn { .. } => "ADD COLUMN",
        AlterAction::DropColumn { .. } => "DROP COLUMN",
        AlterAction::SetDefault { .. } => "ALTER COLUMN ... SET DEFAULT",
        AlterAction::DropNotNull { .. } => "ALTER COLUMN ... DROP NOT NULL",
        AlterAction::DropExpression { .. } => "ALTER COLUMN ... DROP EXPRESSION",
        AlterAction::SetStorage { .. } => "ALTER COLUMN ... SET STORAGE",
        AlterAction::AddConstraint(_) => "ADD CONSTRAINT",
        AlterAction::DropConstraint { .. } => "DROP CONSTRAINT",
        AlterAction::ValidateConstraint { .. } => "VALIDATE CONSTRAINT",
        AlterAction::Identity { change: IdentityChange::Add { .. }, .. } => "ALTER COLUMN ... ADD IDENTITY",
        AlterAction::Identity { change: IdentityChange::Set { .. }, .. } => "ALTER COLUMN ... SET",
        AlterAction::Identity { change: IdentityChange::Drop { .. }, .. } => "ALTER COLUMN ... DROP IDENTITY",
        AlterAction::AlterConstraint { .. } => "ALTER CONSTRAINT",
        AlterAction::Triggers => "ENABLE TRIGGER",
        AlterAction::OwnerTo(_) => "OWNER TO",
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

//! ALTER TABLE on columns: ADD, DROP, SET and DROP DEFAULT, DROP EXPRESSION.

use std::sync::Arc;

use borealis_catalog::depend::Address;
use borealis_catalog::{Change, Column, Index, IndexKeyPart, Table};
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::{Work, expression, limits, lookup};
use crate::ast::{self, ColumnConstraintKind, ColumnDefinition};

/// `attnum` of a column that an action names.
pub(crate) fn number(table: &Table, name: &str) -> Result<i16> {
    table.column(name).map(|column| column.number).ok_or_else(|| lookup::undefined_column(name, table))
}

impl Work<'_> {
    pub(crate) fn add_column(&mut self, table: &mut Table, definition: &ColumnDefinition, if_not_exists: bool) -> Result<()> {
        if table.column(&definition.name).is_some() {
            let message = format!("column \"{}\" of relation \"{}\" already exists", definition.name, table.name);
            if if_not_exists {
                self.notice(SqlState::DUPLICATE_COLUMN, format!("{message}, skipping"));
                return Ok(());
            }
            return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, message));
        }
        if definition.constraints.iter().any(|constraint| constraint.kind != ColumnConstraintKind::Null) {
            return Err(SqlError::unsupported("ALTER TABLE ADD COLUMN with constraint not supported"));
        }
        let column = self.column(definition, table)?;
        if self
            .ctx
            .catalog
            .domain_chain(column.ty.declared)
            .any(|domain| domain.not_null || domain.default.is_some() || !domain.checks.is_empty())
        {
            return Err(SqlError::unsupported("ALTER TABLE ADD COLUMN with constraint not supported"));
        }
        table.columns.push(column);
        limits::check_columns(table.live_columns().count(), table.primary_key.is_some(), self.ctx.limits)?;
        limits::check("columns per table lifetime", table.columns.len(), self.ctx.limits)
    }

    pub(crate) fn drop_column(&mut self, table: &mut Table, name: &str, if_exists: bool, cascade: bool) -> Result<()> {
        let Some(column) = table.column(name) else {
            if if_exists {
                let message = format!("column \"{name}\" of relation \"{}\" does not exist, skipping", table.name);
                self.notice(SqlState::SUCCESSFUL_COMPLETION, message);
                return Ok(());
            }
            return Err(lookup::undefined_column(name, table));
        };
        let number = column.number;
        if table.primary_key.as_ref().is_some_and(|key| names_column(key, number)) {
            borealis_dialect::require("alter_table/drop primary key column", &[name], self.ctx.dialect).map_err(limits::error)?;
        }
        self.delete_part(table, Address::column(table.oid, number), cascade)
    }

    /// Drops a part of the table that is being altered.
    pub(crate) fn delete_part(&mut self, table: &mut Table, part: Address, cascade: bool) -> Result<()> {
        self.changes.push(Change::PutTable(Arc::new(table.clone())));
        self.delete(&[part], cascade)?;
        if let Some(left) = self.catalog().table_by_oid(table.oid) {
            *table = (**left).clone();
        }
        Ok(())
    }

    pub(crate) fn set_default(&mut self, table: &mut Table, name: &str, default: Option<&ast::Expr>) -> Result<()> {
        let number = number(table, name)?;
        let column = table.columns[lookup::place(number)].clone();
        check_default_settable(&column, table, default.is_none())?;
        table.columns[lookup::place(number)].default = match default {
            Some(expr) => expression::default(expr, &*table, &column, self.ctx)?,
            None => None,
        };
        Ok(())
    }

    pub(crate) fn drop_expression(&mut self, table: &mut Table, name: &str, if_exists: bool) -> Result<()> {
        let number = number(table, name)?;
        let column = &mut table.columns[lookup::place(number)];
        if column.generated.take().is_some() {
            return Ok(());
        }
        let message = format!("column \"{name}\" of relation \"{}\" is not a stored generated column", table.name);
        if if_exists {
            self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("{message}, skipping"));
            return Ok(());
        }
        Err(SqlError::new(SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE, message))
    }
}

/// A column whose values come from elsewhere has no default.
fn check_default_settable(column: &Column, table: &Table, dropped: bool) -> Result<()> {
    let (kind, instead) = match column {
        Column { identity: Some(_), .. } => ("an identity", "DROP IDENTITY"),
        Column { generated: Some(_), .. } => ("a generated", "DROP EXPRESSION"),
        _ => return Ok(()),
    };
    let message = format!("column \"{}\" of relation \"{}\" is {kind} column", column.name, table.name);
    let error = SqlError::new(SqlState::SYNTAX_ERROR, message);
    Err(if dropped { error.hint(format!("Use ALTER TABLE ... ALTER COLUMN ... {instead} instead.")) } else { error })
}

fn names_column(index: &Index, number: i16) -> bool {
    index.keys.iter().any(|key| key.part == IndexKeyPart::Column(number))
}

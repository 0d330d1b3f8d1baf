//! Constraints of a table: CHECK, PRIMARY KEY, UNIQUE.

use borealis_catalog::{Check, Index, IndexKey, IndexKeyPart, IndexState, Table, UniqueConstraint};
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::name::{distinct_columns, has_constraint, joined};
use super::{Work, expression, limits, lookup};
use crate::ast;

/// A PRIMARY KEY or UNIQUE constraint as written.
pub(crate) struct Key<'s> {
    pub(crate) name: Option<&'s str>,
    pub(crate) primary: bool,
    pub(crate) columns: Vec<&'s str>,
    pub(crate) include: &'s [String],
    pub(crate) nulls_not_distinct: bool,
    pub(crate) at: i32,
}

impl Work<'_> {
    /// Adds a CHECK. Its default name has the column it reads, if that is a single one.
    pub(crate) fn add_check(&mut self, table: &mut Table, name: Option<&str>, expr: &ast::Expr, validated: bool) -> Result<()> {
        let (text, only) = expression::check(expr, table, self.ctx)?;
        let name = match name {
            Some(name) => {
                check_constraint_free(table, name)?;
                name.to_owned()
            }
            None => self.choose_check_name(table, only.as_deref()),
        };
        table.checks.push(Check { oid: self.next_oid(), name, expression: text, validated, comment: None });
        Ok(())
    }

    /// Adds the index of a PRIMARY KEY or UNIQUE constraint.
    pub(crate) fn add_key(&mut self, table: &mut Table, key: &Key<'_>) -> Result<()> {
        let (keys, include) = self.key_parts(table, key)?;
        let name = match key.name {
            Some(name) => {
                if self.relation_name_taken(table, name) {
                    return Err(lookup::duplicate_relation(name));
                }
                check_constraint_free(table, name)?;
                name.to_owned()
            }
            None if key.primary => self.choose_index_name(table, None, "pkey"),
            None => {
                let names = key.columns.iter().map(|name| (*name).to_owned()).chain(key.include.iter().cloned()).collect();
                self.choose_index_name(table, Some(&joined(&distinct_columns(names))), "key")
            }
        };
        let index = Index {
            oid: self.next_oid(),
            name,
            unique: true,
            primary: key.primary,
            keys,
            include,
            nulls_not_distinct: key.nulls_not_distinct,
            predicate: None,
            state: IndexState::Valid,
            constraint: Some(UniqueConstraint { oid: self.next_oid(), comment: None }),
            comment: None,
        };
        if key.primary {
            table.primary_key = Some(index);
        } else {
            table.indexes.push(index);
        }
        limits::check("indexes per table", table.all_indexes().count(), self.ctx.limits)
    }

    fn key_parts(&mut self, table: &mut Table, key: &Key<'_>) -> Result<(Vec<IndexKey>, Vec<i16>)> {
        limits::check("key columns", key.columns.len(), self.ctx.limits)?;
        let mut keys: Vec<IndexKey> = Vec::with_capacity(key.columns.len());
        for name in &key.columns {
            let column = key_column(table, name, key.at)?;
            let (number, ty) = (column.number, column.ty);
            if keys.iter().any(|known| known.part == IndexKeyPart::Column(number)) {
                let kind = if key.primary { "primary key" } else { "unique" };
                let message = format!("column \"{name}\" appears twice in {kind} constraint");
                return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, message).at(key.at));
            }
            limits::check_key_type(ty, self.ctx.dialect)?;
            if key.primary {
                table.columns[usize::try_from(number - 1).unwrap_or_default()].not_null = true;
            }
            keys.push(IndexKey { part: IndexKeyPart::Column(number), nulls_first: false });
        }
        let mut include = Vec::with_capacity(key.include.len());
        for name in key.include {
            include.push(key_column(table, name, key.at)?.number);
        }
        Ok((keys, include))
    }
}

fn key_column<'t>(table: &'t Table, name: &str, at: i32) -> Result<&'t borealis_catalog::Column> {
    table.column(name).ok_or_else(|| {
        let message = format!("column \"{name}\" named in key does not exist");
        SqlError::new(SqlState::UNDEFINED_COLUMN, message).at(at)
    })
}

/// `42710` when the table has a constraint of that name.
pub(crate) fn check_constraint_free(table: &Table, name: &str) -> Result<()> {
    if !has_constraint(table, name) {
        return Ok(());
    }
    let message = format!("constraint \"{name}\" for relation \"{}\" already exists", table.name);
    Err(SqlError::new(SqlState::DUPLICATE_OBJECT, message))
}

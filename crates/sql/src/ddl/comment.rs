//! COMMENT ON.

use std::sync::Arc;

use borealis_catalog::{Change, Schema, Sequence, View};
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::ownership::Owned;
use super::{Work, limits, lookup};
use crate::ast::{CommentTarget, ObjectKind, ObjectName};

impl Work<'_> {
    pub(crate) fn comment(&mut self, target: &CommentTarget, text: Option<&str>) -> Result<&'static str> {
        // An empty comment is none.
        let text = text.filter(|text| !text.is_empty()).map(str::to_owned);
        match target {
            CommentTarget::Object { kind: ObjectKind::Table, name } => {
                let mut table = (*self.owned_table(name)?).clone();
                table.comment = text;
                self.put_table(table);
            }
            CommentTarget::Object { kind: ObjectKind::Index, name } => self.comment_on_index(name, text)?,
            CommentTarget::Object { kind: ObjectKind::Schema, name } => {
                let schema = self.schema(&name.name)?;
                self.must_own(Owned::schema(&schema))?;
                self.changes.push(Change::PutSchema(Arc::new(Schema { comment: text, ..(*schema).clone() })));
            }
            CommentTarget::Object { kind: ObjectKind::Sequence, name } => {
                let sequence = self.sequence_if_any(name)?.ok_or_else(|| lookup::undefined_relation(name))?;
                self.must_own(Owned::sequence(&sequence))?;
                self.put_sequence(Sequence { comment: text, ..(*sequence).clone() });
            }
            CommentTarget::Object { kind: ObjectKind::View, name } => {
                if let Some(view) = self.owned_view(name, false)? {
                    self.changes.push(Change::PutView(Arc::new(View { comment: text, ..(*view).clone() })));
                }
            }
            CommentTarget::Column { table, column } if self.is_view(table) => {
                if let Some(view) = self.view(table, false)? {
                    self.must_own(Owned { kind: "relation", ..Owned::view(&view) })?;
                    let mut next = (*view).clone();
                    let Some(known) = next.columns.iter_mut().find(|known| known.name == *column) else {
                        let message = format!("column \"{column}\" of relation \"{}\" does not exist", view.name);
                        return Err(SqlError::new(SqlState::UNDEFINED_COLUMN, message));
                    };
                    known.comment = text;
                    self.changes.push(Change::PutView(Arc::new(next)));
                }
            }
            CommentTarget::Column { table, column } => {
                let mut table = (*self.table(table)?).clone();
                self.must_own(Owned { kind: "relation", ..Owned::table(&table) })?;
                let number = super::alter_column::number(&table, column)?;
                table.columns[lookup::place(number)].comment = text;
                self.put_table(table);
            }
            CommentTarget::Object { kind, .. } => {
                return Err(limits::not_yet(&format!("COMMENT ON {}", format!("{kind:?}").to_uppercase())));
            }
            CommentTarget::Constraint { table, constraint } => self.comment_on_constraint(table, constraint, text)?,
            CommentTarget::Function(name) => self.comment_on_function(name, text)?,
            CommentTarget::Role(name) => self.comment_on_role(name, text)?,
        }
        Ok("COMMENT")
    }

    fn comment_on_constraint(&mut self, name: &ObjectName, constraint: &str, text: Option<String>) -> Result<()> {
        let table = self.table(name)?;
        let mut next = (*table).clone();
        let mut indexes = next.primary_key.iter_mut().chain(&mut next.indexes).filter(|index| index.name == constraint);
        let unique = indexes.find_map(|index| index.constraint.as_mut()).map(|unique| &mut unique.comment);
        let check = next.checks.iter_mut().find(|check| check.name == constraint).map(|check| &mut check.comment);
        let foreign = next.foreign_keys.iter_mut().find(|key| key.name == constraint).map(|key| &mut key.comment);
        let comment = unique.or(check).or(foreign).ok_or_else(|| lookup::no_constraint_for(constraint, &table))?;
        self.must_own(Owned { kind: "relation", ..Owned::table(&table) })?;
        *comment = text;
        self.put_table(next);
        Ok(())
    }

    fn comment_on_index(&mut self, name: &ObjectName, text: Option<String>) -> Result<()> {
        self.check_usable(name)?;
        let Some((table, oid)) = self.index(name) else { return Err(lookup::undefined_relation(name)) };
        self.must_own(Owned::index(&name.name, &table))?;
        let mut table = (*table).clone();
        if let Some(index) = table.primary_key.iter_mut().chain(&mut table.indexes).find(|index| index.oid == oid) {
            index.comment = text;
        }
        self.put_table(table);
        Ok(())
    }
}

//! DROP.

use std::sync::Arc;

use borealis_catalog::{Change, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::{Work, lookup};
use crate::ast::{Drop, ObjectKind, ObjectName};
use crate::bind::{RelationFound, find_relation};
use crate::bound::JobRequest;

impl Work<'_> {
    pub(crate) fn drop(&mut self, drop: &Drop) -> Result<&'static str> {
        match drop.kind {
            ObjectKind::Schema => {
                self.drop_schemas(drop)?;
                return Ok("DROP SCHEMA");
            }
            ObjectKind::Index => {
                self.drop_indexes(drop)?;
                return Ok("DROP INDEX");
            }
            _ => {}
        }
        let mut tables: Vec<Arc<Table>> = Vec::new();
        for name in &drop.names {
            if let Some(table) = self.droppable(drop, name)?
                && !tables.iter().any(|known| known.oid == table.oid)
            {
                tables.push(table);
            }
        }
        for table in tables {
            self.drop_table(&table);
        }
        Ok(tag(drop.kind))
    }

    /// Removes a table and its storage.
    pub(crate) fn drop_table(&mut self, table: &Table) {
        self.affected.push(table.oid);
        self.changes.push(Change::DropTable(table.oid));
        self.jobs.push(JobRequest::DropStorage { relation: table.oid });
        self.jobs.extend(table.indexes.iter().map(|index| JobRequest::DropStorage { relation: index.oid }));
    }

    /// The table of that name; `None` where it does not exist and IF EXISTS allows that. Only tables can exist of the kinds that come here.
    fn droppable(&mut self, drop: &Drop, name: &ObjectName) -> Result<Option<Arc<Table>>> {
        if !self.check_schema(drop, name)? {
            return Ok(None);
        }
        let found = find_relation(self.ctx, name.schema.as_deref(), &name.name);
        if matches!(drop.kind, ObjectKind::Domain | ObjectKind::Function) {
            return self.missing(drop, name).map(|()| None);
        }
        match (found, drop.kind) {
            (Some(RelationFound::System(relation)), _) => {
                let message = format!("permission denied: \"{}\" is a system catalog", relation.name);
                Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message))
            }
            (Some(RelationFound::Table(table)), ObjectKind::Table) => Ok(Some(table)),
            (Some(RelationFound::Table(_)), kind) => Err(wrong_kind(name, kind, "Use DROP TABLE to remove a table.")),
            (None, kind) if self.index(name).is_some() => Err(wrong_kind(name, kind, "Use DROP INDEX to remove an index.")),
            (None, _) => self.missing(drop, name).map(|()| None),
        }
    }

    /// Whether the schema of the name exists; a notice instead of the error with IF EXISTS.
    fn check_schema(&mut self, drop: &Drop, name: &ObjectName) -> Result<bool> {
        let Some(schema) = &name.schema else { return Ok(true) };
        if self.ctx.catalog.schema(schema).is_some() {
            return Ok(true);
        }
        if drop.if_exists {
            self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("schema \"{schema}\" does not exist, skipping"));
            return Ok(false);
        }
        Err(lookup::undefined_schema(schema))
    }

    fn missing(&mut self, drop: &Drop, name: &ObjectName) -> Result<()> {
        let message = format!("{} \"{}\" does not exist", word(drop.kind), name.name);
        if drop.if_exists {
            self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("{message}, skipping"));
            return Ok(());
        }
        let state = match drop.kind {
            ObjectKind::Index | ObjectKind::Domain => SqlState::UNDEFINED_OBJECT,
            _ => SqlState::UNDEFINED_TABLE,
        };
        Err(SqlError::new(state, message))
    }

    fn drop_indexes(&mut self, drop: &Drop) -> Result<()> {
        let mut tables: Vec<Table> = Vec::new();
        for name in &drop.names {
            if !self.check_schema(drop, name)? {
                continue;
            }
            let Some((table, index)) = self.index(name) else {
                if find_relation(self.ctx, name.schema.as_deref(), &name.name).is_some() {
                    return Err(wrong_kind(name, ObjectKind::Index, "Use DROP TABLE to remove a table."));
                }
                self.missing(drop, name)?;
                continue;
            };
            self.check_index_free(&table, index)?;
            let place = match tables.iter().position(|known| known.oid == table.oid) {
                Some(place) => place,
                None => {
                    tables.push((*table).clone());
                    tables.len() - 1
                }
            };
            tables[place].indexes.retain(|known| known.oid != index);
            self.jobs.push(JobRequest::DropStorage { relation: index });
        }
        for table in tables {
            self.put_table(table);
        }
        Ok(())
    }

    fn check_index_free(&self, table: &Table, index: Oid) -> Result<()> {
        let Some(index) = table.all_indexes().find(|known| known.oid == index).filter(|index| index.constraint.is_some()) else {
            return Ok(());
        };
        let described = self.described(table);
        let message = format!("cannot drop index {0} because constraint {0} on table {described} requires it", index.name);
        let hint = format!("You can drop constraint {} on table {described} instead.", index.name);
        Err(SqlError::new(SqlState::DEPENDENT_OBJECTS_STILL_EXIST, message).hint(hint))
    }
}

fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "table",
        ObjectKind::Index => "index",
        ObjectKind::Schema => "schema",
        ObjectKind::View => "view",
        ObjectKind::Sequence => "sequence",
        ObjectKind::Domain => "type",
        ObjectKind::Function => "function",
    }
}

fn tag(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "DROP TABLE",
        ObjectKind::Index => "DROP INDEX",
        ObjectKind::Schema => "DROP SCHEMA",
        ObjectKind::View => "DROP VIEW",
        ObjectKind::Sequence => "DROP SEQUENCE",
        ObjectKind::Domain => "DROP DOMAIN",
        ObjectKind::Function => "DROP FUNCTION",
    }
}

fn wrong_kind(name: &ObjectName, kind: ObjectKind, hint: &str) -> SqlError {
    let article = if kind == ObjectKind::Index { "an" } else { "a" };
    SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not {article} {}", name.name, word(kind))).hint(hint)
}

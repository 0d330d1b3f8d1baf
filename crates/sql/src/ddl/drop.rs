//! DROP.

use borealis_catalog::depend::{Address, Class};
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::ownership::Owned;
use super::{Work, lookup};
use crate::ast::{Drop, ObjectKind, ObjectName};
use crate::bind::{RelationFound, find_relation};

impl Work<'_> {
    pub(crate) fn drop(&mut self, drop: &Drop) -> Result<&'static str> {
        match drop.kind {
            ObjectKind::Schema => {
                self.drop_schemas(drop)?;
                return Ok("DROP SCHEMA");
            }
            ObjectKind::Statistics => {
                self.drop_statistics(drop)?;
                return Ok("DROP STATISTICS");
            }
            ObjectKind::Index => {
                self.drop_indexes(drop)?;
                return Ok("DROP INDEX");
            }
            ObjectKind::Domain => {
                self.drop_domains(drop)?;
                return Ok("DROP DOMAIN");
            }
            _ => {}
        }
        let mut roots: Vec<Address> = Vec::new();
        for name in &drop.names {
            if let Some(object) = self.droppable(drop, name)?
                && !roots.contains(&object)
            {
                roots.push(object);
            }
        }
        self.delete(&roots, drop.cascade)?;
        Ok(tag(drop.kind))
    }

    /// DROP TRIGGER IF EXISTS: no table has one.
    pub(crate) fn drop_trigger(&mut self, name: &str, table: &ObjectName) -> Result<&'static str> {
        let known_schema = table.schema.as_ref().is_none_or(|schema| self.ctx.catalog.schema(schema).is_some());
        let message = if !known_schema {
            format!("schema \"{}\" does not exist, skipping", table.schema.as_deref().unwrap_or_default())
        } else if find_relation(self.ctx, table.schema.as_deref(), &table.name)?.is_none() {
            format!("{}, skipping", lookup::undefined_relation(table).message())
        } else {
            format!("trigger \"{name}\" for relation \"{}\" does not exist, skipping", table.name)
        };
        self.notice(SqlState::SUCCESSFUL_COMPLETION, message);
        Ok("DROP TRIGGER")
    }

    /// The relation of that name; `None` where it does not exist and IF EXISTS allows that.
    fn droppable(&mut self, drop: &Drop, name: &ObjectName) -> Result<Option<Address>> {
        if !self.check_schema(drop, name)? {
            return Ok(None);
        }
        let found = find_relation(self.ctx, name.schema.as_deref(), &name.name)?;
        match (found, drop.kind) {
            (Some(RelationFound::System(relation)), _) => {
                let message = format!("permission denied: \"{}\" is a system catalog", relation.name);
                Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message))
            }
            (Some(RelationFound::Table(table)), ObjectKind::Table) => {
                self.may_drop(Owned::table(&table))?;
                Ok(Some(Address::relation(table.oid)))
            }
            (Some(RelationFound::Sequence(sequence)), ObjectKind::Sequence) => {
                self.may_drop(Owned::sequence(&sequence))?;
                Ok(Some(Address::relation(sequence.oid)))
            }
            (Some(RelationFound::Sequence(_)), kind) => Err(wrong_kind(name, kind, "Use DROP SEQUENCE to remove a sequence.")),
            (Some(RelationFound::View(view)), ObjectKind::View) => {
                self.may_drop(Owned::view(&view))?;
                Ok(Some(Address::relation(view.oid)))
            }
            (Some(RelationFound::View(_)), kind) => Err(wrong_kind(name, kind, "Use DROP VIEW to remove a view.")),
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

    fn drop_domains(&mut self, drop: &Drop) -> Result<()> {
        let mut roots = Vec::new();
        for name in &drop.names {
            if !self.check_schema(drop, name)? {
                continue;
            }
            match self.droppable_domain(name)? {
                Some(domain) => {
                    self.may_drop(Owned::domain(&domain))?;
                    roots.push(Address::new(Class::Type, domain.oid));
                }
                None => self.missing(drop, name)?,
            }
        }
        self.delete(&roots, drop.cascade)
    }

    fn drop_statistics(&mut self, drop: &Drop) -> Result<()> {
        let mut roots = Vec::new();
        for name in &drop.names {
            if self.check_schema(drop, name)?
                && let Some(object) = self.existing_statistics(name, drop.if_exists)?
            {
                self.may_drop(Owned::statistics(&object))?;
                roots.push(Address::new(Class::Statistics, object.oid));
            }
        }
        self.delete(&roots, drop.cascade)
    }

    fn drop_indexes(&mut self, drop: &Drop) -> Result<()> {
        let mut roots = Vec::new();
        for name in &drop.names {
            if !self.check_schema(drop, name)? {
                continue;
            }
            self.check_usable(name)?;
            match self.index(name) {
                Some((table, index)) => {
                    self.may_drop(Owned::index(&name.name, &table))?;
                    roots.push(Address::relation(index));
                }
                None => match find_relation(self.ctx, name.schema.as_deref(), &name.name)? {
                    Some(RelationFound::View(_)) => return Err(wrong_kind(name, ObjectKind::Index, "Use DROP VIEW to remove a view.")),
                    Some(RelationFound::Sequence(_)) => {
                        return Err(wrong_kind(name, ObjectKind::Index, "Use DROP SEQUENCE to remove a sequence."));
                    }
                    Some(_) => return Err(wrong_kind(name, ObjectKind::Index, "Use DROP TABLE to remove a table.")),
                    None => self.missing(drop, name)?,
                },
            }
        }
        self.delete(&roots, drop.cascade)
    }
}

fn word(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "table",
        ObjectKind::Index => "index",
        ObjectKind::Schema => "schema",
        ObjectKind::View => "view",
        ObjectKind::Sequence => "sequence",
        ObjectKind::Statistics => "statistics object",
        ObjectKind::Domain => "type",
    }
}

fn tag(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Table => "DROP TABLE",
        ObjectKind::Index => "DROP INDEX",
        ObjectKind::Schema => "DROP SCHEMA",
        ObjectKind::View => "DROP VIEW",
        ObjectKind::Sequence => "DROP SEQUENCE",
        ObjectKind::Statistics => "DROP STATISTICS",
        ObjectKind::Domain => "DROP DOMAIN",
    }
}

fn wrong_kind(name: &ObjectName, kind: ObjectKind, hint: &str) -> SqlError {
    let article = if kind == ObjectKind::Index { "an" } else { "a" };
    SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not {article} {}", name.name, word(kind))).hint(hint)
}

//! RENAME, SET SCHEMA, OWNER TO.

use std::sync::Arc;

use borealis_catalog::{Change, IndexKeyPart, Role, Schema, Table};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::constraint::check_constraint_free;
use super::ownership::Owned;
use super::{Work, expression, limits, lookup};
use crate::ast::{ObjectKind, ObjectName, Rename, RenameTarget, RoleName};
use crate::bind::bind_stored_expr;

impl Work<'_> {
    pub(crate) fn rename(&mut self, rename: &Rename) -> Result<&'static str> {
        match &rename.target {
            RenameTarget::Object { kind, name } if *kind == ObjectKind::View || *kind == ObjectKind::Table && self.is_view(name) => {
                if let Some(view) = self.owned_view(name, rename.if_exists)? {
                    self.rename_view(&view, &rename.new_name)?;
                }
                Ok(if *kind == ObjectKind::View { "ALTER VIEW" } else { "ALTER TABLE" })
            }
            // As in PostgreSQL, either statement renames the other's object.
            RenameTarget::Object { kind: ObjectKind::Table | ObjectKind::Index, name } if self.index(name).is_some() => {
                self.rename_index(name, &rename.new_name)?;
                Ok(if matches!(&rename.target, RenameTarget::Object { kind: ObjectKind::Index, .. }) {
                    "ALTER INDEX"
                } else {
                    "ALTER TABLE"
                })
            }
            RenameTarget::Object { kind: ObjectKind::Index, name } => {
                let target = RenameTarget::Object { kind: ObjectKind::Table, name: name.clone() };
                self.rename(&Rename { target, ..rename.clone() })?;
                Ok("ALTER INDEX")
            }
            RenameTarget::Object { kind: ObjectKind::Table, name } => {
                if let Some(table) = self.existing(name, rename.if_exists)? {
                    self.rename_table(&table, &rename.new_name)?;
                }
                Ok("ALTER TABLE")
            }
            RenameTarget::Object { kind: ObjectKind::Statistics, name } => {
                if let Some(object) = self.owned_statistics(name, rename.if_exists)? {
                    self.rename_statistics(&object, &rename.new_name)?;
                }
                Ok("ALTER STATISTICS")
            }
            RenameTarget::Object { kind: ObjectKind::Sequence, name } => {
                if let Some(sequence) = self.owned_sequence(name, rename.if_exists)? {
                    self.rename_sequence(&sequence, &rename.new_name)?;
                }
                Ok("ALTER SEQUENCE")
            }
            RenameTarget::Object { kind: ObjectKind::Schema, name } => self.rename_schema(&name.name, &rename.new_name),
            RenameTarget::Object { kind, .. } => Err(limits::not_yet(&format!("RENAME of a {kind:?}").to_lowercase())),
            RenameTarget::Column { view, table, column } if *view || self.is_view(table) => {
                if let Some(found) = self.owned_view(table, rename.if_exists)? {
                    self.rename_view_column(&found, column, &rename.new_name)?;
                }
                Ok(if *view { "ALTER VIEW" } else { "ALTER TABLE" })
            }
            RenameTarget::Column { view: _, table, column } => {
                if let Some(table) = self.existing(table, rename.if_exists)? {
                    self.rename_column(&table, column, &rename.new_name)?;
                }
                Ok("ALTER TABLE")
            }
            RenameTarget::Constraint { table, constraint } => {
                if let Some(table) = self.existing(table, rename.if_exists)? {
                    self.rename_constraint(&table, constraint, &rename.new_name)?;
                }
                Ok("ALTER TABLE")
            }
            RenameTarget::Role(name) => self.rename_role(name, &rename.new_name),
        }
    }

    /// The table; `None` with a notice where IF EXISTS allows it to be missing.
    fn existing(&mut self, name: &ObjectName, if_exists: bool) -> Result<Option<Arc<Table>>> {
        let found = self.table_if_any(name)?;
        if let Some(table) = &found {
            self.must_own(Owned::table(table))?;
        }
        if found.is_none() {
            if !if_exists {
                return Err(lookup::undefined_relation(name));
            }
            self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("relation \"{}\" does not exist, skipping", name.name));
        }
        Ok(found)
    }

    fn rename_table(&mut self, table: &Table, new_name: &str) -> Result<()> {
        self.may_create_beside(table.schema)?;
        if self.ctx.catalog.relation_exists(table.schema, new_name) {
            return Err(lookup::duplicate_relation(new_name));
        }
        self.put_table(Table { name: new_name.to_owned(), ..table.clone() });
        self.follow_names(&[table.oid])
    }

    /// The constraint that stands on the index has its name and goes with it.
    fn rename_index(&mut self, name: &ObjectName, new_name: &str) -> Result<()> {
        self.check_usable(name)?;
        let Some((table, oid)) = self.index(name) else { return Err(lookup::undefined_relation(name)) };
        self.must_own(Owned::index(&name.name, &table))?;
        self.may_create_beside(table.schema)?;
        if self.ctx.catalog.relation_exists(table.schema, new_name) {
            return Err(lookup::duplicate_relation(new_name));
        }
        let mut next = (*table).clone();
        if let Some(index) = next.primary_key.iter_mut().chain(&mut next.indexes).find(|index| index.oid == oid) {
            new_name.clone_into(&mut index.name);
        }
        self.put_table(next);
        Ok(())
    }

    fn rename_column(&mut self, table: &Table, column: &str, new_name: &str) -> Result<()> {
        let Some(found) = table.column(column) else {
            return Err(SqlError::new(SqlState::UNDEFINED_COLUMN, format!("column \"{column}\" does not exist")));
        };
        if table.column(new_name).is_some() {
            let message = format!("column \"{new_name}\" of relation \"{}\" already exists", table.name);
            return Err(SqlError::new(SqlState::DUPLICATE_COLUMN, message));
        }
        let mut next = table.clone();
        next.columns[lookup::place(found.number)].name = new_name.to_owned();
        self.rewrite_expressions(table, &mut next)?;
        self.rename_in_statistics(table, &next)?;
        self.put_table(next);
        self.follow_names(&[table.oid])
    }

    /// Writes all stored expressions again, bound with the old names and written with the new.
    fn rewrite_expressions(&self, old: &Table, new: &mut Table) -> Result<()> {
        let names = new.clone();
        let again = |text: &str, indent: bool| -> Result<String> {
            Ok(expression::text_of(&bind_stored_expr(text, old, self.ctx)?, &names, indent))
        };
        for generated in new.columns.iter_mut().filter_map(|column| column.generated.as_mut()) {
            *generated = again(generated, true)?;
        }
        for check in &mut new.checks {
            check.expression = expression::parenthesised(&again(&check.expression, true)?);
        }
        for index in &mut new.indexes {
            for key in &mut index.keys {
                if let IndexKeyPart::Expression(text, _) = &mut key.part {
                    *text = again(text, false)?;
                }
            }
            if let Some(predicate) = &mut index.predicate {
                *predicate = again(predicate, false)?;
            }
        }
        Ok(())
    }

    fn rename_constraint(&mut self, table: &Table, name: &str, new_name: &str) -> Result<()> {
        let mut next = table.clone();
        let key = next.primary_key.iter_mut().chain(&mut next.indexes).find(|index| index.constraint.is_some() && index.name == name);
        if let Some(index) = key {
            if self.ctx.catalog.relation_exists(table.schema, new_name) {
                return Err(lookup::duplicate_relation(new_name));
            }
            index.name = new_name.to_owned();
        } else if let Some(check) = next.checks.iter_mut().find(|check| check.name == name) {
            check_constraint_free(table, new_name)?;
            check.name = new_name.to_owned();
        } else if let Some(key) = next.foreign_keys.iter_mut().find(|key| key.name == name) {
            check_constraint_free(table, new_name)?;
            key.name = new_name.to_owned();
        } else {
            return Err(lookup::no_constraint_for(name, table));
        }
        self.put_table(next);
        Ok(())
    }

    fn rename_schema(&mut self, name: &str, new_name: &str) -> Result<&'static str> {
        let schema = self.schema(name)?;
        if self.ctx.catalog.schema(new_name).is_some() {
            return Err(SqlError::new(SqlState::DUPLICATE_SCHEMA, format!("schema \"{new_name}\" already exists")));
        }
        if lookup::is_built_in_schema(schema.oid) {
            return Err(limits::system_entity());
        }
        self.must_own(Owned::schema(&schema))?;
        self.may_create_schemas()?;
        super::schema::check_schema_name(new_name)?;
        let next = borealis_catalog::Schema { name: new_name.to_owned(), ..(*schema).clone() };
        self.changes.push(Change::PutSchema(Arc::new(next)));
        let tables = self.ctx.catalog.tables().filter(|table| table.schema == schema.oid).map(|table| table.oid);
        let views = self.ctx.catalog.views().filter(|view| view.schema == schema.oid).map(|view| view.oid);
        let relations: Vec<borealis_pgtypes::Oid> = tables.chain(views).collect();
        self.affected.extend(&relations);
        self.follow_names(&relations)?;
        Ok("ALTER SCHEMA")
    }

    pub(crate) fn set_schema(&mut self, kind: ObjectKind, name: &ObjectName, if_exists: bool, schema: &str) -> Result<&'static str> {
        if kind == ObjectKind::Statistics {
            if let Some(object) = self.owned_statistics(name, if_exists)? {
                self.set_statistics_schema(&object, schema)?;
            }
            return Ok("ALTER STATISTICS");
        }
        if kind == ObjectKind::Sequence {
            if let Some(sequence) = self.owned_sequence(name, if_exists)? {
                self.set_sequence_schema(&sequence, schema)?;
            }
            return Ok("ALTER SEQUENCE");
        }
        if kind == ObjectKind::Domain {
            return self.set_domain_schema(name, schema);
        }
        if kind == ObjectKind::View || kind == ObjectKind::Table && self.is_view(name) {
            if let Some(view) = self.owned_view(name, if_exists)? {
                self.set_view_schema(&view, schema)?;
            }
            return Ok(if kind == ObjectKind::View { "ALTER VIEW" } else { "ALTER TABLE" });
        }
        if kind != ObjectKind::Table {
            return Err(limits::not_yet(&format!("SET SCHEMA of a {kind:?}").to_lowercase()));
        }
        let Some(table) = self.existing(name, if_exists)? else { return Ok("ALTER TABLE") };
        let schema = self.target_schema(schema)?;
        if schema.oid == table.schema {
            return Ok("ALTER TABLE");
        }
        let sequences = self.ctx.catalog.sequences().filter(|sequence| sequence.owned_by.is_some_and(|owner| owner.table == table.oid));
        let names = std::iter::once(&table.name).chain(table.all_indexes().map(|index| &index.name));
        for name in names.chain(sequences.map(|sequence| &sequence.name)) {
            if self.ctx.catalog.relation_exists(schema.oid, name) {
                let message = format!("relation \"{name}\" already exists in schema \"{}\"", schema.name);
                return Err(SqlError::new(SqlState::DUPLICATE_TABLE, message));
            }
        }
        self.put_table(Table { schema: schema.oid, ..(*table).clone() });
        self.change_owned_sequences(table.oid, |sequence| sequence.schema = schema.oid);
        self.follow_names(&[table.oid])?;
        Ok("ALTER TABLE")
    }

    /// The schema an object moves to.
    pub(crate) fn target_schema(&self, name: &str) -> Result<Arc<Schema>> {
        let schema = self.schema(name)?;
        if lookup::is_system_schema(schema.oid) {
            return Err(limits::system_entity());
        }
        self.may_create_in(&schema)?;
        Ok(schema)
    }

    fn hand_over_schema(&mut self, schema: &Schema, owner: &Role) -> Result<()> {
        if owner.oid == schema.owner {
            return Ok(());
        }
        self.may_hand_over(Owned::schema(schema), owner)?;
        self.may_create_schemas()?;
        let acl = schema.acl.with_owner(schema.owner, owner.oid);
        self.changes.push(Change::PutSchema(Arc::new(Schema { owner: owner.oid, acl, ..schema.clone() })));
        Ok(())
    }

    /// The table and the sequences of its columns get another owner, who takes the place of the old one in lists of rights.
    pub(crate) fn hand_over_table(&mut self, table: &mut Table, owner: Oid) {
        let old = std::mem::replace(&mut table.owner, owner);
        table.acl = table.acl.with_owner(old, owner);
        for column in &mut table.columns {
            column.acl = column.acl.with_owner(old, owner);
        }
        self.change_owned_sequences(table.oid, |sequence| {
            sequence.acl = sequence.acl.with_owner(sequence.owner, owner);
            sequence.owner = owner;
        });
    }

    pub(crate) fn set_owner(&mut self, kind: ObjectKind, name: &ObjectName, owner: &RoleName) -> Result<&'static str> {
        match kind {
            ObjectKind::Table => {
                let table = self.owned_table(name)?;
                let owner = self.role(owner)?;
                self.may_hand_over(Owned::table(&table), &owner)?;
                let mut next = (*table).clone();
                self.hand_over_table(&mut next, owner.oid);
                self.put_table(next);
                Ok("ALTER TABLE")
            }
            ObjectKind::Statistics => {
                let owner = self.role(owner)?;
                if let Some(object) = self.existing_statistics(name, false)? {
                    self.may_hand_over(Owned::statistics(&object), &owner)?;
                    self.set_statistics_owner(&object, owner.oid);
                }
                Ok("ALTER STATISTICS")
            }
            ObjectKind::Sequence => {
                let sequence = self.sequence_if_any(name)?.ok_or_else(|| lookup::undefined_relation(name))?;
                self.must_own(Owned::sequence(&sequence))?;
                let owner = self.role(owner)?;
                self.may_hand_over(Owned::sequence(&sequence), &owner)?;
                self.set_sequence_owner(&sequence, owner.oid)?;
                Ok("ALTER SEQUENCE")
            }
            ObjectKind::Schema => {
                let schema = self.schema(&name.name)?;
                if lookup::is_built_in_schema(schema.oid) {
                    return Err(limits::system_entity());
                }
                let owner = self.role(owner)?;
                self.hand_over_schema(&schema, &owner)?;
                Ok("ALTER SCHEMA")
            }
            ObjectKind::Domain => self.set_domain_owner(name, owner),
            _ => Err(limits::not_yet(&format!("OWNER TO of a {kind:?}").to_lowercase())),
        }
    }
}

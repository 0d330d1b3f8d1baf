//! GRANT and REVOKE on tables and views, their columns, and sequences. After `ExecGrant_Relation` and `ExecGrant_Attribute`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use borealis_catalog::acl::{Acl, AclItem, Class, Rights};
use borealis_catalog::privilege::Guarded;
use borealis_catalog::{Change, Column, Sequence, Table, View};
use borealis_pgtypes::{Oid, Result, Severity, SqlError, SqlState};

use super::super::{Work, limits, lookup};
use super::{Request, Subject, right};
use crate::ast::{Grant, ObjectName};
use crate::bind::{RelationFound, find_relation};

/// A table or a view, as far as rights on it go.
struct Relation<'a> {
    kind: &'static str,
    name: &'a str,
    owner: Oid,
    acl: &'a Acl,
}

/// Rights on columns, by `attnum`.
type ColumnRights = BTreeMap<i16, Rights>;

/// Rights with the columns they are about.
type ColumnPrivileges<'g> = Vec<(Rights, &'g [String])>;

impl Work<'_> {
    pub(super) fn grant_relations(&mut self, grant: &Grant, names: &[ObjectName]) -> Result<()> {
        let found: Vec<RelationFound> = names.iter().map(|name| self.grantable_relation(name)).collect::<Result<_>>()?;
        let (request, columns) = self.relation_request(grant)?;
        for relation in found {
            match relation {
                RelationFound::Table(table) => self.grant_table(&request, &table, &columns)?,
                RelationFound::View(view) => self.grant_view(&request, &view, &columns)?,
                RelationFound::Sequence(sequence) => self.grant_sequence_as_table(&request, &sequence)?,
                RelationFound::System(_) => return Err(limits::system_entity()),
            }
        }
        Ok(())
    }

    fn grantable_relation(&self, name: &ObjectName) -> Result<RelationFound> {
        match find_relation(self.ctx, name.schema.as_deref(), &name.name)? {
            Some(RelationFound::System(_)) => Err(limits::system_entity()),
            Some(found) => Ok(found),
            None if self.index(name).is_some() => Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is an index", name.name))),
            None => Err(lookup::undefined_relation(name)),
        }
    }

    pub(super) fn grant_all_relations(&mut self, grant: &Grant, schemas: &[String]) -> Result<()> {
        let schemas = self.schema_oids(schemas)?;
        let (request, columns) = self.relation_request(grant)?;
        let catalog = self.ctx.catalog;
        for schema in schemas {
            for table in catalog.tables().filter(|table| table.schema == schema) {
                self.grant_table(&request, table, &columns)?;
            }
            for view in catalog.views().filter(|view| view.schema == schema) {
                self.grant_view(&request, view, &columns)?;
            }
        }
        Ok(())
    }

    /// Schemas whose objects are all meant.
    pub(super) fn schema_oids(&self, names: &[String]) -> Result<Vec<Oid>> {
        names.iter().map(|name| Ok(self.usable_schema(name)?.oid)).collect()
    }

    /// What is asked for whole relations, and for columns.
    fn relation_request<'g>(&self, grant: &'g Grant) -> Result<(Request, ColumnPrivileges<'g>)> {
        let mut request = self.empty_request(grant, Class::Table.all())?;
        // A sequence may be meant.
        let known = Class::Table.all() | Class::Sequence.all();
        let mut columns: ColumnPrivileges<'g> = Vec::new();
        for (privilege, names) in &grant.privileges {
            if names.is_empty() {
                request.rights = request.rights | right(privilege, known, "relation")?;
            } else if privilege.is_empty() {
                columns.push((Class::Column.all(), names));
            } else {
                columns.push((right(privilege, Class::Column.all(), "column")?, names));
            }
        }
        Ok((request, columns))
    }

    fn grant_table(&mut self, request: &Request, table: &Table, columns: &ColumnPrivileges<'_>) -> Result<()> {
        let relation = Relation { kind: "table", name: &table.name, owner: table.owner, acl: &table.acl };
        let mut next = table.clone();
        next.acl = self.grant_relation(request, &relation, &mut next.columns, columns)?;
        self.put_table(next);
        Ok(())
    }

    fn grant_view(&mut self, request: &Request, view: &View, columns: &ColumnPrivileges<'_>) -> Result<()> {
        let relation = Relation { kind: "view", name: &view.name, owner: view.owner, acl: &view.acl };
        let mut next = view.clone();
        next.acl = self.grant_relation(request, &relation, &mut next.columns, columns)?;
        self.affected.push(next.oid);
        self.changes.push(Change::PutView(Arc::new(next)));
        Ok(())
    }

    /// The relation's list after the request; those of its columns are changed in place.
    fn grant_relation(
        &mut self,
        request: &Request,
        relation: &Relation<'_>,
        columns: &mut [Column],
        wanted: &ColumnPrivileges<'_>,
    ) -> Result<Acl> {
        if let Some(wrong) = request.rights.without(Class::Table.all()).each().next() {
            let message = format!("invalid privilege type {} for table", wrong.word());
            return Err(SqlError::new(SqlState::INVALID_GRANT_OPERATION, message));
        }
        let object = Guarded { class: Class::Table, owner: relation.owner, acl: Cow::Borrowed(relation.acl) };
        let mut on_columns = column_rights(relation.name, columns, wanted)?;
        let mut acl = relation.acl.clone();
        if !request.rights.is_empty() {
            let subject = Subject { kind: relation.kind, name: relation.name, column: None };
            let list = self.changed_list(request, &object, object.items().into_owned(), request.rights, request.all, &subject)?;
            acl = Acl::of(list);
            if request.revoke {
                also_from_columns(&mut on_columns, columns, request.rights & Class::Column.all());
            }
        }
        for column in columns.iter_mut().filter(|column| !column.dropped) {
            if let Some(rights) = on_columns.get(&column.number) {
                column.acl = self.grant_column(request, relation, column, *rights)?;
            }
        }
        Ok(acl)
    }

    /// A column's list after the request. Its grantor may have the grant option for the whole relation.
    fn grant_column(&mut self, request: &Request, relation: &Relation<'_>, column: &Column, rights: Rights) -> Result<Acl> {
        let own = column.acl.items().unwrap_or_default().to_vec();
        let whole = relation.acl.effective(Class::Table, relation.owner);
        let both: Vec<AclItem> = whole.iter().chain(&own).copied().collect();
        let object = Guarded { class: Class::Column, owner: relation.owner, acl: Cow::Owned(Acl::of(both)) };
        let subject = Subject { kind: relation.kind, name: relation.name, column: Some(&column.name) };
        let list = self.changed_list(request, &object, own, rights, rights == Class::Column.all(), &subject)?;
        Ok(if list.is_empty() { Acl::default() } else { Acl::of(list) })
    }

    pub(super) fn grant_sequences(&mut self, grant: &Grant, names: &[ObjectName]) -> Result<()> {
        let find = |name: &ObjectName| self.sequence_if_any(name)?.ok_or_else(|| lookup::undefined_relation(name));
        let sequences: Vec<Arc<Sequence>> = names.iter().map(find).collect::<Result<_>>()?;
        let request = self.request(grant, Class::Sequence.all(), "sequence")?;
        sequences.iter().try_for_each(|sequence| self.grant_sequence(&request, sequence, request.rights))
    }

    pub(super) fn grant_all_sequences(&mut self, grant: &Grant, schemas: &[String]) -> Result<()> {
        let schemas = self.schema_oids(schemas)?;
        let request = self.request(grant, Class::Sequence.all(), "sequence")?;
        for schema in schemas {
            for sequence in self.ctx.catalog.sequences().filter(|sequence| sequence.schema == schema) {
                self.grant_sequence(&request, sequence, request.rights)?;
            }
        }
        Ok(())
    }

    /// GRANT without the word SEQUENCE: what only a table has is left out.
    fn grant_sequence_as_table(&mut self, request: &Request, sequence: &Sequence) -> Result<()> {
        if request.all {
            return self.grant_sequence(request, sequence, Class::Sequence.all());
        }
        if !Class::Sequence.all().contains(request.rights) {
            let message = format!("sequence \"{}\" only supports USAGE, SELECT, and UPDATE privileges", sequence.name);
            self.notices.push(SqlError::with_severity(Severity::Warning, SqlState::INVALID_GRANT_OPERATION, message));
        }
        let rights = request.rights & Class::Sequence.all();
        if rights.is_empty() { Ok(()) } else { self.grant_sequence(request, sequence, rights) }
    }

    fn grant_sequence(&mut self, request: &Request, sequence: &Sequence, rights: Rights) -> Result<()> {
        let object = Guarded::sequence(sequence);
        let subject = Subject { kind: "sequence", name: &sequence.name, column: None };
        let list = self.changed_list(request, &object, object.items().into_owned(), rights, request.all, &subject)?;
        self.put_sequence(Sequence { acl: Acl::of(list), ..sequence.clone() });
        Ok(())
    }
}

/// The rights asked for by column.
fn column_rights(relation: &str, columns: &[Column], wanted: &ColumnPrivileges<'_>) -> Result<ColumnRights> {
    let mut found = ColumnRights::new();
    for (rights, names) in wanted {
        for name in *names {
            let column = columns.iter().find(|column| !column.dropped && column.name == *name).ok_or_else(|| {
                let message = format!("column \"{name}\" of relation \"{relation}\" does not exist");
                SqlError::new(SqlState::UNDEFINED_COLUMN, message)
            })?;
            let entry = found.entry(column.number).or_insert(Rights::NONE);
            *entry = *entry | *rights;
        }
    }
    Ok(found)
}

/// What is revoked on a whole relation is revoked on its columns too.
fn also_from_columns(found: &mut ColumnRights, columns: &[Column], rights: Rights) {
    for column in columns.iter().filter(|column| column.acl.items().is_some()) {
        let entry = found.entry(column.number).or_insert(Rights::NONE);
        *entry = *entry | rights;
    }
}

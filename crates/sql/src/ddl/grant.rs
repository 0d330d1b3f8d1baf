//! GRANT and REVOKE: tables, sequences, schemas, role membership.

use std::sync::Arc;

use borealis_catalog::{Acl, Change, Privileges, Role, Schema, Sequence, Table, View};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::{Work, limits, lookup};
use crate::ast::{Grant, GrantTarget, RoleName};

/// Privileges of a table: key word and letter of `aclitem`, in `aclitem`'s order.
const TABLE: [(&str, char); 7] =
    [("insert", 'a'), ("select", 'r'), ("update", 'w'), ("delete", 'd'), ("truncate", 'D'), ("references", 'x'), ("trigger", 't')];
/// Privileges of a sequence.
const SEQUENCE: [(&str, char); 3] = [("select", 'r'), ("update", 'w'), ("usage", 'U')];
/// Privileges of a schema.
const SCHEMA: [(&str, char); 2] = [("usage", 'U'), ("create", 'C')];

impl Work<'_> {
    pub(crate) fn grant(&mut self, grant: &Grant) -> Result<&'static str> {
        if grant.grant_option {
            return Err(limits::not_yet("GRANT OPTION"));
        }
        match &grant.target {
            GrantTarget::Roles(roles) => self.grant_roles(grant, roles)?,
            GrantTarget::Tables(names) => {
                let letters = letters(grant, &TABLE, "relation")?;
                for name in names {
                    match self.view_named(name) {
                        Some(view) => self.grant_view(grant, &view, &letters)?,
                        None => {
                            let table = self.table(name)?;
                            self.grant_table(grant, &table, &letters)?;
                        }
                    }
                }
            }
            GrantTarget::AllTablesInSchema(schemas) => {
                let letters = letters(grant, &TABLE, "relation")?;
                for schema in schemas {
                    let schema = self.schema(schema)?.oid;
                    let tables: Vec<Arc<Table>> = self.ctx.catalog.tables().filter(|table| table.schema == schema).cloned().collect();
                    for table in tables {
                        self.grant_table(grant, &table, &letters)?;
                    }
                    let views: Vec<Arc<View>> = self.ctx.catalog.views().filter(|view| view.schema == schema).cloned().collect();
                    for view in views {
                        self.grant_view(grant, &view, &letters)?;
                    }
                }
            }
            GrantTarget::Sequences(names) => {
                let letters = letters(grant, &SEQUENCE, "sequence")?;
                for name in names {
                    let sequence = self.sequence_if_any(name)?.ok_or_else(|| lookup::undefined_relation(name))?;
                    self.grant_sequence(grant, &sequence, &letters)?;
                }
            }
            GrantTarget::AllSequencesInSchema(schemas) => {
                let letters = letters(grant, &SEQUENCE, "sequence")?;
                for schema in schemas {
                    let schema = self.schema(schema)?.oid;
                    let sequences: Vec<_> = self.ctx.catalog.sequences().filter(|sequence| sequence.schema == schema).cloned().collect();
                    for sequence in sequences {
                        self.grant_sequence(grant, &sequence, &letters)?;
                    }
                }
            }
            GrantTarget::Schemas(names) => self.grant_schemas(grant, names)?,
        }
        Ok(if grant.revoke { "REVOKE" } else { "GRANT" })
    }

    fn grant_table(&mut self, grant: &Grant, table: &Table, letters: &str) -> Result<()> {
        let mut next = table.clone();
        for grantee in &grant.grantees {
            let grantee = self.grantee(grantee)?;
            change(&mut next.acl, grantee, letters, grant.revoke);
        }
        self.put_table(next);
        Ok(())
    }

    fn grant_sequence(&mut self, grant: &Grant, sequence: &Sequence, letters: &str) -> Result<()> {
        let mut next = sequence.clone();
        for grantee in &grant.grantees {
            let grantee = self.grantee(grantee)?;
            change(&mut next.acl, grantee, letters, grant.revoke);
        }
        self.put_sequence(next);
        Ok(())
    }

    fn grant_view(&mut self, grant: &Grant, view: &View, letters: &str) -> Result<()> {
        let mut next = view.clone();
        for grantee in &grant.grantees {
            let grantee = self.grantee(grantee)?;
            change(&mut next.acl, grantee, letters, grant.revoke);
        }
        self.affected.push(next.oid);
        self.changes.push(Change::PutView(Arc::new(next)));
        Ok(())
    }

    fn grant_schemas(&mut self, grant: &Grant, names: &[String]) -> Result<()> {
        let letters = letters(grant, &SCHEMA, "schema")?;
        for name in names {
            let schema = self.schema(name)?;
            if lookup::is_built_in_schema(schema.oid) {
                return Err(limits::system_entity());
            }
            let mut next: Schema = (*schema).clone();
            for grantee in &grant.grantees {
                let grantee = self.grantee(grantee)?;
                change(&mut next.acl, grantee, &letters, grant.revoke);
            }
            self.changes.push(Change::PutSchema(Arc::new(next)));
        }
        Ok(())
    }

    fn grant_roles(&mut self, grant: &Grant, roles: &[RoleName]) -> Result<()> {
        for grantee in &grant.grantees {
            let member = self.role(grantee)?;
            let mut next: Role = (*member).clone();
            for role in roles {
                let role = self.role(role)?;
                if role.oid == member.oid {
                    let message = format!("role \"{}\" is a member of role \"{}\"", role.name, member.name);
                    return Err(SqlError::new(SqlState(*b"0LP01"), message));
                }
                next.member_of.retain(|oid| *oid != role.oid);
                if !grant.revoke {
                    next.member_of.push(role.oid);
                }
            }
            self.changes.push(Change::PutRole(Arc::new(next)));
        }
        Ok(())
    }

    fn grantee(&self, name: &RoleName) -> Result<Oid> {
        match name {
            RoleName::Public => Ok(Oid::INVALID),
            other => Ok(self.role(other)?.oid),
        }
    }
}

/// The letters of the privileges named; of all of them for ALL.
fn letters(grant: &Grant, known: &[(&str, char)], kind: &str) -> Result<String> {
    if grant.privileges.is_empty() {
        return Ok(known.iter().map(|(_, letter)| letter).collect());
    }
    let mut letters = String::new();
    for (word, columns) in &grant.privileges {
        if !columns.is_empty() {
            return Err(limits::not_yet("GRANT on columns"));
        }
        let word = word.to_ascii_lowercase();
        let Some((_, letter)) = known.iter().find(|(name, _)| *name == word) else {
            let message = format!("invalid privilege type {} for {kind}", word.to_ascii_uppercase());
            return Err(SqlError::new(SqlState(*b"0LP01"), message));
        };
        letters.push(*letter);
    }
    Ok(letters)
}

fn change(acl: &mut Acl, grantee: Oid, letters: &str, revoke: bool) {
    let place = match acl.iter().position(|(known, _)| *known == grantee) {
        Some(place) => place,
        None if revoke => return,
        None => {
            acl.push((grantee, Privileges::default()));
            acl.len() - 1
        }
    };
    let held = &mut acl[place].1.0;
    held.retain(|letter| !letters.contains(letter));
    if !revoke {
        held.push_str(letters);
    }
    if held.is_empty() {
        acl.remove(place);
    }
}

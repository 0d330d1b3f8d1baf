//! ALTER DEFAULT PRIVILEGES, and what it does to new objects. After `SetDefaultACL` and `get_user_default_acl`.

use std::sync::Arc;

use borealis_catalog::acl::{self, Acl, AclItem, Editor, Rights};
use borealis_catalog::{Change, DefaultObjects, DefaultPrivileges, Role};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::super::{Work, lookup};
use super::{Request, behavior, edit, right};
use crate::ast::AlterDefaultPrivileges;

impl Work<'_> {
    pub(crate) fn alter_default_privileges(&mut self, alter: &AlterDefaultPrivileges) -> Result<&'static str> {
        let request = self.default_request(alter)?;
        if alter.objects == DefaultObjects::Schemas && !alter.schemas.is_empty() {
            let message = "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS";
            return Err(SqlError::new(SqlState::INVALID_GRANT_OPERATION, message));
        }
        let roles: Vec<Arc<Role>> = match alter.roles.as_slice() {
            [] => vec![self.role(&crate::ast::RoleName::CurrentUser)?],
            named => named.iter().map(|name| self.role(name)).collect::<Result<_>>()?,
        };
        for role in roles {
            if !self.standing.has_privileges_of(role.oid) {
                return Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, "permission denied to change default privileges"));
            }
            if alter.schemas.is_empty() {
                self.change_defaults(&request, &role, Oid::INVALID, alter.objects)?;
            }
            for schema in &alter.schemas {
                let schema = self.schema(schema)?;
                if lookup::is_system_schema(schema.oid) {
                    return Err(super::super::limits::system_entity());
                }
                self.change_defaults(&request, &role, schema.oid, alter.objects)?;
            }
        }
        Ok("ALTER DEFAULT PRIVILEGES")
    }

    fn default_request(&self, alter: &AlterDefaultPrivileges) -> Result<Request> {
        let (known, word) = (alter.objects.class().all(), word(alter.objects));
        let mut rights = if alter.privileges.is_empty() { known } else { Rights::NONE };
        for privilege in &alter.privileges {
            rights = rights | right(privilege, known, word)?;
        }
        Ok(Request {
            revoke: alter.revoke,
            grantees: self.grantees(&alter.grantees)?,
            grant_option: alter.grant_option,
            behavior: behavior(alter.cascade),
            rights,
            all: alter.privileges.is_empty(),
        })
    }

    /// One role's defaults. What holds everywhere starts from the built-in default and is forgotten when it is that again; what holds in a schema
    /// starts from nothing.
    fn change_defaults(&mut self, request: &Request, role: &Role, schema: Oid, objects: DefaultObjects) -> Result<()> {
        let catalog = self.catalog();
        let known = catalog.default_privileges().find(|known| known.role == role.oid && known.schema == schema && known.objects == objects);
        let known = known.cloned();
        let built_in = if schema.is_invalid() { acl::defaults(objects.class(), role.oid) } else { Vec::new() };
        let before = known.as_ref().and_then(|known| known.acl.items()).map_or_else(|| built_in.clone(), <[AclItem]>::to_vec);
        let mut editor = Editor::new(self.ctx.catalog, role.oid, before);
        for grantee in &request.grantees {
            edit(&mut editor, request, *grantee, role.oid, request.rights)?;
        }
        let after = editor.finish();
        let oid = known.as_ref().map(|known| known.oid);
        match oid {
            Some(oid) if same(&after, &built_in) => self.changes.push(Change::DropDefaultPrivileges(oid)),
            None if same(&after, &built_in) => {}
            _ => {
                let oid = oid.unwrap_or_else(|| self.next_oid());
                let changed = DefaultPrivileges { oid, role: role.oid, schema, objects, acl: Acl::of(after) };
                self.changes.push(Change::PutDefaultPrivileges(Arc::new(changed)));
            }
        }
        Ok(())
    }

    /// The list of a new object of an owner: none where it would be the built-in default.
    pub(crate) fn new_acl(&self, objects: DefaultObjects, owner: Oid, schema: Oid) -> Acl {
        let of = |schema: Oid| {
            let fits = |known: &&Arc<DefaultPrivileges>| known.role == owner && known.schema == schema && known.objects == objects;
            self.ctx.catalog.default_privileges().find(fits).and_then(|known| known.acl.items())
        };
        let everywhere = of(Oid::INVALID);
        let here = if schema.is_invalid() { None } else { of(schema) };
        if everywhere.is_none() && here.is_none() {
            return Acl::default();
        }
        let built_in = acl::defaults(objects.class(), owner);
        let mut list = everywhere.map_or_else(|| built_in.clone(), <[AclItem]>::to_vec);
        for item in here.unwrap_or_default() {
            match list.iter_mut().find(|known| known.grantee == item.grantee && known.grantor == item.grantor) {
                Some(known) => {
                    known.rights = known.rights | item.rights;
                    known.grantable = known.grantable | item.grantable;
                }
                None => list.push(*item),
            }
        }
        if same(&list, &built_in) { Acl::default() } else { Acl::of(list) }
    }
}

/// Whether two lists say the same, in whatever order.
fn same(one: &[AclItem], other: &[AclItem]) -> bool {
    one.len() == other.len() && one.iter().all(|item| other.contains(item))
}

/// What such an object is called in messages.
fn word(objects: DefaultObjects) -> &'static str {
    match objects {
        DefaultObjects::Tables => "relation",
        DefaultObjects::Sequences => "sequence",
        DefaultObjects::Functions => "function",
        DefaultObjects::Types => "type",
        DefaultObjects::Schemas => "schema",
    }
}

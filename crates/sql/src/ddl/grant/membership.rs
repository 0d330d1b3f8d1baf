//! GRANT and REVOKE of roles. After `GrantRole`, `AddRoleMems` and `DelRoleMems`.
//!
//! A membership belongs to its grantor: the same member may have the same role from several, and who takes ADMIN away takes away what was granted by it
//! with CASCADE, and is refused without.

use std::sync::Arc;

use borealis_catalog::acl::dependent_privileges;
use borealis_catalog::membership::{administers, best_admin, is_member};
use borealis_catalog::snapshot::{ADMIN_ROLE, SYSTEM_ROLE};
use borealis_catalog::{Catalog, Change, Membership, Role};
use borealis_pgtypes::{Oid, Result, Severity, SqlError, SqlState};

use super::super::{Work, lookup};
use crate::ast::{GrantRoles, MembershipOptions, RoleName};

impl Work<'_> {
    pub(crate) fn grant_roles(&mut self, grant: &GrantRoles) -> Result<&'static str> {
        let grantor = grant.grantor.as_ref().map(|name| self.role(name)).transpose()?;
        let members: Vec<Arc<Role>> = grant.members.iter().map(|name| self.member(name)).collect::<Result<_>>()?;
        for name in &grant.roles {
            let role = self.role_named(name)?;
            self.may_administer(&role, grant.revoke)?;
            let grantor = self.membership_grantor(&role, grantor.as_deref(), grant.revoke)?;
            for member in &members {
                if grant.revoke {
                    self.revoke_membership(&role, member, grantor, grant.options, grant.cascade)?;
                } else {
                    self.add_membership(&role, member, grantor, grant.options)?;
                }
            }
        }
        Ok(if grant.revoke { "REVOKE ROLE" } else { "GRANT ROLE" })
    }

    fn member(&self, name: &RoleName) -> Result<Arc<Role>> {
        match name {
            RoleName::Public => Err(lookup::undefined_role("public")),
            other => self.role(other),
        }
    }

    /// `check_role_membership_authorization`
    pub(crate) fn may_administer(&self, role: &Role, revoke: bool) -> Result<()> {
        if administers(self.ctx.catalog, self.ctx.current_role, role.oid) {
            return Ok(());
        }
        let verb = if revoke { "revoke" } else { "grant" };
        let message = format!("permission denied to {verb} role \"{}\"", role.name);
        let detail = format!("Only roles with the ADMIN option on role \"{}\" may {verb} this role.", role.name);
        Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message).detail(detail))
    }

    /// Who the membership counts as coming from: `check_role_grantor`.
    pub(crate) fn membership_grantor(&self, role: &Role, grantor: Option<&Role>, revoke: bool) -> Result<Oid> {
        let catalog = self.ctx.catalog;
        let Some(grantor) = grantor else {
            let best = best_admin(catalog, self.ctx.current_role, role.oid);
            return best.ok_or_else(|| SqlError::internal("no possible grantors"));
        };
        let refuse = |message: String, detail: String| Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message).detail(detail));
        let name = &grantor.name;
        if !self.standing.has_privileges_of(grantor.oid) {
            return if revoke {
                let message = format!("permission denied to revoke privileges granted by role \"{name}\"");
                refuse(message, format!("Only roles with privileges of role \"{name}\" may revoke privileges granted by this role."))
            } else {
                let message = format!("permission denied to grant privileges as role \"{name}\"");
                refuse(message, format!("Only roles with privileges of role \"{name}\" may grant privileges as this role."))
            };
        }
        if !revoke && best_admin(catalog, grantor.oid, role.oid) != Some(grantor.oid) {
            let message = format!("permission denied to grant privileges as role \"{name}\"");
            return refuse(message, format!("The grantor must have the ADMIN option on role \"{}\".", role.name));
        }
        Ok(grantor.oid)
    }

    /// Gives a membership, or changes the options of one that is there.
    pub(crate) fn add_membership(&mut self, role: &Role, member: &Role, grantor: Oid, options: MembershipOptions) -> Result<()> {
        let catalog = self.catalog();
        if is_member(&catalog, role.oid, member.oid) {
            let message = format!("role \"{}\" is a member of role \"{}\"", role.name, member.name);
            return Err(SqlError::new(SqlState::INVALID_GRANT_OPERATION, message));
        }
        if options.admin == Some(true) {
            check_admin_circle(&catalog, role.oid, member.oid, grantor)?;
        }
        let current = catalog.role_by_oid(member.oid).map_or_else(|| member.clone(), |current| (**current).clone());
        let known = current.member_of.iter().position(|known| known.role == role.oid && known.grantor == grantor);
        let Some(place) = known else {
            let MembershipOptions { admin, inherit, set } = options;
            let oid = self.next_oid();
            let (admin, inherit, set) = (admin.unwrap_or(false), inherit.unwrap_or(true), set.unwrap_or(true));
            let mut next = current;
            next.member_of.push(Membership { oid, role: role.oid, grantor, admin, inherit, set });
            self.changes.push(Change::PutRole(Arc::new(next)));
            return Ok(());
        };
        let before = current.member_of[place];
        let after = Membership {
            admin: options.admin.unwrap_or(before.admin),
            inherit: options.inherit.unwrap_or(before.inherit),
            set: options.set.unwrap_or(before.set),
            ..before
        };
        if before == after {
            let grantor = borealis_catalog::describe::role_name(&catalog, grantor).unwrap_or("?");
            let message =
                format!("role \"{}\" has already been granted membership in role \"{}\" by role \"{grantor}\"", member.name, role.name);
            self.notice(SqlState::SUCCESSFUL_COMPLETION, message);
            return Ok(());
        }
        self.change_membership(member.oid, before, Some(after));
        if before.admin && !after.admin { self.revoke_granted_by(role.oid, member.oid, false) } else { Ok(()) }
    }

    /// Takes a membership away, or the options that are named.
    fn revoke_membership(&mut self, role: &Role, member: &Role, grantor: Oid, options: MembershipOptions, cascade: bool) -> Result<()> {
        let catalog = self.catalog();
        let current = catalog.role_by_oid(member.oid).map(|current| current.member_of.clone()).unwrap_or_default();
        let Some(before) = current.into_iter().find(|known| known.role == role.oid && known.grantor == grantor) else {
            let grantor = borealis_catalog::describe::role_name(&catalog, grantor).unwrap_or("?");
            let message =
                format!("role \"{}\" has not been granted membership in role \"{}\" by role \"{grantor}\"", member.name, role.name);
            self.notices.push(SqlError::with_severity(Severity::Warning, SqlState::WARNING, message));
            return Ok(());
        };
        let whole = options == MembershipOptions::default();
        let after = Membership {
            admin: before.admin && options.admin.is_none(),
            inherit: before.inherit && options.inherit.is_none(),
            set: before.set && options.set.is_none(),
            ..before
        };
        self.change_membership(member.oid, before, (!whole).then_some(after));
        let loses_admin = before.admin && (whole || options.admin.is_some());
        if loses_admin { self.revoke_granted_by(role.oid, member.oid, cascade) } else { Ok(()) }
    }

    /// The ADMIN option has been taken from a role: unless it has it from somebody else too, what it had granted must go. `plan_recursive_revoke`.
    fn revoke_granted_by(&mut self, role: Oid, grantor: Oid, cascade: bool) -> Result<()> {
        let catalog = self.catalog();
        if administers_by_itself(&catalog, grantor, role) {
            return Ok(());
        }
        let granted: Vec<(Oid, Membership)> = memberships_of(&catalog, role).filter(|(_, given)| given.grantor == grantor).collect();
        if !cascade && !granted.is_empty() {
            return Err(dependent_privileges());
        }
        for (member, given) in granted {
            self.change_membership(member, given, None);
            if given.admin {
                self.revoke_granted_by(role, member, cascade)?;
            }
        }
        Ok(())
    }

    /// Puts another membership in the place of one, or none.
    fn change_membership(&mut self, member: Oid, before: Membership, after: Option<Membership>) {
        let catalog = self.catalog();
        let Some(current) = catalog.role_by_oid(member) else { return };
        let mut next = (**current).clone();
        let same = |known: &Membership| known.role == before.role && known.grantor == before.grantor;
        match (next.member_of.iter().position(same), after) {
            (Some(place), Some(after)) => next.member_of[place] = after,
            (Some(place), None) => {
                next.member_of.remove(place);
            }
            (None, _) => return,
        }
        self.changes.push(Change::PutRole(Arc::new(next)));
    }
}

/// All memberships in a role, with their members.
fn memberships_of(catalog: &Catalog, role: Oid) -> impl Iterator<Item = (Oid, Membership)> {
    let of = move |member: &Arc<Role>| {
        let member_oid = member.oid;
        member.member_of.iter().filter(move |given| given.role == role).map(move |given| (member_oid, *given)).collect::<Vec<_>>()
    };
    catalog.roles().flat_map(of)
}

/// Whether a role has the ADMIN option on another in its own name.
fn administers_by_itself(catalog: &Catalog, member: Oid, role: Oid) -> bool {
    matches!(member, ADMIN_ROLE | SYSTEM_ROLE) || memberships_of(catalog, role).any(|(known, given)| known == member && given.admin)
}

/// The ADMIN option must not come back to who gave it: would the grantor have it without what the member grants?
fn check_admin_circle(catalog: &Catalog, role: Oid, member: Oid, grantor: Oid) -> Result<()> {
    if matches!(grantor, ADMIN_ROLE | SYSTEM_ROLE) {
        return Ok(());
    }
    let grants: Vec<(Oid, Membership)> = memberships_of(catalog, role).filter(|(_, given)| given.admin).collect();
    // From admin and the system down, without passing through the member.
    let mut reached = vec![ADMIN_ROLE, SYSTEM_ROLE];
    let mut next = 0;
    while let Some(from) = reached.get(next).copied() {
        next += 1;
        for (to, _) in grants.iter().filter(|(to, given)| given.grantor == from && *to != member) {
            if !reached.contains(to) {
                reached.push(*to);
            }
        }
    }
    if reached.contains(&grantor) {
        return Ok(());
    }
    Err(SqlError::new(SqlState::INVALID_GRANT_OPERATION, "ADMIN option cannot be granted back to your own grantor"))
}

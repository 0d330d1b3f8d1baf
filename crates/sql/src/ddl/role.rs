//! Roles and their IAM principals.

use std::sync::Arc;

use borealis_catalog::depend::{Address, Class};
use borealis_catalog::membership::administers;
use borealis_catalog::snapshot::{ADMIN_ROLE, SYSTEM_ROLE};
use borealis_catalog::system::DATABASE_NAME;
use borealis_catalog::{Change, Column, DefaultPrivileges, Membership, Role};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::{Work, limits, lookup};
use crate::ast::{MembershipOptions, RoleName, RoleOption};

/// What a refusal of a role command says was missing.
fn denied(verb: &str, detail: String) -> SqlError {
    SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, format!("permission denied to {verb} role")).detail(detail)
}

impl Work<'_> {
    pub(crate) fn create_role(&mut self, name: &str, options: &[RoleOption], at: i32) -> Result<&'static str> {
        check_role_name(name, at)?;
        if !self.creates_roles() {
            return Err(denied("create", "Only roles with the CREATEROLE attribute may create roles.".to_owned()));
        }
        if self.ctx.catalog.role(name).is_some() {
            return Err(SqlError::new(SqlState::DUPLICATE_OBJECT, format!("role \"{name}\" already exists")));
        }
        let (oid, name) = (self.next_oid(), name.to_owned());
        let mut role = Role { oid, name, login: false, create_role: false, member_of: Vec::new(), iam_arns: Vec::new(), comment: None };
        for option in options {
            match option {
                RoleOption::Login(login) => role.login = *login,
                RoleOption::CreateRole(create) => role.create_role = *create,
                RoleOption::InRole(_) => {}
            }
        }
        self.changes.push(Change::PutRole(Arc::new(role.clone())));
        for option in options {
            if let RoleOption::InRole(groups) = option {
                self.join_roles(&role, groups)?;
            }
        }
        self.administer_new_role(oid)?;
        Ok("CREATE ROLE")
    }

    /// IN ROLE
    fn join_roles(&mut self, role: &Role, groups: &[RoleName]) -> Result<()> {
        for name in groups {
            let group = self.role(name)?;
            self.may_administer(&group, false)?;
            let grantor = self.membership_grantor(&group, None, false)?;
            self.add_membership(&group, role, grantor, MembershipOptions::default())?;
        }
        Ok(())
    }

    /// Who makes a role administers it, and neither has its rights nor may become it until it grants itself that.
    fn administer_new_role(&mut self, role: Oid) -> Result<()> {
        let catalog = self.catalog();
        let Some(creator) = catalog.role_by_oid(self.ctx.current_role) else { return Ok(()) };
        let mut next = (**creator).clone();
        let membership = Membership { oid: self.next_oid(), role, grantor: SYSTEM_ROLE, admin: true, inherit: false, set: false };
        next.member_of.push(membership);
        self.changes.push(Change::PutRole(Arc::new(next)));
        Ok(())
    }

    pub(crate) fn drop_role(&mut self, names: &[RoleName], if_exists: bool) -> Result<&'static str> {
        if !self.creates_roles() {
            let detail = "Only roles with the CREATEROLE attribute and the ADMIN option on the target roles may drop roles.";
            return Err(denied("drop", detail.to_owned()));
        }
        for name in names {
            let RoleName::Named(name) = name else {
                return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, "cannot use special role specifier in DROP ROLE"));
            };
            let Some(role) = self.ctx.catalog.role(name).cloned() else {
                if if_exists {
                    self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("role \"{name}\" does not exist, skipping"));
                    continue;
                }
                return Err(lookup::undefined_role(name));
            };
            self.check_droppable(&role)?;
            self.forget_memberships(&role);
            self.changes.push(Change::DropRole(role.oid));
        }
        Ok("DROP ROLE")
    }

    fn check_droppable(&self, role: &Role) -> Result<()> {
        if role.oid == self.ctx.current_role {
            return Err(SqlError::new(SqlState::OBJECT_IN_USE, "current user cannot be dropped"));
        }
        if role.oid == self.ctx.session_role {
            return Err(SqlError::new(SqlState::OBJECT_IN_USE, "session user cannot be dropped"));
        }
        if role.oid == ADMIN_ROLE {
            return Err(limits::system_entity());
        }
        self.must_administer(role, "drop")?;
        let lines = self.dependents_of_role(role);
        if lines.is_empty() {
            return Ok(());
        }
        let message = format!("role \"{}\" cannot be dropped because some objects depend on it", role.name);
        Err(SqlError::new(SqlState::DEPENDENT_OBJECTS_STILL_EXIST, message).detail(lines.join("\n")))
    }

    fn must_administer(&self, role: &Role, verb: &str) -> Result<()> {
        if administers(self.ctx.catalog, self.ctx.current_role, role.oid) {
            return Ok(());
        }
        let name = &role.name;
        let detail = format!("Only roles with the CREATEROLE attribute and the ADMIN option on role \"{name}\" may {verb} this role.");
        Err(denied(verb, detail))
    }

    pub(crate) fn comment_on_role(&mut self, name: &str, text: Option<String>) -> Result<()> {
        let role = self.ctx.catalog.role(name).cloned().ok_or_else(|| lookup::undefined_role(name))?;
        let denied = |detail: String| SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, "permission denied").detail(detail);
        if !self.creates_roles() {
            return Err(denied("The current user must have the CREATEROLE attribute.".to_owned()));
        }
        if !administers(self.ctx.catalog, self.ctx.current_role, role.oid) {
            return Err(denied(format!("The current user must have the ADMIN option on role \"{name}\".")));
        }
        self.changes.push(Change::PutRole(Arc::new(Role { comment: text, ..(*role).clone() })));
        Ok(())
    }

    /// What keeps a role from being dropped, a line each: what it owns, has or granted rights on, may be connected to.
    fn dependents_of_role(&self, role: &Role) -> Vec<String> {
        let catalog = self.ctx.catalog;
        let mut lines: Vec<String> = Vec::new();
        let mut add = |owner: Oid, acl: bool, address: Address| {
            let reason = if owner == role.oid { "owner of" } else { "privileges for" };
            if owner == role.oid || acl {
                lines.push(format!("{reason} {}", self.description(catalog, address)));
            }
        };
        for schema in catalog.schemas() {
            add(schema.owner, schema.acl.names(role.oid), Address::new(Class::Schema, schema.oid));
        }
        let columns = |columns: &[Column]| columns.iter().any(|column| column.acl.names(role.oid));
        for table in catalog.tables() {
            add(table.owner, table.acl.names(role.oid) || columns(&table.columns), Address::relation(table.oid));
        }
        for view in catalog.views() {
            add(view.owner, view.acl.names(role.oid) || columns(&view.columns), Address::relation(view.oid));
        }
        // A sequence that is a column's goes with its table.
        for sequence in catalog.sequences().filter(|sequence| !sequence.owned_by.is_some_and(|owner| owner.identity)) {
            add(sequence.owner, sequence.acl.names(role.oid), Address::relation(sequence.oid));
        }
        for routine in catalog.routines() {
            add(routine.owner, routine.acl.names(role.oid), Address::new(Class::Function, routine.oid));
        }
        for domain in catalog.domains() {
            add(domain.owner, domain.acl.names(role.oid), Address::new(Class::Type, domain.oid));
        }
        for object in catalog.statistics_objects() {
            add(object.owner, false, Address::new(Class::Statistics, object.oid));
        }
        lines.extend(self.default_privileges_of_role(role));
        lines.extend(self.grants_of_role(role));
        lines.extend(role.iam_arns.iter().map(|arn| format!("mapping to IAM principal {arn}")));
        lines
    }

    fn default_privileges_of_role(&self, role: &Role) -> Vec<String> {
        let catalog = self.ctx.catalog;
        let line = |given: &Arc<DefaultPrivileges>| {
            let reason = match given.role == role.oid {
                true => "owner of",
                false if given.acl.names(role.oid) => "privileges for",
                false => return None,
            };
            let owner = catalog.role_by_oid(given.role).map_or("?", |owner| owner.name.as_str());
            let place = catalog.schema_by_oid(given.schema).map_or_else(String::new, |schema| format!(" in schema {}", schema.name));
            Some(format!("{reason} default privileges on new {} belonging to role {owner}{place}", given.objects.word()))
        };
        catalog.default_privileges().filter_map(line).collect()
    }

    /// Memberships of others that the role granted.
    fn grants_of_role(&self, role: &Role) -> Vec<String> {
        let catalog = self.ctx.catalog;
        let name = |oid| catalog.role_by_oid(oid).map_or("?", |role: &Arc<Role>| role.name.as_str());
        let others = catalog.roles().filter(|member| member.oid != role.oid);
        let granted = others.flat_map(|member| member.member_of.iter().map(move |given| (member, given)));
        let granted = granted.filter(|(_, given)| given.grantor == role.oid && given.role != role.oid);
        granted.map(|(member, given)| format!("privileges for membership of role {} in role {}", member.name, name(given.role))).collect()
    }

    fn forget_memberships(&mut self, role: &Role) {
        let catalog = self.catalog();
        let is_member = |member: &&Arc<Role>| member.member_of.iter().any(|given| given.role == role.oid);
        for member in catalog.roles().filter(is_member) {
            let mut next = (**member).clone();
            next.member_of.retain(|given| given.role != role.oid);
            self.changes.push(Change::PutRole(Arc::new(next)));
        }
    }

    pub(crate) fn rename_role(&mut self, name: &str, new_name: &str) -> Result<&'static str> {
        let role = self.role_named(name)?;
        if role.oid == self.ctx.session_role {
            return Err(SqlError::unsupported("session user cannot be renamed"));
        }
        if role.oid == self.ctx.current_role {
            return Err(SqlError::unsupported("current user cannot be renamed"));
        }
        check_role_name(new_name, -1)?;
        if role.oid == ADMIN_ROLE {
            return Err(limits::system_entity());
        }
        if self.ctx.catalog.role(new_name).is_some() {
            return Err(SqlError::new(SqlState::DUPLICATE_OBJECT, format!("role \"{new_name}\" already exists")));
        }
        if !self.creates_roles() {
            let detail =
                format!("Only roles with the CREATEROLE attribute and the ADMIN option on role \"{}\" may rename this role.", role.name);
            return Err(denied("rename", detail));
        }
        self.must_administer(&role, "rename")?;
        self.changes.push(Change::PutRole(Arc::new(Role { name: new_name.to_owned(), ..(*role).clone() })));
        Ok("ALTER ROLE")
    }

    /// ALTER ROLE .. RESET: a role has no settings of its own, so that there is nothing to take back from it.
    pub(crate) fn reset_role(&mut self, role: Option<&RoleName>, database: Option<&str>) -> Result<&'static str> {
        if let Some(database) = database.filter(|name| *name != DATABASE_NAME) {
            return Err(SqlError::new(SqlState::INVALID_CATALOG_NAME, format!("database \"{database}\" does not exist")));
        }
        let denied =
            |detail: String| Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, "permission denied to alter role").detail(detail));
        let Some(role) = role.map(|name| self.role(name)).transpose()? else {
            let message = "permission denied to alter setting";
            let error = SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message);
            return Err(error.detail("Only roles with the SUPERUSER attribute may alter settings globally."));
        };
        let own = role.oid == self.ctx.current_role;
        let administered = self.creates_roles() && administers(self.ctx.catalog, self.ctx.current_role, role.oid);
        if !own && !administered {
            return denied(format!(
                "Only roles with the CREATEROLE attribute and the ADMIN option on role \"{}\" may alter this role.",
                role.name
            ));
        }
        Ok("ALTER ROLE")
    }

    /// `AWS IAM GRANT role TO 'arn'` and its reverse, which are admin's. Granting twice, or revoking what was not granted, is an error.
    pub(crate) fn iam_grant(&mut self, revoke: bool, role: &str, arn: &str) -> Result<&'static str> {
        if self.ctx.current_role != ADMIN_ROLE {
            let verb = if revoke { "revoke" } else { "grant" };
            let message = format!("permission denied to {verb} IAM trust with role {role}");
            return Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, message));
        }
        let role = self.role_named(role)?;
        if !revoke && !is_principal(arn) {
            return Err(SqlError::new(SqlState::INVALID_PARAMETER_VALUE, "IAM role must look like an IAM ARN"));
        }
        let mut next = (*role).clone();
        let mapped = next.iam_arns.iter().any(|known| known == arn);
        if mapped && !revoke {
            let message = format!("role \"{}\" is already granted to IAM principal {arn}", role.name);
            return Err(SqlError::new(SqlState::DUPLICATE_OBJECT, message));
        }
        if !mapped && revoke {
            let message = format!("role \"{}\" is not granted to IAM principal {arn}", role.name);
            return Err(SqlError::new(SqlState::UNDEFINED_OBJECT, message));
        }
        next.iam_arns.retain(|known| known != arn);
        if !revoke {
            next.iam_arns.push(arn.to_owned());
        }
        self.changes.push(Change::PutRole(Arc::new(next)));
        Ok(if revoke { "AWS IAM REVOKE" } else { "AWS IAM GRANT" })
    }
}

/// `arn:aws:iam::<12 digits>:role/<name>`, or `user` instead of `role`.
fn is_principal(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [arn, partition, service, region, account, resource] = parts.as_slice() else { return false };
    let named = resource.strip_prefix("role/").or_else(|| resource.strip_prefix("user/"));
    let account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    *arn == "arn"
        && partition.starts_with("aws")
        && *service == "iam"
        && region.is_empty()
        && account
        && named.is_some_and(|name| !name.is_empty())
}

/// Names that no role may have.
fn check_role_name(name: &str, at: i32) -> Result<()> {
    let error = SqlError::new(SqlState::RESERVED_NAME, format!("role name \"{name}\" is reserved")).at(at);
    match name {
        "public" | "none" => Err(error),
        name if name.starts_with("pg_") => Err(error.detail("Role names starting with \"pg_\" are reserved.")),
        _ => Ok(()),
    }
}

//! Roles and their IAM principals.

use std::sync::Arc;

use borealis_catalog::{Change, Role};
use borealis_pgtypes::{Result, SqlError, SqlState};

use super::{Work, limits, lookup};
use crate::ast::{RoleName, RoleOption};

impl Work<'_> {
    pub(crate) fn create_role(&mut self, name: &str, options: &[RoleOption], at: i32) -> Result<&'static str> {
        check_role_name(name, at)?;
        if self.ctx.catalog.role(name).is_some() {
            return Err(SqlError::new(SqlState::DUPLICATE_OBJECT, format!("role \"{name}\" already exists")));
        }
        let mut role = Role {
            oid: self.next_oid(),
            name: name.to_owned(),
            login: false,
            create_role: false,
            member_of: Vec::new(),
            iam_arns: Vec::new(),
        };
        for option in options {
            match option {
                RoleOption::Login(login) => role.login = *login,
                RoleOption::CreateRole(create) => role.create_role = *create,
                RoleOption::InRole(roles) => {
                    for member in roles {
                        role.member_of.push(self.role(member)?.oid);
                    }
                }
            }
        }
        self.changes.push(Change::PutRole(Arc::new(role)));
        Ok("CREATE ROLE")
    }

    pub(crate) fn drop_role(&mut self, names: &[RoleName], if_exists: bool) -> Result<&'static str> {
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
        if role.oid == borealis_catalog::snapshot::ADMIN_ROLE {
            return Err(limits::system_entity());
        }
        let catalog = self.ctx.catalog;
        let mut lines: Vec<String> = Vec::new();
        for schema in catalog.schemas().filter(|schema| schema.owner == role.oid) {
            lines.push(format!("owner of schema {}", schema.name));
        }
        for table in catalog.tables() {
            if table.owner == role.oid {
                lines.push(format!("owner of table {}", self.described(table)));
            } else if table.acl.iter().any(|(grantee, _)| *grantee == role.oid) {
                lines.push(format!("privileges for table {}", self.described(table)));
            }
        }
        for view in catalog.views() {
            let described = || self.description(catalog, borealis_catalog::depend::Address::relation(view.oid));
            if view.owner == role.oid {
                lines.push(format!("owner of {}", described()));
            } else if view.acl.iter().any(|(grantee, _)| *grantee == role.oid) {
                lines.push(format!("privileges for {}", described()));
            }
        }
        for schema in catalog.schemas().filter(|schema| schema.acl.iter().any(|(grantee, _)| *grantee == role.oid)) {
            lines.push(format!("privileges for schema {}", schema.name));
        }
        lines.extend(role.iam_arns.iter().map(|arn| format!("mapping to IAM principal {arn}")));
        if lines.is_empty() {
            return Ok(());
        }
        let message = format!("role \"{}\" cannot be dropped because some objects depend on it", role.name);
        Err(SqlError::new(SqlState::DEPENDENT_OBJECTS_STILL_EXIST, message).detail(lines.join("\n")))
    }

    fn forget_memberships(&mut self, role: &Role) {
        for member in self.ctx.catalog.roles().filter(|member| member.member_of.contains(&role.oid)) {
            let mut next = (**member).clone();
            next.member_of.retain(|oid| *oid != role.oid);
            self.changes.push(Change::PutRole(Arc::new(next)));
        }
    }

    pub(crate) fn rename_role(&mut self, name: &str, new_name: &str) -> Result<&'static str> {
        let role = self.role_named(name)?;
        check_role_name(new_name, -1)?;
        if role.oid == borealis_catalog::snapshot::ADMIN_ROLE {
            return Err(limits::system_entity());
        }
        if self.ctx.catalog.role(new_name).is_some() {
            return Err(SqlError::new(SqlState::DUPLICATE_OBJECT, format!("role \"{new_name}\" already exists")));
        }
        self.changes.push(Change::PutRole(Arc::new(Role { name: new_name.to_owned(), ..(*role).clone() })));
        Ok("ALTER ROLE")
    }

    /// `AWS IAM GRANT role TO 'arn'` and its reverse. Granting twice, or revoking what was not granted, is an error.
    pub(crate) fn iam_grant(&mut self, revoke: bool, role: &str, arn: &str) -> Result<&'static str> {
        let role = self.role_named(role)?;
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

/// Names that no role may have.
fn check_role_name(name: &str, at: i32) -> Result<()> {
    let error = SqlError::new(SqlState::RESERVED_NAME, format!("role name \"{name}\" is reserved")).at(at);
    match name {
        "public" | "none" => Err(error),
        name if name.starts_with("pg_") => Err(error.detail("Role names starting with \"pg_\" are reserved.")),
        _ => Ok(()),
    }
}

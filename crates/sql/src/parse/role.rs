//! Roles and privileges.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    AccessPriv, AlterRoleSetStmt, CreateRoleStmt, DropBehavior, DropRoleStmt, GrantRoleStmt, GrantStmt, GrantTargetType, Node, ObjectType,
    RoleStmtType, VariableSetKind,
};

use super::lower::{Lower, R, strings, unexpected};
use super::session::option_text;
use crate::ast::{Grant, GrantTarget, ObjectName, RoleName, RoleOption, Statement};

impl Lower<'_> {
    pub(super) fn create_role(&self, create: CreateRoleStmt) -> R<Statement> {
        let kind = create.stmt_type();
        let CreateRoleStmt { stmt_type: _, role, options } = create;
        let mut lowered = Vec::new();
        if kind == RoleStmtType::RolestmtUser {
            // CREATE USER is CREATE ROLE ... LOGIN, unless an option says otherwise.
            lowered.push(RoleOption::Login(true));
        }
        for option in options {
            lowered.push(self.role_option(option)?);
        }
        Ok(Statement::CreateRole { name: role, options: lowered, at: -1 })
    }

    fn role_option(&self, node: Node) -> R<RoleOption> {
        let Some(NodeEnum::DefElem(element)) = node.node else { return Err(unexpected("CREATE ROLE")) };
        let on = option_text(&element).as_deref() == Some("true");
        match element.defname.as_str() {
            "canlogin" => Ok(RoleOption::Login(on)),
            "createrole" => Ok(RoleOption::CreateRole(on)),
            "addroleto" => match element.arg.and_then(|arg| arg.node) {
                Some(NodeEnum::List(list)) => Ok(RoleOption::InRole(self.roles(list.items)?)),
                _ => Err(unexpected("CREATE ROLE")),
            },
            name => Err(self.refuse("role/option", &[role_option_keyword(name)])),
        }
    }

    pub(super) fn drop_role(&self, drop: DropRoleStmt) -> R<Statement> {
        let DropRoleStmt { roles, missing_ok } = drop;
        Ok(Statement::DropRole { names: self.roles(roles)?, if_exists: missing_ok })
    }

    pub(super) fn alter_role_set(&self, alter: &AlterRoleSetStmt) -> borealis_pgtypes::SqlError {
        let resets = |kind| matches!(kind, VariableSetKind::VarReset | VariableSetKind::VarResetAll);
        let reset = alter.setstmt.as_ref().is_some_and(|set| resets(set.kind()));
        let key = if reset { "statement/AlterRoleReset" } else { "statement/AlterRoleSet" };
        self.refuse(key, &["AlterRoleSet"])
    }

    pub(super) fn grant(&self, grant: GrantStmt) -> R<Statement> {
        let (target_kind, object, behavior) = (grant.targtype(), grant.objtype(), grant.behavior());
        let GrantStmt { is_grant, targtype: _, objtype: _, objects, privileges, grantees, grant_option, grantor, behavior: _ } = grant;
        self.forbid(grantor.is_some(), "grant/granted by")?;
        Ok(Statement::Grant(Box::new(Grant {
            revoke: !is_grant,
            target: self.grant_target(target_kind, object, objects)?,
            privileges: privileges.into_iter().map(privilege).collect::<R<_>>()?,
            grantees: self.roles(grantees)?,
            grant_option,
            cascade: behavior == DropBehavior::DropCascade,
        })))
    }

    fn grant_target(&self, kind: GrantTargetType, object: ObjectType, objects: Vec<Node>) -> R<GrantTarget> {
        let all = kind == GrantTargetType::AclTargetAllInSchema;
        match object {
            ObjectType::ObjectTable if all => Ok(GrantTarget::AllTablesInSchema(strings(objects)?)),
            ObjectType::ObjectTable => Ok(GrantTarget::Tables(objects.into_iter().map(|node| self.granted_table(node)).collect::<R<_>>()?)),
            ObjectType::ObjectSchema => Ok(GrantTarget::Schemas(strings(objects)?)),
            ObjectType::ObjectSequence if all => Ok(GrantTarget::AllSequencesInSchema(strings(objects)?)),
            ObjectType::ObjectSequence => {
                Ok(GrantTarget::Sequences(objects.into_iter().map(|node| self.granted_table(node)).collect::<R<_>>()?))
            }
            ObjectType::ObjectFunction | ObjectType::ObjectRoutine => Err(self.refuse("grant/not yet", &["functions"])),
            ObjectType::ObjectDomain | ObjectType::ObjectType => Err(self.refuse("grant/not yet", &["types"])),
            _ => Err(self.refuse("grant/object", &[])),
        }
    }

    fn granted_table(&self, node: Node) -> R<ObjectName> {
        match node.node {
            Some(NodeEnum::RangeVar(range)) => self.relation(range),
            _ => Err(unexpected("GRANT")),
        }
    }

    /// `GRANT r TO s`: the roles granted come as privileges without columns.
    pub(super) fn grant_role(&self, grant: GrantRoleStmt) -> R<Statement> {
        let behavior = grant.behavior();
        let GrantRoleStmt { granted_roles, grantee_roles, is_grant, opt, grantor, behavior: _ } = grant;
        self.forbid(grantor.is_some(), "grant/granted by")?;
        let grant_option = self.admin_option(&opt)?;
        let roles = granted_roles.into_iter().map(granted_role).collect::<R<_>>()?;
        Ok(Statement::Grant(Box::new(Grant {
            revoke: !is_grant,
            target: GrantTarget::Roles(roles),
            privileges: Vec::new(),
            grantees: self.roles(grantee_roles)?,
            grant_option,
            cascade: behavior == DropBehavior::DropCascade,
        })))
    }

    /// ADMIN OPTION is the grant option of a role; INHERIT and SET have no place yet.
    fn admin_option(&self, options: &[Node]) -> R<bool> {
        let mut admin = false;
        for option in options {
            let Some(NodeEnum::DefElem(element)) = &option.node else { return Err(unexpected("GRANT")) };
            self.forbid(element.defname != "admin", "grant/role option")?;
            // REVOKE ADMIN OPTION FOR writes false: the option itself is what is revoked.
            admin = true;
        }
        Ok(admin)
    }
}

fn privilege(node: Node) -> R<(String, Vec<String>)> {
    match node.node {
        Some(NodeEnum::AccessPriv(AccessPriv { priv_name, cols })) => Ok((priv_name, strings(cols)?)),
        _ => Err(unexpected("GRANT")),
    }
}

fn granted_role(node: Node) -> R<RoleName> {
    match node.node {
        Some(NodeEnum::AccessPriv(AccessPriv { priv_name, cols })) if cols.is_empty() => Ok(RoleName::Named(priv_name)),
        Some(NodeEnum::AccessPriv(_)) => {
            let message = "column names cannot be included in GRANT/REVOKE ROLE";
            Err(borealis_pgtypes::SqlError::new(borealis_pgtypes::SqlState(*b"0LP01"), message))
        }
        _ => Err(unexpected("GRANT")),
    }
}

/// The words a user wrote for the grammar's name of an option.
fn role_option_keyword(name: &str) -> &str {
    match name {
        "superuser" => "SUPERUSER",
        "createdb" => "CREATEDB",
        "isreplication" => "REPLICATION",
        "bypassrls" => "BYPASSRLS",
        "inherit" => "INHERIT",
        "password" => "PASSWORD",
        "validUntil" => "VALID UNTIL",
        "connectionlimit" => "CONNECTION LIMIT",
        "rolemembers" => "ROLE",
        "adminmembers" => "ADMIN",
        "sysid" => "SYSID",
        other => other,
    }
}

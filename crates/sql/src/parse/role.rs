//! Roles and privileges.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    AccessPriv, AlterDefaultPrivilegesStmt, AlterRoleSetStmt, CreateRoleStmt, DropBehavior, DropRoleStmt, GrantRoleStmt, GrantStmt,
    GrantTargetType, Node, ObjectType, RoleStmtType, VariableSetKind,
};

use borealis_catalog::DefaultObjects;
use borealis_pgtypes::{SqlError, SqlState};

use super::lower::{Lower, R, non_empty, strings, unexpected};
use super::session::option_text;
use crate::ast::{AlterDefaultPrivileges, Grant, GrantRoles, GrantTarget, MembershipOptions, ObjectName, RoleOption, Statement};

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

    /// Settings of a role: nobody can set one, so that there is none to RESET either.
    pub(super) fn alter_role_set(&self, alter: AlterRoleSetStmt) -> R<Statement> {
        let AlterRoleSetStmt { role, database, setstmt } = alter;
        let resets = |kind| matches!(kind, VariableSetKind::VarReset | VariableSetKind::VarResetAll);
        if !setstmt.as_ref().is_some_and(|set| resets(set.kind())) {
            return Err(self.refuse("statement/AlterRoleSet", &["AlterRoleSet"]));
        }
        Ok(Statement::ResetRole { role: role.map(|role| self.role(role)), database: non_empty(database) })
    }

    pub(super) fn grant(&self, grant: GrantStmt) -> R<Statement> {
        let (target_kind, object, behavior) = (grant.targtype(), grant.objtype(), grant.behavior());
        let GrantStmt { is_grant, targtype: _, objtype: _, objects, privileges, grantees, grant_option, grantor, behavior: _ } = grant;
        Ok(Statement::Grant(Box::new(Grant {
            revoke: !is_grant,
            target: self.grant_target(target_kind, object, objects)?,
            privileges: privileges.into_iter().map(privilege).collect::<R<_>>()?,
            grantees: self.roles(grantees)?,
            grant_option,
            grantor: grantor.map(|role| self.role(role)),
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
            ObjectType::ObjectFunction | ObjectType::ObjectRoutine => {
                let routine = self.is_function(object)? == Some(true);
                if all {
                    return Ok(GrantTarget::AllFunctionsInSchema { schemas: strings(objects)?, routine });
                }
                let functions = objects.into_iter().map(|node| self.function_name(node)).collect::<R<_>>()?;
                Ok(GrantTarget::Functions { functions, routine })
            }
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
        Ok(Statement::GrantRoles(Box::new(GrantRoles {
            revoke: !is_grant,
            options: membership_options(&opt)?,
            roles: granted_roles.into_iter().map(granted_role).collect::<R<_>>()?,
            members: self.roles(grantee_roles)?,
            grantor: grantor.map(|role| self.role(role)),
            cascade: behavior == DropBehavior::DropCascade,
        })))
    }

    pub(super) fn alter_default_privileges(&self, alter: AlterDefaultPrivilegesStmt) -> R<Statement> {
        self.require("statement/AlterDefaultPrivileges")?;
        let AlterDefaultPrivilegesStmt { options, action } = alter;
        let (mut roles, mut schemas) = (None, None);
        for option in options {
            let Some(NodeEnum::DefElem(element)) = option.node else { return Err(unexpected("ALTER DEFAULT PRIVILEGES")) };
            let Some(NodeEnum::List(list)) = element.arg.and_then(|arg| arg.node) else {
                return Err(unexpected("ALTER DEFAULT PRIVILEGES"));
            };
            let redundant = match element.defname.as_str() {
                "roles" => roles.replace(self.roles(list.items)?).is_some(),
                _ => schemas.replace(strings(list.items)?).is_some(),
            };
            if redundant {
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, "conflicting or redundant options").at(element.location));
            }
        }
        let action = action.ok_or_else(|| unexpected("ALTER DEFAULT PRIVILEGES"))?;
        let (object, behavior) = (action.objtype(), action.behavior());
        let GrantStmt { is_grant, targtype: _, objtype: _, objects: _, privileges, grantees, grant_option, grantor: _, behavior: _ } =
            action;
        Ok(Statement::AlterDefaultPrivileges(Box::new(AlterDefaultPrivileges {
            roles: roles.unwrap_or_default(),
            schemas: schemas.unwrap_or_default(),
            revoke: !is_grant,
            objects: self.default_objects(object)?,
            privileges: privileges.into_iter().map(|node| Ok(privilege(node)?.0)).collect::<R<_>>()?,
            grantees: self.roles(grantees)?,
            grant_option,
            cascade: behavior == DropBehavior::DropCascade,
        })))
    }

    fn default_objects(&self, object: ObjectType) -> R<DefaultObjects> {
        match object {
            ObjectType::ObjectTable => Ok(DefaultObjects::Tables),
            ObjectType::ObjectSequence => Ok(DefaultObjects::Sequences),
            ObjectType::ObjectFunction | ObjectType::ObjectRoutine => Ok(DefaultObjects::Functions),
            ObjectType::ObjectType => Ok(DefaultObjects::Types),
            ObjectType::ObjectSchema => Ok(DefaultObjects::Schemas),
            _ => Err(self.refuse("grant/object", &[])),
        }
    }
}

/// ADMIN, INHERIT and SET, each with a Boolean.
fn membership_options(options: &[Node]) -> R<MembershipOptions> {
    let mut read = MembershipOptions::default();
    for option in options {
        let Some(NodeEnum::DefElem(element)) = &option.node else { return Err(unexpected("GRANT")) };
        let text = option_text(element).unwrap_or_default();
        let place = match element.defname.as_str() {
            "admin" => &mut read.admin,
            "inherit" => &mut read.inherit,
            "set" => &mut read.set,
            other => {
                let message = format!("unrecognized role option \"{other}\"");
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, message).at(element.location));
            }
        };
        let value = borealis_pgtypes::text::input::boolean(&text).map_err(|_| {
            let message = format!("unrecognized value for role option \"{}\": \"{text}\"", element.defname);
            SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message).at(element.location)
        })?;
        *place = Some(value);
    }
    Ok(read)
}

fn privilege(node: Node) -> R<(String, Vec<String>)> {
    match node.node {
        Some(NodeEnum::AccessPriv(AccessPriv { priv_name, cols })) => Ok((priv_name, strings(cols)?)),
        _ => Err(unexpected("GRANT")),
    }
}

fn granted_role(node: Node) -> R<String> {
    match node.node {
        Some(NodeEnum::AccessPriv(AccessPriv { priv_name, cols })) if cols.is_empty() => Ok(priv_name),
        Some(NodeEnum::AccessPriv(_)) => {
            let message = "column names cannot be included in GRANT/REVOKE ROLE";
            Err(SqlError::new(SqlState::INVALID_GRANT_OPERATION, message))
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

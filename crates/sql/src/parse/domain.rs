//! CREATE DOMAIN and ALTER DOMAIN.

use borealis_pgtypes::{SqlError, SqlState};
use pg_query::NodeEnum;
use pg_query::protobuf::{AlterDomainStmt, ConstrType, Constraint, CreateDomainStmt, Node};

use super::lower::{Lower, R, non_empty, unexpected};
use crate::ast::{AlterDomain, CreateDomain, DomainConstraint, DomainConstraintKind, Statement};

impl Lower<'_> {
    pub(super) fn create_domain(&self, create: CreateDomainStmt) -> R<Statement> {
        let CreateDomainStmt { domainname, type_name, coll_clause, constraints } = create;
        self.require("statement/CreateDomain")?;
        self.forbid(coll_clause.is_some(), "column/COLLATE")?;
        let name = self.object_name(domainname, -1)?;
        let ty = self.type_name(type_name.ok_or_else(|| unexpected("CREATE DOMAIN"))?)?;
        let constraints = constraints.into_iter().map(|node| self.domain_constraint(node)).collect::<R<_>>()?;
        Ok(Statement::CreateDomain(Box::new(CreateDomain { name, ty, constraints })))
    }

    fn domain_constraint(&self, node: Node) -> R<DomainConstraint> {
        let Some(NodeEnum::Constraint(constraint)) = node.node else { return Err(unexpected("CREATE DOMAIN")) };
        let name = non_empty(constraint.conname.clone());
        let kind = match constraint.contype() {
            ConstrType::ConstrNull => DomainConstraintKind::Null,
            ConstrType::ConstrNotnull => DomainConstraintKind::NotNull,
            ConstrType::ConstrDefault => DomainConstraintKind::Default(*self.boxed(constraint.raw_expr)?),
            ConstrType::ConstrCheck if !constraint.is_no_inherit => DomainConstraintKind::Check(*self.boxed(constraint.raw_expr)?),
            _ => return Err(not_for_domains(&constraint)),
        };
        Ok(DomainConstraint { name, kind })
    }

    pub(super) fn alter_domain(&self, alter: AlterDomainStmt) -> R<Statement> {
        // Nothing depends on a constraint of a domain, so that CASCADE and RESTRICT are the same.
        let AlterDomainStmt { subtype, type_name, name: constraint, def, behavior: _, missing_ok } = alter;
        self.require("statement/AlterDomain")?;
        let name = self.object_name(type_name, -1)?;
        let action = match subtype.as_str() {
            "T" => AlterDomain::SetDefault(self.optional(def)?),
            "N" => AlterDomain::DropNotNull,
            "X" => AlterDomain::DropConstraint { name: constraint, if_exists: missing_ok },
            "O" => return Err(self.refuse("alter_domain/*", &["SET NOT NULL"])),
            "C" => return Err(self.refuse("alter_domain/*", &["ADD CONSTRAINT"])),
            "V" => return Err(self.refuse("alter_domain/*", &["VALIDATE CONSTRAINT"])),
            _ => return Err(unexpected("ALTER DOMAIN")),
        };
        Ok(Statement::AlterDomain { name, action })
    }
}

/// What PostgreSQL answers to constraints that only columns have.
fn not_for_domains(constraint: &Constraint) -> SqlError {
    let kind = match constraint.contype() {
        ConstrType::ConstrUnique => "unique",
        ConstrType::ConstrPrimary => "primary key",
        ConstrType::ConstrExclusion => "exclusion",
        ConstrType::ConstrForeign => "foreign key",
        ConstrType::ConstrCheck => {
            return SqlError::new(SqlState::INVALID_OBJECT_DEFINITION, "check constraints for domains cannot be marked NO INHERIT");
        }
        ConstrType::ConstrAttrDeferrable
        | ConstrType::ConstrAttrNotDeferrable
        | ConstrType::ConstrAttrDeferred
        | ConstrType::ConstrAttrImmediate => {
            return SqlError::unsupported("specifying constraint deferrability not supported for domains");
        }
        _ => return unexpected("CREATE DOMAIN"),
    };
    SqlError::new(SqlState::SYNTAX_ERROR, format!("{kind} constraints not possible for domains"))
}

//! CREATE, ALTER and DROP DOMAIN. After `DefineDomain` and the `AlterDomain` family.

use std::sync::Arc;

use borealis_catalog::{Acl, Change, Check, Column, DefaultObjects, Domain, Table};
use borealis_pgtypes::{Oid, Result, Settings, SqlError, SqlState, Type, types};

use super::ownership::Owned;
use super::{Work, expression, limits, lookup, name};
use crate::ast::{self, AlterDomain, CreateDomain, DomainConstraintKind, ObjectName};
use crate::bind::{BindContext, bind_domain_check, display_name, find_declared, resolve_type};
use crate::deparse::{ColumnNames, Style};
use crate::expr::ColumnRef;

/// In a domain's conditions the only name is that of the value.
struct Value;

impl ColumnNames for Value {
    fn slot(&self, _: usize) -> String {
        "VALUE".to_owned()
    }

    fn column(&self, _: &ColumnRef) -> String {
        self.slot(0)
    }
}

impl Work<'_> {
    pub(crate) fn create_domain(&mut self, create: &CreateDomain) -> Result<&'static str> {
        let schema = self.creation_schema(&create.name)?;
        let name = &create.name.name;
        if self.ctx.catalog.type_exists(schema.oid, name) {
            return Err(duplicate_type(name));
        }
        let (base, warning) = resolve_type(&create.ty, self.ctx).map_err(without_position)?;
        self.notices.extend(warning);
        check_base(base, self.ctx)?;
        self.may_use_type(base.declared)?;
        let below = self.ctx.catalog.domain_by_oid(base.declared);
        let mut domain = Domain {
            oid: self.next_oid(),
            schema: schema.oid,
            name: name.clone(),
            owner: self.ctx.current_role,
            base,
            array_type: self.next_oid(),
            not_null: false,
            default: below.and_then(|domain| domain.default.clone()),
            checks: Vec::new(),
            acl: self.new_acl(DefaultObjects::Types, self.ctx.current_role, schema.oid),
            comment: None,
        };
        self.constraints(&mut domain, create)?;
        self.changes.push(Change::PutDomain(Arc::new(domain)));
        Ok("CREATE DOMAIN")
    }

    /// NULL, NOT NULL and DEFAULT first, then the conditions, as PostgreSQL goes over them.
    fn constraints(&self, domain: &mut Domain, create: &CreateDomain) -> Result<()> {
        let (mut nullable, mut has_default) = (None, false);
        for constraint in &create.constraints {
            let null = match &constraint.kind {
                DomainConstraintKind::NotNull => false,
                DomainConstraintKind::Null => true,
                DomainConstraintKind::Default(expr) => {
                    if std::mem::replace(&mut has_default, true) {
                        return Err(SqlError::new(SqlState::SYNTAX_ERROR, "multiple default expressions"));
                    }
                    domain.default = default(expr, domain, self.ctx)?;
                    continue;
                }
                DomainConstraintKind::Check(_) => continue,
            };
            if nullable.is_some_and(|known| known != null) {
                return Err(SqlError::new(SqlState::SYNTAX_ERROR, "conflicting NULL/NOT NULL constraints"));
            }
            nullable = Some(null);
        }
        domain.not_null = nullable == Some(false);
        for constraint in &create.constraints {
            if let DomainConstraintKind::Check(expr) = &constraint.kind {
                self.add_condition(domain, constraint.name.as_deref(), expr)?;
            }
        }
        Ok(())
    }

    fn add_condition(&self, domain: &mut Domain, name: Option<&str>, expr: &ast::Expr) -> Result<()> {
        let name = match name {
            Some(name) if domain.checks.iter().any(|check| check.name == name) => {
                let message = format!("constraint \"{name}\" for domain \"{}\" already exists", domain.name);
                return Err(SqlError::new(SqlState::DUPLICATE_OBJECT, message));
            }
            Some(name) => name.to_owned(),
            None => self.choose_condition_name(domain),
        };
        let bound = bind_domain_check(expr, domain.base, self.ctx).map_err(without_position)?;
        let settings = Settings::default();
        let text = crate::deparse::expression(&bound, &Value, Style { settings: &settings, indent: true, pretty: false });
        domain.checks.push(Check {
            oid: self.next_oid(),
            name,
            expression: expression::parenthesised(&text),
            validated: true,
            comment: None,
        });
        Ok(())
    }

    /// The first of `domain_check`, `domain_check1`, ... that no constraint of the schema has.
    fn choose_condition_name(&self, domain: &Domain) -> String {
        let has = |domain: &Domain, name: &str| domain.checks.iter().any(|check| check.name == name);
        let taken = |name: &str| {
            let mut domains = self.ctx.catalog.domains().filter(|other| other.schema == domain.schema);
            let mut tables = self.ctx.catalog.tables().filter(|table| table.schema == domain.schema);
            has(domain, name) || domains.any(|other| has(other, name)) || tables.any(|table| name::has_constraint(table, name))
        };
        let candidates = (0_usize..).map(|number| if number == 0 { "check".to_owned() } else { format!("check{number}") });
        let mut names = candidates.map(|label| name::object_name(&domain.name, None, &label));
        names.find(|name| !taken(name)).unwrap_or_default()
    }

    pub(crate) fn alter_domain(&mut self, name: &ObjectName, action: &AlterDomain) -> Result<&'static str> {
        let mut domain = (*self.existing_domain(name)?).clone();
        self.must_own(Owned::domain(&domain))?;
        match action {
            AlterDomain::SetDefault(expr) => {
                domain.default = match expr {
                    Some(expr) => default(expr, &domain, self.ctx)?,
                    None => None,
                };
            }
            AlterDomain::DropNotNull => domain.not_null = false,
            AlterDomain::DropConstraint { name, if_exists } => {
                let before = domain.checks.len();
                domain.checks.retain(|check| check.name != *name);
                if domain.checks.len() == before {
                    let message = format!("constraint \"{name}\" of domain \"{}\" does not exist", domain.name);
                    if !if_exists {
                        return Err(SqlError::new(SqlState::UNDEFINED_OBJECT, message));
                    }
                    self.notice(SqlState::SUCCESSFUL_COMPLETION, format!("{message}, skipping"));
                }
            }
        }
        self.put_domain(domain);
        Ok("ALTER DOMAIN")
    }

    pub(crate) fn set_domain_schema(&mut self, name: &ObjectName, schema: &str) -> Result<&'static str> {
        let domain = self.existing_domain(name)?;
        self.must_own(Owned::domain(&domain))?;
        let schema = self.target_schema(schema)?;
        if schema.oid != domain.schema {
            if self.ctx.catalog.type_exists(schema.oid, &domain.name) {
                let message = format!("type \"{}\" already exists in schema \"{}\"", domain.name, schema.name);
                return Err(SqlError::new(SqlState::DUPLICATE_OBJECT, message));
            }
            self.put_domain(Domain { schema: schema.oid, ..(*domain).clone() });
        }
        Ok("ALTER DOMAIN")
    }

    pub(crate) fn set_domain_owner(&mut self, name: &ObjectName, owner: &ast::RoleName) -> Result<&'static str> {
        let domain = self.existing_domain(name)?;
        let owner = self.role(owner)?;
        self.may_hand_over(Owned::domain(&domain), &owner)?;
        let acl = domain.acl.with_owner(domain.owner, owner.oid);
        self.put_domain(Domain { owner: owner.oid, acl, ..(*domain).clone() });
        Ok("ALTER DOMAIN")
    }

    /// Whoever writes a column of the domain at the same time must see the change.
    fn put_domain(&mut self, domain: Domain) {
        self.affected.extend(tables_over(self.ctx, domain.oid));
        self.changes.push(Change::PutDomain(Arc::new(domain)));
    }

    /// The domain, or why there is none of that name.
    fn existing_domain(&self, name: &ObjectName) -> Result<Arc<Domain>> {
        match find_declared(&names(name), self.ctx) {
            Some(ty) => {
                let message = || format!("{} is not a domain", self.ctx.type_name(ty));
                let domain = self.ctx.catalog.domain_by_oid(ty.declared).cloned();
                domain.ok_or_else(|| SqlError::new(SqlState::WRONG_OBJECT_TYPE, message()))
            }
            None => Err(self.undefined_type(name)),
        }
    }

    /// The domain to drop; `None` when there is no type of that name.
    pub(crate) fn droppable_domain(&self, name: &ObjectName) -> Result<Option<Arc<Domain>>> {
        let Some(ty) = find_declared(&names(name), self.ctx) else { return Ok(None) };
        match self.ctx.catalog.domain_by_oid(ty.declared) {
            Some(domain) => Ok(Some(domain.clone())),
            None => Err(SqlError::new(SqlState::WRONG_OBJECT_TYPE, format!("\"{}\" is not a domain", display_name(name)))),
        }
    }

    fn undefined_type(&self, name: &ObjectName) -> SqlError {
        match &name.schema {
            Some(schema) if self.ctx.catalog.schema(schema).is_none() => lookup::undefined_schema(schema),
            _ => SqlError::new(SqlState::UNDEFINED_OBJECT, format!("type \"{}\" does not exist", display_name(name))),
        }
    }
}

/// Tables with a column of the domain or of one over it.
fn tables_over(ctx: &BindContext<'_>, domain: Oid) -> Vec<Oid> {
    let over = |ty: Type| ctx.catalog.domain_chain(ty.declared).any(|known| known.oid == domain);
    ctx.catalog.tables().filter(|table| table.live_columns().any(|column| over(column.ty))).map(|table| table.oid).collect()
}

fn names(name: &ObjectName) -> Vec<String> {
    name.schema.iter().chain([&name.name]).cloned().collect()
}

/// A default must fit the type the domain is over. It is stored as a column's would be.
fn default(expr: &ast::Expr, domain: &Domain, ctx: &BindContext<'_>) -> Result<Option<String>> {
    let column = Column::new(1, domain.name.as_str(), domain.base);
    expression::default(expr, &nameless(), &column, ctx).map_err(without_position)
}

/// A default reads no columns: those of a table that has none.
fn nameless() -> Table {
    Table {
        oid: Oid::INVALID,
        schema: Oid::INVALID,
        name: String::new(),
        owner: Oid::INVALID,
        columns: Vec::new(),
        primary_key: None,
        indexes: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        acl: Acl::default(),
        comment: None,
        row_type: Oid::INVALID,
        row_array_type: Oid::INVALID,
    }
}

/// Only types that a column may have.
fn check_base(base: Type, ctx: &BindContext<'_>) -> Result<()> {
    if types::by_oid(base.oid).is_some_and(|info| info.kind == 'p') && base.declared.is_invalid() {
        let message = format!("\"{}\" is not a valid base type for a domain", ctx.type_name(base));
        return Err(SqlError::new(SqlState::DATATYPE_MISMATCH, message));
    }
    limits::check_declared_type(base, ctx)
}

pub(crate) fn duplicate_type(name: &str) -> SqlError {
    SqlError::new(SqlState::DUPLICATE_OBJECT, format!("type \"{name}\" already exists"))
}

/// Utility statements do not say where.
fn without_position(mut error: SqlError) -> SqlError {
    error.fields_mut().position = None;
    error
}

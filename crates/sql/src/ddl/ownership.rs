//! Who may define and change things: owners, and those who have an owner's rights. After `aclcheck_error` and its callers.

use borealis_catalog::acl::Rights;
use borealis_catalog::membership::can_set_role;
use borealis_catalog::privilege::{Guarded, Standing};
use borealis_catalog::{Domain, ExtendedStatistics, Role, Routine, Schema, Sequence, Table, View};
use borealis_pgtypes::{Oid, Result, SqlError, SqlState};

use super::Work;

/// `42501`, for lack of a right on an object.
pub(crate) fn permission_denied(kind: &str, name: &str) -> SqlError {
    SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, format!("permission denied for {kind} {name}"))
}

/// `42501`, for what only the owner may do.
pub(crate) fn must_be_owner(kind: &str, name: &str) -> SqlError {
    SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, format!("must be owner of {kind} {name}"))
}

/// An object that has an owner, as messages speak of it.
#[derive(Clone, Copy)]
pub(crate) struct Owned<'a> {
    pub(crate) kind: &'static str,
    pub(crate) name: &'a str,
    pub(crate) owner: Oid,
    /// [`Oid::INVALID`] for a schema itself.
    pub(crate) schema: Oid,
}

impl<'a> Owned<'a> {
    pub(crate) fn table(table: &'a Table) -> Self {
        Self { kind: "table", name: &table.name, owner: table.owner, schema: table.schema }
    }

    pub(crate) fn view(view: &'a View) -> Self {
        Self { kind: "view", name: &view.name, owner: view.owner, schema: view.schema }
    }

    pub(crate) fn sequence(sequence: &'a Sequence) -> Self {
        Self { kind: "sequence", name: &sequence.name, owner: sequence.owner, schema: sequence.schema }
    }

    pub(crate) fn schema(schema: &'a Schema) -> Self {
        Self { kind: "schema", name: &schema.name, owner: schema.owner, schema: Oid::INVALID }
    }

    pub(crate) fn routine(routine: &'a Routine) -> Self {
        Self { kind: "function", name: &routine.name, owner: routine.owner, schema: routine.schema }
    }

    pub(crate) fn domain(domain: &'a Domain) -> Self {
        Self { kind: "type", name: &domain.name, owner: domain.owner, schema: domain.schema }
    }

    pub(crate) fn statistics(object: &'a ExtendedStatistics) -> Self {
        Self { kind: "statistics object", name: &object.name, owner: object.owner, schema: object.schema }
    }

    /// An index has its table's owner.
    pub(crate) fn index(name: &'a str, table: &Table) -> Self {
        Self { kind: "index", name, owner: table.owner, schema: table.schema }
    }
}

impl Work<'_> {
    /// Refuses who does not have the owner's rights.
    pub(crate) fn must_own(&self, object: Owned<'_>) -> Result<()> {
        if self.standing.has_privileges_of(object.owner) { Ok(()) } else { Err(must_be_owner(object.kind, object.name)) }
    }

    /// Refuses who owns neither the object nor the schema it is in.
    pub(crate) fn may_drop(&self, object: Owned<'_>) -> Result<()> {
        let schema = self.ctx.catalog.schema_by_oid(object.schema);
        if schema.is_some_and(|schema| self.standing.has_privileges_of(schema.owner)) {
            return Ok(());
        }
        self.must_own(object)
    }

    /// Refuses who may not create in the schema.
    pub(crate) fn may_create_in(&self, schema: &Schema) -> Result<()> {
        creates_in(&self.standing, schema)
    }

    /// The same by the schema's number, for what is renamed in its place.
    pub(crate) fn may_create_beside(&self, schema: Oid) -> Result<()> {
        self.ctx.catalog.schema_by_oid(schema).map_or(Ok(()), |schema| self.may_create_in(schema))
    }

    /// Refuses to hand an object over to a role that the current one cannot become, or that may not create where the object is.
    pub(crate) fn may_hand_over(&self, object: Owned<'_>, owner: &Role) -> Result<()> {
        if object.owner == owner.oid {
            return Ok(());
        }
        self.must_own(object)?;
        self.may_become(owner)?;
        match self.ctx.catalog.schema_by_oid(object.schema) {
            Some(schema) => creates_in(&Standing::of(self.ctx.catalog, owner.oid), schema),
            None => Ok(()),
        }
    }

    /// `check_can_set_role`
    pub(crate) fn may_become(&self, role: &Role) -> Result<()> {
        if can_set_role(self.ctx.catalog, self.ctx.current_role, role.oid) {
            return Ok(());
        }
        Err(SqlError::new(SqlState::INSUFFICIENT_PRIVILEGE, format!("must be able to SET ROLE \"{}\"", role.name)))
    }

    /// Refuses who may not make schemas.
    pub(crate) fn may_create_schemas(&self) -> Result<()> {
        let allowed = self.standing.holds(&Guarded::database(), Rights::CREATE);
        if allowed { Ok(()) } else { Err(permission_denied("database", borealis_catalog::system::DATABASE_NAME)) }
    }

    /// Refuses a type that the role may not use; the types of the system are open to everybody.
    pub(crate) fn may_use_type(&self, declared: Oid) -> Result<()> {
        match self.ctx.catalog.domain_by_oid(declared) {
            Some(domain) if !self.standing.holds(&Guarded::domain(domain), Rights::USAGE) => Err(permission_denied("type", &domain.name)),
            _ => Ok(()),
        }
    }

    /// Whether the role may make and administer roles.
    pub(crate) fn creates_roles(&self) -> bool {
        self.ctx.catalog.role_by_oid(self.ctx.current_role).is_some_and(|role| role.create_role)
    }
}

fn creates_in(standing: &Standing, schema: &Schema) -> Result<()> {
    if standing.holds(&Guarded::schema(schema), Rights::CREATE) { Ok(()) } else { Err(permission_denied("schema", &schema.name)) }
}

//! Who may do what: the rights on an object as a role has them.

use std::borrow::Cow;

use borealis_pgtypes::Oid;

use crate::acl::{self, Acl, AclItem, Class, Rights};
use crate::membership::{Follow, reachable};
use crate::snapshot::{ADMIN_ROLE, PUBLIC_SCHEMA, SYSTEM_ROLE};
use crate::{Catalog, Column, Domain, Routine, Schema, Sequence, Table, View};

/// The pseudo role that everybody is a member of, as an [`Acl`] names it.
pub const PUBLIC: Oid = Oid::INVALID;

/// An object as rights on it are asked for.
#[derive(Clone, Debug)]
pub struct Guarded<'a> {
    /// Which rights there are.
    pub class: Class,
    /// Who may always grant.
    pub owner: Oid,
    /// What has been granted.
    pub acl: Cow<'a, Acl>,
}

impl<'a> Guarded<'a> {
    const fn new(class: Class, owner: Oid, acl: &'a Acl) -> Self {
        Self { class, owner, acl: Cow::Borrowed(acl) }
    }

    /// What comes with the system: its rights are these.
    fn of_system(class: Class, granted: &[(Oid, Rights)]) -> Self {
        let item = |&(grantee, rights): &(Oid, Rights)| AclItem { grantee, grantor: SYSTEM_ROLE, rights, grantable: Rights::NONE };
        let own = [(SYSTEM_ROLE, class.all())];
        let items = own.iter().chain(granted).map(item).collect();
        Self { class, owner: SYSTEM_ROLE, acl: Cow::Owned(Acl::of(items)) }
    }

    /// Rights on a table.
    #[must_use]
    pub const fn table(table: &'a Table) -> Self {
        Self::new(Class::Table, table.owner, &table.acl)
    }

    /// Rights on a view.
    #[must_use]
    pub const fn view(view: &'a View) -> Self {
        Self::new(Class::Table, view.owner, &view.acl)
    }

    /// Rights on a column, besides those on the whole relation.
    #[must_use]
    pub const fn column(owner: Oid, column: &'a Column) -> Self {
        Self::new(Class::Column, owner, &column.acl)
    }

    /// Rights on a sequence.
    #[must_use]
    pub const fn sequence(sequence: &'a Sequence) -> Self {
        Self::new(Class::Sequence, sequence.owner, &sequence.acl)
    }

    /// Rights on a function.
    #[must_use]
    pub const fn routine(routine: &'a Routine) -> Self {
        Self::new(Class::Routine, routine.owner, &routine.acl)
    }

    /// Rights on a domain.
    #[must_use]
    pub const fn domain(domain: &'a Domain) -> Self {
        Self::new(Class::Type, domain.owner, &domain.acl)
    }

    /// Rights on a schema. The system's schemas are open to everybody for use; in `public` the role admin may also create.
    #[must_use]
    pub fn schema(schema: &'a Schema) -> Self {
        match schema.oid {
            PUBLIC_SCHEMA => Self::of_system(Class::Schema, &[(PUBLIC, Rights::USAGE), (ADMIN_ROLE, Class::Schema.all())]),
            _ if schema.owner == SYSTEM_ROLE => Self::of_system(Class::Schema, &[(PUBLIC, Rights::USAGE)]),
            _ => Self::new(Class::Schema, schema.owner, &schema.acl),
        }
    }

    /// Rights on a relation that the server computes: everybody reads it, but for the faults to be injected, which are admin's.
    #[must_use]
    pub fn system_relation(oid: Oid) -> Self {
        let reader = if oid == crate::system::INJECT { ADMIN_ROLE } else { PUBLIC };
        Self::of_system(Class::Table, &[(reader, Rights::SELECT)])
    }

    /// Rights on the database: everybody connects, admin creates schemas, nobody has temporary tables.
    #[must_use]
    pub fn database() -> Self {
        Self::of_system(Class::Database, &[(PUBLIC, Rights::CONNECT), (ADMIN_ROLE, Rights::CREATE | Rights::CONNECT)])
    }

    /// Rights on something of the system that is as its class is by default: a function, a type, a language.
    #[must_use]
    pub fn built_in(class: Class) -> Self {
        Self { class, owner: SYSTEM_ROLE, acl: Cow::Owned(Acl::default()) }
    }

    /// The list, the default filled in.
    #[must_use]
    pub fn items(&self) -> Cow<'_, [AclItem]> {
        self.acl.effective(self.class, self.owner)
    }
}

/// Whether a role may look names up in a schema.
#[must_use]
pub fn may_use_schema(catalog: &Catalog, role: Oid, schema: &Schema) -> bool {
    // The schemas that every statement searches are open to everybody.
    schema.owner == SYSTEM_ROLE || Standing::of(catalog, role).holds(&Guarded::schema(schema), Rights::USAGE)
}

/// A role together with the roles whose rights it has.
#[derive(Clone, Debug)]
pub struct Standing {
    roles: Vec<Oid>,
}

impl Standing {
    /// Of a role, as of a catalog. [`PUBLIC`] has what everybody has.
    #[must_use]
    pub fn of(catalog: &Catalog, role: Oid) -> Self {
        Self { roles: reachable(catalog, role, Follow::Inherit) }
    }

    /// The role itself.
    #[must_use]
    pub fn role(&self) -> Oid {
        self.roles.first().copied().unwrap_or(PUBLIC)
    }

    /// The role and those whose rights it has.
    #[must_use]
    pub fn roles(&self) -> &[Oid] {
        &self.roles
    }

    /// The owner of the system's objects may do everything.
    fn is_system(&self) -> bool {
        self.role() == SYSTEM_ROLE
    }

    /// Whether it has the rights of another role: `has_privs_of_role`. What that role owns counts as its own.
    #[must_use]
    pub fn has_privileges_of(&self, role: Oid) -> bool {
        self.is_system() || self.roles.contains(&role)
    }

    /// Which of the wanted rights it has on an object.
    #[must_use]
    pub fn held(&self, object: &Guarded<'_>, wanted: Rights) -> Rights {
        if self.is_system() {
            return wanted;
        }
        let items = object.items();
        let own = items.iter().filter(|item| item.grantee == PUBLIC || self.roles.contains(&item.grantee));
        own.fold(Rights::NONE, |held, item| held | item.rights) & wanted
    }

    /// Whether it has all of the rights.
    #[must_use]
    pub fn holds(&self, object: &Guarded<'_>, rights: Rights) -> bool {
        self.held(object, rights) == rights
    }

    /// Which of the wanted rights it may hand on.
    #[must_use]
    pub fn grantable(&self, object: &Guarded<'_>, wanted: Rights) -> Rights {
        acl::grant_options(&object.items(), object.owner, self) & wanted
    }

    /// Which of the wanted rights it has on some column, or on the whole.
    #[must_use]
    pub fn held_on_any_column(&self, object: &Guarded<'_>, columns: &[Column], wanted: Rights) -> Rights {
        let on = |column: &Column| self.held(&Guarded::column(object.owner, column), wanted);
        let live = columns.iter().filter(|column| !column.dropped && column.acl.items().is_some());
        live.fold(self.held(object, wanted), |held, column| held | on(column))
    }
}

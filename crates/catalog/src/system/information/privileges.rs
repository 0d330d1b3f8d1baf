//! Who has which rights: the views of grants. A grant is shown to those who have the rights of its grantor or its grantee, and to everybody when it is
//! PUBLIC's.

use borealis_pgtypes::{Datum, Oid, Result};

use super::routines::own_name;
use super::{catalog, schema, standing, table_name, view_name};
use crate::acl::{AclItem, Class, Rights};
use crate::describe::role_name;
use crate::privilege::{Guarded, PUBLIC, Standing};
use crate::snapshot::{PG_CATALOG_SCHEMA, SYSTEM_ROLE};
use crate::system::value::{maybe, text, yes_or_no};
use crate::system::{SystemContext, cluster};
use crate::{Column, Routine};

/// One right as one grantor gave it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Grant {
    grantor: Oid,
    grantee: Oid,
    right: Rights,
    /// It may be handed on: with its grant option, or because the grantee has the owner's rights.
    grantable: bool,
}

/// Who looks.
struct Viewer<'a> {
    context: &'a SystemContext<'a>,
    standing: Standing,
    /// Whether a grant to PUBLIC is shown for its grantee's sake.
    public: bool,
}

impl<'a> Viewer<'a> {
    /// For the views of all grants.
    fn of_all(context: &'a SystemContext<'_>) -> Self {
        Self { context, standing: standing(context), public: true }
    }

    /// For the views of the enabled roles' grants.
    fn of_roles(context: &'a SystemContext<'_>) -> Self {
        Self { public: false, ..Self::of_all(context) }
    }

    /// The grants on an object, of rights of the given class, that are shown.
    fn grants(&self, object: &Guarded<'_>, class: Class) -> Vec<Grant> {
        let shown = |item: &&AclItem| {
            let by_grantee = if item.grantee == PUBLIC { self.public } else { self.standing.has_privileges_of(item.grantee) };
            by_grantee || self.standing.has_privileges_of(item.grantor)
        };
        let items = object.items();
        let each = |item: &AclItem| {
            let AclItem { grantee, grantor, rights, grantable } = *item;
            let owns = grantee != PUBLIC && Standing::of(self.context.catalog, grantee).has_privileges_of(object.owner);
            (rights & class.all()).each().map(move |right| Grant { grantor, grantee, right, grantable: owns || grantable.contains(right) })
        };
        items.iter().filter(shown).flat_map(each).collect()
    }

    /// Grantor and grantee.
    fn parties(&self, grant: &Grant) -> [Datum; 2] {
        let name = |role| role_name(self.context.catalog, role);
        [maybe(name(grant.grantor)), maybe(if grant.grantee == PUBLIC { Some("PUBLIC") } else { name(grant.grantee) })]
    }

    /// A row of a view: the parties, what it is about, the right.
    fn row(&self, grant: &Grant, about: Vec<Datum>) -> Vec<Datum> {
        let ends = [text(grant.right.word()), yes_or_no(grant.grantable)];
        self.parties(grant).into_iter().chain(about).chain(ends).collect()
    }

    fn on_relations(&self) -> Vec<Vec<Datum>> {
        let catalog = self.context.catalog;
        let mut rows = Vec::new();
        let mut add = |object: &Guarded<'_>, name: [Datum; 3]| {
            for grant in self.grants(object, Class::Table) {
                let mut row = self.row(&grant, name.to_vec());
                row.push(yes_or_no(grant.right == Rights::SELECT));
                rows.push(row);
            }
        };
        catalog.tables().for_each(|table| add(&Guarded::table(table), table_name(self.context, table)));
        catalog.views().for_each(|view| add(&Guarded::view(view), view_name(self.context, view)));
        rows
    }

    /// What holds for a whole relation holds for each of its columns.
    fn on_columns(&self) -> Vec<Vec<Datum>> {
        let catalog = self.context.catalog;
        let mut rows = Vec::new();
        let mut add = |object: &Guarded<'_>, columns: &[Column], name: [Datum; 3]| {
            let whole = self.grants(object, Class::Column);
            for column in columns.iter().filter(|column| !column.dropped) {
                let own = self.grants(&Guarded::column(object.owner, column), Class::Column);
                let own = own.into_iter().filter(|grant| !whole.contains(grant));
                for grant in whole.iter().copied().chain(own) {
                    rows.push(self.row(&grant, name.iter().cloned().chain([text(&column.name)]).collect()));
                }
            }
        };
        catalog.tables().for_each(|table| add(&Guarded::table(table), &table.columns, table_name(self.context, table)));
        catalog.views().for_each(|view| add(&Guarded::view(view), &view.columns, view_name(self.context, view)));
        rows
    }

    fn on_routines(&self) -> Vec<Vec<Datum>> {
        let of = |routine: &Routine| -> Vec<Vec<Datum>> {
            let schema = schema(self.context, routine.schema);
            let name = [catalog(), schema.clone(), own_name(routine), catalog(), schema, text(&routine.name)];
            self.grants(&Guarded::routine(routine), Class::Routine).iter().map(|grant| self.row(grant, name.to_vec())).collect()
        };
        self.context.catalog.routines().flat_map(|routine| of(routine)).collect()
    }

    fn on_usable(&self) -> Vec<Vec<Datum>> {
        let mut rows = if self.public { collations(self.context) } else { Vec::new() };
        let mut add = |object: &Guarded<'_>, in_schema: Oid, name: &str, kind: &str| {
            for grant in self.grants(object, object.class).iter().filter(|grant| grant.right == Rights::USAGE) {
                rows.push(self.row(grant, vec![catalog(), schema(self.context, in_schema), text(name), text(kind)]));
            }
        };
        for domain in self.context.catalog.domains() {
            add(&Guarded::domain(domain), domain.schema, &domain.name, "DOMAIN");
        }
        for sequence in self.context.catalog.sequences() {
            add(&Guarded::sequence(sequence), sequence.schema, &sequence.name, "SEQUENCE");
        }
        rows
    }
}

/// Collations have no lists of rights: everybody uses them.
fn collations(context: &SystemContext<'_>) -> Vec<Vec<Datum>> {
    let row = |name| {
        let parties = [maybe(role_name(context.catalog, SYSTEM_ROLE)), text("PUBLIC")];
        let object = [catalog(), schema(context, PG_CATALOG_SCHEMA), text(name), text("COLLATION"), text("USAGE"), yes_or_no(false)];
        parties.into_iter().chain(object).collect()
    };
    cluster::collation_names().map(row).collect()
}

pub(super) fn table_privileges(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(Viewer::of_all(context).on_relations())
}

pub(super) fn role_table_grants(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(Viewer::of_roles(context).on_relations())
}

pub(super) fn column_privileges(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(Viewer::of_all(context).on_columns())
}

pub(super) fn role_column_grants(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(Viewer::of_roles(context).on_columns())
}

pub(super) fn routine_privileges(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(Viewer::of_all(context).on_routines())
}

pub(super) fn role_routine_grants(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(Viewer::of_roles(context).on_routines())
}

pub(super) fn usage_privileges(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(Viewer::of_all(context).on_usable())
}

pub(super) fn role_usage_grants(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(Viewer::of_roles(context).on_usable())
}

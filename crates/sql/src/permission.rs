//! What a statement needs to be allowed: rights on relations and their columns, and on functions. After `RTEPermissionInfo` and `ExecCheckPermissions`.
//!
//! Binding writes down what each relation is used for; whether the current role may is asked when the statement runs ([`Permissions::check`]), because
//! it may be prepared by one who may not, and run after a GRANT. What a view reads is asked of the view's owner, unless it is `security_invoker`; the
//! functions that it calls, of whoever reads it.

use borealis_catalog::acl::Rights;
use borealis_catalog::describe::{Relation, relation_by_oid};
use borealis_catalog::privilege::{Guarded, Standing};
use borealis_catalog::{Catalog, Column};
use borealis_pgtypes::{Oid, Result};

use crate::ddl::ownership::permission_denied;

/// Everything a statement must be allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Relations, in the order they were first named.
    pub relations: Vec<RelationPermission>,
    /// Users' functions that are called.
    pub routines: Vec<Oid>,
}

/// What a statement needs of one relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelationPermission {
    /// The table, view or sequence.
    pub relation: Oid,
    /// Who must have the rights; `None`: the current role.
    pub role: Option<Oid>,
    /// The rights, each on the whole relation or, where that is possible, on the columns used so.
    pub rights: Rights,
    /// `attnum`s of the columns read. None: some column must be readable.
    pub selected: Vec<i16>,
    /// Columns that INSERT gives values to.
    pub inserted: Vec<i16>,
    /// Columns that UPDATE sets.
    pub updated: Vec<i16>,
}

impl Permissions {
    /// The entry of a relation used in a role's name.
    pub(crate) fn find(&mut self, relation: Oid, role: Option<Oid>) -> Option<&mut RelationPermission> {
        self.relations.iter_mut().find(|known| known.relation == relation && known.role == role)
    }

    /// The entry, made if it is not there.
    pub(crate) fn entry(&mut self, relation: Oid, role: Option<Oid>) -> &mut RelationPermission {
        let known = self.relations.iter().position(|known| known.relation == relation && known.role == role);
        let place = known.unwrap_or_else(|| {
            let (selected, inserted, updated) = Default::default();
            self.relations.push(RelationPermission { relation, role, rights: Rights::NONE, selected, inserted, updated });
            self.relations.len() - 1
        });
        &mut self.relations[place]
    }

    /// Adds what a part of the statement needs.
    pub(crate) fn merge(&mut self, other: Self) {
        for from in other.relations {
            let into = self.entry(from.relation, from.role);
            into.rights = into.rights | from.rights;
            from.selected.iter().for_each(|number| add(&mut into.selected, *number));
            from.inserted.iter().for_each(|number| add(&mut into.inserted, *number));
            from.updated.iter().for_each(|number| add(&mut into.updated, *number));
        }
        for routine in other.routines {
            if !self.routines.contains(&routine) {
                self.routines.push(routine);
            }
        }
    }

    /// Whether the role has everything that is needed, as of a catalog.
    ///
    /// # Errors
    /// `42501`, for the first thing that is not allowed.
    pub fn check(&self, catalog: &Catalog, role: Oid) -> Result<()> {
        let own = Standing::of(catalog, role);
        for permission in &self.relations {
            match permission.role.filter(|other| *other != role) {
                None => permission.check(catalog, &own)?,
                Some(other) => permission.check(catalog, &Standing::of(catalog, other))?,
            }
        }
        for routine in self.routines.iter().filter_map(|oid| catalog.routine_by_oid(*oid)) {
            if !own.holds(&Guarded::routine(routine), Rights::EXECUTE) {
                return Err(permission_denied("function", &routine.name));
            }
        }
        Ok(())
    }
}

/// Adds a column's number where it is not yet.
pub(crate) fn add(numbers: &mut Vec<i16>, number: i16) {
    if !numbers.contains(&number) {
        numbers.push(number);
    }
}

impl RelationPermission {
    fn check(&self, catalog: &Catalog, standing: &Standing) -> Result<()> {
        // What is gone by now is found out when it is used.
        let Some(relation) = relation_by_oid(catalog, self.relation) else { return Ok(()) };
        let (kind, object, columns): (_, _, &[Column]) = match &relation {
            Relation::Table(table) | Relation::Index(_, table) => ("table", Guarded::table(table), &table.columns),
            Relation::View(view) => ("view", Guarded::view(view), &view.columns),
            Relation::Sequence(sequence) => ("sequence", Guarded::sequence(sequence), &[]),
            Relation::System(system) => {
                let kind = if system.kind == 'v' { "view" } else { "table" };
                (kind, Guarded::system_relation(system.oid), &[])
            }
        };
        if self.allowed(standing, &object, columns) { Ok(()) } else { Err(permission_denied(kind, relation.name())) }
    }

    /// Rights on the whole relation, or for those that columns have, on the columns used: `ExecCheckOneRelPerms`.
    fn allowed(&self, standing: &Standing, object: &Guarded<'_>, columns: &[Column]) -> bool {
        let missing = self.rights.without(standing.held(object, self.rights));
        let by_column = Rights::SELECT | Rights::INSERT | Rights::UPDATE;
        if !by_column.contains(missing) {
            return false;
        }
        let used = [(Rights::SELECT, &self.selected), (Rights::INSERT, &self.inserted), (Rights::UPDATE, &self.updated)];
        used.into_iter().filter(|(right, _)| missing.contains(*right)).all(|(right, numbers)| {
            let on = |column: &Column| standing.holds(&Guarded::column(object.owner, column), right);
            let live = |number: &i16| columns.iter().find(|column| column.number == *number && !column.dropped);
            if numbers.is_empty() {
                return columns.iter().any(|column| !column.dropped && on(column));
            }
            numbers.iter().all(|number| live(number).is_some_and(on))
        })
    }
}

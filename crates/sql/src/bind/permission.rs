//! Writing down what a statement uses relations for, for [`crate::permission`] to ask whether it may.

use borealis_catalog::acl::Rights;
use borealis_catalog::depend::Class;
use borealis_catalog::{Schema, Table, View};
use borealis_pgtypes::{Oid, Result};

use super::scope::NsColumn;
use super::updatable::Writable;
use super::{BindContext, Binder, walk};
use crate::bound::{Relation, Select, WriteTarget};
use crate::ddl::ownership::permission_denied;
use crate::expr::ColumnRef;
use crate::permission::{Permissions, RelationPermission, add};

/// `attnum` of `tableoid`.
const TABLE_OID: i16 = -6;

impl BindContext<'_> {
    /// The schema that a name is qualified with, which the role must be allowed to use; `None` when there is none. `LookupExplicitNamespace`.
    pub(crate) fn named_schema(&self, name: &str) -> Result<Option<Oid>> {
        let Some(schema) = self.catalog.schema(name) else { return Ok(None) };
        if self.checks_usage && !self.may_use(schema) {
            return Err(permission_denied("schema", &schema.name));
        }
        Ok(Some(schema.oid))
    }

    fn may_use(&self, schema: &Schema) -> bool {
        borealis_catalog::privilege::may_use_schema(self.catalog, self.current_role, schema)
    }
}

/// Who is asked for the rights on what a view reads.
pub(crate) fn asked_for(view: &View) -> Option<Oid> {
    if view.security_invoker() { None } else { Some(view.owner) }
}

impl Binder<'_> {
    /// The statement needs these rights on a relation.
    pub(crate) fn requires(&mut self, relation: Oid, rights: Rights) {
        let entry = self.permissions.entry(relation, self.checked_as);
        entry.rights = entry.rights | rights;
    }

    /// A column is read. One of a relation that the statement does not name is a column of a part that was looked at already.
    pub(crate) fn selects(&mut self, (relation, number): (Oid, i16)) {
        if let Some(entry) = self.permissions.find(relation, self.checked_as) {
            entry.rights = entry.rights | Rights::SELECT;
            add(&mut entry.selected, number);
        }
    }

    /// A column of the name space is read: the relation's column that it is, or those that it is made of.
    pub(crate) fn selects_column(&mut self, level: usize, column: &NsColumn) {
        if let Some(origin) = column.origin {
            return self.selects(origin);
        }
        let mut origins = Vec::new();
        let relations = &self.levels[level].relations;
        walk::columns(&column.expr, &mut |column: &ColumnRef| {
            let found = relations.get(column.relation).and_then(|entry| entry.columns.get(column.column));
            origins.extend(found.and_then(|output| output.origin));
        });
        origins.into_iter().for_each(|origin| self.selects(origin));
    }

    /// `tableoid` is read.
    pub(crate) fn selects_table_oid(&mut self, level: usize, item: usize) {
        let scope = &self.levels[level];
        let entry = scope.namespace[item].relation.and_then(|relation| scope.relations.get(relation));
        let oid = match entry.map(|entry| &entry.relation) {
            Some(Relation::Table(table)) => table.oid,
            Some(Relation::System(system)) => system.oid,
            _ => return,
        };
        self.selects((oid, TABLE_OID));
    }

    /// Rows that are locked must be writable, those that a view shows by the view's owner.
    pub(crate) fn requires_locks(&mut self, select: &Select, locked: &[usize]) {
        for index in locked {
            let entry = &select.relations[*index];
            match (&entry.form.view, &entry.relation) {
                (Some(view), _) => self.requires_lock(*view, self.checked_as),
                (None, Relation::Table(table)) => self.requires_lock(table.oid, self.checked_as),
                _ => {}
            }
        }
    }

    fn requires_lock(&mut self, relation: Oid, role: Option<Oid>) {
        let Some(entry) = self.permissions.find(relation, role) else { return };
        entry.rights = entry.rights | Rights::UPDATE;
        let Some(view) = self.ctx.catalog.view_by_oid(relation).cloned() else { return };
        let mut below: Vec<Oid> = view.depends.iter().filter(|on| on.class == Class::Relation).map(|on| on.oid).collect();
        below.dedup();
        below.into_iter().for_each(|relation| self.requires_lock(relation, asked_for(&view)));
    }

    /// A column of the target is given a value by INSERT; `name` as the statement knows it.
    pub(crate) fn inserts(&mut self, target: &Writable, name: &str) {
        if let Some(number) = target.number_named(name) {
            let entry = self.permissions.entry(target.place().1, self.checked_as);
            add(&mut entry.inserted, number);
        }
    }

    /// A column of the target is set by UPDATE.
    pub(crate) fn updates(&mut self, target: &Writable, name: &str) {
        if let Some(number) = target.number_named(name) {
            let entry = self.permissions.entry(target.place().1, self.checked_as);
            entry.rights = entry.rights | Rights::UPDATE;
            add(&mut entry.updated, number);
        }
    }

    /// What is done to a view is done to what it is over, by the view's owner: `rewriteTargetView`. What the view's columns are computed from is read.
    pub(crate) fn requires_below(&mut self, target: &Writable) {
        let mut role = self.checked_as;
        for view in target.views() {
            let Some(base) = view.base else { return };
            let Some(above) = self.permissions.find(view.oid, role).cloned() else { return };
            role = asked_for(view);
            let below = self.permissions.entry(base, role);
            below.rights = below.rights | above.rights;
            carry(view, &above, below);
        }
    }

    /// The functions that the table's own expressions call.
    pub(crate) fn calls_of_target(&mut self, target: &WriteTarget) {
        target.routines.iter().for_each(|routine| self.uses_routine(*routine));
    }

    /// Everything a COPY into a table must be allowed.
    pub(crate) fn copy_permissions(&mut self, table: &Table, columns: &[i16]) -> Permissions {
        let entry = self.permissions.entry(table.oid, self.checked_as);
        columns.iter().for_each(|number| add(&mut entry.inserted, *number));
        self.take_permissions()
    }

    /// Everything the bound statement must be allowed.
    pub(crate) fn take_permissions(&mut self) -> Permissions {
        let mut permissions = std::mem::take(&mut self.permissions);
        permissions.routines = std::mem::take(&mut self.routines);
        permissions
    }
}

/// Carries the columns that a view's are plainly over to the relation below it.
fn carry(view: &View, above: &RelationPermission, below: &mut RelationPermission) {
    let base = |number: &i16| {
        let place = usize::try_from(*number - 1).ok()?;
        view.base_columns.get(place).copied().filter(|number| *number != 0)
    };
    above.inserted.iter().filter_map(base).for_each(|number| add(&mut below.inserted, number));
    above.updated.iter().filter_map(base).for_each(|number| add(&mut below.updated, number));
}

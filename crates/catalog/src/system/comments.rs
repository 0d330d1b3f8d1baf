//! Comments on objects: what `pg_description` lists and `obj_description` looks up, and the same of roles, which belong to no database.

use borealis_pgtypes::Oid;

use crate::describe::{Relation, relation_by_oid};
use crate::snapshot::Constraint;
use crate::{Catalog, Role, Table, View};

/// Oid of `pg_class`, which classifies relations and their columns.
pub(crate) const RELATION_CLASS: Oid = Oid(1259);
/// Oid of `pg_namespace`.
pub(crate) const SCHEMA_CLASS: Oid = Oid(2615);
/// Oid of `pg_proc`.
pub(crate) const FUNCTION_CLASS: Oid = Oid(1255);
/// Oid of `pg_constraint`.
const CONSTRAINT_CLASS: Oid = Oid(2606);
/// Oid of `pg_authid`.
const ROLE_CLASS: Oid = Oid(1260);

/// One comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Comment<'a> {
    pub(crate) object: Oid,
    pub(crate) class: Oid,
    pub(crate) class_name: &'static str,
    /// Column number; 0 for the object itself.
    pub(crate) column: i32,
    pub(crate) text: &'a str,
}

fn relation(object: Oid, column: i32, text: &Option<String>) -> Option<Comment<'_>> {
    text.as_deref().map(|text| Comment { object, class: RELATION_CLASS, class_name: "pg_class", column, text })
}

fn schema(schema: &crate::Schema) -> Option<Comment<'_>> {
    let text = schema.comment.as_deref()?;
    Some(Comment { object: schema.oid, class: SCHEMA_CLASS, class_name: "pg_namespace", column: 0, text })
}

fn routine(routine: &crate::Routine) -> Option<Comment<'_>> {
    let text = routine.comment.as_deref()?;
    Some(Comment { object: routine.oid, class: FUNCTION_CLASS, class_name: "pg_proc", column: 0, text })
}

fn constraint(object: Oid, constraint: Constraint<'_>) -> Option<Comment<'_>> {
    let text = match constraint {
        Constraint::Unique(index) => &index.constraint.as_ref()?.comment,
        Constraint::Check(check) => &check.comment,
        Constraint::Foreign(key) => &key.comment,
    };
    let text = text.as_deref()?;
    Some(Comment { object, class: CONSTRAINT_CLASS, class_name: "pg_constraint", column: 0, text })
}

fn role(role: &Role) -> Option<Comment<'_>> {
    let text = role.comment.as_deref()?;
    Some(Comment { object: role.oid, class: ROLE_CLASS, class_name: "pg_authid", column: 0, text })
}

fn of_table(table: &Table) -> impl Iterator<Item = Comment<'_>> {
    let columns = table.live_columns().filter_map(|column| relation(table.oid, i32::from(column.number), &column.comment));
    let indexes = table.all_indexes().filter_map(|index| relation(index.oid, 0, &index.comment));
    let constraints = table.constraints().filter_map(|(oid, found)| constraint(oid, found));
    relation(table.oid, 0, &table.comment).into_iter().chain(columns).chain(indexes).chain(constraints)
}

fn of_view(view: &View) -> impl Iterator<Item = Comment<'_>> {
    let columns = view.columns.iter().filter_map(|column| relation(view.oid, i32::from(column.number), &column.comment));
    relation(view.oid, 0, &view.comment).into_iter().chain(columns)
}

fn of_sequence(sequence: &crate::Sequence) -> Option<Comment<'_>> {
    relation(sequence.oid, 0, &sequence.comment)
}

/// All comments on what belongs to a database.
pub(crate) fn all(catalog: &Catalog) -> impl Iterator<Item = Comment<'_>> {
    let schemas = catalog.schemas().filter_map(|found| schema(found));
    let schemas = schemas.chain(catalog.routines().filter_map(|found| routine(found)));
    let views = catalog.views().flat_map(|view| of_view(view));
    let sequences = catalog.sequences().filter_map(|sequence| of_sequence(sequence));
    schemas.chain(catalog.tables().flat_map(|table| of_table(table))).chain(views).chain(sequences)
}

/// All comments on roles.
pub(crate) fn shared(catalog: &Catalog) -> impl Iterator<Item = Comment<'_>> {
    catalog.roles().filter_map(|found| role(found))
}

/// The comment on a role.
pub(crate) fn of_role(catalog: &Catalog, oid: Oid) -> Option<Comment<'_>> {
    role(catalog.role_by_oid(oid)?)
}

/// The comment on an object or on one of its columns.
pub(crate) fn of(catalog: &Catalog, object: Oid, column: i32) -> Option<Comment<'_>> {
    if let Some(found) = catalog.schema_by_oid(object) {
        return schema(found).filter(|comment| comment.column == column);
    }
    if let Some(found) = catalog.routine_by_oid(object) {
        return routine(found).filter(|comment| comment.column == column);
    }
    if let Some((found, _)) = catalog.constraint_by_oid(object) {
        return constraint(object, found).filter(|comment| comment.column == column);
    }
    match relation_by_oid(catalog, object)? {
        Relation::Table(table) | Relation::Index(_, table) => {
            of_table(table).find(|comment| comment.object == object && comment.column == column)
        }
        Relation::View(view) => of_view(view).find(|comment| comment.object == object && comment.column == column),
        Relation::Sequence(sequence) => of_sequence(sequence).filter(|comment| comment.column == column),
        Relation::System(_) => None,
    }
}

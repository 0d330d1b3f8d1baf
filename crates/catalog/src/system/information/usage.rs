//! What views are made of: the tables and columns their queries name.

use borealis_pgtypes::{Datum, Oid, Result};

use super::{catalog, schema, view_name};
use crate::depend::Class;
use crate::describe::{Relation, relation_by_oid};
use crate::system::SystemContext;
use crate::system::value::text;
use crate::{Column, View};

/// Relations a view's query names, with the columns it reads, in order. Shown to the owner of the relation.
fn used<'a>(context: &'a SystemContext<'_>) -> impl Iterator<Item = (&'a View, Relation<'a>, i16)> {
    let standing = super::standing(context);
    let all = context.catalog.views().flat_map(move |view| {
        let relations = view.depends.iter().filter(|on| on.class == Class::Relation);
        relations.filter_map(move |on| relation_by_oid(context.catalog, on.oid).map(|relation| (&**view, relation, on.column)))
    });
    all.filter(move |(_, relation, _)| standing.has_privileges_of(owner(relation)))
}

fn owner(relation: &Relation<'_>) -> Oid {
    match relation {
        Relation::Table(table) | Relation::Index(_, table) => table.owner,
        Relation::View(view) => view.owner,
        Relation::Sequence(sequence) => sequence.owner,
        Relation::System(_) => crate::snapshot::SYSTEM_ROLE,
    }
}

fn name(context: &SystemContext<'_>, relation: &Relation<'_>) -> [Datum; 3] {
    [catalog(), schema(context, relation.schema()), text(relation.name())]
}

fn columns<'a>(relation: &Relation<'a>) -> &'a [Column] {
    match relation {
        Relation::Table(table) => &table.columns,
        Relation::View(view) => &view.columns,
        Relation::Index(..) | Relation::Sequence(_) | Relation::System(_) => &[],
    }
}

pub(super) fn view_column_usage(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |(view, relation, number): (&View, Relation<'_>, i16)| {
        let place = usize::try_from(number - 1).ok()?;
        let column = columns(&relation).get(place)?;
        Some(view_name(context, view).into_iter().chain(name(context, &relation)).chain([text(&column.name)]).collect())
    };
    Ok(used(context).filter_map(row).collect())
}

pub(super) fn view_table_usage(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut seen = std::collections::BTreeSet::new();
    let row = |(view, relation, _): (&View, Relation<'_>, i16)| {
        let new = seen.insert((view.oid, relation.oid()));
        new.then(|| view_name(context, view).into_iter().chain(name(context, &relation)).collect())
    };
    Ok(used(context).filter_map(row).collect())
}

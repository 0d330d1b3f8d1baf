//! `pg_depend`, `pg_description` and `pg_shdescription`.

use borealis_pgtypes::{Datum, Result};

use super::comments;
use super::value::{letter, text};
use super::{Family, SystemContext};
use crate::depend::{Address, edges};
use crate::snapshot::PG_CATALOG_SCHEMA;

pub(super) const RELATIONS: Family = &[
    (PG_CATALOG_SCHEMA, "pg_depend", pg_depend),
    (PG_CATALOG_SCHEMA, "pg_description", pg_description),
    (PG_CATALOG_SCHEMA, "pg_shdescription", pg_shdescription),
];

fn pg_depend(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let three = |at: Address| [Datum::Oid(at.class.oid()), Datum::Oid(at.oid), Datum::Int4(i32::from(at.column))];
    let row = |edge: crate::depend::Edge| {
        three(edge.dependent).into_iter().chain(three(edge.on)).chain([letter(edge.strength.letter())]).collect()
    };
    Ok(edges(context.catalog).into_iter().map(row).collect())
}

fn pg_description(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |comment: comments::Comment<'_>| {
        vec![Datum::Oid(comment.object), Datum::Oid(comment.class), Datum::Int4(comment.column), text(comment.text)]
    };
    Ok(comments::all(context.catalog).map(row).collect())
}

fn pg_shdescription(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |comment: comments::Comment<'_>| vec![Datum::Oid(comment.object), Datum::Oid(comment.class), text(comment.text)];
    Ok(comments::shared(context.catalog).map(row).collect())
}

//! Comments.

use borealis_pgtypes::{Datum, Oid, Result};

use super::{Call, text_or_null};
use crate::Catalog;
use crate::system::comments;

/// `obj_description(oid [, catalog])`: without a catalog, whichever object has the number.
pub(super) fn object(call: &Call<'_>) -> Result<Datum> {
    let oid = call.oid(0)?;
    let class = match call.args.len() {
        1 => None,
        _ => Some(call.text(1)?),
    };
    Ok(text_or_null(find(call.facts.catalog(), oid, class, 0)))
}

/// `col_description(table, column)`
pub(super) fn column(call: &Call<'_>) -> Result<Datum> {
    let (oid, number) = (call.oid(0)?, call.integer(1)?);
    // Number 0 would be the table's own comment.
    if number == 0 {
        return Ok(Datum::Null);
    }
    Ok(text_or_null(find(call.facts.catalog(), oid, Some("pg_class"), number)))
}

/// `shobj_description(oid, catalog)`: of the objects that belong to no database, roles can have comments.
pub(super) fn shared_object(call: &Call<'_>) -> Result<Datum> {
    let (oid, class) = (call.oid(0)?, call.text(1)?);
    let comment = comments::of_role(call.facts.catalog(), oid).filter(|comment| class == comment.class_name);
    Ok(text_or_null(comment.map(|comment| comment.text)))
}

fn find<'a>(catalog: &'a Catalog, oid: Oid, class: Option<&str>, column: i32) -> Option<&'a str> {
    comments::of(catalog, oid, column).filter(|comment| class.is_none_or(|class| class == comment.class_name)).map(|comment| comment.text)
}

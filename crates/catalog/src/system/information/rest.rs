//! Views of a few rows.

use borealis_pgtypes::{Datum, Result};

use super::{catalog, standing};
use crate::describe::role_name;
use crate::system::value::{NULL, maybe, text, yes_or_no};
use crate::system::{SystemContext, cluster};
use crate::{Membership, Role};

/// There is one, and it belongs to no schema.
pub(super) fn character_sets(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let (encoding, schema) = (text("UTF8"), text("pg_catalog"));
    Ok(vec![vec![NULL, NULL, encoding.clone(), text("UCS"), encoding, catalog(), schema, text("ucs_basic")]])
}

pub(super) fn collations(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(cluster::collation_names().map(|name| vec![catalog(), text("pg_catalog"), text(name), text("NO PAD")]).collect())
}

pub(super) fn catalog_name(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(vec![vec![catalog()]])
}

/// The current role and those whose rights it has.
pub(super) fn enabled_roles(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(standing(context).roles().iter().map(|role| vec![maybe(role_name(context.catalog, *role))]).collect())
}

/// Memberships of the enabled roles.
fn applicable<'a>(context: &'a SystemContext<'_>) -> Vec<(&'a Role, &'a Membership)> {
    let standing = standing(context);
    let enabled = standing.roles().iter().filter_map(|role| context.catalog.role_by_oid(*role));
    enabled.flat_map(|role| role.member_of.iter().map(move |membership| (&**role, membership))).collect()
}

fn membership_row(context: &SystemContext<'_>, (member, given): (&Role, &Membership)) -> Vec<Datum> {
    vec![text(&member.name), maybe(role_name(context.catalog, given.role)), yes_or_no(given.admin)]
}

pub(super) fn applicable_roles(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(applicable(context).into_iter().map(|membership| membership_row(context, membership)).collect())
}

/// Those that may be handed on.
pub(super) fn administrable_roles(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let administered = applicable(context).into_iter().filter(|(_, given)| given.admin);
    Ok(administered.map(|membership| membership_row(context, membership)).collect())
}

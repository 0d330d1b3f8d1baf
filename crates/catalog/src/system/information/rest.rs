//! Views of a few rows.

use borealis_pgtypes::{Datum, Result};

use super::catalog;
use crate::describe::role_name;
use crate::privilege::memberships;
use crate::system::value::{NULL, maybe, text, yes_or_no};
use crate::system::{SystemContext, cluster};

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

/// The current role and those it is a member of.
pub(super) fn enabled_roles(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let roles = memberships(context.catalog, context.server.current_user());
    Ok(roles.into_iter().map(|role| vec![maybe(role_name(context.catalog, role))]).collect())
}

pub(super) fn applicable_roles(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let roles = memberships(context.catalog, context.server.current_user());
    let mut rows = Vec::new();
    for member in roles.iter().filter_map(|role| context.catalog.role_by_oid(*role)) {
        rows.extend(
            member.member_of.iter().map(|group| vec![text(&member.name), maybe(role_name(context.catalog, *group)), yes_or_no(false)]),
        );
    }
    Ok(rows)
}

//! Roles: `pg_roles` and the views that show the same in older words, and `pg_auth_members`.

use borealis_pgtypes::{Datum, Oid, Result};

use super::value::{FALSE, NULL, TRUE, array, text};
use super::{Family, SystemContext};
use crate::snapshot::{PG_CATALOG_SCHEMA, SYSTEM_ROLE, SYSTEM_ROLE_NAME};
use crate::{Catalog, Role};

pub(super) const RELATIONS: Family = &[
    (PG_CATALOG_SCHEMA, "pg_roles", pg_roles),
    (PG_CATALOG_SCHEMA, "pg_user", pg_user),
    (PG_CATALOG_SCHEMA, "pg_shadow", pg_user),
    (PG_CATALOG_SCHEMA, "pg_group", pg_group),
    (PG_CATALOG_SCHEMA, "pg_auth_members", pg_auth_members),
];

/// What every password column shows: there are no passwords, and PostgreSQL shows none either.
const HIDDEN: &str = "********";

#[rustfmt::skip]
fn role_row(oid: Oid, name: &str, superuser: bool, create_role: bool, login: bool) -> Vec<Datum> {
    vec![
        text(name), Datum::Bool(superuser), TRUE, Datum::Bool(create_role),
        Datum::Bool(superuser), Datum::Bool(login), Datum::Bool(superuser), Datum::Int4(-1),
        text(HIDDEN), NULL, Datum::Bool(superuser), NULL,
        Datum::Oid(oid),
    ]
}

fn pg_roles(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let system = role_row(SYSTEM_ROLE, SYSTEM_ROLE_NAME, true, true, false);
    let roles = context.catalog.roles().map(|role| role_row(role.oid, &role.name, false, role.create_role, role.login));
    Ok(std::iter::once(system).chain(roles).collect())
}

fn pg_user(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row =
        |role: &std::sync::Arc<Role>| vec![text(&role.name), Datum::Oid(role.oid), FALSE, FALSE, FALSE, FALSE, text(HIDDEN), NULL, NULL];
    Ok(context.catalog.roles().filter(|role| role.login).map(row).collect())
}

fn members(catalog: &Catalog, group: Oid) -> impl Iterator<Item = Oid> {
    catalog.roles().filter(move |role| role.member_of.iter().any(|membership| membership.role == group)).map(|role| role.oid)
}

fn pg_group(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |role: &std::sync::Arc<Role>| {
        let members = members(context.catalog, role.oid).map(Datum::Oid).collect();
        vec![text(&role.name), Datum::Oid(role.oid), array(Oid::OID, members)]
    };
    Ok(context.catalog.roles().filter(|role| !role.login).map(row).collect())
}

fn pg_auth_members(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let pairs = context.catalog.roles().flat_map(|role| role.member_of.iter().map(|membership| (role.oid, membership)));
    let row = |(member, given): (Oid, &crate::Membership)| {
        let options = [given.admin, given.inherit, given.set].map(Datum::Bool);
        [given.oid, given.role, member, given.grantor].map(Datum::Oid).into_iter().chain(options).collect()
    };
    Ok(pairs.map(row).collect())
}

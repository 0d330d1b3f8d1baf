//! The schema `sys`, Aurora DSQL's own.

use borealis_pgtypes::{Datum, Oid, Result};

use super::value::text;
use super::{Family, SystemContext};
use crate::Role;
use crate::snapshot::{ADMIN_ROLE, SYS_SCHEMA};

pub(super) const RELATIONS: Family = &[(SYS_SCHEMA, "jobs", jobs), (SYS_SCHEMA, "iam_pg_role_mappings", iam_pg_role_mappings)];

fn jobs(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    context.server.jobs()
}

/// Mappings are numbered in the order listed; only `admin` can have granted them.
fn iam_pg_role_mappings(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mappings = context.catalog.roles().flat_map(|role| role.iam_arns.iter().map(move |arn| (role, arn)));
    let row = |(number, (role, arn)): (u32, (&std::sync::Arc<Role>, &String))| {
        vec![Datum::Oid(Oid(number)), text(arn), Datum::Oid(role.oid), text(&role.name), Datum::Oid(ADMIN_ROLE), text("admin")]
    };
    Ok((1..).zip(mappings).map(row).collect())
}

//! `pg_default_acl`.

use borealis_pgtypes::{Datum, Result};

use super::value::{acl, letter};
use super::{Family, SystemContext};
use crate::DefaultPrivileges;
use crate::snapshot::PG_CATALOG_SCHEMA;

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_default_acl", pg_default_acl)];

fn pg_default_acl(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |given: &std::sync::Arc<DefaultPrivileges>| {
        let places = [given.oid, given.role, given.schema].map(Datum::Oid);
        places.into_iter().chain([letter(given.objects.letter()), acl(context.catalog, &given.acl)]).collect()
    };
    Ok(context.catalog.default_privileges().map(row).collect())
}

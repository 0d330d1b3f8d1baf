//! Domains.

use borealis_pgtypes::{Datum, Oid, Result};

use super::data_type::DataType;
use super::{catalog, schema, standing, table_name};
use crate::Domain;
use crate::acl::Rights;
use crate::describe::Names;
use crate::privilege::Guarded;
use crate::system::value::{NULL, maybe, text, yes_or_no};
use crate::system::{DATABASE_NAME, SystemContext};

/// Domains are shown to whoever may use them, which without a grant is everybody.
pub(super) fn visible(context: &SystemContext<'_>, domain: &Domain) -> bool {
    let standing = standing(context);
    standing.has_privileges_of(domain.owner) || standing.holds(&Guarded::domain(domain), Rights::USAGE)
}

fn owned(context: &SystemContext<'_>, owner: Oid) -> bool {
    standing(context).has_privileges_of(owner)
}

fn domain_name(context: &SystemContext<'_>, domain: &Domain) -> [Datum; 3] {
    [catalog(), schema(context, domain.schema), text(&domain.name)]
}

#[rustfmt::skip]
fn row(context: &SystemContext<'_>, names: &Names<'_>, domain: &Domain) -> Vec<Datum> {
    let ty = DataType::of(names, domain.direct_base());
    let [length, octets] = ty.character;
    let [precision, radix, scale] = ty.numeric;
    let [seconds, interval_type, interval_precision] = ty.datetime;
    let [collation_catalog, collation_schema, collation_name] = ty.collation;
    let [udt_catalog, udt_schema, udt_name] = ty.udt;
    let name = domain_name(context, domain).into_iter();
    name.chain([
        ty.name, length, octets, NULL,
        NULL, NULL, collation_catalog, collation_schema,
        collation_name, precision, radix, scale,
        seconds, interval_type, interval_precision, maybe(domain.default.as_deref()),
        udt_catalog, udt_schema, udt_name, NULL,
        NULL, NULL, NULL, text("1"),
    ])
    .collect()
}

pub(super) fn domains(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let names = Names { catalog: context.catalog, search_path: &[], database: DATABASE_NAME };
    Ok(context.catalog.domains().filter(|domain| visible(context, domain)).map(|domain| row(context, &names, domain)).collect())
}

pub(super) fn domain_constraints(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut rows = Vec::new();
    for domain in context.catalog.domains().filter(|domain| visible(context, domain)) {
        rows.extend(domain.checks.iter().map(|check| {
            let named = [catalog(), schema(context, domain.schema), text(&check.name)].into_iter().chain(domain_name(context, domain));
            named.chain([yes_or_no(false), yes_or_no(false)]).collect::<Vec<_>>()
        }));
    }
    Ok(rows)
}

pub(super) fn domain_udt_usage(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    // The types that domains are over belong to the system: only its own role sees that they are used.
    let names = Names { catalog: context.catalog, search_path: &[], database: DATABASE_NAME };
    let role = context.server.current_user();
    let rows = context.catalog.domains().filter(|_| role == crate::snapshot::SYSTEM_ROLE);
    Ok(rows
        .map(|domain| DataType::of(&names, domain.direct_base()).udt.into_iter().chain(domain_name(context, domain)).collect())
        .collect())
}

pub(super) fn column_domain_usage(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut rows = Vec::new();
    for table in context.catalog.tables() {
        for column in table.live_columns() {
            let Some(domain) = context.catalog.domain_by_oid(column.ty.declared).filter(|domain| owned(context, domain.owner)) else {
                continue;
            };
            rows.push(domain_name(context, domain).into_iter().chain(table_name(context, table)).chain([text(&column.name)]).collect());
        }
    }
    Ok(rows)
}

//! What a cluster has one or a few of: the database, tablespaces, languages, collations, extensions.

use borealis_pgtypes::{Datum, Oid, Result};

use super::value::{FALSE, NONE, NULL, TRUE, acl, letter, text};
use super::{DATABASE_NAME, Family, SystemContext};
use crate::describe::SIMPLE;
use crate::privilege::Guarded;
use crate::snapshot::{DATABASE, PG_CATALOG_SCHEMA, SYSTEM_ROLE};

pub(super) const RELATIONS: Family = &[
    (PG_CATALOG_SCHEMA, "pg_database", pg_database),
    (PG_CATALOG_SCHEMA, "pg_tablespace", pg_tablespace),
    (PG_CATALOG_SCHEMA, "pg_language", pg_language),
    (PG_CATALOG_SCHEMA, "pg_collation", pg_collation),
    (PG_CATALOG_SCHEMA, "pg_extension", pg_extension),
    (PG_CATALOG_SCHEMA, "pg_ts_config", pg_ts_config),
];

/// `pg_default`
pub(crate) const TABLESPACE: Oid = Oid(1663);
/// `pg_catalog.default`, PostgreSQL's only one.
const TEXT_SEARCH_PARSER: Oid = Oid(3722);
/// UTF8
const ENCODING: i32 = 6;

#[rustfmt::skip]
fn pg_database(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let guarded = Guarded::database();
    Ok(vec![vec![
        Datum::Oid(DATABASE), text(DATABASE_NAME), Datum::Oid(guarded.owner), Datum::Int4(ENCODING), letter('c'),
        FALSE, TRUE, Datum::Int4(-1), NONE,
        NONE, Datum::Oid(TABLESPACE), text("C"), text("C"),
        NULL, NULL, NULL, acl(context.catalog, &guarded.acl),
    ]])
}

fn pg_tablespace(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    Ok(vec![vec![Datum::Oid(TABLESPACE), text(TABLESPACE_NAME), Datum::Oid(SYSTEM_ROLE), NULL, NULL]])
}

/// Oid, name, whether it is procedural.
const LANGUAGES: &[(u32, &str, bool)] = &[(12, "internal", false), (13, "c", false), (14, "sql", false), (13_483, "plpgsql", true)];

fn pg_language(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |(oid, name, procedural): &(u32, &str, bool)| {
        let trusted = Datum::Bool(matches!(*name, "sql" | "plpgsql"));
        vec![Datum::Oid(Oid(*oid)), text(name), Datum::Oid(SYSTEM_ROLE), Datum::Bool(*procedural), trusted, NONE, NONE, NONE, NULL]
    };
    Ok(LANGUAGES.iter().map(row).collect())
}

fn pg_ts_config(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let [oid, schema, owner, parser] = [SIMPLE, PG_CATALOG_SCHEMA, SYSTEM_ROLE, TEXT_SEARCH_PARSER].map(Datum::Oid);
    Ok(vec![vec![oid, text("simple"), schema, owner, parser]])
}

/// Oid, name, provider, encoding, locale. Strings compare by their bytes, whatever the collation is called.
const COLLATIONS: &[(u32, &str, char, i32, Option<&str>)] = &[
    (100, "default", 'd', -1, None),
    (950, "C", 'c', -1, Some("C")),
    (951, "POSIX", 'c', -1, Some("POSIX")),
    (962, "ucs_basic", 'c', 6, Some("C")),
];

fn pg_collation(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |(oid, name, provider, encoding, locale): &(u32, &str, char, i32, Option<&str>)| {
        let (schema, owner, locale) = (Datum::Oid(PG_CATALOG_SCHEMA), Datum::Oid(SYSTEM_ROLE), locale.map_or(NULL, text));
        let (provider, encoding) = (letter(*provider), Datum::Int4(*encoding));
        vec![Datum::Oid(Oid(*oid)), text(name), schema, owner, provider, TRUE, encoding, locale.clone(), locale, NULL, NULL, NULL]
    };
    Ok(COLLATIONS.iter().map(row).collect())
}

/// A language's oid.
pub(crate) fn language_by_name(name: &str) -> Option<Oid> {
    LANGUAGES.iter().find(|language| language.1 == name).map(|language| Oid(language.0))
}

/// Whether a language has this oid.
pub(crate) fn language_exists(oid: Oid) -> bool {
    LANGUAGES.iter().any(|language| language.0 == oid.0)
}

/// The one tablespace.
pub(crate) const TABLESPACE_NAME: &str = "pg_default";

/// Names of the collations, for `information_schema`.
pub(super) fn collation_names() -> impl Iterator<Item = &'static str> {
    COLLATIONS.iter().map(|collation| collation.1)
}

/// A collation's name.
pub(crate) fn collation_name(oid: Oid) -> Option<&'static str> {
    COLLATIONS.iter().find(|collation| collation.0 == oid.0).map(|collation| collation.1)
}

/// Aurora DSQL lists this one, as every PostgreSQL does, and refuses the language all the same.
fn pg_extension(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let (owner, schema) = (Datum::Oid(SYSTEM_ROLE), Datum::Oid(PG_CATALOG_SCHEMA));
    Ok(vec![vec![Datum::Oid(Oid(13_479)), text("plpgsql"), owner, schema, FALSE, text("1.0"), NULL, NULL]])
}

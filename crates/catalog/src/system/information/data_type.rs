//! How a type is described in columns of its own.

use borealis_pgtypes::typmod::{self, INTERVAL_FULL_PRECISION};
use borealis_pgtypes::{Datum, Oid, Type, types};

use crate::describe::{Names, TypeEntry, format_type, type_by_oid};
use crate::system::value::{NULL, maybe, text};
use crate::system::{DATABASE_NAME, cluster};

/// Bytes that a character may take in UTF8, and the longest string by PostgreSQL's own account.
const BYTES_PER_CHARACTER: i32 = 4;
const OCTETS_MAX: i32 = 1 << 30;

/// What the standard wants to know of a type.
pub(super) struct DataType {
    /// `data_type`
    pub(super) name: Datum,
    /// Maximum length in characters, in bytes.
    pub(super) character: [Datum; 2],
    /// Precision, radix, scale.
    pub(super) numeric: [Datum; 3],
    /// Precision of the seconds; fields and precision of an interval.
    pub(super) datetime: [Datum; 3],
    /// Catalog, schema and name of a collation other than the default.
    pub(super) collation: [Datum; 3],
    /// Catalog, schema and name of the type in `pg_type`; of a domain's base type.
    pub(super) udt: [Datum; 3],
    /// Catalog, schema and name of the domain.
    pub(super) domain: [Datum; 3],
}

impl DataType {
    pub(super) fn of(names: &Names<'_>, ty: Type) -> Self {
        let domain = names.catalog.domain_by_oid(ty.declared);
        let ty = domain.map_or(ty, |domain| domain.direct_base());
        let oid = ty.catalog_oid();
        Self {
            name: name(names, oid),
            character: character(ty),
            numeric: numeric(ty),
            datetime: datetime(names, ty),
            collation: collation(ty.oid),
            udt: udt(names, oid),
            domain: domain.map_or([NULL, NULL, NULL], |domain| udt(names, domain.oid)),
        }
    }
}

/// Only types that come with the system are named; arrays are just that.
fn name(names: &Names<'_>, oid: Oid) -> Datum {
    let entry = type_by_oid(names.catalog, oid);
    match entry {
        Some(TypeEntry::Base(info)) if info.is_array() => text("ARRAY"),
        Some(TypeEntry::RowArray(_) | TypeEntry::DomainArray(_)) => text("ARRAY"),
        Some(TypeEntry::Base(_)) => text(&format_type(names, oid, None)),
        _ => text("USER-DEFINED"),
    }
}

fn character(ty: Type) -> [Datum; 2] {
    let limited = matches!(ty.oid, Oid::BPCHAR | Oid::VARCHAR);
    let length = typmod::character_length(ty.typmod).and_then(|length| i32::try_from(length).ok()).filter(|_| limited && ty.typmod >= 0);
    let octets = match length {
        Some(length) => Datum::Int4(length.saturating_mul(BYTES_PER_CHARACTER)),
        None if limited || ty.oid == Oid::TEXT => Datum::Int4(OCTETS_MAX),
        None => NULL,
    };
    [length.map_or(NULL, Datum::Int4), octets]
}

fn numeric(ty: Type) -> [Datum; 3] {
    let binary = |bits: i32, scale: Datum| [Datum::Int4(bits), Datum::Int4(2), scale];
    match ty.oid {
        Oid::INT2 => binary(16, Datum::Int4(0)),
        Oid::INT4 => binary(32, Datum::Int4(0)),
        Oid::INT8 => binary(64, Datum::Int4(0)),
        Oid::FLOAT4 => binary(24, NULL),
        Oid::FLOAT8 => binary(53, NULL),
        Oid::NUMERIC if ty.typmod >= 0 => {
            let (precision, scale) = typmod::numeric_precision_scale(ty.typmod);
            [Datum::Int4(precision), Datum::Int4(10), Datum::Int4(scale)]
        }
        Oid::NUMERIC => [NULL, Datum::Int4(10), NULL],
        _ => [NULL, NULL, NULL],
    }
}

fn datetime(names: &Names<'_>, ty: Type) -> [Datum; 3] {
    let precision = |typmod: i32| Datum::Int4(if typmod < 0 { typmod::TIME_PRECISION_MAX } else { typmod });
    match ty.oid {
        Oid::DATE => [Datum::Int4(0), NULL, NULL],
        Oid::TIME | Oid::TIMETZ | Oid::TIMESTAMP | Oid::TIMESTAMPTZ => [precision(ty.typmod), NULL, NULL],
        Oid::INTERVAL => {
            let given = if ty.typmod < 0 { INTERVAL_FULL_PRECISION } else { typmod::interval_precision(ty.typmod) };
            let seconds = precision(if given == INTERVAL_FULL_PRECISION { -1 } else { given });
            [seconds, interval_fields(&format_type(names, ty.oid, Some(ty.typmod))), NULL]
        }
        _ => [NULL, NULL, NULL],
    }
}

/// The words after `interval`, as the standard writes them.
fn interval_fields(written: &str) -> Datum {
    let fields = written.trim_start_matches("interval").trim_start_matches(|c: char| matches!(c, '(' | ')') || c.is_ascii_digit()).trim();
    if fields.is_empty() { NULL } else { text(&fields.to_uppercase()) }
}

fn collation(oid: Oid) -> [Datum; 3] {
    let collation = types::by_oid(oid).and_then(|info| cluster::collation_name(info.collation)).filter(|name| *name != "default");
    collation.map_or([NULL, NULL, NULL], |name| [text(DATABASE_NAME), text("pg_catalog"), text(name)])
}

fn udt(names: &Names<'_>, oid: Oid) -> [Datum; 3] {
    let Some(entry) = type_by_oid(names.catalog, oid) else { return [text(DATABASE_NAME), NULL, NULL] };
    [text(DATABASE_NAME), maybe(crate::describe::schema_name(names.catalog, entry.schema())), text(&entry.name())]
}

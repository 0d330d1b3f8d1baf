//! `pg_class`, `pg_namespace` and `pg_am`.

use std::collections::HashSet;
use std::sync::LazyLock;

use borealis_pgtypes::{Datum, Oid, Result};

use super::value::{FALSE, NONE, NULL, TRUE, acl, acl_items, count, letter, text};
use super::{Family, SystemContext, SystemRelation};
use crate::functions::size;
use crate::privilege::Guarded;
use crate::snapshot::{PG_CATALOG_SCHEMA, SYSTEM_ROLE};
use crate::{Catalog, Index, Sequence, Table, View};

/// Access method of user tables, which are kept in primary-key order. The number is ours.
pub const BTREE_TABLE_METHOD: Oid = Oid(9950);
/// Access method of indexes. The number is ours.
pub const BTREE_INDEX_METHOD: Oid = Oid(9951);
const HEAP_METHOD: Oid = Oid(2);
/// Bytes of a page, which `relpages` counts in.
const PAGE: f32 = 8192.0;

pub(super) const RELATIONS: Family = &[
    (PG_CATALOG_SCHEMA, "pg_class", pg_class),
    (PG_CATALOG_SCHEMA, "pg_rewrite", pg_rewrite),
    (PG_CATALOG_SCHEMA, "pg_namespace", pg_namespace),
    (PG_CATALOG_SCHEMA, "pg_am", pg_am),
];

/// What differs between rows of `pg_class`.
struct Class<'a> {
    oid: Oid,
    name: &'a str,
    schema: Oid,
    row_type: Oid,
    owner: Oid,
    method: Oid,
    /// `reltuples` and `relpages`.
    size: (f32, i32),
    has_index: bool,
    kind: char,
    columns: usize,
    checks: usize,
    has_triggers: bool,
    acl: Datum,
    /// `reloptions`, for views, which have a rule too.
    options: Datum,
}

impl Class<'_> {
    #[rustfmt::skip]
    fn row(self) -> Vec<Datum> {
        let (rows, pages) = self.size;
        let stored = self.kind != 'v';
        vec![
            Datum::Oid(self.oid), text(self.name), Datum::Oid(self.schema), Datum::Oid(self.row_type), NONE,
            Datum::Oid(self.owner), Datum::Oid(self.method), Datum::Oid(if stored { self.oid } else { Oid::INVALID }), NONE, Datum::Int4(pages),
            Datum::Float4(rows), Datum::Int4(0), NONE, Datum::Bool(self.has_index),
            FALSE, letter('p'), letter(self.kind), count(self.columns),
            count(self.checks), Datum::Bool(self.kind == 'v' && self.oid >= Oid::FIRST_USER), Datum::Bool(self.has_triggers), FALSE,
            FALSE, FALSE, TRUE, letter(if self.kind == 'r' && self.oid >= Oid::FIRST_USER { 'd' } else { 'n' }),
            FALSE, NONE, NONE, NONE,
            self.acl, self.options, NULL,
        ]
    }
}

static SYSTEM_ROWS: LazyLock<Vec<Vec<Datum>>> = LazyLock::new(|| super::all().iter().map(system_class).collect());

fn system_class(relation: &SystemRelation) -> Vec<Datum> {
    let class = Class {
        oid: relation.oid,
        name: relation.name,
        schema: relation.schema,
        row_type: relation.row_type,
        owner: SYSTEM_ROLE,
        method: if relation.kind == 'r' { HEAP_METHOD } else { Oid::INVALID },
        size: (if relation.kind == 'r' { -1.0 } else { 0.0 }, 0),
        has_index: false,
        kind: relation.kind,
        columns: relation.columns.len(),
        checks: 0,
        has_triggers: false,
        acl: acl_items(&Catalog::default(), &Guarded::system_relation(relation.oid).items()),
        options: NULL,
    };
    class.row()
}

fn table_class(context: &SystemContext<'_>, table: &Table, referenced: &HashSet<Oid>) -> Vec<Datum> {
    let class = Class {
        oid: table.oid,
        name: &table.name,
        schema: table.schema,
        row_type: table.row_type,
        owner: table.owner,
        method: BTREE_TABLE_METHOD,
        size: table_size(context, table),
        has_index: table.all_indexes().next().is_some(),
        kind: 'r',
        columns: table.columns.len(),
        checks: table.checks.len(),
        // In PostgreSQL triggers enforce foreign keys, at both ends; clients ask for foreign keys only where there are triggers.
        has_triggers: !table.foreign_keys.is_empty() || referenced.contains(&table.oid),
        acl: acl(context.catalog, &table.acl),
        options: NULL,
    };
    class.row()
}

fn index_class(context: &SystemContext<'_>, table: &Table, index: &Index) -> Vec<Datum> {
    let class = Class {
        oid: index.oid,
        name: &index.name,
        schema: table.schema,
        row_type: Oid::INVALID,
        owner: table.owner,
        method: BTREE_INDEX_METHOD,
        size: index_size(context, table, index),
        has_index: false,
        kind: 'i',
        columns: index.keys.len() + table.index_include(index).len(),
        checks: 0,
        has_triggers: false,
        acl: NULL,
        options: NULL,
    };
    class.row()
}

/// Rows and pages, as ANALYZE found them; -1 rows: nobody has looked.
fn table_size(context: &SystemContext<'_>, table: &Table) -> (f32, i32) {
    #[allow(clippy::cast_possible_truncation)] // `reltuples` is a float4
    context.server.statistics(table.oid).map_or((-1.0, 0), |statistics| (statistics.rows as f32, statistics.pages()))
}

/// An index has an entry per row, of the width its columns say; the primary key is the table itself.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // estimates
fn index_size(context: &SystemContext<'_>, table: &Table, index: &Index) -> (f32, i32) {
    let (rows, pages) = table_size(context, table);
    if index.primary || rows < 0.0 {
        return (rows.max(0.0), pages);
    }
    (rows, (rows * size::index_width(table, index.oid) as f32 / PAGE).ceil() as i32)
}

fn sequence_class(context: &SystemContext<'_>, sequence: &Sequence) -> Vec<Datum> {
    let class = Class {
        oid: sequence.oid,
        name: &sequence.name,
        schema: sequence.schema,
        row_type: Oid::INVALID,
        owner: sequence.owner,
        method: Oid::INVALID,
        // One row, on one page.
        size: (1.0, 1),
        has_index: false,
        kind: 'S',
        columns: super::sequence::COLUMNS.len(),
        checks: 0,
        has_triggers: false,
        acl: acl(context.catalog, &sequence.acl),
        options: NULL,
    };
    class.row()
}

fn view_class(context: &SystemContext<'_>, view: &View) -> Vec<Datum> {
    let options: Vec<Datum> = view.options.iter().map(|(name, value)| text(&format!("{name}={value}"))).collect();
    let class = Class {
        oid: view.oid,
        name: &view.name,
        schema: view.schema,
        row_type: view.row_type,
        owner: view.owner,
        method: Oid::INVALID,
        size: (0.0, 0),
        has_index: false,
        kind: 'v',
        columns: view.columns.len(),
        checks: 0,
        has_triggers: false,
        acl: acl(context.catalog, &view.acl),
        options: if options.is_empty() { NULL } else { super::value::array(Oid::TEXT, options) },
    };
    class.row()
}

/// A view's query is its one rule.
fn pg_rewrite(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |view: &std::sync::Arc<View>| {
        let (kind, enabled) = (letter('1'), letter('O'));
        vec![Datum::Oid(view.rule), text("_RETURN"), Datum::Oid(view.oid), kind, enabled, TRUE, text("<>"), text(&view.query)]
    };
    Ok(context.catalog.views().map(row).collect())
}

/// Tables that a foreign key points to.
fn referenced(catalog: &Catalog) -> HashSet<Oid> {
    catalog.tables().flat_map(|table| table.foreign_keys.iter().map(|key| key.target)).collect()
}

fn pg_class(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let referenced = referenced(context.catalog);
    let mut rows = SYSTEM_ROWS.clone();
    for table in context.catalog.tables() {
        rows.push(table_class(context, table, &referenced));
        rows.extend(table.all_indexes().map(|index| index_class(context, table, index)));
    }
    rows.extend(context.catalog.sequences().map(|sequence| sequence_class(context, sequence)));
    rows.extend(context.catalog.views().map(|view| view_class(context, view)));
    Ok(rows)
}

fn pg_namespace(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |schema: &std::sync::Arc<crate::Schema>| {
        let acl = acl(context.catalog, &Guarded::schema(schema).acl);
        vec![Datum::Oid(schema.oid), text(&schema.name), Datum::Oid(schema.owner), acl]
    };
    Ok(context.catalog.schemas().map(row).collect())
}

/// The methods that Aurora DSQL lists: PostgreSQL's own, and the two that its tables and indexes use.
const METHODS: &[(Oid, &str, u32, char)] = &[
    (HEAP_METHOD, "heap", 3, 't'),
    (Oid(403), "btree", 330, 'i'),
    (Oid(405), "hash", 331, 'i'),
    (Oid(783), "gist", 332, 'i'),
    (Oid(2742), "gin", 333, 'i'),
    (Oid(3580), "brin", 335, 'i'),
    (Oid(4000), "spgist", 334, 'i'),
    (BTREE_TABLE_METHOD, "btree_table", 0, 't'),
    (BTREE_INDEX_METHOD, "btree_index", 0, 'i'),
];

fn pg_am(_: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row =
        |(oid, name, handler, kind): &(Oid, &str, u32, char)| vec![Datum::Oid(*oid), text(name), Datum::Oid(Oid(*handler)), letter(*kind)];
    Ok(METHODS.iter().map(row).collect())
}

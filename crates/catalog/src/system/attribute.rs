//! `pg_attribute` and `pg_attrdef`.

use std::sync::LazyLock;

use borealis_pgtypes::{Datum, Oid, Result, Type, types};

use super::value::{BLANK, FALSE, NULL, TRUE, acl, count, letter, text};
use super::{Family, SystemContext};
use crate::snapshot::PG_CATALOG_SCHEMA;
use crate::{Catalog, Column, Index, IndexKeyPart, Table};

pub(super) const RELATIONS: Family = &[(PG_CATALOG_SCHEMA, "pg_attribute", pg_attribute), (PG_CATALOG_SCHEMA, "pg_attrdef", pg_attrdef)];

/// What differs between rows of `pg_attribute`.
struct Attribute<'a> {
    relation: Oid,
    name: &'a str,
    ty: Type,
    number: usize,
    storage: Option<char>,
    not_null: bool,
    has_default: bool,
    identity: Option<char>,
    generated: bool,
    dropped: bool,
    acl: Datum,
}

impl<'a> Attribute<'a> {
    fn new(relation: Oid, name: &'a str, ty: Type, number: usize) -> Self {
        let (storage, identity) = (None, None);
        Self {
            relation,
            name,
            ty,
            number,
            storage,
            not_null: false,
            has_default: false,
            identity,
            generated: false,
            dropped: false,
            acl: NULL,
        }
    }

    #[rustfmt::skip]
    fn row(&self) -> Vec<Datum> {
        let info = types::by_oid(self.ty.oid);
        let storage = self.storage.or(info.map(|info| info.storage)).unwrap_or('p');
        let ty = if self.dropped { Oid::INVALID } else { self.ty.catalog_oid() };
        // The modifier of a domain is the domain's own affair.
        let typmod = if self.ty.declared == Oid::INVALID { self.ty.typmod } else { -1 };
        let dimensions = i16::from(info.is_some_and(|info| info.is_array()));
        vec![
            Datum::Oid(self.relation), text(self.name), Datum::Oid(ty), Datum::Int2(info.map_or(-1, |info| info.length)), count(self.number),
            Datum::Int4(-1), Datum::Int4(typmod), Datum::Int2(dimensions), Datum::Bool(info.is_some_and(|info| info.by_value)),
            letter(info.map_or('i', |info| info.align)), letter(storage), BLANK, Datum::Bool(self.not_null), Datum::Bool(self.has_default),
            FALSE, self.identity.map_or(BLANK, letter), if self.generated { letter('s') } else { BLANK }, Datum::Bool(self.dropped),
            TRUE, Datum::Int2(0), Datum::Int2(if self.dropped { 0 } else { -1 }), Datum::Oid(info.map_or(Oid::INVALID, |info| info.collation)),
            self.acl.clone(), NULL, NULL, NULL,
        ]
    }
}

static SYSTEM_ROWS: LazyLock<Vec<Vec<Datum>>> = LazyLock::new(|| {
    let columns =
        super::all().iter().flat_map(|relation| relation.columns.iter().enumerate().map(move |(at, column)| (relation, at + 1, column)));
    let row = |(relation, number, column): (&super::SystemRelation, usize, &(&str, Oid))| {
        let mut attribute = Attribute::new(relation.oid, column.0, Type::plain(column.1), number);
        attribute.not_null = relation.not_null.iter().any(|not_null| usize::try_from(*not_null) == Ok(number));
        attribute.row()
    };
    columns.map(row).collect()
});

/// `attidentity`
fn identity_letter(column: &Column) -> Option<char> {
    column.identity.as_ref().map(|identity| if identity.always { 'a' } else { 'd' })
}

/// The text that `pg_attrdef` keeps for a column.
pub(crate) fn default_text(column: &Column) -> Option<&str> {
    column.generated.as_deref().or(column.default.as_deref()).filter(|_| !column.dropped)
}

/// The columns of a table or a view.
fn relation_rows(catalog: &Catalog, relation: Oid, columns: &[Column]) -> impl Iterator<Item = Vec<Datum>> {
    columns.iter().enumerate().map(move |(at, column)| {
        let mut attribute = Attribute::new(relation, &column.name, column.ty, at + 1);
        attribute.storage = Some(column.storage);
        attribute.not_null = column.not_null && !column.dropped;
        attribute.has_default = default_text(column).is_some();
        attribute.identity = identity_letter(column);
        attribute.generated = column.generated.is_some() && !column.dropped;
        attribute.dropped = column.dropped;
        attribute.acl = acl(catalog, &column.acl);
        attribute.row()
    })
}

/// Index columns are called after what they hold: the column, the function called, or `expr`.
fn index_rows(table: &Table, index: &Index) -> Vec<Vec<Datum>> {
    let column = |number: i16| table.column_number(number).map(|column| (column.name.clone(), column.ty));
    let key = |part: &IndexKeyPart| match part {
        IndexKeyPart::Column(number) => column(*number),
        IndexKeyPart::Expression(expression, ty) => Some((expression_name(expression), *ty)),
    };
    let keys = index.keys.iter().filter_map(|index_key| key(&index_key.part));
    let include = table.index_include(index);
    let columns: Vec<_> = keys.chain(include.into_iter().filter_map(column)).collect();
    let row = |(at, (name, ty)): (usize, &(String, Type))| {
        let earlier = |name: &str| columns[..at].iter().any(|(taken, _)| taken == name);
        Attribute::new(index.oid, &free_name(name, earlier), *ty, at + 1).row()
    };
    columns.iter().enumerate().map(row).collect()
}

fn sequence_rows(sequence: Oid) -> impl Iterator<Item = Vec<Datum>> {
    super::sequence::COLUMNS.iter().enumerate().map(move |(at, (name, oid))| {
        let mut attribute = Attribute::new(sequence, name, Type::plain(*oid), at + 1);
        attribute.not_null = true;
        attribute.row()
    })
}

fn expression_name(expression: &str) -> String {
    let name = expression.split('(').next().unwrap_or_default();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    if is_name { name.rsplit('.').next().unwrap_or(name).to_owned() } else { "expr".to_owned() }
}

/// The name, with the first number that makes it different from earlier ones.
fn free_name(name: &str, taken: impl Fn(&str) -> bool) -> String {
    if !taken(name) {
        return name.to_owned();
    }
    (1..).map(|number| format!("{name}{number}")).find(|candidate| !taken(candidate)).unwrap_or_default()
}

fn pg_attribute(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let mut rows = SYSTEM_ROWS.clone();
    for table in context.catalog.tables() {
        rows.extend(relation_rows(context.catalog, table.oid, &table.columns));
        rows.extend(table.all_indexes().flat_map(|index| index_rows(table, index)));
    }
    rows.extend(context.catalog.sequences().flat_map(|sequence| sequence_rows(sequence.oid)));
    rows.extend(context.catalog.views().flat_map(|view| relation_rows(context.catalog, view.oid, &view.columns)));
    Ok(rows)
}

/// Defaults have no oid of their own in the descriptors: one is made of the table's and the column's number, out of reach of the others.
#[must_use]
pub fn default_oid(table: Oid, number: i16) -> Oid {
    const COLUMNS_MAX: u32 = 1600;
    let number = u32::from(number.unsigned_abs());
    Oid(0x8000_0000 | (table.0.wrapping_mul(COLUMNS_MAX).wrapping_add(number) & 0x7fff_ffff))
}

fn pg_attrdef(context: &SystemContext<'_>) -> Result<Vec<Vec<Datum>>> {
    let row = |relation: Oid, column: &Column| {
        let default = default_text(column)?;
        Some(vec![Datum::Oid(default_oid(relation, column.number)), Datum::Oid(relation), Datum::Int2(column.number), text(default)])
    };
    let tables = context.catalog.tables().map(|table| (table.oid, table.columns.as_slice()));
    let views = context.catalog.views().map(|view| (view.oid, view.columns.as_slice()));
    let columns = tables.chain(views).flat_map(|(relation, columns)| columns.iter().map(move |column| (relation, column)));
    Ok(columns.filter_map(|(relation, column)| row(relation, column)).collect())
}

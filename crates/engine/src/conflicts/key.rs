//! A lost key in words: which table, and which values, as a unique violation's DETAIL writes them.

use std::sync::Arc;

use borealis_catalog::{Catalog, IndexKeyPart, Table};
use borealis_pgtypes::{EvalContext, Oid, text};

use crate::key::{self, PREFIX_BYTES};

/// The object that a key belongs to: a table or an index.
pub(super) fn object(key: &[u8]) -> Option<Oid> {
    Some(Oid(u32::from_be_bytes(*key.first_chunk()?)))
}

/// The table that an object is or belongs to.
pub(super) fn table_of(catalog: &Catalog, object: Oid) -> Option<&Arc<Table>> {
    let by_index = || catalog.tables().find(|table| table.all_indexes().any(|index| index.oid == object));
    catalog.table_by_oid(object).or_else(by_index)
}

/// `(id)=(1)`; `(row)=(…)` with the hidden row id in hexadecimal where there is no primary key. `None` for a key of no table.
pub(super) fn describe(catalog: &Catalog, bytes: &[u8], eval: &EvalContext<'_>) -> Option<String> {
    let object = object(bytes)?;
    let table = table_of(catalog, object)?;
    let index = if table.oid == object { table.primary_key.as_ref() } else { table.all_indexes().find(|index| index.oid == object) };
    let mut rest = &bytes[PREFIX_BYTES..];
    let Some(index) = index else { return Some(format!("(row)=({})", hexadecimal(rest))) };
    let parts: Vec<(String, Oid)> = index.keys.iter().map(|key| part(table, &key.part)).collect();
    let values: Vec<String> = parts.iter().map(|(_, oid)| value(&mut rest, *oid, eval)).collect();
    let names: Vec<String> = parts.into_iter().map(|(name, _)| name).collect();
    Some(format!("({})=({})", names.join(", "), values.join(", ")))
}

/// Name and type of a key column.
fn part(table: &Table, part: &IndexKeyPart) -> (String, Oid) {
    match part {
        IndexKeyPart::Column(number) => {
            let column = usize::try_from(number - 1).ok().and_then(|place| table.columns.get(place));
            column.map_or_else(|| ("?".to_owned(), Oid::INVALID), |column| (column.name.clone(), column.ty.oid))
        }
        IndexKeyPart::Expression(text, ty) => (text.clone(), ty.oid),
    }
}

/// The next value. Keys of some types are ordered without being readable: their bytes are shown.
fn value(rest: &mut &[u8], oid: Oid, eval: &EvalContext<'_>) -> String {
    let start = *rest;
    if key::lossless(oid) {
        return match key::decode(rest, oid) {
            Ok(value) if value.is_null() => "null".to_owned(),
            Ok(value) => text::to_text(&value, oid, eval).unwrap_or_else(|_| "?".to_owned()),
            Err(_) => "?".to_owned(),
        };
    }
    match key::skip(rest, oid) {
        Ok(()) => format!("\\x{}", hexadecimal(&start[..start.len() - rest.len()])),
        Err(_) => "?".to_owned(),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

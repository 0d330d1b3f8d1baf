//! Where an index entry keeps what: the one place that knows, for whoever writes entries and whoever reads them. The order of the keys is
//! [`Table::entry_keys`].

use borealis_catalog::{Index, IndexKeyPart, Table};
use borealis_pgtypes::{Datum, Oid, Result, SqlError};

use super::access::{KeyColumn, key_columns};
use crate::key;
use crate::row::{Reader, entry::Entry};

/// Types of all columns of a table, in `attnum` order.
#[must_use]
pub fn column_types(table: &Table) -> Vec<Oid> {
    table.columns.iter().map(|column| column.ty.oid).collect()
}

/// Places (`attnum - 1`) of the primary key's columns, in key order.
#[must_use]
pub fn primary_key_places(table: &Table) -> Vec<usize> {
    table.primary_key.iter().flat_map(|index| &index.keys).filter_map(|key| plain_place(&key.part)).collect()
}

fn plain_place(part: &IndexKeyPart) -> Option<usize> {
    match part {
        IndexKeyPart::Column(number) => place(*number),
        IndexKeyPart::Expression(..) => None,
    }
}

fn place(number: i16) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}

/// Places of the columns an entry keeps in its value: those of INCLUDE, then key columns (its own and the primary key's) that cannot be read back from
/// the key. Each once.
#[must_use]
pub fn stored_places(table: &Table, index: &Index) -> Vec<usize> {
    let include = index.include.iter().filter_map(|number| place(*number));
    let keys = index.keys.iter().filter_map(|key| plain_place(&key.part)).chain(primary_key_places(table));
    let lossy = keys.filter(|place| table.columns.get(*place).is_some_and(|column| !key::lossless(column.ty.oid)));
    let mut places = Vec::new();
    for place in include.chain(lossy) {
        if !places.contains(&place) {
            places.push(place);
        }
    }
    places
}

/// Reads output columns from an entry alone.
#[derive(Debug)]
pub struct EntryReader {
    keys: Vec<(KeyColumn, Vec<usize>)>,
    row_key: Vec<(KeyColumn, Vec<usize>)>,
    stored: Reader,
    stored_into: Vec<usize>,
    width: usize,
}

impl EntryReader {
    /// A reader of `wanted` columns (places in the table).
    ///
    /// # Errors
    /// `XX000` for a column that entries do not have.
    pub fn new(table: &Table, index: &Index, wanted: &[usize]) -> Result<Self> {
        let stored_places = stored_places(table, index);
        let mut missing: Vec<usize> = (0..wanted.len()).collect();
        let mut take = |place: usize| {
            let (taken, rest) = missing.iter().partition(|output| wanted[**output] == place);
            missing = rest;
            taken
        };
        let mut stored_types = Vec::new();
        let (mut stored_wanted, mut stored_into) = (Vec::new(), Vec::new());
        for (position, place) in stored_places.iter().enumerate() {
            stored_types.push(table.columns[*place].ty.oid);
            let outputs: Vec<usize> = take(*place);
            stored_wanted.extend(outputs.iter().map(|_| position));
            stored_into.extend(outputs);
        }
        let own = index.keys.iter().map(|key| plain_place(&key.part));
        let keys = key_columns(table, index).into_iter().zip(own).map(|(column, place)| (column, place.map_or_else(Vec::new, &mut take)));
        let keys = keys.collect();
        let primary = table.primary_key.as_ref().map(|index| key_columns(table, index)).unwrap_or_default();
        let row_key = primary.into_iter().zip(primary_key_places(table)).map(|(column, place)| (column, take(place))).collect();
        if let Some(output) = missing.first() {
            return Err(SqlError::internal(format!("index {} does not cover column {}", index.name, wanted[*output] + 1)));
        }
        Ok(Self { keys, row_key, stored: Reader::new(&stored_types, &stored_wanted), stored_into, width: wanted.len() })
    }

    /// Appends the wanted values.
    ///
    /// # Errors
    /// `XX001` when the entry is damaged.
    pub fn read(&self, entry: &Entry<'_>, out: &mut Vec<Datum>) -> Result<()> {
        let start = out.len();
        out.resize(start + self.width, Datum::Null);
        let keys = entry.keys.get(key::PREFIX_BYTES..).unwrap_or_default();
        read_keys(&self.keys, keys, &mut out[start..])?;
        read_keys(&self.row_key, entry.row_key, &mut out[start..])?;
        if !self.stored_into.is_empty() && !entry.stored.is_empty() {
            let mut stored = Vec::with_capacity(self.stored_into.len());
            self.stored.read(entry.stored, &mut stored)?;
            for (output, value) in self.stored_into.iter().zip(stored) {
                out[start + output] = value;
            }
        }
        Ok(())
    }
}

fn read_keys(columns: &[(KeyColumn, Vec<usize>)], mut key: &[u8], out: &mut [Datum]) -> Result<()> {
    let wanted = columns.iter().rposition(|(_, outputs)| !outputs.is_empty()).map_or(0, |last| last + 1);
    for (column, outputs) in &columns[..wanted] {
        if outputs.is_empty() {
            key::skip(&mut key, column.oid)?;
            continue;
        }
        let value = key::decode(&mut key, column.oid)?;
        for output in outputs {
            out[*output] = value.clone();
        }
    }
    Ok(())
}

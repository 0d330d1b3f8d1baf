//! What tables looked like: names, columns and keys, as far as reading their rows needs them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use borealis_catalog::codec::Kind;
use borealis_catalog::{Catalog, Change, Table, codec};
use borealis_pgtypes::{Datum, Oid, SqlError};
use borealis_storage::{Before, ChangesError, Committed, Direction, Snapshot};

use super::{TableName, Value};
use crate::cluster::keys;
use crate::exec::index_layout::{column_types, primary_key_places};
use crate::key;
use crate::row::Reader;

/// The tables and schemas there are at one position.
#[derive(Debug)]
pub(super) struct Shapes {
    schemas: BTreeMap<Oid, String>,
    tables: BTreeMap<Oid, Arc<Table>>,
    /// Those of tables whose rows were met.
    compiled: HashMap<Oid, Arc<Shape>>,
}

/// A table, ready for its rows to be read.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: Arc<TableName>,
    columns: Vec<(Arc<str>, Oid)>,
    reader: Reader,
    /// In key order: the column's place among all columns, its name and its type.
    primary_key: Vec<(usize, Arc<str>, Oid)>,
    /// Reads the primary key's columns out of a row, in key order.
    key_reader: Reader,
}

/// What commits of the past replaced in the catalog.
#[derive(Debug, Default)]
pub(super) struct Undo(BTreeMap<(Kind, Oid), Before>);

impl Undo {
    /// Notes a commit's changes of descriptors. Of several changes of one the first one counts: it replaced what was there at the beginning.
    pub(super) fn note(&mut self, commit: &Committed) {
        for change in &commit.changes {
            if let Some(object) = object(&change.key) {
                self.0.entry(object).or_insert_with(|| change.before.clone());
            }
        }
    }
}

/// The schema or table that a key describes. Other descriptors say nothing of rows.
fn object(key: &[u8]) -> Option<(Kind, Oid)> {
    keys::described(key).filter(|(kind, _)| matches!(kind, Kind::Schema | Kind::Table))
}

fn unreadable(error: &SqlError) -> ChangesError {
    ChangesError::Unreadable(error.message().to_owned())
}

impl Shapes {
    /// The shapes that a snapshot sees.
    pub(super) fn of(snapshot: &Snapshot) -> Result<Self, ChangesError> {
        let schemas = Catalog::initial().schemas().map(|schema| (schema.oid, schema.name.clone())).collect();
        let mut shapes = Self { schemas, tables: BTreeMap::new(), compiled: HashMap::new() };
        for kind in [Kind::Schema, Kind::Table] {
            let mut scan = snapshot.scan(keys::descriptors(kind), Direction::Forward);
            while let Some((key, stored)) = scan.next()? {
                if let Some(object) = object(key) {
                    shapes.set(object, Some(stored))?;
                }
            }
        }
        Ok(shapes)
    }

    /// Takes over what a commit says of tables and schemas.
    pub(super) fn take_over(&mut self, commit: &Committed) -> Result<(), ChangesError> {
        for change in &commit.changes {
            if let Some(object) = object(&change.key) {
                self.set(object, change.after.as_deref())?;
            }
        }
        Ok(())
    }

    /// Goes back to what was replaced.
    pub(super) fn undo(&mut self, undo: Undo) -> Result<(), ChangesError> {
        for (object, before) in undo.0 {
            match before {
                Before::Absent => self.set(object, None)?,
                Before::Value(stored) => self.set(object, Some(&stored))?,
                Before::Untold => {
                    let detail = "the journal has a change of the catalog that does not say what it replaced";
                    return Err(ChangesError::Unreadable(detail.to_owned()));
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, (kind, oid): (Kind, Oid), stored: Option<&[u8]>) -> Result<(), ChangesError> {
        let decoded = stored.map(|stored| codec::decode(kind, stored)).transpose();
        match decoded.map_err(|error| ChangesError::Unreadable(error.to_string()))? {
            Some(Change::PutSchema(schema)) => {
                // Its tables are called otherwise now.
                self.compiled.clear();
                self.schemas.insert(oid, schema.name.clone());
            }
            Some(Change::PutTable(table)) => {
                self.compiled.remove(&oid);
                self.tables.insert(oid, table);
            }
            _ if kind == Kind::Table => {
                self.compiled.remove(&oid);
                self.tables.remove(&oid);
            }
            // One that every cluster has was there before anything was stored of it.
            _ => match Catalog::initial().schema_by_oid(oid) {
                Some(schema) => drop(self.schemas.insert(oid, schema.name.clone())),
                None => drop(self.schemas.remove(&oid)),
            },
        }
        Ok(())
    }

    /// The number that a key begins with: a table's, an index's or that of something else.
    pub(super) fn table_of(key: &[u8]) -> Option<Oid> {
        let (prefix, rest) = key.split_first_chunk::<{ key::PREFIX_BYTES }>()?;
        (!rest.is_empty()).then_some(Oid(u32::from_be_bytes(*prefix)))
    }

    /// The table that a key is a row of.
    pub(super) fn of_row(&mut self, key: &[u8]) -> Result<Option<Arc<Shape>>, ChangesError> {
        let Some(oid) = Self::table_of(key) else { return Ok(None) };
        if let Some(shape) = self.compiled.get(&oid) {
            return Ok(Some(shape.clone()));
        }
        let Some(table) = self.tables.get(&oid) else { return Ok(None) };
        let schema = self.schemas.get(&table.schema).cloned();
        let schema = schema.ok_or_else(|| ChangesError::Unreadable(format!("table {} is in no schema", table.name)))?;
        let shape = Arc::new(Shape::of(table, schema));
        self.compiled.insert(oid, shape.clone());
        Ok(Some(shape))
    }
}

impl Shape {
    fn of(table: &Table, schema: String) -> Self {
        let live: Vec<usize> = (0..table.columns.len()).filter(|place| !table.columns[*place].dropped).collect();
        let column = |place: usize| (Arc::<str>::from(table.columns[place].name.as_str()), table.columns[place].ty.oid);
        let key = primary_key_places(table).into_iter().map(|place| {
            let (name, ty) = column(place);
            (place, name, ty)
        });
        Self {
            name: Arc::new(TableName { oid: table.oid, schema, name: table.name.clone() }),
            reader: Reader::new(&column_types(table), &live),
            key_reader: Reader::new(&column_types(table), &primary_key_places(table)),
            columns: live.iter().map(|place| column(*place)).collect(),
            primary_key: key.collect(),
        }
    }

    /// All columns of a row.
    pub(super) fn row(&self, stored: &[u8]) -> Result<Vec<Value>, ChangesError> {
        let mut datums = Vec::with_capacity(self.columns.len());
        self.reader.read(stored, &mut datums).map_err(|error| unreadable(&error))?;
        let values = self.columns.iter().zip(datums);
        Ok(values.map(|((column, ty), datum)| Value { column: column.clone(), ty: *ty, datum }).collect())
    }

    /// The primary key of a row that is gone, from its bytes or from what its removal told.
    pub(super) fn primary_key(&self, key: &[u8], told: &Before) -> Result<Option<Vec<Value>>, ChangesError> {
        if self.primary_key.is_empty() {
            return Ok(None);
        }
        let types: Vec<Oid> = self.primary_key.iter().map(|(_, _, ty)| *ty).collect();
        let datums = match told {
            Before::Value(told) => read_told(&types, told),
            Before::Untold | Before::Absent => read_key(&types, &key[key::PREFIX_BYTES..]),
        };
        Ok(Some(self.keyed(datums.map_err(|error| unreadable(&error))?)))
    }

    /// The primary key of a row that is there.
    pub(super) fn primary_key_of(&self, stored: &[u8]) -> Result<Option<Vec<Value>>, ChangesError> {
        if self.primary_key.is_empty() {
            return Ok(None);
        }
        let mut datums = Vec::with_capacity(self.primary_key.len());
        self.key_reader.read(stored, &mut datums).map_err(|error| unreadable(&error))?;
        Ok(Some(self.keyed(datums)))
    }

    /// Values in key order as columns in the table's order.
    fn keyed(&self, datums: Vec<Datum>) -> Vec<Value> {
        let mut values: Vec<(usize, Value)> = self
            .primary_key
            .iter()
            .zip(datums)
            .map(|((place, column, ty), datum)| (*place, Value { column: column.clone(), ty: *ty, datum }))
            .collect();
        values.sort_by_key(|(place, _)| *place);
        values.into_iter().map(|(_, value)| value).collect()
    }
}

fn read_told(types: &[Oid], told: &[u8]) -> Result<Vec<Datum>, SqlError> {
    let places: Vec<usize> = (0..types.len()).collect();
    let mut datums = Vec::with_capacity(types.len());
    Reader::new(types, &places).read(told, &mut datums)?;
    Ok(datums)
}

fn read_key(types: &[Oid], mut key: &[u8]) -> Result<Vec<Datum>, SqlError> {
    types.iter().map(|ty| key::decode(&mut key, *ty)).collect()
}

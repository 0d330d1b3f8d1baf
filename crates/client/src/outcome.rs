//! What a statement answered.

use std::io;
use std::ops::Range;

use fallible_iterator::FallibleIterator as _;
use postgres_protocol::message::backend::{DataRowBody, RowDescriptionBody};

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name as the server gives it; not necessarily unique.
    pub name: String,
    /// The type's OID in `pg_type`.
    pub type_oid: u32,
}

/// A row: every value as PostgreSQL prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// All values one behind the other; one allocation for the row instead of one for each.
    text: String,
    cells: Vec<Option<Range<usize>>>,
}

impl Row {
    pub(crate) fn read(body: &DataRowBody) -> io::Result<Self> {
        let mut row = Self { text: String::with_capacity(body.buffer().len()), cells: Vec::new() };
        let mut ranges = body.ranges();
        while let Some(range) = ranges.next()? {
            let cell = match range {
                Some(range) => {
                    let start = row.text.len();
                    let value =
                        std::str::from_utf8(&body.buffer()[range]).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                    row.text.push_str(value);
                    Some(start..row.text.len())
                }
                None => None,
            };
            row.cells.push(cell);
        }
        Ok(row)
    }

    /// The value in a column, counted from 0; `None` for NULL and beyond the last column.
    #[must_use]
    pub fn get(&self, column: usize) -> Option<&str> {
        self.cells.get(column)?.clone().map(|range| &self.text[range])
    }

    /// All values in the order of the columns.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Option<&str>> {
        self.cells.iter().map(|cell| cell.clone().map(|range| &self.text[range]))
    }

    /// The size of all values, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }
}

/// The answer to one statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The columns; none for a statement without a result set.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// The command tag, such as `INSERT 0 1`; empty for an empty statement.
    pub tag: String,
}

impl Outcome {
    /// How many rows the statement touched, where its tag says so.
    #[must_use]
    pub fn rows_affected(&self) -> Option<u64> {
        self.tag.rsplit_once(' ')?.1.parse().ok()
    }

    pub(crate) fn read_columns(body: &RowDescriptionBody) -> io::Result<Vec<Column>> {
        body.fields().map(|field| Ok(Column { name: field.name().to_owned(), type_oid: field.type_oid() })).collect()
    }
}

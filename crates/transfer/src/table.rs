//! A table as the database describes it.

use borealis_client::{Connection, Row};

use crate::error::TransferError;
use crate::name::identifier;

/// A table and its columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its OID.
    pub(crate) oid: String,
    /// Its schema.
    pub(crate) schema: String,
    /// Its name.
    pub(crate) name: String,
    /// Its columns, in order.
    pub(crate) columns: Vec<Column>,
    /// The primary key, as places in `columns`, in the order of the key; empty without one.
    pub(crate) key: Vec<usize>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its number.
    pub(crate) number: i32,
    /// Its type, as SQL writes it.
    pub(crate) type_name: String,
    /// What its values are stored as: the type under a domain.
    pub(crate) base_type: u32,
    /// The modifier of that.
    pub(crate) type_modifier: i32,
    /// It counts by itself.
    pub(crate) is_identity: bool,
    /// It is computed, so nobody may write it.
    pub(crate) is_generated: bool,
}

const COLUMNS: &str = "SELECT a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), \
     CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE a.atttypid END, CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END, \
     a.attidentity <> '', a.attgenerated <> '' \
     FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid \
     WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

impl Table {
    /// Looks a table up by its name as SQL would write it; it has to be there.
    pub(crate) async fn describe(connection: &mut Connection, name: &str) -> Result<Self, TransferError> {
        let missing = || TransferError::Request(format!("there is no table {name}: create it first, or look at its spelling and schema"));
        Self::find(connection, name).await?.ok_or_else(missing)
    }

    /// Looks a table up by its name as SQL would write it.
    pub(crate) async fn find(connection: &mut Connection, name: &str) -> Result<Option<Self>, TransferError> {
        let failed = || TransferError::database(format!("looking up table {name}"));
        let sql = "SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c \
                   JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)";
        let found = connection.query(sql, &[Some(name.to_owned())]).await.map_err(failed())?;
        let Some(row) = found.rows.first() else { return Ok(None) };
        if !matches!(text(row, 3), "r" | "p") {
            return Err(TransferError::Request(format!("{name} is not a table")));
        }
        let oid = text(row, 0).to_owned();
        let columns = connection.query(COLUMNS, &[Some(oid.clone())]).await.map_err(failed())?;
        let columns: Vec<Column> = columns.rows.iter().map(Column::read).collect();
        let key = "SELECT conkey::text FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND contype = 'p'";
        let key = connection.query(key, &[Some(oid.clone())]).await.map_err(failed())?;
        let key = key.rows.first().map(|row| numbers(text(row, 0))).unwrap_or_default();
        let key = key.iter().filter_map(|number| columns.iter().position(|column| column.number == *number)).collect();
        Ok(Some(Self { oid, schema: text(row, 1).to_owned(), name: text(row, 2).to_owned(), columns, key }))
    }

    /// Schema and name, quoted.
    pub(crate) fn sql_name(&self) -> String {
        format!("{}.{}", identifier(&self.schema), identifier(&self.name))
    }

    /// Schema and name for people.
    pub(crate) fn plain_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The places of the columns that can be written.
    pub(crate) fn writable(&self) -> Vec<usize> {
        (0..self.columns.len()).filter(|place| !self.columns[*place].is_generated).collect()
    }

    /// All names, for a message.
    pub(crate) fn column_names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        names.join(", ")
    }
}

impl Column {
    fn read(row: &Row) -> Self {
        Self {
            name: text(row, 0).to_owned(),
            number: text(row, 1).parse().unwrap_or(0),
            type_name: text(row, 2).to_owned(),
            base_type: text(row, 3).parse().unwrap_or(0),
            type_modifier: text(row, 4).parse().unwrap_or(-1),
            is_identity: text(row, 5) == "t",
            is_generated: text(row, 6) == "t",
        }
    }
}

/// A column of a catalog, where NULL and the empty text are one.
pub(crate) fn text(row: &Row, column: usize) -> &str {
    row.get(column).unwrap_or_default()
}

/// The elements of an array of numbers, `{1,2}`.
pub(crate) fn numbers(array: &str) -> Vec<i32> {
    array.trim_matches(['{', '}']).split(',').filter_map(|number| number.parse().ok()).collect()
}

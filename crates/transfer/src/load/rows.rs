//! The statements that write a batch's rows.

use std::ops::Range;

use borealis_client::{ClientError, Connection};

use super::OnConflict;
use super::report::Counts;
use crate::name::{identifier, identifiers, write_literal};
use crate::source::batch::Batch;
use crate::table::Table;
use borealis_pgtypes::copy_text;

/// How rows are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writing<'w> {
    /// The table.
    pub(crate) table: &'w Table,
    /// What becomes of a row whose key is there.
    pub(crate) on_conflict: OnConflict,
    /// The server has COPY.
    pub(crate) copy: bool,
}

/// How much of a COPY's data goes into one message.
const MESSAGE_BYTES: usize = 256 * 1024;

impl Writing<'_> {
    /// Writes the rows of some records in the open transaction, `there` of which have the key of a row that is updated: the tag of an
    /// upsert says only how many rows it touched. The counts are those of this statement.
    pub(crate) async fn write(
        &self,
        connection: &mut Connection,
        batch: &Batch,
        records: Range<usize>,
        there: u64,
    ) -> Result<Counts, ClientError> {
        let rows = batch.records[records.clone()].iter().filter(|record| record.refusal.is_none()).count() as u64;
        if rows == 0 {
            return Ok(Counts::default());
        }
        match self.on_conflict {
            OnConflict::Error if self.copy => copy(connection, batch, records).await,
            OnConflict::Error => self.insert(connection, batch, records, "").await,
            OnConflict::Skip => {
                let counts = self.insert(connection, batch, records, " ON CONFLICT DO NOTHING").await?;
                Ok(Counts { skipped: rows - counts.inserted, ..counts })
            }
            OnConflict::Update => self.upsert(connection, batch, records, there).await,
        }
    }

    async fn upsert(&self, connection: &mut Connection, batch: &Batch, records: Range<usize>, there: u64) -> Result<Counts, ClientError> {
        let target = identifiers(self.key());
        let assignments: Vec<String> = self.assigned(batch).map(|name| format!("{0} = excluded.{0}", identifier(name))).collect();
        if assignments.is_empty() {
            let rows = batch.records[records.clone()].iter().filter(|record| record.refusal.is_none()).count() as u64;
            let counts = self.insert(connection, batch, records, &format!(" ON CONFLICT ({target}) DO NOTHING")).await?;
            return Ok(Counts { skipped: rows - counts.inserted, ..counts });
        }
        let clause = format!(" ON CONFLICT ({target}) DO UPDATE SET {}", assignments.join(", "));
        let touched = self.insert(connection, batch, records, &clause).await?.inserted;
        Ok(Counts { inserted: touched.saturating_sub(there), updated: there, ..Counts::default() })
    }

    /// The columns that an update gives new values: those loaded but the key's.
    fn assigned<'b>(&'b self, batch: &'b Batch) -> impl Iterator<Item = &'b str> {
        self.columns(batch).into_iter().filter(|name| !self.key().any(|key| key == *name))
    }

    async fn insert(&self, connection: &mut Connection, batch: &Batch, records: Range<usize>, clause: &str) -> Result<Counts, ClientError> {
        // What is given for an identity column is meant, as it is in a COPY.
        let identity = self.table.columns.iter().any(|column| column.is_identity && batch.target.has(&column.name));
        let overriding = if identity { " OVERRIDING SYSTEM VALUE" } else { "" };
        let mut sql = format!("INSERT INTO {}{overriding} VALUES ", batch.target.sql());
        write_tuples(batch, records, |_, value, out| write_value(value, out), &mut sql);
        sql.push_str(clause);
        let outcomes = connection.simple(&sql).await?;
        let inserted = outcomes.first().and_then(borealis_client::Outcome::rows_affected).unwrap_or(0);
        Ok(Counts { inserted, ..Counts::default() })
    }

    /// The columns that the values of a row are for.
    fn columns<'b>(&'b self, batch: &'b Batch) -> Vec<&'b str> {
        if batch.target.columns.is_empty() {
            return self.table.writable().into_iter().map(|place| self.table.columns[place].name.as_str()).collect();
        }
        batch.target.columns.iter().map(String::as_str).collect()
    }

    fn key(&self) -> impl Iterator<Item = &str> {
        self.table.key.iter().map(|place| self.table.columns[*place].name.as_str())
    }

    /// The query for how many of the rows would be updated; `None` where none ever is.
    pub(crate) fn count_there(&self, batch: &Batch, records: Range<usize>) -> Option<String> {
        let has_rows = batch.records[records.clone()].iter().any(|record| record.refusal.is_none());
        if self.on_conflict != OnConflict::Update || !has_rows || self.assigned(batch).next().is_none() {
            return None;
        }
        let columns = self.columns(batch);
        let key: Vec<usize> = self.key().filter_map(|name| columns.iter().position(|column| *column == name)).collect();
        let type_of = |place: usize| self.table.columns.iter().find(|column| column.name == columns[place]);
        let mut sql = "SELECT count(*) FROM (VALUES ".to_owned();
        let value = |place: usize, value: Option<&[u8]>, out: &mut String| {
            if !key.contains(&place) {
                return false;
            }
            write_value(value, out);
            if let Some(column) = type_of(place) {
                out.push_str("::");
                out.push_str(&column.type_name);
            }
            true
        };
        write_chosen_tuples(batch, records, value, &mut sql);
        let names: Vec<String> = (0..key.len()).map(|place| format!("k{place}")).collect();
        // The tuples have the order of the columns loaded, which need not be the key's.
        let mut sorted = key.clone();
        sorted.sort_unstable();
        let equal: Vec<String> =
            sorted.iter().zip(&names).map(|(place, name)| format!("t.{} = given.{name}", identifier(columns[*place]))).collect();
        sql.push_str(&format!(") AS given ({}) JOIN {} t ON {}", names.join(", "), batch.target.table, equal.join(" AND ")));
        Some(sql)
    }
}

async fn copy(connection: &mut Connection, batch: &Batch, records: Range<usize>) -> Result<Counts, ClientError> {
    let mut copy = connection.copy_in(&format!("COPY {} FROM STDIN", batch.target.sql())).await?;
    for run in batch.runs(records) {
        for piece in batch.data[run].chunks(MESSAGE_BYTES) {
            copy.send(piece).await?;
        }
    }
    let inserted = copy.finish().await?.rows_affected().unwrap_or(0);
    Ok(Counts { inserted, ..Counts::default() })
}

fn write_value(value: Option<&[u8]>, out: &mut String) {
    match value {
        // Rows were checked to be text when they were read.
        Some(value) => write_literal(&String::from_utf8_lossy(value), out),
        None => out.push_str("NULL"),
    }
}

fn write_tuples(batch: &Batch, records: Range<usize>, value: impl Fn(usize, Option<&[u8]>, &mut String), out: &mut String) {
    let all = |place: usize, text: Option<&[u8]>, out: &mut String| {
        value(place, text, out);
        true
    };
    write_chosen_tuples(batch, records, all, out);
}

/// `(…), (…)`, with the values for which `value` writes something and says so.
fn write_chosen_tuples(batch: &Batch, records: Range<usize>, value: impl Fn(usize, Option<&[u8]>, &mut String) -> bool, out: &mut String) {
    let mut separator = "";
    for record in batch.records[records].iter().filter(|record| record.refusal.is_none()) {
        out.push_str(separator);
        separator = ", ";
        out.push('(');
        let row = &batch.data[record.data.clone()];
        let mut between = "";
        for (place, text) in copy_text::values(row.strip_suffix(b"\n").unwrap_or(row)).enumerate() {
            let before = out.len();
            out.push_str(between);
            if value(place, text.as_deref(), out) {
                between = ", ";
            } else {
                out.truncate(before);
            }
        }
        out.push(')');
    }
}

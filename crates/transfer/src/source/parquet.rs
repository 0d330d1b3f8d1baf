//! Parquet: columns in groups of rows, of which a page of each column is in memory at a time.
//!
//! Columns of plain values are read as they are stored and printed by what their logical type says ([`flat`], [`print`]); columns of lists,
//! maps and structures become JSON ([`nested`]). A record's own bytes, by which a load goes on, are its row of COPY text, and its place is its
//! number: a Parquet file has no bytes of a row.

mod flat;
mod nested;
mod print;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use borealis_pgtypes::Oid;
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, RowGroupReader, SerializedFileReader};
use parquet::schema::types::TypePtr;

use super::Source;
use super::batch::{Batcher, Refusal, Target};
use super::lines::resolve;
use crate::error::TransferError;
use crate::table::Table;

/// What every Parquet file begins and ends with.
const MAGIC: &[u8] = b"PAR1";
/// Rows of all columns decoded at a time.
const ROWS_AT_A_TIME: usize = 1_024;

/// The values of a column within a group of rows.
trait Cells {
    /// Decodes the next rows, at most so many; how many they are.
    fn fill(&mut self, rows: usize) -> Result<usize, ParquetError>;

    /// Appends the value of the next row that was decoded, or says why there is none.
    fn write(&mut self, out: &mut Vec<u8>) -> Result<(), Refusal>;
}

/// A column that is read.
struct Column {
    name: String,
    /// Its field of the schema's root.
    field: TypePtr,
    /// The place of its first leaf among all leaves.
    leaf: usize,
    /// The type of the column that it goes into.
    here: Oid,
}

/// A file that is being read.
struct ParquetFile {
    name: String,
    reader: SerializedFileReader<File>,
}

/// Reads a file into batches; on a thread that may block.
pub(super) fn read(source: &Source, table: &Table, batcher: &mut Batcher, consumed: &AtomicU64) -> Result<(), TransferError> {
    let file = ParquetFile::open(source.path().ok_or_else(no_end)?, source.name())?;
    let (columns, places) = file.columns(source, table)?;
    batcher.count_rows();
    let target = Target::of(table, &places);
    batcher.follow(&(0..0), target.sql().as_bytes())?;
    batcher.enter(&Arc::new(target))?;
    let mut rows = 0;
    for group in 0..file.reader.num_row_groups() {
        rows = file.group(group, rows, &columns, batcher)?;
        let bytes = file.reader.metadata().row_group(group).compressed_size();
        consumed.fetch_add(u64::try_from(bytes).unwrap_or(0), Ordering::Relaxed);
    }
    batcher.finish(rows)
}

/// Why standard input cannot be Parquet.
pub(super) fn no_end() -> TransferError {
    let what = "the end of a Parquet file says where its rows are, and stdin has none before it is over: save it to a file";
    TransferError::Request(what.to_owned())
}

impl ParquetFile {
    fn open(path: &Path, name: String) -> Result<Self, TransferError> {
        let mut file = File::open(path).map_err(TransferError::file(format!("cannot open {name}")))?;
        let mut start = Vec::new();
        let peeked = file.by_ref().take(MAGIC.len() as u64).read_to_end(&mut start);
        peeked.map_err(TransferError::file(format!("cannot read {name}")))?;
        if start != MAGIC {
            return Err(TransferError::Source(format!(
                "{name} is no Parquet file: it does not begin with PAR1 (one that is compressed as a whole must be decompressed first)"
            )));
        }
        let reader = SerializedFileReader::new(file)
            .map_err(|error| TransferError::Source(format!("{name} is no whole Parquet file, and may be cut: {}", words(&error))))?;
        Ok(Self { name, reader })
    }

    /// The columns that are read, and their places in the table.
    fn columns(&self, source: &Source, table: &Table) -> Result<(Vec<Column>, Vec<usize>), TransferError> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        let fields = schema.root_schema().get_fields();
        let all: Vec<String> = fields.iter().map(|field| field.name().to_owned()).collect();
        let names = source.columns.clone().unwrap_or_else(|| all.clone());
        let refused = |what: String| TransferError::Request(format!("{}: {what}", self.name));
        let places = resolve(&names, table, &self.name)?;
        let column = |(name, place): (&String, &usize)| {
            let root = all.iter().position(|other| other == name);
            let root = root.ok_or_else(|| refused(format!("the file has no column \"{name}\"; it has {}", all.join(", "))))?;
            let leaf = (0..schema.num_columns()).find(|leaf| schema.get_column_root_idx(*leaf) == root);
            let leaf = leaf.ok_or_else(|| refused(format!("column \"{name}\" has no values at all")))?;
            let field = Arc::clone(&fields[root]);
            let here = Oid(table.columns[*place].base_type);
            if !is_flat(&field) {
                nested::check(&field).map_err(|what| refused(format!("column \"{name}\" {what}")))?;
            }
            self.check_compression(leaf).map_err(&refused)?;
            Ok(Column { name: name.clone(), field, leaf, here })
        };
        let columns = names.iter().zip(&places).map(column).collect::<Result<_, TransferError>>()?;
        Ok((columns, places))
    }

    fn check_compression(&self, leaf: usize) -> Result<(), String> {
        for group in self.reader.metadata().row_groups() {
            let compression = group.column(leaf).compression();
            if matches!(compression, Compression::BROTLI(_) | Compression::LZO) {
                return Err(format!("it is compressed by {compression}, which is not read here; by Snappy, gzip, zstd or LZ4 it is"));
            }
        }
        Ok(())
    }

    /// Reads a group of rows; the number of rows behind it.
    fn group(&self, group: usize, before: u64, columns: &[Column], batcher: &mut Batcher) -> Result<u64, TransferError> {
        let broken = |what: String| TransferError::Source(format!("{}, group {group} of rows, {what}; it may be damaged", self.name));
        let failed = |name: &str, error: &ParquetError| broken(format!("column \"{name}\": {}", words(error)));
        let reader = self.reader.get_row_group(group).map_err(|error| broken(words(&error)))?;
        let mut cells = Vec::with_capacity(columns.len());
        for column in columns {
            cells.push(column.cells(&*reader).map_err(|error| failed(&column.name, &error))?);
        }
        let total = usize::try_from(reader.metadata().num_rows()).unwrap_or(0);
        let (mut done, mut text) = (0, Vec::new());
        while done < total {
            let wanted = ROWS_AT_A_TIME.min(total - done);
            for (column, cells) in columns.iter().zip(&mut cells) {
                let found = cells.fill(wanted).map_err(|error| failed(&column.name, &error))?;
                if found != wanted {
                    return Err(broken(format!("column \"{}\" ends behind {} of {total} rows", column.name, done + found)));
                }
            }
            for row in 0..wanted {
                let place = before + (done + row) as u64;
                text.clear();
                let refusal = encode(&mut cells, &mut text);
                batcher.row(place + 1, place + 1, &text, refusal)?;
            }
            done += wanted;
        }
        Ok(before + total as u64)
    }
}

impl Column {
    fn cells(&self, group: &dyn RowGroupReader) -> Result<Box<dyn Cells>, ParquetError> {
        if !is_flat(&self.field) {
            return nested::cells(&self.field, group);
        }
        let described = group.metadata().column(self.leaf).column_descr_ptr();
        Ok(flat::cells(group.get_column_reader(self.leaf)?, &described, self.here))
    }
}

/// Whether a column has one plain value a row.
fn is_flat(field: &TypePtr) -> bool {
    field.is_primitive() && field.get_basic_info().repetition() != parquet::basic::Repetition::REPEATED
}

/// A row of COPY text; or why it is none of the table's, in which case the text is for people.
fn encode(cells: &mut [Box<dyn Cells>], text: &mut Vec<u8>) -> Result<(), Refusal> {
    let mut refusal = Ok(());
    for cells in cells {
        // Every column goes on to the next row, whatever becomes of this one.
        refusal = refusal.and(cells.write(text));
        text.push(b'\t');
    }
    // What ends the last value ends the row.
    text.pop();
    text.push(b'\n');
    refusal
}

/// Without the kind that the library puts before its own message.
fn words(error: &ParquetError) -> String {
    match error {
        ParquetError::General(what) | ParquetError::NYI(what) | ParquetError::EOF(what) => what.clone(),
        other => other.to_string(),
    }
}

//! Where rows come from: the options that say so, and one reader for each form.
//!
//! Every reader does the same on a thread of its own: it cuts the source into records, writes each as a row of COPY text
//! ([`borealis_pgtypes::copy_text`]) and hands batches of them to whoever waits at the other end of a bounded channel ([`batch`]). A record that
//! cannot be a row is refused, with its reason, in its place; the rest of the source goes on.

pub(crate) mod batch;
pub(crate) mod content;
mod csv;
mod dump_file;
mod dump_frame;
mod escape_string;
mod input;
mod json_lines;
mod lines;
pub(crate) mod living;
pub(crate) mod mysql;
mod parquet;
pub(crate) mod postgres;
mod sql_text;
mod tsv;
mod window;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use borealis_client::Endpoint;

use crate::error::TransferError;
use crate::table::Table;
use batch::{AtEnd, Batcher, Target};
use dump_file::DumpFile;
use lines::{LineReader, Records};
use mysql::LiveMysql;
use postgres::LivePostgres;
use window::Window;

/// Where the bytes come from.
#[derive(Debug, Clone)]
pub enum Input {
    /// A file, compressed by gzip or zstd or not at all, which its content tells.
    File(PathBuf),
    /// Standard input, likewise.
    Stdin,
    /// A PostgreSQL database.
    Postgres(Box<LivePostgres>),
    /// A MySQL or MariaDB database.
    Mysql(Box<LiveMysql>),
}

/// What the bytes mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated values: RFC 4180, and what PostgreSQL's `COPY … CSV` reads.
    Csv,
    /// Tab-separated values with `\N` for NULL and backslash escapes: PostgreSQL's and MySQL's text form.
    Tsv,
    /// One JSON object a line.
    JsonLines,
    /// SQL as `pg_dump` and [`crate::dump`] write it: rows in COPY blocks or INSERT statements.
    Dump,
    /// Columns in groups of rows, as Apache Parquet stores them.
    Parquet,
    /// Tables of a living database.
    Live,
}

/// A source of rows.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where the bytes come from.
    pub input: Input,
    /// What they mean; by the file's name when not said.
    pub format: Option<Format>,
    /// Whether the first record names the columns (CSV and TSV).
    pub header: bool,
    /// What stands between two values, one ASCII character; a comma or a tab when not said.
    pub delimiter: Option<u8>,
    /// What stands for NULL; nothing at all in CSV and `\N` in TSV when not said.
    pub null: Option<String>,
    /// The encoding, by its WHATWG label; UTF-8, or what a byte order mark says, when not said.
    pub encoding: Option<String>,
    /// The columns that the values are for, in order; the header's or the table's when not said.
    pub columns: Option<Vec<String>>,
    /// Run a dump's statements that make a schema, instead of leaving them out.
    pub schema: bool,
}

impl Source {
    /// A source with every option at its default.
    #[must_use]
    pub fn new(input: Input) -> Self {
        Self { input, format: None, header: false, delimiter: None, null: None, encoding: None, columns: None, schema: false }
    }

    /// The name for messages.
    pub(crate) fn name(&self) -> String {
        match &self.input {
            Input::File(path) => path.display().to_string(),
            Input::Stdin => "stdin".to_owned(),
            Input::Postgres(live) => live.endpoint.address_text(),
            Input::Mysql(live) => live.address(),
        }
    }

    /// A name for the files that a load leaves, where there is no file to put them beside.
    pub(crate) fn stem(&self) -> &str {
        match &self.input {
            Input::File(_) | Input::Stdin => "stdin",
            Input::Postgres(live) => &live.endpoint.database,
            Input::Mysql(live) => live.database(),
        }
    }

    /// The file, if it is one.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.input {
            Input::File(path) => Some(path),
            Input::Stdin | Input::Postgres(_) | Input::Mysql(_) => None,
        }
    }

    /// Whether it is another one when it is read a second time.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.input, Input::Postgres(_) | Input::Mysql(_))
    }

    /// The form of the content, if all that is said of the source can be meant for it.
    pub(crate) fn checked(&self) -> Result<Format, TransferError> {
        let refused = |what: &str| Err(TransferError::Request(what.to_owned()));
        let bad_delimiter = |byte: u8| !byte.is_ascii() || matches!(byte, b'"' | b'\\' | b'\n' | b'\r' | 0);
        let format = self.format()?;
        if self.delimiter.is_some_and(bad_delimiter) {
            return refused("a delimiter is one ASCII character, and neither a quote nor a backslash nor the end of a line");
        }
        let separated = self.header || self.delimiter.is_some() || self.null.is_some();
        if separated && !matches!(format, Format::Csv | Format::Tsv) {
            return refused("only CSV and TSV have a header, a delimiter and a text for NULL");
        }
        if self.encoding.is_some() && format == Format::Parquet {
            return refused("the text of a Parquet file is UTF-8: it has no other encoding");
        }
        if self.columns.is_some() && matches!(format, Format::Dump | Format::Live) {
            return refused("a dump and a living database say themselves which columns their values are for");
        }
        Ok(format)
    }

    /// The form of the content.
    pub(crate) fn format(&self) -> Result<Format, TransferError> {
        if self.is_live() {
            return Ok(Format::Live);
        }
        let by_name = || self.path().and_then(|path| Format::of_name(&path.file_name()?.to_string_lossy()));
        let unknown = || TransferError::Request(format!("the name of {} does not tell its form: say it with --format", self.name()));
        let format = self.format.or_else(by_name).ok_or_else(unknown)?;
        match format {
            Format::Parquet if self.path().is_none() => Err(parquet::no_end()),
            _ => Ok(format),
        }
    }
}

impl Format {
    /// By the end of a file's name, behind which the end of a compressed file may stand.
    fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        match name.rsplit_once('.')?.1 {
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "sql" | "dump" => Some(Self::Dump),
            "parquet" | "pq" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// What it means when a reader is gone and has not said that it has read everything.
pub(crate) fn ended_early(name: &str) -> TransferError {
    TransferError::Source(format!("{name} was not read to its end: the reader stopped on an error of its own, which stands above"))
}

fn no_table() -> TransferError {
    TransferError::Request("name the table that the rows are for".to_owned())
}

/// Where the rows of a source are for.
pub(crate) struct Destination<'d> {
    /// The database.
    pub(crate) endpoint: &'d Endpoint,
    /// The table; without one the source has tables of its own, and the rows of all of them are meant.
    pub(crate) table: Option<&'d Table>,
}

/// Reads a whole source into batches; on a thread that may block.
pub(crate) fn read(
    source: &Source,
    destination: &Destination<'_>,
    batcher: &mut Batcher,
    consumed: &Arc<AtomicU64>,
) -> Result<AtEnd, TransferError> {
    read_rows(source, destination, batcher, consumed)?;
    Ok(batcher.at_end())
}

fn read_rows(
    source: &Source,
    destination: &Destination<'_>,
    batcher: &mut Batcher,
    consumed: &Arc<AtomicU64>,
) -> Result<(), TransferError> {
    let table = destination.table;
    match &source.input {
        Input::Postgres(live) => return postgres::read(live, table, batcher, consumed),
        Input::Mysql(live) => return mysql::read(live, destination, batcher, consumed),
        Input::File(_) | Input::Stdin => {}
    }
    let format = source.format()?;
    if format == Format::Parquet {
        return parquet::read(source, table.ok_or_else(no_table)?, batcher, consumed);
    }
    let mut window = Window::new(input::open(source, consumed)?, source.name());
    window.skip_byte_order_mark()?;
    let records: Box<dyn Records> = match format {
        Format::Csv => Box::new(csv::Csv::new(source)),
        Format::Tsv => Box::new(tsv::Tsv::new(source)),
        Format::JsonLines => Box::new(json_lines::JsonLines::default()),
        // Read above, each in its own way.
        Format::Live | Format::Parquet => {
            return Err(TransferError::Request(format!("{} is a file and no living database", source.name())));
        }
        Format::Dump => {
            return DumpFile::new(window, source.schema, table.map(Table::sql_name)).run(batcher);
        }
    };
    let table = table.ok_or_else(no_table)?;
    let mut reader = LineReader::new(window, records);
    let columns = reader.columns(source, table)?;
    batcher.enter(&Arc::new(Target::of(table, &columns)))?;
    reader.run(batcher)
}

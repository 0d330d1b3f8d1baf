//! PostgreSQL: DDL and what `pg_dump` writes in plain format.
//!
//! ```text
//! script --split--> statements --libpg_query--> facts (borealis_sql::parse::source) --reader--> tables, keys, counters, types
//!        \--> COPY blocks, kept until all types are known                        --lower--> tables of the target
//! ```
//! pg_dump writes a table in pieces: the columns, then a default for each serial column, the rows, the primary key, the indexes, the foreign keys. The
//! pieces are put together again, because Aurora DSQL can only add some of them later.

mod array;
mod inherit;
mod insert;
mod lower;
mod reader;
mod rows;
mod split;
pub mod types;

pub use types::column_type;

use crate::encoding::{self, Dump};
use crate::error::ConvertError;
use crate::finish::{Parts, finish};
use crate::options::Options;
use crate::output::Conversion;
use crate::place::Lines;
use reader::Reader;

/// Converts a script: DDL, or what pg_dump wrote.
///
/// # Errors
/// What cannot be read, or would not be what it was; with its place.
pub fn convert(source: &[u8], options: &Options) -> Result<Conversion, ConvertError> {
    let bytes = encoding::text_of(source, Dump::Postgres)?;
    let lines = Lines::new(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let error = ConvertError::new(lines.place(at), format!("byte 0x{:02X} is not UTF-8", bytes[at]));
        error.hint("Dump with --encoding=UTF8.")
    })?;
    let reader = read(text, &lines).map_err(|error| encoding::explained(error, bytes, Dump::Postgres))?;
    encoding::complete(bytes, &["-- PostgreSQL database dump\n"], "-- PostgreSQL database dump complete", lines.place(bytes.len()))?;
    let mut parts = Parts::default();
    lower::lower(reader, &mut parts, options, text, &lines)?;
    Ok(finish(parts, options))
}

/// Reads all statements.
fn read(text: &str, lines: &Lines<'_>) -> Result<Reader, ConvertError> {
    let mut reader = Reader::default();
    let pieces = split::split(text, lines)?;
    if pieces.is_empty() {
        return Err(encoding::nothing());
    }
    for piece in pieces {
        reader.piece(&piece, text, lines)?;
    }
    Ok(reader)
}

#[cfg(test)]
mod tests;

//! MySQL and MariaDB: DDL and what mysqldump writes.
//!
//! ```text
//! script --split--> statements --table, alter--> tables as MySQL has them --lower--> tables of the target
//!                        \--rows--> INSERTs, kept until all types are known
//! ```
//! ALTER TABLE of a table that the source creates changes what CREATE TABLE said (phpMyAdmin's dumps add all keys that way); of another table it becomes
//! the statements that Aurora DSQL has for it.

mod alter;
mod call;
mod column;
mod cursor;
mod default;
mod direct;
mod expr;
mod keys;
mod lower;
mod rows;
mod source;
mod split;
mod statement;
mod table;
pub mod types;
mod value;

pub(crate) use statement::beginning;
pub(crate) use value::is_number;

pub use types::{ColumnCheck, Mapped, TypeLoss, ValueKind, column_type};

use crate::encoding::{self, Dump};
use crate::error::ConvertError;
use crate::finish::{Parts, finish};
use crate::options::{AutoIncrement, Options};
use crate::output::Conversion;
use crate::place::Lines;
use lower::Lowering;
use statement::Reader;

/// Converts a script: DDL, or what mysqldump wrote.
///
/// # Errors
/// What cannot be read, or would not be what it was; with its place.
pub fn convert(source: &[u8], options: &Options) -> Result<Conversion, ConvertError> {
    let text = encoding::text_of(source, Dump::Mysql)?;
    let lines = Lines::new(text);
    let reader = read(text, &lines).map_err(|error| encoding::explained(error, text, Dump::Mysql))?;
    encoding::complete(text, &["-- MySQL dump", "-- MariaDB dump"], "-- Dump completed", lines.place(text.len()))?;
    let auto_increment =
        options.auto_increment.unwrap_or(if reader.inserts.is_empty() { AutoIncrement::Uuid } else { AutoIncrement::Identity });
    let mut lowering = Lowering { options, auto_increment, losses: Vec::new(), names: Default::default() };
    let tables = lowering.tables(&reader.tables)?;
    let Lowering { losses, names, .. } = lowering;
    let mut parts = Parts { tables, losses, names, ..Parts::default() };
    direct::convert(&reader, &mut parts, options)?;
    rows::convert(&reader.inserts, &mut parts, options, &lines)?;
    parts.losses.extend(reader.into_losses());
    Ok(finish(parts, options))
}

/// Reads all statements.
fn read<'a>(text: &'a [u8], lines: &Lines<'_>) -> Result<Reader<'a>, ConvertError> {
    let mut reader = Reader::default();
    let pieces = split::split(text, lines)?;
    if pieces.is_empty() {
        return Err(encoding::nothing());
    }
    for piece in pieces {
        reader.statement(piece, lines)?;
    }
    Ok(reader)
}

#[cfg(test)]
mod tests;

//! Rows in and out of a database over the wire: `load`, `dump` and `verify`.
//!
//! All of it stands on `client` alone, so it works against our server and against Aurora DSQL alike, inside the limits of a
//! transaction that both have: 3,000 rows, 10 MiB, five minutes.
//!
//! - [`load`] writes every record of a source exactly once, whatever is interrupted, repeated or lost in between, and accounts for
//!   each: inserted, updated, skipped or rejected with its reason.
//! - [`dump`] writes schema and rows out of one snapshot, as SQL that Aurora DSQL accepts.
//! - [`verify`] compares the rows of a source or a table with those of a table, by values and in both directions.
//!
//! What this crate does not know: the engine, storage, tokens, terminals. Progress is told to whoever asks; nothing here prints.

mod dump;
mod error;
mod load;
mod name;
mod source;
mod table;
mod verify;

pub use dump::{DumpFile, DumpFormat, DumpOptions, DumpReport, GzipLevel, Roles, dump};
pub use error::TransferError;
pub use load::{Advanced, BATCH_ROWS_MAX, Counts, LoadOptions, LoadReport, OnConflict, Progress, TableCounts, load};
pub use source::living::Living;
pub use source::mysql::LiveMysql;
pub use source::postgres::LivePostgres;
pub use source::{Format, Input, Source};
pub use verify::{Difference, DifferenceKind, Side, VerifyOptions, VerifyProgress, VerifyReport, verify};

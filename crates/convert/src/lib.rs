//! Schemas and dumps of MySQL and PostgreSQL, converted into what Aurora DSQL accepts: text in, statements and losses out.
//!
//! ```text
//! dump --split--> statements of the source --read--> tables, keys, rows (the model)
//!                                                --finish--> statements of the target, each one transaction
//!                                                        \--> what was lost on the way, one entry each
//! ```
//! Pure: no file, no clock, no connection. Everything of the source ends up in one of three places: in a statement, in a [`Loss`], or in an error that
//! says where. Every DDL statement that comes out has been bound by Borealis's own binder under the target dialect, on a catalog made of the statements
//! before it; what the binder refuses is reported as lost instead of being handed on.

mod encoding;
mod error;
mod finish;
mod loss;
mod model;
pub mod mysql;
mod names;
mod options;
mod output;
mod place;
pub mod postgres;
mod render;
mod rows;
mod verify;

pub use error::ConvertError;
pub use loss::{Loss, Verdict};
pub use options::{
    AutoIncrement, Bit, Choices, EnumType, ForeignKeys, JsonType, Options, SetType, Spatial, TimeType, TimestampType, TinyInt1, Unsigned,
    YearType, ZeroDates,
};
pub use output::{Conversion, Kind, Statement};
pub use place::Place;

//! Rows and columns taken from PostgreSQL 16, as data.

pub(crate) mod type_io;

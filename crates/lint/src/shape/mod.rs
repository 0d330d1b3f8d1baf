//! The shape of a statement, by its tokens: where its clauses are, whether the parser accepts it or not.
//!
//! A fix changes text, so it needs places, also of what the syntax tree has no room for because the server refuses it.

mod alter_table;
mod column;
mod create_index;
mod create_table;

pub(crate) use alter_table::{Action, AlterTable};
pub(crate) use column::{Column, ColumnPart};
pub(crate) use create_index::CreateIndex;
pub(crate) use create_table::{CreateTable, Element};

//! From statement text to plan, purely: a plan is a function of (tree, parameter types, catalog snapshot, settings). No IO, no locks, no clock.
//!
//! ```text
//! text --parse--> ast --bind--> bound (names and types resolved) --plan--> plan (what the executor runs)
//!                         \--ddl--> catalog changes
//! ```
//! Only [`parse`] names a libpg_query type.

pub mod ast;
pub mod bind;
pub mod bound;
pub mod ddl;
pub mod deparse;
pub mod explain;
pub mod expr;
pub mod guard;
mod implication;
pub mod parse;
pub mod permission;
pub mod plan;
pub mod planner;
pub mod rehearsal;

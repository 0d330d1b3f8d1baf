//! Schema changes that DSQL has no statement for, and those that it has, made safely: planned first, resumable at any moment, and without
//! losing a write.
//!
//! ```text
//! goal ──plan──▶ Plan ──apply──▶ direct statements, or a recreation:
//!                                check → create → copy → index → converge → fence → catch up → switch → settle
//! ```
//! Everything is done over the wire, so it works on Borealis and on Aurora DSQL alike. `docs/architecture/migrate.md` argues why nothing is lost.
//!
//! What this crate does not know: the engine, storage, the command line.

mod carry_over;
mod copy;
mod error;
mod feed;
pub mod files;
mod goal;
mod journal;
mod link;
mod operations;
mod plan;
mod probe;
mod progress;
mod runner;
mod sql;
mod swap;
mod table;
#[cfg(test)]
mod tests;
mod throttle;
mod verify;

pub use error::{MigrateError, Offender, Result};
pub use goal::plan_goal;
pub use journal::{LEASE, Phase, Status};
pub use operations::direct::Step;
pub use operations::{Derived, NewColumn, Operation, Rule, Source};
pub use plan::{Basis, Estimate, Goal, Plan, Recreation, Way, plan, plan_revert};
pub use progress::Progress;
pub use runner::{Options, abort, apply, pause, resume, status};
pub use sql::KeyColumn;
pub use table::{Column, Constraint, ConstraintKind, ForeignKey, Identity, Index, Sequence, Statistics, Table, View, ViewColumn};
pub use throttle::ThrottleLimits;

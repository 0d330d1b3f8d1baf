//! Histories: random concurrent transactions over the wire, with the server killed on the way, held against snapshot isolation.
//!
//! A [`plan()`] is a function of its seed: what each session asks. What they are answered is the [history](record), which depends on who was
//! quicker; [`check()`](check::check) says whether any order of snapshots and commits explains it. The number of the seed is all that a
//! report needs to say.

pub mod check;
mod drive;
pub mod plan;
pub mod record;
mod session;
mod statement;

pub use drive::{Run, run};
pub use plan::{Size, plan};

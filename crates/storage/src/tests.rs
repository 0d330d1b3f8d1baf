//! Tests of the whole store: on a disk that can crash, against a naive model, and under real threads.

mod crash;
mod damage;
mod following;
mod isolation;
mod races;
mod refusal;
mod rig;
mod shared_journal;
mod simulation;

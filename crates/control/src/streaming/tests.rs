//! Streams against a feed and targets of the tests.

mod delivering;
mod records;
mod sinks;

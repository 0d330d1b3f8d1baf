//! Transfers against a real cluster, over the wire.

mod dump;
mod dump_file;
mod live;
mod load;
mod parquet;
mod resume;
mod support;
mod verify;
mod verify_ranges;

//! The binary, as scripts and people use it.

mod backup;
mod cluster;
mod control_plane;
mod doctor;
mod help;
mod identity;
mod in_memory;
mod lint;
mod lsp;
mod packaging;
mod server;
mod shell;
mod transfer;

//! The client against a server that does what the test says.

mod answers;
mod connecting;
mod server;
mod transactions;

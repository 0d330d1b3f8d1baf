//! The client against a server that does what the test says.

mod answers;
mod connecting;
mod pool;
mod server;
mod transactions;

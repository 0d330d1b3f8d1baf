//! The MCP server, through an MCP client, over a database that does what the test says.

// The scripted server belongs to the client's tests, which use all of it.
#[allow(dead_code)]
#[path = "../../../client/tests/it/server.rs"]
mod server;

mod calls;
mod confirming;
mod following;
mod support;
mod tables;
mod tools;

//! The MCP server, through an MCP client, over a database that does what the test says.

// The future of a connection holds those of AWS's credential chain, which nest deeply.
#![recursion_limit = "256"]

// The scripted server belongs to the client's tests, which use all of it.
#[allow(dead_code)]
#[path = "../../../client/tests/it/server.rs"]
mod server;

mod calls;
mod confirming;
mod following;
mod http;
mod loading;
mod support;
mod tables;
mod tenant;
mod tools;

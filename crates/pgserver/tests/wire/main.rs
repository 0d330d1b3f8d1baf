//! The protocol byte by byte against a server in this process: what a client may send wrong, out of order or half, and what is answered.
//! Answers are compared as a transcript, one line a message; every test ends with a question that shows the server still alive.

mod authentication;
mod cancel;
mod conflicts;
mod copy;
mod ending;
mod extended;
mod framing;
mod inject;
mod limits;
mod messages;
mod peer;
mod refusals;
mod simple;
mod startup;
mod transactions;
mod websocket;

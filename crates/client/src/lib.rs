//! borealis-client

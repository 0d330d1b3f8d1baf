//! borealis-pgserver

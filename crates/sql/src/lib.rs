//! borealis-sql

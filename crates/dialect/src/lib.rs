//! borealis-dialect

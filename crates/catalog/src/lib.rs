//! borealis-catalog

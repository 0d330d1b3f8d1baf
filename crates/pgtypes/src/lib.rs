//! borealis-pgtypes

//! borealis-storage

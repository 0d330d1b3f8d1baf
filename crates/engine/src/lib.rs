//! borealis-engine

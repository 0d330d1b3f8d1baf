//! borealis-auth

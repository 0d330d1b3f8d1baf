//! Tokens and keys through the public interface.

mod botocore;
mod keys;
mod mutation;
mod refusals;
mod support;

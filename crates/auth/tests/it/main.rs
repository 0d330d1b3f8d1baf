//! Tokens and keys through the public interface.

mod botocore;
mod keys;
mod mutation;
mod permissions;
mod properties;
mod refusals;
mod requests;
mod support;

//! None yet.

pub(super) const OPERATORS: &[crate::Operator] = &[];

//! The rows, by family.

use crate::Function;

pub(super) const FAMILIES: &[&[Function]] = &[];

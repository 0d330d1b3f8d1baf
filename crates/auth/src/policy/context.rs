//! What a policy's conditions may ask about a request.

use std::collections::BTreeMap;

/// Condition keys and their values. Keys are case-blind, as IAM's are; one that is not here is absent from the request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    values: BTreeMap<String, Vec<String>>,
}

impl Context {
    /// A request of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one value for a key, such as `aws:SourceIp`.
    #[must_use]
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.with_all(key, [value.into()])
    }

    /// With all the values of a key, such as `aws:TagKeys`.
    #[must_use]
    pub fn with_all(mut self, key: &str, values: impl IntoIterator<Item = String>) -> Self {
        self.values.insert(key.to_ascii_lowercase(), values.into_iter().collect());
        self
    }

    /// The values of a key in lower case.
    pub(crate) fn get(&self, key: &str) -> Option<&[String]> {
        self.values.get(key).map(Vec::as_slice)
    }
}

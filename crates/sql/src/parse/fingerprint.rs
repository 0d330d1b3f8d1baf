//! Statements told apart and shown without the constants in them.

/// The fingerprint of a string of statements: equal for those that differ in constants only. `None` for what libpg_query's grammar does not know.
#[must_use]
pub fn fingerprint(text: &str) -> Option<String> {
    pg_query::fingerprint(text).ok().map(|fingerprint| fingerprint.hex)
}

/// The statements with `$1`, `$2`, … for constants. `None` as for [`fingerprint`]: a text that is not understood may show what it should not.
#[must_use]
pub fn without_constants(text: &str) -> Option<String> {
    pg_query::normalize(text).ok()
}

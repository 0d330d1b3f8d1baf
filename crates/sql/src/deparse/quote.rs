//! Quoting: identifiers and literals as PostgreSQL's deparser writes them.

pub use borealis_pgtypes::functions::compose::quote_identifier as identifier;

/// The string as a literal under standard-conforming strings: `simple_quote_literal`.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

//! Names and literals as SQL writes them.

/// An identifier in quotes.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A list of identifiers.
pub(crate) fn identifiers<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(identifier).collect();
    quoted.join(", ")
}

/// A string literal that means the same whatever `standard_conforming_strings` says.
pub(crate) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_literal(text, &mut out);
    out
}

/// [`literal`], appended.
pub(crate) fn write_literal(text: &str, out: &mut String) {
    if text.contains('\\') {
        out.push_str(" E");
    }
    out.push('\'');
    for letter in text.chars() {
        if matches!(letter, '\'' | '\\') {
            out.push(letter);
        }
        out.push(letter);
    }
    out.push('\'');
}

#[cfg(test)]
mod tests {
    use super::{identifier, literal};

    #[test]
    fn quotes_and_backslashes_are_doubled() {
        assert_eq!(identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("a\\b'"), " E'a\\\\b'''");
    }
}

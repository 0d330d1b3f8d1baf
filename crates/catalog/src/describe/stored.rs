//! Relations named in stored expressions.
//!
//! `nextval('s'::regclass)` means the sequence and not its name: a stored expression keeps the number, `'16400'::regclass`, which reads back as the same
//! relation whatever becomes of its name; the name stands there only where the expression is shown.

use std::borrow::Cow;

use borealis_pgtypes::Oid;

use super::{Names, relation_name};

/// What follows the closing quote of such a constant.
const CAST: &str = "::regclass";

/// The numbers of the relations that an expression names as constants, and where each stands with its quotes.
pub fn regclass_constants(expression: &str) -> impl Iterator<Item = (std::ops::Range<usize>, Oid)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(literal) = next_literal(expression, at) {
            at = literal.end;
            let rest = &expression[literal.end..];
            let inner = &expression[literal.start + 1..literal.end - 1];
            let whole = rest.strip_prefix(CAST).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
            let digits = !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
            if let (true, true, Ok(oid)) = (whole, digits, inner.parse()) {
                return Some((literal, Oid(oid)));
            }
        }
        None
    })
}

/// The next string literal from `from` on, quotes included; quoted identifiers are passed over.
fn next_literal(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => return Some(at..end_of_quoted(bytes, at)),
            b'"' => at = end_of_quoted(bytes, at),
            _ => at += 1,
        }
    }
    None
}

/// The place behind the quote that closes the one at `start`; a doubled quote does not close.
fn end_of_quoted(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start];
    let mut at = start + 1;
    while at < bytes.len() {
        match (bytes[at] == quote, bytes.get(at + 1) == Some(&quote)) {
            (true, true) => at += 2,
            (true, false) => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The expression as it is shown: with the names relations have now.
#[must_use]
pub fn stored_expression<'t>(names: &Names<'_>, expression: &'t str) -> Cow<'t, str> {
    if !expression.contains(CAST) {
        return Cow::Borrowed(expression);
    }
    let mut shown = String::with_capacity(expression.len());
    let mut copied = 0;
    for (place, oid) in regclass_constants(expression) {
        let Some(name) = relation_name(names, oid) else { continue };
        shown.push_str(&expression[copied..place.start]);
        shown.push('\'');
        shown.push_str(&name.replace('\'', "''"));
        shown.push('\'');
        copied = place.end;
    }
    shown.push_str(&expression[copied..]);
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_constants_count() {
        let found = |text: &str| regclass_constants(text).map(|(place, oid)| (text[place].to_owned(), oid.0)).collect::<Vec<_>>();
        assert_eq!(found("nextval('16400'::regclass)"), [("'16400'".to_owned(), 16400)]);
        assert_eq!(found("(nextval('1'::regclass) + currval('2'::regclass))"), [("'1'".to_owned(), 1), ("'2'".to_owned(), 2)]);
        for other in
            ["'''1''::regclass'::text", "\"'1'::regclass\"", "'1'::regclass_x", "'pg_class'::regclass", "'1'::oid", "'a", "''::regclass"]
        {
            assert_eq!(found(other), [], "{other}");
        }
    }

    #[test]
    fn the_name_is_shown_as_the_path_finds_it() {
        let catalog = crate::fixture::catalog();
        let table = catalog.tables().next().expect("a table");
        let names = Names { catalog: &catalog, search_path: &[], database: "postgres" };
        let shown = stored_expression(&names, &format!("f('{}'::regclass, 'x')", table.oid)).into_owned();
        assert_eq!(shown, format!("f('{}'::regclass, 'x')", crate::describe::qualified_relation_name(&names, table.oid).expect("a name")));
        assert_eq!(stored_expression(&names, "f('999999'::regclass)"), "f('999999'::regclass)");
    }
}

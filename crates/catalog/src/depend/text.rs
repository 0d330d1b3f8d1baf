//! What the text of an expression names. The deparser writes users' functions as `schema.name(` and domains as `::schema.name`, and nothing else so.

use borealis_pgtypes::Oid;

use super::{Address, Class};
use crate::Catalog;

/// Functions and domains; of a function's name, all overloads.
pub(super) fn named(catalog: &Catalog, expression: &str) -> Vec<Address> {
    let mut found = Vec::new();
    let mut rest = expression;
    let mut cast = false;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = rest[1..].split_once('\'').map_or("", |(_, after)| after);
            cast = false;
        } else if let Some(after) = rest.strip_prefix("::") {
            rest = after;
            cast = true;
        } else if let Some((schema, after)) = identifier(rest) {
            rest = after;
            if let Some((name, after)) = after.strip_prefix('.').and_then(identifier)
                && let Some(schema) = catalog.schema(&schema)
            {
                rest = after;
                if cast {
                    found.extend(catalog.domain(schema.oid, &name).map(|domain| address(Class::Type, domain.oid)));
                } else if after.starts_with('(') {
                    found.extend(catalog.routines_named(schema.oid, &name).map(|routine| address(Class::Function, routine.oid)));
                }
            }
            cast = false;
        } else {
            rest = &rest[first.len_utf8()..];
            cast = false;
        }
    }
    found
}

fn address(class: Class, oid: Oid) -> Address {
    Address::new(class, oid)
}

/// A bare or quoted identifier at the beginning, unquoted, and what follows it.
fn identifier(text: &str) -> Option<(String, &str)> {
    if let Some(mut rest) = text.strip_prefix('"') {
        let mut name = String::new();
        loop {
            let (part, after) = rest.split_once('"')?;
            name.push_str(part);
            match after.strip_prefix('"') {
                Some(more) => {
                    name.push('"');
                    rest = more;
                }
                None => return Some((name, after)),
            }
        }
    }
    let is_first = |c: char| c.is_alphabetic() || c == '_';
    text.chars().next().filter(|c| is_first(*c))?;
    let end = text.find(|c: char| !(is_first(c) || c.is_numeric() || c == '$')).unwrap_or(text.len());
    Some((text[..end].to_owned(), &text[end..]))
}

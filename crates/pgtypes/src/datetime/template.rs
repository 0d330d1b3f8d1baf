//! Format templates: `to_char`, `to_date` and `to_timestamp`.
//!
//! A template is read into nodes once: a field with its modifiers, or a character. Output copies characters and writes fields; input skips about one
//! character of the text for each character of the template and reads fields where they stand.

mod fields;
mod input;
mod output;

pub(crate) use input::{Moment, to_moment};
pub use input::{to_date, to_timestamp};
pub use output::{interval_to_char, timestamp_to_char, timestamptz_to_char};

use fields::Key;

/// A piece of a template.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Node {
    Field(Field),
    Space(char),
    Separator(char),
    Literal(char),
}

/// A field and its modifiers.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Field {
    key: &'static Key,
    /// `FM`: no padding.
    fill: bool,
    /// `TM`: names in the locale's language, which is always C here.
    translate: bool,
    ordinal: Ordinal,
}

/// `th` or `TH` after a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Ordinal {
    None,
    Lower,
    Upper,
}

const fn is_separator(c: char) -> bool {
    c.is_ascii_punctuation()
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// The nodes of a template. Anything is a template: what is no field stands for itself.
fn parse(template: &str) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(template.len());
    let mut rest = template;
    while !rest.is_empty() {
        let (fill, translate, after) = prefix(rest);
        if let Some(key) = fields::find(after) {
            let (ordinal, next) = suffix(&after[key.name.len()..]);
            nodes.push(Node::Field(Field { key, fill, translate, ordinal }));
            rest = next;
            continue;
        }
        rest = match after.chars().next() {
            None => break,
            Some('"') => quoted(&after[1..], &mut nodes),
            Some(_) => plain(after, &mut nodes),
        };
    }
    nodes
}

fn prefix(text: &str) -> (bool, bool, &str) {
    match text.as_bytes() {
        [b'F', b'M', ..] | [b'f', b'm', ..] => (true, false, &text[2..]),
        [b'T', b'M', ..] | [b't', b'm', ..] => (false, true, &text[2..]),
        _ => (false, false, text),
    }
}

fn suffix(text: &str) -> (Ordinal, &str) {
    match text.as_bytes() {
        [b'T', b'H', ..] => (Ordinal::Upper, &text[2..]),
        [b't', b'h', ..] => (Ordinal::Lower, &text[2..]),
        [b'S', b'P', ..] => (Ordinal::None, &text[2..]),
        _ => (Ordinal::None, text),
    }
}

/// Characters up to the closing quote; a backslash takes the next one as it is.
fn quoted<'a>(text: &'a str, nodes: &mut Vec<Node>) -> &'a str {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => nodes.push(Node::Literal(chars.next().unwrap_or('\\'))),
            other => nodes.push(Node::Literal(other)),
        }
    }
    chars.as_str()
}

/// One character outside quotes. A backslash counts before a quote only.
fn plain<'a>(text: &'a str, nodes: &mut Vec<Node>) -> &'a str {
    let text = text.strip_prefix('\\').filter(|after| after.starts_with('"')).unwrap_or(text);
    let mut chars = text.chars();
    if let Some(c) = chars.next() {
        nodes.push(if is_separator(c) {
            Node::Separator(c)
        } else if is_space(c) {
            Node::Space(c)
        } else {
            Node::Literal(c)
        });
    }
    chars.as_str()
}

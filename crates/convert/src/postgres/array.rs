//! Array literals as JSON.

use crate::mysql::types::json_string;

/// `{a,NULL,"b c"}` as `["a", null, "b c"]`; `None` when it is no array. Bounds before the array are left out.
pub(crate) fn json(text: &str, numbers: bool, boolean: bool) -> Option<String> {
    let body = match text.find('=') {
        Some(at) if text.starts_with('[') => &text[at + 1..],
        _ => text,
    };
    let mut reader = Reader { rest: body.chars().peekable(), numbers, boolean };
    let array = reader.array(0)?;
    reader.rest.next().is_none().then_some(array)
}

/// Dimensions that PostgreSQL allows.
const DIMENSIONS_MAX: usize = 6;

struct Reader<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    numbers: bool,
    boolean: bool,
}

impl Reader<'_> {
    fn array(&mut self, depth: usize) -> Option<String> {
        if depth == DIMENSIONS_MAX || self.rest.next() != Some('{') {
            return None;
        }
        let mut items = Vec::new();
        if self.rest.peek() == Some(&'}') {
            self.rest.next();
            return Some("[]".to_owned());
        }
        loop {
            items.push(if self.rest.peek() == Some(&'{') { self.array(depth + 1)? } else { self.item()? });
            match self.rest.next()? {
                ',' => {}
                '}' => return Some(format!("[{}]", items.join(", "))),
                _ => return None,
            }
        }
    }

    fn item(&mut self) -> Option<String> {
        let mut text = String::new();
        if self.rest.peek() == Some(&'"') {
            self.rest.next();
            loop {
                match self.rest.next()? {
                    '"' => return Some(json_string(&text)),
                    '\\' => text.push(self.rest.next()?),
                    c => text.push(c),
                }
            }
        }
        while let Some(c) = self.rest.peek().copied().filter(|c| !matches!(c, ',' | '}')) {
            self.rest.next();
            text.push(if c == '\\' { self.rest.next()? } else { c });
        }
        Some(match text.as_str() {
            "NULL" => "null".to_owned(),
            "t" | "f" if self.boolean => if text == "t" { "true" } else { "false" }.to_owned(),
            // Not every number of PostgreSQL is one of JSON: NaN is a string there.
            _ if self.numbers && is_json_number(&text) => text,
            _ => json_string(&text),
        })
    }
}

fn is_json_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit()) && crate::mysql::is_number(text)
}

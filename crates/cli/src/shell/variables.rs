//! The shell's variables: set with `-v` or `\set`, written as `:name` in a statement.

use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Variables(BTreeMap<String, String>);

/// Stops a script at its first error.
pub(super) const ON_ERROR_STOP: &str = "ON_ERROR_STOP";

impl Variables {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn unset(&mut self, name: &str) {
        self.0.remove(name);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter()
    }

    /// Whether a switch is on: set to anything but `off`, `0`, `false`, `no` or their beginnings.
    pub(super) fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| super::command::switch(value).unwrap_or(true))
    }

    /// The value for a text that starts with `:name`, `:'name'` or `:"name"`, and the letters it stands for. A name that is not set
    /// stands for itself.
    pub(super) fn substitute(&self, text: &str) -> Option<(String, usize)> {
        let rest = text.strip_prefix(':')?;
        let quote = rest.chars().next().filter(|letter| matches!(letter, '\'' | '"'));
        let inner = if quote.is_some() { &rest[1..] } else { rest };
        let end = inner.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(inner.len());
        let (name, behind) = inner.split_at(end);
        let value = self.get(name)?;
        match quote {
            None => Some((value.to_owned(), 1 + name.chars().count())),
            Some(quote) if behind.starts_with(quote) => Some((quoted(value, quote), 3 + name.chars().count())),
            Some(_) => None,
        }
    }
}

/// As a literal or as an identifier; a literal with a backslash is written so that it means the same everywhere.
fn quoted(value: &str, quote: char) -> String {
    let doubled = value.replace(quote, &format!("{quote}{quote}"));
    if quote == '\'' && value.contains('\\') {
        format!(" E'{}'", doubled.replace('\\', "\\\\"))
    } else {
        format!("{quote}{doubled}{quote}")
    }
}

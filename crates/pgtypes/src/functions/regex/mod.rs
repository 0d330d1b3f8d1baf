//! PostgreSQL's advanced regular expressions on the `regex` crate, and on `fancy_regex`.
//!
//! A pattern is parsed as PostgreSQL reads it ([`parse`]) and written again in the crate's syntax ([`emit`]), which runs in linear time. Patterns with
//! look-around or back-references, which an automaton cannot follow, run on `fancy_regex`: by backtracking, a bounded number of steps ([`engine`]).
//! Two rules of PostgreSQL's matching need care:
//!
//! * The first quantifier of a pattern decides whether the whole match is the longest or the shortest possible; quantifiers after it only share
//!   out what that leaves. A pattern that mixes both kinds is compiled twice: once with all quantifiers of the first one's kind, which finds the
//!   match, and once as written and anchored to the match's end, which finds the groups.
//! * Character classes are those of the C locale: ASCII.
//!
//! Known difference: of alternatives that match at the same place PostgreSQL takes the longest, this the first that leads to a match.

mod emit;
mod engine;
mod parse;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use self::emit::Target;
use self::engine::Engine;
use crate::{Result, SqlError, SqlState};

/// Compiled patterns kept per thread.
const CACHE_MAX: usize = 64;

/// Options of one use of a pattern.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Flags {
    pub(crate) case_insensitive: bool,
    /// `.` and negated brackets do not match a newline.
    pub(crate) newline_stops: bool,
    /// `^` and `$` match at newlines.
    pub(crate) newline_anchors: bool,
    pub(crate) expanded: bool,
    pub(crate) literal: bool,
    pub(crate) global: bool,
}

impl Flags {
    pub(crate) const NONE: Self =
        Self { case_insensitive: false, newline_stops: false, newline_anchors: false, expanded: false, literal: false, global: false };

    pub(super) const ICASE: Self = Self { case_insensitive: true, ..Self::NONE };

    /// Reads the flags argument of the `regexp_` functions.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut flags = Self::NONE;
        for flag in text.chars() {
            if flag == 'g' {
                flags.global = true;
            } else if !flags.apply(flag)? {
                return Err(invalid_option(flag));
            }
        }
        Ok(flags)
    }

    /// Applies one option letter, of an argument or embedded; whether it is one.
    fn apply(&mut self, flag: char) -> Result<bool> {
        match flag {
            'c' => self.case_insensitive = false,
            'i' => self.case_insensitive = true,
            'm' | 'n' => (self.newline_stops, self.newline_anchors) = (true, true),
            'p' => (self.newline_stops, self.newline_anchors) = (true, false),
            's' => (self.newline_stops, self.newline_anchors) = (false, false),
            'w' => (self.newline_stops, self.newline_anchors) = (false, true),
            'x' => self.expanded = true,
            't' => self.expanded = false,
            'q' => self.literal = true,
            'b' | 'e' => return Err(SqlError::unsupported("basic and extended regular expressions are not supported, only advanced ones")),
            _ => return Ok(false),
        }
        Ok(true)
    }
}

pub(super) fn invalid_option(flag: char) -> SqlError {
    SqlError::new(SqlState::INVALID_PARAMETER_VALUE, format!("invalid regular expression option: \"{flag}\""))
}

fn invalid(reason: &str) -> SqlError {
    SqlError::new(SqlState::INVALID_REGULAR_EXPRESSION, format!("invalid regular expression: {reason}"))
}

/// A compiled pattern.
pub(crate) struct Pattern {
    search: Engine,
    /// The pattern as written, anchored at the end of the text; only when `search` had to change quantifiers.
    groups: Option<Engine>,
}

/// Byte ranges of a match: the whole, then each group.
pub(super) type Groups = Vec<Option<(usize, usize)>>;

impl Pattern {
    pub(crate) fn is_match(&self, text: &str) -> Result<bool> {
        self.search.is_match(text)
    }

    /// Number of capturing groups.
    pub(super) fn group_count(&self) -> usize {
        self.search.group_count()
    }

    /// The first match that starts at or after `start`.
    pub(super) fn find(&self, text: &str, start: usize) -> Result<Option<Groups>> {
        let Some(exact) = &self.groups else { return self.search.captures_at(text, start) };
        match self.search.find_at(text, start)? {
            Some((from, to)) => exact.captures_at(&text[..to], from),
            None => Ok(None),
        }
    }
}

fn compile_new(pattern: &str, mut flags: Flags) -> Result<Pattern> {
    let parsed = parse::parse(pattern, &mut flags)?;
    let target = if parsed.backtracks { Target::Backtracking } else { Target::Automaton };
    let as_written = emit::emit(&parsed.tree, target, None);
    if !parsed.mixed {
        return Ok(Pattern { search: Engine::build(&as_written, target, flags)?, groups: None });
    }
    let search = Engine::build(&emit::emit(&parsed.tree, target, Some(parsed.greedy)), target, flags)?;
    let groups = Engine::build(&format!("(?:{as_written})\\z"), target, flags)?;
    Ok(Pattern { search, groups: Some(groups) })
}

thread_local! {
    static CACHE: RefCell<HashMap<(String, Flags), Rc<Pattern>>> = RefCell::new(HashMap::new());
}

/// The compiled pattern, from this thread's cache if it is there. A full cache is emptied: patterns that matter come back at once.
pub(crate) fn compile(pattern: &str, flags: Flags) -> Result<Rc<Pattern>> {
    let flags = Flags { global: false, ..flags };
    CACHE.with_borrow_mut(|cache| {
        let key = (pattern.to_owned(), flags);
        if let Some(found) = cache.get(&key) {
            return Ok(Rc::clone(found));
        }
        let compiled = Rc::new(compile_new(pattern, flags)?);
        if cache.len() >= CACHE_MAX {
            cache.clear();
        }
        cache.insert(key, Rc::clone(&compiled));
        Ok(compiled)
    })
}

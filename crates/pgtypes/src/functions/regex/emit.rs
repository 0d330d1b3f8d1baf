//! Writes a parsed pattern in the syntax of the crate that runs it.

use super::parse::{Tree, WORD_EDGE, WORD_END, WORD_START};

/// For whom a pattern is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// `regex`.
    Automaton,
    /// `fancy_regex`, which knows word boundaries by Unicode only.
    Backtracking,
}

/// `force`: the kind given to every quantifier, in place of its own.
pub(super) fn emit(tree: &Tree, target: Target, force: Option<bool>) -> String {
    let mut out = String::new();
    Writer { target, out: &mut out }.write(tree, force);
    out
}

struct Writer<'a> {
    target: Target,
    out: &'a mut String,
}

impl Writer<'_> {
    fn write(&mut self, tree: &Tree, force: Option<bool>) {
        match tree {
            Tree::Empty => {}
            Tree::Literal(character) => self.out.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
            Tree::Raw(raw) => self.raw(raw),
            Tree::Concat(parts) => parts.iter().for_each(|part| self.write(part, force)),
            Tree::Alternate(branches) => {
                for (index, branch) in branches.iter().enumerate() {
                    self.out.push_str(if index > 0 { "|" } else { "" });
                    self.write(branch, force);
                }
            }
            Tree::Group { capturing, inner } => self.group(if *capturing { "(" } else { "(?:" }, inner, force),
            // How much a constraint looks at is nobody's preference.
            Tree::Look { ahead, negated, inner } => self.group(look(*ahead, *negated), inner, None),
            // A digit may follow.
            Tree::Reference(number) => self.out.push_str(&format!("(?:\\{number})")),
            // `{1,1}` and `{1,1}?` exist to give their operand a preference; `substring(.. similar ..)` is made of them.
            Tree::Repeat { inner, min: 1, max: Some(1), greedy } => self.write(inner, force.or(Some(*greedy))),
            Tree::Repeat { inner, min, max, greedy } => {
                // The operand is made a group: the target would read a quantifier after a quantifier differently.
                self.group("(?:", inner, force);
                write_bounds(*min, *max, self.out);
                if !force.unwrap_or(*greedy) {
                    self.out.push('?');
                }
            }
        }
    }

    fn group(&mut self, open: &str, inner: &Tree, force: Option<bool>) {
        self.out.push_str(open);
        self.write(inner, force);
        self.out.push(')');
    }

    fn raw(&mut self, raw: &str) {
        const BEFORE: &str = "(?<=[0-9A-Za-z_])";
        const AFTER: &str = "(?=[0-9A-Za-z_])";
        const NOT_BEFORE: &str = "(?<![0-9A-Za-z_])";
        const NOT_AFTER: &str = "(?![0-9A-Za-z_])";
        match (self.target, raw) {
            (Target::Backtracking, WORD_START) => self.out.extend([NOT_BEFORE, AFTER]),
            (Target::Backtracking, WORD_END) => self.out.extend([BEFORE, NOT_AFTER]),
            (Target::Backtracking, WORD_EDGE) => self.out.extend(["(?:", NOT_BEFORE, AFTER, "|", BEFORE, NOT_AFTER, ")"]),
            _ => self.out.push_str(raw),
        }
    }
}

fn look(ahead: bool, negated: bool) -> &'static str {
    match (ahead, negated) {
        (true, false) => "(?=",
        (true, true) => "(?!",
        (false, false) => "(?<=",
        (false, true) => "(?<!",
    }
}

fn write_bounds(min: u32, max: Option<u32>, out: &mut String) {
    match (min, max) {
        (0, None) => out.push('*'),
        (1, None) => out.push('+'),
        (0, Some(1)) => out.push('?'),
        (min, None) => out.push_str(&format!("{{{min},}}")),
        (min, Some(max)) => out.push_str(&format!("{{{min},{max}}}")),
    }
}

//! Reads a pattern as PostgreSQL's `regcomp` does.

use super::{Flags, invalid};
use crate::Result;

/// Largest repetition count (`DUPMAX`).
const REPEAT_MAX: u32 = 255;
/// Word boundaries by ASCII words; `\B` has no such form over UTF-8 and stays with Unicode words.
pub(super) const WORD_START: &str = r"(?-u:\b{start})";
pub(super) const WORD_END: &str = r"(?-u:\b{end})";
pub(super) const WORD_EDGE: &str = r"(?-u:\b)";
/// Deepest nesting of groups.
const DEPTH_MAX: u32 = 200;

#[derive(Clone, Debug)]
pub(super) enum Tree {
    Empty,
    Literal(char),
    /// A piece of the target syntax that stands for itself: a class, an assertion.
    Raw(String),
    Concat(Vec<Tree>),
    Alternate(Vec<Tree>),
    Group {
        capturing: bool,
        inner: Box<Tree>,
    },
    /// A constraint on what follows or precedes, without a length of its own.
    Look {
        ahead: bool,
        negated: bool,
        inner: Box<Tree>,
    },
    /// What the group of this number has matched.
    Reference(u32),
    Repeat {
        inner: Box<Tree>,
        min: u32,
        max: Option<u32>,
        greedy: bool,
    },
}

pub(super) struct Parsed {
    pub(super) tree: Tree,
    /// Whether the first quantifier that counts is a greedy one.
    pub(super) greedy: bool,
    /// Whether both kinds occur.
    pub(super) mixed: bool,
    /// Whether there is look-around or a back-reference: what an automaton cannot do.
    pub(super) backtracks: bool,
}

pub(super) fn parse(pattern: &str, flags: &mut Flags) -> Result<Parsed> {
    let body = prefix(pattern, flags)?;
    let (tree, backtracks) = if flags.literal {
        (Tree::Concat(body.chars().map(Tree::Literal).collect()), false)
    } else {
        let mut parser = Parser { rest: body, flags: *flags, depth: 0, groups: Vec::new(), in_look: false, backtracks: false };
        let tree = parser.alternation()?;
        if !parser.rest.is_empty() {
            return Err(invalid("parentheses () not balanced"));
        }
        (tree, parser.backtracks)
    };
    let mut kinds = (false, false);
    count_kinds(&tree, &mut kinds);
    Ok(Parsed { greedy: preference(&tree).unwrap_or(true), mixed: kinds == (true, true), backtracks, tree })
}

/// Reads a director (`***=`, `***:`) and embedded options (`(?i)`).
fn prefix<'a>(pattern: &'a str, flags: &mut Flags) -> Result<&'a str> {
    if let Some(rest) = pattern.strip_prefix("***") {
        if let Some(literal) = rest.strip_prefix('=') {
            flags.literal = true;
            return Ok(literal);
        }
        let advanced = rest.strip_prefix(':').ok_or_else(|| invalid("quantifier operand invalid"))?;
        return options(advanced, flags);
    }
    if flags.literal { Ok(pattern) } else { options(pattern, flags) }
}

fn options<'a>(pattern: &'a str, flags: &mut Flags) -> Result<&'a str> {
    let Some(rest) = pattern.strip_prefix("(?").filter(|rest| rest.starts_with(|next: char| next.is_ascii_alphabetic())) else {
        return Ok(pattern);
    };
    let end = rest.find(')').ok_or_else(|| invalid("invalid embedded option"))?;
    for option in rest[..end].chars() {
        if !flags.apply(option)? {
            return Err(invalid("invalid embedded option"));
        }
    }
    Ok(&rest[end + 1..])
}

/// Which kinds of quantifier occur: (greedy, non-greedy).
fn count_kinds(tree: &Tree, kinds: &mut (bool, bool)) {
    match tree {
        Tree::Concat(parts) | Tree::Alternate(parts) => parts.iter().for_each(|part| count_kinds(part, kinds)),
        Tree::Group { inner, .. } => count_kinds(inner, kinds),
        Tree::Repeat { inner, min, max, greedy } => {
            if *max != Some(*min) || *max == Some(1) {
                *(if *greedy { &mut kinds.0 } else { &mut kinds.1 }) = true;
            }
            count_kinds(inner, kinds);
        }
        Tree::Empty | Tree::Literal(_) | Tree::Raw(_) | Tree::Look { .. } | Tree::Reference(_) => {}
    }
}

/// Whether a pattern prefers the longest match; `None`: it has no preference. PostgreSQL's rules, section 9.7.3.5.
fn preference(tree: &Tree) -> Option<bool> {
    match tree {
        Tree::Alternate(_) => Some(true),
        Tree::Concat(parts) => parts.iter().find_map(preference),
        Tree::Group { inner, .. } => preference(inner),
        // A fixed count other than one takes its operand's preference.
        Tree::Repeat { inner, min, max, .. } if *max == Some(*min) && *min != 1 => preference(inner),
        Tree::Repeat { greedy, .. } => Some(*greedy),
        Tree::Empty | Tree::Literal(_) | Tree::Raw(_) | Tree::Look { .. } | Tree::Reference(_) => None,
    }
}

struct Parser<'a> {
    rest: &'a str,
    flags: Flags,
    depth: u32,
    /// Whether each capturing group is closed, in the order of their numbers.
    groups: Vec<bool>,
    in_look: bool,
    backtracks: bool,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        let character = self.rest.chars().next()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    fn take(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn alternation(&mut self) -> Result<Tree> {
        let mut branches = vec![self.branch()?];
        while self.take("|") {
            branches.push(self.branch()?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Tree::Alternate(branches) })
    }

    fn branch(&mut self) -> Result<Tree> {
        let mut parts = Vec::new();
        loop {
            self.skip_comments()?;
            if self.rest.is_empty() || self.rest.starts_with('|') || (self.rest.starts_with(')') && self.depth > 0) {
                break;
            }
            let atom = self.atom()?;
            parts.push(self.quantified(atom)?);
        }
        Ok(match parts.len() {
            0 => Tree::Empty,
            1 => parts.remove(0),
            _ => Tree::Concat(parts),
        })
    }

    /// `(?#...)` anywhere; white space and `#` comments in the expanded form.
    fn skip_comments(&mut self) -> Result<()> {
        loop {
            if let Some(comment) = self.rest.strip_prefix("(?#") {
                let end = comment.find(')').ok_or_else(|| invalid("parentheses () not balanced"))?;
                self.rest = &comment[end + 1..];
            } else if self.flags.expanded && self.rest.starts_with(|next: char| next.is_ascii_whitespace()) {
                self.rest = self.rest.trim_start_matches(|next: char| next.is_ascii_whitespace());
            } else if self.flags.expanded && self.rest.starts_with('#') {
                self.rest = self.rest.find('\n').map_or("", |end| &self.rest[end..]);
            } else {
                return Ok(());
            }
        }
    }

    fn quantified(&mut self, atom: Tree) -> Result<Tree> {
        self.skip_comments()?;
        let Some((min, max)) = self.quantifier()? else { return Ok(atom) };
        if matches!(&atom, Tree::Look { .. }) || matches!(&atom, Tree::Raw(raw) if is_assertion(raw)) {
            return Err(invalid("quantifier operand invalid"));
        }
        let greedy = !self.take("?");
        self.skip_comments()?;
        if self.rest.starts_with(['*', '+', '?']) || self.starts_bound() {
            return Err(invalid("quantifier operand invalid"));
        }
        Ok(Tree::Repeat { inner: Box::new(atom), min, max, greedy })
    }

    fn starts_bound(&self) -> bool {
        self.rest.strip_prefix('{').is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()))
    }

    fn quantifier(&mut self) -> Result<Option<(u32, Option<u32>)>> {
        if self.take("*") {
            return Ok(Some((0, None)));
        }
        if self.take("+") {
            return Ok(Some((1, None)));
        }
        if self.take("?") {
            return Ok(Some((0, Some(1))));
        }
        if !self.starts_bound() {
            return Ok(None);
        }
        self.next();
        let min = self.count()?.unwrap_or(0);
        let max = if self.take(",") { self.count()? } else { Some(min) };
        if !self.take("}") {
            return Err(invalid(if self.rest.contains('}') { "invalid repetition count(s)" } else { "braces {} not balanced" }));
        }
        if min > REPEAT_MAX || max.is_some_and(|max| max > REPEAT_MAX || max < min) {
            return Err(invalid("invalid repetition count(s)"));
        }
        Ok(Some((min, max)))
    }

    fn count(&mut self) -> Result<Option<u32>> {
        let end = self.rest.find(|next: char| !next.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse().map(Some).map_err(|_| invalid("invalid repetition count(s)"))
    }

    fn atom(&mut self) -> Result<Tree> {
        if self.starts_bound() {
            return Err(invalid("quantifier operand invalid"));
        }
        let Some(character) = self.next() else { return Ok(Tree::Empty) };
        match character {
            '*' | '+' | '?' => Err(invalid("quantifier operand invalid")),
            '(' => self.group(),
            ')' => Err(invalid("parentheses () not balanced")),
            '[' => self.bracket(),
            '.' => Ok(Tree::Raw(".".to_owned())),
            '^' => Ok(Tree::Raw("^".to_owned())),
            '$' => Ok(Tree::Raw("$".to_owned())),
            '\\' => self.escape(),
            literal => Ok(Tree::Literal(literal)),
        }
    }

    fn group(&mut self) -> Result<Tree> {
        if self.depth >= DEPTH_MAX {
            return Err(invalid("regular expression is too complex"));
        }
        for (begin, ahead, negated) in [("?=", true, false), ("?!", true, true), ("?<=", false, false), ("?<!", false, true)] {
            if self.take(begin) {
                self.backtracks = true;
                let outer = std::mem::replace(&mut self.in_look, true);
                let inner = self.enclosed()?;
                self.in_look = outer;
                return Ok(Tree::Look { ahead, negated, inner });
            }
        }
        // Within a constraint no parentheses capture.
        let capturing = !self.take("?:") && !self.in_look;
        let number = self.groups.len();
        if capturing {
            self.groups.push(false);
        }
        let inner = self.enclosed()?;
        if capturing {
            self.groups[number] = true;
        }
        Ok(Tree::Group { capturing, inner })
    }

    /// The rest of a group, with its closing parenthesis.
    fn enclosed(&mut self) -> Result<Box<Tree>> {
        self.depth += 1;
        let inner = Box::new(self.alternation()?);
        self.depth -= 1;
        if self.take(")") { Ok(inner) } else { Err(invalid("parentheses () not balanced")) }
    }

    /// What follows a backslash outside brackets.
    fn escape(&mut self) -> Result<Tree> {
        let Some(character) = self.rest.chars().next() else {
            return Err(invalid("invalid escape \\ sequence"));
        };
        let raw = match character {
            'A' => "\\A",
            'Z' => "\\z",
            'm' => WORD_START,
            'M' => WORD_END,
            'y' => WORD_EDGE,
            'Y' => "\\B",
            '1'..='9' => return self.numbered(),
            _ => {
                if let Some(class) = class_escape(character) {
                    self.next();
                    return Ok(Tree::Raw(format!("[{class}]")));
                }
                return self.literal_escape().map(Tree::Literal);
            }
        };
        self.next();
        Ok(Tree::Raw(raw.to_owned()))
    }

    /// An escape that stands for one character, in or outside brackets.
    fn literal_escape(&mut self) -> Result<char> {
        let refuse = || invalid("invalid escape \\ sequence");
        let character = self.next().ok_or_else(refuse)?;
        Ok(match character {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'B' => '\\',
            'c' => char::from(u8::try_from(u32::from(self.next().ok_or_else(refuse)?) & 0x1f).unwrap_or(0)),
            'e' => '\u{1b}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'u' => self.code(4, 4)?,
            'U' => self.code(8, 8)?,
            'x' => self.code(1, 255)?,
            digit @ '0'..='7' => return Ok(self.octal(digit)),
            alphanumeric if alphanumeric.is_ascii_alphanumeric() => return Err(refuse()),
            other => other,
        })
    }

    /// Hexadecimal digits: at least `min`, at most `max`.
    fn code(&mut self, min: usize, max: usize) -> Result<char> {
        let digits = self.rest.bytes().take(max).take_while(u8::is_ascii_hexdigit).count();
        if digits < min {
            return Err(invalid("invalid escape \\ sequence"));
        }
        let (hex, rest) = self.rest.split_at(digits);
        self.rest = rest;
        u32::from_str_radix(hex, 16).ok().and_then(char::from_u32).ok_or_else(|| invalid("invalid escape \\ sequence"))
    }

    /// At most three digits, and at most `\377`.
    fn octal(&mut self, first: char) -> char {
        let mut value = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let Some(longer) = self.rest.chars().next().and_then(|next| Some(value * 8 + next.to_digit(8)?)) else { break };
            if longer > 0o377 {
                break;
            }
            value = longer;
            self.next();
        }
        char::from_u32(value).unwrap_or('\0')
    }

    /// `\1` to `\9` are back-references; a longer number is one when so many groups have been opened, and octal otherwise.
    fn numbered(&mut self) -> Result<Tree> {
        let digits = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at(digits);
        let number = number.parse::<usize>().ok().filter(|number| digits == 1 || *number <= self.groups.len());
        let Some(number) = number else { return self.literal_escape().map(Tree::Literal) };
        self.rest = rest;
        if self.in_look || self.groups.get(number - 1) != Some(&true) {
            return Err(invalid("invalid backreference number"));
        }
        self.backtracks = true;
        u32::try_from(number).map(Tree::Reference).map_err(|_| invalid("invalid backreference number"))
    }

    fn bracket(&mut self) -> Result<Tree> {
        for (word, raw) in [("[:<:]]", WORD_START), ("[:>:]]", WORD_END)] {
            if self.take(word) {
                return Ok(Tree::Raw(raw.to_owned()));
            }
        }
        let negated = self.take("^");
        let mut class = String::new();
        let mut first = true;
        while first || !self.take("]") {
            self.bracket_item(&mut class)?;
            first = false;
        }
        let mut raw = format!("[{}{class}]", if negated { "^" } else { "" });
        if negated && self.flags.newline_stops {
            raw = format!("[^\\n{class}]");
        }
        Ok(Tree::Raw(raw))
    }

    fn bracket_item(&mut self, class: &mut String) -> Result<()> {
        if self.take("[:") {
            let end = self.rest.find(":]").ok_or_else(|| invalid("brackets [] not balanced"))?;
            let named = named_class(&self.rest[..end]).ok_or_else(|| invalid("invalid character class"))?;
            class.push_str(named);
            self.rest = &self.rest[end + 2..];
            return Ok(());
        }
        if self.rest.starts_with('\\')
            && let Some(escaped) = self.rest[1..].chars().next().and_then(class_escape)
        {
            class.push_str(&format!("[{escaped}]"));
            self.rest = &self.rest[2..];
            return Ok(());
        }
        let low = self.bracket_character()?;
        let is_range = self.rest.starts_with('-') && !self.rest.starts_with("-]");
        if !is_range {
            push_class_character(class, low);
            return Ok(());
        }
        self.next();
        let high = self.bracket_character()?;
        if high < low {
            return Err(invalid("invalid character range"));
        }
        push_class_character(class, low);
        class.push('-');
        push_class_character(class, high);
        Ok(())
    }

    fn bracket_character(&mut self) -> Result<char> {
        for (open, close) in [("[.", ".]"), ("[=", "=]")] {
            if self.take(open) {
                let end = self.rest.find(close).ok_or_else(|| invalid("brackets [] not balanced"))?;
                let mut name = self.rest[..end].chars();
                let (Some(character), None) = (name.next(), name.next()) else { return Err(invalid("invalid collating element")) };
                self.rest = &self.rest[end + 2..];
                return Ok(character);
            }
        }
        if self.take("\\") {
            return self.literal_escape();
        }
        self.next().ok_or_else(|| invalid("brackets [] not balanced"))
    }
}

fn is_assertion(raw: &str) -> bool {
    matches!(raw, "^" | "$" | "\\A" | "\\z" | "\\B" | WORD_START | WORD_END | WORD_EDGE)
}

/// Body of the bracket that a class escape stands for.
fn class_escape(character: char) -> Option<&'static str> {
    Some(match character {
        'd' => "0-9",
        'D' => "^0-9",
        's' => r" \t\n\r\x0b\x0c",
        'S' => r"^ \t\n\r\x0b\x0c",
        'w' => "0-9A-Za-z_",
        'W' => "^0-9A-Za-z_",
        _ => return None,
    })
}

fn named_class(name: &str) -> Option<&'static str> {
    Some(match name {
        "alnum" => "[:alnum:]",
        "alpha" => "[:alpha:]",
        "ascii" => r"\x00-\x7f",
        "blank" => r" \t",
        "cntrl" => "[:cntrl:]",
        "digit" => "0-9",
        "graph" => "[:graph:]",
        "lower" => "a-z",
        "print" => "[:print:]",
        "punct" => "[:punct:]",
        "space" => r" \t\n\r\x0b\x0c",
        "upper" => "A-Z",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => return None,
    })
}

/// By number, so that no character has a meaning of its own to the target syntax.
fn push_class_character(class: &mut String, character: char) {
    if character.is_ascii_alphanumeric() {
        class.push(character);
    } else {
        class.push_str(&format!("\\x{{{:x}}}", u32::from(character)));
    }
}

//! Where statements of a psql script begin and end, and which lines are data: quotes, dollar quotes, comments, `\` commands, COPY blocks.

use std::ops::Range;

use crate::error::ConvertError;
use crate::place::Lines;

/// A part of the script.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A statement, without its semicolon.
    Statement(Range<usize>),
    /// COPY … FROM stdin, and the lines that follow it, without the one that ends them.
    Copy { statement: Range<usize>, data: Range<usize> },
    /// A `\` command: the line.
    Command(Range<usize>),
}

/// The parts of a script.
///
/// # Errors
/// A string, a comment or a COPY block that never ends, with the place where it begins.
pub(crate) fn split(text: &str, lines: &Lines<'_>) -> Result<Vec<Piece>, ConvertError> {
    let mut splitter = Splitter { text: text.as_bytes(), at: 0 };
    let mut pieces = Vec::new();
    loop {
        match splitter.piece() {
            Ok(Some(piece)) => pieces.push(piece),
            Ok(None) => return Ok(pieces),
            Err((at, what)) => {
                let error = ConvertError::new(lines.place(at), format!("{what} that begins here never ends"));
                return Err(error.hint("Is the dump cut short?"));
            }
        }
    }
}

struct Splitter<'a> {
    text: &'a [u8],
    at: usize,
}

type Unterminated = (usize, &'static str);

impl<'a> Splitter<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.text[self.at.min(self.text.len())..]
    }

    fn line_end(&self) -> usize {
        self.at + self.rest().iter().position(|byte| *byte == b'\n').unwrap_or(self.rest().len())
    }

    /// The next part; `None` at the end.
    fn piece(&mut self) -> Result<Option<Piece>, Unterminated> {
        self.skip_blank()?;
        while self.rest().first() == Some(&b';') {
            self.at += 1;
            self.skip_blank()?;
        }
        let start = self.at;
        if start >= self.text.len() {
            return Ok(None);
        }
        if self.rest().first() == Some(&b'\\') {
            self.at = self.line_end();
            return Ok(Some(Piece::Command(start..self.at)));
        }
        let mut routine = Routine::default();
        while self.at < self.text.len() && (self.rest()[0] != b';' || routine.open > 0) {
            let from = self.at;
            self.step()?;
            routine.word(&self.text[from..self.at]);
        }
        let end = self.at.min(self.text.len());
        self.at = (end + 1).min(self.text.len());
        let statement = start..end;
        if is_copy_in(&self.text[statement.clone()]) {
            return self.copy(statement).map(Some);
        }
        Ok(Some(Piece::Statement(statement)))
    }

    fn copy(&mut self, statement: Range<usize>) -> Result<Piece, Unterminated> {
        self.at = (self.line_end() + 1).min(self.text.len());
        let start = self.at;
        while self.at < self.text.len() {
            let end = self.line_end();
            if self.text[self.at..end].trim_ascii_end() == b"\\." {
                let data = start..self.at;
                self.at = end;
                return Ok(Piece::Copy { statement, data });
            }
            self.at = (end + 1).min(self.text.len());
        }
        Err((statement.start, "the COPY block"))
    }

    /// Blanks and comments between statements.
    fn skip_blank(&mut self) -> Result<(), Unterminated> {
        loop {
            self.at += self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if !(self.rest().starts_with(b"--") || self.rest().starts_with(b"/*")) {
                return Ok(());
            }
            self.step()?;
        }
    }

    /// Steps over one word, character, string or comment.
    fn step(&mut self) -> Result<(), Unterminated> {
        let rest = self.rest();
        match rest[0] {
            b'\'' => self
                .string(self.at > 0 && matches!(self.text[self.at - 1], b'e' | b'E') && !(self.at > 1 && is_word(self.text[self.at - 2]))),
            b'"' => self.until(b"\"", 1, "the name"),
            b'-' if rest.starts_with(b"--") => {
                self.at = self.line_end();
                Ok(())
            }
            b'/' if rest.starts_with(b"/*") => self.comment(),
            b'$' => self.dollar(),
            byte if is_word(byte) => {
                // E and the string after it are two steps: the quote looks back.
                self.at += rest.iter().take_while(|byte| is_word(**byte)).count();
                Ok(())
            }
            _ => {
                self.at += 1;
                Ok(())
            }
        }
    }

    fn until(&mut self, end: &[u8], skip: usize, what: &'static str) -> Result<(), Unterminated> {
        let found = self.rest()[skip..].windows(end.len()).position(|window| window == end);
        let length = found.ok_or((self.at, what))?;
        self.at += skip + length + end.len();
        Ok(())
    }

    fn string(&mut self, escapes: bool) -> Result<(), Unterminated> {
        let rest = self.rest();
        let mut at = 1;
        while let Some(byte) = rest.get(at) {
            match byte {
                b'\\' if escapes => at += 2,
                b'\'' => {
                    self.at += at + 1;
                    return Ok(());
                }
                _ => at += 1,
            }
        }
        Err((self.at, "the string"))
    }

    /// Comments nest.
    fn comment(&mut self) -> Result<(), Unterminated> {
        let rest = self.rest();
        let (mut at, mut open) = (0, 0_usize);
        while at < rest.len() {
            if rest[at..].starts_with(b"/*") {
                open += 1;
                at += 2;
            } else if rest[at..].starts_with(b"*/") {
                open -= 1;
                at += 2;
                if open == 0 {
                    self.at += at;
                    return Ok(());
                }
            } else {
                at += 1;
            }
        }
        Err((self.at, "the comment"))
    }

    /// `$tag$ … $tag$`; a lone `$` is a character.
    fn dollar(&mut self) -> Result<(), Unterminated> {
        let rest = self.rest();
        let tag = rest[1..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | 0x80..)).count();
        let quotes = rest.get(tag + 1) == Some(&b'$') && !rest[1].is_ascii_digit();
        if !quotes {
            self.at += 1;
            return Ok(());
        }
        let tag = &rest[..tag + 2];
        self.until(tag, tag.len(), "the string")
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | 0x80..)
}

/// Bodies in SQL's own syntax, `BEGIN ATOMIC … END`, have semicolons inside.
#[derive(Default)]
struct Routine {
    begin: bool,
    open: usize,
}

impl Routine {
    fn word(&mut self, word: &[u8]) {
        if word.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        let is = |wanted: &[u8]| word.eq_ignore_ascii_case(wanted);
        if (self.begin && is(b"atomic")) || (self.open > 0 && is(b"case")) {
            self.open += 1;
        } else if self.open > 0 && is(b"end") {
            self.open -= 1;
        }
        self.begin = is(b"begin");
    }
}

/// COPY … FROM stdin
fn is_copy_in(statement: &[u8]) -> bool {
    let words = statement.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let mut before: &[u8] = b"";
    for (number, word) in words.enumerate() {
        if number == 0 && !word.eq_ignore_ascii_case(b"copy") {
            return false;
        }
        if before.eq_ignore_ascii_case(b"from") && word.eq_ignore_ascii_case(b"stdin") {
            return true;
        }
        before = word;
    }
    false
}

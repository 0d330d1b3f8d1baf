//! Where statements of a MySQL script begin and end, as the `mysql` client finds out: quotes, comments, DELIMITER. What executable comments
//! (`/*!40101 … */`) hold is part of the statement; other comments become blanks, so that places stay right.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::ConvertError;
use crate::place::Lines;

/// From this version on a comment is for no server that exists: `/*M!999999\- enable the sandbox mode */`.
const NO_SERVER_VERSION: u64 = 999_999;

/// One statement, without what ends it.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) text: Cow<'a, [u8]>,
    /// Where the text begins in the source.
    pub(crate) offset: usize,
}

/// The statements of a script.
///
/// # Errors
/// A string or a comment that never ends, with the place where it begins.
pub(crate) fn split<'a>(text: &'a [u8], lines: &Lines<'_>) -> Result<Vec<Piece<'a>>, ConvertError> {
    let mut splitter = Splitter { text, at: 0, delimiter: b";".to_vec(), executable: 0, blanks: Vec::new() };
    let mut pieces = Vec::new();
    while splitter.at < text.len() {
        let piece = splitter.statement().map_err(|(at, what)| {
            let error = ConvertError::new(lines.place(at), format!("{what} that begins here never ends"));
            error.hint("Is the dump cut short?")
        })?;
        pieces.extend(piece);
    }
    Ok(pieces)
}

struct Splitter<'a> {
    text: &'a [u8],
    at: usize,
    delimiter: Vec<u8>,
    /// Executable comments that are open.
    executable: usize,
    /// Comments, and the marks of executable ones.
    blanks: Vec<Range<usize>>,
}

type Unterminated = (usize, &'static str);

impl<'a> Splitter<'a> {
    fn rest(&self) -> &'a [u8] {
        &self.text[self.at.min(self.text.len())..]
    }

    /// The next statement; `None` for one without content.
    fn statement(&mut self) -> Result<Option<Piece<'a>>, Unterminated> {
        self.skip_blank();
        if self.delimiter_command() {
            return Ok(None);
        }
        let start = self.at;
        self.blanks.clear();
        let mut opened = start;
        while self.at < self.text.len() && !self.rest().starts_with(&self.delimiter) {
            if self.executable == 0 {
                opened = self.at;
            }
            self.step()?;
        }
        if self.executable > 0 {
            return Err((opened, "the comment"));
        }
        let end = self.at.min(self.text.len());
        self.at = (end + self.delimiter.len()).min(self.text.len().max(end));
        Ok(self.piece(start, end))
    }

    fn piece(&self, start: usize, end: usize) -> Option<Piece<'a>> {
        let mut text = Cow::Borrowed(&self.text[start..end]);
        for blank in &self.blanks {
            let bytes = text.to_mut();
            let range = blank.start - start..blank.end.min(end) - start;
            bytes[range].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
        }
        let leading = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if leading == text.len() {
            return None;
        }
        let text = match text {
            Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[leading..]),
            Cow::Owned(bytes) => Cow::Owned(bytes[leading..].to_vec()),
        };
        Some(Piece { text, offset: start + leading })
    }

    fn skip_blank(&mut self) {
        self.at += self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    }

    /// `DELIMITER x` at the beginning of a statement changes what ends the following ones.
    fn delimiter_command(&mut self) -> bool {
        const WORD: &[u8] = b"delimiter";
        let rest = self.rest();
        let named = rest.len() > WORD.len() && rest[..WORD.len()].eq_ignore_ascii_case(WORD) && rest[WORD.len()].is_ascii_whitespace();
        if !named {
            return false;
        }
        let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        let delimiter = rest[WORD.len()..length].trim_ascii();
        if !delimiter.is_empty() {
            self.delimiter = delimiter.to_vec();
        }
        self.at += length;
        true
    }

    /// Steps over one character, string or comment.
    fn step(&mut self) -> Result<(), Unterminated> {
        let rest = self.rest();
        match rest[0] {
            quote @ (b'\'' | b'"' | b'`') => self.string(quote),
            b'#' => self.line_comment(),
            b'-' if rest.starts_with(b"--") && rest.get(2).is_none_or(u8::is_ascii_whitespace) => self.line_comment(),
            b'/' if rest.starts_with(b"/*") => self.comment(),
            b'*' if self.executable > 0 && rest.starts_with(b"*/") => {
                self.executable -= 1;
                self.blank(2);
                Ok(())
            }
            _ => {
                self.at += 1;
                Ok(())
            }
        }
    }

    fn blank(&mut self, length: usize) {
        self.blanks.push(self.at..self.at + length);
        self.at += length;
    }

    fn string(&mut self, quote: u8) -> Result<(), Unterminated> {
        let start = self.at;
        let rest = self.rest();
        let mut at = 1;
        while let Some(byte) = rest.get(at) {
            match *byte {
                b'\\' if quote != b'`' => at += 2,
                byte if byte == quote => {
                    // A doubled quote stands for one: the string goes on as if it were two.
                    self.at = start + at + 1;
                    return Ok(());
                }
                _ => at += 1,
            }
        }
        Err((start, if quote == b'`' { "the name" } else { "the string" }))
    }

    fn line_comment(&mut self) -> Result<(), Unterminated> {
        let length = self.rest().iter().position(|byte| *byte == b'\n').unwrap_or(self.rest().len());
        self.blank(length);
        Ok(())
    }

    fn comment(&mut self) -> Result<(), Unterminated> {
        let rest = self.rest();
        let mark = if rest.starts_with(b"/*M!") { 4 } else { 3 };
        let digits = rest.iter().skip(mark).take_while(|byte| byte.is_ascii_digit()).count().min(6);
        let version =
            rest.get(mark..mark + digits).unwrap_or_default().iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
        if (rest.starts_with(b"/*!") || rest.starts_with(b"/*M!")) && version < NO_SERVER_VERSION {
            self.executable += 1;
            self.blank(mark + digits);
            return Ok(());
        }
        let end = rest.windows(2).skip(2).position(|window| window == b"*/").map(|at| at + 4);
        let Some(length) = end else { return Err((self.at, "the comment")) };
        self.blank(length);
        Ok(())
    }
}

//! A file cut into what it is made of: statements, commands of psql, data behind COPY.
//!
//! The cut is psql's: a semicolon ends a statement outside of brackets and of the body of a function in standard SQL; a backslash begins a command that
//! takes the rest of the line, and ends a statement that is being written; the lines behind `COPY ... FROM stdin;` are data up to `\.`.

use std::ops::Range;

use crate::lexer::{self, Kind, Token};

/// One piece of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) kind: PieceKind,
    /// From the first byte to the last, semicolon included.
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// SQL: its tokens in [`Source::tokens`], without semicolon.
    Statement(Range<usize>),
    /// A command of psql.
    PsqlCommand,
    /// Data behind COPY: how many lines, and whether `\.` ends them.
    CopyData { rows: usize, ended: bool },
}

/// A text with its tokens and pieces.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    /// Without comments.
    pub(crate) tokens: Vec<Token>,
    pub(crate) comments: Vec<Range<usize>>,
    pub(crate) pieces: Vec<Piece>,
    /// Where lines begin.
    lines: Vec<usize>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1)).collect();
        let mut cutter = Cutter::new(text);
        cutter.run();
        let Cutter { tokens, comments, pieces, .. } = cutter;
        Self { text, tokens, comments, pieces, lines }
    }

    /// Line and column of a byte, from 1; columns in characters.
    pub(crate) fn place(&self, at: usize) -> (usize, usize) {
        let at = at.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines[line - 1];
        (line, self.text.get(start..at).map_or(0, |before| before.chars().count()) + 1)
    }
}

/// What the cutter has seen of the statement it is in.
#[derive(Default)]
struct Progress {
    /// Index of the first token.
    first: usize,
    brackets: usize,
    /// Open BEGIN and CASE inside a function's body in standard SQL.
    begins: usize,
    is_routine: bool,
}

struct Cutter<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    comments: Vec<Range<usize>>,
    pieces: Vec<Piece>,
    statement: Progress,
}

impl<'a> Cutter<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, at: 0, tokens: Vec::new(), comments: Vec::new(), pieces: Vec::new(), statement: Progress::default() }
    }

    fn run(&mut self) {
        while let Some(token) = lexer::next(self.text, self.at) {
            self.at = token.end;
            match token.kind {
                Kind::Comment => self.comments.push(token.range()),
                Kind::Semicolon if self.statement.brackets == 0 && self.statement.begins == 0 => self.end(token.end),
                Kind::Backslash => self.backslash(token),
                _ => self.token(token),
            }
        }
        self.end(self.text.len());
    }

    fn token(&mut self, token: Token) {
        self.tokens.push(token);
        match token.kind {
            Kind::Open => self.statement.brackets += 1,
            Kind::Close => self.statement.brackets = self.statement.brackets.saturating_sub(1),
            Kind::Word => self.word(token),
            _ => {}
        }
    }

    /// Follows BEGIN ATOMIC ... END, as psql does.
    fn word(&mut self, token: Token) {
        let count = self.tokens.len() - self.statement.first;
        let word = &self.text[token.range()];
        let is = |other: &str| word.eq_ignore_ascii_case(other);
        if count <= 4
            && (is("function") || is("procedure"))
            && self.text[self.tokens[self.statement.first].range()].eq_ignore_ascii_case("create")
        {
            self.statement.is_routine = true;
        }
        if !self.statement.is_routine || self.statement.brackets > 0 {
            return;
        }
        if is("begin") || (is("case") && self.statement.begins > 0) {
            self.statement.begins += 1;
        } else if is("end") {
            self.statement.begins = self.statement.begins.saturating_sub(1);
        }
    }

    /// Ends the statement; `end` is the byte after its semicolon, or the end of what belongs to it.
    fn end(&mut self, end: usize) {
        let first = std::mem::replace(&mut self.statement, Progress { first: self.tokens.len(), ..Progress::default() }).first;
        let tokens = first..self.tokens.len();
        let Some(last) = self.tokens.get(first..).and_then(<[Token]>::last) else { return };
        let closed = self.text.as_bytes().get(end.wrapping_sub(1)) == Some(&b';') && end > last.end;
        let span = self.tokens[first].start..if closed { end } else { last.end };
        let copies = closed && self.copies_from_stdin(tokens.clone());
        self.pieces.push(Piece { kind: PieceKind::Statement(tokens), span });
        if copies {
            self.copy_data();
        }
    }

    /// `\;` is a semicolon; anything else is psql's and takes the rest of the line.
    fn backslash(&mut self, token: Token) {
        let bytes = self.text.as_bytes();
        if bytes.get(token.end) == Some(&b';') {
            self.at = token.end + 1;
            self.end(self.at);
            return;
        }
        self.end(token.start);
        self.at = lexer::line_end(bytes, token.start);
        self.pieces.push(Piece { kind: PieceKind::PsqlCommand, span: token.start..self.at });
    }

    fn copies_from_stdin(&self, tokens: Range<usize>) -> bool {
        let tokens = &self.tokens[tokens];
        let is = |index: usize, word: &str| tokens.get(index).is_some_and(|token| self.text[token.range()].eq_ignore_ascii_case(word));
        is(0, "copy") && (1..tokens.len()).any(|index| is(index, "from") && is(index + 1, "stdin"))
    }

    /// Takes the lines up to `\.`. Without it they are data all the same when they look like it: the next line is no SQL word.
    fn copy_data(&mut self) {
        let bytes = self.text.as_bytes();
        let line = lexer::line_end(bytes, self.at);
        if !self.text[self.at..line].trim().is_empty() || line == bytes.len() {
            return;
        }
        let mut start = line + if bytes.get(line..line + 2) == Some(b"\r\n") { 2 } else { 1 };
        let begin = start;
        let mut rows = 0;
        while start < bytes.len() {
            let end = lexer::line_end(bytes, start);
            if &self.text[start..end] == "\\." {
                self.at = end;
                self.pieces.push(Piece { kind: PieceKind::CopyData { rows, ended: true }, span: begin..end });
                return;
            }
            rows += 1;
            start = end + if bytes.get(end..end + 2) == Some(b"\r\n") { 2 } else { 1 };
        }
        if self.text[begin..].contains('\t') {
            self.at = bytes.len();
            self.pieces.push(Piece { kind: PieceKind::CopyData { rows, ended: false }, span: begin..bytes.len() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of `text`, one a line.
    fn pieces(text: &str) -> String {
        let show = |piece: &Piece| {
            let kind = match &piece.kind {
                PieceKind::Statement(tokens) => format!("statement of {}", tokens.len()),
                PieceKind::PsqlCommand => "psql".to_owned(),
                PieceKind::CopyData { rows, ended } => format!("data of {rows}{}", if *ended { "" } else { ", cut" }),
            };
            format!("{kind}: {}", text[piece.span.clone()].replace('\n', "|"))
        };
        Source::new(text).pieces.iter().map(show).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn semicolons_end_statements() {
        assert_eq!(pieces("a; -- b;\n;c (d; e);"), "statement of 1: a;\nstatement of 6: c (d; e);");
        assert_eq!(pieces("a"), "statement of 1: a");
        assert_eq!(pieces(" ; ;"), "");
    }

    #[test]
    fn a_function_in_standard_sql_is_one_statement() {
        let function = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END; SELECT 2; END; SELECT 3";
        assert_eq!(pieces(function).lines().count(), 2);
        assert_eq!(pieces("BEGIN; COMMIT;").lines().count(), 2);
    }

    #[test]
    fn psql_takes_what_is_its_own() {
        assert_eq!(
            pieces("\\set x 1;\nSELECT 1 \\gset\nSELECT 2\\;SELECT 3;"),
            "psql: \\set x 1;\nstatement of 2: SELECT 1\npsql: \\gset\nstatement of 2: SELECT 2\\;\nstatement of 2: SELECT 3;"
        );
    }

    #[test]
    fn data_behind_copy() {
        assert_eq!(
            pieces("COPY t (a) FROM stdin;\n1\tx;\n'\n\\.\nSELECT 1;"),
            "statement of 7: COPY t (a) FROM stdin;\ndata of 2: 1\tx;|'|\\.\nstatement of 2: SELECT 1;"
        );
        assert_eq!(pieces("COPY t FROM stdin;\n1\tx"), "statement of 4: COPY t FROM stdin;\ndata of 1, cut: 1\tx");
        assert_eq!(pieces("COPY t FROM stdin;\nSELECT 1;"), "statement of 4: COPY t FROM stdin;\nstatement of 2: SELECT 1;");
        assert_eq!(pieces("COPY t FROM stdin; SELECT 1;").lines().count(), 2);
    }

    #[test]
    fn places_are_lines_and_characters() {
        let source = Source::new("é\nab\n");
        assert_eq!((source.place(0), source.place(2), source.place(4), source.place(99)), ((1, 1), (1, 2), (2, 2), (3, 1)));
    }
}

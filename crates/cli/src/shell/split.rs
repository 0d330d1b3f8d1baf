//! Where statements end: psql's lexer, as far as it matters for that. Semicolons count outside of quotes, dollar quotes, comments,
//! parentheses and the bodies of `BEGIN ATOMIC` functions; a backslash outside of quotes and comments starts a command to the shell.

use super::variables::Variables;

/// What a line brings to an end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A statement with its semicolon. There may be nothing else in it.
    Statement(String),
    /// What follows a backslash on the line, without it; whoever carries it out says how much of it was its own.
    Command(String),
}

/// Where the text that was read so far stops; the prompt shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    /// Outside of any statement.
    Nothing,
    Statement,
    SingleQuote,
    DoubleQuote,
    DollarQuote,
    Comment,
    Parentheses,
}

impl Within {
    /// The letter of psql's prompt.
    pub(super) fn prompt(self) -> char {
        match self {
            Self::Nothing => '=',
            Self::Statement => '-',
            Self::SingleQuote => '\'',
            Self::DoubleQuote => '"',
            Self::DollarQuote => '$',
            Self::Comment => '*',
            Self::Parentheses => '(',
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum State {
    #[default]
    Plain,
    /// `'…'`; with backslash escapes when it is an `E'…'`.
    Single {
        escapes: bool,
    },
    Double,
    /// The delimiter, dollar signs included.
    Dollar(String),
    /// How deep block comments are nested.
    Comment(usize),
}

/// Cuts lines into statements.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// The statement so far.
    text: String,
    state: State,
    parentheses: usize,
    /// Words of the statement so far, up to the ones that tell whether a function body may follow.
    words: Vec<String>,
    /// How deep BEGIN and CASE are nested in a function body.
    bodies: usize,
    /// What is left of the line.
    line: Vec<char>,
    place: usize,
    /// Length of the text with the newline that the last line began with, if nothing has come behind it.
    newline_at: Option<usize>,
}

impl Splitter {
    /// The statement so far.
    pub(super) fn pending(&self) -> &str {
        &self.text
    }

    pub(super) fn within(&self) -> Within {
        match &self.state {
            State::Single { .. } => Within::SingleQuote,
            State::Double => Within::DoubleQuote,
            State::Dollar(_) => Within::DollarQuote,
            State::Comment(_) => Within::Comment,
            State::Plain if self.parentheses > 0 => Within::Parentheses,
            State::Plain if self.text.is_empty() => Within::Nothing,
            State::Plain => Within::Statement,
        }
    }

    /// Forgets the statement so far and the rest of the line.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes the statement so far.
    pub(super) fn take(&mut self) -> String {
        let line = std::mem::take(&mut self.line);
        let place = self.place;
        let taken = std::mem::take(self);
        (self.line, self.place) = (line, place);
        taken.text
    }

    /// Puts `text`, of any number of lines, in the place of the statement so far and of the rest of the line.
    pub(super) fn replace(&mut self, text: &str) {
        self.reset();
        self.feed(text);
    }

    /// The next line, without its line end. The one before must be used up.
    pub(super) fn feed(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
            self.newline_at = Some(self.text.len());
        }
        self.line = line.chars().collect();
        self.place = 0;
    }

    /// Gives back the part of a command's line that was not its own.
    pub(super) fn give_back(&mut self, rest: &str) {
        self.line = rest.chars().collect();
        self.place = 0;
    }

    /// What the line ends next; `None` when it is used up.
    pub(super) fn next(&mut self, variables: &Variables) -> Option<Item> {
        while self.place < self.line.len() {
            let item = match &self.state {
                State::Plain => self.plain(variables),
                State::Single { escapes } => {
                    let escapes = *escapes;
                    self.single(escapes);
                    None
                }
                State::Double => {
                    self.quoted('"');
                    None
                }
                State::Dollar(_) => {
                    self.dollar();
                    None
                }
                State::Comment(depth) => {
                    let depth = *depth;
                    self.comment(depth);
                    None
                }
            };
            if item.is_some() {
                return item;
            }
        }
        // An empty line within a statement leaves no trace.
        if self.newline_at.take() == Some(self.text.len()) && self.state == State::Plain {
            self.text.pop();
        }
        None
    }

    fn rest_starts_with(&self, start: &str) -> bool {
        start.chars().enumerate().all(|(offset, letter)| self.line.get(self.place + offset) == Some(&letter))
    }

    fn push(&mut self, count: usize) {
        let end = (self.place + count).min(self.line.len());
        self.text.extend(&self.line[self.place..end]);
        self.place = end;
    }

    fn plain(&mut self, variables: &Variables) -> Option<Item> {
        let letter = self.line[self.place];
        match letter {
            ';' if self.parentheses == 0 && self.bodies == 0 => {
                self.push(1);
                return Some(Item::Statement(self.take()));
            }
            '\\' => {
                let rest = self.line[self.place + 1..].iter().collect();
                self.place = self.line.len();
                return Some(Item::Command(rest));
            }
            _ if letter.is_whitespace() => self.push_unless_empty(1),
            '-' if self.rest_starts_with("--") => self.push_unless_empty(self.run_length(|letter| letter != '\n')),
            '/' if self.rest_starts_with("/*") => {
                self.push(2);
                self.state = State::Comment(1);
            }
            '\'' => {
                self.push(1);
                self.state = State::Single { escapes: false };
            }
            '"' => {
                self.push(1);
                self.state = State::Double;
            }
            '$' => self.dollar_start(),
            ':' => self.colon(variables),
            '(' => {
                self.parentheses += 1;
                self.push(1);
            }
            ')' => {
                self.parentheses = self.parentheses.saturating_sub(1);
                self.push(1);
            }
            _ if letter.is_alphabetic() || letter == '_' => self.word(),
            // A digit run takes the letters at its end, so that 1E'…' is no escape string.
            _ if letter.is_ascii_digit() => {
                let length = self.run_length(|letter| letter.is_alphanumeric() || letter == '_');
                self.push(length);
            }
            _ => self.push(1),
        }
        None
    }

    /// Blanks and line comments before a statement are no part of it.
    fn push_unless_empty(&mut self, count: usize) {
        if self.text.is_empty() { self.place = (self.place + count).min(self.line.len()) } else { self.push(count) }
    }

    fn run_length(&self, belongs: impl Fn(char) -> bool) -> usize {
        self.line[self.place..].iter().take_while(|letter| belongs(**letter)).count()
    }

    fn word(&mut self) {
        let length = self.run_length(|letter| letter.is_alphanumeric() || letter == '_' || letter == '$');
        let word: String = self.line[self.place..self.place + length].iter().collect::<String>().to_ascii_lowercase();
        self.push(length);
        let escapes = word == "e" && self.line.get(self.place) == Some(&'\'');
        if escapes {
            self.push(1);
            self.state = State::Single { escapes: true };
            return;
        }
        self.note(word);
    }

    /// Counts the blocks of `CREATE [OR REPLACE] FUNCTION | PROCEDURE … BEGIN ATOMIC … END`.
    fn note(&mut self, word: String) {
        if self.words.len() < 4 {
            self.words.push(word.clone());
        }
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let defines = matches!(
            words.as_slice(),
            ["create", "function" | "procedure", ..] | ["create", "or", "replace", "function" | "procedure", ..]
        );
        match word.as_str() {
            "begin" if defines => self.bodies += 1,
            "case" if self.bodies > 0 => self.bodies += 1,
            "end" => self.bodies = self.bodies.saturating_sub(1),
            _ => {}
        }
    }

    fn single(&mut self, escapes: bool) {
        if escapes && self.line[self.place] == '\\' {
            self.push(2);
        } else {
            self.quoted('\'');
        }
    }

    /// One letter of a quoted text; a doubled quote is one of its letters.
    fn quoted(&mut self, quote: char) {
        if self.line[self.place] != quote {
            self.push(1);
        } else if self.line.get(self.place + 1) == Some(&quote) {
            self.push(2);
        } else {
            self.push(1);
            self.state = State::Plain;
        }
    }

    fn dollar_start(&mut self) {
        let tag = self.line[self.place + 1..].iter().take_while(|letter| letter.is_alphanumeric() || **letter == '_').count();
        let starts_well = !self.line.get(self.place + 1).is_some_and(char::is_ascii_digit);
        if starts_well && self.line.get(self.place + 1 + tag) == Some(&'$') {
            let delimiter = self.line[self.place..self.place + tag + 2].iter().collect();
            self.push(tag + 2);
            self.state = State::Dollar(delimiter);
        } else {
            self.push(1 + tag);
        }
    }

    fn dollar(&mut self) {
        let State::Dollar(delimiter) = &self.state else { return };
        if self.rest_starts_with(delimiter) {
            self.push(delimiter.chars().count());
            self.state = State::Plain;
        } else {
            self.push(1);
        }
    }

    fn comment(&mut self, depth: usize) {
        let (count, depth) = match () {
            () if self.rest_starts_with("/*") => (2, depth + 1),
            () if self.rest_starts_with("*/") => (2, depth - 1),
            () => (1, depth),
        };
        self.push(count);
        self.state = if depth == 0 { State::Plain } else { State::Comment(depth) };
    }

    /// A variable's value in the place of `:name`, `:'name'`, `:"name"`; a colon that starts none of these stands for itself.
    fn colon(&mut self, variables: &Variables) {
        if self.rest_starts_with("::") || self.rest_starts_with(":=") {
            self.push(2);
            return;
        }
        let rest: String = self.line[self.place..].iter().collect();
        match variables.substitute(&rest) {
            Some((value, length)) => {
                self.text.push_str(&value);
                self.place += length;
            }
            None => self.push(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, Splitter, Within};
    use crate::shell::variables::Variables;

    fn cut(text: &str) -> (Vec<String>, Splitter) {
        let (mut splitter, mut items) = (Splitter::default(), Vec::new());
        let mut variables = Variables::default();
        variables.set("one", "1");
        variables.set("who", "O'Hara");
        for line in text.lines() {
            splitter.feed(line);
            while let Some(item) = splitter.next(&variables) {
                items.push(match item {
                    Item::Statement(text) => text,
                    Item::Command(text) => format!("\\{text}"),
                });
            }
        }
        (items, splitter)
    }

    #[test]
    fn statements_end_where_they_end() {
        for (text, want) in [
            ("SELECT 1; SELECT 2;", vec!["SELECT 1;", "SELECT 2;"]),
            ("SELECT ';'; SELECT \";\";", vec!["SELECT ';';", "SELECT \";\";"]),
            ("SELECT 'it''s;'; x;", vec!["SELECT 'it''s;';", "x;"]),
            (r"SELECT E'\';'; SELECT 'a\'; b;", vec![r"SELECT E'\';';", r"SELECT 'a\';", "b;"]),
            ("SELECT 1E'a;';", vec!["SELECT 1E'a;';"]),
            ("SELECT $$;$$, $a$ $$ ; $b$ $a$; x;", vec!["SELECT $$;$$, $a$ $$ ; $b$ $a$;", "x;"]),
            ("SELECT $1; SELECT a$b$;", vec!["SELECT $1;", "SELECT a$b$;"]),
            ("SELECT (1;2); x;", vec!["SELECT (1;2);", "x;"]),
            ("-- ; \nSELECT 1 -- ;\n;", vec!["SELECT 1 -- ;\n;"]),
            ("SELECT /* ; /* ; */ ; */ 1;", vec!["SELECT /* ; /* ; */ ; */ 1;"]),
            ("  \n\nSELECT 1\n\n, 2;", vec!["SELECT 1\n, 2;"]),
            ("SELECT 'a\n\nb';", vec!["SELECT 'a\n\nb';"]),
            (";;", vec![";", ";"]),
            ("\\dt *.x; y\nz;", vec!["\\dt *.x; y", "z;"]),
            (
                "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END; x;",
                vec!["CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;", "x;"],
            ),
            ("BEGIN; END;", vec!["BEGIN;", "END;"]),
            ("SELECT :one, :'who', :\"who\", :none, a::int;", vec!["SELECT 1, 'O''Hara', \"O'Hara\", :none, a::int;"]),
        ] {
            let (items, _) = cut(text);
            assert_eq!(items, want, "{text}");
        }
    }

    #[test]
    fn the_prompt_says_what_is_open() {
        for (text, want) in [
            ("", Within::Nothing),
            ("-- x", Within::Nothing),
            ("SELECT", Within::Statement),
            ("SELECT 'a", Within::SingleQuote),
            ("SELECT \"a", Within::DoubleQuote),
            ("SELECT $x$ $$", Within::DollarQuote),
            ("/* x", Within::Comment),
            ("SELECT (", Within::Parentheses),
        ] {
            assert_eq!(cut(text).1.within(), want, "{text}");
        }
    }

    #[test]
    fn a_command_leaves_the_statement_before_it_pending() {
        let (items, splitter) = cut("SELECT 1 \\x on");
        assert_eq!(items, ["\\x on"]);
        assert_eq!(splitter.pending(), "SELECT 1 ");
    }
}

//! The little that must be known of SQL's text to read a dump: where a statement ends, and what its words and plain values are.
//!
//! A dump is data before it is SQL: it is read as it streams by, statements of many megabytes among it, and only COPY and INSERT
//! with plain values are looked into. So it is no case for the parser.

use super::escape_string::{EscapeString, Malformed};

/// Finds the end of a statement in pieces of text that come one after the other.
#[derive(Debug, Default)]
pub(super) struct StatementEnd {
    state: State,
    /// How deep in `/* */`.
    comments: u32,
    /// The tag of the dollar quote that is open, dollars included.
    tag: Vec<u8>,
    /// The last byte, if it may give the next one another meaning.
    last: u8,
    /// The byte at hand has had its meaning, and gives the next one none.
    spent: bool,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Plain,
    String,
    /// With backslashes.
    EscapeString,
    /// Behind a quote in one, which may be the first of two that stand for one.
    EscapeQuote,
    Name,
    LineComment,
    BlockComment,
    /// Between the dollars of an opening tag.
    DollarTag,
    DollarQuote,
}

impl StatementEnd {
    /// How many bytes of `text` belong to the statement, if it ends in them; `text` is all of it so far, `from` what was given before.
    pub(super) fn find(&mut self, text: &[u8], from: usize) -> Option<usize> {
        let mut at = from;
        while at < text.len() {
            if self.step(text, at) {
                *self = Self::default();
                return Some(at + 1);
            }
            self.last = if std::mem::take(&mut self.spent) { 0 } else { text[at] };
            at += 1;
        }
        None
    }

    /// Takes a byte; true when it ends the statement.
    fn step(&mut self, text: &[u8], at: usize) -> bool {
        let byte = text[at];
        match self.state {
            State::Plain => return self.plain(text, at),
            State::String if byte == b'\'' => self.state = State::Plain,
            State::EscapeString if byte == b'\'' && self.last != b'\\' => self.state = State::EscapeQuote,
            State::EscapeString => self.spent = self.last == b'\\',
            State::EscapeQuote if byte == b'\'' => self.state = State::EscapeString,
            State::EscapeQuote => {
                self.state = State::Plain;
                return self.plain(text, at);
            }
            State::Name if byte == b'"' => self.state = State::Plain,
            State::LineComment if byte == b'\n' => self.state = State::Plain,
            State::BlockComment => self.block_comment(byte),
            State::DollarTag => return self.dollar_tag(text, at),
            State::DollarQuote if byte == b'$' && text[..=at].ends_with(&self.tag) => self.state = State::Plain,
            _ => {}
        }
        false
    }

    fn plain(&mut self, text: &[u8], at: usize) -> bool {
        match text[at] {
            b'\'' if matches!(self.last, b'e' | b'E') && !is_word(text, at, 2) => self.state = State::EscapeString,
            b'\'' => self.state = State::String,
            b'"' => self.state = State::Name,
            b'-' if self.last == b'-' => self.state = State::LineComment,
            b'*' if self.last == b'/' => (self.state, self.comments, self.spent) = (State::BlockComment, 1, true),
            b'$' if !is_word(text, at, 1) => (self.state, self.tag) = (State::DollarTag, b"$".to_vec()),
            b';' => return !is_in_body(&text[..at]),
            _ => {}
        }
        false
    }

    fn block_comment(&mut self, byte: u8) {
        match (self.last, byte) {
            (b'/', b'*') => self.comments += 1,
            (b'*', b'/') => self.comments -= 1,
            _ => return,
        }
        self.spent = true;
        if self.comments == 0 {
            self.state = State::Plain;
        }
    }

    fn dollar_tag(&mut self, text: &[u8], at: usize) -> bool {
        let byte = text[at];
        self.tag.push(byte);
        if byte == b'$' {
            self.state = State::DollarQuote;
        } else if !(byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80) || (self.tag.len() == 2 && byte.is_ascii_digit()) {
            // A parameter, or nothing at all.
            self.state = State::Plain;
            return self.plain(text, at);
        }
        false
    }
}

/// Whether a letter of a word stands so far before a place.
fn is_word(text: &[u8], at: usize, before: usize) -> bool {
    let byte = at.checked_sub(before).map_or(b' ', |place| text[place]);
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether a semicolon here ends a statement of a function's body only.
fn is_in_body(text: &[u8]) -> bool {
    const START_BYTES: usize = 64;
    let start = text[..text.len().min(START_BYTES)].to_ascii_uppercase();
    let start = String::from_utf8_lossy(&start);
    if !start.trim_start().starts_with("CREATE") || !(start.contains("FUNCTION") || start.contains("PROCEDURE")) {
        return false;
    }
    let text = String::from_utf8_lossy(text).to_ascii_uppercase();
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    words.windows(2).any(|pair| pair == ["BEGIN", "ATOMIC"]) && words.last() != Some(&"END")
}

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A word without quotes, in lower case, as SQL folds it.
    Word(String),
    /// A name in quotes.
    Name(String),
    /// A string's value.
    String(String),
    /// A string whose escapes stand for nothing, and why.
    Malformed(Malformed),
    /// A number, with its sign.
    Number(String),
    /// Anything else.
    Symbol(u8),
}

/// The tokens of a statement.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the next token is looked for.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// The next token, which stays.
    pub(super) fn peek(&self) -> Option<Token> {
        self.clone().next()
    }

    /// Takes a word if it is the next token.
    pub(super) fn word(&mut self, word: &str) -> bool {
        self.take(&Token::Word(word.to_owned()))
    }

    /// Takes a symbol if it is the next token.
    pub(super) fn symbol(&mut self, symbol: u8) -> bool {
        self.take(&Token::Symbol(symbol))
    }

    /// A name, in quotes or not.
    pub(super) fn name(&mut self) -> Option<String> {
        match self.peek()? {
            Token::Word(name) | Token::Name(name) => {
                self.next();
                Some(name)
            }
            _ => None,
        }
    }

    fn take(&mut self, token: &Token) -> bool {
        let mut ahead = self.clone();
        let found = ahead.next().as_ref() == Some(token);
        if found {
            *self = ahead;
        }
        found
    }

    fn skip_blanks(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            self.at += rest.len() - rest.trim_start().len();
            if !self.text[self.at..].starts_with("--") {
                return;
            }
            self.at += self.text[self.at..].find('\n').unwrap_or(self.text.len() - self.at);
        }
    }

    /// A string behind its opening quote.
    fn string(&mut self) -> Option<Token> {
        let mut value = String::new();
        loop {
            let rest = &self.text[self.at..];
            let end = rest.find('\'')?;
            value.push_str(&rest[..end]);
            self.at += end + 1;
            if !self.text[self.at..].starts_with('\'') {
                return Some(Token::String(value));
            }
            value.push('\'');
            self.at += 1;
        }
    }

    /// A string with escapes, behind its opening quote.
    fn escape_string(&mut self) -> Option<Token> {
        let mut string = EscapeString::new(&self.text[self.at..]);
        let value = string.value()?;
        self.at += string.at;
        Some(value.map_or_else(Token::Malformed, Token::String))
    }

    /// Digits, a fraction and an exponent, behind the first letter, which may be a sign.
    fn number(&mut self) -> String {
        let start = self.at - 1;
        self.while_true(|letter| letter.is_ascii_digit() || letter == '.');
        let mut exponent = self.text[self.at..].chars();
        if matches!(exponent.next(), Some('e' | 'E')) {
            let sign = exponent.next();
            let (skipped, first) = if matches!(sign, Some('-' | '+')) { (2, exponent.next()) } else { (1, sign) };
            if first.is_some_and(|digit| digit.is_ascii_digit()) {
                self.at += skipped;
                self.while_true(|letter| letter.is_ascii_digit());
            }
        }
        self.text[start..self.at].to_owned()
    }

    fn while_true(&mut self, is_part: impl Fn(char) -> bool) -> &'t str {
        let rest = &self.text[self.at..];
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let first = rest.chars().next()?;
        let second = rest[first.len_utf8()..].chars().next();
        match (first, second) {
            ('\'', _) => {
                self.at += 1;
                self.string()
            }
            ('e' | 'E', Some('\'')) => {
                self.at += 2;
                self.escape_string()
            }
            ('"', _) => {
                let end = rest[1..].replace("\"\"", "\0\0").find('"')? + 1;
                self.at += end + 1;
                Some(Token::Name(rest[1..end].replace("\"\"", "\"")))
            }
            ('0'..='9', _) | ('-' | '+' | '.', Some('0'..='9' | '.')) => {
                self.at += 1;
                Some(Token::Number(self.number()))
            }
            _ if first.is_alphabetic() || first == '_' => {
                let word = self.while_true(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$'));
                Some(Token::Word(word.to_lowercase()))
            }
            _ => {
                self.at += first.len_utf8();
                Some(Token::Symbol(u8::try_from(first).unwrap_or(b'?')))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{StatementEnd, Token, Tokens};

    fn statements(text: &str) -> Vec<&str> {
        let (mut found, mut rest) = (Vec::new(), text);
        while let Some(end) = StatementEnd::default().find(rest.as_bytes(), 0) {
            found.push(rest[..end].trim());
            rest = &rest[end..];
        }
        found
    }

    #[test]
    fn semicolons_end_statements_only_where_they_are_plain() {
        for statement in [
            "SELECT 'a;''b';",
            "SELECT E'a\\';b\\\\';",
            "SELECT E'a''\\';b', E'''', 'c\\', e'';",
            "SELECT \"a;b\";",
            "SELECT 1 -- a;\n, 2;",
            "SELECT /* a; /* b; */ c; */ 1;",
            "SELECT $$a;$$, $x$ $$;$x$, a$b;",
            "SELECT $1;",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;",
        ] {
            let text = format!("{statement}\nSELECT 2;");
            assert_eq!(statements(&text), [statement, "SELECT 2;"], "{statement}");
        }
    }

    #[test]
    fn a_statement_may_come_in_pieces() {
        let text = b"SELECT 'a;b', $t$;$t$;";
        let mut end = StatementEnd::default();
        for length in 1..text.len() {
            assert_eq!(end.find(&text[..length], length - 1), None, "{length}");
        }
        assert_eq!(end.find(text, text.len() - 1), Some(text.len()));
    }

    #[test]
    fn tokens() {
        let tokens: Vec<Token> = Tokens::new("INSERT \"A\"\"b\" ('it''s', E'a\\n\\\\u00e9''', -1.5e-3, 1-2, NULL) -- end").collect();
        let word = |text: &str| Token::Word(text.to_owned());
        let string = |text: &str| Token::String(text.to_owned());
        let want = [
            word("insert"),
            Token::Name("A\"b".to_owned()),
            Token::Symbol(b'('),
            string("it's"),
            Token::Symbol(b','),
            string("a\n\\u00e9'"),
            Token::Symbol(b','),
            Token::Number("-1.5e-3".to_owned()),
            Token::Symbol(b','),
            Token::Number("1".to_owned()),
            Token::Number("-2".to_owned()),
            Token::Symbol(b','),
            word("null"),
            Token::Symbol(b')'),
        ];
        assert_eq!(tokens, want);
    }
}

//! INSERT of constants, as pg_dump's `--inserts` writes it and people do: lists of values, DEFAULT among them, ON CONFLICT DO NOTHING behind them.

use std::borrow::Cow;

use super::rows::Field;

/// An INSERT of constants.
pub(crate) struct Insert {
    /// Columns; empty for all.
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Field<'static>>>,
    /// ON CONFLICT DO NOTHING.
    pub(crate) ignore: bool,
}

/// Why a text is no such INSERT.
pub(crate) struct Unread {
    /// Bytes from its beginning.
    pub(crate) at: usize,
    pub(crate) message: String,
    pub(crate) hint: &'static str,
}

type R<T> = Result<T, Unread>;

/// Reads an INSERT.
///
/// # Errors
/// It is one of another kind: of a query, with calls among its values, with RETURNING.
pub(crate) fn read(text: &str) -> R<Insert> {
    let mut reader = Reader { text, at: 0 };
    if !(reader.word("INSERT") && reader.word("INTO")) {
        return Err(reader.of_a_query());
    }
    reader.name()?;
    while reader.sign('.') {
        reader.name()?;
    }
    if reader.word("AS") {
        reader.name()?;
    }
    let columns = if reader.sign('(') { reader.names()? } else { Vec::new() };
    if reader.word("OVERRIDING") && !(reader.word("SYSTEM") && reader.word("VALUE")) {
        return Err(reader.unread("OVERRIDING USER VALUE is not converted", "Leave the column out of the INSERT."));
    }
    let rows = if reader.word("DEFAULT") { reader.default_values()? } else { reader.rows()? };
    let ignore = reader.conflict()?;
    if !reader.rest().is_empty() {
        return Err(
            reader.unread("expected another row, or the end of the INSERT", "Of what may follow, ON CONFLICT DO NOTHING is converted.")
        );
    }
    Ok(Insert { columns, rows, ignore })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn unread(&mut self, message: impl Into<String>, hint: &'static str) -> Unread {
        self.rest();
        Unread { at: self.at, message: message.into(), hint }
    }

    fn of_a_query(&mut self) -> Unread {
        self.unread("INSERT of a query: only lists of values are converted", "Run queries on the target, as statements of their own.")
    }

    /// What is left, without blanks and comments before it.
    fn rest(&mut self) -> &'a str {
        loop {
            let rest = &self.text[self.at..];
            self.at += rest.len() - rest.trim_start().len();
            let rest = &self.text[self.at..];
            let comment = if rest.starts_with("--") { rest.find('\n').unwrap_or(rest.len()) } else { block_comment(rest) };
            if comment == 0 {
                return rest;
            }
            self.at += comment;
        }
    }

    fn sign(&mut self, sign: char) -> bool {
        let found = self.rest().starts_with(sign);
        self.at += if found { sign.len_utf8() } else { 0 };
        found
    }

    /// The length of the word that is next.
    fn word_length(rest: &str) -> usize {
        rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len())
    }

    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let length = Self::word_length(rest);
        let found = rest[..length].eq_ignore_ascii_case(word);
        self.at += if found { length } else { 0 };
        found
    }

    fn name(&mut self) -> R<String> {
        let rest = self.rest();
        if rest.starts_with('"') {
            return self.quoted('"');
        }
        let length = Self::word_length(rest);
        if length == 0 {
            return Err(self.unread("expected a name", ""));
        }
        self.at += length;
        Ok(rest[..length].to_ascii_lowercase())
    }

    /// Names up to the closing bracket.
    fn names(&mut self) -> R<Vec<String>> {
        let mut names = Vec::new();
        loop {
            names.push(self.name()?);
            if self.sign(')') {
                return Ok(names);
            }
            if !self.sign(',') {
                return Err(self.unread("expected another column, or the end of the columns", "Parts of columns are not converted."));
            }
        }
    }

    /// What is between quotes, a doubled one being one.
    fn quoted(&mut self, quote: char) -> R<String> {
        let rest = self.rest();
        let mut out = String::new();
        let mut characters = rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = characters.next() {
            if c != quote {
                out.push(c);
            } else if characters.next_if(|(_, next)| *next == quote).is_some() {
                out.push(quote);
            } else {
                self.at += at + quote.len_utf8();
                return Ok(out);
            }
        }
        Err(self.unread("what is quoted here never ends", "Is the dump cut short?"))
    }

    /// Behind the word DEFAULT: one row that says nothing about its columns.
    fn default_values(&mut self) -> R<Vec<Vec<Field<'static>>>> {
        if self.word("VALUES") { Ok(vec![Vec::new()]) } else { Err(self.unread("expected VALUES", "")) }
    }

    fn rows(&mut self) -> R<Vec<Vec<Field<'static>>>> {
        if !self.word("VALUES") {
            return Err(self.of_a_query());
        }
        let mut rows = Vec::new();
        loop {
            rows.push(self.row()?);
            if !self.sign(',') {
                return Ok(rows);
            }
        }
    }

    fn row(&mut self) -> R<Vec<Field<'static>>> {
        if !self.sign('(') {
            return Err(self.unread("expected a row", ""));
        }
        let mut row = Vec::new();
        loop {
            row.push(self.value()?);
            if self.sign(')') {
                return Ok(row);
            }
            if !self.sign(',') {
                return Err(self.not_constant());
            }
        }
    }

    fn not_constant(&mut self) -> Unread {
        self.unread("expected a constant", "Calls, casts and expressions among the values are not converted: write what they yield.")
    }

    fn value(&mut self) -> R<Field<'static>> {
        let rest = self.rest();
        let text = |text: String| Ok(Field::Text(Cow::Owned(text)));
        match rest.as_bytes() {
            [b'\'', ..] => text(self.quoted('\'')?),
            [b'e' | b'E', b'\'', ..] => text(self.escaped()?),
            // Bits: the digits alone are the value.
            [b'b' | b'B', b'\'', ..] => {
                self.at += 1;
                text(self.quoted('\'')?)
            }
            [b'0'..=b'9' | b'-' | b'.', ..] => text(self.number()?),
            _ => self.keyword(),
        }
    }

    fn number(&mut self) -> R<String> {
        let rest = self.rest();
        let length = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'))).unwrap_or(rest.len());
        if !crate::mysql::is_number(&rest[..length]) {
            return Err(self.not_constant());
        }
        self.at += length;
        Ok(rest[..length].to_owned())
    }

    /// NULL, DEFAULT, truth, and the few calls whose meaning no column's type changes.
    fn keyword(&mut self) -> R<Field<'static>> {
        let before = self.at;
        let length = Self::word_length(self.rest());
        let word = self.text[self.at..self.at + length].to_ascii_lowercase();
        self.at += length;
        let (field, brackets) = match word.as_str() {
            "null" => return Ok(Field::Null),
            "default" => return Ok(Field::Default),
            "true" | "false" => return Ok(Field::Text(Cow::Owned(word))),
            "current_timestamp" => (Field::Call("CURRENT_TIMESTAMP"), false),
            "current_date" => (Field::Call("CURRENT_DATE"), false),
            "now" => (Field::Call("now()"), true),
            "gen_random_uuid" => (Field::Call("gen_random_uuid()"), true),
            _ => {
                self.at = before;
                return Err(self.not_constant());
            }
        };
        if brackets && !(self.sign('(') && self.sign(')')) {
            return Err(self.not_constant());
        }
        Ok(field)
    }

    /// ON CONFLICT DO NOTHING; that of a column is refused, because unique indexes are made behind the rows.
    fn conflict(&mut self) -> R<bool> {
        if !self.word("ON") {
            return Ok(false);
        }
        if self.word("CONFLICT") && self.word("DO") && self.word("NOTHING") {
            return Ok(true);
        }
        Err(self.unread("of ON CONFLICT only DO NOTHING is converted, without columns before it", "Write the rows as they are to be."))
    }

    /// `E'…'`: escapes with backslashes.
    fn escaped(&mut self) -> R<String> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        self.at += "E'".len();
        let mut out = Vec::new();
        while let Some(byte) = bytes.get(self.at) {
            self.at += 1;
            match (byte, bytes.get(self.at)) {
                (b'\'', Some(b'\'')) => {
                    self.at += 1;
                    out.push(b'\'');
                }
                (b'\'', _) => {
                    let text = String::from_utf8(out).ok();
                    return text.ok_or_else(|| Unread { at: start, message: "the escapes yield no UTF-8".to_owned(), hint: "" });
                }
                (b'\\', Some(_)) => self.escape(&mut out)?,
                _ => out.push(*byte),
            }
        }
        Err(Unread { at: start, message: "the string that begins here never ends".to_owned(), hint: "Is the dump cut short?" })
    }

    /// What follows a backslash.
    fn escape(&mut self, out: &mut Vec<u8>) -> R<()> {
        let rest = &self.text[self.at..];
        let digits = |skip: usize, most: usize, radix: u32| {
            let length = rest[skip..].chars().take(most).take_while(|c| c.is_digit(radix)).count();
            (skip + length, u32::from_str_radix(&rest[skip..skip + length], radix).ok())
        };
        let single = |byte: u8| (1, Some(vec![byte]));
        // Three octal digits may exceed a byte, whose lower bits PostgreSQL takes.
        let byte = |number: Option<u32>| number.map(|number| vec![number.to_le_bytes()[0]]);
        let character = |number: Option<u32>| number.and_then(char::from_u32).map(|c| c.to_string().into_bytes());
        let (length, bytes) = match rest.as_bytes().first() {
            Some(b'b') => single(8),
            Some(b'f') => single(12),
            Some(b'n') => single(b'\n'),
            Some(b'r') => single(b'\r'),
            Some(b't') => single(b'\t'),
            Some(b'0'..=b'7') => {
                let (length, number) = digits(0, 3, 8);
                (length, byte(number))
            }
            Some(b'x') if digits(1, 2, 16).1.is_some() => {
                let (length, number) = digits(1, 2, 16);
                (length, byte(number))
            }
            Some(letter @ (b'u' | b'U')) => {
                let wanted = if *letter == b'u' { 4 } else { 8 };
                let (length, number) = digits(1, wanted, 16);
                (length, character(number).filter(|_| length == 1 + wanted))
            }
            _ => {
                let c = rest.chars().next().unwrap_or_default();
                (c.len_utf8(), Some(c.to_string().into_bytes()))
            }
        };
        let Some(bytes) = bytes else {
            // Half a pair of surrogates, or too few digits.
            return Err(Unread { at: self.at, message: "this escape is no character".to_owned(), hint: "Write the character itself." });
        };
        self.at += length;
        out.extend(bytes);
        Ok(())
    }
}

/// The length of the comment that a text begins with; 0 for none. Comments nest.
fn block_comment(text: &str) -> usize {
    if !text.starts_with("/*") {
        return 0;
    }
    let (mut at, mut open) = (0, 0_usize);
    while at < text.len() {
        let mark = &text.as_bytes()[at..text.len().min(at + 2)];
        match mark {
            b"/*" => open += 1,
            b"*/" => open -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if open == 0 {
            return at;
        }
    }
    text.len()
}

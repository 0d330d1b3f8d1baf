//! INSERT as pg_dump's `--inserts` writes it: lists of constants.

/// Columns (empty for all) and rows; a value is `None` for NULL.
pub(crate) struct Insert {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

/// Reads an INSERT of constants; `None` for any other.
pub(crate) fn read(text: &str) -> Option<Insert> {
    let mut reader = Reader { text, at: 0 };
    (reader.word("INSERT") && reader.word("INTO")).then_some(())?;
    reader.name()?;
    while reader.sign('.') {
        reader.name()?;
    }
    let mut columns = Vec::new();
    if reader.sign('(') {
        loop {
            columns.push(reader.name()?);
            if reader.sign(')') {
                break;
            }
            reader.sign(',').then_some(())?;
        }
    }
    if reader.word("OVERRIDING") {
        (reader.word("SYSTEM") && reader.word("VALUE")).then_some(())?;
    }
    reader.word("VALUES").then_some(())?;
    let mut rows = Vec::new();
    loop {
        rows.push(reader.row()?);
        if !reader.sign(',') {
            break;
        }
    }
    reader.rest().is_empty().then_some(Insert { columns, rows })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// What is left, without blanks before it.
    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        &self.text[self.at..]
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

    fn name(&mut self) -> Option<String> {
        let rest = self.rest();
        if rest.starts_with('"') {
            return self.quoted('"');
        }
        let length = Self::word_length(rest);
        self.at += length;
        (length > 0).then(|| rest[..length].to_lowercase())
    }

    /// What is between quotes, a doubled one being one.
    fn quoted(&mut self, quote: char) -> Option<String> {
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
                return Some(out);
            }
        }
        None
    }

    fn row(&mut self) -> Option<Vec<Option<String>>> {
        self.sign('(').then_some(())?;
        let mut row = Vec::new();
        loop {
            row.push(self.value()?);
            if self.sign(')') {
                return Some(row);
            }
            self.sign(',').then_some(())?;
        }
    }

    fn value(&mut self) -> Option<Option<String>> {
        let rest = self.rest();
        match rest.chars().next()? {
            '\'' => self.quoted('\'').map(Some),
            // Bits: the digits alone are the value.
            'B' if rest[1..].starts_with('\'') => {
                self.at += 1;
                self.quoted('\'').map(Some)
            }
            '0'..='9' | '-' | '.' => {
                let length = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'))).unwrap_or(rest.len());
                self.at += length;
                crate::mysql::is_number(&rest[..length]).then(|| Some(rest[..length].to_owned()))
            }
            _ if self.word("NULL") => Some(None),
            _ if self.word("true") => Some(Some("true".to_owned())),
            _ if self.word("false") => Some(Some("false".to_owned())),
            _ => None,
        }
    }
}

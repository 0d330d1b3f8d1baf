//! Rows out of COPY data: text and CSV, in pieces of any size.

use borealis_pgtypes::{Result, SqlError, SqlState};

use super::options::{CopyFormat, Options};

/// Longest line: a row may hold 2 MiB, and escapes and quotes may multiply that.
const LINE_BYTES_MAX: usize = 32 << 20;

/// One line's fields; `None` is NULL.
pub(super) type Fields = Vec<Option<String>>;

/// Splits data into lines and lines into fields.
#[derive(Debug)]
pub(super) struct Reader {
    options: Options,
    buffer: Vec<u8>,
    /// Bytes of `buffer` known to hold no line end.
    scanned: usize,
    in_quotes: bool,
    /// Lines taken so far, as error contexts count them.
    pub(super) line: u64,
    /// The last line taken, for error contexts.
    pub(super) text: String,
    ended: bool,
}

impl Reader {
    pub(super) fn new(options: Options) -> Self {
        Self { options, buffer: Vec::new(), scanned: 0, in_quotes: false, line: 0, text: String::new(), ended: false }
    }

    /// Takes more data.
    pub(super) fn push(&mut self, data: &[u8]) -> Result<()> {
        if self.ended {
            return Ok(());
        }
        if self.buffer.len() + data.len() > LINE_BYTES_MAX + (1 << 20) {
            return Err(SqlError::new(SqlState::PROGRAM_LIMIT_EXCEEDED, "a line of COPY data is too long"));
        }
        self.buffer.extend_from_slice(data);
        Ok(())
    }

    /// The next complete line's fields; with `last`, what is left counts as a line.
    pub(super) fn next(&mut self, last: bool) -> Result<Option<Fields>> {
        let Some(line) = self.take_line(last)? else { return Ok(None) };
        self.line += 1;
        if line == b"\\." {
            self.ended = true;
            self.buffer.clear();
            return Ok(None);
        }
        let text = String::from_utf8(line).map_err(|error| {
            let byte = error.as_bytes()[error.utf8_error().valid_up_to()];
            SqlError::new(SqlState::CHARACTER_NOT_IN_REPERTOIRE, format!("invalid byte sequence for encoding \"UTF8\": 0x{byte:02x}"))
        })?;
        self.text = text;
        let fields = match self.options.format {
            CopyFormat::Text | CopyFormat::Binary => text_fields(&self.text, &self.options)?,
            CopyFormat::Csv => csv_fields(&self.text, &self.options)?,
        };
        Ok(Some(fields))
    }

    fn take_line(&mut self, last: bool) -> Result<Option<Vec<u8>>> {
        if let Some(end) = self.find_line_end() {
            let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
            self.scanned = 0;
            line.pop();
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            return Ok(Some(line));
        }
        if !last || self.buffer.is_empty() {
            return Ok(None);
        }
        if self.in_quotes {
            self.line += 1;
            self.text = String::from_utf8_lossy(&self.buffer).into_owned();
            return Err(SqlError::new(SqlState::BAD_COPY_FILE_FORMAT, "unterminated CSV quoted field"));
        }
        Ok(Some(std::mem::take(&mut self.buffer)))
    }

    /// Where the current line ends: a newline that is neither quoted (CSV) nor escaped (text).
    fn find_line_end(&mut self) -> Option<usize> {
        let csv = self.options.format == CopyFormat::Csv;
        while let Some(&byte) = self.buffer.get(self.scanned) {
            if csv && byte == self.options.quote {
                self.in_quotes = !self.in_quotes;
            } else if csv && self.in_quotes && byte == self.options.escape {
                // An escape that is not the quote covers the next byte, when that is here.
                if self.scanned + 1 >= self.buffer.len() {
                    return None;
                }
                self.scanned += 1;
            } else if !csv && byte == b'\\' {
                if self.scanned + 1 >= self.buffer.len() {
                    return None;
                }
                self.scanned += 1;
            } else if byte == b'\n' && !self.in_quotes {
                return Some(self.scanned);
            }
            self.scanned += 1;
        }
        None
    }
}

fn text_fields(line: &str, options: &Options) -> Result<Fields> {
    let delimiter = char::from(options.delimiter);
    let mut fields = Vec::new();
    let mut raw = String::new();
    let mut value = String::new();
    let mut characters = line.chars();
    let finish = |raw: &mut String, value: &mut String, fields: &mut Fields| {
        fields.push(if *raw == options.null { None } else { Some(std::mem::take(value)) });
        raw.clear();
        value.clear();
    };
    while let Some(character) = characters.next() {
        if character == delimiter {
            finish(&mut raw, &mut value, &mut fields);
        } else if character == '\\' {
            let before = characters.as_str();
            value.push_str(&unescape(&mut characters)?);
            raw.push('\\');
            raw.push_str(&before[..before.len() - characters.as_str().len()]);
        } else {
            raw.push(character);
            value.push(character);
        }
    }
    finish(&mut raw, &mut value, &mut fields);
    Ok(fields)
}

/// What follows a backslash in text format.
fn unescape(characters: &mut std::str::Chars<'_>) -> Result<String> {
    let Some(character) = characters.next() else { return Ok("\\".to_owned()) };
    let plain = match character {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '0'..='7' => return coded(characters, character.to_digit(8).unwrap_or(0), 8, 2),
        'x' => match characters.as_str().chars().next().and_then(|digit| digit.to_digit(16)) {
            Some(_) => return coded(characters, 0, 16, 2),
            None => 'x',
        },
        other => other,
    };
    Ok(plain.to_string())
}

/// A byte given by octal or hexadecimal digits.
fn coded(characters: &mut std::str::Chars<'_>, mut code: u32, radix: u32, digits_max: usize) -> Result<String> {
    for _ in 0..digits_max {
        let Some(digit) = characters.as_str().chars().next().and_then(|digit| digit.to_digit(radix)) else { break };
        code = code * radix + digit;
        characters.next();
    }
    match u8::try_from(code & 0xff) {
        Ok(byte @ 1..=127) => Ok(char::from(byte).to_string()),
        _ => Err(SqlError::new(
            SqlState::CHARACTER_NOT_IN_REPERTOIRE,
            format!("invalid byte sequence for encoding \"UTF8\": 0x{:02x}", code & 0xff),
        )),
    }
}

fn csv_fields(line: &str, options: &Options) -> Result<Fields> {
    let (delimiter, quote, escape) = (char::from(options.delimiter), char::from(options.quote), char::from(options.escape));
    let mut fields = Vec::new();
    let mut value = String::new();
    let mut was_quoted = false;
    let mut characters = line.chars().peekable();
    loop {
        match characters.next() {
            None => {
                fields.push(csv_field(&mut value, was_quoted, options));
                return Ok(fields);
            }
            Some(character) if character == delimiter => {
                fields.push(csv_field(&mut value, was_quoted, options));
                was_quoted = false;
            }
            Some(character) if character == quote => {
                was_quoted = true;
                quoted(&mut characters, &mut value, quote, escape)?;
            }
            Some(character) => value.push(character),
        }
    }
}

fn quoted(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, value: &mut String, quote: char, escape: char) -> Result<()> {
    while let Some(character) = characters.next() {
        if character == escape && characters.peek().is_some_and(|next| *next == quote || *next == escape) {
            value.extend(characters.next());
        } else if character == quote {
            return Ok(());
        } else {
            value.push(character);
        }
    }
    Err(SqlError::new(SqlState::BAD_COPY_FILE_FORMAT, "unterminated CSV quoted field"))
}

fn csv_field(value: &mut String, was_quoted: bool, options: &Options) -> Option<String> {
    let text = std::mem::take(value);
    if !was_quoted && text == options.null { None } else { Some(text) }
}

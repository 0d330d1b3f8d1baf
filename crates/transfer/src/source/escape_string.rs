//! The value of a string with backslash escapes, `E'…'`, as PostgreSQL reads it.

/// Why escapes stand for nothing: a SQLSTATE and PostgreSQL's words.
pub(super) type Malformed = (&'static str, &'static str);

const UNICODE: Malformed = ("22025", "invalid Unicode escape");
const SURROGATES: Malformed = ("42601", "invalid Unicode surrogate pair");
const NOT_TEXT: Malformed = ("22021", "invalid byte sequence for encoding \"UTF8\"");

/// A string that is being read.
pub(super) struct EscapeString<'t> {
    /// What stands behind the opening quote.
    text: &'t str,
    /// How much of it is read.
    pub(super) at: usize,
}

impl<'t> EscapeString<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The value, read up to behind the closing quote; `None` without one, an inner error when its escapes are no text.
    ///
    /// Escapes are read from the left, so a backslash that another one escapes never begins an escape of its own.
    pub(super) fn value(&mut self) -> Option<Result<String, Malformed>> {
        let (mut bytes, mut wrong) = (Vec::new(), None);
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(['\\', '\''])?;
            bytes.extend_from_slice(&rest.as_bytes()[..plain]);
            self.at += plain + 1;
            let next = self.text[self.at..].chars().next();
            if rest.as_bytes()[plain] == b'\\' {
                // What is wrong becomes known at once and is told at the end: the string goes on.
                wrong = wrong.or(self.escape(next?, &mut bytes).err());
            } else if next == Some('\'') {
                bytes.push(b'\'');
                self.at += 1;
            } else {
                let is_text = |text: &String| !text.contains('\0');
                let value = String::from_utf8(bytes).ok().filter(is_text).ok_or(NOT_TEXT);
                return Some(wrong.map_or(value, Err));
            }
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self, first: char, bytes: &mut Vec<u8>) -> Result<(), Malformed> {
        if first.is_digit(8) {
            bytes.push(self.byte(3, 8));
            return Ok(());
        }
        self.at += first.len_utf8();
        match first {
            'b' => bytes.push(8),
            'f' => bytes.push(12),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'v' => bytes.push(11),
            'x' if self.text[self.at..].starts_with(|next: char| next.is_ascii_hexdigit()) => bytes.push(self.byte(2, 16)),
            'u' | 'U' => {
                let letter = self.unicode(first)?;
                bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        Ok(())
    }

    /// A byte by its number. An octal one beyond a byte loses its top, as PostgreSQL has it.
    #[allow(clippy::cast_possible_truncation)] // said above
    fn byte(&mut self, digits_max: usize, radix: u32) -> u8 {
        let digits = self.text[self.at..].chars().take(digits_max).map_while(|letter| letter.to_digit(radix));
        let (value, count) = digits.fold((0, 0), |(value, count), digit| (value * radix + digit, count + 1));
        self.at += count;
        value as u8
    }

    /// A letter by its number, behind `\u` or `\U`; of one beyond 16 bits both halves.
    fn unicode(&mut self, kind: char) -> Result<char, Malformed> {
        let first = self.code(kind)?;
        if (0xdc00..0xe000).contains(&first) {
            return Err(SURROGATES);
        }
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).filter(|letter| *letter != '\0').ok_or(UNICODE);
        }
        let rest = &self.text[self.at..];
        let kind = rest.strip_prefix('\\').and_then(|rest| rest.chars().next()).filter(|kind| matches!(kind, 'u' | 'U'));
        let kind = kind.ok_or(SURROGATES)?;
        self.at += 2;
        let second = self.code(kind)?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(SURROGATES);
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(SURROGATES)
    }

    fn code(&mut self, kind: char) -> Result<u32, Malformed> {
        let length = if kind == 'u' { 4 } else { 8 };
        let digits = self.text.get(self.at..self.at + length).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let digits = digits.ok_or(UNICODE)?;
        self.at += length;
        u32::from_str_radix(digits, 16).map_err(|_| UNICODE)
    }
}

#[cfg(test)]
mod tests {
    use super::{EscapeString, Malformed, NOT_TEXT, SURROGATES, UNICODE};

    /// The value, and what is left behind the string.
    fn read(text: &str) -> Option<(Result<String, Malformed>, &str)> {
        let mut string = EscapeString::new(text);
        let value = string.value()?;
        Some((value, &text[string.at..]))
    }

    #[test]
    fn escapes_as_postgresql_reads_them() {
        for (text, want) in [
            (r"plain'", "plain"),
            (r"it''s\\'", r"it's\"),
            (r"\''", "'"),
            (r"\b\f\n\r\t\v'", "\u{8}\u{c}\n\r\t\u{b}"),
            (r"\101\7\0619'", "A\u{7}19"),
            (r"\x4g\xg'", "\u{4}gxg"),
            (r"\xc3\xa9\303\251'", "éé"),
            (r"\u00e9\U0001F600\uD83D\uDE00'", "é😀😀"),
            (r"\\u00e9'", r"\u00e9"),
            (r"\\\u00e9'", r"\é"),
            (r"\\\\u00e9\\x41\\n'", r"\\u00e9\x41\n"),
            (r"\ü\q'", "üq"),
        ] {
            let text = format!("{text}, 'next'");
            assert_eq!(read(&text), Some((Ok(want.to_owned()), ", 'next'")), "{text}");
        }
    }

    #[test]
    fn what_is_no_text_is_not_guessed_at() {
        for (text, want) in [
            (r"\u12'", UNICODE),
            (r"\u00g0'", UNICODE),
            (r"\U0001F60'", UNICODE),
            (r"a\u0000b'", UNICODE),
            (r"\uD83D'", SURROGATES),
            (r"\uD83Dx'", SURROGATES),
            (r"\uD83D\u0041'", SURROGATES),
            (r"\uDE00'", SURROGATES),
            (r"\377'", NOT_TEXT),
            (r"a\0b'", NOT_TEXT),
        ] {
            assert_eq!(read(text), Some((Err(want), "")), "{text}");
        }
        assert_eq!(read(r"no end\'"), None);
    }
}

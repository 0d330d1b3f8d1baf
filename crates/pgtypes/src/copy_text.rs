//! PostgreSQL's COPY text format: the one form that rows have between a source and a table.
//!
//! A row is a line, its values stand between tabs, NULL is `\N`, and a backslash announces what would be mistaken for structure.

/// NULL as a value.
pub const NULL: &[u8] = b"\\N";

/// What a byte is written as behind a backslash; 0 for bytes that stand for themselves.
const ESCAPES: [u8; 256] = {
    let mut table = [0; 256];
    table[b'\\' as usize] = b'\\';
    table[b'\n' as usize] = b'n';
    table[b'\r' as usize] = b'r';
    table[b'\t' as usize] = b't';
    table
};

/// Appends a value that is not NULL.
pub fn escape(value: &[u8], out: &mut Vec<u8>) {
    let mut clean_from = 0;
    for (index, byte) in value.iter().enumerate() {
        let escape = ESCAPES[usize::from(*byte)];
        if escape != 0 {
            out.extend_from_slice(&value[clean_from..index]);
            out.extend_from_slice(&[b'\\', escape]);
            clean_from = index + 1;
        }
    }
    out.extend_from_slice(&value[clean_from..]);
}

/// The values of a row, without its line end; `None` is NULL.
pub fn values(row: &[u8]) -> impl Iterator<Item = Option<Vec<u8>>> + '_ {
    // A tab inside a value is written `\t`, so a tab is always a separator; a backslash before one would be malformed and is kept as it is.
    row.split(|byte| *byte == b'\t').map(|value| (value != NULL).then(|| unescape(value)))
}

/// The value that an escaped one stands for.
pub fn unescape(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        rest = unescape_one(rest, &mut out);
    }
    out.extend_from_slice(rest);
    out
}

/// What stands behind a backslash; returns the rest.
fn unescape_one<'r>(rest: &'r [u8], out: &mut Vec<u8>) -> &'r [u8] {
    let Some(first) = rest.first() else {
        out.push(b'\\');
        return rest;
    };
    let (byte, length) = match first {
        b'b' => (8, 1),
        b'f' => (12, 1),
        b'n' => (b'\n', 1),
        b'r' => (b'\r', 1),
        b't' => (b'\t', 1),
        b'v' => (11, 1),
        b'0'..=b'7' => number(rest, 3, 8),
        b'x' if rest.get(1).is_some_and(u8::is_ascii_hexdigit) => {
            let (byte, length) = number(&rest[1..], 2, 16);
            (byte, length + 1)
        }
        other => (*other, 1),
    };
    out.push(byte);
    &rest[length..]
}

/// A byte by number: up to `digits_max` digits, and how many there were. Octal numbers beyond a byte lose their top, as PostgreSQL has it.
#[allow(clippy::cast_possible_truncation)] // said above
fn number(text: &[u8], digits_max: usize, radix: u32) -> (u8, usize) {
    let digits = text.iter().take(digits_max).map_while(|byte| char::from(*byte).to_digit(radix));
    let (value, length) = digits.fold((0, 0), |(value, length), digit| (value * radix + digit, length + 1));
    (value as u8, length)
}

#[cfg(test)]
mod tests {
    use super::{escape, unescape, values};

    #[test]
    fn what_is_escaped_comes_back() {
        for value in ["", "plain", "a\tb\nc\rd\\e", "\\N", "\\.", "ü\u{b}\u{8}"] {
            let mut out = Vec::new();
            escape(value.as_bytes(), &mut out);
            assert!(!out.iter().any(|byte| matches!(byte, b'\t' | b'\n' | b'\r')), "{value:?}");
            assert_eq!(unescape(&out), value.as_bytes(), "{value:?}");
        }
    }

    #[test]
    fn every_escape_that_postgresql_reads() {
        for (text, want) in [
            ("\\b\\f\\v", &[8, 12, 11][..]),
            ("\\101\\7\\0619", &[65, 7, 49, 57]),
            ("\\x41\\x4g\\xg", &[65, 4, b'g', b'x', b'g']),
            ("\\q\\", b"q\\"),
        ] {
            assert_eq!(unescape(text.as_bytes()), want, "{text}");
        }
    }

    #[test]
    fn a_row_is_its_values() {
        let row: Vec<_> = values(b"1\t\\N\t\ta\\tb").collect();
        assert_eq!(row, [Some(b"1".to_vec()), None, Some(Vec::new()), Some(b"a\tb".to_vec())]);
    }
}

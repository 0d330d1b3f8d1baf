//! Whether a message is laid out as its type says. This is looked at before the decoder sees the message: the decoder trusts counts and
//! terminators, and a client's are not to be trusted. What is wrong inside a message whose length was right does not lose the place in the
//! stream, so it is an error of that message, not the end of the connection.

use borealis_pgtypes::{SqlError, SqlState};

/// Checks a message's body.
///
/// # Errors
/// `08P01` for a body cut short or too long, `22021` for a string that is not UTF-8.
pub(crate) fn check(kind: u8, body: &[u8]) -> Result<(), SqlError> {
    let mut body = Body(body);
    match kind {
        b'Q' | b'f' => body.string()?,
        b'P' => {
            body.string()?;
            body.string()?;
            let types = body.count()?;
            body.skip(types * 4)?;
        }
        b'B' => bind(&mut body)?,
        b'D' | b'C' => {
            body.skip(1)?;
            body.string()?;
        }
        b'E' => {
            body.string()?;
            body.skip(4)?;
        }
        b'S' | b'H' | b'X' | b'c' => {}
        // Any bytes will do, or the decoder knows no such message.
        _ => return Ok(()),
    }
    body.end()
}

fn bind(body: &mut Body<'_>) -> Result<(), SqlError> {
    body.string()?;
    body.string()?;
    let formats = body.count()?;
    body.skip(formats * 2)?;
    for _ in 0..body.count()? {
        match i32::from_be_bytes(body.array()?) {
            -1 => {}
            length => body.skip(usize::try_from(length).map_err(|_| insufficient())?)?,
        }
    }
    let formats = body.count()?;
    body.skip(formats * 2)
}

/// Whether the parameters of a startup packet are names and values with an empty name at the end, and nothing behind it.
pub(crate) fn startup_is_terminated(mut parameters: &[u8]) -> bool {
    let mut strings = 0_usize;
    while let Some(end) = parameters.iter().position(|byte| *byte == 0) {
        parameters = &parameters[end + 1..];
        if end == 0 && strings.is_multiple_of(2) {
            return parameters.is_empty();
        }
        strings += 1;
    }
    false
}

struct Body<'a>(&'a [u8]);

impl Body<'_> {
    fn skip(&mut self, bytes: usize) -> Result<(), SqlError> {
        self.0 = self.0.get(bytes..).ok_or_else(insufficient)?;
        Ok(())
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SqlError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or_else(insufficient)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn count(&mut self) -> Result<usize, SqlError> {
        self.array().map(u16::from_be_bytes).map(usize::from)
    }

    fn string(&mut self) -> Result<(), SqlError> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or_else(|| wrong("invalid string in message"))?;
        let (string, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        std::str::from_utf8(string).map(drop).map_err(|error| not_text(&string[error.valid_up_to()..]))
    }

    fn end(&self) -> Result<(), SqlError> {
        if self.0.is_empty() { Ok(()) } else { Err(wrong("invalid message format")) }
    }
}

fn wrong(text: &str) -> SqlError {
    SqlError::new(SqlState::PROTOCOL_VIOLATION, text)
}

fn insufficient() -> SqlError {
    wrong("insufficient data left in message")
}

/// Names the bytes of the character that the first one announces, as many as there are.
fn not_text(rest: &[u8]) -> SqlError {
    let announced = match rest.first() {
        Some(0xf0..=0xf7) => 4,
        Some(0xe0..=0xef) => 3,
        Some(0xc0..=0xdf) => 2,
        _ => 1,
    };
    let bytes: Vec<String> = rest.iter().take(announced).map(|byte| format!("0x{byte:02x}")).collect();
    let text = format!("invalid byte sequence for encoding \"UTF8\": {}", bytes.join(" "));
    SqlError::new(SqlState::CHARACTER_NOT_IN_REPERTOIRE, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_one(kind: u8, body: &[u8], expected: &str) {
        let answer = check(kind, body).map_or_else(|error| error.to_string(), |()| "ok".to_owned());
        assert_eq!(answer, expected, "{} {body:?}", char::from(kind));
    }

    #[test]
    fn bodies() {
        check_one(b'Q', b"SELECT 1\0", "ok");
        check_one(b'Q', b"SELECT 1", "08P01: invalid string in message");
        check_one(b'Q', b"SELECT 1\0x", "08P01: invalid message format");
        check_one(b'Q', b"\xe2\x82\0", "22021: invalid byte sequence for encoding \"UTF8\": 0xe2 0x82");
        check_one(b'P', b"s\0q\0\0\x01\0\0\0\x17", "ok");
        check_one(b'P', b"s\0q\0\0\x02\0\0\0\x17", "08P01: insufficient data left in message");
        check_one(b'B', b"\0\0\0\0\0\x01\xff\xff\xff\xff\0\0", "ok");
        check_one(b'B', b"\0\0\0\0\0\x01\xff\xff\xff\xfe\0\0", "08P01: insufficient data left in message");
        check_one(b'B', b"\0\0\0\0\0\x01\x7f\xff\xff\xff\0\0", "08P01: insufficient data left in message");
        check_one(b'D', b"Ss\0", "ok");
        check_one(b'D', b"", "08P01: insufficient data left in message");
        check_one(b'E', b"\0\0\0\0\0", "ok");
        check_one(b'S', b"x", "08P01: invalid message format");
        check_one(b'd', b"\xff", "ok");
    }

    #[test]
    fn startup_parameters() {
        assert!(startup_is_terminated(b"\0"));
        assert!(startup_is_terminated(b"user\0admin\0\0"));
        assert!(startup_is_terminated(b"user\0\0\0"));
        for bad in [&b""[..], b"user", b"user\0", b"user\0admin\0", b"user\0admin\0\0x", b"user\0admin\0database"] {
            assert!(!startup_is_terminated(bad), "{bad:?}");
        }
    }
}

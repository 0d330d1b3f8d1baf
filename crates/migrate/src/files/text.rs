//! Files as people's editors leave them.

use std::path::Path;

use crate::error::{MigrateError, Result};

/// The text of a file: UTF-8, with or without a byte order mark, which is no part of it.
///
/// # Errors
/// When it cannot be read or is in another encoding, with the line and what to do.
pub fn read_text(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).map_err(|error| MigrateError::File(format!("{}: {error}", path.display())))?;
    decoded(&bytes).map_err(|(line, why)| MigrateError::File(format!("{}:{line}: {why}", path.display())))
}

fn decoded(bytes: &[u8]) -> std::result::Result<String, (usize, String)> {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err((1, "the file is UTF-16: save it as UTF-8, or turn it with `iconv -f UTF-16 -t UTF-8`".to_owned()));
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|error| {
        let at = error.valid_up_to();
        let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
        let why = format!(
            "byte 0x{:02X} is not UTF-8: save the file as UTF-8, or turn it, if it is Latin-1, with `iconv -f LATIN1 -t UTF-8`",
            bytes[at]
        );
        (line, why)
    })
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn a_file_is_utf8_whatever_stands_before_it() {
        assert_eq!(decoded("\u{feff}SELECT 'é'".as_bytes()).unwrap(), "SELECT 'é'");
        let (line, why) = decoded(b"SELECT 1;\nSELECT 'caf\xe9';\n").unwrap_err();
        assert!(line == 2 && why.starts_with("byte 0xE9 is not UTF-8: save the file as UTF-8"), "{line}: {why}");
        let (line, why) = decoded(b"\xff\xfeS\0").unwrap_err();
        assert!(line == 1 && why.starts_with("the file is UTF-16"), "{line}: {why}");
    }
}

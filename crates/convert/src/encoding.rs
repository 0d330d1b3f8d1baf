//! What a source is before it is SQL: its encoding, and whether it is all there.

use crate::error::ConvertError;
use crate::place::Place;

/// The text without its byte order mark.
///
/// # Errors
/// It is compressed, or in an encoding other than UTF-8, as the first bytes say.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&[u8], ConvertError> {
    let refuse = |what: &str, hint: &str| Err(ConvertError::new(Place::START, format!("the source is {what}")).hint(hint));
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Ok(rest),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            refuse("UTF-16", "Write it as UTF-8; in PowerShell `mysqldump --result-file=FILE` instead of `> FILE`.")
        }
        [0x1F, 0x8B, ..] => refuse("compressed (gzip)", "gunzip -c FILE | borealis convert mysql -"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => refuse("compressed (zstd)", "zstd -dc FILE | borealis convert mysql -"),
        [b'P', b'G', b'D', b'M', b'P', ..] => {
            refuse("a dump in PostgreSQL's custom format", "pg_restore -f - FILE | borealis convert postgres -")
        }
        _ => Ok(bytes),
    }
}

/// Whether a dump that says at its beginning what it is also says at its end that it is complete.
///
/// # Errors
/// It does not.
pub(crate) fn complete(text: &[u8], first: &[&str], last: &str, end: Place) -> Result<(), ConvertError> {
    const LOOK_AT: usize = 4096;
    let has = |part: &[u8], words: &str| part.windows(words.len()).any(|window| window == words.as_bytes());
    let head = &text[..text.len().min(LOOK_AT)];
    let tail = &text[text.len().saturating_sub(LOOK_AT)..];
    if first.iter().any(|words| has(head, words)) && !has(tail, last) {
        let message = format!("the dump is cut short: \"{last}\" is missing at its end");
        return Err(ConvertError::new(end, message).hint("Dump again; the disk may have been full, or the connection lost."));
    }
    Ok(())
}

//! What a source says, followed as it is read: the digest of all that gives its records their meaning, in order.
//!
//! A load that is complete keeps it, and a later run of the same load compares the source's beginning with it. What is unchanged is passed
//! over, what stands behind it is new, and anything else is another source.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::batch::hexadecimal;
use super::lines::without_line_end;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Content {
    /// Where it ends in the source.
    pub(crate) end: u64,
    /// SHA-256 of it.
    pub(crate) digest: String,
}

/// The source is not what it was.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changed;

/// What has been read so far.
pub(super) struct Following {
    digest: Sha256,
    end: u64,
    /// What an earlier run has read, until it has been compared.
    known: Option<Content>,
}

impl Following {
    pub(super) fn new(known: Option<Content>) -> Self {
        Self { digest: Sha256::new(), end: 0, known }
    }

    /// Takes the next piece; true when an earlier run has read it. What is new is never told so before all that was known has been compared.
    pub(super) fn take(&mut self, place: &Range<u64>, bytes: &[u8]) -> Result<bool, Changed> {
        match self.known.as_ref().map(|known| known.end) {
            Some(known_end) if place.end <= known_end => {
                self.update(place.end, bytes);
                Ok(true)
            }
            Some(known_end) if place.start < known_end => self.take_over_the_end(place, bytes, known_end).map(|()| true),
            _ => {
                self.compare()?;
                self.update(place.end, bytes);
                Ok(false)
            }
        }
    }

    /// The last record that was known, if all it has got is the line end that it lacked.
    fn take_over_the_end(&mut self, place: &Range<u64>, bytes: &[u8], known_end: u64) -> Result<(), Changed> {
        let is_whole = place.end - place.start == bytes.len() as u64;
        let length = usize::try_from(known_end - place.start).map_err(|_| Changed)?;
        let (old, more) = bytes.split_at_checked(length).filter(|_| is_whole).ok_or(Changed)?;
        if !without_line_end(more).is_empty() {
            return Err(Changed);
        }
        self.update(known_end, old);
        self.compare()?;
        self.update(place.end, more);
        Ok(())
    }

    /// All that was read, at the end of the source.
    pub(super) fn finish(&mut self) -> Result<Content, Changed> {
        self.compare()?;
        Ok(Content { end: self.end, digest: hexadecimal(self.digest.clone()) })
    }

    fn update(&mut self, end: u64, bytes: &[u8]) {
        self.digest.update(bytes);
        self.end = end;
    }

    /// Compares what was read so far with all that was known.
    fn compare(&mut self) -> Result<(), Changed> {
        match self.known.take() {
            Some(known) if known.digest != hexadecimal(self.digest.clone()) => Err(Changed),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Changed, Content, Following};

    /// The lines of a text that are new, and its content.
    fn followed(text: &str, known: Option<Content>) -> Result<(Vec<&str>, Content), Changed> {
        let (mut following, mut start, mut new) = (Following::new(known), 0, Vec::new());
        for line in text.split_inclusive('\n') {
            let end = start + line.len() as u64;
            if !following.take(&(start..end), line.as_bytes())? {
                new.push(line);
            }
            start = end;
        }
        Ok((new, following.finish()?))
    }

    #[test]
    fn what_stands_behind_the_known_is_new() {
        for (before, after, want) in [
            ("a\nb\n", "a\nb\n", &[][..]),
            ("a\nb\n", "a\nb\nc\nd", &["c\n", "d"]),
            ("a\nb", "a\nb\nc\n", &["c\n"]),
            ("a\nb", "a\nb\r\n", &[]),
            ("", "a\n", &["a\n"]),
        ] {
            let (_, content) = followed(before, None).expect("nothing to compare");
            let (new, grown) = followed(after, Some(content)).expect(after);
            assert_eq!(new, want, "{after:?}");
            assert_eq!(Some(grown), followed(after, None).ok().map(|(_, content)| content), "{after:?}");
        }
    }

    #[test]
    fn everything_else_is_another_source() {
        for (before, after) in
            [("a\nb\n", "a\nB\n"), ("a\nb\n", "a\nB\nc\n"), ("a\nb\n", "a\n"), ("a\nb\n", ""), ("a\nb", "a\nbc\n"), ("a\nb\n", "c\na\nb\n")]
        {
            let (_, content) = followed(before, None).expect("nothing to compare");
            assert_eq!(followed(after, Some(content)), Err(Changed), "{after:?}");
        }
    }
}

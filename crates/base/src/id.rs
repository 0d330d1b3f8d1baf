//! 26-character identifiers: clusters, jobs, streams.

use std::fmt;
use std::str::FromStr;

use crate::Random;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const LENGTH: usize = 26;

/// 16 bytes written as 26 characters of lower-case RFC 4648 base32 without padding, as Aurora DSQL writes cluster and job ids.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id26(pub [u8; 16]);

/// The text is not a 26-character base32 identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidId;

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an identifier has 26 characters of a-z and 2-7")
    }
}

impl std::error::Error for InvalidId {}

impl Id26 {
    /// A new random identifier: a version-4 UUID's bytes, as the service's own ids decode to.
    #[must_use]
    pub fn random(random: &dyn Random) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        Self(bytes)
    }
}

impl fmt::Display for Id26 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0u8; LENGTH];
        // 128 bits in groups of five from the top; the last character carries three bits and two zero bits.
        let value = u128::from_be_bytes(self.0);
        for (index, slot) in text.iter_mut().enumerate() {
            let shift = 123i32 - 5 * i32::try_from(index).expect("an index below 26");
            let group = if shift >= 0 { value >> shift } else { value << -shift };
            *slot = ALPHABET[(group & 31) as usize];
        }
        f.write_str(std::str::from_utf8(&text).expect("the alphabet is ASCII"))
    }
}

impl fmt::Debug for Id26 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id26({self})")
    }
}

impl FromStr for Id26 {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.len() != LENGTH {
            return Err(InvalidId);
        }
        let mut value: u128 = 0;
        for (index, byte) in text.bytes().enumerate() {
            let group = ALPHABET.iter().position(|&letter| letter == byte).ok_or(InvalidId)? as u128;
            if index == LENGTH - 1 {
                if group & 3 != 0 {
                    return Err(InvalidId);
                }
                value = (value << 3) | (group >> 2);
            } else {
                value = (value << 5) | group;
            }
        }
        Ok(Self(value.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    #[test]
    fn text_and_bytes_round_trip() {
        let random = SeededRandom::new(7);
        for _ in 0..1000 {
            let id = Id26::random(&random);
            let text = id.to_string();
            assert_eq!(text.len(), 26);
            assert_eq!(text.parse(), Ok(id));
        }
        assert_eq!(Id26([0; 16]).to_string(), "aaaaaaaaaaaaaaaaaaaaaaaaaa");
        assert_eq!(Id26([0xff; 16]).to_string(), "77777777777777777777777774");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "no-such-job", "77777777777777777777777775", "AAAAAAAAAAAAAAAAAAAAAAAAAA", "aaaaaaaaaaaaaaaaaaaaaaaaa1"] {
            assert_eq!(text.parse::<Id26>(), Err(InvalidId), "{text}");
        }
    }
}

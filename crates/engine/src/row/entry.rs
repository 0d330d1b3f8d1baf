//! Values of index entries: which row the entry belongs to, and the columns kept beside it.
//!
//! An entry of a unique index is found by its keys alone, so the row's primary key is in the value. All others have the primary key as the tail of
//! their own key, and the value only says how long that tail is.

use borealis_pgtypes::Result;

use super::corrupt;

/// The primary key follows in the value.
const KEY_IN_VALUE: u8 = 1;
/// The primary key is the tail of the entry's key.
const KEY_IN_TAIL: u8 = 2;
const HEADER_BYTES: usize = 3;

/// An entry's value, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'e> {
    /// The row's key without the table's prefix.
    pub row_key: &'e [u8],
    /// The kept columns, as [`super::encode`] writes them; empty when there are none.
    pub stored: &'e [u8],
    /// The entry's own key without the tail that is the row's key.
    pub keys: &'e [u8],
}

/// Appends the value of an entry, up to where the kept columns follow.
pub fn encode(out: &mut Vec<u8>, row_key: &[u8], in_tail: bool) {
    // A key is shorter than 2 KiB: `key::check_size` has been asked.
    let length = u16::try_from(row_key.len()).unwrap_or(u16::MAX).to_le_bytes();
    out.extend([if in_tail { KEY_IN_TAIL } else { KEY_IN_VALUE }, length[0], length[1]]);
    if !in_tail {
        out.extend_from_slice(row_key);
    }
}

/// Takes an entry apart.
///
/// # Errors
/// `XX001` when the bytes are none that [`encode`] writes.
pub fn decode<'e>(key: &'e [u8], value: &'e [u8]) -> Result<Entry<'e>> {
    let (header, rest) = value.split_at_checked(HEADER_BYTES).ok_or_else(corrupt)?;
    let length = usize::from(u16::from_le_bytes([header[1], header[2]]));
    match header[0] {
        KEY_IN_VALUE => {
            let (row_key, stored) = rest.split_at_checked(length).ok_or_else(corrupt)?;
            Ok(Entry { row_key, stored, keys: key })
        }
        KEY_IN_TAIL => {
            let (keys, row_key) = key.split_at_checked(key.len().wrapping_sub(length)).ok_or_else(corrupt)?;
            Ok(Entry { row_key, stored: rest, keys })
        }
        _ => Err(corrupt()),
    }
}

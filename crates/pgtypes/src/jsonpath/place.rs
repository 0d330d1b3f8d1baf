//! Where an object lies in its document, in bytes: what `.keyvalue()` tells objects apart by. PostgreSQL gives the offset in the form it stores, so the
//! sizes of that form are reckoned here.

use crate::jsonb::Jsonb;
use crate::numeric::Numeric;

/// The offset of `wanted` in `root`'s stored form; `None` when it is no part of it.
pub(super) fn of(wanted: &Jsonb, root: &Jsonb) -> Option<i64> {
    let mut at = 0;
    find(wanted, root, &mut at).and_then(|at| i64::try_from(at).ok())
}

/// A header and an entry for each child come before the children.
const WORD: usize = 4;

fn find(wanted: &Jsonb, value: &Jsonb, at: &mut usize) -> Option<usize> {
    match value {
        Jsonb::Array(items) => {
            align(at);
            *at += WORD + WORD * items.len();
            items.iter().find_map(|item| find(wanted, item, at))
        }
        Jsonb::Object(members) => {
            align(at);
            if std::ptr::eq(wanted, value) {
                return Some(*at);
            }
            *at += WORD + 2 * WORD * members.len();
            *at += members.iter().map(|(key, _)| key.len()).sum::<usize>();
            members.iter().find_map(|(_, value)| find(wanted, value, at))
        }
        Jsonb::String(text) => {
            *at += text.len();
            None
        }
        Jsonb::Number(number) => {
            align(at);
            *at += numeric_bytes(number);
            None
        }
        Jsonb::Null | Jsonb::Bool(_) => None,
    }
}

fn align(at: &mut usize) {
    *at = at.next_multiple_of(WORD);
}

/// A stored `numeric`: its length, a header of one or two words of 16 bits, and its digits to the base 10,000.
fn numeric_bytes(number: &Numeric) -> usize {
    let parts = number.to_pg_digits();
    let is_short = parts.dscale <= 63 && (-64..=63).contains(&parts.weight);
    WORD + if is_short { 2 } else { 4 } + 2 * parts.digits.len()
}

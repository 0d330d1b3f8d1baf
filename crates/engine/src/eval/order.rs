//! Order, equality and hash of values as sorting, grouping and hashing need them: total, NULL being a value like any other.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use borealis_pgtypes::{Datum, Oid};

/// How values of one type are ordered. All storage classes but one speak for themselves; a `char(n)` is a [`Datum::Text`] whose trailing blanks do not
/// count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// By storage class.
    Plain,
    /// Without trailing blanks.
    Blanks,
}

impl Order {
    /// The order of a type.
    #[must_use]
    pub const fn of(oid: Oid) -> Self {
        match oid {
            Oid::BPCHAR => Self::Blanks,
            _ => Self::Plain,
        }
    }

    /// How two values that are not NULL stand to each other.
    #[must_use]
    #[inline]
    pub fn compare(self, left: &Datum, right: &Datum) -> Ordering {
        match (left, right) {
            (Datum::Int4(left), Datum::Int4(right)) => left.cmp(right),
            (Datum::Int8(left), Datum::Int8(right)) => left.cmp(right),
            (Datum::Text(left), Datum::Text(right)) if self == Self::Plain => left.as_bytes().cmp(right.as_bytes()),
            (Datum::Text(left), Datum::Text(right)) => unpadded(left).cmp(unpadded(right)),
            _ => borealis_pgtypes::compare::compare(left, right),
        }
    }

    /// How two values stand to each other in a sort.
    #[must_use]
    #[inline]
    pub fn sort(self, left: &Datum, right: &Datum, descending: bool, nulls_first: bool) -> Ordering {
        match (left.is_null(), right.is_null()) {
            (false, false) if descending => self.compare(right, left),
            (false, false) => self.compare(left, right),
            (true, true) => Ordering::Equal,
            (true, false) if nulls_first => Ordering::Less,
            (true, false) => Ordering::Greater,
            (false, true) if nulls_first => Ordering::Greater,
            (false, true) => Ordering::Less,
        }
    }

    /// Whether two values are the same; NULL is the same as NULL.
    #[must_use]
    #[inline]
    pub fn same(self, left: &Datum, right: &Datum) -> bool {
        match (left, right) {
            (Datum::Null, Datum::Null) => true,
            (Datum::Null, _) | (_, Datum::Null) => false,
            _ => self.compare(left, right).is_eq(),
        }
    }

    /// A hash that is equal for values that are the same.
    #[inline]
    pub fn hash<H: Hasher>(self, value: &Datum, state: &mut H) {
        match value {
            Datum::Null => state.write_u8(0),
            Datum::Int2(value) => state.write_i64(i64::from(*value)),
            Datum::Int4(value) => state.write_i64(i64::from(*value)),
            Datum::Int8(value) => state.write_i64(*value),
            Datum::Text(text) if self == Self::Blanks => state.write(unpadded(text)),
            Datum::Text(text) => state.write(text.as_bytes()),
            Datum::Uuid(bytes) => state.write(bytes),
            Datum::Date(days) => days.hash(state),
            _ => borealis_pgtypes::compare::hash(value, state),
        }
    }
}

/// The bytes of a `char(n)` that count.
#[must_use]
pub fn unpadded(text: &str) -> &[u8] {
    text.trim_end_matches(' ').as_bytes()
}

/// Orders of some types.
#[must_use]
pub fn orders(types: impl IntoIterator<Item = Oid>) -> Vec<Order> {
    types.into_iter().map(Order::of).collect()
}

/// The hash of a row, column by column. It is the same in every run, as everything the executor does; rows made to collide cost time that the
/// memory limit bounds.
#[must_use]
pub fn hash_row(orders: &[Order], row: &[Datum]) -> u64 {
    let mut state = FoldHasher::default();
    for (order, value) in orders.iter().zip(row) {
        order.hash(value, &mut state);
    }
    state.finish()
}

/// A multiply-and-fold hash: one 128-bit product per eight bytes.
#[derive(Default)]
struct FoldHasher(u64);

impl FoldHasher {
    #[inline]
    fn fold(&mut self, word: u64) {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let product = u128::from(self.0.rotate_left(23) ^ word ^ FACTOR) * u128::from(FACTOR | 1);
        #[allow(clippy::cast_possible_truncation)] // folding the halves is the hash
        {
            self.0 = (product as u64) ^ ((product >> 64) as u64);
        }
    }
}

impl Hasher for FoldHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.fold(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.fold(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
    }

    fn write_u8(&mut self, value: u8) {
        self.fold(u64::from(value) | 0x100);
    }

    fn write_i32(&mut self, value: i32) {
        self.fold(u64::from(value.cast_unsigned()));
    }

    fn write_i64(&mut self, value: i64) {
        self.fold(value.cast_unsigned());
    }

    fn write_u64(&mut self, value: u64) {
        self.fold(value);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

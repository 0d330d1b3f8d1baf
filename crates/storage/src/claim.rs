//! What a transaction claims about keys and descriptors, and which claims defeat which.
//!
//! A claim is the part of a transaction that others can collide with. Claims are decided once, at commit, by the
//! [adjudicator](crate::adjudicator): first committer wins, nobody waits. The matrix for data claims, `A` committed first:
//!
//! | held by A ↓, claimed by B → | `KeyWrite`, `ForUpdate` | `Write` | `KeyShare` | `Observe` |
//! |---|---|---|---|---|
//! | `KeyWrite`  | conflict | conflict | conflict | conflict |
//! | `ForUpdate` | conflict | conflict | conflict | – |
//! | `Write`     | conflict | conflict | –        | conflict |
//! | `KeyShare`  | conflict | –        | –        | – |
//! | `Observe`   | –        | –        | –        | – |
//!
//! One transaction may claim a key several times (lock the row, then update it). The claims add up as a set: the transaction is
//! defeated by whatever defeats any of them and defeats whatever any of them defeats, so no order of strength has to be invented.

use crate::Position;

/// A claim on one key. See the [module's matrix](crate::claim).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ClaimKind {
    /// The row changed, its key columns did not: `UPDATE` of other columns.
    Write = 1 << 0,
    /// The row appeared, went, or changed in a key column.
    KeyWrite = 1 << 1,
    /// The row was locked with `FOR UPDATE`: as strong as [`ClaimKind::KeyWrite`], without changing it.
    ForUpdate = 1 << 2,
    /// The row's key must stay: `FOR KEY SHARE`, or a foreign-key check of a child row.
    KeyShare = 1 << 3,
    /// Fails when the key was written after the snapshot; leaves no trace and defeats nobody. For index backfill.
    Observe = 1 << 4,
}

impl ClaimKind {
    /// Every kind, in the order of their bits.
    pub const ALL: [Self; 5] = [Self::Write, Self::KeyWrite, Self::ForUpdate, Self::KeyShare, Self::Observe];

    /// The committed claims that defeat this one: one column of the matrix.
    #[must_use]
    pub const fn defeated_by(self) -> ClaimSet {
        let kinds: &[Self] = match self {
            Self::KeyWrite | Self::ForUpdate => &[Self::KeyWrite, Self::ForUpdate, Self::Write, Self::KeyShare],
            Self::Write => &[Self::KeyWrite, Self::ForUpdate, Self::Write],
            Self::KeyShare => &[Self::KeyWrite, Self::ForUpdate],
            Self::Observe => &[Self::KeyWrite, Self::Write],
        };
        ClaimSet::of(kinds)
    }
}

/// A set of claims on one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ClaimSet(u8);

impl ClaimSet {
    /// No claim: secondary index entries are written under the claim of their row.
    pub const NONE: Self = Self(0);
    const BITS: u8 = 0b1_1111;

    const fn of(kinds: &[ClaimKind]) -> Self {
        let mut bits = 0;
        let mut index = 0;
        while index < kinds.len() {
            bits |= kinds[index] as u8;
            index += 1;
        }
        Self(bits)
    }

    /// The set with these bits, unless one of them is no claim of this version.
    pub(crate) const fn from_bits(bits: u8) -> Option<Self> {
        if bits & !Self::BITS == 0 { Some(Self(bits)) } else { None }
    }

    pub(crate) const fn bits(self) -> u8 {
        self.0
    }

    /// Adds a claim.
    #[must_use]
    pub const fn with(self, kind: ClaimKind) -> Self {
        Self(self.0 | kind as u8)
    }

    /// The claims of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the set has this claim.
    #[must_use]
    pub const fn has(self, kind: ClaimKind) -> bool {
        self.0 & kind as u8 != 0
    }

    /// Whether there is no claim at all.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether anything here can defeat another transaction, so that it must be remembered.
    #[must_use]
    pub const fn leaves_a_trace(self) -> bool {
        self.0 & !(ClaimKind::Observe as u8) != 0
    }

    /// The committed claims that defeat any claim of this set.
    #[must_use]
    pub fn defeated_by(self) -> Self {
        ClaimKind::ALL.into_iter().filter(|&kind| self.has(kind)).fold(Self::NONE, |all, kind| all.union(kind.defeated_by()))
    }
}

impl From<Option<ClaimKind>> for ClaimSet {
    fn from(kind: Option<ClaimKind>) -> Self {
        kind.map_or(Self::NONE, |kind| Self::NONE.with(kind))
    }
}

/// A claim on a catalog descriptor. A committed `Write` defeats a later `Write` or `Read` with an older snapshot; a committed `Read`
/// defeats nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CatalogClaim {
    /// The descriptor changes: DDL, `GRANT`.
    Write(u32),
    /// The transaction depends on the descriptor as it is at its snapshot: every statement that names the object.
    Read(u32),
}

/// Why a commit lost: the committed claim that defeats it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Data or catalog.
    pub kind: ConflictKind,
    /// What both claimed.
    pub key: ConflictKey,
    /// The commit that won: the latest one whose claims defeat this transaction.
    pub winner: Position,
}

/// Which of the two families of claims collided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConflictKind {
    /// Two transactions claimed a key.
    Data,
    /// A descriptor changed after the snapshot.
    Catalog,
}

/// What two transactions both claimed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ConflictKey {
    /// A key.
    Key(Vec<u8>),
    /// A catalog descriptor.
    Descriptor(u32),
}

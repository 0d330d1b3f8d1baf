//! What the sessions of a run will ask: a function of the seed.

use borealis_base::{Random as _, SeededRandom};

use super::record::{Key, Strength, Tag};

/// Sessions of a run.
const SESSIONS: std::ops::RangeInclusive<u64> = 8..=64;
/// Keys of a run: few, so that transactions meet.
const KEYS: std::ops::RangeInclusive<u64> = 4..=48;
const STATEMENTS_MAX: u64 = 6;
/// Most keys of one statement.
const SPAN_MAX: u64 = 4;

/// How long a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Transactions of all sessions together.
    pub transactions: usize,
    /// How often the server is killed on the way.
    pub kills: usize,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// The row of a key.
    Read(Key),
    /// The rows between two keys, locked.
    Lock(Key, Key, Strength),
    /// All rows.
    Scan,
    /// The row of a tag.
    ByTag(Tag),
    /// New values for the rows between two keys; a single row may get another tag.
    Update(Key, Key, Option<Tag>),
    /// Removes the rows between two keys.
    Delete(Key, Key),
    /// Rows that must not be there, with their tags.
    Insert(Vec<(Key, Option<Tag>)>),
    /// A row, whether it is there or not.
    Upsert(Key),
}

impl Op {
    /// Whether it changes rows.
    #[must_use]
    pub fn writes(&self) -> bool {
        matches!(self, Self::Update(..) | Self::Delete(..) | Self::Insert(_) | Self::Upsert(_))
    }
}

/// How a transaction is sent and ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// BEGIN, statements, COMMIT.
    Block,
    /// The same with ROLLBACK.
    RolledBack,
    /// One statement outside of a block.
    Autocommit,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// How it is sent and ended.
    pub shape: Shape,
    /// Its statements, each with whether it goes through the extended protocol.
    pub ops: Vec<(Op, bool)>,
    /// Behind which statement it adds its number to the ledger; `None` when it changes nothing or is a single statement.
    pub ledger_behind: Option<usize>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Keys are 0 to this.
    pub keys: Key,
    /// Each session's transactions.
    pub sessions: Vec<Vec<Planned>>,
    /// After how many transactions the server is killed.
    pub kills: Vec<usize>,
    /// After how many transactions an index is created.
    pub index_at: usize,
}

/// The plan of a seed.
#[must_use]
pub fn plan(seed: u64, size: Size) -> Plan {
    let mut dice = Dice { random: SeededRandom::new(seed), keys: 1 };
    dice.keys = dice.within(KEYS);
    let sessions = usize::try_from(dice.within(SESSIONS)).unwrap_or(1);
    let each = size.transactions.div_ceil(sessions);
    Plan {
        keys: Key::try_from(dice.keys).unwrap_or(Key::MAX),
        sessions: (0..sessions).map(|_| (0..each).map(|_| dice.transaction()).collect()).collect(),
        kills: (1..=size.kills).map(|kill| each * sessions * kill / (size.kills + 1)).collect(),
        index_at: each * sessions / 8,
    }
}

struct Dice {
    random: SeededRandom,
    keys: u64,
}

impl Dice {
    fn below(&self, bound: u64) -> u64 {
        self.random.next_u64() % bound
    }

    fn within(&self, range: std::ops::RangeInclusive<u64>) -> u64 {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    fn key(&self) -> Key {
        Key::try_from(self.below(self.keys)).unwrap_or(0)
    }

    fn span(&self) -> (Key, Key) {
        let first = self.key();
        let last = u64::from(first) + self.below(SPAN_MAX);
        (first, Key::try_from(last.min(self.keys - 1)).unwrap_or(first))
    }

    /// Fewer tags than keys, so that two rows often want one.
    fn tag(&self) -> Option<Tag> {
        (self.below(2) == 0).then(|| Tag::try_from(self.below(self.keys * 3 / 4 + 1)).unwrap_or(0))
    }

    fn transaction(&self) -> Planned {
        if self.below(8) == 0 {
            return Planned { shape: Shape::Autocommit, ops: vec![(self.lone_op(), self.coin())], ledger_behind: None };
        }
        let shape = if self.below(16) == 0 { Shape::RolledBack } else { Shape::Block };
        let ops: Vec<_> = (0..=self.below(STATEMENTS_MAX)).map(|_| (self.op(), self.coin())).collect();
        let writes = ops.iter().any(|(op, _)| op.writes());
        let ledger_behind = writes.then(|| usize::try_from(self.below(ops.len() as u64)).unwrap_or(0));
        Planned { shape, ops, ledger_behind }
    }

    fn coin(&self) -> bool {
        self.below(2) == 0
    }

    /// What may stand alone. A lone insert or delete would leave open which of a key's lives its row belongs to.
    fn lone_op(&self) -> Op {
        match self.below(3) {
            0 => Op::Read(self.key()),
            1 => Op::Scan,
            _ => self.update(),
        }
    }

    fn op(&self) -> Op {
        match self.below(20) {
            0..=5 => Op::Read(self.key()),
            6 => Op::Scan,
            7 => Op::ByTag(Tag::try_from(self.below(self.keys)).unwrap_or(0)),
            8..=9 => self.lock(),
            10..=14 => self.update(),
            15..=16 => self.delete(),
            17 => Op::Upsert(self.key()),
            _ => self.insert(),
        }
    }

    fn lock(&self) -> Op {
        let (first, last) = self.span();
        Op::Lock(first, last, if self.coin() { Strength::Update } else { Strength::KeyShare })
    }

    fn update(&self) -> Op {
        let (first, last) = self.span();
        Op::Update(first, last, if first == last { self.tag() } else { None })
    }

    fn delete(&self) -> Op {
        let (first, last) = self.span();
        Op::Delete(first, last)
    }

    fn insert(&self) -> Op {
        let (first, last) = self.span();
        let rows = (first..=last).map(|key| (key, if key == first { self.tag() } else { None }));
        Op::Insert(rows.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::{Size, plan};

    #[test]
    fn a_seed_is_one_plan() {
        let size = Size { transactions: 500, kills: 2 };
        assert_eq!(plan(7, size), plan(7, size));
        assert_ne!(plan(7, size), plan(8, size));
        let plan = plan(7, size);
        assert!(plan.sessions.iter().map(Vec::len).sum::<usize>() >= 500);
        assert!(plan.kills.iter().all(|kill| *kill < 500) && plan.kills.len() == 2);
    }
}

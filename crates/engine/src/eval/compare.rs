//! Comparisons of the common types without a function call.

use std::cmp::Ordering;

use borealis_pgtypes::{Datum, Oid, Strategy};

use super::{Code, Invoke};

/// A comparison operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Operator {
    Less,
    LessEqual,
    Equal,
    NotEqual,
    GreaterEqual,
    Greater,
}

impl Operator {
    /// Whether an ordering satisfies the operator.
    #[must_use]
    pub const fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Less => ordering.is_lt(),
            Self::LessEqual => ordering.is_le(),
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::GreaterEqual => ordering.is_ge(),
            Self::Greater => ordering.is_gt(),
        }
    }

    /// The operator of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "<" => Self::Less,
            "<=" => Self::LessEqual,
            "=" => Self::Equal,
            "<>" => Self::NotEqual,
            ">=" => Self::GreaterEqual,
            ">" => Self::Greater,
            _ => return None,
        })
    }
}

/// Storage classes whose values compare without knowing more than the class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// The integers, of any width.
    Int,
    /// `text`, `varchar`, `name`: by bytes, as collation C wants.
    Text,
    /// `uuid`
    Uuid,
    /// `date`
    Date,
    /// `timestamp`
    Timestamp,
    /// `timestamptz`
    TimestampTz,
    /// `boolean`
    Bool,
}

/// What is compared, and how.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Both operands' class.
    pub class: Class,
    /// The operator.
    pub operator: Operator,
}

/// A comparison; `general` computes the same for values that are not of the class after all.
#[derive(Debug)]
pub struct Comparison {
    pub(super) shape: Shape,
    pub(super) left: Code,
    pub(super) right: Code,
    pub(super) general: Invoke,
}

impl Shape {
    /// The shape of an operator of the table, when it is one of these comparisons.
    #[must_use]
    pub fn of(operator: &borealis_pgtypes::Operator) -> Option<Self> {
        if operator.result != Oid::BOOL {
            return None;
        }
        let class = class(operator.left)?;
        if class != self::class(operator.right)? {
            return None;
        }
        let kind = match operator.strategy {
            Some(Strategy::Less) => Operator::Less,
            Some(Strategy::LessEqual) => Operator::LessEqual,
            Some(Strategy::Equal) => Operator::Equal,
            Some(Strategy::GreaterEqual) => Operator::GreaterEqual,
            Some(Strategy::Greater) => Operator::Greater,
            None if operator.name == "<>" => Operator::NotEqual,
            None => return None,
        };
        Some(Self { class, operator: kind })
    }

    /// The answer, unless a value is not of the class.
    #[must_use]
    #[inline]
    pub fn test(self, left: &Datum, right: &Datum) -> Option<bool> {
        Some(self.operator.holds(self.class.compare(left, right)?))
    }
}

const fn class(oid: Oid) -> Option<Class> {
    Some(match oid {
        Oid::INT2 | Oid::INT4 | Oid::INT8 => Class::Int,
        Oid::TEXT | Oid::VARCHAR | Oid::NAME => Class::Text,
        Oid::UUID => Class::Uuid,
        Oid::DATE => Class::Date,
        Oid::TIMESTAMP => Class::Timestamp,
        Oid::TIMESTAMPTZ => Class::TimestampTz,
        Oid::BOOL => Class::Bool,
        _ => return None,
    })
}

impl Class {
    /// How two values of the class stand to each other; `None` when one is of another class or NULL.
    #[must_use]
    #[inline]
    pub fn compare(self, left: &Datum, right: &Datum) -> Option<Ordering> {
        match (self, left, right) {
            (Self::Int, _, _) => Some(integer(left)?.cmp(&integer(right)?)),
            (Self::Text, Datum::Text(left), Datum::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
            (Self::Uuid, Datum::Uuid(left), Datum::Uuid(right)) => Some(left.cmp(right)),
            (Self::Date, Datum::Date(left), Datum::Date(right)) => Some(left.cmp(right)),
            (Self::Timestamp, Datum::Timestamp(left), Datum::Timestamp(right))
            | (Self::TimestampTz, Datum::TimestampTz(left), Datum::TimestampTz(right)) => Some(left.cmp(right)),
            (Self::Bool, Datum::Bool(left), Datum::Bool(right)) => Some(left.cmp(right)),
            _ => None,
        }
    }
}

/// The value of an integer of any width.
#[must_use]
#[inline]
pub fn integer(value: &Datum) -> Option<i64> {
    match value {
        Datum::Int4(value) => Some(i64::from(*value)),
        Datum::Int8(value) => Some(*value),
        Datum::Int2(value) => Some(i64::from(*value)),
        _ => None,
    }
}

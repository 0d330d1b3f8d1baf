//! One line per row of the operator table.

/// Writes rows as `oid "name"(LEFT, RIGHT) -> RESULT, function, commutator, negator, strategy;` where 0 and `None` mean there is none and a left
/// type `INVALID` marks a prefix operator.
macro_rules! operators {
    ($($oid:literal $name:literal($left:ident, $right:ident) -> $result:ident, $function:literal, $commutator:literal, $negator:literal, $strategy:ident;)*) => {
        pub(super) const OPERATORS: &[$crate::Operator] = &[$($crate::Operator {
            oid: $crate::Oid($oid),
            name: $name,
            left: $crate::Oid::$left,
            right: $crate::Oid::$right,
            result: $crate::Oid::$result,
            function: $crate::Oid($function),
            commutator: $crate::Oid($commutator),
            negator: $crate::Oid($negator),
            strategy: $crate::operators::row::strategy!($strategy),
        }),*];
    };
}

macro_rules! strategy {
    (None) => {
        None
    };
    ($strategy:ident) => {
        Some($crate::Strategy::$strategy)
    };
}

pub(super) use {operators, strategy};

//! One line per row of the function table.

/// Writes rows as `oid "name"(ARG, ARG) -> RESULT, volatility strictness arity, body;` where strictness is `strict` or `nullable` and arity is
/// `fixed` or `variadic`; `defaults [..]` and `columns [..]` may follow the body.
macro_rules! functions {
    ($($oid:literal $name:literal($($arg:ident),*) -> $result:ident, $volatility:ident $strict:ident $arity:ident, $body:expr
        $(, defaults [$($defaults:literal),*])? $(, columns [$(($column:literal, $column_type:ident)),*])?;)*) => {
        pub(crate) const FUNCTIONS: &[$crate::Function] = &[$($crate::Function {
            oid: $crate::Oid($oid),
            name: $name,
            args: &[$($crate::Oid::$arg),*],
            variadic: $crate::functions::row::flag!($arity),
            defaults: &[$($($defaults),*)?],
            result: $crate::Oid::$result,
            columns: &[$($(($column, $crate::Oid::$column_type)),*)?],
            strict: $crate::functions::row::flag!($strict),
            volatility: $crate::Volatility::$volatility,
            body: $body,
        }),*];
    };
}

macro_rules! flag {
    (strict) => {
        true
    };
    (nullable) => {
        false
    };
    (variadic) => {
        true
    };
    (fixed) => {
        false
    };
}

pub(crate) use {flag, functions};

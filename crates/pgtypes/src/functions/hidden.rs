//! Functions that no statement can name: what PostgreSQL has nodes of their own for, or no function at all.

use crate::{Body, Function, Oid, SessionFunction, Volatility};

const fn of_sequence(name: &'static str, result: Oid, columns: &'static [(&'static str, Oid)], body: SessionFunction) -> Function {
    Function {
        oid: Oid::INVALID,
        name,
        args: &[Oid::REGCLASS],
        variadic: false,
        defaults: &[],
        result,
        columns,
        strict: true,
        volatility: Volatility::Volatile,
        body: Body::Session(body),
    }
}

/// The next value of an identity column's sequence: `NextValueExpr`. Unlike `nextval` it asks for no right on the sequence.
pub static NEXT_IDENTITY: Function = of_sequence("nextval", Oid::INT8, &[], SessionFunction::NextIdentity);

/// The one row of a sequence that is read as a relation.
pub static SEQUENCE_ROW: Function = of_sequence(
    "sequence",
    Oid::RECORD,
    &[("last_value", Oid::INT8), ("log_cnt", Oid::INT8), ("is_called", Oid::BOOL)],
    SessionFunction::SequenceRow,
);

//! Functions that no statement can name: what PostgreSQL has nodes of their own for, or no function at all.

use super::subscript;
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

const fn of_document(name: &'static str, strict: bool, body: Body) -> Function {
    Function {
        oid: Oid::INVALID,
        name,
        args: &[Oid::JSONB, Oid::ANY],
        variadic: false,
        defaults: &[],
        result: Oid::JSONB,
        columns: &[],
        strict,
        volatility: Volatility::Immutable,
        body,
    }
}

/// `document[step]..` read: the document, then the steps.
pub static ELEMENT: Function = of_document("subscript", true, Body::Scalar(subscript::element));

/// A document with elements assigned: the document, then for each assignment the number of its steps, the steps, and the value.
pub static ELEMENTS_ASSIGNED: Function = of_document("assign", false, Body::Scalar(subscript::assigned));

//! `regoper` and `regoperator`.

use borealis_pgtypes::{Oid, Operator, Result, SqlError, SqlState, operators};

use super::name;
use super::procedure::signature;
use super::{Names, format_type};

fn undefined(text: &str) -> SqlError {
    SqlError::new(SqlState::UNDEFINED_FUNCTION, format!("operator does not exist: {text}"))
}

/// All operators live in `pg_catalog`, which a name may say.
fn bare(text: &str) -> &str {
    text.trim().strip_prefix("pg_catalog.").unwrap_or(text.trim())
}

/// `regoperout`: qualified unless only one operator has the name.
#[must_use]
pub fn operator_name(oid: Oid) -> Option<String> {
    let operator = operators::by_oid(oid)?;
    let alone = operators::by_name(operator.name).len() == 1;
    Some(if alone { operator.name.to_owned() } else { format!("pg_catalog.{}", operator.name) })
}

/// `regoperatorout`: with operand types, `NONE` for the one a prefix operator lacks.
#[must_use]
pub fn operator_signature(names: &Names<'_>, oid: Oid) -> Option<String> {
    let operator = operators::by_oid(oid)?;
    let left = if operator.left == Oid::INVALID { "NONE".to_owned() } else { format_type(names, operator.left, Some(-1)) };
    Some(format!("{}({left},{})", operator.name, format_type(names, operator.right, Some(-1))))
}

/// `regoperin`.
///
/// # Errors
/// `42883` when there is no such operator, `42725` when there are several.
pub fn resolve_operator(text: &str) -> Result<Oid> {
    if let Some(oid) = operator_oid(text) {
        return Ok(oid);
    }
    match operators::by_name(bare(text)) {
        [] => Err(undefined(text)),
        [only] => Ok(only.oid),
        _ => Err(SqlError::new(SqlState::AMBIGUOUS_FUNCTION, format!("more than one operator named {text}"))),
    }
}

/// `0` and digits; `-` is an operator's name here.
fn operator_oid(text: &str) -> Option<Oid> {
    if text == "-" { None } else { name::as_oid(text) }
}

/// `regoperatorin`.
///
/// # Errors
/// `42883` when there is no such operator, `42P02` when an operand's type is missing, `54023` when there are too many.
pub fn resolve_operator_signature(names: &Names<'_>, text: &str) -> Result<Oid> {
    if let Some(oid) = operator_oid(text) {
        return Ok(oid);
    }
    let (name, types) = signature(names, text)?;
    let (left, right) = match types.as_slice() {
        [left, right] => (*left, *right),
        [_] => {
            let hint = "Use NONE to denote the missing argument of a unary operator.";
            return Err(SqlError::new(SqlState::UNDEFINED_PARAMETER, "missing argument").hint(hint));
        }
        _ => {
            let hint = "Provide two argument types for operator.";
            return Err(SqlError::new(SqlState::TOO_MANY_ARGUMENTS, "too many arguments").hint(hint));
        }
    };
    let is = |operator: &&&Operator| operator.left == left && operator.right == right;
    operators::by_name(bare(name)).iter().find(is).map(|operator| operator.oid).ok_or_else(|| undefined(text))
}

//! DEFAULT of a column, as its type has it.

use super::expr::Translator;
use super::source::SourceDefault;
use super::types::ValueKind;
use super::value::{self, Literal, Problem};

/// The default in the target's words; `None` for NULL, which is none.
///
/// # Errors
/// A date that does not exist, a value that does not fit, an expression without a counterpart.
pub(crate) fn translate(default: &SourceDefault, kind: &ValueKind, translator: &Translator<'_>) -> Result<Option<String>, Problem> {
    match default {
        SourceDefault::Literal(Literal::Null) => Ok(None),
        SourceDefault::Literal(literal) => {
            let mut text = String::new();
            value::write(&mut text, literal, kind)?;
            Ok(Some(text))
        }
        SourceDefault::Expression(expr) if *kind == ValueKind::UuidOfBytes && is_new_uuid(&expr.to_string()) => {
            Ok(Some("gen_random_uuid()".to_owned()))
        }
        SourceDefault::Expression(expr) if *kind == ValueKind::Boolean => translator.condition(expr).map(Some).map_err(Problem::Unfit),
        SourceDefault::Expression(expr) => translator.value(expr).map(|value| Some(value.sql)).map_err(Problem::Unfit),
    }
}

/// The default of a column whose type is not in the source: a literal in quotes takes on the type of the column that it is for.
///
/// # Errors
/// A date that does not exist, bytes and bits, whose meaning is the type's, an expression without a counterpart.
pub(crate) fn untyped(default: &SourceDefault) -> Result<Option<String>, Problem> {
    let open = Translator { columns: &[], open: true };
    match default {
        SourceDefault::Literal(Literal::Hex(_) | Literal::Bits(_)) => {
            Err(Problem::Unfit("what bits are depends on the column's type, which is not in the source".to_owned()))
        }
        // Only a date is written like one that is none.
        SourceDefault::Literal(Literal::Text(bytes)) if bytes.starts_with(b"0000-00-00") => {
            Err(Problem::ZeroDate(String::from_utf8_lossy(bytes).into_owned()))
        }
        default => translate(default, &ValueKind::Text, &open),
    }
}

/// `uuid_to_bin(uuid())`, with or without swapped parts.
fn is_new_uuid(expression: &str) -> bool {
    expression.to_ascii_lowercase().trim_start_matches('(').starts_with("uuid_to_bin(uuid()")
}

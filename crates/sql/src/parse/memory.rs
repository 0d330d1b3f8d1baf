//! Amounts of memory in options: PostgreSQL's `parse_int` with `GUC_UNIT_KB`.

use borealis_pgtypes::{SqlError, SqlState};

use super::lower::R;

/// Bounds of BUFFER_USAGE_LIMIT in kB.
const LIMIT_MIN: i32 = 128;
const LIMIT_MAX: i32 = 16 * 1024 * 1024;

const UNITS: &str = "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".";
const RANGE: &str = "Value exceeds integer range.";

/// Refuses what is no limit of a buffer: 0 for none, or an amount within the bounds.
pub(super) fn check_buffer_usage_limit(value: Option<&str>) -> R<()> {
    let value = value.ok_or_else(|| SqlError::new(SqlState::SYNTAX_ERROR, "buffer_usage_limit requires a parameter"))?;
    let hint = match kilobytes(value) {
        Ok(0 | LIMIT_MIN..=LIMIT_MAX) => return Ok(()),
        Ok(_) => None,
        Err(hint) => hint,
    };
    let message = format!("BUFFER_USAGE_LIMIT option must be 0 or between {LIMIT_MIN} kB and {LIMIT_MAX} kB");
    let error = SqlError::new(SqlState::INVALID_PARAMETER_VALUE, message);
    Err(hint.map_or(error.clone(), |hint| error.hint(hint)))
}

/// The amount in kB, rounded; or what to tell about the text.
fn kilobytes(text: &str) -> Result<i32, Option<&'static str>> {
    let text = text.trim_start();
    let end = text.char_indices().find(|(place, character)| !in_number(text, *place, *character)).map_or(text.len(), |(place, _)| place);
    let (number, unit) = text.split_at(end);
    let number = number_value(number).ok_or(None)?;
    let (factor, smaller) = match unit.trim() {
        "" | "kB" => (1.0, 1.0 / 1024.0),
        "B" => (1.0 / 1024.0, 0.0),
        "MB" => (1024.0, 1.0),
        "GB" => (1024.0 * 1024.0, 1024.0),
        "TB" => (1024.0 * 1024.0 * 1024.0, 1024.0 * 1024.0),
        _ => return Err(Some(UNITS)),
    };
    let mut amount = number * factor;
    if !unit.trim().is_empty() && smaller > 0.0 {
        // A fraction of a unit is whole in the next smaller one.
        amount = (amount / smaller).round_ties_even() * smaller;
    }
    let rounded = amount.round_ties_even();
    if !(f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&rounded) {
        return Err(Some(RANGE));
    }
    #[allow(clippy::cast_possible_truncation)] // checked above
    let kilobytes = rounded as i32;
    Ok(kilobytes)
}

/// Whether a character goes on with the number that `text` begins with.
fn in_number(text: &str, place: usize, character: char) -> bool {
    let before = text[..place].chars().next_back();
    let hexadecimal = text.trim_start_matches(['+', '-']).starts_with("0x") || text.trim_start_matches(['+', '-']).starts_with("0X");
    match character {
        '0'..='9' | '.' => true,
        '+' | '-' => place == 0 || !hexadecimal && matches!(before, Some('e' | 'E')),
        'x' | 'X' => hexadecimal && before == Some('0') && place <= 2,
        'a'..='f' | 'A'..='F' if hexadecimal => true,
        'e' | 'E' => text[place + 1..].starts_with(|next: char| next.is_ascii_digit() || matches!(next, '+' | '-')),
        _ => false,
    }
}

/// Decimal, or hexadecimal with 0x, or octal with 0.
fn number_value(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let radix = |digits: &str, radix| u64::from_str_radix(digits, radix).ok();
    #[allow(clippy::cast_precision_loss)] // far beyond every bound by then
    let value = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => radix(digits, 16)? as f64,
        None if digits.len() > 1 && digits.starts_with('0') && digits.bytes().all(|digit| digit.is_ascii_digit()) => {
            radix(digits, 8)? as f64
        }
        None => digits.parse().ok()?,
    };
    Some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::{RANGE, UNITS, kilobytes};

    #[test]
    fn amounts_as_postgresql_reads_them() {
        let amounts: &[(&str, Result<i32, Option<&str>>)] = &[
            ("0", Ok(0)),
            (" 256 ", Ok(256)),
            ("1MB", Ok(1024)),
            ("1 MB ", Ok(1024)),
            ("0.5GB", Ok(512 * 1024)),
            ("1e3", Ok(1000)),
            ("1.5", Ok(2)),
            ("0x100", Ok(256)),
            ("0400", Ok(256)),
            ("262144B", Ok(256)),
            ("-1", Ok(-1)),
            ("3TB", Err(Some(RANGE))),
            ("1 mb", Err(Some(UNITS))),
            ("1 XB", Err(Some(UNITS))),
            ("abc", Err(None)),
            ("", Err(None)),
        ];
        for (text, expected) in amounts {
            assert_eq!(kilobytes(text), *expected, "{text}");
        }
    }
}

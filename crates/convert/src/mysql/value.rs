//! Values: MySQL's literals written as literals of the target.

use super::types::{ValueKind, json_string};

/// A literal as the source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Literal {
    Null,
    Default,
    Bool(bool),
    /// Digits with a sign, a point or an exponent.
    Number(String),
    /// Escapes resolved.
    Text(Vec<u8>),
    Hex(Vec<u8>),
    /// Bits as the bytes that MySQL keeps.
    Bits(Vec<u8>),
    /// A call that has a counterpart, as the target writes it.
    Sql(&'static str),
}

/// Why a value cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A date that does not exist, as MySQL writes it.
    ZeroDate(String),
    /// Anything else.
    Unfit(String),
}

type R = Result<(), Problem>;

/// Hexadecimal digits as bytes; an odd number of them has a zero before.
pub(crate) fn hex_of(digits: &str) -> Option<Vec<u8>> {
    let padded = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits.to_owned() };
    let bytes = padded.as_bytes();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    bytes.chunks(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// Binary digits as bytes.
pub(crate) fn bits_of(digits: &str) -> Option<Vec<u8>> {
    let bytes =
        digits.as_bytes().rchunks(8).map(|octet| std::str::from_utf8(octet).ok().and_then(|octet| u8::from_str_radix(octet, 2).ok()));
    let mut bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
    bytes.reverse();
    Some(bytes)
}

/// Writes a value of a column of this kind.
pub(crate) fn write(out: &mut String, literal: &Literal, kind: &ValueKind) -> R {
    match literal {
        Literal::Null => out.push_str("NULL"),
        Literal::Default => out.push_str("DEFAULT"),
        Literal::Sql(text) => out.push_str(text),
        _ => return typed(out, literal, kind),
    }
    Ok(())
}

fn typed(out: &mut String, literal: &Literal, kind: &ValueKind) -> R {
    match kind {
        ValueKind::Boolean => boolean(out, literal),
        ValueKind::Integer { min, max } => integer(out, literal, *min, *max),
        ValueKind::Numeric | ValueKind::Float => numeric(out, literal),
        ValueKind::Text | ValueKind::Json | ValueKind::Uuid => quoted(out, &text(literal)?),
        ValueKind::Enumeration(values) => enumeration(out, literal, values),
        ValueKind::Bytes => {
            bytea(out, &bytes(literal));
            Ok(())
        }
        ValueKind::Date | ValueKind::Timestamp { .. } => date(out, literal, kind),
        ValueKind::Time => time(out, literal),
        ValueKind::Interval | ValueKind::AsIs | ValueKind::Array { .. } | ValueKind::Money => quoted(out, &text(literal)?),
        ValueKind::SetArray => set_array(out, literal),
        ValueKind::BitNumber => {
            out.push_str(&whole(literal)?.to_string());
            Ok(())
        }
        ValueKind::UuidOfBytes => uuid_of_bytes(out, literal),
        ValueKind::UuidOfNumber => uuid_of_number(out, literal),
    }
}

fn unfit(message: impl Into<String>) -> Problem {
    Problem::Unfit(message.into())
}

fn boolean(out: &mut String, literal: &Literal) -> R {
    let value = match literal {
        Literal::Bool(value) => *value,
        _ => match whole(literal)? {
            0 => false,
            1 => true,
            other => return Err(unfit(format!("{other} is neither true nor false (--map tinyint1=smallint keeps numbers)"))),
        },
    };
    out.push_str(if value { "true" } else { "false" });
    Ok(())
}

/// A whole number, however it is written.
fn whole(literal: &Literal) -> Result<i128, Problem> {
    let big_endian = |bytes: &[u8]| {
        let short = bytes.len() <= 15;
        short.then(|| bytes.iter().fold(0_i128, |number, byte| number << 8 | i128::from(*byte)))
    };
    let number = match literal {
        Literal::Bool(value) => Some(i128::from(*value)),
        Literal::Number(digits) => digits.parse().ok(),
        // A dump of BIT has the byte itself between quotes.
        Literal::Text(bytes) => std::str::from_utf8(bytes).ok().and_then(|text| text.trim().parse().ok()).or_else(|| big_endian(bytes)),
        Literal::Hex(bytes) | Literal::Bits(bytes) => big_endian(bytes),
        Literal::Null | Literal::Default | Literal::Sql(_) => None,
    };
    number.ok_or_else(|| unfit(format!("{} is no whole number", shown(literal))))
}

fn integer(out: &mut String, literal: &Literal, min: i128, max: i128) -> R {
    if let Literal::Text(bytes) = literal
        && std::str::from_utf8(bytes).is_ok_and(|text| text.trim().parse::<i128>().is_err())
    {
        return Err(unfit(format!("{} is no whole number", shown(literal))));
    }
    let number = whole(literal)?;
    if number < min || number > max {
        return Err(unfit(format!("{number} does not fit: the column holds {min} to {max}")));
    }
    out.push_str(&number.to_string());
    Ok(())
}

fn numeric(out: &mut String, literal: &Literal) -> R {
    let digits = match literal {
        Literal::Number(digits) => digits.clone(),
        Literal::Text(bytes) => String::from_utf8_lossy(bytes).trim().to_owned(),
        _ => whole(literal)?.to_string(),
    };
    if !is_number(&digits) {
        return Err(unfit(format!("{} is no number", shown(literal))));
    }
    out.push_str(&digits);
    Ok(())
}

/// `[sign] digits [. digits] [e [sign] digits]`
pub(crate) fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let unsigned = |text: &str| text.strip_prefix(['-', '+']).unwrap_or(text).to_owned();
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = unsigned(mantissa);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((&mantissa, ""));
    let exponent = exponent.is_none_or(|exponent| {
        let digits = unsigned(exponent);
        !digits.is_empty() && all_digits(&digits)
    });
    exponent && all_digits(whole) && all_digits(fraction) && !(whole.is_empty() && fraction.is_empty())
}

/// The characters of a literal.
fn text(literal: &Literal) -> Result<String, Problem> {
    match literal {
        Literal::Bool(value) => Ok(if *value { "1" } else { "0" }.to_owned()),
        Literal::Number(digits) => Ok(digits.clone()),
        Literal::Text(bytes) | Literal::Hex(bytes) | Literal::Bits(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|error| {
                let at = error.valid_up_to();
                unfit(format!("byte 0x{:02X} of a text is not UTF-8 (dump with --default-character-set=utf8mb4)", bytes[at]))
            })?;
            Ok(text.to_owned())
        }
        Literal::Null | Literal::Default | Literal::Sql(_) => Err(unfit("no value")),
    }
}

fn bytes(literal: &Literal) -> Vec<u8> {
    match literal {
        Literal::Text(bytes) | Literal::Hex(bytes) | Literal::Bits(bytes) => bytes.clone(),
        Literal::Number(digits) => digits.clone().into_bytes(),
        Literal::Bool(value) => vec![if *value { b'1' } else { b'0' }],
        Literal::Null | Literal::Default | Literal::Sql(_) => Vec::new(),
    }
}

fn quoted(out: &mut String, text: &str) -> R {
    if text.contains('\0') {
        return Err(unfit("a text with a zero byte cannot be stored"));
    }
    out.push('\'');
    for (at, part) in text.split('\'').enumerate() {
        if at > 0 {
            out.push_str("''");
        }
        out.push_str(part);
    }
    out.push('\'');
    Ok(())
}

fn bytea(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push_str("'\\x");
    for byte in bytes {
        out.push(char::from(DIGITS[usize::from(byte >> 4)]));
        out.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    out.push('\'');
}

fn enumeration(out: &mut String, literal: &Literal, values: &[String]) -> R {
    let written = text(literal)?;
    // Members compare without case, and a number names the member at its place.
    let by_name =
        values.iter().find(|value| **value == written).or_else(|| values.iter().find(|value| value.eq_ignore_ascii_case(&written)));
    let by_number = || match literal {
        Literal::Number(digits) => digits.parse::<usize>().ok().and_then(|number| values.get(number.checked_sub(1)?)),
        _ => None,
    };
    match by_name.or_else(by_number) {
        Some(value) => quoted(out, value),
        None => Err(unfit(format!("{} is no member of the ENUM", shown(literal)))),
    }
}

fn date(out: &mut String, literal: &Literal, kind: &ValueKind) -> R {
    let written = text(literal)?;
    let unfit = || unfit(format!("{} is no date", shown(literal)));
    let day = written
        .get(..10)
        .filter(|day| day.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() }));
    let day = day.ok_or_else(unfit)?;
    let part = |range: std::ops::Range<usize>| day[range].parse::<u32>().unwrap_or(0);
    let (year, month, of_month) = (part(0..4), part(5..7), part(8..10));
    if month == 0 || of_month == 0 || year == 0 {
        return Err(Problem::ZeroDate(written));
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    let rest = &written[10..];
    let is_time = rest.is_empty() || (rest.starts_with([' ', 'T']) && time_of_day(&rest[1..]));
    if month > 12 || of_month > days || !is_time {
        return Err(unfit());
    }
    let zone = if *kind == (ValueKind::Timestamp { zone: true }) { "+00" } else { "" };
    let written = if *kind == ValueKind::Date { day } else { &written };
    quoted(out, &format!("{written}{zone}"))
}

/// `hh:mm[:ss[.digits]]`
fn time_of_day(text: &str) -> bool {
    let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
    let parts: Vec<Option<u32>> = clock.split(':').map(|part| if part.len() == 2 { part.parse().ok() } else { None }).collect();
    let fits = match parts[..] {
        [Some(hour), Some(minute)] => hour < 24 && minute < 60,
        [Some(hour), Some(minute), Some(second)] => hour < 24 && minute < 60 && second < 60,
        _ => false,
    };
    fits && fraction.bytes().all(|byte| byte.is_ascii_digit())
}

fn time(out: &mut String, literal: &Literal) -> R {
    let written = text(literal)?;
    if !time_of_day(&written) {
        return Err(unfit(format!("{} is no time of day (--map time=interval keeps durations)", shown(literal))));
    }
    quoted(out, &written)
}

fn set_array(out: &mut String, literal: &Literal) -> R {
    let written = text(literal)?;
    let members: Vec<String> = written.split(',').filter(|member| !member.is_empty()).map(json_string).collect();
    quoted(out, &format!("[{}]", members.join(", ")))
}

fn uuid_of_bytes(out: &mut String, literal: &Literal) -> R {
    let bytes = bytes(literal);
    let Ok(bytes) = <[u8; 16]>::try_from(bytes) else {
        return Err(unfit("a UUID has sixteen bytes"));
    };
    uuid(out, u128::from_be_bytes(bytes));
    Ok(())
}

/// A UUID that ends in the number: the same number is the same UUID wherever it stands, so references stay references.
fn uuid_of_number(out: &mut String, literal: &Literal) -> R {
    let number = u64::try_from(whole(literal)?).map_err(|_| unfit(format!("{} is no number of AUTO_INCREMENT", shown(literal))))?;
    uuid(out, u128::from(number));
    Ok(())
}

fn uuid(out: &mut String, number: u128) {
    let digits = format!("{number:032x}");
    out.push_str(&format!("'{}-{}-{}-{}-{}'", &digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]));
}

/// The beginning of a value, for messages.
fn shown(literal: &Literal) -> String {
    const CHARACTERS_MAX: usize = 40;
    let text = match literal {
        Literal::Number(digits) => return digits.clone(),
        Literal::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Literal::Bool(value) => return value.to_string(),
        Literal::Hex(bytes) | Literal::Bits(bytes) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        Literal::Null => return "NULL".to_owned(),
        Literal::Default => return "DEFAULT".to_owned(),
        Literal::Sql(text) => return (*text).to_owned(),
    };
    let cut: String = text.chars().take(CHARACTERS_MAX).collect();
    if cut.len() < text.len() { format!("\"{cut}…\"") } else { format!("\"{cut}\"") }
}

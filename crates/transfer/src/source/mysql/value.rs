//! What becomes of a value: as the type there and the type here say, in the way of `borealis convert mysql`.

use borealis_pgtypes::{Oid, copy_text};

use crate::source::batch::Refusal;
use crate::source::lines::{bytea, check_text, uuid};

/// How a column's values become values here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// As they are printed.
    Text,
    /// Their bytes, as `bytea`.
    Bytes,
    /// Bits, as a number.
    Bits,
    /// A day, perhaps with a time, which no calendar may have; the text stands behind it.
    Date(&'static str),
    /// Sixteen bytes, as a UUID.
    UuidOfBytes,
    /// A number, as the UUID that ends in it: the same number is the same UUID wherever it stands, so references stay references.
    UuidOfNumber,
    /// Members of a SET, as an array of JSON.
    Members,
}

impl Turn {
    /// For a column whose DATA_TYPE (`information_schema.columns`) is `there` and whose type here is `here`.
    pub(super) fn of(there: &str, here: Oid) -> Self {
        let is_text = matches!(here, Oid::TEXT | Oid::VARCHAR | Oid::BPCHAR);
        match (there.to_ascii_lowercase().as_str(), here) {
            (_, Oid::BYTEA) => Self::Bytes,
            ("bit", _) => Self::Bits,
            ("binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob", Oid::UUID) => Self::UuidOfBytes,
            ("tinyint" | "smallint" | "mediumint" | "int" | "bigint", Oid::UUID) => Self::UuidOfNumber,
            ("set", Oid::JSON | Oid::JSONB) => Self::Members,
            ("date" | "datetime" | "timestamp", _) if is_text => Self::Text,
            // The session that reads is in UTC.
            ("timestamp", Oid::TIMESTAMPTZ) => Self::Date("+00"),
            ("date" | "datetime" | "timestamp", _) => Self::Date(""),
            _ => Self::Text,
        }
    }

    /// Appends a value as COPY text, or says why there is none.
    pub(super) fn write(self, value: &[u8], zero_dates_null: bool, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match self {
            Self::Text => {
                check_text(value)?;
                copy_text::escape(value, out);
            }
            Self::Bytes => bytea(value, out)?,
            Self::Bits => out.extend_from_slice(big_endian(value).to_string().as_bytes()),
            Self::Date(_) if is_no_day(value) && zero_dates_null => out.extend_from_slice(copy_text::NULL),
            Self::Date(_) if is_no_day(value) => {
                let shown = String::from_utf8_lossy(value);
                let message = format!("date/time field value out of range: \"{shown}\" (--zero-dates null makes it NULL)");
                return Err(Refusal::new("22008", message));
            }
            Self::Date(zone) => {
                copy_text::escape(value, out);
                out.extend_from_slice(zone.as_bytes());
            }
            Self::UuidOfBytes => uuid(value, out)?,
            Self::UuidOfNumber => {
                let number = std::str::from_utf8(value).ok().and_then(|digits| digits.parse::<u64>().ok());
                let refused = || Refusal::new("22P02", format!("{} is no number that a UUID ends in", String::from_utf8_lossy(value)));
                borealis_pgtypes::uuid::write(&u128::from(number.ok_or_else(refused)?).to_be_bytes(), out);
            }
            Self::Members => {
                check_text(value)?;
                let text = String::from_utf8_lossy(value);
                let members: Vec<&str> = text.split(',').filter(|member| !member.is_empty()).collect();
                copy_text::escape(serde_json::json!(members).to_string().as_bytes(), out);
            }
        }
        Ok(())
    }
}

/// At most 64 bits.
fn big_endian(bits: &[u8]) -> u64 {
    bits.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// `yyyy-mm-dd…` without a year, a month or a day, as MySQL keeps it and no calendar has it.
fn is_no_day(date: &[u8]) -> bool {
    let part = |range: std::ops::Range<usize>| date.get(range).is_some_and(|digits| digits.iter().all(|digit| *digit == b'0'));
    part(0..4) || part(5..7) || part(8..10)
}

#[cfg(test)]
mod tests {
    use borealis_pgtypes::Oid;

    use super::{Turn, is_no_day};

    fn written(value: &[u8], turn: Turn, null: bool) -> Result<String, String> {
        let mut out = Vec::new();
        turn.write(value, null, &mut out).map_err(|refusal| refusal.code)?;
        Ok(String::from_utf8(out).expect("text"))
    }

    #[test]
    fn values_become_what_the_converted_types_hold() {
        for (there, here, value, want) in [
            ("blob", Oid::BYTEA, &b"\x00\xff"[..], Ok("\\\\x00ff")),
            ("varchar", Oid::BYTEA, b"ab", Ok("\\\\x6162")),
            ("bit", Oid::BYTEA, b"\x01\x02", Ok("\\\\x0102")),
            ("bit", Oid::BOOL, b"\x01", Ok("1")),
            ("bit", Oid::INT4, b"\x01\x02", Ok("258")),
            ("bit", Oid::NUMERIC, b"\xff\xff\xff\xff\xff\xff\xff\xff", Ok("18446744073709551615")),
            ("varchar", Oid::VARCHAR, "a\tü".as_bytes(), Ok("a\\tü")),
            ("varchar", Oid::VARCHAR, b"a\0", Err("22021")),
            ("blob", Oid::TEXT, b"\xff", Err("22021")),
            ("date", Oid::DATE, b"0000-00-00", Err("22008")),
            ("date", Oid::TEXT, b"0000-00-00", Ok("0000-00-00")),
            ("datetime", Oid::TIMESTAMP, b"2024-01-02 03:04:05", Ok("2024-01-02 03:04:05")),
            ("timestamp", Oid::TIMESTAMP, b"2024-01-02 03:04:05", Ok("2024-01-02 03:04:05")),
            ("timestamp", Oid::TIMESTAMPTZ, b"2024-01-02 03:04:05", Ok("2024-01-02 03:04:05+00")),
            (
                "binary",
                Oid::UUID,
                b"\x01\x23\x45\x67\x89\xab\x4d\xef\x81\x23\x45\x67\x89\xab\xcd\xef",
                Ok("01234567-89ab-4def-8123-456789abcdef"),
            ),
            ("binary", Oid::UUID, b"\x01", Err("22P02")),
            ("uuid", Oid::UUID, b"01234567-89ab-4def-8123-456789abcdef", Ok("01234567-89ab-4def-8123-456789abcdef")),
            ("int", Oid::UUID, b"258", Ok("00000000-0000-0000-0000-000000000102")),
            ("int", Oid::UUID, b"-1", Err("22P02")),
            ("set", Oid::TEXT, b"a,b", Ok("a,b")),
            ("set", Oid::JSONB, b"a,\"b\"", Ok("[\"a\",\"\\\\\"b\\\\\"\"]")),
            ("set", Oid::JSONB, b"", Ok("[]")),
        ] {
            let want = want.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(written(value, Turn::of(there, here), false), want, "{there} {here:?} {value:?}");
        }
        assert_eq!(written(b"0000-00-00 00:00:00", Turn::Date("+00"), true), Ok("\\N".to_owned()));
    }

    #[test]
    fn dates_without_a_year_a_month_or_a_day() {
        for (date, is) in [
            ("0000-00-00", true),
            ("0000-01-01", true),
            ("2024-00-10", true),
            ("2024-10-00 00:00:00", true),
            ("2024-10-10 00:00:00", false),
        ] {
            assert_eq!(is_no_day(date.as_bytes()), is, "{date}");
        }
    }
}

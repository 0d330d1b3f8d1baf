//! What values lose when their column gets another type.
//!
//! A conversion that would fail names its rows before anything is made; this is about those that succeed and keep less than there was.

use super::argument::{INTERVAL_FULL, Type};

/// Types whose values are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// With its bytes.
    Integer(u8),
    Numeric,
    /// With its bytes.
    Float(u8),
    Boolean,
    Text,
    Blanks,
    Date,
    Time,
    TimeZoned,
    Timestamp,
    TimestampZoned,
    Interval,
    Json,
    Jsonb,
    Uuid,
    Bytes,
    Other,
}

fn family(ty: &Type) -> Family {
    if ty.is_array() {
        return Family::Other;
    }
    match ty.base.as_str() {
        "int2" => Family::Integer(2),
        "int4" => Family::Integer(4),
        "int8" => Family::Integer(8),
        "numeric" => Family::Numeric,
        "float4" => Family::Float(4),
        "float8" => Family::Float(8),
        "bool" => Family::Boolean,
        "text" | "varchar" => Family::Text,
        "bpchar" => Family::Blanks,
        "date" => Family::Date,
        "time" => Family::Time,
        "timetz" => Family::TimeZoned,
        "timestamp" => Family::Timestamp,
        "timestamptz" => Family::TimestampZoned,
        "interval" => Family::Interval,
        "json" => Family::Json,
        "jsonb" => Family::Jsonb,
        "uuid" => Family::Uuid,
        "bytea" => Family::Bytes,
        _ => Family::Other,
    }
}

/// What may be cut, rounded or written otherwise; none where each value comes through whole.
pub(crate) fn loss(from: &Type, to: &Type) -> Option<String> {
    if from == to {
        return None;
    }
    let (old, new) = (family(from), family(to));
    let mut losses: Vec<String> = kind(old, new).into_iter().map(str::to_owned).collect();
    losses.extend(fractions(from, to, old, new));
    losses.extend(seconds(from, to, old, new));
    losses.extend(fields(from, to, old, new));
    (!losses.is_empty()).then(|| losses.join("; "))
}

/// What the one kind of values has and the other has not.
fn kind(from: Family, to: Family) -> Option<&'static str> {
    use Family::{
        Blanks, Boolean, Bytes, Date, Float, Integer, Interval, Json, Jsonb, Numeric, Other, Text, Time, TimeZoned, Timestamp,
        TimestampZoned, Uuid,
    };
    match (from, to) {
        (Other, _) | (_, Other) => Some("what the conversion between these types does not keep"),
        (Integer(bytes), Float(into)) if into <= bytes => Some("digits beyond the precision of a float are rounded"),
        (Integer(_), Boolean) => Some("every number but 0 becomes true"),
        (Integer(_), Integer(_) | Float(_) | Numeric | Text | Blanks) => None,
        (Numeric, Float(_)) => Some("digits beyond the precision of a float are rounded"),
        (Numeric, Integer(_) | Numeric | Text | Blanks) => None,
        (Float(8), Float(4)) => Some("digits beyond the precision of a real are rounded"),
        (Float(4), Numeric) => Some("digits beyond the sixth are rounded"),
        (Float(8), Numeric) => Some("digits beyond the fifteenth are rounded"),
        (Float(_), Float(_) | Integer(_) | Text | Blanks) => None,
        (Boolean, Boolean | Integer(_) | Text | Blanks) => None,
        (Text, Blanks) => Some("blanks at the end count no longer"),
        (Blanks, Text) => Some("blanks at the end are removed"),
        (Text | Blanks, Text | Blanks | Json) => None,
        (Text | Blanks, Float(_)) => {
            Some("how a number is written, such as leading zeros, is not kept; digits beyond the precision of a float are rounded")
        }
        (Text | Blanks, Integer(_) | Numeric) => Some("how a number is written, such as leading zeros, is not kept"),
        (Text | Blanks, Date) => Some("how a date is written, and a time of day behind it, is not kept"),
        (Text | Blanks, Jsonb) => Some("blanks, the order of keys and repeated keys are not kept"),
        (Text | Blanks, _) => Some("how a value is written is not kept, only what it means"),
        (Date, Date | Timestamp | Text | Blanks) => None,
        (Date | Timestamp, TimestampZoned) | (Time, TimeZoned) => Some("values are taken as of the session's time zone"),
        (Timestamp, Date) => Some("the time of day is cut off"),
        (TimestampZoned, Date) => Some("the time of day is cut off, the date is that of the session's time zone"),
        (Timestamp, Time | TimeZoned) => Some("the date is cut off"),
        (TimestampZoned, Time | TimeZoned) => Some("the date is cut off, the time is that of the session's time zone"),
        (TimestampZoned, Timestamp) => Some("the moment becomes what a clock shows in the session's time zone"),
        (TimeZoned, Time) => Some("the time zone is cut off"),
        (Interval, Time) => Some("days, months and years are cut off"),
        (Timestamp, Timestamp | Text | Blanks) | (TimestampZoned, TimestampZoned | Text | Blanks) => None,
        (Time, Time | Interval | Text | Blanks) | (TimeZoned, TimeZoned | Text | Blanks) => None,
        (Interval, Interval | Text | Blanks) => None,
        (Json, Jsonb) => Some("blanks, the order of keys and repeated keys are not kept"),
        (Json, Json | Text | Blanks) | (Jsonb, Jsonb | Json | Text | Blanks) => None,
        (Uuid, Uuid | Text | Blanks) | (Bytes, Bytes | Text | Blanks) => None,
        _ => Some("what the conversion between these types does not keep"),
    }
}

/// How many digits behind the point a number keeps; `None`: as many as it has.
fn scale(ty: &Type, family: Family) -> Option<i64> {
    match family {
        Family::Integer(_) => Some(0),
        Family::Numeric => ty.modifiers.get(1).copied(),
        _ => None,
    }
}

fn fractions(from: &Type, to: &Type, old: Family, new: Family) -> Option<String> {
    let has_fractions =
        matches!(old, Family::Integer(_) | Family::Numeric | Family::Float(_) | Family::Text | Family::Blanks | Family::Jsonb);
    // A text with a fraction is no integer, and is refused.
    let takes_less = match new {
        Family::Numeric => true,
        Family::Integer(_) => !matches!(old, Family::Text | Family::Blanks),
        _ => false,
    };
    let keeps = scale(to, new).filter(|_| has_fractions && takes_less)?;
    match scale(from, old) {
        Some(has) if has <= keeps => None,
        _ if keeps == 0 => Some("fractions are rounded".to_owned()),
        _ if keeps < 0 => Some(format!("the last {} digits before the point are rounded", -keeps)),
        _ => Some(format!("fractions are rounded to {keeps} digits")),
    }
}

/// Digits of a second that a time keeps.
fn precision(ty: &Type, family: Family) -> Option<i64> {
    match family {
        Family::Time | Family::TimeZoned | Family::Timestamp | Family::TimestampZoned => Some(ty.modifiers.first().copied().unwrap_or(6)),
        Family::Interval => Some(ty.modifiers.get(1).copied().unwrap_or(6)),
        Family::Text | Family::Blanks => Some(6),
        _ => None,
    }
}

fn seconds(from: &Type, to: &Type, old: Family, new: Family) -> Option<String> {
    let is_time = !matches!(new, Family::Text | Family::Blanks);
    let (has, keeps) = (precision(from, old)?, precision(to, new).filter(|_| is_time)?);
    (keeps < has).then(|| format!("seconds are rounded to {keeps} digits behind the point"))
}

/// `interval year to month` and the like.
fn fields(from: &Type, to: &Type, old: Family, new: Family) -> Option<String> {
    let of = |ty: &Type| ty.modifiers.first().copied().unwrap_or(INTERVAL_FULL);
    let had = if old == Family::Interval { of(from) } else { INTERVAL_FULL };
    (new == Family::Interval && of(to) != INTERVAL_FULL && of(to) != had)
        .then(|| "fields that the interval does not have are cut off".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Type, loss};

    #[test]
    fn each_lossy_cast_says_what_it_loses() {
        for (from, to, expected) in [
            ("timestamp", "date", "the time of day is cut off"),
            ("timestamptz", "date", "the time of day is cut off, the date is that of the session's time zone"),
            ("timestamp", "time", "the date is cut off"),
            ("timestamp", "timestamp(3)", "seconds are rounded to 3 digits behind the point"),
            ("timestamptz", "timestamp", "the moment becomes what a clock shows in the session's time zone"),
            ("interval", "interval year to month", "fields that the interval does not have are cut off"),
            ("interval", "time", "days, months and years are cut off"),
            ("numeric", "int", "fractions are rounded"),
            ("numeric(10,2)", "bigint", "fractions are rounded"),
            ("numeric", "numeric(12,2)", "fractions are rounded to 2 digits"),
            ("numeric(12,4)", "numeric(12,2)", "fractions are rounded to 2 digits"),
            ("int", "numeric(5,-2)", "the last 2 digits before the point are rounded"),
            ("numeric", "float8", "digits beyond the precision of a float are rounded"),
            ("double precision", "real", "digits beyond the precision of a real are rounded"),
            ("double precision", "int", "fractions are rounded"),
            ("real", "numeric(8,1)", "digits beyond the sixth are rounded; fractions are rounded to 1 digits"),
            ("bigint", "float8", "digits beyond the precision of a float are rounded"),
            ("int", "boolean", "every number but 0 becomes true"),
            ("text", "int", "how a number is written, such as leading zeros, is not kept"),
            (
                "varchar(9)",
                "numeric(9,2)",
                "how a number is written, such as leading zeros, is not kept; fractions are rounded to 2 digits",
            ),
            ("text", "date", "how a date is written, and a time of day behind it, is not kept"),
            ("text", "uuid", "how a value is written is not kept, only what it means"),
            ("text", "char(3)", "blanks at the end count no longer"),
            ("char(3)", "text", "blanks at the end are removed"),
            ("json", "jsonb", "blanks, the order of keys and repeated keys are not kept"),
            ("text", "s.mine", "what the conversion between these types does not keep"),
        ] {
            let [from_type, to_type] = [from, to].map(|text| Type::read(text).unwrap_or_else(|| panic!("{text}")));
            assert_eq!(loss(&from_type, &to_type).as_deref(), Some(expected), "{from} to {to}");
        }
    }

    #[test]
    fn a_cast_that_keeps_everything_loses_nothing() {
        for (from, to) in [
            ("int", "integer"),
            ("int", "bigint"),
            // What does not fit is refused with its row.
            ("bigint", "smallint"),
            ("int", "numeric"),
            ("int", "numeric(12,2)"),
            ("int", "float8"),
            ("int", "text"),
            ("numeric(10)", "bigint"),
            ("numeric(10,2)", "numeric(12,4)"),
            ("numeric(10,2)", "numeric"),
            ("real", "double precision"),
            ("varchar(20)", "text"),
            ("text", "varchar(3)"),
            ("date", "timestamp"),
            ("timestamp(3)", "timestamp"),
            ("timestamptz", "text"),
            ("jsonb", "json"),
            ("text", "json"),
            ("uuid", "text"),
            ("boolean", "int"),
        ] {
            let [from_type, to_type] = [from, to].map(|text| Type::read(text).unwrap_or_else(|| panic!("{text}")));
            assert_eq!(loss(&from_type, &to_type), None, "{from} to {to}");
        }
    }
}

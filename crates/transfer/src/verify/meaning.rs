//! What the values of two columns have in common: the form in which they are compared.
//!
//! Two columns of one type print equal values alike, so what they print is compared as it is. Columns of two types, or of one type with two
//! modifiers, may print equal values in two ways: `1.50` in a `numeric(10,2)` is `1.5000` in a `numeric(12,4)`. Such columns are brought to a
//! form that both types have and that tells apart what the types tell apart, by an expression on each side, so that it works the same for
//! checksums that servers compute and for rows that travel. Text is text: `1.5` and `1.50` in text differ, whatever they are on the other side.

use std::borrow::Cow;

use borealis_pgtypes::Oid;

use crate::source::postgres;
use crate::table::{Column, Table};

/// The form of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// As they are printed.
    Printed,
    /// A number, without the zeros at its end that only say how exact its column is.
    Number,
    /// Text without blanks at its end, which mean nothing where one of the columns is a `char(n)`.
    Unpadded,
    /// A moment in UTC without a zone, which is what a `timestamp` is here.
    Moment,
    /// A document as `jsonb` has it.
    Document,
}

/// What kind of values a type has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Numeric,
    Char,
    Text,
    Date,
    Timestamp,
    TimestampTz,
    Json,
    /// A document, or what is compared as one.
    Jsonb,
    Other,
}

impl Kind {
    fn of(column: &Column) -> Self {
        if column.type_name.ends_with("[]") {
            return Self::Jsonb;
        }
        match Oid(column.base_type) {
            Oid::INT2 | Oid::INT4 | Oid::INT8 => Self::Integer,
            Oid::NUMERIC | Oid::MONEY => Self::Numeric,
            Oid::BPCHAR => Self::Char,
            Oid::TEXT | Oid::VARCHAR => Self::Text,
            Oid::DATE => Self::Date,
            Oid::TIMESTAMP => Self::Timestamp,
            Oid::TIMESTAMPTZ => Self::TimestampTz,
            Oid::JSON => Self::Json,
            Oid::JSONB => Self::Jsonb,
            _ => Self::Other,
        }
    }
}

impl Meaning {
    /// The form for two columns that are compared.
    fn of(first: &Column, second: &Column) -> Self {
        let is_same_modifier = first.base_type == second.base_type && first.type_modifier == second.type_modifier;
        match (Kind::of(first), Kind::of(second)) {
            (Kind::Integer, Kind::Integer) => Self::Printed,
            // With a scale of its own every value has as many digits; without one it has those that it came with.
            (Kind::Numeric, Kind::Numeric) if is_same_modifier && first.type_modifier >= 0 => Self::Printed,
            (Kind::Integer | Kind::Numeric, Kind::Integer | Kind::Numeric) => Self::Number,
            (Kind::Char, Kind::Char) if is_same_modifier => Self::Printed,
            (Kind::Char, Kind::Char | Kind::Text) | (Kind::Text, Kind::Char) => Self::Unpadded,
            (one, other) if one == other => Self::Printed,
            (Kind::Date | Kind::Timestamp | Kind::TimestampTz, Kind::Date | Kind::Timestamp | Kind::TimestampTz) => Self::Moment,
            (Kind::Json | Kind::Jsonb, Kind::Json | Kind::Jsonb) => Self::Document,
            _ => Self::Printed,
        }
    }

    /// The forms of the columns that two tables have in common, by these names.
    pub(super) fn of_columns(first: &Table, second: &Table, names: &[String]) -> Vec<Self> {
        let columns = |name: &String| Some((&first.columns[first.column(name)?], &second.columns[second.column(name)?]));
        names.iter().map(|name| columns(name).map_or(Self::Printed, |(first, second)| Self::of(first, second))).collect()
    }

    /// The expression that gives a column's values in this form. Its functions are those that PostgreSQL has had for long, Aurora DSQL and Borealis.
    pub(super) fn expression(self, column: &Column) -> String {
        let value = postgres::value(column);
        match (self, Kind::of(column)) {
            (Self::Number, Kind::Numeric) => {
                let text = format!("({value})::text");
                format!("CASE WHEN {text} LIKE '%.%' THEN rtrim(rtrim({text}, '0'), '.') ELSE {text} END")
            }
            (Self::Unpadded, _) => format!("rtrim(({value})::text, ' ')"),
            (Self::Moment, Kind::TimestampTz) => format!("({value} AT TIME ZONE 'UTC')"),
            (Self::Moment, Kind::Date) => format!("{value}::timestamp"),
            (Self::Document, Kind::Json) => format!("{value}::jsonb"),
            _ => value,
        }
    }

    /// What the expression makes of a value that a column of the same type prints.
    pub(super) fn of_printed(self, printed: &str) -> Cow<'_, str> {
        match self {
            Self::Number if printed.contains('.') => Cow::Borrowed(printed.trim_end_matches('0').trim_end_matches('.')),
            _ => Cow::Borrowed(printed),
        }
    }
}

#[cfg(test)]
mod tests {
    use borealis_pgtypes::Oid;

    use super::Meaning;
    use crate::table::Column;

    fn column(oid: Oid, type_modifier: i32) -> Column {
        Column {
            name: "c".to_owned(),
            number: 1,
            type_name: String::new(),
            base_type: oid.0,
            type_modifier,
            is_identity: false,
            is_generated: false,
        }
    }

    #[test]
    fn two_types_have_one_form_in_common_or_none() {
        for (first, second, want) in [
            ((Oid::NUMERIC, 655_366), (Oid::NUMERIC, 655_366), Meaning::Printed),
            ((Oid::NUMERIC, 655_366), (Oid::NUMERIC, 786_440), Meaning::Number),
            ((Oid::NUMERIC, -1), (Oid::NUMERIC, -1), Meaning::Number),
            ((Oid::MONEY, -1), (Oid::NUMERIC, 1_245_192), Meaning::Number),
            ((Oid::INT4, -1), (Oid::NUMERIC, -1), Meaning::Number),
            ((Oid::INT4, -1), (Oid::INT8, -1), Meaning::Printed),
            ((Oid::BPCHAR, 8), (Oid::BPCHAR, 8), Meaning::Printed),
            ((Oid::BPCHAR, 8), (Oid::BPCHAR, 14), Meaning::Unpadded),
            ((Oid::VARCHAR, 8), (Oid::BPCHAR, 8), Meaning::Unpadded),
            ((Oid::VARCHAR, 8), (Oid::TEXT, -1), Meaning::Printed),
            ((Oid::TIMESTAMP, -1), (Oid::TIMESTAMPTZ, -1), Meaning::Moment),
            ((Oid::TIMESTAMPTZ, -1), (Oid::TIMESTAMPTZ, 3), Meaning::Printed),
            ((Oid::DATE, -1), (Oid::TIMESTAMP, -1), Meaning::Moment),
            ((Oid::JSON, -1), (Oid::JSONB, -1), Meaning::Document),
            ((Oid::JSON, -1), (Oid::JSON, -1), Meaning::Printed),
            ((Oid::TEXT, -1), (Oid::NUMERIC, -1), Meaning::Printed),
            ((Oid::FLOAT8, -1), (Oid::NUMERIC, -1), Meaning::Printed),
        ] {
            let (one, other) = (column(first.0, first.1), column(second.0, second.1));
            assert_eq!(Meaning::of(&one, &other), want, "{first:?} {second:?}");
            assert_eq!(Meaning::of(&other, &one), want, "{second:?} {first:?}");
        }
    }

    #[test]
    fn zeros_behind_the_point_say_nothing() {
        for (printed, want) in [("1.500", "1.5"), ("100.00", "100"), ("100", "100"), ("0.00", "0"), ("-0.10", "-0.1"), ("NaN", "NaN")] {
            assert_eq!(Meaning::Number.of_printed(printed), want);
            assert_eq!(Meaning::Printed.of_printed(printed), printed);
        }
    }
}

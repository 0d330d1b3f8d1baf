use super::*;

#[test]
fn rows_are_ordered_and_refer_to_each_other() {
    assert!(ALL.windows(2).all(|pair| pair[0].oid < pair[1].oid));
    for info in ALL.iter().filter(|info| info.is_array()) {
        assert_eq!(array_of(info.element), Some(info.oid), "{}", info.name);
    }
}

#[test]
fn sql_names_are_ordered() {
    assert!(SQL_NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn sql_names_resolve() {
    for (name, oid) in [
        ("int", Oid::INT4),
        ("char", Oid::BPCHAR),
        ("\"char\"", Oid::CHAR),
        ("integer[]", Oid::INT4_ARRAY),
        ("timestamptz", Oid::TIMESTAMPTZ),
        ("timestamp with time zone", Oid::TIMESTAMPTZ),
        ("decimal", Oid::NUMERIC),
    ] {
        assert_eq!(sql_name(name).map(|info| info.oid), Some(oid), "{name}");
    }
    assert!(sql_name("serial").is_none());
}

fn check(oid: Oid, typmod: i32, expected: &str) {
    assert_eq!(format_type(Type::new(oid, typmod)), expected);
}

#[test]
fn types_are_written_as_format_type_writes_them() {
    check(Oid::NUMERIC, ((10 << 16) | 2) + 4, "numeric(10,2)");
    check(Oid::NUMERIC, ((3 << 16) | (-2 & 0x7ff)) + 4, "numeric(3,-2)");
    check(Oid::VARCHAR, 24, "character varying(20)");
    check(Oid::VARCHAR_ARRAY, 24, "character varying(20)[]");
    check(Oid::BPCHAR, 5, "character(1)");
    check(Oid::BPCHAR, -1, "bpchar");
    check(Oid::TIMESTAMPTZ, 3, "timestamp(3) with time zone");
    check(Oid::TIMESTAMPTZ, -1, "timestamp with time zone");
    check(Oid::INT4_ARRAY, -1, "integer[]");
    check(Oid::INTERVAL, (interval_fields_day_to_second() << 16) | 3, "interval day to second(3)");
    check(Oid::CHAR, -1, "\"char\"");
    check(Oid::RECORD_ARRAY, -1, "record[]");
    check(Oid(99_999), -1, "???");
}

fn interval_fields_day_to_second() -> i32 {
    use crate::typmod::interval_field::{DAY, HOUR, MINUTE, SECOND};
    DAY | HOUR | MINUTE | SECOND
}

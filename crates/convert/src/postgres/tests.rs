//! The type map, row by row; values; and dumps that are broken.

use borealis_dialect::Dialect;
use proptest::prelude::*;

use super::array;
use super::types::column_type;
use crate::options::Options;

/// PostgreSQL's type, the dialect, and what it becomes: type and codes of losses.
#[rustfmt::skip]
const TYPES: &[(&str, &str, &str, &str)] = &[
    ("smallint", "2026-09", "smallint", ""),
    ("integer", "2026-09", "integer", ""),
    ("bigint", "2026-09", "bigint", ""),
    ("real", "2026-09", "real", ""),
    ("double precision", "2026-09", "double precision", ""),
    ("numeric", "2026-09", "numeric", ""),
    ("numeric(10,2)", "2026-09", "numeric(10,2)", ""),
    ("numeric(50,10)", "2026-02", "numeric(38,10)", "numeric-precision"),
    ("boolean", "2026-09", "boolean", ""),
    ("character varying(20)", "2026-09", "varchar(20)", ""),
    ("character varying", "2026-09", "varchar", ""),
    ("character varying(100000)", "2026-09", "text", "length"),
    ("character(3)", "2026-09", "char(3)", ""),
    ("character(5000)", "2026-09", "varchar(5000)", "length"),
    ("text", "2026-09", "text", ""),
    ("bytea", "2026-09", "bytea", ""),
    ("uuid", "2026-09", "uuid", ""),
    ("date", "2026-09", "date", ""),
    ("time without time zone", "2026-09", "time", ""),
    ("time with time zone", "2026-09", "timetz", ""),
    ("timestamp(3) without time zone", "2026-09", "timestamp(3)", ""),
    ("timestamp with time zone", "2026-09", "timestamptz", ""),
    ("interval", "2026-09", "interval", ""),
    ("json", "2026-09", "json", ""),
    ("jsonb", "2026-09", "jsonb", ""),
    ("jsonb", "2026-02", "text", "json-text"),
    ("integer[]", "2026-09", "jsonb", "array"),
    ("text[]", "2026-02", "text", "array"),
    ("money", "2026-09", "numeric(19,4)", "money"),
    ("inet", "2026-09", "text", "type"),
    ("cidr", "2026-09", "text", "type"),
    ("macaddr", "2026-09", "text", "type"),
    ("point", "2026-09", "text", "type"),
    ("xml", "2026-09", "text", "type"),
    ("tsvector", "2026-09", "text", "type"),
    ("int4range", "2026-09", "text", "type"),
    ("bit(4)", "2026-09", "text", "bits"),
    ("bit varying(4)", "2026-09", "text", "bits"),
    ("citext", "2026-09", "text", "collation"),
    ("oid", "2026-09", "bigint", ""),
    ("public.mood", "2026-09", "text", "type"),
];

#[test]
fn every_type_becomes_what_the_map_says() {
    for (source, dialect, sql_type, losses) in TYPES {
        let mapped =
            column_type(source, &Options::of(dialect.parse().expect("a dialect"))).unwrap_or_else(|error| panic!("{source}: {error}"));
        let codes: Vec<&str> = mapped.losses.iter().map(|loss| loss.code).collect();
        assert_eq!((mapped.sql_type.as_str(), codes.join(", ").as_str()), (*sql_type, *losses), "{source} under {dialect}");
    }
    assert!(column_type("integer, d text", &Options::of(Dialect::D2026_09)).is_err(), "one type, not two columns");
    assert!(column_type("integer NOT NULL", &Options::of(Dialect::D2026_09)).is_err(), "a type, not a column");
}

#[test]
fn arrays_become_json() {
    let cases = [
        ("{}", false, "[]"),
        ("{a,NULL,\"b c\",\"q\\\"r\"}", false, "[\"a\", null, \"b c\", \"q\\\"r\"]"),
        ("{1,-2.5,NaN,NULL}", true, "[1, -2.5, \"NaN\", null]"),
        ("{{1,2},{3,4}}", true, "[[1, 2], [3, 4]]"),
        ("[0:1]={1,2}", true, "[1, 2]"),
        ("{\"NULL\"}", false, "[\"NULL\"]"),
    ];
    for (text, numbers, json) in cases {
        assert_eq!(array::json(text, numbers, false).as_deref(), Some(json), "{text}");
    }
    assert_eq!(array::json("{t,f}", false, true).as_deref(), Some("[true, false]"));
    for text in ["", "{", "{a", "a", "{a}b", "{{{{{{{1}}}}}}}"] {
        assert_eq!(array::json(text, false, false), None, "{text}");
    }
}

const DUMP: &str = "SET client_encoding = 'UTF8';\nCREATE TYPE public.mood AS ENUM ('a', 'b');\nCREATE TABLE public.t (id integer NOT NULL, m public.mood DEFAULT 'a'::public.mood, \
    tags text[] DEFAULT '{}'::text[], CONSTRAINT c CHECK ((id > 0)));\nCREATE SEQUENCE public.t_id_seq AS integer START WITH 1 CACHE 1;\n\
    ALTER SEQUENCE public.t_id_seq OWNED BY public.t.id;\nALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT nextval('public.t_id_seq'::regclass);\n\
    COPY public.t (id, m, tags) FROM stdin;\n1\ta\t{x,y}\n2\t\\N\t{}\n\\.\nSELECT pg_catalog.setval('public.t_id_seq', 2, true);\n\
    CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS $$ SELECT 1; $$;\nALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);\n\
    CREATE INDEX i ON public.t USING btree (m DESC, lower((m)::text));\n";

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// A dump with bytes changed, cut out or doubled gives an answer or an error, never a panic.
    #[test]
    fn broken_dumps_are_answered(edits in prop::collection::vec((0..DUMP.len(), 0..4_u8, any::<u8>(), 1..40_usize), 1..6)) {
        let mut bytes = DUMP.as_bytes().to_vec();
        for (at, kind, byte, length) in edits {
            let at = at.min(bytes.len().saturating_sub(1));
            let end = (at + length).min(bytes.len());
            match kind {
                0 if at < bytes.len() => bytes[at] = byte,
                1 => drop(bytes.drain(at..end)),
                2 => { let copy = bytes[at..end].to_vec(); bytes.splice(at..at, copy); }
                _ => bytes.truncate(at.max(1)),
            }
        }
        let _ = super::convert(&bytes, &Options::of(Dialect::D2026_09));
    }
}

#[test]
fn amounts_become_numbers() {
    let cases = [
        ("$1,234.50", "1234.50"),
        ("-$1,234,567.00", "-1234567.00"),
        ("($2.00)", "-2.00"),
        ("1.234,50 €", "1234.50"),
        ("1.234.567,89 €", "1234567.89"),
        ("1 234,50 Kč", "1234.50"),
        ("¥1,234", "1234"),
        ("¥1,234,567", "1234567"),
        ("KD1,234.567", "1234.567"),
        ("12", "12"),
    ];
    for (text, number) in cases {
        assert_eq!(super::rows::money(text).as_deref(), Some(number), "{text}");
    }
    for text in ["", "$", "1.234", "12.3456", "1e3"] {
        assert_eq!(super::rows::money(text), None, "{text}");
    }
}

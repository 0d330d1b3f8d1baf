//! Definitions and names, as PostgreSQL 16 writes and reads them.

use borealis_pgtypes::Oid;

use super::*;
use crate::fixture::{CHILD, catalog};
use crate::snapshot::{PG_CATALOG_SCHEMA, PUBLIC_SCHEMA};

const PATH: &[Oid] = &[PG_CATALOG_SCHEMA, PUBLIC_SCHEMA];

fn with<T>(answer: impl FnOnce(&Names<'_>) -> T) -> T {
    let catalog = catalog();
    answer(&Names { catalog: &catalog, search_path: PATH, database: "postgres" })
}

#[test]
fn index_definitions() {
    let cases = [
        (
            20_011,
            0,
            false,
            "CREATE UNIQUE INDEX child_pkey ON public.child USING btree_index (id) INCLUDE (parent_id, \"V\", n, twice, at)",
        ),
        (20_014, 0, true, "CREATE UNIQUE INDEX \"child_V_key\" ON child USING btree_index (\"V\")"),
        (
            20_016,
            0,
            false,
            "CREATE INDEX child_lower_idx ON public.child USING btree_index (lower((\"V\")::text)) INCLUDE (parent_id) WHERE (n > (0)::numeric)",
        ),
        (
            20_016,
            0,
            true,
            "CREATE INDEX child_lower_idx ON child USING btree_index (lower((\"V\")::text)) INCLUDE (parent_id) WHERE n > (0)::numeric",
        ),
        (
            20_017,
            0,
            false,
            "CREATE UNIQUE INDEX child_expr_idx ON public.child USING btree_index (((n + twice)) NULLS FIRST, at) NULLS NOT DISTINCT",
        ),
        (20_017, 1, true, "(n + twice)"),
        (20_017, 2, true, "at"),
        (20_016, 2, false, "parent_id"),
        (20_016, 3, false, ""),
    ];
    for (oid, column, pretty, expected) in cases {
        assert_eq!(with(|names| index_definition(names, Oid(oid), column, pretty)).as_deref(), Some(expected));
    }
    assert_eq!(with(|names| index_definition(names, CHILD, 0, false)), None);
}

#[test]
fn constraint_definitions() {
    let cases = [
        (20_012, false, "PRIMARY KEY (id) INCLUDE (parent_id, \"V\", n, twice, at)"),
        (20_015, false, "UNIQUE (\"V\")"),
        (20_018, false, "CHECK ((n > (0)::numeric))"),
        (20_018, true, "CHECK (n > (0)::numeric)"),
        (20_019, false, "FOREIGN KEY (parent_id) REFERENCES parent(id) ON DELETE CASCADE DEFERRABLE NOT VALID"),
    ];
    for (oid, pretty, expected) in cases {
        assert_eq!(with(|names| constraint_definition(names, Oid(oid), pretty)).as_deref(), Some(expected));
    }
}

#[test]
fn relations_by_name() {
    let found = [
        ("child", 20_010),
        (" public . CHILD ", 20_010),
        ("postgres.public.child", 20_010),
        ("\"App\".parent", 20_110),
        ("child_pkey", 20_011),
        ("pg_class", 1259),
        ("-", 0),
        ("123", 123),
    ];
    for (text, oid) in found {
        assert_eq!(with(|names| resolve_relation(names, text)), Ok(Oid(oid)), "{text}");
    }
    let refused = [
        ("nosuch", "42P01: relation \"nosuch\" does not exist"),
        ("app.parent", "42P01: relation \"app.parent\" does not exist"),
        ("a.b.c", "0A000: cross-database references are not implemented: \"a.b.c\""),
        ("a.b.c.d", "42601: improper relation name (too many dotted names): a.b.c.d"),
        ("", "42602: invalid name syntax"),
        ("\"", "42602: invalid name syntax"),
        ("a b", "42602: invalid name syntax"),
    ];
    for (text, expected) in refused {
        let error = with(|names| resolve_relation(names, text)).expect_err(text);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn relations_are_qualified_only_when_hidden() {
    let cases = [(20_000, "parent"), (20_110, "\"App\".parent"), (20_014, "\"child_V_key\""), (1259, "pg_class"), (9963, "sys.jobs")];
    for (oid, expected) in cases {
        assert_eq!(with(|names| relation_name(names, Oid(oid))).as_deref(), Some(expected));
    }
    assert_eq!(with(|names| relation_name(names, Oid(99_999))), None);
}

#[test]
fn types_by_name() {
    let found = [
        ("int4[]", Oid::INT4_ARRAY),
        ("timestamp(3) with time zone", Oid::TIMESTAMPTZ),
        ("pg_catalog.int4", Oid::INT4),
        ("numeric(10,2)", Oid::NUMERIC),
        ("character  varying(10)", Oid::VARCHAR),
        ("\"char\"", Oid::CHAR),
        ("char", Oid::BPCHAR),
        ("pg_class", Oid(83)),
        ("child", Oid(20_021)),
        ("child[]", Oid(20_022)),
        ("_child", Oid(20_022)),
        ("\"App\".parent", Oid(20_111)),
    ];
    for (text, oid) in found {
        assert_eq!(with(|names| resolve_type(names, text)), Ok(oid), "{text}");
    }
    let refused = [
        ("nosuch", "42704: type \"nosuch\" does not exist"),
        ("nosuch.x", "3F000: schema \"nosuch\" does not exist"),
        ("in t", "42601: syntax error at or near \"t\""),
    ];
    for (text, expected) in refused {
        assert_eq!(with(|names| resolve_type(names, text)).expect_err(text).to_string(), expected);
    }
}

#[test]
fn types_as_text() {
    let cases = [
        (Oid(99_999), Some(-1), "???"),
        (Oid::INVALID, None, "-"),
        (Oid::VARCHAR, Some(24), "character varying(20)"),
        (Oid::BPCHAR, None, "character"),
        (Oid::BPCHAR, Some(-1), "bpchar"),
        (Oid::BPCHAR, Some(5), "character(1)"),
        (Oid::BIT, Some(-1), "\"bit\""),
        (Oid(20_021), None, "child"),
        (Oid(20_022), None, "child[]"),
        (Oid(20_111), Some(-1), "\"App\".parent"),
        (Oid(83), None, "pg_class"),
    ];
    for (oid, typmod, expected) in cases {
        assert_eq!(with(|names| format_type(names, oid, typmod)), expected);
    }
}

#[test]
fn no_two_functions_have_one_number() {
    let mut numbers: Vec<Oid> = procedures().iter().map(|procedure| procedure.oid).collect();
    numbers.dedup();
    assert_eq!(numbers.len(), procedures().len());
}

#[test]
fn functions_and_operators_by_name() {
    assert_eq!(with(|names| resolve_procedure(names, "version")), Ok(Oid(89)));
    assert_eq!(with(|names| resolve_procedure_signature(names, "abs(int4)")), Ok(Oid(1397)));
    assert_eq!(with(|names| resolve_procedure(names, "pg_catalog.array_in")), Ok(Oid(750)));
    assert_eq!(with(|names| resolve_operator_signature(names, "=(int4,int4)")), Ok(Oid(96)));
    let refused = [
        (with(|names| resolve_procedure(names, "abs")), "42725: more than one function named \"abs\""),
        (with(|names| resolve_procedure(names, "nosuch")), "42883: function \"nosuch\" does not exist"),
        (with(|names| resolve_procedure_signature(names, "abs")), "22P02: expected a left parenthesis"),
        (resolve_operator("="), "42725: more than one operator named ="),
        (with(|names| resolve_operator_signature(names, "=(int4)")), "42P02: missing argument"),
    ];
    for (answer, expected) in refused {
        assert_eq!(answer.expect_err(expected).to_string(), expected);
    }
    assert_eq!(with(|names| procedure_name(names, Oid(1397))).as_deref(), Some("pg_catalog.abs"));
    assert_eq!(with(|names| procedure_signature(names, Oid(1397))).as_deref(), Some("abs(integer)"));
    assert_eq!(with(|names| operator_signature(names, Oid(96))).as_deref(), Some("=(integer,integer)"));
    assert_eq!(operator_name(Oid(96)).as_deref(), Some("pg_catalog.="));
}

#[test]
fn function_definitions() {
    assert_eq!(
        with(|names| function_definition(names, Oid(1397))),
        Ok(Some(
            "CREATE OR REPLACE FUNCTION pg_catalog.abs(integer)\n RETURNS integer\n LANGUAGE internal\n IMMUTABLE PARALLEL SAFE STRICT\n\
             AS $function$abs$function$\n"
                .to_owned()
        ))
    );
    let error = with(|names| function_definition(names, Oid(2108))).expect_err("an aggregate");
    assert_eq!(error.to_string(), "42809: \"sum\" is an aggregate function");
    assert_eq!(with(|names| function_result(names, Oid(1067))).as_deref(), Some("SETOF integer"));
}

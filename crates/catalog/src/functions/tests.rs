//! Calls as a session makes them.

use borealis_pgtypes::SessionFunction as F;
use borealis_pgtypes::{Datum, Oid};

use crate::fixture::{APP_ROLE, CHILD, NUMBERS, Session};
use crate::snapshot::ADMIN_ROLE;

fn t(text: &str) -> (Oid, Datum) {
    (Oid::TEXT, Datum::text(text))
}

fn o(oid: u32) -> (Oid, Datum) {
    (Oid::OID, Datum::Oid(Oid(oid)))
}

fn answer(session: &Session, function: F, args: &[(Oid, Datum)], result: Oid) -> String {
    match session.call(function, args, result) {
        Ok(value) => session.text(&value, result),
        Err(error) => error.to_string(),
    }
}

fn check(function: F, args: &[(Oid, Datum)], result: Oid, expected: &str) {
    assert_eq!(answer(&Session::new(ADMIN_ROLE), function, args, result), expected, "{function:?} {args:?}");
}

#[test]
fn who_and_where() {
    check(F::Version, &[], Oid::TEXT, "PostgreSQL 16");
    check(F::CurrentUser, &[], Oid::NAME, "admin");
    check(F::CurrentDatabase, &[], Oid::NAME, "postgres");
    check(F::CurrentSchema, &[], Oid::NAME, "public");
    check(F::CurrentSchemas, &[(Oid::BOOL, Datum::Bool(true))], Oid::NAME_ARRAY, "{pg_catalog,public}");
    check(F::CurrentSchemas, &[(Oid::BOOL, Datum::Bool(false))], Oid::NAME_ARRAY, "{public}");
    check(F::PgGetUserById, &[o(99_999)], Oid::NAME, "unknown (OID=99999)");
    check(F::PgEncodingToChar, &[(Oid::INT4, Datum::Int4(6))], Oid::NAME, "UTF8");
    assert_eq!(answer(&Session::new(APP_ROLE), F::CurrentUser, &[], Oid::NAME), "app");
    assert_eq!(answer(&Session::new(APP_ROLE), F::SessionUser, &[], Oid::NAME), "admin");
}

#[test]
fn parameters() {
    check(F::CurrentSetting, &[t("application_name")], Oid::TEXT, "psql");
    check(F::CurrentSetting, &[t("nosuch")], Oid::TEXT, "42704: unrecognized configuration parameter \"nosuch\"");
    check(F::CurrentSetting, &[t("nosuch"), (Oid::BOOL, Datum::Bool(true))], Oid::TEXT, "");
    let local = (Oid::BOOL, Datum::Bool(false));
    check(F::SetConfig, &[(Oid::TEXT, Datum::Null), t("x"), local.clone()], Oid::TEXT, "22004: SET requires parameter name");
    let session = Session::new(ADMIN_ROLE);
    assert_eq!(answer(&session, F::SetConfig, &[t("application_name"), t("x"), local], Oid::TEXT), "x");
    assert_eq!(*session.set.borrow(), [("application_name".to_owned(), "x".to_owned())]);
}

#[test]
fn sleep_is_asked_for_in_microseconds() {
    let session = Session::new(ADMIN_ROLE);
    for seconds in [1.5, -1.0, f64::NAN] {
        assert_eq!(answer(&session, F::PgSleep, &[(Oid::FLOAT8, Datum::Float8(seconds))], Oid::VOID), "");
    }
    assert_eq!(*session.slept.borrow(), 1_500_000);
}

#[test]
fn registered_names() {
    check(F::RegIn, &[t("child")], Oid::REGCLASS, "child");
    check(F::RegIn, &[t("\"App\"")], Oid::REGNAMESPACE, "\"App\"");
    check(F::RegIn, &[t("app")], Oid::REGROLE, "app");
    check(F::RegIn, &[t("nosuch")], Oid::REGROLE, "42704: role \"nosuch\" does not exist");
    check(F::RegIn, &[t("a.b")], Oid::REGROLE, "42602: invalid name syntax");
    check(F::RegIn, &[t("nosuch")], Oid::REGNAMESPACE, "3F000: schema \"nosuch\" does not exist");
    check(F::RegOut, &[(Oid::REGCLASS, Datum::Oid(Oid(99_999)))], Oid::TEXT, "99999");
    check(F::RegOut, &[(Oid::REGPROC, Datum::Oid(Oid(0)))], Oid::TEXT, "-");
    check(F::RegOut, &[(Oid::REGOPER, Datum::Oid(Oid(0)))], Oid::TEXT, "0");
    check(F::ToRegclass, &[t("nosuch")], Oid::REGCLASS, "");
    check(F::ToRegtype, &[t("int4[]")], Oid::REGTYPE, "integer[]");
    check(F::ToRegclass, &[t("a.b.c")], Oid::REGCLASS, "0A000: cross-database references are not implemented: \"a.b.c\"");
}

#[test]
fn visibility() {
    check(F::PgTableIsVisible, &[o(20_000)], Oid::BOOL, "t");
    check(F::PgTableIsVisible, &[o(20_110)], Oid::BOOL, "f");
    check(F::PgTableIsVisible, &[o(99_999)], Oid::BOOL, "");
    check(F::PgTypeIsVisible, &[o(20_022)], Oid::BOOL, "t");
    check(F::PgTypeIsVisible, &[o(20_111)], Oid::BOOL, "f");
    check(F::PgFunctionIsVisible, &[o(9900)], Oid::BOOL, "f");
}

#[test]
fn comments() {
    check(F::ObjDescription, &[o(20_000), (Oid::NAME, Datum::text("pg_class"))], Oid::TEXT, "the first");
    check(F::ObjDescription, &[o(20_000), (Oid::NAME, Datum::text("pg_namespace"))], Oid::TEXT, "");
    check(F::ObjDescription, &[o(20_100)], Oid::TEXT, "mixed case");
    check(F::ColDescription, &[o(20_000), (Oid::INT4, Datum::Int4(2))], Oid::TEXT, "what it is called");
    check(F::ColDescription, &[o(20_000), (Oid::INT4, Datum::Int4(0))], Oid::TEXT, "");
}

#[test]
fn sequences() {
    let child = (Oid::REGCLASS, Datum::Oid(CHILD));
    check(F::NextVal, std::slice::from_ref(&child), Oid::INT8, "42809: \"child\" is not a sequence");
    check(F::LastVal, &[], Oid::INT8, "55000: lastval is not yet defined in this session");
    check(F::PgGetSerialSequence, &[t("child"), t("n")], Oid::TEXT, "");
    check(F::PgGetSerialSequence, &[t("child"), t("parent_id")], Oid::TEXT, "public.numbers");
    check(F::PgGetSerialSequence, &[t("child"), t("nosuch")], Oid::TEXT, "42703: column \"nosuch\" of relation \"child\" does not exist");
    check(F::PgGetSerialSequence, &[t("nosuch"), t("n")], Oid::TEXT, "42P01: relation \"nosuch\" does not exist");
}

#[test]
fn values_of_a_sequence() {
    let session = Session::new(ADMIN_ROLE);
    let numbers = (Oid::REGCLASS, Datum::Oid(NUMBERS));
    let number = |value| (Oid::INT8, Datum::Int8(value));
    let of = std::slice::from_ref(&numbers);
    let undefined = "55000: currval of sequence \"numbers\" is not yet defined in this session";
    assert_eq!(answer(&session, F::CurrVal, of, Oid::INT8), undefined);
    assert_eq!(answer(&session, F::PgSequenceLastValue, of, Oid::INT8), "");
    for expected in ["10", "12", "14", "2200H: nextval: reached maximum value of sequence \"numbers\" (14)"] {
        assert_eq!(answer(&session, F::NextVal, of, Oid::INT8), expected);
    }
    assert_eq!(answer(&session, F::CurrVal, of, Oid::INT8), "14");
    assert_eq!(answer(&session, F::LastVal, &[], Oid::INT8), "14");
    assert_eq!(answer(&session, F::SequenceRow, of, Oid::RECORD), "(14,0,t)");
    assert_eq!(answer(&session, F::SetVal, &[numbers.clone(), number(3)], Oid::INT8), "3");
    assert_eq!(answer(&session, F::NextVal, of, Oid::INT8), "5");
    assert_eq!(answer(&session, F::SetVal, &[numbers.clone(), number(7), (Oid::BOOL, Datum::Bool(false))], Oid::INT8), "7");
    assert_eq!(answer(&session, F::NextVal, of, Oid::INT8), "7");
    let out = "22003: setval: value 15 is out of bounds for sequence \"numbers\" (1..14)";
    assert_eq!(answer(&session, F::SetVal, &[numbers.clone(), number(15)], Oid::INT8), out);
    check(F::PgSequenceParameters, &[o(NUMBERS.0)], Oid::RECORD, "(10,1,14,2,f,1,20)");
}

#[test]
fn rights_on_a_sequence() {
    let app = Session::new(APP_ROLE);
    let numbers = (Oid::REGCLASS, Datum::Oid(NUMBERS));
    let of = std::slice::from_ref(&numbers);
    let denied = "42501: permission denied for sequence numbers";
    assert_eq!(answer(&app, F::NextVal, of, Oid::INT8), denied);
    assert_eq!(answer(&app, F::SetVal, &[numbers.clone(), (Oid::INT8, Datum::Int8(3))], Oid::INT8), denied);
    assert_eq!(answer(&app, F::NextIdentity, of, Oid::INT8), "10");
    assert_eq!(answer(&app, F::CurrVal, of, Oid::INT8), "10");
    for (right, expected) in [("select", "t"), ("usage", "f"), ("update, select", "t")] {
        assert_eq!(answer(&app, F::HasSequencePrivilege, &[o(NUMBERS.0), t(right)], Oid::BOOL), expected, "{right}");
    }
}

#[test]
fn privileges() {
    let app = Session::new(APP_ROLE);
    for (table, privilege, expected) in [
        ("parent", "select", "t"),
        ("parent", "SELECT WITH GRANT OPTION", "f"),
        ("parent", "insert with grant option", "t"),
        ("parent", "update", "f"),
        ("parent", "update, insert", "t"),
        ("child", "select", "f"),
        ("\"App\".parent", "delete", "t"),
        ("pg_class", "select", "t"),
        ("pg_class", "insert", "f"),
        ("parent", "foo", "22023: unrecognized privilege type: \"foo\""),
        ("nosuch", "select", "42P01: relation \"nosuch\" does not exist"),
    ] {
        assert_eq!(answer(&app, F::HasTablePrivilege, &[t(table), t(privilege)], Oid::BOOL), expected, "{table} {privilege}");
    }
    check(F::HasTablePrivilege, &[(Oid::NAME, Datum::text("app")), t("child"), t("select")], Oid::BOOL, "f");
    check(
        F::HasTablePrivilege,
        &[(Oid::NAME, Datum::text("nosuch")), t("child"), t("select")],
        Oid::BOOL,
        "42704: role \"nosuch\" does not exist",
    );
    check(F::HasTablePrivilege, &[o(99_999), t("select")], Oid::BOOL, "");
    check(F::HasSchemaPrivilege, &[t("public"), t("create")], Oid::BOOL, "t");
    check(F::HasSchemaPrivilege, &[(Oid::NAME, Datum::text("app")), t("public"), t("create")], Oid::BOOL, "f");
    check(F::HasSchemaPrivilege, &[(Oid::NAME, Datum::text("public")), t("public"), t("usage")], Oid::BOOL, "t");
    check(F::HasDatabasePrivilege, &[t("nosuch"), t("connect")], Oid::BOOL, "3D000: database \"nosuch\" does not exist");
    check(F::HasDatabasePrivilege, &[t("postgres"), t("temp")], Oid::BOOL, "f");
    check(
        F::HasColumnPrivilege,
        &[t("child"), t("nosuch"), t("select")],
        Oid::BOOL,
        "42703: column \"nosuch\" of relation \"child\" does not exist",
    );
    check(F::HasColumnPrivilege, &[t("child"), (Oid::INT2, Datum::Int2(99)), t("select")], Oid::BOOL, "");
    check(F::PgHasRole, &[(Oid::NAME, Datum::text("app")), t("usage")], Oid::BOOL, "f");
    check(F::PgHasRole, &[(Oid::NAME, Datum::text("admin")), t("member")], Oid::BOOL, "t");
}

#[test]
fn sizes_are_estimates_of_what_is_there() {
    let relation = |oid: u32| (Oid::REGCLASS, Datum::Oid(Oid(oid)));
    check(F::PgRelationSize, &[relation(20_000)], Oid::INT8, "64000");
    check(F::PgRelationSize, &[relation(99_999)], Oid::INT8, "");
    check(F::PgRelationSize, &[relation(20_000), t("foo")], Oid::INT8, "22023: invalid fork name");
}

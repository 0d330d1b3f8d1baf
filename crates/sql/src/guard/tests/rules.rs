//! The setting's text and the types of tenant columns.

use crate::guard::{Guard, TenantType};

fn error(text: &str) -> String {
    let error = Guard::parse(text).expect_err(text);
    assert_eq!(error.sqlstate().as_str(), "22023", "{text}");
    error.fields().detail.clone().unwrap_or_default()
}

#[test]
fn a_guard_reads_its_text() {
    let guard = Guard::parse("column=tenant_id,value=acme").expect("a guard");
    assert_eq!((guard.column(), guard.value()), ("tenant_id", "acme"));
    assert_eq!(guard, Guard::new("tenant_id", "acme"));
    let full = Guard::parse("value = \"a,\"\"b\"\"|c \", ddl=allow, shared=countries|public.currencies, column=t").expect("a guard");
    let built = Guard::new("t", "a,\"b\"|c ").with_ddl(true).with_shared("countries").with_shared("public.currencies");
    assert_eq!(full, built);
    for guard in [guard, full] {
        assert_eq!(Guard::parse(&guard.setting()).expect("its own text"), guard);
    }
}

#[test]
fn a_malformed_guard_is_refused() {
    for (text, why) in [
        ("", "A key without \"=\"."),
        ("tenant_id", "A key without \"=\"."),
        ("column=t", "\"value\" is missing or empty."),
        ("column=t,value=", "\"value\" is missing or empty."),
        ("value=x", "\"column\" is missing or empty."),
        ("column=t,value=a,value=b", "\"value\" is given twice."),
        ("column=t,value=a|b", "\"value\" takes one value."),
        ("column=t,value=\"a", "A quoted value without its end."),
        ("column=t,value=\"a\"b", "Something follows a quoted value."),
        ("column=t,value=a\"b", "A double quote within a value that is not quoted."),
        ("column=t,value=a,shared=", "\"shared\" lists a table without a name."),
        ("column=t,value=a,shared=x|", "\"shared\" lists a table without a name."),
        ("column=t,value=a,ddl=yes", "\"ddl\" is allow or refuse."),
        ("column=t,value=a,tables=x", "There is no key \"tables\"."),
        ("column=t,value=a,", "A key without \"=\"."),
    ] {
        assert_eq!(error(text), why, "{text}");
    }
}

#[test]
fn values_are_the_same_when_postgresql_says_so() {
    let uuid = Some("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11".to_owned());
    for text in [
        "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
    ] {
        assert_eq!(TenantType::Uuid.canonical(text), uuid, "{text}");
    }
    for text in ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0e-ebc999c0b4ef8bb6d6bb9bd380a11", ""] {
        assert_eq!(TenantType::Uuid.canonical(text), None, "{text}");
    }
    assert_eq!(TenantType::Integer(2).canonical(" 007 "), Some("7".to_owned()));
    assert_eq!(TenantType::Integer(2).canonical("32768"), None);
    assert_eq!(TenantType::Integer(2).canonical("-32768"), Some("-32768".to_owned()));
    assert_eq!(TenantType::Integer(8).canonical("9223372036854775808"), None);
    assert_eq!(TenantType::Text.canonical("007"), Some("007".to_owned()));
    assert_eq!(TenantType::of("numeric"), None);
    assert_eq!(TenantType::of("character"), None);
}

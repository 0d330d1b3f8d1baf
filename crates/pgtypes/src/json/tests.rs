use super::validate;
use crate::jsonb::Jsonb;

/// DETAIL and CONTEXT of the error, as PostgreSQL 16 words them.
#[test]
fn errors_say_what_and_where() {
    let cases = [
        ("", "The input string ended unexpectedly.", "JSON data, line 1: "),
        ("{bad}", "Token \"bad\" is invalid.", "JSON data, line 1: {bad..."),
        ("[1,]", "Expected JSON value, but found \"]\".", "JSON data, line 1: [1,]"),
        ("[1", "The input string ended unexpectedly.", "JSON data, line 1: [1"),
        ("{\"a\" 1}", "Expected \":\", but found \"1\".", "JSON data, line 1: {\"a\" 1..."),
        ("{1:2}", "Expected string or \"}\", but found \"1\".", "JSON data, line 1: {1..."),
        ("01", "Token \"01\" is invalid.", "JSON data, line 1: 01"),
        ("1 2", "Expected end of input, but found \"2\".", "JSON data, line 1: 1 2"),
        ("\"a\\x\"", "Escape sequence \"\\x\" is invalid.", "JSON data, line 1: \"a\\x..."),
        ("[1,\n nope]", "Token \"nope\" is invalid.", "JSON data, line 2:  nope..."),
        ("\"\\u12g4\"", "\"\\u\" must be followed by four hexadecimal digits.", "JSON data, line 1: \"\\u12g..."),
    ];
    for (text, detail, context) in cases {
        let error = validate(text).expect_err(text);
        assert_eq!(error.to_string(), "22P02: invalid input syntax for type json", "{text}");
        assert_eq!(error.fields().detail.as_deref(), Some(detail), "{text}");
        assert_eq!(error.fields().context.as_deref(), Some(context), "{text}");
    }
}

#[test]
fn only_jsonb_decodes_escapes() {
    for text in ["\"\\u0000\"", "\"\\ud800\""] {
        assert!(validate(text).is_ok(), "{text}");
        assert!(Jsonb::parse(text).is_err(), "{text}");
    }
    assert_eq!(Jsonb::parse("\"\\ud83d\\ude00\"").expect("pair").to_string(), "\"😀\"");
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(validate(&nested(super::DEPTH_MAX)).is_ok());
    assert_eq!(validate(&nested(super::DEPTH_MAX + 1)).expect_err("too deep").sqlstate(), crate::SqlState::STATEMENT_TOO_COMPLEX);
}

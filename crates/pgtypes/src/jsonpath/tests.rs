//! Paths as they are read, written and run. Answers are PostgreSQL 16.14's.

use super::JsonPath;

fn written(text: &str) -> String {
    match JsonPath::parse(text) {
        Ok(path) => path.to_string(),
        Err(error) => format!("{}: {}", error.sqlstate(), error.message()),
    }
}

#[test]
fn what_is_read_is_written_in_one_form() {
    for (text, expected) in [
        ("$.a == 1 || $.b == 2 && $.c == 3", r#"($."a" == 1 || $."b" == 2 && $."c" == 3)"#),
        ("($.a == 1 || $.b == 2) && $.c == 3", r#"(($."a" == 1 || $."b" == 2) && $."c" == 3)"#),
        ("1 + 2 * 3 - 4", "((1 + 2 * 3) - 4)"),
        ("1 - (2 - 3)", "(1 - (2 - 3))"),
        ("(1).type()", "(1).type()"),
        ("-(-1)", "1"),
        ("+$.a", r#"(+$."a")"#),
        ("$.**{2 to 3}.**{last}.**", "$.**{2 to 3}.**{last}.**"),
        ("$ ? (@ like_regex \"a\" flag \"xq\")", r#"$?(@ like_regex "a" flag "xq")"#),
        ("$[1,2 to 3, last-1]", "$[1,2 to 3,last - 1]"),
        ("strict$", "strict $"),
        ("$.a /* c */ . b", r#"$."a"."b""#),
        ("$ ? (exists(@.a ? (@ > 1)))", r#"$?(exists (@."a"?(@ > 1)))"#),
        ("(($.a == 1) is unknown)", r#"($."a" == 1) is unknown"#),
        ("0x1F", "31"),
        ("$.\\u0061", r#"$."a""#),
    ] {
        assert_eq!(written(text), expected, "{text}");
    }
}

#[test]
fn errors_stand_where_the_scanner_is() {
    for (text, expected) in [
        ("a.b", "42601: syntax error at end of jsonpath input"),
        ("a b", "42601: syntax error at or near \" \" of jsonpath input"),
        ("$.a \"x\"", "42601: syntax error at or near \"\"\" of jsonpath input"),
        ("$.a =", "42601: syntax error at or near \"=\" of jsonpath input"),
        ("$ & 1", "42601: syntax error at or near \"&\" of jsonpath input"),
        ("$.1a", "42601: trailing junk after numeric literal at or near \".1a\" of jsonpath input"),
        ("\"abc", "42601: unterminated quoted string at end of jsonpath input"),
        ("@.a", "42601: @ is not allowed in root expressions"),
        ("last", "42601: LAST is allowed only in array subscripts"),
        (" ", "22P02: invalid input syntax for type jsonpath: \" \""),
        ("$ like_regex 1", "42601: syntax error at or near \"1\" of jsonpath input"),
        ("$ starts with", "42601: syntax error at end of jsonpath input"),
        ("$.a.nope()", "42601: syntax error at or near \"(\" of jsonpath input"),
    ] {
        assert_eq!(written(text), expected, "{text}");
    }
}

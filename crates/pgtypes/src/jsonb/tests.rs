use super::Jsonb;

fn document(text: &str) -> Jsonb {
    Jsonb::parse(text).expect(text)
}

#[test]
fn keys_are_sorted_and_the_last_duplicate_wins() {
    assert_eq!(document(r#"{"bb":1,"a":2,"c":3,"a":[1.50, "x\ny"]}"#).to_string(), r#"{"a": [1.50, "x\ny"], "c": 3, "bb": 1}"#);
}

/// PostgreSQL's own order, the empty array's odd place included.
#[test]
fn order_of_documents() {
    let sorted = ["[]", "null", "\"a\"", "1", "false", "true", "[9]", "[1, 2]", "{}", "{\"a\": 1}", "{\"b\": 0}", "{\"a\": 1, \"b\": 1}"];
    for pair in sorted.windows(2) {
        assert!(document(pair[0]) < document(pair[1]), "{pair:?}");
    }
}

#[test]
fn pretty_printing() {
    let mut out = String::new();
    document(r#"{"a":[1,{}],"b":[]}"#).write_pretty(&mut out, 0);
    assert_eq!(out, "{\n    \"a\": [\n        1,\n        {\n        }\n    ],\n    \"b\": [\n    ]\n}");
}

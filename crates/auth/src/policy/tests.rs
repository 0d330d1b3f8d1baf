//! Policy documents and their conditions, as data.

use super::{Context, IdentityPolicy, ResourcePolicy};
use crate::arn::Arn;
use crate::policy::condition::Condition;

fn refused(json: &str) -> String {
    ResourcePolicy::parse(json).expect_err(json).to_string()
}

fn statement(fields: &str) -> String {
    refused(&format!(r#"{{"Version":"2012-10-17","Statement":[{{{fields}}}]}}"#))
}

const REST: &str = r#""Action":"dsql:*","Resource":"*""#;

#[test]
fn documents_that_are_none() {
    assert_eq!(refused(""), "Member must have length between 1 and 20480, inclusive");
    assert_eq!(refused(&" ".repeat(20_481)), "Member must have length between 1 and 20480, inclusive");
    for text in ["x", "[]", "{", "\"a\""] {
        assert_eq!(refused(text), "Policies must be valid JSON and the first byte must be '{'");
    }
    assert_eq!(refused(r#"{"Version":"2020-01-01"}"#), "Policy document must be version 2012-10-17 or 2008-10-17");
    for text in ["{}", r#"{"Statement":[]}"#, r#"{"Statement":"x"}"#] {
        assert_eq!(refused(text), "Missing required field Statement");
    }
    assert_eq!(refused(r#"{"Statements":[]}"#), "Unknown field Statements");
}

#[test]
fn statements_that_are_none() {
    let allow = format!(r#""Effect":"Allow","Principal":"*",{REST}"#);
    assert!(ResourcePolicy::parse(&format!(r#"{{"Statement":{{{allow}}}}}"#)).is_ok());
    assert_eq!(statement(REST), "Missing required field Effect");
    assert_eq!(statement(&format!(r#""Effect":"allow",{REST}"#)), "Invalid effect: allow");
    assert_eq!(statement(&format!(r#"{allow},"Principals":"*""#)), "Unknown field Principals");
    assert_eq!(statement(&format!(r#"{allow},"NotAction":"dsql:*""#)), "Unknown field NotAction");
    assert_eq!(statement(r#""Effect":"Deny","Principal":"*","Action":"dsql:*""#), "Missing required field Resource");
    assert_eq!(statement(r#""Effect":"Deny","Principal":"*","Resource":"*","Action":[]"#), "Missing required field Action");
    assert_eq!(statement(r#""Effect":"Deny","Principal":"*","Resource":"*","Action":"s3:Get""#), "Policy has invalid action: s3:Get");
    assert_eq!(statement(r#""Effect":"Deny","Principal":"*","Action":"*","Resource":"abc""#), "Policy has invalid resource: abc");
    assert_eq!(
        statement(r#""Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:aws:dsql:*:*:cluster/${aws:username}""#),
        "Policy variables are not supported: arn:aws:dsql:*:*:cluster/${aws:username}"
    );
    let twice = format!(r#"{{"Statement":[{{"Sid":"a",{allow}}},{{"Sid":"a",{allow}}}]}}"#);
    assert_eq!(refused(&twice), "Statement IDs (SID) in a single policy must be unique: a");
}

#[test]
fn principals_that_are_none() {
    assert_eq!(statement(&format!(r#""Effect":"Allow",{REST}"#)), "Missing required field Principal");
    for principal in [
        r#"{"Service":"ec2.amazonaws.com"}"#,
        r#"{"AWS":[]}"#,
        r#"{"AWS":"arn:aws:iam::000000000000:user/*"}"#,
        r#"{"AWS":"arn:aws:iam::1:user/a"}"#,
        r#"{"AWS":"arn:aws:s3::000000000000:user/a"}"#,
        r#"{"AWS":"arn:aws:iam::000000000000:group/a"}"#,
        r#""me""#,
    ] {
        let text = statement(&format!(r#""Effect":"Allow","Principal":{principal},{REST}"#));
        assert!(text.starts_with("Invalid principal in policy: "), "{text}");
    }
    let everybody_but = statement(&format!(r#""Effect":"Allow","NotPrincipal":"*",{REST}"#));
    assert_eq!(everybody_but, "Invalid principal in policy: *");
    let identity = format!(r#"{{"Statement":{{"Effect":"Allow","Principal":"*",{REST}}}}}"#);
    assert_eq!(IdentityPolicy::parse(&identity).expect_err("refused").to_string(), "Unknown field Principal");
}

#[test]
fn conditions_that_are_none() {
    let condition = |condition: &str| statement(&format!(r#""Effect":"Deny","Principal":"*",{REST},"Condition":{condition}"#));
    for operator in ["StringMatches", "BinaryEquals", "stringequals", "ForSomeValues:Bool", "NullIfExists", "ForAnyValue:Null"] {
        assert_eq!(condition(&format!(r#"{{"{operator}":{{"a":"b"}}}}"#)), format!("Invalid Condition type: {operator}"));
    }
    for (operator, value) in [
        ("NumericEquals", "\"ten\""),
        ("DateLessThan", "\"soon\""),
        ("Bool", "\"maybe\""),
        ("IpAddress", "\"10.0.0.0/33\""),
        ("StringEquals", "[]"),
        ("StringEquals", "{}"),
    ] {
        assert_eq!(condition(&format!(r#"{{"{operator}":{{"aws:Key":{value}}}}}"#)), "Invalid value in Condition for aws:Key");
    }
    assert_eq!(condition(r#"{"Bool":{}}"#), "Invalid value in Condition for Bool");
    assert_eq!(condition("[]"), "Invalid Condition type: []");
}

fn holds(operator: &str, values: &[&str], given: Option<&[&str]>) -> bool {
    let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
    let Ok(condition) = Condition::parse(operator, "aws:Key", &values) else { panic!("{operator} {values:?}") };
    let context = given.map_or_else(Context::new, |given| Context::new().with_all("aws:key", given.iter().map(|&value| value.to_owned())));
    condition.holds(&context)
}

#[test]
fn operators_compare_what_they_say() {
    for (operator, value, yes, no) in [
        ("StringEquals", "a", "a", "A"),
        ("StringNotEquals", "a", "b", "a"),
        ("StringEqualsIgnoreCase", "a", "A", "b"),
        ("StringNotEqualsIgnoreCase", "a", "b", "A"),
        ("StringLike", "a*", "abc", "b"),
        ("StringNotLike", "a*", "b", "abc"),
        ("ArnLike", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/a", "arn:aws:iam::2:role/a"),
        ("ArnNotEquals", "arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b", "arn:aws:iam::1:role/a"),
        ("NumericEquals", "10", "10.0", "11"),
        ("NumericNotEquals", "10", "11", "10"),
        ("NumericLessThan", "10", "9", "10"),
        ("NumericLessThanEquals", "10", "10", "11"),
        ("NumericGreaterThan", "10", "11", "10"),
        ("NumericGreaterThanEquals", "10", "10", "nine"),
        ("DateEquals", "2026-11-22T22:32:37Z", "1795386757", "2026-11-22"),
        ("DateNotEquals", "2026-11-22", "2026-11-23T00:00:00Z", "2026-11-22T00:00:00Z"),
        ("DateLessThan", "2026-11-22T22:32:37Z", "2026-11-22", "2026-11-22T22:32:37Z"),
        ("DateLessThanEquals", "2026-11-22", "2026-11-22", "2026-11-23"),
        ("DateGreaterThan", "0", "2026-11-22", "soon"),
        ("DateGreaterThanEquals", "2026-11-22T22:32:37Z", "1795386757", "1795386756"),
        ("Bool", "true", "True", "false"),
        ("IpAddress", "10.1.0.0/16", "10.1.2.3", "10.2.0.0"),
        ("IpAddress", "10.1.2.3", "::ffff:10.1.2.3", "10.1.2.4"),
        ("IpAddress", "2001:db8::/32", "2001:db8:1::1", "2001:db9::"),
        ("IpAddress", "0.0.0.0/0", "1.2.3.4", "::1"),
        ("NotIpAddress", "10.0.0.0/8", "11.0.0.0", "10.255.0.1"),
    ] {
        assert!(holds(operator, &[value], Some(&[yes])), "{operator} {value} {yes}");
        assert!(!holds(operator, &[value], Some(&[no])), "{operator} {value} {no}");
    }
}

#[test]
fn a_key_that_is_absent() {
    assert!(holds("Null", &["true"], None) && !holds("Null", &["false"], None));
    assert!(holds("Null", &["false"], Some(&["x"])) && !holds("Null", &["true"], Some(&["x"])));
    assert!(!holds("StringEquals", &["a"], None) && holds("StringEqualsIfExists", &["a"], None));
    assert!(holds("StringNotEquals", &["a"], None) && holds("NotIpAddress", &["10.0.0.0/8"], None));
    assert!(!holds("ForAnyValue:StringEquals", &["a"], None) && !holds("ForAnyValue:StringNotEquals", &["a"], None));
    assert!(holds("ForAllValues:StringEquals", &["a"], None));
}

#[test]
fn keys_with_several_values() {
    let both: Option<&[&str]> = Some(&["a", "b"]);
    assert!(holds("ForAnyValue:StringEquals", &["a", "x"], both) && !holds("ForAnyValue:StringEquals", &["x"], both));
    assert!(holds("ForAllValues:StringEquals", &["a", "b", "c"], both) && !holds("ForAllValues:StringEquals", &["a"], both));
    assert!(holds("ForAllValues:StringNotEquals", &["c"], both) && !holds("ForAllValues:StringNotEquals", &["a"], both));
    assert!(holds("ForAnyValue:StringNotEquals", &["a"], both) && !holds("ForAnyValue:StringNotEquals", &["a", "b"], both));
    assert!(holds("StringEquals", &["x", "a"], Some(&["a"])) && !holds("StringNotEquals", &["x", "a"], Some(&["a"])));
}

#[test]
fn everybody_but_one_is_denied() {
    let policy = ResourcePolicy::parse(&format!(
        r#"{{"Statement":{{"Effect":"Deny","NotPrincipal":{{"AWS":"arn:aws:iam::000000000000:user/a"}},{REST}}}}}"#
    ))
    .expect("a policy");
    let resource = "arn:aws:dsql:us-east-1:000000000000:cluster/x";
    let verdict = |name: &str| {
        let principal = Arn::user("000000000000", name);
        let caller = super::Caller { principal: &principal, session: None };
        policy.evaluate(&super::Request { caller: &caller, action: "dsql:GetCluster", resource, context: &Context::new() })
    };
    assert_eq!((verdict("a"), verdict("b")), (super::Verdict::Silent, super::Verdict::Denied));
}

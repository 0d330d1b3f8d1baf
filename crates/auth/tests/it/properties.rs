//! Whatever a client sends, the answer is an answer: nothing panics, and nothing that was not signed gets in.

use std::path::Path;

use borealis_auth::{
    AuthError, Exchange, Expected, ExpectedRequest, IdentityPolicy, RequestParts, ResourcePolicy, Verifier, body_sha256, verify_request,
    verify_token,
};
use borealis_base::SeededRandom;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::support::{AT, HOST, REGION, admin_token, key, store};

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

fn refusal_of(token: &str) -> Option<AuthError> {
    let expected = Expected { hosts: &[HOST], region: REGION, user: "admin", now_unix: AT };
    verify_token(token, &expected, &store(&key(None))).err()
}

/// The parts that tokens are made of, in orders and numbers that they are not made in.
fn token_like() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("Action"),
        Just("X-Amz-Algorithm"),
        Just("X-Amz-Credential"),
        Just("X-Amz-Date"),
        Just("X-Amz-Expires"),
        Just("X-Amz-SignedHeaders"),
        Just("X-Amz-Security-Token"),
        Just("X-Amz-Signature"),
        Just("x-amz-signature"),
        Just(""),
    ];
    let value = prop_oneof![
        Just("DbConnectAdmin".to_owned()),
        Just("AWS4-HMAC-SHA256".to_owned()),
        Just("AKIDEXAMPLE%2F20261122%2Fus-east-1%2Fdsql%2Faws4_request".to_owned()),
        Just("20261122T223237Z".to_owned()),
        "-?[0-9]{1,25}",
        "[0-9a-f]{64}",
        "(%[0-9A-Fa-f]{0,2}){0,6}",
        "\\PC{0,20}",
    ];
    let pairs = proptest::collection::vec((name, value, prop_oneof![Just("="), Just(""), Just("==")]), 0..12);
    let host = prop_oneof![3 => Just(HOST.to_owned()), 1 => "\\PC{0,40}"];
    (host, prop_oneof![Just("/?"), Just("?"), Just("/"), Just("")], pairs).prop_map(|(host, join, pairs)| {
        let pairs: Vec<String> = pairs.into_iter().map(|(name, value, equals)| format!("{name}{equals}{value}")).collect();
        format!("{host}{join}{}", pairs.join("&"))
    })
}

/// A piece of the token is replaced by anything, so that the rest of it is genuine.
fn spoilt() -> impl Strategy<Value = String> {
    (any::<prop::sample::Index>(), 0usize..40, "\\PC{0,12}").prop_map(|(place, length, text)| {
        let token = admin_token();
        let begin = place.index(token.len());
        let end = (begin + length).min(token.len());
        format!("{}{text}{}", &token[..begin], &token[end..])
    })
}

/// What a token says, however it is written: a path of `/` may be left out, and what decodes to the same is the same.
fn url(token: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(&token.replacen("/?", "?", 1)).collect()
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn any_text_is_no_token(text in "\\PC{0,300}") {
        prop_assert!(matches!(refusal_of(&text), Some(AuthError::Malformed(_))));
    }

    #[test]
    fn parts_do_not_make_a_token(text in token_like()) {
        prop_assert!(refusal_of(&text).is_some());
    }

    #[test]
    fn a_spoilt_token_is_refused(token in spoilt()) {
        prop_assert!(url(&token) == url(&admin_token()) || refusal_of(&token).is_some());
    }

    #[test]
    fn any_request_is_refused(
        method in "[A-Z]{1,7}",
        path in "/\\PC{0,40}",
        query in "\\PC{0,60}",
        authorization in prop_oneof![
            "\\PC{0,80}",
            "AWS4-HMAC-SHA256 Credential=[ -~]{0,60}, ?SignedHeaders=[a-z;-]{0,30}, ?Signature=[0-9a-f]{0,64}",
        ],
        date in prop_oneof![Just("20261122T223237Z".to_owned()), "\\PC{0,20}"],
        body in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let headers = [("host", HOST), ("authorization", authorization.as_str()), ("X-Amz-Date", date.as_str())];
        let parts = RequestParts { method: &method, path: &path, query: &query, headers: &headers };
        let answer = verify_request(&parts, &body_sha256(&body), &ExpectedRequest::default(), &store(&key(None)), AT);
        prop_assert!(answer.is_err());
    }

    #[test]
    fn any_bytes_prove_no_password(first in proptest::collection::vec(any::<u8>(), 0..80), last in proptest::collection::vec(any::<u8>(), 0..120)) {
        let random = SeededRandom::new(1);
        let verifier = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
        let verifier: Verifier = verifier.parse().expect("a verifier");
        prop_assert!(Exchange::start(verifier.clone(), &first, &random).is_err());
        let (exchange, answer) = Exchange::start(verifier, b"n,,n=,r=abc", &random).expect("well-formed");
        let nonce = answer.split(',').next().expect("a nonce");
        let last = [format!("c=biws,{nonce},p=").as_bytes(), &last].concat();
        prop_assert!(exchange.finish(&last).is_err());
    }

    #[test]
    fn files_and_policies_of_any_text_are_read_or_refused(text in "([\\[\\]=#;{}\":,a-z_0-9 \n]|\\PC){0,200}", json in json_like()) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("credentials");
        std::fs::write(&path, &text).expect("written");
        let _read_or_not = borealis_auth::KeyStore::load(Path::new(&path));
        let _verifier_or_not = text.parse::<Verifier>();
        let _policy_or_not = (IdentityPolicy::parse(&json), ResourcePolicy::parse(&json));
    }
}

/// Documents that are nearly policies.
fn json_like() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("\"*\"".to_owned()),
        Just("\"dsql:*\"".to_owned()),
        Just("{\"AWS\":\"*\"}".to_owned()),
        Just("{\"IpAddress\":{\"aws:SourceIp\":\"::/0\"}}".to_owned()),
        Just("{\"NumericLessThan\":{\"aws:EpochTime\":\"1e999\"}}".to_owned()),
        Just("[]".to_owned()),
        Just("null".to_owned()),
        "-?[0-9]{1,25}",
        "\"[ -!#-\\[\\]-~]{0,20}\"",
    ];
    let name = prop_oneof![
        Just("Effect"),
        Just("Action"),
        Just("NotAction"),
        Just("Resource"),
        Just("Principal"),
        Just("Condition"),
        Just("Sid"),
        Just("x"),
    ];
    proptest::collection::vec((name, value), 0..6).prop_map(|members| {
        let members: Vec<String> = members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Effect\":\"Allow\",{}}}]}}", members.join(","))
    })
}

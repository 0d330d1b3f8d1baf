//! Whatever is sent, the answer is one that the API can give; and pages list everything once.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Uri;
use borealis_base::{Id26, SeededRandom};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::world::World;
use crate::api::page::{after, page};

fn config(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// A path that is often one of ours, with labels that are often none.
fn target() -> impl Strategy<Value = String> {
    let label = prop_oneof![
        Just("aaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned()),
        Just("..%2F..%2Fetc%2Fpasswd".to_owned()),
        Just("arn%3Aaws%3Adsql%3Aus-east-1%3A123456789012%3Acluster%2Faaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned()),
        "[a-z0-9]{26}",
        "(%[0-9A-F]{2}){0,8}",
        "[!-~&&[^?#]]{0,40}",
    ];
    let word =
        prop_oneof![Just("cluster"), Just("clusters"), Just("stream"), Just("tags"), Just("policy"), Just("vpc-endpoint-service-name")];
    let part = prop_oneof![3 => word.prop_map(str::to_owned), 2 => label];
    let query = prop_oneof![
        Just(String::new()),
        "(max-results|next-token|client-token|tagKeys|expected-policy-version)=[!-~&&[^#]]{0,20}",
        "[!-~&&[^#]]{0,30}",
    ];
    (proptest::collection::vec(part, 1..4), query).prop_map(|(parts, query)| format!("/{}?{query}", parts.join("/")))
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let member = prop_oneof![
        Just("tags"),
        Just("policy"),
        Just("clientToken"),
        Just("deletionProtectionEnabled"),
        Just("multiRegionProperties"),
        Just("metricGroups"),
        Just("kmsEncryptionKey"),
        Just("targetDefinition"),
        Just("ordering"),
    ];
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("[]".to_owned()),
        Just("[{}]".to_owned()),
        Just(r#"{"witnessRegion":"","clusters":[null,"x"]}"#.to_owned()),
        Just(r#"{"kinesis":{}}"#.to_owned()),
        "-?[0-9]{1,30}",
        "\"[ -!#-\\[\\]-~]{0,40}\"",
        "\\{\"[a-z:]{0,8}\":\"[a-z ]{0,8}\"\\}",
    ];
    let object = proptest::collection::vec((member, value), 0..4).prop_map(|members| {
        let members: Vec<String> = members.into_iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    });
    prop_oneof![3 => object, 1 => proptest::collection::vec(any::<u8>(), 0..60)]
}

#[test]
fn no_request_is_our_fault() {
    let world = World::new(|_, _| None);
    let methods = prop_oneof![Just("GET"), Just("POST"), Just("DELETE"), Just("PUT")];
    let run = TestRunner::new(config(2_000)).run(&(methods, target(), body()), |(method, target, body)| {
        // What hyper would not take for a target never gets as far as this.
        let Ok(uri) = target.parse::<Uri>() else { return Ok(()) };
        let request = Request::builder().method(method).uri(uri).body(Body::from(body)).expect("a request");
        let answer = world.exchange(request);
        prop_assert!(answer.body.is_object());
        prop_assert_eq!(answer.status.is_success(), answer.exception.is_none());
        prop_assert!([200, 400, 402, 403, 404, 405, 409].contains(&answer.status.as_u16()), "{}", answer.status);
        if answer.status == 400 {
            prop_assert!(answer.body["message"].is_string() && answer.body["reason"].is_string());
        }
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("{error}"));
    // Nothing of it has harmed the registry.
    world.settle();
    assert_eq!(world.send("GET", "/cluster", "").status, 200);
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn pages_hold_everything_once(count in 0usize..60, size in 1usize..20, seed: u64) {
        let random = SeededRandom::new(seed);
        let ids: BTreeSet<Id26> = (0..count).map(|_| Id26::random(&random)).collect();
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let start = after(token.as_deref()).expect("a token of ours");
            let rest = ids.iter().copied().filter(|id| start.is_none_or(|start| *id > start));
            let (items, next) = page(rest, size, |id| *id);
            prop_assert!(items.len() == size || next.is_none());
            seen.extend(items);
            token = next;
            if token.is_none() {
                break;
            }
        }
        prop_assert_eq!(seen, ids.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn a_token_of_nobody_is_refused(token in "[!-~]{0,60}") {
        if let Ok(id) = after(Some(&token)) {
            // The few that are well-formed mean what they say.
            prop_assert_eq!(page([id.expect("a place"), Id26([0; 16])].into_iter(), 1, |id| *id).1, Some(token));
        }
    }
}

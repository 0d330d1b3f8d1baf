//! Requests of the control plane: botocore's are accepted, others refused with the API's words.

use borealis_auth::{AuthError, ExpectedRequest, RequestParts, body_sha256, verify_request};
use serde_json::Value;

use crate::support::{ARN, AT, key, store};

#[derive(Clone)]
struct Request {
    name: String,
    region: String,
    session_token: Option<String>,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    fn read(value: &Value) -> Self {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let request = &value["request"];
        Self {
            name: text(&value["name"]),
            region: text(&value["region"]),
            session_token: value["session_token"].as_str().map(str::to_owned),
            method: text(&request["method"]),
            path: text(&request["path"]),
            query: text(&request["query"]),
            headers: request["headers"].as_array().expect("a list").iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
            body: text(&request["body"]),
        }
    }

    /// At `seconds` after signing, where one region is served.
    fn verify_at(&self, seconds: i64) -> Result<String, AuthError> {
        self.verify_with(seconds, &ExpectedRequest { region: Some(&self.region) })
    }

    fn verify_with(&self, seconds: i64, expected: &ExpectedRequest<'_>) -> Result<String, AuthError> {
        let headers: Vec<(&str, &str)> = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let parts = RequestParts { method: &self.method, path: &self.path, query: &self.query, headers: &headers };
        let keys = store(&key(self.session_token.as_deref()));
        let principal = verify_request(&parts, &body_sha256(self.body.as_bytes()), expected, &keys, AT + seconds)?;
        assert_eq!(principal.arn.to_string(), ARN);
        Ok(principal.region)
    }

    fn with_header(&self, name: &str, change: impl Fn(&str) -> String) -> Self {
        let mut changed = self.clone();
        for (known, value) in &mut changed.headers {
            if known.eq_ignore_ascii_case(name) {
                *value = change(value);
            }
        }
        changed
    }

    fn without_header(&self, name: &str) -> Self {
        let mut changed = self.clone();
        changed.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        changed
    }
}

fn requests() -> Vec<Request> {
    let document: Value = serde_json::from_str(include_str!("data/botocore_requests.json")).expect("JSON");
    let requests: Vec<Request> = document["requests"].as_array().expect("a list").iter().map(Request::read).collect();
    assert_eq!(requests.len(), 17);
    requests
}

/// The first of this name, without a session token.
fn request(name: &str) -> Request {
    requests().into_iter().find(|request| request.name == name).expect("a fixture")
}

#[test]
fn requests_of_botocore_are_accepted() {
    for request in requests() {
        assert_eq!(request.verify_at(0), Ok(request.region.clone()), "{}", request.name);
        assert_eq!(request.verify_with(0, &ExpectedRequest::default()), Ok(request.region.clone()), "{}", request.name);
    }
}

#[test]
fn any_change_of_what_is_signed_is_refused() {
    for request in requests() {
        let mut changes = vec![request.clone(), request.clone(), request.clone(), request.clone()];
        changes[0].method = "PUT".to_owned();
        changes[1].path.push_str("/x");
        changes[2].query.push_str("&x=y");
        changes[3].body.push(' ');
        changes.push(request.with_header("host", |host| format!("{host}0")));
        for changed in changes {
            assert_eq!(changed.verify_at(0), Err(AuthError::SignatureMismatch), "{}", request.name);
        }
    }
}

#[test]
fn the_order_of_query_keys_and_the_spelling_of_the_path_do_not_matter() {
    let mut list = request("list_clusters");
    let mut pairs: Vec<&str> = list.query.split('&').collect();
    pairs.reverse();
    list.query = pairs.join("&");
    assert!(list.verify_at(0).is_ok());
    let mut get = request("get_cluster");
    get.path = get.path.replacen("/cluster/", "/./x/..//cluster/", 1);
    assert!(get.verify_at(0).is_ok());
}

#[test]
fn a_request_is_good_for_five_minutes() {
    let request = request("get_cluster");
    for seconds in [-300, 300] {
        assert!(request.verify_at(seconds).is_ok(), "{seconds}");
    }
    let (name, message) = request.verify_at(301).expect_err("a refusal").exception();
    assert_eq!(name, "InvalidSignatureException");
    assert_eq!(message, "Signature expired: 20261122T223237Z is now earlier than 20261122T223238Z (20261122T223738Z - 5 min.)");
    assert!(request.verify_at(-301).is_err());
    let url = self::request("presigned");
    assert!(url.verify_at(60).is_ok());
    assert!(matches!(url.verify_at(61), Err(AuthError::SignatureExpired { .. })));
}

#[test]
fn what_is_not_signed_for_here_is_refused() {
    let request = request("get_cluster");
    assert_eq!(request.without_header("authorization").verify_at(0), Err(AuthError::NotSigned));
    let other = ExpectedRequest { region: Some("eu-west-1") };
    assert!(matches!(request.verify_with(0, &other), Err(AuthError::WrongRegion { .. })));
    for (from, to) in [("/dsql/", "/rds/"), ("AKIDEXAMPLE", "AKIDOTHER"), ("/20261122/", "/20261121/")] {
        assert!(request.with_header("authorization", |value| value.replace(from, to)).verify_at(0).is_err(), "{to}");
    }
    let mut temporary = requests().into_iter().find(|request| request.session_token.is_some()).expect("a fixture");
    temporary.session_token = Some("another".to_owned());
    let (name, message) = temporary.verify_at(0).expect_err("a refusal").exception();
    assert_eq!((name, message.as_str()), ("UnrecognizedClientException", "The security token included in the request is invalid."));
}

#[test]
fn an_incomplete_signature_says_what_it_lacks() {
    let request = request("get_cluster");
    let changed = |from: &str, to: &str| {
        let changed = request.with_header("authorization", |value| value.replace(from, to));
        let (name, message) = changed.verify_at(0).expect_err(from).exception();
        assert_eq!(name, "IncompleteSignatureException", "{from}");
        message
    };
    assert_eq!(changed("AWS4-HMAC-SHA256", "Bearer"), "Authorization header requires the algorithm AWS4-HMAC-SHA256.");
    assert_eq!(changed("Credential=", "C="), "Authorization header requires 'Credential' parameter.");
    assert_eq!(changed("Signature=", "S="), "Authorization header requires 'Signature' parameter.");
    assert_eq!(changed("SignedHeaders=", "H="), "Authorization header requires 'SignedHeaders' parameter.");
    assert_eq!(changed("host;", ""), "Authorization header requires 'host' among the signed headers.");
    assert_eq!(changed(";x-amz-date", ""), "Authorization header requires 'x-amz-date' among the signed headers.");
    assert_eq!(changed("host;", "host;x-z;"), "Authorization header requires the signed headers in order.");
    assert_eq!(changed("host;", "host;w-absent;"), "Authorization header requires every signed header in the request.");
    let dateless = request.without_header("x-amz-date").verify_at(0).expect_err("a refusal");
    assert_eq!(dateless.hint(), "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
}

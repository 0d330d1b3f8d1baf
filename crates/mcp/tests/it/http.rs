//! Who gets in over HTTP, and what each client finds there.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use borealis_base::Redacted;
use borealis_mcp::http::{Admission, PATH, Signers, Token, router};
use borealis_mcp::{AgentServer, Options, Tenancy};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::server::Server;
use crate::support::{healthy, options};

const ONE: &str = "token-one-0123456789";
const TWO: &str = "token-two-0123456789";

fn admission() -> Admission {
    let tokens = [ONE, TWO].map(|token| Token { secret: Redacted::new(token.to_owned()), tenant: None }).to_vec();
    Admission {
        tokens,
        signers: Some(signers()),
        hosts: vec!["localhost".to_owned()],
        origins: vec!["https://agents.example:443".to_owned()],
    }
}

/// Lets in who has signed with "right", under that name; the real thing is the caller's.
fn signers() -> Signers {
    Arc::new(|head, body| match head.headers.get("authorization").and_then(|value| value.to_str().ok()) {
        Some("AWS4-HMAC-SHA256 right") if !body.is_empty() => Ok("someone".to_owned()),
        _ => Err("not signed by anybody who may come in".to_owned()),
    })
}

/// A request as a client would send it; the headers given replace those.
fn request(body: &Value, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(Method::POST).uri(PATH).body(Body::from(body.to_string())).expect("a request");
    let authorization = format!("Bearer {ONE}");
    let usual = [
        ("host", "localhost"),
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
    ];
    for (name, value) in usual.iter().chain(headers) {
        let name = axum::http::HeaderName::try_from(*name).expect("a name");
        request.headers_mut().insert(name, value.parse().expect("a value"));
    }
    request
}

fn initialize() -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" }
    } })
}

async fn status(router: &axum::Router, request: Request<Body>) -> StatusCode {
    router.clone().oneshot(request).await.expect("answered").status()
}

/// The id of a new session of the client with this token.
async fn open(router: &axum::Router, token: &str) -> String {
    let authorization = format!("Bearer {token}");
    let answer = router.clone().oneshot(request(&initialize(), &[("authorization", &authorization)])).await.expect("answered");
    assert_eq!(answer.status(), StatusCode::OK);
    let session = answer.headers()["mcp-session-id"].to_str().expect("text").to_owned();
    // The answer is a stream; reading it to its end makes the session ready.
    let body = answer.into_body().collect().await.expect("read").to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("\"serverInfo\""));
    session
}

#[tokio::test]
async fn without_the_right_token_host_and_origin_nobody_gets_in() {
    let router = router(&AgentServer::new(Options::new(Vec::new())), admission()).expect("a router");
    for (headers, expected) in [
        (vec![("authorization", "")], StatusCode::UNAUTHORIZED),
        (vec![("authorization", "Bearer wrong")], StatusCode::UNAUTHORIZED),
        (vec![("authorization", "Basic token-one-0123456789")], StatusCode::UNAUTHORIZED),
        (vec![("authorization", "Bearer token-one-012345678")], StatusCode::UNAUTHORIZED),
        (vec![("host", "evil.example")], StatusCode::FORBIDDEN),
        (vec![("origin", "https://evil.example")], StatusCode::FORBIDDEN),
        (vec![("origin", "null")], StatusCode::FORBIDDEN),
        (vec![("mcp-session-id", "made-up")], StatusCode::NOT_FOUND),
        (vec![("origin", "https://agents.example")], StatusCode::OK),
        (vec![("authorization", "bearer token-two-0123456789")], StatusCode::OK),
    ] {
        assert_eq!(status(&router, request(&initialize(), &headers)).await, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn a_session_is_its_clients_and_ends_when_that_says_so() {
    let router = router(&AgentServer::new(Options::new(Vec::new())), admission()).expect("a router");
    let session = open(&router, ONE).await;
    let listing = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list" });
    let two = format!("Bearer {TWO}");
    assert_eq!(status(&router, request(&listing, &[("mcp-session-id", &session)])).await, StatusCode::OK);
    let stolen = request(&listing, &[("mcp-session-id", &session), ("authorization", &two)]);
    assert_eq!(status(&router, stolen).await, StatusCode::NOT_FOUND);
    let mut end = request(&json!(null), &[("mcp-session-id", &session)]);
    *end.method_mut() = Method::DELETE;
    assert!(status(&router, end).await.is_success());
    assert_eq!(status(&router, request(&listing, &[("mcp-session-id", &session)])).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_request_that_is_too_long_is_refused() {
    let router = router(&AgentServer::new(Options::new(Vec::new())), admission()).expect("a router");
    let long = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": { "pad": "x".repeat(5 << 20) } });
    assert_eq!(status(&router, request(&long, &[])).await, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn calls_run_in_their_session() {
    let database = Server::start(|received, _| healthy(received)).await;
    let router = router(&AgentServer::new(options(&database, false)), admission()).expect("a router");
    let session = open(&router, ONE).await;
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert!(status(&router, request(&ready, &[("mcp-session-id", &session)])).await.is_success());
    let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
        "name": "readonly_query", "arguments": { "sql": "SELECT 2" }
    } });
    let answer = router.clone().oneshot(request(&call, &[("mcp-session-id", &session)])).await.expect("answered");
    let body = answer.into_body().collect().await.expect("read").to_bytes();
    assert!(String::from_utf8_lossy(&body).contains("\"row_count\":2"), "{}", String::from_utf8_lossy(&body));
}

#[tokio::test]
async fn a_request_can_be_signed_instead() {
    let router = router(&AgentServer::new(Options::new(Vec::new())), admission()).expect("a router");
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let wrong = request(&ping, &[("authorization", "AWS4-HMAC-SHA256 wrong")]);
    assert_eq!(status(&router, wrong).await, StatusCode::FORBIDDEN);
    let answer = router.clone().oneshot(request(&initialize(), &[("authorization", "AWS4-HMAC-SHA256 right")])).await.expect("answered");
    assert_eq!(answer.status(), StatusCode::OK);
    let session = answer.headers()["mcp-session-id"].to_str().expect("text").to_owned();
    let _ = answer.into_body().collect().await.expect("read");
    assert_eq!(
        status(&router, request(&ping, &[("mcp-session-id", &session)])).await,
        StatusCode::NOT_FOUND,
        "a token's client is another"
    );
    let own = request(&ping, &[("mcp-session-id", &session), ("authorization", "AWS4-HMAC-SHA256 right")]);
    assert_eq!(status(&router, own).await, StatusCode::OK);
}

#[test]
fn tokens_must_be_there_and_long() {
    let server = AgentServer::new(Options::new(Vec::new()));
    for (tokens, what) in [(vec![], "there is no token"), (vec!["short"], "could be guessed")] {
        let tokens = tokens.into_iter().map(|token| Token { secret: Redacted::new(token.to_owned()), tenant: None }).collect();
        let error = router(&server, Admission { tokens, signers: None, hosts: Vec::new(), origins: Vec::new() }).expect_err("refused");
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn tokens_and_tenants_must_fit() {
    let tenancy =
        |value: Option<&str>| Some(Tenancy { column: "tenant_id".to_owned(), value: value.map(str::to_owned), shared: Vec::new() });
    for (tenancy, tenant, what) in [
        (None, Some("acme"), Some("no column is named that tells tenants apart")),
        (tenancy(None), None, Some("a client can come without a tenant")),
        (tenancy(None), Some("acme"), None),
        (tenancy(Some("acme")), None, None),
    ] {
        let server = AgentServer::new(Options { tenancy, ..Options::new(Vec::new()) });
        let token = Token { secret: Redacted::new(ONE.to_owned()), tenant: tenant.map(str::to_owned) };
        let refused = router(&server, Admission { tokens: vec![token], signers: None, hosts: Vec::new(), origins: Vec::new() }).err();
        assert_eq!(refused.as_deref().map(|error| error.contains(what.unwrap_or_default())), what.map(|_| true), "{refused:?}");
    }
}

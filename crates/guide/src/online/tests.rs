use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use super::*;

/// Answers one request with `status` and `body`, and gives what was asked.
fn server(status: &'static str, body: &'static str) -> (String, std::sync::mpsc::Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let (sender, asked) = std::sync::mpsc::channel();
    #[allow(clippy::disallowed_methods)] // a test's own server
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut reader = BufReader::new(stream.try_clone().expect("a handle"));
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a header");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a number");
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut question = vec![0; length];
        reader.read_exact(&mut question).expect("a body");
        write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).expect("sent");
        sender.send(serde_json::from_slice(&question).expect("JSON")).expect("a listener");
    });
    (url, asked)
}

fn at(url: &str) -> KnowledgeServer {
    KnowledgeServer::new(url, Duration::from_secs(5)).expect("a loopback address")
}

#[test]
fn a_question_is_a_tools_call_without_absent_arguments() {
    let (url, asked) = server("200 OK", r#"{"jsonrpc":"2.0","id":1,"result":{"results":[1]}}"#);
    let found = at(&url).search("retry", None).expect("an answer");
    assert_eq!(found, json!({ "results": [1] }));
    let expected = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "dsql_search_documentation", "arguments": { "search_phrase": "retry" } }
    });
    assert_eq!(asked.recv().expect("asked"), expected);
}

#[test]
fn answers_come_as_result_or_as_text() {
    let (url, asked) = server("200 OK", r#"{"content":[{"type":"text","text":"{\"a\":1}"}]}"#);
    assert_eq!(at(&url).read("u", Some(5), Some(9)).expect("an answer"), json!({ "a": 1 }));
    let arguments = asked.recv().expect("asked")["params"]["arguments"].clone();
    assert_eq!(arguments, json!({ "url": "u", "start_index": 5, "max_length": 9 }));
}

#[test]
fn failures_say_what_to_do() {
    let refused = |status, body| at(&server(status, body).0).recommend("u").expect_err("no answer").to_string();
    assert_eq!(refused("200 OK", r#"{"error":{"message":"no such page"}}"#), "the knowledge server answers: no such page");
    assert_eq!(refused("200 OK", "{}"), "the knowledge server's answer cannot be read: it has neither a result nor a text");
    assert_eq!(
        refused("503 Service Unavailable", ""),
        "the knowledge server cannot be reached (HTTP status 503 Service Unavailable); without --knowledge-server the built-in guide answers"
    );
    let gone = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let error = at(&format!("http://{gone}")).recommend("u").expect_err("nobody there").to_string();
    assert!(error.starts_with("the knowledge server cannot be reached ("), "{error}");
}

#[test]
fn a_plain_connection_stays_on_this_machine() {
    for url in ["http://example.com", "ftp://localhost", "example.com", "http://127.0.0.1.example.com/"] {
        assert!(matches!(KnowledgeServer::new(url, TIMEOUT_DEFAULT), Err(KnowledgeError::Address(_))), "{url}");
    }
    for url in ["https://example.com/mcp", "http://localhost:8080", "http://[::1]:80"] {
        assert!(KnowledgeServer::new(url, TIMEOUT_DEFAULT).is_ok(), "{url}");
    }
}

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use borealis_base::task;

use crate::stream::FailureCode;
use crate::streaming::sink::SinkError;
use crate::streaming::target::{Otherwise, Targets};

const ARN: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/s";

fn targets(folder: &std::path::Path, list: &str) -> Targets {
    let path = folder.join("targets.json");
    fs::write(&path, list).expect("writes");
    Targets::at(&path)
}

fn to(folder: &std::path::Path, url: &str) -> Targets {
    targets(folder, &serde_json::json!({ARN: url}).to_string())
}

fn records(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_file_takes_records_and_loses_a_torn_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.jsonl");
    let targets = to(folder.path(), &format!("file://{}", path.display()));
    targets.open(ARN).expect("opens").deliver(&records(&["1", "2"])).expect("takes");
    let mut torn = fs::read(&path).expect("reads");
    torn.extend(b"{\"half".repeat(3000));
    fs::write(&path, torn).expect("writes");
    targets.open(ARN).expect("opens").deliver(&records(&["3"])).expect("takes");
    assert_eq!(fs::read_to_string(&path).expect("reads"), "1\n2\n3\n");
    fs::write(&path, "never a line").expect("writes");
    targets.open(ARN).expect("opens");
    assert_eq!(fs::read_to_string(&path).expect("reads"), "");
}

#[test]
fn what_cannot_be_a_target() {
    let folder = tempfile::tempdir().expect("a folder");
    let code = |targets: &Targets| targets.open(ARN).err().map(|error| error.code);
    assert_eq!(code(&Targets::at(&folder.path().join("none"))), Some(FailureCode::KinesisStreamNotFound));
    assert_eq!(code(&targets(folder.path(), "{}")), Some(FailureCode::KinesisStreamNotFound));
    assert_eq!(code(&targets(folder.path(), "{")), Some(FailureCode::InternalError));
    assert_eq!(code(&to(folder.path(), "file:///no/such/folder/out")), Some(FailureCode::KinesisStreamNotFound));
    assert_eq!(code(&to(folder.path(), &format!("file://{}", folder.path().display()))), Some(FailureCode::KinesisStreamNotFound));
    for url in ["file://relative", "ftp://host/", "https://host/", "http://", "out.jsonl"] {
        assert_eq!(code(&to(folder.path(), url)), Some(FailureCode::InternalError), "{url}");
    }
}

#[test]
fn what_the_list_does_not_have_goes_where_the_operator_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let sinks = folder.path().join("sinks");
    fs::create_dir(&sinks).expect("a folder");
    let listed = folder.path().join("listed.jsonl");
    let targets = to(folder.path(), &format!("file://{}", listed.display())).or(Some(Otherwise::Folder(sinks.clone())));
    targets.open(ARN).expect("opens").deliver(&records(&["1"])).expect("takes");
    for (name, file) in [("orders", "orders.jsonl"), ("../../up", ".._.._up.jsonl"), ("..", "...jsonl"), ("a/b", "a_b.jsonl")] {
        let arn = format!("arn:aws:kinesis:us-east-1:000000000000:stream/{name}");
        targets.open(&arn).expect("opens").deliver(&records(&["2"])).expect("takes");
        assert_eq!(fs::read_to_string(sinks.join(file)).expect("there"), "2\n", "{name}");
    }
    assert_eq!(fs::read_to_string(&listed).expect("there"), "1\n");
    assert_eq!(fs::read_dir(&sinks).expect("reads").count(), 4);
}

#[test]
fn two_streams_share_a_file_line_by_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("out.jsonl");
    let targets = to(folder.path(), &format!("file://{}", path.display()));
    let long = "x".repeat(20_000);
    let writers: Vec<_> = ["a", "b"]
        .into_iter()
        .map(|name| {
            let mut sink = targets.open(ARN).expect("opens");
            let line = format!("{name}{long}");
            task::spawn_thread("writer", move || (0..50).for_each(|_| sink.deliver(&[line.clone(), line.clone()]).expect("takes")))
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().expect("no panic"));
    let text = fs::read_to_string(&path).expect("reads");
    assert_eq!(text.lines().count(), 200);
    assert!(text.lines().all(|line| line.len() == 20_001 && line[1..] == long));
}

/// Answers one request with a status and gives what was sent.
fn answer_once(status: &'static str) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let url = format!("http://{}/in?x=1", listener.local_addr().expect("an address"));
    let server = task::spawn_thread("target", move || {
        let (mut socket, _) = listener.accept().expect("accepts");
        let mut request = Vec::new();
        let mut block = [0; 1024];
        while !request.ends_with(b"\n2\n") {
            let read = socket.read(&mut block).expect("reads");
            assert_ne!(read, 0, "the request ended early");
            request.extend(&block[..read]);
        }
        write!(socket, "HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok").expect("writes");
        String::from_utf8(request).expect("text")
    });
    (url, server)
}

#[test]
fn an_address_takes_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let (url, server) = answer_once("200 OK");
    to(folder.path(), &url).open(ARN).expect("opens").deliver(&records(&["1", "2"])).expect("takes");
    let request = server.join().expect("no panic");
    assert!(request.starts_with("POST /in?x=1 HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("content-type: application/x-ndjson\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n1\n2\n"), "{request}");
}

#[test]
fn what_an_address_answers_is_what_a_stream_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let cases = [
        ("429 Too Many", FailureCode::KinesisThroughputExceeded),
        ("503 Later", FailureCode::KinesisThroughputExceeded),
        ("403 No", FailureCode::KinesisAccessDenied),
        ("404 Where", FailureCode::KinesisStreamNotFound),
        ("413 Long", FailureCode::KinesisOversizeRecord),
        ("302 There", FailureCode::InternalError),
        ("500 Oops", FailureCode::InternalError),
    ];
    for (status, code) in cases {
        let (url, server) = answer_once(status);
        let refused = to(folder.path(), &url).open(ARN).expect("opens").deliver(&records(&["1", "2"]));
        let SinkError { code: came, reason } = refused.expect_err(status);
        assert_eq!(came, code, "{status}: {reason}");
        server.join().expect("no panic");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").expect("binds").local_addr().expect("an address");
    let refused = to(folder.path(), &format!("http://{nobody}/")).open(ARN).expect("opens").deliver(&records(&["1"]));
    assert_eq!(refused.expect_err("nobody listens").code, FailureCode::KinesisStreamNotFound);
}

//! A control plane as a test wants it: answers what it is told, and takes no request that is not signed as the real one wants it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use borealis_auth::{ExpectedRequest, KeyStore, LiveKeyStore, RequestParts, body_sha256, verify_request};
use borealis_base::{Clock, OsRandom, SystemClock, task};
use serde_json::{Value, json};

pub(crate) const REGION: &str = "eu-west-1";
pub(crate) const ID: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A request whose signature was right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// With its query.
    pub(crate) path: String,
    pub(crate) body: Value,
}

/// Status, exception name, body.
pub(crate) type Answer = (u16, &'static str, Value);
type Script = dyn FnMut(&Request) -> Answer + Send;

pub(crate) struct ControlPlane {
    /// Has `server.json` and keys, as a server leaves them.
    data: tempfile::TempDir,
    url: String,
    received: Arc<Mutex<Vec<Request>>>,
}

impl ControlPlane {
    pub(crate) fn start(script: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let credentials = data.path().join("credentials");
        KeyStore::create_default(&credentials, &OsRandom, now()).expect("keys");
        // Plain HTTP needs no certificate, but the folder of a server has one.
        borealis_pgserver::tls::Authority::open(&data.path().join("tls")).expect("a certificate");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = json!({ "host": "127.0.0.1", "port": 1, "cluster": ID, "region": REGION, "auth": "iam", "control": url });
        std::fs::write(data.path().join("server.json"), server.to_string()).expect("written");
        let received = Arc::new(Mutex::new(Vec::new()));
        let keys = LiveKeyStore::load(&credentials).expect("keys");
        let (log, mut script) = (received.clone(), Box::new(script) as Box<Script>);
        // Ends with the test's process.
        drop(task::spawn_thread("control-plane", move || {
            for stream in listener.incoming().flatten() {
                serve(&stream, &keys, &log, &mut *script);
            }
        }));
        Self { data, url, received }
    }

    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn received(&self) -> Vec<Request> {
        self.received.lock().expect("no panic").clone()
    }
}

/// One connection with one request: further ones come on their own.
fn serve(stream: &TcpStream, keys: &LiveKeyStore, log: &Mutex<Vec<Request>>, script: &mut Script) {
    let mut reader = BufReader::new(stream);
    if let Some(head) = read_head(&mut reader) {
        let headers: BTreeMap<String, String> = head[1..]
            .iter()
            .filter_map(|line| line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())))
            .collect();
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("a body");
        let mut words = head[0].split(' ');
        let (method, target) = (words.next().expect("a method").to_owned(), words.next().expect("a target").to_owned());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let signed: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let parts = RequestParts { method: &method, path, query, headers: &signed };
        let expected = ExpectedRequest { region: Some(REGION) };
        let (status, exception, answer) = match verify_request(&parts, &body_sha256(&body), &expected, keys, now()) {
            Err(error) => (403, "AccessDeniedException", json!({ "message": format!("the signature is wrong: {error}") })),
            Ok(_) => {
                let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
                let request = Request { method, path: target, body };
                let answer = script(&request);
                log.lock().expect("no panic").push(request);
                answer
            }
        };
        let answer = if answer.is_null() { String::new() } else { answer.to_string() };
        let kind = if exception.is_empty() { String::new() } else { format!("x-amzn-ErrorType: {exception}\r\n") };
        let mut out = stream;
        write!(
            out,
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\nconnection: close\r\n{kind}content-length: {}\r\n\r\n{answer}",
            answer.len()
        )
        .expect("written");
    }
}

fn now() -> i64 {
    SystemClock::default().unix_micros().div_euclid(1_000_000)
}

/// The request line and the headers; `None` when the peer is done.
fn read_head(reader: &mut impl BufRead) -> Option<Vec<String>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => return Some(lines),
            text => lines.push(text.to_owned()),
        }
    }
}

/// A cluster as GetCluster tells it.
pub(crate) fn cluster(id: &str, status: &str) -> Value {
    json!({
        "identifier": id, "arn": arn(id), "status": status, "creationTime": 1_767_225_600, "deletionProtectionEnabled": false,
        "endpoint": format!("{id}.dsql.{REGION}.on.aws"), "tags": {},
        "encryptionDetails": { "encryptionType": "AWS_OWNED_KMS_KEY", "encryptionStatus": "ENABLED" },
    })
}

pub(crate) fn arn(id: &str) -> String {
    format!("arn:aws:dsql:{REGION}:123456789012:cluster/{id}")
}

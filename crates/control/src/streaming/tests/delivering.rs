//! The whole way: the API makes a stream, the feed tells of commits, the target has the records.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use borealis_base::{Clock as _, Id26, SystemClock};
use serde_json::{Value, json};

use crate::api::tests::world::World;
use crate::streaming::{Batch, Change, ChangeFeed, Datum, FeedError, Op, Streaming, Targets, Transaction};

/// A feed that a test writes into.
#[derive(Default)]
struct Ledger {
    commits: Mutex<Vec<Transaction>>,
    grown: Condvar,
    holds: Mutex<BTreeMap<Id26, u64>>,
    held: Condvar,
}

impl Ledger {
    fn commit(&self, number: i64) {
        let op = Op::Create(vec![("n".to_owned(), Datum::Integer(number))]);
        self.append(vec![Change { schema: "public".to_owned(), table: "t".to_owned(), op }]);
    }

    fn append(&self, changes: Vec<Change>) {
        let mut commits = self.commits.lock().expect("no panic");
        let position = commits.len() as u64 + 1;
        commits.push(Transaction { position, id: Id26([1; 16]), committed_ns: 0, changes });
        self.grown.notify_all();
    }

    /// Waits until one reader at least needs nothing up to a position any more.
    fn wait_for_hold(&self, position: u64) {
        let holds = self.holds.lock().expect("no panic");
        let late = |holds: &mut BTreeMap<Id26, u64>| !holds.values().any(|after| *after >= position);
        let (_holds, waited) = self.held.wait_timeout_while(holds, Duration::from_secs(30), late).expect("no panic");
        assert!(!waited.timed_out(), "nobody came as far as {position}");
    }
}

impl ChangeFeed for Ledger {
    fn begin(&self, _: Id26, reader: Id26) -> Result<u64, FeedError> {
        let newest = self.commits.lock().expect("no panic").len() as u64;
        Ok(*self.holds.lock().expect("no panic").entry(reader).or_insert(newest))
    }

    fn read(&self, _: Id26, after: u64, _: usize, wait: Duration) -> Result<Batch, FeedError> {
        let commits = self.commits.lock().expect("no panic");
        let none = |commits: &mut Vec<Transaction>| commits.len() as u64 <= after;
        let (commits, _) = self.grown.wait_timeout_while(commits, wait, none).expect("no panic");
        let mut transactions: Vec<_> = commits.iter().filter(|commit| commit.position > after).take(2).cloned().collect();
        let position = transactions.last().map_or(after, |last| last.position);
        // Commits of the server's own: they are passed over, and the reader moves on all the same.
        transactions.retain(|commit| !commit.changes.is_empty());
        Ok(Batch { transactions, position })
    }

    fn advance(&self, _: Id26, reader: Id26, position: u64) {
        self.holds.lock().expect("no panic").insert(reader, position);
        self.held.notify_all();
    }

    fn end(&self, _: Id26, reader: Id26) {
        self.holds.lock().expect("no panic").remove(&reader);
        self.held.notify_all();
    }
}

fn world(ledger: &Arc<Ledger>) -> World {
    World::new(|folder, clock| {
        let list = json!({"arn:aws:kinesis:us-east-1:123456789012:stream/orders": format!("file://{}", file(folder).display())});
        std::fs::write(folder.join("targets.json"), list.to_string()).expect("writes");
        Some(Streaming {
            feed: ledger.clone(),
            targets: Targets::at(&folder.join("targets.json")),
            cursors: Some(folder.join("control/streams")),
            clock,
        })
    })
}

fn file(folder: &Path) -> PathBuf {
    folder.join("orders.jsonl")
}

fn delivered(world: &World) -> Vec<i64> {
    let text = std::fs::read_to_string(file(world.folder())).expect("reads");
    text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["after"]["n"].as_i64().expect("a number")).collect()
}

fn id(answer: &Value, member: &str) -> String {
    answer[member].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn cluster(world: &World) -> String {
    let made = world.send("POST", "/cluster", r#"{"deletionProtectionEnabled":false}"#);
    world.settle();
    id(&made.body, "identifier")
}

fn request(stream: &str) -> String {
    let arn = format!("arn:aws:kinesis:us-east-1:123456789012:stream/{stream}");
    let target = json!({"kinesis": {"streamArn": arn, "roleArn": "arn:aws:iam::123456789012:role/r"}});
    json!({"targetDefinition": target, "ordering": "UNORDERED", "format": "JSON", "tags": {"a": "b"}, "clientToken": stream}).to_string()
}

#[test]
fn commits_reach_the_target_over_a_restart() {
    let ledger = Arc::new(Ledger::default());
    let mut world = world(&ledger);
    let cluster = cluster(&world);
    ledger.commit(1);
    let made = world.send("POST", &format!("/stream/{cluster}"), &request("orders"));
    assert_eq!((made.status.as_u16(), &made.body["status"]), (200, &json!("CREATING")));
    let again = world.send("POST", &format!("/stream/{cluster}"), &request("orders"));
    assert_eq!(again.body, made.body, "the same token is the same stream");
    world.settle();
    let path = format!("/stream/{cluster}/{}", id(&made.body, "streamIdentifier"));
    let stream = world.send("GET", &path, "").body;
    assert_eq!((&stream["status"], &stream["tags"], stream.get("statusReason")), (&json!("ACTIVE"), &json!({"a": "b"}), None));
    // What was committed before the stream is not its business.
    ledger.commit(2);
    ledger.commit(3);
    ledger.commit(4);
    ledger.wait_for_hold(4);
    assert_eq!(delivered(&world), [2, 3, 4]);
    ledger.commit(5);
    ledger.wait_for_hold(5);
    world.restart();
    world.settle();
    ledger.commit(6);
    ledger.wait_for_hold(6);
    assert_eq!(delivered(&world), [2, 3, 4, 5, 6]);
    ledger.append(Vec::new());
    ledger.wait_for_hold(7);
    assert_eq!(delivered(&world), [2, 3, 4, 5, 6], "a commit without rows is passed");

    let gone = world.send("DELETE", &path, "");
    assert_eq!(gone.body["status"], json!("DELETING"));
    world.settle();
    let missing = world.send("GET", &path, "");
    assert_eq!((missing.status.as_u16(), &missing.body["resourceType"]), (404, &json!("stream")));
    assert!(ledger.holds.lock().expect("no panic").is_empty(), "nobody holds the feed back");
    assert_eq!(std::fs::read_dir(world.folder().join("control/streams")).expect("reads").count(), 0, "no cursor stays");
}

#[test]
fn a_target_that_is_not_there_fails_and_one_that_goes_impairs() {
    let ledger = Arc::new(Ledger::default());
    let world = world(&ledger);
    let cluster = cluster(&world);
    let made = world.send("POST", &format!("/stream/{cluster}"), &request("unknown"));
    world.settle();
    let path = format!("/stream/{cluster}/{}", id(&made.body, "streamIdentifier"));
    let stream = world.send("GET", &path, "").body;
    assert_eq!((&stream["status"], &stream["statusReason"]["error"]), (&json!("FAILED"), &json!("KINESIS_STREAM_NOT_FOUND")));

    let made = world.send("POST", &format!("/stream/{cluster}"), &request("orders"));
    world.settle();
    ledger.commit(1);
    ledger.wait_for_hold(1);
    // The list no longer has it: the open file is used on until something goes wrong, so a new process finds out.
    let list = world.folder().join("targets.json");
    let good = std::fs::read(&list).expect("reads");
    std::fs::write(&list, "{}").expect("writes");
    let mut world = world;
    world.restart();
    world.settle();
    let path = format!("/stream/{cluster}/{}", id(&made.body, "streamIdentifier"));
    let status = |wanted: &str| {
        let clock = SystemClock::default();
        while clock.monotonic() < Duration::from_secs(30) {
            let stream = world.send("GET", &path, "").body;
            if stream["status"] == json!(wanted) {
                return stream;
            }
            std::thread::yield_now();
        }
        panic!("never {wanted}");
    };
    assert_eq!(status("IMPAIRED")["statusReason"]["error"], json!("KINESIS_STREAM_NOT_FOUND"));
    ledger.commit(2);
    std::fs::write(&list, good).expect("writes");
    assert_eq!(status("ACTIVE").get("statusReason"), None);
    ledger.wait_for_hold(2);
    assert_eq!(delivered(&world), [1, 2]);
}

#[test]
fn what_cannot_be_a_stream() {
    let ledger = Arc::new(Ledger::default());
    let world = world(&ledger);
    let cluster = cluster(&world);
    let path = format!("/stream/{cluster}");
    let elsewhere = request("orders").replace("kinesis:us-east-1", "kinesis:us-east-2");
    let refused = world.send("POST", &path, &elsewhere);
    assert_eq!((refused.status.as_u16(), refused.exception.as_deref()), (400, Some("ValidationException")));
    for name in ["a", "b", "c"] {
        assert_eq!(world.send("POST", &path, &request(name)).status, 200);
    }
    let refused = world.send("POST", &path, &request("d"));
    assert_eq!((refused.status.as_u16(), &refused.body["message"]), (402, &json!("You have reached the stream limit.")));
    let listed = world.send("GET", &format!("{path}?max-results=2"), "").body;
    assert_eq!(listed["streams"].as_array().map(Vec::len), Some(2));
    let next = id(&listed, "nextToken");
    let rest = world.send("GET", &format!("{path}?max-results=2&next-token={next}"), "").body;
    assert_eq!((rest["streams"].as_array().map(Vec::len), rest.get("nextToken")), (Some(1), None));
    // A cluster takes its streams along.
    world.send("DELETE", &format!("/cluster/{cluster}"), "");
    world.settle();
    assert_eq!(world.send("GET", &path, "").status, 404);
    assert!(ledger.holds.lock().expect("no panic").is_empty());
}

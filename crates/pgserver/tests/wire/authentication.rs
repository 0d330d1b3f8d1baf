//! Who gets in: tokens, passwords, and when the cluster is asked for.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use borealis_auth::{
    AccessKey, Action, Arn, IdentityPolicy, KeyLookup, LivePasswords, Passwords, ResourcePolicy, StoredKey, TokenRequest, make_token,
};
use borealis_base::{Clock, Id26, OsRandom, Redacted, SystemClock};
use borealis_pgserver::{Authentication, Site};

use crate::messages::{line, message, startup};
use crate::peer::{Peer, Rig};

const REGION: &str = "us-west-2";
const DENIED: &str = "E FATAL 08P01 unable to accept connection, access denied";

struct OneKey;

fn key() -> AccessKey {
    AccessKey { id: "AKIDEXAMPLE".to_owned(), secret: Redacted::new("wJalrXUtnFEMI/K7MDENG".to_owned()), session_token: None }
}

impl KeyLookup for OneKey {
    fn find(&self, access_key_id: &str) -> Option<StoredKey> {
        (access_key_id == "AKIDEXAMPLE").then(|| StoredKey {
            key: key(),
            principal: Arn::user("000000000000", "app"),
            session_name: None,
            expires_unix: None,
            permissions: Arc::new(IdentityPolicy::allowing(["dsql:*"])),
        })
    }
}

/// A server whose cluster is in `us-west-2`, with a password for the role `reader`, and one for `admin`.
struct Guarded {
    rig: Rig,
    _folder: tempfile::TempDir,
}

impl Guarded {
    fn new(policy: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("passwords.json");
        let policy = policy.map(|policy| Arc::new(ResourcePolicy::parse(policy).expect("a policy")));
        let rig = Rig::guarded(|cluster| {
            for role in ["reader", "admin"] {
                let password = Redacted::new("correct horse battery".to_owned());
                Passwords::set(&path, cluster, role, Some(&password), &OsRandom).expect("set");
            }
            let passwords = Arc::new(LivePasswords::load(&path).expect("passwords"));
            let site = move |id: Id26| {
                let arn = Arn::cluster(REGION, "000000000000", &id.to_string());
                (id == cluster).then(|| Site { arn, policy: policy.clone() })
            };
            Authentication::Iam { keys: Arc::new(OneKey), sites: Arc::new(site), hosts: Vec::new(), passwords }
        });
        Self { rig, _folder: folder }
    }

    fn leases(&self) -> usize {
        self.rig.leases.load(Ordering::Relaxed)
    }

    /// A connection that is asked for its proof; the body of the question.
    fn asked(&self, user: &str) -> (Peer, Vec<u8>) {
        let mut peer = self.rig.knock();
        peer.send(&[startup(&["user", user, "database", "postgres"])]);
        let (kind, body) = peer.receive().expect("a question");
        assert_eq!(kind, b'R');
        (peer, body)
    }

    /// What is answered to a token, and the hint with it.
    fn try_token(&self, user: &str, token: &str) -> (String, String) {
        let (mut peer, question) = self.asked(user);
        assert_eq!(question, [0, 0, 0, 3], "a password in clear text");
        peer.send(&[message(b'p', &[token.as_bytes(), &[0]].concat())]);
        outcome(&mut peer)
    }

    fn token(&self, region: &str, action: Action) -> String {
        let host = format!("{}.dsql.{region}.on.aws", self.rig.cluster.id());
        let at = SystemClock::default().unix_micros().div_euclid(1_000_000);
        let request = TokenRequest { host: &host, region, action, expires_in_seconds: 900, at };
        make_token(&key(), &request).expect("a token").expose().clone()
    }
}

fn outcome(peer: &mut Peer) -> (String, String) {
    let (kind, body) = peer.receive().expect("an answer");
    if kind == b'R' {
        return (format!("R {}", body[3]), String::new());
    }
    let hint = body.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"H")).unwrap_or_default();
    (line(kind, &body), String::from_utf8_lossy(hint).into_owned())
}

#[test]
fn a_cluster_is_asked_for_once_its_caller_has_proved_to_be_let_in() {
    let guarded = Guarded::new(None);
    // Asked and gone without an answer.
    drop(guarded.asked("app"));
    for (token, hint) in [
        ("x".to_owned(), "The password is not a valid authentication token"),
        (guarded.token("us-east-1", Action::DbConnect), "The token was generated for host"),
        (guarded.token(REGION, Action::DbConnectAdmin), "Wrong user to action mapping. user: app, action: DbConnectAdmin"),
        (format!("{}0", guarded.token(REGION, Action::DbConnect)), "The request signature we calculated"),
    ] {
        let (answer, told) = guarded.try_token("app", &token);
        assert_eq!(answer, DENIED);
        assert!(told.contains(hint), "{told}");
    }
    let mut stranger = guarded.rig.knock();
    stranger.send(&[startup(&["user", "app", "options", "-c amzn-cluster-id=aaaaaaaaaaaaaaaaaaaaaaaaaa"])]);
    assert_eq!(outcome(&mut stranger), (DENIED.to_owned(), "The cluster named by amzn-cluster-id does not exist.".to_owned()));
    assert_eq!(guarded.leases(), 0);
    // The mapping is in the cluster.
    let (answer, told) = guarded.try_token("app", &guarded.token(REGION, Action::DbConnect));
    assert_eq!(
        (answer.as_str(), told.as_str()),
        (DENIED, "User: arn:aws:iam::000000000000:user/app is not authorized to access this resource")
    );
    assert_eq!(guarded.leases(), 1);
}

#[test]
fn a_policy_of_the_cluster_holds_for_passwords_too() {
    let denies = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}]}"#;
    let guarded = Guarded::new(Some(denies));
    let (mut peer, _) = guarded.asked("reader");
    peer.send(&[message(b'p', &initial("SCRAM-SHA-256", "n,,n=,r=abc"))]);
    let (_, first) = peer.receive().expect("the server's first message");
    // Without the proof nothing is said of the policy.
    let first = String::from_utf8_lossy(&first[4..]).into_owned();
    let nonce = first.split(',').next().expect("a nonce").to_owned();
    peer.send(&[message(b'p', format!("c=biws,{nonce},p={}=", "A".repeat(43)).as_bytes())]);
    assert_eq!(outcome(&mut peer).0, "E FATAL 28P01 password authentication failed for user \"reader\"");
    assert_eq!(guarded.leases(), 0);
}

fn initial(mechanism: &str, data: &str) -> Vec<u8> {
    let length = u32::try_from(data.len()).expect("short").to_be_bytes();
    [mechanism.as_bytes(), &[0], &length, data.as_bytes()].concat()
}

#[test]
fn roles_with_a_password_are_asked_for_it() {
    let guarded = Guarded::new(None);
    for role in ["reader", "admin"] {
        let (_, question) = guarded.asked(role);
        assert_eq!(question, [&[0, 0, 0, 10], b"SCRAM-SHA-256".as_slice(), &[0, 0]].concat(), "{role}");
    }
}

#[test]
fn an_exchange_that_breaks_the_protocol_ends_the_connection() {
    let guarded = Guarded::new(None);
    let malformed = "E FATAL 08P01 malformed SCRAM message";
    for (kind, body, expected) in [
        (b'p', initial("SCRAM-SHA-1", "n,,n=,r=abc"), "E FATAL 08P01 client selected an invalid SASL authentication mechanism"),
        (b'p', initial("SCRAM-SHA-256", ""), malformed),
        (b'p', initial("SCRAM-SHA-256", "p=tls-server-end-point,,n=,r=abc"), malformed),
        (b'p', b"SCRAM-SHA-256".to_vec(), malformed),
        (b'p', b"SCRAM-SHA-256\0\0\0".to_vec(), malformed),
        (b'p', b"SCRAM-SHA-256\0\xff\xff\xff\xff".to_vec(), malformed),
        (b'p', [initial("SCRAM-SHA-256", "n,,n=,r=abc"), b"more".to_vec()].concat(), malformed),
        (b'p', b"\xff\0".to_vec(), "E FATAL 08P01 client selected an invalid SASL authentication mechanism"),
        (b'Q', b"SELECT 1\0".to_vec(), "E FATAL 08P01 expected password response, got message type 81"),
    ] {
        let (mut peer, _) = guarded.asked("reader");
        peer.send(&[message(kind, &body)]);
        assert_eq!(outcome(&mut peer).0, expected, "{}", String::from_utf8_lossy(&body));
        assert!(peer.receive().is_none());
    }
    assert_eq!(guarded.leases(), 0);
    assert_eq!(guarded.try_token("app", "x").0, DENIED, "the server is there");
}

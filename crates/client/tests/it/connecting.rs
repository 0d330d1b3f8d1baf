//! TLS, tokens and refusals.

use std::path::PathBuf;
use std::sync::Arc;

use borealis_auth::{AccessKey, Arn, AuthError, Expected, IdentityPolicy, KeyLookup, LOCAL_ACCOUNT, StoredKey, verify_token};
use borealis_base::{ManualClock, Redacted};
use borealis_client::{ClientError, CredentialsSource, Endpoint, Roots, Tls, connect, connect_with};
use tokio_rustls::TlsAcceptor;

use crate::server::{Manners, Reply, Server};

const ID: &str = "abcdefghijklmnopqrstuvwxyz";
const AT: i64 = 1_795_386_757;

struct Authority {
    _folder: tempfile::TempDir,
    file: PathBuf,
    acceptor: TlsAcceptor,
}

/// A certificate authority in a file and a server certificate for `name` from it.
fn authority(name: &str) -> Authority {
    let key = rcgen::KeyPair::generate().expect("a key");
    let mut params = rcgen::CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let root = params.self_signed(&key).expect("a root");
    let issuer = rcgen::Issuer::new(params, key);
    let leaf_key = rcgen::KeyPair::generate().expect("a key");
    let leaf = rcgen::CertificateParams::new(vec![name.to_owned()]).expect("parameters").signed_by(&leaf_key, &issuer).expect("a leaf");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, root.pem()).expect("writable");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], rustls_pki_types::PrivateKeyDer::Pkcs8(leaf_key.serialize_der().into()))
        .expect("a usable certificate");
    Authority { _folder: folder, file, acceptor: TlsAcceptor::from(Arc::new(config)) }
}

fn key() -> AccessKey {
    AccessKey { id: "AKIDEXAMPLE".to_owned(), secret: Redacted::new("secret".to_owned()), session_token: None }
}

struct Keys;

impl KeyLookup for Keys {
    fn find(&self, access_key_id: &str) -> Option<StoredKey> {
        (access_key_id == "AKIDEXAMPLE").then(|| StoredKey {
            key: key(),
            principal: Arn::user(LOCAL_ACCOUNT, "app"),
            session_name: None,
            expires_unix: None,
            permissions: Arc::new(IdentityPolicy::allowing(["dsql:*"])),
        })
    }
}

fn encrypted(server: &Server, roots: Roots, user: &str) -> Endpoint {
    let mut endpoint = Endpoint::resolve(ID, Some("us-east-1"), user).expect("resolved");
    endpoint.address = Some("127.0.0.1".to_owned());
    endpoint.port = server.endpoint().port;
    endpoint.credentials = CredentialsSource::Key(key());
    endpoint.roots = roots;
    endpoint
}

fn asking(tls: Option<TlsAcceptor>) -> Manners {
    Manners { tls, asks_password: true, refuses: None }
}

#[tokio::test]
async fn each_connection_carries_its_own_token_over_tls() {
    let host = format!("{ID}.dsql.us-east-1.on.aws");
    let authority = authority(&host);
    let server = Server::start_with(asking(Some(authority.acceptor)), |_, _| Reply::Done("OK")).await;
    let clock = ManualClock::at(AT * 1_000_000);
    for (user, other) in [("admin", "app"), ("app", "admin")] {
        let endpoint = encrypted(&server, Roots::File(authority.file.clone()), user);
        connect_with(&endpoint, &clock).await.expect("connected");
        let token = server.passwords().pop().expect("a password");
        let hosts = [host.as_str()];
        let expected = |user| Expected { hosts: &hosts, region: "us-east-1", user, now_unix: AT };
        assert!(verify_token(&token, &expected(user), &Keys).is_ok(), "{user}");
        assert!(matches!(verify_token(&token, &expected(other), &Keys), Err(AuthError::WrongAction { .. })), "{user}");
    }
    let startup = server.startups()[0].join(" ");
    assert_eq!(startup.trim_end(), "user admin database postgres application_name borealis client_encoding UTF8");
}

#[tokio::test]
async fn no_token_goes_to_a_server_that_is_not_who_it_should_be() {
    let ours = authority(&format!("{ID}.dsql.us-east-1.on.aws"));
    let other_name = authority("other.example");
    for (manners, roots) in [
        (asking(Some(authority(&format!("{ID}.dsql.us-east-1.on.aws")).acceptor)), Roots::File(ours.file.clone())),
        (asking(Some(other_name.acceptor.clone())), Roots::File(other_name.file.clone())),
        (asking(None), Roots::File(ours.file.clone())),
    ] {
        let server = Server::start_with(manners, |_, _| Reply::Done("OK")).await;
        let error = connect(&encrypted(&server, roots, "admin")).await.expect_err("refused");
        assert!(matches!(error, ClientError::Tls { .. }), "{error:?}");
        assert!(server.passwords().is_empty());
    }
}

#[tokio::test]
async fn the_servers_refusal_comes_through_with_its_hint() {
    let refuses = Some(("08P01", "unable to accept connection, access denied", "Wrong user to action mapping. user: a, action: b"));
    let server = Server::start_with(Manners { tls: None, asks_password: true, refuses }, |_, _| Reply::Done("OK")).await;
    let mut endpoint = server.endpoint();
    endpoint.credentials = CredentialsSource::Key(key());
    let error = connect(&endpoint).await.expect_err("refused");
    assert_eq!(
        error.to_string(),
        "FATAL: unable to accept connection, access denied (SQLSTATE 08P01)\nHINT: Wrong user to action mapping. user: a, action: b"
    );
}

#[tokio::test]
async fn a_server_that_asks_no_password_needs_no_key() {
    let server = Server::start(|_, _| Reply::Done("OK")).await;
    connect(&server.endpoint()).await.expect("connected");
    assert!(server.passwords().is_empty());
    let asking = Server::start_with(asking(None), |_, _| Reply::Done("OK")).await;
    let error = connect(&asking.endpoint()).await.expect_err("no key");
    assert!(matches!(error, ClientError::Credentials(_)), "{error:?}");
}

#[tokio::test]
async fn a_cluster_id_is_sent_and_cannot_carry_options() {
    let server = Server::start(|_, _| Reply::Done("OK")).await;
    let mut endpoint = server.endpoint();
    endpoint.cluster_id = Some(ID.to_owned());
    connect(&endpoint).await.expect("connected");
    assert!(server.startups()[0].contains(&format!("-c amzn-cluster-id={ID}")));
    endpoint.cluster_id = Some("x -c role=admin".to_owned());
    assert!(matches!(connect(&endpoint).await, Err(ClientError::Endpoint(_))));
}

#[tokio::test]
async fn plain_connections_go_to_this_machine_only() {
    let mut endpoint = Endpoint::resolve("192.0.2.1", Some("us-east-1"), "admin").expect("resolved");
    endpoint.tls = Tls::DisabledForLoopback;
    endpoint.connect_timeout = std::time::Duration::from_millis(200);
    // Documentation addresses lead nowhere: either way nothing may be sent.
    assert!(matches!(connect(&endpoint).await, Err(ClientError::Connect { .. } | ClientError::Endpoint(_))));
}

#[tokio::test]
async fn roots_that_cannot_be_read_are_named() {
    let server = Server::start(|_, _| Reply::Done("OK")).await;
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "").expect("writable");
    for path in [empty, folder.path().join("missing.pem")] {
        let error = connect(&encrypted(&server, Roots::File(path.clone()), "admin")).await.expect_err("refused").to_string();
        assert!(error.contains(path.to_str().expect("UTF-8")), "{error}");
    }
}

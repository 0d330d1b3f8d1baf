use borealis_pgserver::Plaintext;

use crate::messages::{packet, startup};
use crate::peer::Rig;

fn check(rig: &Rig, packets: &[Vec<u8>], expected: &[&str]) {
    let mut peer = rig.knock();
    peer.send(packets);
    peer.finish();
    assert_eq!(peer.until_ready(1), expected.join("\n"), "{packets:?}");
}

#[test]
fn startup_garbage() {
    let rig = Rig::new();
    check(&rig, &[], &["closed"]);
    check(&rig, &[b"GET ".to_vec()], &["E FATAL 08P01 invalid length of startup packet", "closed"]);
    check(&rig, &[vec![0, 0, 0, 3]], &["E FATAL 08P01 invalid length of startup packet", "closed"]);
    check(&rig, &[vec![0xff; 4]], &["E FATAL 08P01 invalid length of startup packet", "closed"]);
    // A packet that never becomes whole.
    check(&rig, &[vec![0, 0, 1, 0, 0, 3, 0, 0]], &["closed"]);
    check(&rig, &[packet(&[0, 2, 0, 0])], &["E FATAL 0A000 unsupported frontend protocol 2.0: server supports 3.0 to 3.0", "closed"]);
    rig.check_alive();
}

#[test]
fn startup_parameters() {
    let rig = Rig::new();
    let unterminated = packet(&[&[0, 3, 0, 0][..], b"user\0admin\0database"].concat());
    let layout = "E FATAL 08P01 invalid startup packet layout: expected terminator as last byte";
    check(&rig, &[unterminated], &[layout, "closed"]);
    check(&rig, &[startup(&["database", "postgres"])], &["E FATAL 28000 no PostgreSQL user name specified in startup packet", "closed"]);
    check(&rig, &[startup(&["user", "admin", "database", "other"])], &["E FATAL 3D000 database \"other\" does not exist", "closed"]);
    check(&rig, &[startup(&["user", "nobody"])], &["E FATAL 08P01 unable to accept connection, access denied", "closed"]);
    check(&rig, &[startup(&["user", "admin", "options", "-c"])], &["E FATAL 42601 -c requires a value", "closed"]);
    check(
        &rig,
        &[startup(&["user", "admin", "replication", "on"])],
        &["E FATAL 0A000 replication connections are not supported", "closed"],
    );
    rig.check_alive();
}

#[test]
fn the_option_names_the_cluster() {
    let rig = Rig::new();
    let own = rig.cluster.id().to_string();
    let named = |name: &str| startup(&["user", "admin", "amzn-cluster-id", name]);
    let in_options = |name: &str| startup(&["user", "admin", "options", &format!("-c amzn-cluster-id={name}")]);
    check(&rig, &[named(&own)], &["Z I"]);
    check(&rig, &[in_options(&own)], &["Z I"]);
    let denied = &["E FATAL 08P01 unable to accept connection, access denied", "closed"];
    for other in ["aaaaaaaaaaaaaaaaaaaaaaaaaa", "", "../../../etc/passwd", &own.to_uppercase()] {
        check(&rig, &[named(other)], denied);
        check(&rig, &[in_options(other)], denied);
    }
    rig.check_alive();
}

#[test]
fn newer_protocols_are_negotiated_down() {
    let mut body = 196_610_u32.to_be_bytes().to_vec();
    body.extend_from_slice(b"user\0admin\0_pq_.extension\0on\0\0");
    let rig = Rig::new();
    check(&rig, &[packet(&body)], &["v", "Z I"]);
}

#[test]
fn plaintext_is_refused() {
    let rig = Rig::with(Plaintext::Refused);
    check(&rig, &[startup(&["user", "admin"])], &["E FATAL 08P01 unable to accept connection, SSL is mandatory", "closed"]);
}

#[test]
fn encryption_requests_have_an_end() {
    let rig = Rig::new();
    let gss = packet(&80_877_104_u32.to_be_bytes());
    let mut peer = rig.knock();
    peer.send(&vec![gss; 10]);
    assert_eq!(peer.raw(4), b"NNNN");
    rig.check_alive();
}

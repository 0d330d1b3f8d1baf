use crate::messages::{message, query};
use crate::peer::Rig;

/// The message ends this connection with an error, and no other.
fn check_fatal(bytes: &[u8], expected: &str) {
    let rig = Rig::new();
    let mut bystander = rig.connect();
    let mut peer = rig.connect();
    peer.send(&[bytes.to_vec()]);
    assert_eq!(peer.until_ready(1), format!("E FATAL 08P01 {expected}\nclosed"), "{bytes:?}");
    bystander.check_alive();
    rig.check_alive();
}

#[test]
fn lengths_out_of_bounds() {
    for length in [0_u32, 3, (10 << 20) + 1, 0x7fff_ffff, u32::MAX] {
        check_fatal(&[&[b'Q'][..], &length.to_be_bytes()].concat(), "invalid message length");
    }
}

#[test]
fn unknown_types() {
    for kind in [b'y', b'z', 0, 0xff] {
        check_fatal(&message(kind, &[]), &format!("invalid frontend message type {kind}"));
    }
}

#[test]
fn a_connection_that_ends_in_a_message() {
    let rig = Rig::new();
    let mut peer = rig.connect();
    peer.send(&[query("SELECT 1")[..7].to_vec()]);
    peer.finish();
    assert_eq!(peer.until_ready(1), "closed");
    rig.check_alive();
}

#[test]
fn messages_in_pieces() {
    let rig = Rig::new();
    let mut peer = rig.connect();
    for byte in query("SELECT 1 AS a") {
        peer.send(&[vec![byte]]);
    }
    assert_eq!(peer.until_ready(1), "T a:23\nD 1\nC SELECT 1\nZ I");
}

#[test]
fn strings_without_an_end_and_bytes_that_are_no_text() {
    let mut peer = Rig::new().connect_owned();
    let mut check = |body: &[u8], expected: &str| peer.check(&[message(b'Q', body)], &[&format!("E ERROR {expected}"), "Z I"]);
    check(b"SELECT 1", "08P01 invalid string in message");
    check(b"\0\0\0", "08P01 invalid message format");
    check(b"SELECT '\xff\xfe'\0", "22021 invalid byte sequence for encoding \"UTF8\": 0xff");
    check(b"SELECT '\xe2\x82'\0", "22021 invalid byte sequence for encoding \"UTF8\": 0xe2 0x82 0x27");
    peer.check(&[query("BEGIN"), message(b'Q', b"SELECT")], &["C BEGIN", "Z T", "E ERROR 08P01 invalid string in message", "Z E"]);
    peer.check(&[query("ROLLBACK")], &["C ROLLBACK", "Z I"]);
    peer.check_alive();
}

#[test]
fn terminate() {
    let rig = Rig::new();
    let mut peer = rig.connect();
    peer.send(&[message(b'X', &[])]);
    assert_eq!(peer.until_ready(1), "closed");
}

use crate::messages::{packet, query};
use crate::peer::Rig;

const CANCELED: &str = "E ERROR 57014 canceling statement due to user request";

/// Sends a cancel request and waits until the server has done with it.
fn cancel(rig: &Rig, key: [u8; 8]) {
    let mut peer = rig.knock();
    peer.send(&[packet(&[&80_877_102_u32.to_be_bytes()[..], &key].concat())]);
    assert_eq!(peer.until_ready(1), "closed");
}

/// Many rows: the server has written some and waits for room, so it is within the statement when the client has read some.
const ENDLESS: &str = "SELECT g FROM generate_series(1, 1000000000) g";

#[test]
fn the_right_key_cancels() {
    let rig = Rig::new();
    let mut peer = rig.connect();
    peer.send(&[query(ENDLESS)]);
    assert_eq!(peer.take(2), "T g:23\nD 1");
    cancel(&rig, peer.key);
    let answer = peer.until_ready(1);
    assert!(answer.ends_with(&format!("{CANCELED}\nZ I")), "the last of {} bytes", answer.len());
    peer.check_alive();
}

#[test]
fn wrong_keys_cancel_nothing() {
    let rig = Rig::new();
    let mut peer = rig.connect();
    peer.send(&[query("SELECT count(*) FROM generate_series(1, 100000) g")]);
    let [a, b, c, d, secret @ ..] = peer.key;
    let wrong_secret = secret.map(|byte| !byte);
    cancel(&rig, [[a, b, c, d], wrong_secret].concat().try_into().expect("eight bytes"));
    cancel(&rig, [0; 8]);
    cancel(&rig, [0xff; 8]);
    assert_eq!(peer.until_ready(1), "T count:20\nD 100000\nC SELECT 1\nZ I");
}

#[test]
fn an_idle_session_has_nothing_to_cancel() {
    let rig = Rig::new();
    let mut peer = rig.connect();
    cancel(&rig, peer.key);
    peer.check_alive();
}

#[test]
fn a_cancel_request_of_the_wrong_size_is_no_startup() {
    let rig = Rig::new();
    let mut peer = rig.knock();
    peer.send(&[packet(&80_877_102_u32.to_be_bytes())]);
    let answer = peer.until_ready(1);
    assert!(answer.starts_with("E FATAL ") && answer.ends_with("closed"), "{answer}");
    rig.check_alive();
}

//! No byte of a token can be changed.

use borealis_auth::{Action, Expected, make_token, verify_token};
use borealis_base::{Random, SeededRandom};

use crate::support::{AT, HOST, REGION, key, request, store};

/// Every byte in turn is replaced by eight others; the only survivors may be other spellings of the same token (`%2f` for `%2F`).
#[test]
fn any_changed_byte_is_refused() {
    let signer = key(Some("FwoGZXIvYXdzE/+=="));
    let keys = store(&signer);
    let token = make_token(&signer, &request(Action::DbConnectAdmin)).expect("valid").expose().clone();
    let expected = Expected { hosts: &[HOST], region: REGION, user: "admin", now_unix: AT };
    assert!(verify_token(&token, &expected, &keys).is_ok());
    let random = SeededRandom::new(0x5167);
    let mut tried = 0;
    for place in 0..token.len() {
        for _ in 0..8 {
            let mut bytes = token.clone().into_bytes();
            let printable = b' ' + u8::try_from(random.next_u64() % 95).expect("below 95");
            bytes[place] = printable;
            let changed = String::from_utf8(bytes).expect("ASCII");
            if decoded(&changed) == decoded(&token) {
                continue;
            }
            tried += 1;
            assert!(verify_token(&changed, &expected, &keys).is_err(), "byte {place} as {:?}: {changed}", char::from(printable));
        }
    }
    assert!(tried > 7 * token.len(), "{tried} changes tried");
}

#[test]
fn truncated_and_extended_tokens_are_refused() {
    let keys = store(&key(None));
    let token = make_token(&key(None), &request(Action::DbConnectAdmin)).expect("valid").expose().clone();
    let expected = Expected { hosts: &[HOST], region: REGION, user: "admin", now_unix: AT };
    for length in 0..token.len() {
        assert!(verify_token(&token[..length], &expected, &keys).is_err(), "{length} bytes");
    }
    for tail in ["0", " ", "&", "&x", "&x=y", "#", "%00"] {
        assert!(verify_token(&format!("{token}{tail}"), &expected, &keys).is_err(), "{tail}");
    }
}

fn decoded(token: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(token).collect()
}

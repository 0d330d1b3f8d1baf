//! What botocore writes is what we write, and what we accept.

use borealis_auth::{Action, AuthError, Expected, TokenError, TokenRequest, make_token, verify_token};
use serde_json::Value;

use crate::support::{self, store};

const FIXTURE: &str = include_str!("data/botocore_tokens.json");

struct Case {
    host: String,
    region: String,
    action: Action,
    expires_in_seconds: u32,
    at: i64,
    session_token: Option<String>,
    token: String,
}

impl Case {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().expect(name).to_owned();
        Self {
            host: text("host"),
            region: text("region"),
            action: Action::from_name(&text("action")).expect("a known action"),
            expires_in_seconds: u32::try_from(value["expires_in_seconds"].as_u64().expect("a number")).expect("a small number"),
            at: value["at"].as_i64().expect("a number"),
            session_token: value["session_token"].as_str().map(str::to_owned),
            token: text("token"),
        }
    }

    fn request(&self) -> TokenRequest<'_> {
        TokenRequest {
            host: &self.host,
            region: &self.region,
            action: self.action,
            expires_in_seconds: self.expires_in_seconds,
            at: self.at,
        }
    }

    fn user(&self) -> &'static str {
        match self.action {
            Action::DbConnect => "app",
            Action::DbConnectAdmin => "admin",
        }
    }

    fn verify(&self, token: &str) -> Result<(), AuthError> {
        let host = self.host.trim_end_matches(":5432");
        let expected = Expected { hosts: &["other.example", host], region: &self.region, user: self.user(), now_unix: self.at + 1 };
        verify_token(token, &expected, &store(&support::key(self.session_token.as_deref()))).map(drop)
    }
}

fn cases() -> Vec<Case> {
    let document: Value = serde_json::from_str(FIXTURE).expect("the fixture is JSON");
    let cases: Vec<Case> = document["tokens"].as_array().expect("a list").iter().map(Case::read).collect();
    assert_eq!(cases.len(), 16);
    cases
}

#[test]
fn tokens_are_the_same_to_the_byte() {
    for case in cases() {
        let made = make_token(&support::key(case.session_token.as_deref()), &case.request());
        if case.expires_in_seconds > 604_800 {
            assert_eq!(made, Err(TokenError::ExpiresTooLong(case.expires_in_seconds)));
        } else {
            assert_eq!(made.expect("a valid request").expose(), &case.token);
        }
    }
}

#[test]
fn tokens_of_botocore_are_accepted() {
    for case in cases() {
        let expected = if case.expires_in_seconds > 604_800 { Err(AuthError::ExpiresTooLong) } else { Ok(()) };
        assert_eq!(case.verify(&case.token), expected, "{}", case.token);
    }
}

/// Other SDKs sort the keys (Go, Rust), reverse nothing but write lower-case hexadecimal, or encode more than they must.
#[test]
fn order_and_spelling_of_the_query_do_not_matter() {
    for case in cases().iter().filter(|case| case.expires_in_seconds <= 604_800) {
        let (authority, query) = case.token.split_once('?').expect("a query");
        let parts: Vec<&str> = query.split('&').collect();
        let mut spellings = Vec::new();
        for turn in 0..parts.len() {
            let mut rotated = parts.clone();
            rotated.rotate_left(turn);
            spellings.push(rotated.join("&"));
            rotated.reverse();
            spellings.push(rotated.join("&"));
        }
        let mut sorted = parts.clone();
        sorted.sort_unstable();
        spellings.push(sorted.join("&"));
        spellings.push(query.replace("%2F", "%2f").replace("%2B", "%2b"));
        spellings.push(query.replace("%2F", "/"));
        spellings.push(query.replace("%2B", "+"));
        spellings.push(query.replace("Amz-Date=2", "Amz-Date=%32"));
        spellings.push(query.replace("Action", "%41ction"));
        for spelling in spellings {
            assert_eq!(case.verify(&format!("{authority}?{spelling}")), Ok(()), "{spelling}");
        }
        // Go leaves the path empty.
        let bare = authority.trim_end_matches('/');
        assert_eq!(case.verify(&format!("{bare}?{query}")), Ok(()));
    }
}
